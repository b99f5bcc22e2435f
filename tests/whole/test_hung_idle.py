"""A mail server that falls silent while maild waits for news."""

import time

from tests.servers.dovecot import Dovecot
from tests.servers.hung_idle import HungIdle
from tests.whole.stage import Stage, eventually

SLOWEST = 20.0
"""Seconds: a poll, the time after which a silent server is given up, a new connection, and a busy machine."""


def test_a_server_that_hangs_in_idle(stage: Stage, dovecot: Dovecot) -> None:
    """Whatever comes in while the server hangs is taken in at the next poll, again and again (behaviour 13)."""
    with HungIdle(dovecot.port) as wire:
        stage.configure(imap_port=wire.port, tls="none")
        stage.start()
        for number in range(2):
            seen = wire.hung
            eventually(lambda seen=seen: wire.hung > seen)
            stage.write(f"kim{number}@reporter.test", "Somebody shouted at me.")
            written = time.monotonic()
            stage.await_letters(f"kim{number}@reporter.test", 1)
            assert time.monotonic() - written < SLOWEST
        assert stage.stop() <= 10
