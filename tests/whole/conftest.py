"""A stage for each test: fresh mailbox, fresh Postfix, fresh directory; the daemon is started by the test."""

from collections.abc import Callable, Iterator

import pytest

from tests.servers.dovecot import DOMAIN, Account, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.sink import Sink
from tests.servers.tls import Authority, Certificate
from tests.whole.stage import AUTHSERV, Stage


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Everybody outside: whatever leaves lands here."""
    with Sink() as sink:
        yield sink


@pytest.fixture
def postfix_of(sink: Sink, certificate: Certificate, run_postfix: Callable[..., Postfix]) -> Callable[..., Postfix]:
    """Starts the Postfix that brings mail to a Dovecot and to everybody outside; with `sasl_port` it asks there about logins."""
    return lambda dovecot, **options: run_postfix(
        relay_port=sink.port,
        lmtp_port=dovecot.lmtp_port,
        domains=[DOMAIN],
        certificate=certificate,
        authserv_id=AUTHSERV,
        dmarc_pass=["team.test", "reporter.test"],
        main={"myhostname": AUTHSERV},
        **options,
    )


@pytest.fixture
def build(
    dovecot: Dovecot, account: Account, authority: Authority, sink: Sink, postfix_of: Callable[..., Postfix]
) -> Iterator[Callable[..., Stage]]:
    """Builds stages; what still runs on them is ended after the test."""
    stages: list[Stage] = []

    def build(**options: object) -> Stage:
        postfix = postfix_of(dovecot)
        stages.append(Stage(dovecot=dovecot, account=account, postfix=postfix, sink=sink, ca_file=authority.ca_file, **options))
        return stages[-1]

    yield build
    for stage in stages:
        stage.close()


@pytest.fixture
def stage(build: Callable[..., Stage]) -> Stage:
    """A stage as shipped."""
    return build()
