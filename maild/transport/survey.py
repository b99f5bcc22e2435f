"""What a mail host can do: an `ImapMailbox` that also asks for abilities, and sets flags on single mails. For `maild check` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from maild.ports import Fetched, Folder
from maild.transport.done import placed
from maild.transport.imap import ImapMailbox

_NO_MAIL: Final = frozenset({"\\noselect", "\\nonexistent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A folder that can be opened, with its special uses in lower case (RFC 6154)."""

    name: str
    uses: frozenset[str]


class ImapSurvey(ImapMailbox):
    """Raises what `ImapMailbox` raises."""

    permanent_flags: frozenset[str] | None = None
    """What the folder opened last lets be set for good, in lower case, `\\*` for any keyword; None where the server does not tell."""

    def capabilities(self) -> frozenset[str]:
        """What the server says it can do, once it knows who asks; in upper case."""
        with self._operation(self._connected) as client:
            return frozenset(each.decode("ascii", "replace").upper() for each in client.capabilities())

    def folders(self) -> Sequence[Listed]:
        """Every folder that can be opened."""
        with self._operation(self._connected) as client:
            told = [
                (name, frozenset(flag.decode("ascii", "replace").lower() for flag in flags)) for flags, _, name in client.list_folders()
            ]
        return [Listed(name=name, uses=uses) for name, uses in told if not uses & _NO_MAIL]

    def placed(self, folder: str) -> str | None:
        """How the server calls a folder that `put_away` moves to; None where there is none yet."""
        with self._operation(self._connected) as client:
            return placed(client, folder)

    def latest(self, folder: Folder, *, count: int, size_limit: int) -> Sequence[Fetched]:
        """The last mails of the folder that is open, `count` at most."""
        uids = self.uids_above(max(0, folder.uidnext - 1 - count))
        return self.fetch(uids[-count:], size_limit=size_limit)

    def mark(self, uid: int, *flags: str) -> frozenset[str] | None:
        """Set flags on one mail of the open folder; the answer is those that it has afterwards, None where the mail has gone.

        A refusal leaves all as it was.
        """
        with self._operation(self._selected) as client:
            self._store(client, uid, flags)
            told = client.ask([uid], "FLAGS INTERNALDATE").get(uid)  # an answer of flags alone is nobody's
            return None if told is None else frozenset(flag.decode("ascii", "replace") for flag in told[b"FLAGS"])

    def unmark(self, uid: int, *flags: str) -> None:
        """Take flags off one mail of the open folder."""
        with self._operation(self._selected) as client:
            client.remove_flags([uid], flags)

    def _store(self, client: Any, uid: int, flags: Sequence[str]) -> None:
        try:
            client.add_flags([uid], flags)
        except client.AbortError:
            raise
        except client.Error:
            return

    def _open(self, client: Any, folder: str) -> Mapping[bytes, int]:
        told: Mapping[bytes, Any] = super()._open(client, folder)
        flags = told.get(b"PERMANENTFLAGS")
        self.permanent_flags = None if flags is None else frozenset(flag.decode("ascii", "replace").lower() for flag in flags)
        return told
