"""A recording SMTP server in a thread: keeps every mail as it came, in order, and does as it is told."""

import asyncio
import re
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

TIME_LIMIT = 20.0
"""Seconds to wait for what must happen."""


class Trouble(Enum):
    """What a sink does instead of answering."""

    HANG = "hang"
    DROP = "drop"


Reply = str | Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A mail as it came: envelope, MAIL options and bytes (without dot-stuffing)."""

    sender: str
    recipients: tuple[str, ...]
    options: tuple[str, ...]
    raw: bytes


class Sink:
    """`with Sink() as sink: … sink.arrived`. Takes everything, but where `on_rcpt` or `on_dot` says otherwise.

    With `tls` it offers STARTTLS, or speaks TLS from the first byte if `implicit`. With `login` (name and password) it demands those, and
    hears them only over TLS where it has that. `stop` and `start` leave the port and the mails as they are.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, login: tuple[str, str] | None = None) -> None:
        self.arrived: list[Arrived] = []
        self.connections = 0
        self.waiting = threading.Event()
        """Set when somebody waits for an answer that does not come (`Trouble.HANG`)."""
        self._tls, self._implicit, self._login = tls, implicit, login
        self._on_rcpt: dict[str, Reply] = {}
        self._on_dot: dict[str, Reply] = {}
        self._open: set[SMTP] = set()
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def on_rcpt(self, recipient: str, reply: Reply) -> None:
        """Answer RCPT for this recipient so."""
        self._on_rcpt[recipient] = reply

    def on_dot(self, recipient: str, reply: Reply) -> None:
        """Answer the final dot of a mail to this recipient so; the mail is kept only where that is a 2xx."""
        self._on_dot[recipient] = reply

    def wait_for(self, count: int) -> Sequence[Arrived]:
        """All mails, once at least `count` have come."""
        deadline = time.monotonic() + TIME_LIMIT
        while len(self.arrived) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.arrived)} of {count} mails came")
            time.sleep(0.005)
        return self.arrived

    def start(self) -> None:
        """Listen."""
        if self._thread is not None:
            return
        up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=[up], name="sink")
        self._thread.start()
        if not up.wait(TIME_LIMIT):
            raise AssertionError("the sink does not start")

    def stop(self) -> None:
        """Break off all connections and listen no more."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None

    def hang_up(self) -> None:
        """Break off all connections, as a server does with those that lie idle."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(TIME_LIMIT)

    def _serve(self, up: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        implicit = self._tls if self._implicit else None
        listening = self._loop.create_server(self._session, "127.0.0.1", self.port, ssl=implicit)
        server = self._loop.run_until_complete(listening)
        self._loop.call_soon(up.set)
        self._loop.run_forever()
        for listener in server.sockets:  # before `close`, which leaks a connection that is being accepted
            self._loop.remove_reader(listener)
        self._loop.run_until_complete(self._hang_up())
        server.close()
        self._loop.close()

    async def _hang_up(self) -> None:
        await self._settle()  # a connection that is being accepted
        for session in self._open:
            if session.transport is not None:
                session.transport.abort()
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._open.clear()
        await self._settle()  # transports close in a later turn of the loop

    async def _settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def _session(self) -> SMTP:
        self.connections += 1
        session = SMTP(
            self,
            hostname="sink.test",
            loop=self._loop,
            enable_SMTPUTF8=True,
            data_size_limit=52_428_800,
            tls_context=None if self._implicit else self._tls,
            require_starttls=self._tls is not None and not self._implicit,
            authenticator=self._authenticate if self._login is not None else None,
            auth_require_tls=self._tls is not None and not self._implicit,
        )
        self._open.add(session)
        return session

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        wanted = None if self._login is None else LoginPassword(self._login[0].encode(), self._login[1].encode())
        return AuthResult(success=given == wanted, handled=False)

    async def _reply(self, session: SMTP, reply: Reply) -> str:
        if reply is Trouble.HANG:
            self.waiting.set()
            await asyncio.Event().wait()
        if reply is Trouble.DROP:
            session.transport.abort()
        return str(reply)

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Called by aiosmtpd."""
        if self._login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Called by aiosmtpd."""
        reply = await self._reply(server, self._on_rcpt.get(address, "250 OK"))
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd."""
        replies = [self._on_dot[recipient] for recipient in envelope.rcpt_tos if recipient in self._on_dot]
        reply = await self._reply(server, next(iter(replies), "250 OK"))
        if reply.startswith("2"):
            self.arrived.append(_arrived(envelope))
        return reply


def _arrived(envelope: Envelope) -> Arrived:
    sender = re.sub("^<>$", "", envelope.mail_from or "")
    options = tuple(str(option) for option in envelope.mail_options)
    return Arrived(sender=sender, recipients=tuple(envelope.rcpt_tos), options=options, raw=bytes(envelope.original_content or b""))
