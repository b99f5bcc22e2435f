"""One SMTP connection, spoken command by command.

Never by `aiosmtplib.send`: only so is it known on which side of the final dot a connection broke, and that is the difference
between "surely not sent" and "nobody knows" (RFC 1047).
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from maild.errors import CertificateRefused, CourierAway, LoginRefused
from maild.ports import Answer, Outcome, Parcel
from maild.transport.attempts import attempts, no_other
from maild.transport.reach import unreached
from maild.transport.smtp import envelope
from maild.transport.tls import is_loopback, lasting_refusal, tls_context

CLOSING_DOWN: Final = 421
"""The server ends the connection with this answer, whatever the question was (RFC 5321 section 3.8)."""
LOGIN_WANTED: Final = frozenset({530, 534, 535, 538})
"""The server would talk to somebody who had logged in, or had done so better (RFC 4954 section 6)."""
BLOCK: Final = 256 * 1024
"""Bytes that must leave within one command timeout; stops a server that reads slower than 4 kB/s from holding up the outbox."""
QUIT_TIMEOUT: Final = 2.0
"""Seconds to wait for a server's farewell: nothing depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where the submission server is and how to talk to it. All times are seconds.

    `password` is asked anew for each login and may raise `SecretUnreadable`; with `auth = "xoauth2"` it gives an access token, and
    `instead_of` another one for one that was refused, or None. `dot_timeout` is the wait for the answer to the
    final dot (RFC 5321 section 4.5.3.2.6). A connection that lay idle for `max_age` is not used again.
    """

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    username: str | None = field(repr=False)
    password: Callable[[], str] = field(repr=False)
    ca_file: Path | None
    local_hostname: str
    auth: Literal["password", "xoauth2"] = field(default="password", repr=False)
    instead_of: Callable[[str], str | None] = field(default=no_other, repr=False)
    connect_timeout: float = 15.0
    command_timeout: float = 60.0
    dot_timeout: float = 600.0
    max_age: float = 300.0

    @property
    def peer(self) -> str:
        """How sentences name the server."""
        return f"The SMTP server {self.host}:{self.port}"


class Wire:
    """One connection from the greeting to its end. Whatever breaks it is raised as `CourierAway`, and then the wire is dead."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._client = _client(settings)
        self._protocol: SMTPProtocol
        self._stream: asyncio.StreamWriter
        self.used_at = time.monotonic()
        self.past_dot = False
        self.greeting = ""

    @classmethod
    async def open(cls, settings: SmtpSettings) -> "Wire":
        """Connect, secure and log in. Raises `CourierAway`, `CertificateRefused` or `LoginRefused`."""
        if settings.tls == "none" and not is_loopback(settings.host):
            raise CertificateRefused(f"{settings.peer} would get everything in clear text; set [smtp] tls to starttls or implicit.")
        wire = cls(settings)
        try:
            with wire._or_away(), _tls_faults(settings):
                await wire._greet()
        except BaseException:
            wire.cut()
            raise
        return wire

    @property
    def alive(self) -> bool:
        """False once it is known that nobody listens any more; true says little."""
        return self._client.is_connected

    async def mail(self, parcel: Parcel) -> Answer | None:
        """MAIL FROM; None where the server agrees."""
        self.past_dot = False
        wanted = envelope.options(parcel)
        offered = [option for extension, option in wanted.items() if self._client.supports_extension(extension)]
        if "smtputf8" in wanted and wanted["smtputf8"] not in offered:
            return Answer(outcome=Outcome.FAILED, code=0, text="The SMTP server takes no address beyond ASCII (it lacks SMTPUTF8).")
        return await self._ask(parcel, b"MAIL", b"FROM:" + envelope.path(parcel.envelope_sender), *offered)

    async def rcpt(self, parcel: Parcel) -> Answer | None:
        """RCPT TO; None where the server agrees."""
        return await self._ask(parcel, b"RCPT", b"TO:" + envelope.path(parcel.recipient))

    async def post(self, parcel: Parcel) -> Answer:
        """DATA, the bytes and the dot. Where this raises, `past_dot` tells whether the server may have the mail all the same."""
        reply = await self._say(b"DATA", good=3)
        if reply.code // 100 == 3:
            reply = await self._pour(envelope.stuffed(parcel.raw))
        else:
            await self.reset()
        if reply.code == CLOSING_DOWN:
            self.cut()
        return envelope.answer(reply.code, reply.message, recipient=parcel.recipient)

    async def reset(self) -> None:
        """Forget the envelope (RSET). Whether the wire has outlived that, the next MAIL will tell."""
        with contextlib.suppress(CourierAway):
            await self._say(b"RSET")

    async def quit(self) -> None:
        """Say goodbye and be gone, whatever the server thinks of it."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=QUIT_TIMEOUT)
        self.cut()

    def cut(self) -> None:
        """End the connection without a word."""
        self._client.close()

    async def _greet(self) -> None:
        client, settings = self._client, self._settings
        self.greeting = (await client.connect(timeout=settings.connect_timeout)).message
        await client.ehlo()
        if settings.tls == "starttls":
            if not client.supports_extension("starttls"):
                raise CertificateRefused(f"{settings.peer} offers no STARTTLS; check [smtp] port, or set tls to implicit.")
            await client.starttls(timeout=settings.connect_timeout)
            await client.ehlo()
        if settings.username is not None:
            await _login(client, username=settings.username, settings=settings)
        self._protocol = cast(SMTPProtocol, client.protocol)
        transport = cast(asyncio.WriteTransport, client.transport)
        self._stream = asyncio.StreamWriter(transport, self._protocol, None, asyncio.get_running_loop())

    async def _ask(self, parcel: Parcel, *words: bytes) -> Answer | None:
        reply = await self._say(*words)
        if reply.code in LOGIN_WANTED:
            raise LoginRefused(f"{self._settings.peer} wants a login ({reply.code}); check [smtp] username, password and tls.")
        if reply.code == CLOSING_DOWN:
            raise CourierAway(f"{self._settings.peer} closed the connection ({reply.code}).")
        return None if reply.code // 100 == 2 else envelope.answer(reply.code, reply.message, recipient=parcel.recipient)

    async def _say(self, *words: bytes, good: int = 2) -> aiosmtplib.SMTPResponse:
        with self._or_away():
            return _sane(await self._client.execute_command(*words, timeout=self._settings.command_timeout), good=good)

    async def _pour(self, stuffed: bytes) -> aiosmtplib.SMTPResponse:
        *blocks, last = [stuffed[start : start + BLOCK] for start in range(0, len(stuffed), BLOCK)]
        with self._or_away():
            for block in blocks:
                self._protocol.write(block)
                async with asyncio.timeout(self._settings.command_timeout):
                    await self._stream.drain()
            self._protocol.write(last)
            self.past_dot = True
            return _sane(await self._protocol.read_response(timeout=self._settings.dot_timeout), good=2)

    @contextlib.contextmanager
    def _or_away(self) -> Iterator[None]:
        """Whatever breaks in here ends the wire: with one answer missing, nobody knows which question the next one belongs to."""
        try:
            yield
        except (aiosmtplib.SMTPException, OSError) as error:
            self.cut()
            raise CourierAway(
                f"{self._settings.peer} {_fault(error)}; maild tries again. If it lasts, check the server and [smtp]."
            ) from error
        self.used_at = time.monotonic()


class _Client(aiosmtplib.SMTP):
    def close(self) -> None:
        # TLS would wait up to 30 s for the other side's farewell, and a silent server would get them.
        if self.transport is not None:
            cast(asyncio.WriteTransport, self.transport).abort()
        super().close()


def _client(settings: SmtpSettings) -> _Client:
    return _Client(
        hostname=settings.host,
        port=settings.port,
        local_hostname=settings.local_hostname,
        timeout=settings.command_timeout,
        use_tls=settings.tls == "implicit",
        start_tls=False,  # the default logs in without TLS where the server offers none
        tls_context=None if settings.tls == "none" else tls_context(settings.ca_file),
    )


@contextlib.contextmanager
def _tls_faults(settings: SmtpSettings) -> Iterator[None]:
    """Tell apart what waiting does not cure: a wrong certificate, an outdated protocol, a port that speaks no TLS."""
    try:
        yield
    except (aiosmtplib.SMTPConnectError, ssl.SSLError) as error:
        cause = error if isinstance(error, ssl.SSLError) else error.__cause__
        if not isinstance(cause, ssl.SSLError) or (reason := lasting_refusal(cause)) is None:
            raise
        raise CertificateRefused(f"{settings.peer} failed the TLS check: {reason}; check [smtp] host, port, tls and ca_file.") from error


async def _login(client: _Client, *, username: str, settings: SmtpSettings) -> None:
    """By one method: `client.login` tries a wrong password by each method in turn, and servers lock accounts for that."""
    way, refusal = _way(client, settings), None
    for secret in attempts(settings.password, settings.instead_of):
        try:
            await way(username, secret)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code // 100 != 5:
                raise
            refusal = error
        else:
            return
    check = "username, whose consent the token is, and who may use SMTP" if settings.auth == "xoauth2" else "username and password"
    raise LoginRefused(f"{settings.peer} refused the login ({refusal.code if refusal else 0}); check [smtp] {check}.") from refusal


def _way(client: _Client, settings: SmtpSettings) -> Callable[[str, str], Awaitable[object]]:
    ways: dict[str, Callable[[str, str], Awaitable[object]]]
    if settings.auth == "xoauth2":
        ways = {"xoauth2": client.auth_xoauth2}
    else:
        ways = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    way = next((ways[name] for name in ways if name in client.server_auth_methods), None)
    if way is None:
        raise LoginRefused(f"{settings.peer} offers no login by {', '.join(ways)}; check [smtp] port and tls.")
    return way


def _sane(reply: aiosmtplib.SMTPResponse, *, good: int) -> aiosmtplib.SMTPResponse:
    """Anything but `good`xx, 4xx or 5xx shows that the two sides have lost step."""
    if reply.code // 100 not in {good, 4, 5}:
        raise aiosmtplib.SMTPResponseException(reply.code, "out of turn")
    return reply


def _fault(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"turned us away ({error.code})" if error.code // 100 in {4, 5} else "answered out of turn"
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    return unreached(cause) if isinstance(cause, OSError) else "broke the rules of SMTP"
