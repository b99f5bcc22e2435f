"""The IMAP wire: imaplib's engine on a connection that can neither hang nor flood.

imaplib waits for ever on a silent server, starts its patience anew with every byte of a dripping one, and reads a literal of
8 GB as long as bytes come. Here every operation has a moment at which it is over and an amount it may carry, and both are looked
at before every read: there is no watchdog thread, and no moment at which nobody watches.
"""

import imaplib
import select
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final

CHUNK: Final = 64 * 1024
"""Bytes asked of the socket at once."""
LINE_LIMIT: Final = 1_000_000
"""Bytes in one line of an answer, imaplib's own figure: a line that never ends would fill the memory."""
UID_SPAN: Final = 50_000
"""UIDs in one SEARCH: its answer is one line."""
UID_MAX: Final = 2**32 - 1
"""RFC 9051 section 2.3.1.1."""
CHATTER_LIMIT: Final = 2 * 1024 * 1024
"""Bytes of one answer beside the mail that was asked for: lines without end would fill the memory, twentyfold once they are parsed."""
PACE: Final = 64 * 1024
"""Bytes of mail that earn an operation one more second: a slow line gets a large mail across, a dripping server gains nothing."""
PROMPT_LIMIT: Final = 10.0
"""Seconds for the server to answer a mere NOOP or DONE. A connection that a router dropped in silence shows itself here."""
QUIET_LIMIT: Final = 60
"""Seconds of silence after which the kernel asks whether the other side is still there."""
PASSING_CODES: Final = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})
"""Response codes (RFC 5530) of a login that was refused for no fault of the name and password."""


class Farewell(imaplib.IMAP4.abort):
    """The server says BYE (RFC 9051 section 7.1.5): it ends the session, of its own accord and in order."""


class Bell:
    """Wakes the thread that waits on a wire, from any other thread. Rung before anybody waits, it wakes the next who does."""

    def __init__(self) -> None:
        self._ear, self._button = socket.socketpair()
        self._ear.settimeout(0)
        self._button.settimeout(0)

    def ring(self) -> None:
        """Wake; never blocks and never raises."""
        with suppress(OSError):  # full: it is ringing already; closed: nobody waits any more
            self._button.send(b"!")

    def wait(self, *sockets: socket.socket, until: float) -> bool:
        """Wait until the monotonic moment `until` for something to read; false when rung, and when the time is up."""
        poller = select.poll()
        for each in (self._ear, *sockets):
            poller.register(each, select.POLLIN)
        ready = [number for number, _ in poller.poll(max(0, until - monotonic()) * 1000)]
        if self._ear.fileno() in ready:
            self._ear.recv(CHUNK)
            return False
        return bool(ready) and monotonic() < until

    def close(self) -> None:
        """For good. May be called twice."""
        self._ear.close()
        self._button.close()


