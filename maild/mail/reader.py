"""The reader child: a process that does nothing but read mails, so that a hostile one kills only this process.

`reading.Reader` starts it, tells it `Own` in a first line, then sends mails: each a line `{"size": n}` and n raw bytes. Each gets one
line back: the message, or `{"unreadable": why}`. The child opens no file and no connection, and its use of the machine is bounded here.
"""

import logging
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.parse import parse
from maild.mail.wire import asked_size, pack, refusal, unpack_own

ADDRESS_SPACE = 512 * 1024 * 1024
"""Bytes; a mail of 25 MiB needs 330 MiB (security.md P-32)."""
CPU_SECONDS = 10
"""CPU time for one mail; the kernel ends the process that wants more."""

Parse = Callable[..., Message]


def main(*, parse: Parse = parse) -> None:
    """Read mails until standard input ends. SIGTERM, which a service manager sends to all processes at once, is left to the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.disable()  # What libraries say of a mail holds its words.
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, ADDRESS_SPACE)
    serve(sys.stdin.buffer, sys.stdout.buffer, parse=parse)


def serve(asked: BinaryIO, answered: BinaryIO, *, parse: Parse = parse) -> None:
    """Answer every mail on `asked`. Returns at its end."""
    own = unpack_own(asked.readline())
    while header := asked.readline():
        raw = asked.read(asked_size(header))
        _allow_cpu()
        answered.write(_answer(raw, own, parse))
        answered.flush()


def _answer(raw: bytes, own: Own, parse: Parse) -> bytes:
    try:
        return pack(parse(raw, own=own))
    except Exception as error:  # noqa: BLE001 (rule 7: one strange message costs only itself)
        return refusal(error)


def _allow_cpu() -> None:
    """Raise the soft limit to what was used so far and a message's share."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS)


def _limit(what: int, most: int) -> None:
    """Set a soft limit, at most as high as the hard one allows."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main()
