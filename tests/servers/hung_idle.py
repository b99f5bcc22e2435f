"""A wire to an IMAP server that hangs in IDLE: from the server's `+ idling` on nothing passes either way, and nobody hangs up."""

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self


@dataclass(slots=True)
class HungIdle:
    """Listens on loopback and carries every connection to `to`, until it idles. Use it as a context manager."""

    to: int
    port: int = field(init=False)
    hung: int = 0
    """Connections that idle, and hear nothing any more."""
    _listener: socket.socket = field(init=False)
    _ends: list[socket.socket] = field(init=False, default_factory=list)
    _threads: list[Thread] = field(init=False, default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._run(Thread(target=self._accept))
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _run(self, thread: Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                self._ends += (client, server)
                hangs = Event()
                self._run(Thread(target=self._carry, args=(client, server, hangs)))
                self._run(Thread(target=self._carry, args=(server, client, hangs)))

    def _carry(self, source: socket.socket, to: socket.socket, hangs: Event) -> None:
        """Pass on what is said, and after IDLE only listen."""
        with suppress(OSError):
            while said := source.recv(65536):
                if hangs.is_set():
                    continue
                if b"+ idling" in said:
                    hangs.set()
                    self.hung += 1
                to.sendall(said)
        with suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)
