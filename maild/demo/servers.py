"""The demo's mail host: IMAP (pymap) and SMTP (aiosmtpd) on loopback, in one thread with one event loop.

What its SMTP server accepts for one of its people lies in that person's INBOX a moment later. Nothing leaves the machine: there is
no way from here to any other host. The only importer of pymap, which is "alpha" and without a release since 2024 (libraries.md section 6).
"""

import asyncio
import hmac
import ssl
from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Thread
from time import monotonic
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Event, Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from maild.mail.authenticity import strict_sender

LOOPBACK = "127.0.0.1"

FOLDERS = ("Drafts", "Sent", "Trash")
"""What mail programs look for beside the INBOX."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A mail as it lies in a mailbox. `moment` is `time.monotonic()` when the SMTP server took it."""

    sender: str
    recipient: str
    raw: bytes
    moment: float


class MailHost:
    """Both servers. Every account has the same password; `clock` says when a mail arrived (INTERNALDATE).

    `full` names mailboxes that take no mail. `imap_port` and `smtp_port` are known once it is open.
    """

    imap_port: int
    smtp_port: int

    def __init__(
        self, *, name: str, accounts: Collection[str], password: str, clock: Callable[[], datetime], full: Collection[str] = ()
    ) -> None:
        self.name = name
        self._accounts = frozenset(accounts)
        self._password = password
        self._clock = clock
        self._full = frozenset(full)
        self._mailboxes = Mailboxes(accounts=accounts, password=password)
        self._servers: list[asyncio.Server] = []
        self._delivered: list[Delivered] = []
        self._changed = Condition()

    def after(self, place: int, *, seconds: float) -> Sequence[Delivered]:
        """The mails delivered after the first `place` ones, in order; waits for one at most so long. For any thread."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._delivered) > place, timeout=seconds)
            return self._delivered[place:]

    @contextmanager
    def running(self) -> Iterator[Self]:
        """The servers, open in a thread of their own; afterwards connections are broken off and the thread has ended."""
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            loop = runner.get_loop()
            thread = Thread(target=loop.run_forever, name="mail host")
            thread.start()
            try:
                asyncio.run_coroutine_threadsafe(self._open(), loop).result()
                yield self
            finally:
                loop.call_soon_threadsafe(self._close)
                loop.call_soon_threadsafe(loop.stop)
                thread.join()

    async def _open(self) -> None:
        await self._mailboxes.open()
        imap = await asyncio.start_server(self._mailboxes.connected, LOOPBACK, 0)
        self._servers.append(imap)
        smtp = await asyncio.get_running_loop().create_server(self._smtp, LOOPBACK, 0)
        self._servers.append(smtp)
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    def _close(self) -> None:
        # Nobody waits for `wait_closed`: since Python 3.12 that waits for the clients, which the runner breaks off only afterwards.
        for server in self._servers:
            server.close()

    def _smtp(self) -> SMTP:
        return SMTP(
            self,
            hostname=self.name,
            ident="maild demo",
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, claimed: object) -> AuthResult:
        del server, session, envelope, mechanism
        if not isinstance(claimed, LoginPassword):
            return AuthResult(success=False, handled=False)
        address = claimed.login.decode(errors="replace").lower()
        right = hmac.compare_digest(claimed.password, self._password.encode())
        return AuthResult(success=right and address in self._accounts, handled=False, auth_data=address)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """RCPT TO: only our own people."""
        del server, session, options
        if address.lower() not in self._accounts:
            return "550 5.1.1 nobody of that name is in this story"
        if address.lower() in self._full:
            return "452 4.2.2 this mailbox is full"
        envelope.rcpt_tos.append(address.lower())
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself: into every recipient's INBOX before it is accepted."""
        del server
        assert isinstance(envelope.content, bytes)
        sender = envelope.mail_from or ""
        raw = stamped(envelope.content, host=self.name, sender=sender, login=session.auth_data if session.authenticated else None)
        for recipient in envelope.rcpt_tos:
            await self._mailboxes.deliver(recipient, raw, self._clock())
            self._note(Delivered(sender=sender, recipient=recipient, raw=raw, moment=monotonic()))
        return "250 2.0.0 OK"

    def _note(self, mail: Delivered) -> None:
        with self._changed:
            self._delivered.append(mail)
            self._changed.notify_all()


