"""How reports arrive: a `Mailbox` on imapclient, which is imported nowhere else."""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final, Literal

from imapclient import IMAPClient, SocketTimeout

from maild.errors import CertificateRefused, LoginRefused, MailboxAway, MaildError
from maild.ports import Fetched, Folder, Source
from maild.transport.attempts import attempts, no_other
from maild.transport.done import put_away
from maild.transport.junk import junk_in
from maild.transport.pieces import BEGINNING, HEAD_ITEMS, Head, Told, heads_in, raws_of
from maild.transport.reach import unreached
from maild.transport.tls import is_loopback, lasting_refusal, tls_context
from maild.transport.wire import Bell, Farewell, Wire

IDLE_LIMIT: Final = 240.0
"""Seconds in IDLE at a time: routers forget a silent connection after five minutes, some servers end it after ten."""
LOGOUT_LIMIT: Final = 2.0
"""Seconds for the farewell: nothing depends on it, and whoever stops maild waits for it."""
SESSION: Final = 60.0
"""Seconds after which the end of a session is nothing special: it may be a day old (Gmail), or its access token an hour. One that ends
sooner is a fault, lest a server that sends everybody away be asked without a pause."""
_UNASKED: Final = frozenset({b"SEQ", b"FLAGS", b"MODSEQ"})
"""What a FETCH response tells that nobody asked for: another program set a flag (RFC 9051 section 7.5.2)."""
_REASONS: Final = (
    (IMAPClient.AbortError, "broke off, turned us away for now, or broke the rules of IMAP"),
    (IMAPClient.Error, "refuses what was asked"),
    (Exception, "gave an answer that cannot be understood"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Where the mailbox is and how to talk to it. Times are seconds.

    `password` is asked anew for each login and may raise `SecretUnreadable`; with `auth = "xoauth2"` it gives an access token, and
    `instead_of` another one for one that was refused, or None.
    `ca_file` takes the place of the system's authorities. `read_only` opens folders with EXAMINE, so that nothing can be changed by
    mistake. `operation_timeout` bounds one call as a whole, but mail that keeps coming at `wire.PACE` may take longer.
    """

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    username: str = field(repr=False)
    password: Callable[[], str] = field(repr=False)
    auth: Literal["password", "xoauth2"] = "password"
    instead_of: Callable[[str], str | None] = field(default=no_other, repr=False)
    ca_file: Path | None = None
    junk_folder: str | None = None
    read_only: bool = True
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    operation_timeout: float = 120.0

    @property
    def peer(self) -> str:
        """How sentences name the server."""
        return f"The IMAP server {self.host}:{self.port}"


class ImapMailbox:
    """A `Mailbox` on one IMAP connection. All calls but `interrupt` come from one thread at a time.

    `select` and `junk` connect and log in where there is no connection. The others need the folder that `select` opened: after any
    error they raise `MailboxAway` until somebody selects again. How long to wait before that is the caller's business.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._bell = Bell()
        self._client: _Client | None = None
        self._folder: Folder | None = None
        self._busy = False
        """Something is asked of the server that the bell does not end."""

    def select(self, folder: str) -> Folder:
        """See `Mailbox.select`."""
        with self._operation(self._connected) as client:
            told = self._open(client, folder)
            self._folder = Folder(
                name=folder, uidvalidity=told[b"UIDVALIDITY"], uidnext=told.get(b"UIDNEXT", 0), exists=told.get(b"EXISTS", 0)
            )
            client.permanent = told.get(b"PERMANENTFLAGS")
            client.wire.changed = True
            return self._folder

    def junk(self) -> str | None:
        """See `Mailbox.junk`; a name from the settings is given back unseen."""
        if self._settings.junk_folder is not None:
            return self._settings.junk_folder
        with self._operation(self._connected) as client:
            return junk_in(client.list_folders())

    def uids_above(self, watermark: int) -> Sequence[int]:
        """See `Mailbox.uids_above`."""
        with self._operation(self._selected) as client:
            client.wire.refresh()
            return sorted(client.wire.uids_above(watermark))

    def fetch(self, uids: Sequence[int], *, size_limit: int) -> Sequence[Fetched]:
        """See `Mailbox.fetch`.

        All that it returns lies in memory at once: ask for many with a small limit, and for what comes truncated one by one.
        """
        with self._operation(self._selected) as client:
            heads = heads_in(client.ask(uids, HEAD_ITEMS))
            raws = raws_of(heads, ask=client.ask, size_limit=size_limit)
            return [self._fetched(uid, heads[uid], raws[uid], size_limit=size_limit) for uid in uids if uid in raws]

    def put_away(self, uids: Sequence[int], *, folder: str | None) -> str:
        """See `Mailbox.put_away`. Needs `read_only = False`."""
        with self._operation(self._selected) as client:
            refusal = put_away(client, uids, folder=folder)
            return refusal and f"{self._settings.peer} {refusal}."

    def wait(self, seconds: float) -> bool:
        """See `Mailbox.wait`. True at once where something came since the last `uids_above`; without IDLE true after `seconds`.

        True also where the server ended a session that had lasted: the next `select` connects and logs in anew.
        """
        seconds = min(seconds, IDLE_LIMIT)
        with self._operation(self._selected, lasting=seconds) as client:
            if client.wire.changed:
                return True
            until = monotonic() + seconds
            if client.has_capability("IDLE"):
                return self._idle(client, until=until)
            self._bell.wait(until=until)
            return True

    def _idle(self, client: "_Client", *, until: float) -> bool:
        try:
            return client.wire.watch(self._bell, until=until)
        except Farewell:
            if monotonic() - client.began < SESSION:
                raise
            self._drop()
            return True

    def interrupt(self) -> None:
        """See `Mailbox.interrupt`. What hangs before the server's greeting ends by `connect_timeout` only."""
        self._bell.ring()
        client = self._client
        if client is not None and self._busy:
            client.wire.break_off()

    def close(self) -> None:
        """See `Mailbox.close`. It is for good: a closed mailbox is of no more use."""
        if self._client is not None:
            with suppress(Exception):
                self._client.wire.begin(deadline=monotonic() + LOGOUT_LIMIT)
                self._client.wire.logout()
        self._drop()
        self._bell.close()

    @contextmanager
    def _operation(self, ready: "Callable[[float], _Client]", *, lasting: float = 0.0) -> "Iterator[_Client]":
        """What happens inside is over in time; whatever goes wrong ends the connection and is raised as one of the house's errors."""
        self._busy = not lasting
        try:
            yield ready(monotonic() + lasting + self._settings.operation_timeout)
        except BaseException as error:
            self._drop()
            if isinstance(error, MaildError) or not isinstance(error, Exception):
                raise
            raise self._sentence(error) from error
        finally:
            self._busy = False

    def _connected(self, deadline: float) -> "_Client":
        if self._client is None:
            return self._connect(deadline)
        self._client.wire.begin(deadline=deadline)
        return self._client

    def _selected(self, deadline: float) -> "_Client":
        if self._folder is None:
            raise MailboxAway(f"{self._settings.peer} has no folder open for maild; it is selected again at the next attempt.")
        return self._connected(deadline)

    def _connect(self, deadline: float) -> "_Client":
        settings = self._settings
        if settings.tls == "none" and not is_loopback(settings.host):
            raise CertificateRefused(f'{settings.peer} is another machine: [imap] tls = "none" is for loopback only; use "implicit".')
        context = None if settings.tls == "none" else tls_context(settings.ca_file)
        self._client = client = _Client(settings, context=context, deadline=deadline)
        if settings.tls == "starttls" and context is not None:
            fault = client.wire.start_tls(context)
            if fault is not None:
                raise self._insecure(fault)
        self._log_in(client.wire)
        return client

    def _log_in(self, wire: Wire) -> None:
        settings, as_token = self._settings, self._settings.auth == "xoauth2"
        secrets = attempts(settings.password, settings.instead_of)
        if not any(wire.log_in(settings.username, secret, as_token=as_token) for secret in secrets):
            check = "[imap] username, whose consent the token is" if as_token else "[imap] username and password"
            raise LoginRefused(f"{settings.peer} refuses the login; check {check}, and who may use IMAP.")

    def _open(self, client: "_Client", folder: str) -> Mapping[bytes, Any]:
        try:
            return _opened(client, folder, read_only=self._settings.read_only)
        except client.AbortError:
            raise
        except client.Error as error:
            raise MailboxAway(f"{self._settings.peer} does not open the folder {folder!r}; create it or correct its name.") from error

    def _fetched(self, uid: int, head: Head, raw: bytes, *, size_limit: int) -> Fetched:
        assert self._folder is not None
        truncated = max(head.size, len(raw)) > size_limit
        return Fetched(
            source=Source(folder=self._folder.name, uidvalidity=self._folder.uidvalidity, uid=uid),
            raw=raw[: min(BEGINNING, size_limit)] if truncated else raw,
            received_at=head.received_at,
            size=head.size,
            truncated=truncated,
        )

    def _sentence(self, error: Exception) -> MaildError:
        fault = lasting_refusal(error) if isinstance(error, ssl.SSLError) else None
        if fault is not None:
            return self._insecure(fault)
        return MailboxAway(f"{self._settings.peer} {_reason(error)}; maild tries again. If it lasts, check the server and [imap].")

    def _insecure(self, fault: str) -> CertificateRefused:
        return CertificateRefused(f"{self._settings.peer} is not trusted: {fault}. Mend the server, or correct [imap] port, tls, ca_file.")

    def _drop(self) -> None:
        if self._client is not None:
            self._client.wire.shutdown()
        self._client = self._folder = None


class _Client(IMAPClient):
    """imapclient on our own wire, connected and greeted."""

    def __init__(self, settings: ImapSettings, *, context: ssl.SSLContext | None, deadline: float) -> None:
        self._settings = settings
        self._deadline = deadline
        self.began = monotonic()
        timeout = SocketTimeout(connect=settings.connect_timeout, read=settings.read_timeout)
        super().__init__(settings.host, settings.port, ssl=settings.tls == "implicit", ssl_context=context, timeout=timeout)
        self._imap.debug = 0  # imapclient's 5 formats every mail for a log that nobody reads: ten times slower, three times the memory
        self.normalise_times = False

    permanent: Sequence[bytes] | None = None
    """The flags that the folder opened last keeps; None where the server does not say."""

    @property
    def wire(self) -> Wire:
        wire: Wire = self._imap
        return wire

    def ask(self, uids: Sequence[int], items: str, *, length: int = 0) -> Mapping[int, Told]:
        """FETCH for up to `length` bytes of each mail: what is told of each UID, without what nobody asked for."""
        self.wire.allow(literals=len(uids) * length)
        answer: Mapping[int, Told] = self.fetch(uids, items)
        return {uid: told for uid, told in answer.items() if not told.keys() <= _UNASKED}

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name
        return Wire(
            self.host,
            self.port,
            tls=self.ssl_context if self.ssl else None,
            connect_timeout=self._settings.connect_timeout,
            read_timeout=self._settings.read_timeout,
            deadline=self._deadline,
        )


def _opened(client: _Client, folder: str, *, read_only: bool) -> Mapping[bytes, Any]:
    """SELECT or EXAMINE; what may not be changed can be read all the same."""
    try:
        told: Mapping[bytes, Any] = client.select_folder(folder, readonly=read_only)
    except client.ReadOnlyError:
        told = client.select_folder(folder, readonly=True)
    return told


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return unreached(error)
    return next(text for kind, text in _REASONS if isinstance(error, kind))
