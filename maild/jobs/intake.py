"""The intake job: from the mailbox into the inbox. Bytes are committed before anything looks at them.

What is new is found by UID above the highest one known for (folder, UIDVALIDITY), never by flags; once per connection, once a
day and after a new UIDVALIDITY every UID of the folder is compared, so that nothing below the watermark stays unseen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
    swept: Swept = field(default_factory=Swept)

    def run(self) -> int:
        """Look once into every watched folder; the answer is how many mails were new.

        Ends with the main folder selected, ready to wait. Raises what `Mailbox` raises, and `StoreAway`.
        """
        try:
            junk = self._junk_folder()
            taken = self._look(junk, junk=True) if junk else 0
            return taken + self._look(self.folder, junk=False)
        except MaildError:
            self.swept.at.clear()
            raise

    def forget(self) -> None:
        """Compare every folder as a whole the next time: another daemon may have taken in what lies around a mail, and died over that one."""
        self.swept.at.clear()

    def wait(self, seconds: float) -> bool:
        """Wait for something new in the main folder, at most so long."""
        return self.mailbox.wait(seconds)

    def _junk_folder(self) -> str | None:
        if self.junk == "auto":
            return self.mailbox.junk()
        return None if self.junk == "off" else self.junk

    def _look(self, name: str, *, junk: bool) -> int:
        folder = self.mailbox.select(name)
        uids = self._new_uids(folder)
        taken = sum(self._take_in(uids[start : start + BATCH], junk=junk) for start in range(0, len(uids), BATCH))
        if taken:
            log.taken_in(taken, "junk" if junk else "inbox")
        return taken

    def _new_uids(self, folder: Folder) -> Sequence[int]:
        if self._to_be_swept(folder):
            with self.store.read() as work:
                uids = work.inbox.unknown(self.account, folder=folder.name, uidvalidity=folder.uidvalidity, uids=self.mailbox.uids_above(0))
            self.swept.at[folder.name, folder.uidvalidity] = self.clock()
            return uids
        with self.store.read() as work:
            watermark = work.inbox.watermark(self.account, folder=folder.name, uidvalidity=folder.uidvalidity)
        return self.mailbox.uids_above(watermark)

    def _to_be_swept(self, folder: Folder) -> bool:
        last = self.swept.at.get((folder.name, folder.uidvalidity))
        return last is None or not timedelta(0) <= self.clock() - last < SWEEP_EVERY

    def _take_in(self, uids: Sequence[int], *, junk: bool) -> int:
        small = min(SMALL, self.size_limit)
        fetched = self.mailbox.fetch(uids, size_limit=small)
        large = [one.source.uid for one in fetched if one.truncated and one.size <= self.size_limit]
        taken = self._commit([one for one in fetched if one.source.uid not in large], junk=junk)
        return taken + sum(self._commit(self.mailbox.fetch([uid], size_limit=self.size_limit), junk=junk) for uid in large)

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
