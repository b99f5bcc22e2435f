"""What the tests of the real mailbox share: short patience, and a watch on time and memory."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from maild.transport.imap import ImapMailbox, ImapSettings
from tests.servers.scripted_imap import RAW, Peer, ScriptedImap, Turn, says

LIMIT = 25 * 1024 * 1024

MIB = 1024 * 1024

OPERATION = 0.6
"""Seconds that the mailboxes of these tests give an operation."""

SOON = 3.0
"""Seconds in which every test of a bad server is over: far above `OPERATION`, far below the server's own patience."""

MEMORY = 32 * MIB
"""Bytes that a bad server may make us hold, its own included."""

SECRET = "correct horse"


@contextmanager
def opened(server: ScriptedImap, **changes) -> Iterator[ImapMailbox]:
    """A mailbox on a scripted server, not connected yet."""
    settings = {"host": "127.0.0.1", "port": server.port, "tls": "none", "username": "info", "password": lambda: SECRET}
    patience = {"connect_timeout": OPERATION, "read_timeout": OPERATION / 2, "operation_timeout": OPERATION}
    mailbox = ImapMailbox(ImapSettings(**settings | patience | changes))
    try:
        yield mailbox
    finally:
        mailbox.close()


@contextmanager
def looked_at(server: ScriptedImap, **changes) -> Iterator[ImapMailbox]:
    """A mailbox whose folder is open and was searched."""
    with opened(server, **changes) as mailbox:
        mailbox.select("INBOX")
        mailbox.uids_above(0)
        yield mailbox


def take_in(mailbox: ImapMailbox, *, wait: float = 0.1) -> bytes:
    """What intake does: open, search, fetch, wait."""
    mailbox.select("INBOX")
    (fetched,) = mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)
    mailbox.wait(wait)
    return fetched.raw


def waits(mailbox: ImapMailbox, seconds: float) -> tuple[bool, float]:
    """What `wait` says, and how long it takes."""
    began = time.monotonic()
    news = mailbox.wait(seconds)
    return news, time.monotonic() - began


@contextmanager
def bounded() -> Iterator[None]:
    """Time and memory hold, whatever the other side does."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        yield
        assert time.monotonic() - began < SOON
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def only_for_bodies(turn: Turn) -> Turn:
    """Sizes are told well; the turn is for BODY.PEEK[] only."""

    def either(peer: Peer, line: bytes) -> None:
        if b"BODY.PEEK[]" in line:
            turn(peer, line)
        else:
            says(b'1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "03-Feb-2026 04:05:06 +0000")' % len(RAW))(peer, line)

    return either
