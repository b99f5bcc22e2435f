"""An IMAP server of our own on loopback that does as a test tells it: mostly well, and badly in one place.

It knows one message in one folder. A test overrides a `Turn`, what happens at one verb, or the greeting.
"""

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

RAW = b"From: ana@example.org\r\nSubject: Hello\r\n\r\nText\r\n"
GREETING = b"* OK ready\r\n"
FETCHED = re.compile(rb"BODY\.PEEK\[\]<(\d+)\.(\d+)>")
PATIENCE = 10.0
"""Seconds after which a server that nobody talks to any more gives up."""


class Peer:
    """One connection, seen from the server."""

    def __init__(self, connection: socket.socket, *, server: "ScriptedImap") -> None:
        self.server = server
        self.stopped = server.stopped
        self._connection = connection
        self._lines = connection.makefile("rb")

    def say(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self._connection.sendall(raw)

    def drip(self, raw: bytes, *, every: float = 0.02) -> None:
        """Send byte by byte, each before the other side's read times out."""
        for each in raw:
            self.say(bytes([each]))
            if self.stopped.wait(every):
                return

    def flood(self, raw: bytes) -> None:
        """Send the same for as long as anybody takes it."""
        while not self.stopped.is_set():
            self.say(raw)

    def hear(self) -> bytes:
        """The next line, without its end; empty when the other side has gone."""
        line = self._lines.readline()
        self.server.heard.append(line)
        return line.removesuffix(b"\r\n")

    def hush(self) -> None:
        """Say nothing until the other side has gone."""
        while self.hear():
            pass

    def secure(self, context: ssl.SSLContext) -> None:
        """Shake hands; what comes after is TLS."""
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self._lines = self._connection.makefile("rb")

    def close(self) -> None:
        """End the connection; whatever was said before still arrives."""
        self._lines.close()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


Turn = Callable[[Peer, bytes], None]
"""What happens at a command: the peer who sent it, and the whole line."""


def tag(line: bytes) -> bytes:
    """The tag of a command."""
    return line.partition(b" ")[0]


def says(*answers: bytes, status: bytes = b"OK done") -> Turn:
    """A turn that sends these untagged answers and the status."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"".join(b"* " + answer + b"\r\n" for answer in answers) + tag(line) + b" " + status + b"\r\n")

    return turn


def breaks_off(raw: bytes = b"") -> Turn:
    """A turn that sends some last bytes and ends the connection."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(raw)
        peer.close()

    return turn


@dataclass(kw_only=True, slots=True)
class ScriptedImap:
    """One server; use it as a context manager. Only the first connection meets what is wrong, all later ones are served well."""

    capabilities: bytes = b"IMAP4rev1 IDLE"
    greeting: Turn | None = None
    turns: dict[str, Turn] = field(default_factory=dict)
    raw: bytes = RAW
    size: int | None = None
    internaldate: bytes = b" 3-Feb-2026 04:05:06 +0545"
    tls: ssl.SSLContext | None = None

    port: int = field(init=False)
    heard: list[bytes] = field(init=False, default_factory=list)
    connections: int = field(init=False, default=0)
    stopped: Event = field(init=False, default_factory=Event)
    _listener: socket.socket = field(init=False)
    _threads: list[Thread] = field(init=False, default_factory=list)

    def __enter__(self) -> "ScriptedImap":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _run(self, act: Callable[[], None]) -> None:
        self._threads.append(Thread(target=act, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(PATIENCE)
                self.connections += 1
                wrong = self.connections == 1
                self._run(lambda connection=connection, wrong=wrong: self._serve(connection, wrong=wrong))

    def _serve(self, connection: socket.socket, *, wrong: bool) -> None:
        peer = Peer(connection, server=self)
        with suppress(OSError, ValueError):  # the other side has gone, or a turn has closed the connection
            if self.tls is not None:
                peer.secure(self.tls)
            if wrong and self.greeting is not None:
                self.greeting(peer, b"")
            else:
                peer.say(GREETING)
            while line := peer.hear():
                self._turn(line, wrong=wrong)(peer, line)
        peer.close()

    def _turn(self, line: bytes, *, wrong: bool) -> Turn:
        _, verb, *more = (*line.decode().split(), "", "")  # a DONE that comes after its IDLE stands alone, and is none of these
        verb = more[0] if verb == "UID" else verb
        good: dict[str, Turn] = {
            "CAPABILITY": says(b"CAPABILITY " + self.capabilities),
            "LOGIN": says(),
            "NOOP": says(),
            "LOGOUT": says(b"BYE bye"),
            "EXAMINE": says(b"1 EXISTS", b"OK [UIDVALIDITY 7] valid", b"OK [UIDNEXT 2] next"),
            "SEARCH": says(b"SEARCH 1"),
            "LIST": says(b'LIST () "/" INBOX'),
            "FETCH": self._fetch,
            "IDLE": idles(b""),
        }
        return (good | self.turns if wrong else good).get(verb, says(status=b"BAD unknown"))

    def _fetch(self, peer: Peer, line: bytes) -> None:
        wanted = FETCHED.search(line)
        if wanted is None:
            size = len(self.raw) if self.size is None else self.size
            says(b'1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "%s")' % (size, self.internaldate))(peer, line)
        else:
            start, length = map(int, wanted.groups())
            piece = self.raw[start : start + length]
            says(b"1 FETCH (UID 1 BODY[]<%d> {%d}\r\n%s)" % (start, len(piece), piece))(peer, line)


def idles(raw: bytes, *, entered: Event | None = None) -> Turn:
    """A turn that goes into IDLE, says something there, and leaves it at DONE."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"+ idling\r\n" + raw)
        if entered is not None:
            entered.set()
        if peer.hear() == b"DONE":
            says()(peer, line)

    return turn