def stamped(raw: bytes, *, host: str, sender: str, login: str | None) -> bytes:
    """A mail as a mail host delivers it: verdicts that came with it are gone, its own is on top (RFC 8601 sections 4 and 5).

    The From address is proven when it is the one that logged in.
    """
    author = strict_sender(raw) or "nobody.invalid"
    verdict = "pass" if author == login else "fail"
    domain = author.rpartition("@")[2]
    top = (
        f"Return-Path: <{sender}>\r\n"
        f"Authentication-Results: {host}; dmarc={verdict} header.from={domain}\r\n"
        # The line by which a mail came in from outside: only what stands above it was written by the host itself.
        f"Received: from phone.access.example (phone.access.example [203.0.113.7]) by {host} with ESMTPSA\r\n"
    )
    return top.encode("ascii", "replace") + without_verdicts(raw)


def without_verdicts(raw: bytes) -> bytes:
    """The mail without its Authentication-Results, folded ones too."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    dropping = False
    for line in head.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            dropping = line.partition(b":")[0].strip().lower() == b"authentication-results"
        if not dropping:
            kept.append(line)
    return b"\r\n".join(kept) + blank + body


class Mailboxes:
    """The IMAP side: pymap with everything in memory, lives inside the loop."""

    def __init__(self, *, accounts: Collection[str], password: str) -> None:
        self._config = _Settings(
            Namespace(proxy_protocol=None),
            host=None,
            port=0,
            tls_enabled=False,
            # pymap would load the certificate that the environment's CERT_FILE names.
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            # Hashing needs threads of its own, and this password is worth nothing.
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            demo_data=False,
            demo_user="",
            demo_password="",
        )
        self._login = Login(self._config)
        for address in accounts:
            self._login.users_dict[address] = UserMetadata(self._config, address, password=password)
        reader = ProxyProtocolReader(self._config.proxy_protocol)
        self.connected = reader.get_callback(_Server(self._login, self._config))

    async def open(self) -> None:
        """Make the folders of every account."""
        for address in self._login.users_dict:
            self._config.set_cache[address] = (_Folders(), FilterSet())
            async with self._identity(address).new_session() as session:
                for folder in FOLDERS:
                    await session.mailbox_set.add_mailbox(folder)

    async def deliver(self, recipient: str, raw: bytes, at: datetime) -> None:
        """Put a mail into somebody's INBOX."""
        async with self._identity(recipient).new_session() as session:
            inbox = await session.mailbox_set.get_mailbox("INBOX")
            await inbox.append(AppendMessage(raw, at), recent=True)

    def _identity(self, address: str) -> Identity:
        return Identity(address, self._login, None, frozenset())


class _Settings(Config):
    @property
    def greeting(self) -> bytes:
        # pymap asks the resolver for this machine's name, which may take seconds and leaves the machine.
        return b"maild demo"


class _Inbox(MailboxData):
    """pymap's folder, cured: its IDLE told only of mails that came after it began, and one that came just before waited for the next."""

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        news = selected.mod_sequence is not None and selected.mod_sequence < self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if news else wait_on)


class _Folders(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Inbox(self._content_cache, self._thread_cache)


class _Server(IMAPServer):
    """pymap's server, cured: nobody but these connections' own tasks refers to them, and Python 3.13 collects such tasks."""

    __slots__ = ("_connections",)

    def __init__(self, login: Login, config: Config) -> None:
        super().__init__(login, config)
        self._connections: set[asyncio.Task[None] | None] = set()

    async def __call__(self, reader: StreamReader, writer: StreamWriter, sock_info: SocketInfo) -> None:
        task = asyncio.current_task()
        self._connections.add(task)
        try:
            await super().__call__(reader, writer, sock_info)
        finally:
            self._connections.discard(task)
