"""The real mailbox on Dovecot in other shapes than the contract's, and what the rig itself promises."""

import ssl
from pathlib import Path

import pytest

from maild.errors import LoginRefused
from maild.transport.imap import ImapMailbox, ImapSettings
from tests.servers.dovecot import PASSWORD, Account, Dovecot
from tests.servers.scripted_imap import RAW
from tests.servers.tls import Authority
from tests.transport.imap_rig import LIMIT


def dovecot_settings(dovecot: Dovecot, account: Account, **changes) -> ImapSettings:
    settings = {"host": "localhost", "port": dovecot.port, "username": account.user, "password": lambda: PASSWORD}
    return ImapSettings(**settings | {"operation_timeout": 10} | changes)


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_every_way_in_works(dovecot: Dovecot, account: Account, authority: Authority, tls: str) -> None:
    """TLS from the start, STARTTLS, and clear text on loopback."""
    uid = account.append(RAW)
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, port=port, tls=tls, ca_file=authority.ca_file))
    try:
        mailbox.select("INBOX")
        assert isinstance(mailbox._client.wire.sock, ssl.SSLSocket) == (tls != "none")
        assert [(each.source.uid, each.raw) for each in mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)] == [(uid, RAW)]
        assert not mailbox.wait(0.1)
    finally:
        mailbox.close()


def test_a_wrong_password_is_refused(dovecot: Dovecot, account: Account) -> None:
    """Dovecot's own refusal."""
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, tls="none", password=lambda: "wrong"))
    try:
        with pytest.raises(LoginRefused):
            mailbox.select("INBOX")
    finally:
        mailbox.close()


def test_a_dovecot_without_idle_is_polled(tmp_path: Path) -> None:
    """A server whose CAPABILITY lacks IDLE is asked again after the time that was given."""
    server = Dovecot(extra="imap_capability = IMAP4rev1 UIDPLUS LITERAL+")
    try:
        account = server.start().account()
        mailbox = ImapMailbox(dovecot_settings(server, account, tls="none"))
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == []
        uid = account.append(RAW)
        assert mailbox.wait(0.1)
        assert list(mailbox.uids_above(0)) == [uid]
        mailbox.close()
    finally:
        server.remove()


def test_mail_by_lmtp_keeps_the_detail_of_its_address(dovecot: Dovecot, account: Account) -> None:
    """The rig itself: a plus-address is delivered to its owner and stands in Delivered-To."""
    account.deliver(RAW, detail="b.token")
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, tls="none"))
    mailbox.select("INBOX")
    (fetched,) = mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)
    mailbox.close()
    name, _, domain = account.user.partition("@")
    assert f"Delivered-To: {name}+b.token@{domain}\r\n".encode() in fetched.raw
    assert fetched.raw.endswith(RAW)


def test_only_listed_people_may_log_in() -> None:
    """The rig itself: with `users` Dovecot knows these and nobody else."""
    server = Dovecot(users={"ana@pymalta.test": "hers"})
    try:
        server.start()
        for password, error in (("hers", None), (PASSWORD, LoginRefused)):
            account = Account(server=server, user="ana@pymalta.test", password=password)
            mailbox = ImapMailbox(dovecot_settings(server, account, tls="none", password=lambda password=password: password))
            if error is None:
                assert mailbox.select("INBOX").exists == 0
            else:
                with pytest.raises(error):
                    mailbox.select("INBOX")
            mailbox.close()
    finally:
        server.remove()
