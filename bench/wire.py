"""A transparent wire to Dovecot: it notes the moment at which `* n EXISTS` passes, and whether the client waits in IDLE (RFC 2177)."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread

PATIENCE = 60.0
"""Seconds after which a client that should go into IDLE will not."""


class Wire:
    """One listener; `exists` holds when Dovecot first spoke of so many mails, before the client could hear it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.exists: dict[int, float] = {}
        self._idling = False
        self._news = Condition()
        self._ends: list[socket.socket] = []
        self._threads: list[Thread] = []
        self._run(self._accept)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up, and wait until nobody listens any more."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in (self._listener, *self._ends):
            end.close()

    def wait_for_idle(self) -> None:
        """Until the client waits in IDLE. Raises `TimeoutError`."""
        with self._news:
            if not self._news.wait_for(lambda: self._idling, PATIENCE):
                raise TimeoutError("the daemon does not go into IDLE")

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._ends += (client, server)
                self._run(_carry, client, server, self._heard_client)
                self._run(_carry, server, client, self._heard_server)

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _heard_client(self, chunk: bytes) -> None:
        if b"DONE\r\n" in chunk.upper():
            self._idling = False

    def _heard_server(self, chunk: bytes) -> None:
        now = time.monotonic()
        with self._news:
            for line in chunk.split(b"\r\n"):
                match line.split():
                    case [b"+", b"idling"]:
                        self._idling = True
                    case [b"*", number, b"EXISTS"]:
                        self.exists.setdefault(int(number), now)
            self._news.notify_all()


def _carry(source: socket.socket, to: socket.socket, heard: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            heard(chunk)
            to.sendall(chunk)
    with suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)
