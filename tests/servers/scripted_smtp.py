"""An SMTP server that goes by the book, but where its script says otherwise: for servers that hang, drip, lie and break off."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

DRIP_PAUSE = 0.02
"""Seconds between two bytes of a dripping server."""

BY_THE_BOOK: Mapping[str, bytes] = {
    "greeting": b"220 book.test\r\n",
    "EHLO": b"250-book.test\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
    "STARTTLS": b"220 go ahead\r\n",
    "AUTH": b"235 welcome\r\n",
    "MAIL": b"250 sender fine\r\n",
    "RCPT": b"250 recipient fine\r\n",
    "DATA": b"354 go ahead\r\n",
    "dot": b"250 queued\r\n",
    "RSET": b"250 forgotten\r\n",
    "QUIT": b"221 bye\r\n",
}


class Over(Exception):
    """The conversation is at its end."""


class Conversation:
    """One connection, seen from the server. `heard` is all that came, `in_clear` what of it came without TLS, `mails` what came between
    DATA and final dot, both included.
    """

    def __init__(self, wire: socket.socket, *, over: threading.Event) -> None:
        self.heard, self.in_clear, self.mails = bytearray(), bytearray(), list[bytes]()
        self.over, self.ended = over, threading.Event()
        self._wire, self._unread = wire, b""

    def say(self, words: bytes) -> None:
        """Send these bytes."""
        self._wire.sendall(words)

    def line(self) -> bytes:
        """The next line."""
        return self._until(b"\n")

    def mail(self) -> None:
        """All up to the final dot, kept as it came over the wire."""
        self.mails.append(self._until(b"\r\n.\r\n"))

    def secure(self, context: ssl.SSLContext) -> None:
        """Go on in TLS."""
        try:
            self._wire = context.wrap_socket(self._wire, server_side=True)
        except OSError as error:
            raise Over from error

    def end(self) -> None:
        """Close the connection, whoever is still waiting for something."""
        with contextlib.suppress(OSError):
            self._wire.shutdown(socket.SHUT_RDWR)
        self._wire.close()
        self.ended.set()

    def listen(self) -> None:
        """Wait until the client says anything more."""
        more = self._wire.recv(65536)
        if not more:
            raise Over
        self.heard += more
        self.in_clear += b"" if isinstance(self._wire, ssl.SSLSocket) else more
        self._unread += more

    def _until(self, mark: bytes) -> bytes:
        while (end := self._unread.find(mark)) < 0:
            self.listen()
        found, self._unread = self._unread[: end + len(mark)], self._unread[end + len(mark) :]
        return found


Act = Callable[[Conversation], None]
Reply = bytes | Act
Script = Mapping[str, Reply]


def drop(conversation: Conversation) -> None:
    """Break off the connection."""
    raise Over


def hang(conversation: Conversation) -> None:
    """Say nothing any more, and keep the connection."""
    conversation.over.wait()
    raise Over


def drip(words: bytes) -> Act:
    """Say it byte by byte."""

    def act(conversation: Conversation) -> None:
        for byte in words:
            conversation.say(bytes([byte]))
            conversation.over.wait(DRIP_PAUSE)

    return act


def for_ever(words: bytes) -> Act:
    """Say it again and again, without a pause."""

    def act(conversation: Conversation) -> None:
        while not conversation.over.is_set():
            conversation.say(words)

    return act


def last_words(words: bytes) -> Act:
    """Say it and break off."""

    def act(conversation: Conversation) -> None:
        conversation.say(words)
        raise Over

    return act


class ScriptedSmtp:
    """`with ScriptedSmtp({"MAIL": b"421 go away\\r\\n"}) as server: …`. Several scripts are for one connection each, the last for all more.

    A script names the answer, or what to do, at "greeting", "EHLO", "AUTH", "MAIL" and so on, at "DATA" and at "dot". With `tls` the
    server can do STARTTLS (its script has to offer it), or speaks TLS from the first byte if `implicit`.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, implicit: bool = False) -> None:
        self._scripts: Sequence[Script] = scripts or [{}]
        self._tls, self._implicit = tls, implicit
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.conversations: list[Conversation] = []

    def __enter__(self) -> Self:
        self._spawn(self._listen)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for conversation in self.conversations:
            conversation.end()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    @property
    def mails(self) -> list[bytes]:
        """Every mail of every connection as it came over the wire, final dot included."""
        return [mail for conversation in self.conversations for mail in conversation.mails]

    @property
    def in_clear(self) -> bytes:
        """All that was said to this server without TLS."""
        return b"".join(bytes(conversation.in_clear) for conversation in self.conversations)

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="scripted-smtp")
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the listener is shut down when the test is over
            while True:
                wire, _ = self._listener.accept()
                script = self._scripts[min(len(self.conversations), len(self._scripts) - 1)]
                conversation = Conversation(wire, over=self._over)
                self.conversations.append(conversation)
                self._spawn(lambda conversation=conversation, script=script: self._converse(conversation, script))

    def _converse(self, conversation: Conversation, script: Script) -> None:
        try:
            with contextlib.suppress(OSError):  # the client has broken off
                self._follow(conversation, {**BY_THE_BOOK, **script})
        except Over:
            pass
        finally:
            conversation.end()

    def _follow(self, conversation: Conversation, script: Script) -> None:
        if self._tls is not None and self._implicit:
            conversation.secure(self._tls)
        _act(conversation, script["greeting"])
        in_mail = False
        while True:
            verb = conversation.line().strip().partition(b" ")[0].decode("ascii", "replace").upper()
            _act(conversation, b"503 nested MAIL\r\n" if in_mail and verb == "MAIL" else script.get(verb, b"500 what?\r\n"))
            in_mail = verb in {"MAIL", "RCPT", "DATA"}
            if verb == "STARTTLS" and self._tls is not None:
                conversation.secure(self._tls)
            if verb == "DATA" and script["DATA"] == BY_THE_BOOK["DATA"]:
                conversation.mail()
                _act(conversation, script["dot"])
                in_mail = False
            if verb == "QUIT":
                return


def _act(conversation: Conversation, reply: Reply) -> None:
    if isinstance(reply, bytes):
        conversation.say(reply)
    else:
        reply(conversation)
