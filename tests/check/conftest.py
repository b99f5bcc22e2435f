"""A mail host for each test: Dovecot and Postfix in the shape that it asks for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.check.rig import Rig
from tests.servers.dovecot import DOMAIN, Account, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.tls import Authority, Certificate

AUTHSERV = "mx.pymalta.test"


@pytest.fixture
def run_dovecot(certificate: Certificate) -> Iterator[Callable[..., Dovecot]]:
    """Start a Dovecot of one's own, with configuration text of one's own."""
    with ExitStack() as running:

        def run(extra: str) -> Dovecot:
            server = Dovecot(certificate=certificate, extra=extra)
            running.callback(server.remove)
            return server.start()

        yield run


@pytest.fixture
def build(
    tmp_path: Path, dovecot: Dovecot, authority: Authority, certificate: Certificate, run_postfix: Callable[..., Postfix]
) -> Callable[..., Rig]:
    """Builds an installation whose mail goes round by a Postfix of this shape; `main` adds to its main.cf."""

    def build(
        *, server: Dovecot = dovecot, main: dict[str, str] | None = None, written: dict[str, str] | None = None, **options: Any
    ) -> Rig:
        postfix = run_postfix(
            lmtp_port=server.lmtp_port,
            domains=[DOMAIN],
            certificate=certificate,
            main={"myhostname": AUTHSERV, **(main or {})},
            **options,
        )
        rig = Rig(directory=tmp_path, account=server.account(), ca_file=authority.ca_file, postfix=postfix, written=written or {})
        rig.install()
        return rig

    return build


@pytest.fixture
def alone(tmp_path: Path, account: Account, authority: Authority) -> Rig:
    """An installation without an SMTP server."""
    return Rig(directory=tmp_path, account=account, ca_file=authority.ca_file)
