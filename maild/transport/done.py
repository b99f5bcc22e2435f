"""What becomes of a message on the server once its bytes are kept: a keyword, or another folder.

Always by UID, and nothing leaves a folder that does not stand in the other one already. The client is an imapclient with our wire in it;
only `maild.transport.imap` makes one.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

KEYWORD: Final = "$MaildDone"
"""What a stored message is flagged with. No mail program shows it as a colour, a star or as read: those belong to people."""
AT_ONCE: Final = 500
"""UIDs in one command: its line stays far below what a server takes."""
IN_SIGHT: Final = 5_000
"""UIDs in one SEARCH: its answer is one line."""


def put_away(client: Any, uids: Sequence[int], *, folder: str | None) -> str:
    """Move these mails of the open folder, or flag them where `folder` is None. Those that are gone meanwhile are passed over.

    The answer is empty, or why the server does not do it: words that follow its name. Without UIDs it is only whether it could.
    """
    try:
        return _flag(client, uids) if folder is None else _move(client, uids, folder)
    except client.AbortError:
        raise
    except client.Error:
        return "refuses to flag mails" if folder is None else f"refuses to move mails to {folder!r}"


def _flag(client: Any, uids: Sequence[int]) -> str:
    # A server that names no PERMANENTFLAGS keeps every flag (RFC 9051 section 7.1).
    kept = {b"\\*"} if client.permanent is None else {flag.lower() for flag in client.permanent}
    if kept.isdisjoint({b"\\*", KEYWORD.lower().encode()}):
        return 'keeps no keywords in this folder; write after = "move" or "keep" in [imap]'
    for some in _portions(_there(client, uids, "UNKEYWORD", KEYWORD), AT_ONCE):
        client.wire.allow()
        client.add_flags(some, [KEYWORD], silent=True)
    return ""


def _move(client: Any, uids: Sequence[int], folder: str) -> str:
    if not (client.has_capability("MOVE") or client.has_capability("UIDPLUS")):
        return 'has neither MOVE nor UIDPLUS, so no mail can be moved safely; write after = "flag" or "keep" in [imap]'
    name = _made(client, folder) if uids else ""
    for some in _portions(_there(client, uids), AT_ONCE):
        client.wire.allow()
        if client.has_capability("MOVE"):
            client.move(some, name)
        else:
            _carry(client, some, name)
    return ""


def _carry(client: Any, uids: Sequence[int], name: str) -> None:
    """MOVE for servers without it (RFC 6851 section 3.3). Never a bare EXPUNGE: it would take what somebody else marked as deleted."""
    client.copy(uids, name)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    client.uid_expunge(uids)


def _there(client: Any, uids: Sequence[int], *criteria: str) -> list[int]:
    """Those that are there still: some servers refuse a whole command for one mail that is gone."""
    if uids:
        client.noop()
    found: set[int] = set()
    for some in _portions(sorted(uids), IN_SIGHT):
        found.update(client.wire.uids_in(f"{some[0]}:{some[-1]}", *criteria))
    return [uid for uid in uids if uid in found]


def placed(client: Any, folder: str) -> str | None:
    """How the folder is called on this server; None where there is none of that name."""
    return next((name for name in _names(client, folder) if client.folder_exists(name)), None)


def _made(client: Any, folder: str) -> str:
    """The name of the folder on this server, where it is made if it is missing."""
    found = placed(client, folder)
    if found is not None:
        return found
    name = _names(client, folder)[-1]
    client.create_folder(name)
    client.subscribe_folder(name)
    return name


def _names(client: Any, folder: str) -> tuple[str, str]:
    """The folder as it was written, and as this server would call one of ours."""
    prefix, delimiter = _namespace(client)
    name = folder.replace("/", delimiter)
    return folder, name if name.startswith(prefix) else prefix + name


def _namespace(client: Any) -> tuple[str, str]:
    """What names of one's own folders begin with, and what parts them (RFC 2342): `INBOX.` and `.` on many hosts."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            return personal[0][0], personal[0][1] or "/"
    listed = client.list_folders("", "INBOX")
    return "", (listed[0][1] or b"/").decode() if listed else "/"


def _portions(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))
