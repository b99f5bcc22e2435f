"""What a mail host can do, and flags on single mails: what real servers do not do on demand."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from maild.errors import MailboxAway
from maild.transport.imap import ImapSettings
from maild.transport.survey import ImapSurvey, Listed
from tests.servers.scripted_imap import ScriptedImap, breaks_off, says

OPENED = says(b"1 EXISTS", b"OK [UIDVALIDITY 7] valid", b"OK [UIDNEXT 2] next", b"OK [PERMANENTFLAGS (\\Seen $MDNSent)] these")
FLAGS = says(b'1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE " 3-Feb-2026 04:05:06 +0545")')


@contextmanager
def survey(server: ScriptedImap, *, read_only: bool = False) -> Iterator[ImapSurvey]:
    settings = ImapSettings(
        host="127.0.0.1", port=server.port, tls="none", username="info", password=lambda: "open", read_only=read_only, operation_timeout=5
    )
    mailbox = ImapSurvey(settings)
    try:
        yield mailbox
    finally:
        mailbox.close()


def test_abilities_in_upper_case() -> None:
    """As the server says them, whatever letters it likes."""
    with ScriptedImap(capabilities=b"IMAP4rev1 idle Move") as server, survey(server) as mailbox:
        assert mailbox.capabilities() >= {"IMAP4REV1", "IDLE", "MOVE"}


def test_a_keyword_is_refused() -> None:
    """Exchange Online says BAD: the mail is as it was, and the connection goes on."""
    turns = {"SELECT": OPENED, "STORE": says(status=b"BAD Command Argument Error. 11"), "FETCH": FLAGS}
    with ScriptedImap(turns=turns) as server, survey(server) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.mark(1, "$MaildDone") == {"\\Seen"}
        assert mailbox.permanent_flags == {"\\seen", "$mdnsent"}
    assert server.connections == 1


def test_a_mail_that_has_gone() -> None:
    """Somebody moved it away: nothing is known of what it would have kept."""
    with ScriptedImap(turns={"SELECT": OPENED, "STORE": says(), "FETCH": says()}) as server, survey(server) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.mark(1, "$MaildDone") is None


def test_a_server_that_dies_of_a_flag() -> None:
    """That is no refusal."""
    with ScriptedImap(turns={"SELECT": OPENED, "STORE": breaks_off()}) as server, survey(server) as mailbox:
        mailbox.select("INBOX")
        with pytest.raises(MailboxAway):
            mailbox.mark(1, "\\Seen")


def test_a_server_that_tells_nothing_of_flags() -> None:
    """Nothing is known then."""
    with ScriptedImap() as server, survey(server, read_only=True) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.permanent_flags is None


def test_folders_that_can_be_opened() -> None:
    """With their uses in lower case; a mere node of the tree is none."""
    listing = says(b'LIST (\\HasChildren \\Noselect) "/" "[Gmail]"', b'LIST (\\HasNoChildren \\Junk) "/" "[Gmail]/Spam"')
    with ScriptedImap(turns={"LIST": listing}) as server, survey(server) as mailbox:
        assert mailbox.folders() == [Listed(name="[Gmail]/Spam", uses=frozenset({"\\hasnochildren", "\\junk"}))]
