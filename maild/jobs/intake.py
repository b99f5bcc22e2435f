"""The intake job: from the mailbox into the inbox. Bytes are committed before anything looks at them.

What is new is found by UID above the highest one known for (folder, UIDVALIDITY), never by flags; once per connection, once a
day and after a new UIDVALIDITY every UID of the folder is compared, so that nothing below the watermark stays unseen.

What `after` asks for is done last, and only to mails of which the ledger says that their bytes are kept. So nobody has to remember what is
still to be flagged or moved: it lies in the folder and is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from maild import log
from maild.errors import MaildError
from maild.ports import Fetched, Folder, Mailbox
from maild.store import Store, Taken, Work

BATCH = 50
"""Mails fetched and committed together; more buy nothing (performance.md)."""

SMALL = 1024 * 1024
"""Larger mails are fetched and committed one by one: fifty at the size limit would fill the memory."""

SWEEP_EVERY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Swept:
    """When each folder, under each UIDVALIDITY, was last compared as a whole on this connection."""

    at: dict[tuple[str, int], datetime] = field(default_factory=dict)
    refusal: str = ""
    """Why the server did not flag or move mails the last time; empty where it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Frozen collaborators with one `run`. `junk` is the name of a folder, `auto` or `off`; `taken` is called after commits that took mails in."""

    mailbox: Mailbox
    store: Store
    account: str
    folder: str
    junk: str
    since: datetime | None
    older_imported: bool
    size_limit: int
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]
    taken: Callable[[], None]
    after: Literal["keep", "flag", "move"] = "keep"
    done_folder: str = ""
    swept: Swept = field(default_factory=Swept)

    def run(self, *, beat: Callable[[], None] = lambda: None) -> int:
        """Look once into every watched folder; the answer is how many mails were new. `beat` is called before each batch and large mail.

        Ends with the main folder selected, ready to wait. Raises what `Mailbox` raises, and `StoreAway`.
        """
        try:
            junk = self._junk_folder()
            taken = self._look(junk, beat, junk=True) if junk else 0
            return taken + self._look(self.folder, beat, junk=False)
        except MaildError:
            self.swept.at.clear()
            raise

    def forget(self) -> None:
        """Compare every folder as a whole the next time: another daemon may have taken in what lies around a mail, and died over that one."""
        self.swept.at.clear()

    @property
    def refusal(self) -> str:
        """Why mails that are kept were not flagged or moved on the server, for the person who runs maild; empty where all is well."""
        return self.swept.refusal

    def wait(self, seconds: float) -> bool:
        """Wait for something new in the main folder, at most so long."""
        return self.mailbox.wait(seconds)

    def _junk_folder(self) -> str | None:
        if self.junk == "auto":
            return self.mailbox.junk()
        return None if self.junk == "off" else self.junk

    def _look(self, name: str, beat: Callable[[], None], *, junk: bool) -> int:
        folder = self.mailbox.select(name)
        seen, new = self._uids(folder)
        taken = sum(self._take_in(new[start : start + BATCH], beat, junk=junk) for start in range(0, len(new), BATCH))
        if taken:
            log.taken_in(taken, "junk" if junk else "inbox")
        # What a filter put into Junk stays there: moving it out would teach the filter that it was wrong.
        if self.after == "flag" or (self.after == "move" and not junk):
            self._put_away(folder, seen)
        return taken

    def _uids(self, folder: Folder) -> tuple[Sequence[int], Sequence[int]]:
        """Those that were looked at in the folder, and the new ones among them."""
        if self._to_be_swept(folder):
            seen = self.mailbox.uids_above(0)
            with self.store.read() as work:
                unknown = work.inbox.unknown(self.account, folder=folder.name, uidvalidity=folder.uidvalidity, uids=seen)
            self.swept.at[folder.name, folder.uidvalidity] = self.clock()
            return seen, unknown
        with self.store.read() as work:
            watermark = work.inbox.watermark(self.account, folder=folder.name, uidvalidity=folder.uidvalidity)
        new = self.mailbox.uids_above(watermark)
        return new, new

    def _put_away(self, folder: Folder, uids: Sequence[int]) -> None:
        if not uids:
            return
        with self.store.read() as work:
            kept = work.inbox.kept(self.account, folder=folder.name, uidvalidity=folder.uidvalidity, uids=uids)
        if kept:
            refusal = self.mailbox.put_away(kept, folder=self.done_folder if self.after == "move" else None)
            if refusal and refusal != self.swept.refusal:
                log.not_put_away(refusal)
            self.swept.refusal = refusal

    def _to_be_swept(self, folder: Folder) -> bool:
        last = self.swept.at.get((folder.name, folder.uidvalidity))
        return last is None or not timedelta(0) <= self.clock() - last < SWEEP_EVERY

    def _take_in(self, uids: Sequence[int], beat: Callable[[], None], *, junk: bool) -> int:
        beat()
        small = min(SMALL, self.size_limit)
        fetched = self.mailbox.fetch(uids, size_limit=small)
        large = [one.source.uid for one in fetched if one.truncated and one.size <= self.size_limit]
        taken = self._commit([one for one in fetched if one.source.uid not in large], junk=junk)
        for uid in large:
            beat()
            taken += self._commit(self.mailbox.fetch([uid], size_limit=self.size_limit), junk=junk)
        return taken

    def _commit(self, fetched: Sequence[Fetched], *, junk: bool) -> int:
        with self.store.begin() as work:
            new = [self._record(work, one, junk=junk) for one in fetched].count(Taken.NEW)
        if new:
            self.taken()
        return new

    def _record(self, work: Work, one: Fetched, *, junk: bool) -> Taken:
        silent = self.since is not None and one.received_at < self.since
        if silent and not self.older_imported:
            return work.inbox.pass_over(one, account=self.account, junk=junk, now=self.clock())
        return work.inbox.take_in(one, account=self.account, junk=junk, seed=self.seed(), now=self.clock(), silent=silent)
