"""A mail server that falls silent while maild waits for news."""

from tests.servers.dovecot import Dovecot
from tests.servers.hung_idle import HungIdle
from tests.whole.stage import Stage, eventually


def test_a_server_that_hangs_in_idle(stage: Stage, dovecot: Dovecot) -> None:
    """What comes in while the server hangs is taken in after the next poll has found that out, by a new connection (behaviour 13)."""
    with HungIdle(dovecot.port) as wire:
        stage.configure(imap_port=wire.port, tls="none")
        stage.start()
        eventually(lambda: wire.hung)
        stage.write("kim@reporter.test", "Somebody shouted at me.")
        stage.await_letters("kim@reporter.test", 1)
        assert stage.stop() <= 10