class Wire(imaplib.IMAP4):
    """One connection. Whatever the server does, an operation ends by its deadline and within its allowance, else it raises.

    Raises `OSError` (`TimeoutError`, `ssl.SSLError`) and `imaplib.IMAP4.error` (`abort` where the connection is of no more use).
    `changed` is true where messages may have come or gone since the last `refresh`.
    """

    # What connecting may carry; every operation, and every command for mail, sets its own.
    _chatter = CHATTER_LIMIT
    _literals = LINE_LIMIT

    def __init__(
        self, host: str, port: int, *, tls: ssl.SSLContext | None, connect_timeout: float, read_timeout: float, deadline: float
    ) -> None:
        self._tls = tls
        self._read_timeout = read_timeout
        self._deadline = deadline
        self._buffer = bytearray()
        self._idle_tag: bytes | None = None
        self._exists = 0
        self.changed = True
        super().__init__(host, port, connect_timeout)

    def begin(self, *, deadline: float) -> None:
        """Start an operation that is over at the monotonic moment `deadline`; leaves IDLE where `watch` had entered it."""
        self.allow()
        self._deadline = deadline
        if self._idle_tag is not None:
            tag, self._idle_tag = self._idle_tag, None
            with self._promptly():
                self._command_complete("IDLE", tag)

    def allow(self, *, literals: int = LINE_LIMIT) -> None:
        """Before a command: its answer may carry so many bytes in literals, which is how mail comes, and `CHATTER_LIMIT` in lines."""
        self._chatter, self._literals = CHATTER_LIMIT, literals
        self.untagged_responses.clear()  # else what no command asked for would pile up for as long as the connection lasts

    def start_tls(self, context: ssl.SSLContext) -> str | None:
        """STARTTLS (RFC 9051 section 6.2.1), or why not. What was said before the handshake is forgotten."""
        if "STARTTLS" not in self.capabilities or self._simple_command("STARTTLS")[0] != "OK":
            return "it offers no STARTTLS"
        if self._buffer:
            return "clear text came after its OK to STARTTLS, as if somebody between had added it"
        self.allow()
        self._arm()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self._get_capabilities()
        return None

    def log_in(self, username: str, secret: str, *, as_token: bool) -> bool:
        """Say who we are, `as_token` by XOAUTH2; false when that is refused. Raises `abort` for a refusal that will pass."""
        try:
            self._authenticate(username, secret, as_token=as_token)
        except self.abort:
            raise
        except self.error:
            if not PASSING_CODES.isdisjoint(self.untagged_responses):
                raise self.abort("no login for now") from None
            return False
        return True

    def _authenticate(self, username: str, secret: str, *, as_token: bool) -> None:
        if as_token:
            self.authenticate("XOAUTH2", _once(f"user={username}\1auth=Bearer {secret}\1\1"))
        elif "AUTH=PLAIN" in self.capabilities:  # may carry what LOGIN cannot: any letter, and no line end of its own
            self.authenticate("PLAIN", _once(f"\0{username}\0{secret}"))
        elif (username + secret).isascii() and (username + secret).isprintable():
            self.login(self._quote(username), secret)
        else:
            raise self.error("LOGIN cannot carry this")

    def refresh(self) -> None:
        """NOOP: only what the server has told of by then is certain to be found by a SEARCH (RFC 9051 section 5.2)."""
        self.noop()
        self.changed = False

    def uids_in(self, uids: str, *criteria: str) -> list[int]:
        """UID SEARCH for a sequence set of UIDs: those that exist and fit, in the server's order."""
        self.allow()
        status, lines = self.uid("SEARCH", "UID", uids, *criteria)
        if status != "OK":
            raise self.error("SEARCH refused")
        # imapclient's own reader takes 118 MB for a line of 1 MB.
        return [int(uid) for line in lines if line for uid in line.split()]

    def uids_above(self, watermark: int) -> set[int]:
        """UIDs above the watermark. `*`, the last message, tells how far to go; it is told even where it is below."""
        found: set[int] = set()
        first, last = watermark + 1, UID_MAX
        while first <= last:
            uids = self.uids_in(f"{first}:{min(first + UID_SPAN - 1, UID_MAX)},*")
            found.update(uid for uid in uids if watermark < uid <= UID_MAX)
            last = max(found, default=0)
            first += UID_SPAN
        return found

    def watch(self, bell: Bell, *, until: float) -> bool:
        """IDLE (RFC 2177) until messages come or go, `bell` rings or `until` is reached; true for the first.

        Only asks to leave IDLE: `begin` waits for the answer. So a server that has died is found out by the next operation, and
        this one is never late.
        """
        with self._promptly():
            self.noop()  # some servers tell in IDLE only of what comes after it began
        self.allow(literals=0)  # a literal would have to be waited for
        self._idle_tag = tag = self._command("IDLE")
        self._listen(tag)
        while not self.changed and bell.wait(self.sock, until=until):
            self._listen(tag)
        self.send(b"DONE\r\n")
        return self.changed

    def _listen(self, tag: bytes) -> None:
        """Take in, without waiting, some of what has come. Half a line stays where it is until the rest of it is here."""
        self.sock.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            self._take_in(self.sock.recv(CHUNK))
        while b"\n" in self._buffer or len(self._buffer) > LINE_LIMIT:
            self._get_response()
        if "BYE" in self.untagged_responses:
            raise Farewell("session ended by the server")
        if self.tagged_commands[tag] is not None:
            raise self.abort("IDLE ended by the server")

    # What follows takes the place of imaplib's "overridable methods", and of two more.

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect, and shake hands where TLS comes first."""
        self.host, self.port = host, port
        self.sock = socket.create_connection((host, port), timeout)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # imaplib sends what proves who we are and its line end apart: without this the second waits 40 ms for the first one's ACK.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):  # Linux has it
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, QUIET_LIMIT)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=host)

    def read(self, size: int) -> bytes:
        """A literal of the length that the server announced, when that is no more than was asked for."""
        self._literals -= size
        if self._literals < 0:
            raise self.abort("more mail than was asked for")
        while len(self._buffer) < size:
            self._fill()
        self._deadline += size / PACE
        return self._cut(size)

    def readline(self) -> bytes:
        """A line with its end."""
        self._left()
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0 and len(self._buffer) < LINE_LIMIT:
            searched = len(self._buffer)
            self._fill()
        if not 0 <= end < LINE_LIMIT:
            raise self.abort("line too long")
        self._chatter -= end + 1
        if self._chatter < 0:
            raise self.abort("too many lines")
        return self._cut(end + 1)

    def send(self, data: Any) -> None:
        """All of it."""
        self._arm()
        self.sock.sendall(data)

    def shutdown(self) -> None:
        """Close the connection, quietly and without a word to the server."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def break_off(self) -> None:
        """From another thread: whoever waits for the server hears that the connection is over."""
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # TLS's own would take the session from under the other thread

    def _connect(self) -> None:
        super()._connect()  # type: ignore[misc]  # typeshed does not know it
        if self.state != "NONAUTH":
            raise self.abort("PREAUTH goes round STARTTLS and the login")

    def _append_untagged(self, typ: str, dat: Any) -> None:
        if typ == "EXISTS":
            # Some servers repeat the number on every command: only another number is news.
            self.changed |= int(dat) != self._exists
            self._exists = int(dat)
        elif typ == "EXPUNGE":
            self.changed = True
            self._exists -= 1
        super()._append_untagged(typ, dat)  # type: ignore[misc]  # typeshed does not know it

    def _fill(self) -> None:
        self._arm()
        self._take_in(self.sock.recv(CHUNK))

    def _arm(self) -> None:
        """Let the next word to or from the server take no longer than the operation has left."""
        self.sock.settimeout(min(self._left(), self._read_timeout))

    @contextmanager
    def _promptly(self) -> Iterator[None]:
        deadline, self._deadline = self._deadline, min(self._deadline, monotonic() + PROMPT_LIMIT)
        yield
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _take_in(self, chunk: bytes) -> None:
        if not chunk:
            raise self.abort("end of file")
        self._buffer += chunk

    def _cut(self, length: int) -> bytes:
        with memoryview(self._buffer) as view:
            piece = bytes(view[:length])
        del self._buffer[:length]
        return piece


def _once(answer: str) -> Callable[[bytes], bytes]:
    """For the first challenge; to a further one (XOAUTH2 explains a refusal by it) the answer is empty."""
    answers = iter((answer.encode(),))
    return lambda _challenge: next(answers, b"")
