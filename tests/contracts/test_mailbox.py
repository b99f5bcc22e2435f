"""The contract of a mailbox, kept by the real one on a real Dovecot and by the one in memory."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from maild.ports import Mailbox
from maild.transport.imap import ImapMailbox, ImapSettings
from tests.contracts.mailbox_contract import MailboxContract, Office
from tests.fakes_mailbox import RECEIVED_AT, MemoryMailbox
from tests.servers.dovecot import Account, Dovecot
from tests.servers.tls import Authority


class MemoryOffice:
    """The mailbox in memory is its own office."""

    def __init__(self) -> None:
        self.mailbox = memory = MemoryMailbox()
        self.mark_seen, self.flags, self.vanish = memory.mark_seen, memory.flags, memory.vanish
        self.raws = memory.raws
        self.make_folder, self.renumber, self.crash, self.recover = memory.make_folder, memory.renumber, memory.go_away, memory.come_back

    def deliver(self, raw: bytes, *, received_at: datetime | None = None, folder: str = "INBOX") -> int:
        return self.mailbox.deliver(raw, received_at=received_at or RECEIVED_AT, folder=folder)


class DovecotOffice:
    """A mailbox of Dovecot, with other people's mail programs."""

    def __init__(self, account: Account, *, mailbox: Mailbox) -> None:
        self._account = account
        self.mailbox = mailbox
        self.mark_seen, self.vanish, self.make_folder = account.mark_seen, account.expunge, account.make_folder
        self.renumber, self.crash, self.recover = account.reset_uidvalidity, account.server.kill, account.server.start

    def deliver(self, raw: bytes, *, received_at: datetime | None = None, folder: str = "INBOX") -> int:
        return self._account.append(raw, folder=folder, internaldate=received_at)

    def raws(self, folder: str) -> list[bytes]:
        return [raw for _, _, raw in self._account.messages(folder)]

    def flags(self, uid: int) -> frozenset[bytes]:
        return frozenset({uid: flags for uid, flags, _ in self._account.messages()}[uid]) - {b"\\Recent"}


class TestMemoryMailbox(MailboxContract):
    @pytest.fixture
    def office(self) -> Office:
        return MemoryOffice()


class TestImapMailbox(MailboxContract):
    @pytest.fixture
    def office(self, dovecot: Dovecot, account: Account, authority: Authority) -> Iterator[Office]:
        settings = ImapSettings(
            host=dovecot.host,
            port=dovecot.tls_port,
            tls="implicit",
            username=account.user,
            password=lambda: account.password,
            ca_file=authority.ca_file,
            operation_timeout=10,
            read_only=False,
        )
        mailbox = ImapMailbox(settings)
        yield DovecotOffice(account, mailbox=mailbox)
        mailbox.close()
