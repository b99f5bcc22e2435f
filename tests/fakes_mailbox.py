"""The one double of a mailbox: it passes the same contract as the real one (tests/contracts)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition

from maild.errors import LoginRefused, MailboxAway
from maild.ports import Fetched, Folder, Source
from maild.transport.done import KEYWORD
from maild.transport.pieces import BEGINNING

RECEIVED_AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""INTERNALDATE of what is delivered without one: a fake has no clock."""


@dataclass(slots=True, kw_only=True)
class _Mail:
    raw: bytes
    received_at: datetime
    flags: set[bytes] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class _Shelf:
    uidvalidity: int = 1
    uidnext: int = 1
    changes: int = 0
    mails: dict[int, _Mail] = field(default_factory=dict)


class MemoryMailbox:
    """A `Mailbox` in memory. The tests' side (`deliver` and what follows it) may be called from any thread."""

    def __init__(self, *, junk: str | None = "Junk") -> None:
        self._turn = Condition()
        self._junk = junk
        self._shelves = {name: _Shelf() for name in ("INBOX", junk) if name is not None}
        self._away = False
        self._refusing = False
        self._interrupted = False
        self._refusal = ""
        self._open: str | None = None
        self._looked_at = -1

    def select(self, folder: str) -> Folder:
        with self._connection():
            if folder not in self._shelves:
                raise MailboxAway(f"There is no folder {folder!r}; create it or correct its name.")
            self._open, self._looked_at = folder, -1
            shelf = self._shelves[folder]
            return Folder(name=folder, uidvalidity=shelf.uidvalidity, uidnext=shelf.uidnext, exists=len(shelf.mails))

    def junk(self) -> str | None:
        with self._connection():
            return self._junk

    def uids_above(self, watermark: int) -> Sequence[int]:
        with self._connection():
            shelf = self._selected()
            self._looked_at = shelf.changes
            return [uid for uid in sorted(shelf.mails) if uid > watermark]

    def fetch(self, uids: Sequence[int], *, size_limit: int) -> Sequence[Fetched]:
        with self._connection():
            mails = self._selected().mails
            return [self._fetched(uid, mails[uid], size_limit=size_limit) for uid in uids if uid in mails]

    def put_away(self, uids: Sequence[int], *, folder: str | None) -> str:
        with self._connection():
            shelf = self._selected()
            if self._refusal:
                return self._refusal
            for uid in [uid for uid in uids if uid in shelf.mails]:
                if folder is None:
                    shelf.mails[uid].flags.add(KEYWORD.encode())
                else:
                    self._move(shelf, uid, self._shelves.setdefault(folder, _Shelf()))
            return ""

    def wait(self, seconds: float) -> bool:
        with self._connection():
            self._turn.wait_for(lambda: self._away or self._interrupted or self._has_news(), seconds)
            self._interrupted = False
            self._answer()
            return self._has_news()

    def interrupt(self) -> None:
        with self._turn:
            self._interrupted = True
            self._turn.notify_all()

    def close(self) -> None:
        self._open = None

    def deliver(self, raw: bytes, *, received_at: datetime = RECEIVED_AT, folder: str = "INBOX") -> int:
        """A mail arrives; tells its UID."""
        with self._changing(folder) as shelf:
            uid = shelf.uidnext
            shelf.uidnext += 1
            shelf.mails[uid] = _Mail(raw=raw, received_at=received_at.astimezone(UTC))
            return uid

    def vanish(self, uid: int, *, folder: str = "INBOX") -> None:
        """Somebody deletes a mail for good."""
        with self._changing(folder) as shelf:
            del shelf.mails[uid]

    def mark_seen(self, uid: int, *, folder: str = "INBOX") -> None:
        """Somebody reads a mail in a mail program."""
        with self._turn:
            self._shelves[folder].mails[uid].flags.add(b"\\Seen")

    def flags(self, uid: int, *, folder: str = "INBOX") -> frozenset[bytes]:
        """The flags of a mail."""
        with self._turn:
            return frozenset(self._shelves[folder].mails[uid].flags)

    def uids(self, folder: str = "INBOX") -> list[int]:
        """The UIDs of a folder; none where there is no such folder."""
        with self._turn:
            return sorted(self._shelves.get(folder, _Shelf()).mails)

    def raws(self, folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder, in the order of the UIDs; nothing where there is no such folder."""
        with self._turn:
            return [mail.raw for _, mail in sorted(self._shelves.get(folder, _Shelf()).mails.items())]

    def move(self, uid: int, *, folder: str = "INBOX", to: str) -> None:
        """Somebody moves a mail in a mail program."""
        with self._changing(to) as shelf:
            self._move(self._shelves[folder], uid, shelf)

    def refuse_put_away(self, sentence: str) -> None:
        """From now on the server does not flag or move anything, for this reason; empty: it does again."""
        self._refusal = sentence

    def _move(self, shelf: _Shelf, uid: int, to: _Shelf) -> None:
        to.mails[to.uidnext] = shelf.mails.pop(uid)
        to.uidnext += 1
        shelf.changes += 1

    def make_folder(self, name: str) -> None:
        """Create a folder."""
        with self._turn:
            self._shelves[name] = _Shelf()

    def renumber(self, *, folder: str = "INBOX") -> None:
        """The server loses its index: the same mails under the same UIDs with another UIDVALIDITY, seen at the next `select`."""
        with self._changing(folder) as shelf:
            shelf.uidvalidity += 1
            self._open = None

    def go_away(self) -> None:
        """From now on nothing works, and the connection is gone."""
        with self._turn:
            self._away = True
            self._turn.notify_all()

    def come_back(self) -> None:
        """All is well again."""
        with self._turn:
            self._away = self._refusing = False

    def refuse_login(self) -> None:
        """The password was changed: from now on every call raises `LoginRefused`, until `come_back`."""
        with self._turn:
            self._refusing = True

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """As on a real one: whatever raises, the folder has to be selected again."""
        with self._turn:
            try:
                self._answer()
                yield
            except Exception:
                self._open = None
                raise

    @contextmanager
    def _changing(self, folder: str) -> Iterator[_Shelf]:
        with self._turn:
            shelf = self._shelves[folder]
            yield shelf
            shelf.changes += 1
            self._turn.notify_all()

    def _answer(self) -> None:
        if self._away:
            raise MailboxAway("The mailbox in memory is away; it comes back when the test says so.")
        if self._refusing:
            raise LoginRefused("The mailbox in memory refuses the login; the test said so.")

    def _selected(self) -> _Shelf:
        if self._open is None:
            raise MailboxAway("No folder is open; select one.")
        return self._shelves[self._open]

    def _has_news(self) -> bool:
        return self._selected().changes != self._looked_at

    def _fetched(self, uid: int, mail: _Mail, *, size_limit: int) -> Fetched:
        assert self._open is not None
        truncated = len(mail.raw) > size_limit
        return Fetched(
            source=Source(folder=self._open, uidvalidity=self._shelves[self._open].uidvalidity, uid=uid),
            raw=mail.raw[: min(BEGINNING, size_limit)] if truncated else mail.raw,
            received_at=mail.received_at,
            size=len(mail.raw),
            truncated=truncated,
        )
