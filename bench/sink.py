"""A mail server that takes everything it is offered (RFC 5321), and tells what it took and when.

It runs in a process of its own, `python -m bench.sink`, which says its port and then one line for each mail. Of our own and not Postfix's
smtp-sink, because that one tells neither the moment of its 250 nor which mail was answered; it costs as little.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import BinaryIO

from bench.reports import Report

PATIENCE = 60.0
"""Seconds without any mail after which none will come."""

ANSWERS = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
IN_REPLY_TO = re.compile(rb"^In-Reply-To:\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that got its 250, `at` this moment of the monotonic clock."""

    at: float
    recipient: str
    in_reply_to: str


class Sink:
    """The server, and what it has taken so far."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._taken: list[Taken] = []
        self._news = Condition()
        self._reader = Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._reader.join()
        self._process.communicate()

    def wait_for(self, reports: Iterable[Report], *, sender: subprocess.Popen[bytes]) -> None:
        """Until each of them is answered. Raises `RuntimeError` where that process ends before, `TimeoutError` where it goes silent."""
        wanted, seen, until = {report.message_id for report in reports}, 0, time.monotonic() + PATIENCE
        with self._news:
            while wanted.difference_update(one.in_reply_to for one in self._taken[seen:]) or wanted:
                if len(self._taken) > seen:
                    seen, until = len(self._taken), time.monotonic() + PATIENCE
                ended = sender.poll() is not None
                if not self._news.wait(1.0) and ended:
                    raise RuntimeError(f"{len(wanted)} reports are not acknowledged, and who should do it has ended")
                if time.monotonic() > until:
                    raise TimeoutError(f"{len(wanted)} reports are not acknowledged, {PATIENCE:.0f} s after the last one that was")

    def acknowledgements(self, reports: Sequence[Report]) -> list[Taken]:
        """What answers one of these reports and went to whoever wrote it, in order."""
        writer = {report.message_id: report.sender for report in reports}
        with self._news:
            return [one for one in self._taken if writer.get(one.in_reply_to) == one.recipient]

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            at, recipient, in_reply_to = json.loads(line)
            with self._news:
                self._taken.append(Taken(at=at, recipient=recipient, in_reply_to=in_reply_to))
                self._news.notify_all()


def run() -> None:
    """Be the server, on a free port of loopback, until ended."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _say(listener.getsockname()[1])
        while True:
            client, _ = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_talk, args=(client,), daemon=True).start()


def _talk(client: socket.socket) -> None:
    with client, client.makefile("rb") as lines:
        client.sendall(b"220 sink\r\n")
        recipient = b""
        for line in lines:
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line[line.index(b"<") + 1 : line.index(b">")]
            client.sendall(ANSWERS.get(verb, b"250 fine\r\n"))
            if verb == b"DATA":
                _take(client, lines, recipient)


def _take(client: socket.socket, lines: BinaryIO, recipient: bytes) -> None:
    mail = b"".join(iter(lines.readline, b".\r\n"))
    client.sendall(b"250 taken\r\n")
    at = time.monotonic()
    answered = IN_REPLY_TO.search(mail)
    _say([at, recipient.decode(), answered.group(1).decode() if answered else ""])


def _say(what: object) -> None:
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    run()
