"""Who we are, which folder, and which of them is for spam."""

import base64
import logging
import time
from collections.abc import Callable

import pytest

from maild.errors import LoginRefused, MailboxAway, MaildError, SecretUnreadable
from maild.transport.imap import ImapMailbox, ImapSettings
from tests.servers.scripted_imap import RAW, Peer, ScriptedImap, breaks_off, says
from tests.transport.imap_rig import (
    SECRET,
    SOON,
    bounded,
    opened,
    take_in,
)

REFUSED = {
    "with a code": (b"NO [AUTHENTICATIONFAILED] no", LoginRefused),
    "without a code": (b"NO login failed for info", LoginRefused),
    "as expired": (b"NO [EXPIRED] password", LoginRefused),
    "as nonsense": (b"BAD what", LoginRefused),
    "for now: the password server is down": (b"NO [UNAVAILABLE] later", MailboxAway),
    "for now: somebody has it": (b"NO [INUSE] locked", MailboxAway),
    "for now: too many": (b"NO [LIMIT] connections", MailboxAway),
    "for now: its own fault": (b"NO [SERVERBUG] oops", MailboxAway),
}


@pytest.mark.parametrize(("status", "error"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("verb", ["LOGIN", "AUTHENTICATE"])
def test_a_login_is_refused(status: bytes, error: type[MaildError], verb: str) -> None:
    """RFC 5530 tells whose fault it is; without a code it is the password's. The sentence names neither user nor password."""

    def authenticate(peer: Peer, line: bytes) -> None:
        peer.say(b"+ \r\n")
        peer.hear()
        says(status=status)(peer, line)

    turn = authenticate if verb == "AUTHENTICATE" else says(status=status)
    capabilities = b"IMAP4rev1 IDLE" + (b" AUTH=PLAIN" if verb == "AUTHENTICATE" else b"")
    with (
        ScriptedImap(turns={verb: turn}, capabilities=capabilities) as server,
        opened(server) as mailbox,
        bounded(),
        pytest.raises(error) as raised,
    ):
        mailbox.select("INBOX")
    assert str(server.port) in str(raised.value)
    assert "info" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_the_password_is_asked_for_at_every_login() -> None:
    """A secret that was changed is used at the next connection."""
    secrets = iter(("first", "second"))
    turns = {"EXAMINE": breaks_off()}
    with ScriptedImap(turns=turns) as server, opened(server, password=lambda: next(secrets)) as mailbox:
        with pytest.raises(MailboxAway):
            mailbox.select("INBOX")
        mailbox.select("INBOX")
    assert [line.split()[2:] for line in server.heard if b"LOGIN" in line] == [[b'"info"', b'"first"'], [b'"info"', b'"second"']]


def test_a_secret_that_cannot_be_read_is_said_as_such() -> None:
    """The house's own errors pass through; nothing was sent."""

    def unreadable() -> str:
        raise SecretUnreadable("The password file is missing.")

    with ScriptedImap() as server, opened(server, password=unreadable) as mailbox, pytest.raises(SecretUnreadable):
        mailbox.select("INBOX")


def answers_of(capabilities: bytes, **changes) -> list[bytes]:
    """What a client says to two challenges of AUTHENTICATE, decoded."""
    answers = []

    def turn(peer: Peer, line: bytes) -> None:
        answers.append(line.split()[2])
        for challenge in (b"+ \r\n", b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"):
            peer.say(challenge)
            answers.append(base64.b64decode(peer.hear()))
        says(status=b"NO no")(peer, line)

    with (
        ScriptedImap(turns={"AUTHENTICATE": turn}, capabilities=capabilities) as server,
        opened(server, **changes) as mailbox,
        pytest.raises(LoginRefused),
    ):
        mailbox.select("INBOX")
    return answers


def test_plain_carries_any_letter() -> None:
    """Where the server takes SASL PLAIN (RFC 4616), name and password go as UTF-8 and cannot break the line."""
    expected = [b"PLAIN", "\0żgħir\0sé\r\ncret".encode(), b""]
    assert answers_of(b"IMAP4rev1 AUTH=PLAIN", username="żgħir", password=lambda: "sé\r\ncret") == expected


def test_a_token_goes_by_xoauth2() -> None:
    """Google's and Microsoft's form; the explanation of a refusal is answered with nothing."""
    expected = [b"XOAUTH2", b"user=info\1auth=Bearer ya29\1\1", b""]
    assert answers_of(b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2", auth="xoauth2", password=lambda: "ya29") == expected


@pytest.mark.parametrize("secret", ["sé", "a\r\nb LOGOUT", "a\0b"])
def test_login_carries_printable_ascii_only(secret: str) -> None:
    """What LOGIN cannot carry is refused here: above all a line end, which would start a command of its own."""
    with ScriptedImap() as server, opened(server, password=lambda: secret) as mailbox, pytest.raises(LoginRefused):
        mailbox.select("INBOX")
    assert not any(b"LOGIN" in line or b"LOGOUT" in line for line in server.heard)


def test_a_name_is_quoted() -> None:
    """Spaces and quotes of a user name stay inside it."""
    with ScriptedImap() as server, opened(server, username='in "fo', password=lambda: 'a"\\b') as mailbox:
        mailbox.select("INBOX")
    assert any(line.endswith(b' LOGIN "in \\"fo" "a\\"\\\\b"\r\n') for line in server.heard)


LISTS = {
    "by its special use": ([b'LIST (\\HasNoChildren \\Junk) "/" Reklama', b'LIST () "/" Spam'], "Reklama"),
    "by its special use, however spelt": ([b'LIST (\\JUNK) "/" Reklama'], "Reklama"),
    "by its name": ([b'LIST () "/" INBOX', b'LIST () "/" Spam'], "Spam"),
    "by its name below INBOX": ([b'LIST () "." INBOX', b'LIST () "." INBOX.spam'], "INBOX.spam"),
    "by Gmail's name": ([b'LIST (\\Noselect) "/" [Gmail]', b'LIST () "/" [Gmail]/Spam'], "[Gmail]/Spam"),
    "by Exchange's name": ([b'LIST () "/" "Junk E-mail"'], "Junk E-mail"),
    "the nearest of several": ([b'LIST () "/" Old/2019/Junk', b'LIST () "/" Junk'], "Junk"),
    "in another alphabet": ([b'LIST (\\Junk) "/" "&BCEEPwQwBDw-"'], "Спам"),
    "without a delimiter": ([b"LIST () NIL Junk"], "Junk"),
    "not where it cannot be opened": ([b'LIST (\\Noselect \\Junk) "/" Junk', b'LIST (\\NonExistent) "/" Spam'], None),
    "not by half a name": ([b'LIST () "/" Junkyard', b'LIST () "/" "Not Spam"'], None),
    "not in an empty list": ([], None),
}


@pytest.mark.parametrize(("lines", "expected"), LISTS.values(), ids=LISTS)
def test_the_junk_folder_is_found(lines: list[bytes], expected: str | None) -> None:
    """RFC 6154 first, then the names that servers without it use."""
    with ScriptedImap(turns={"LIST": says(*lines)}) as server, opened(server) as mailbox:
        assert mailbox.junk() == expected


def test_the_junk_folder_may_be_named() -> None:
    """The operator's word goes, and nobody is asked."""
    with ScriptedImap() as server, opened(server, junk_folder="Quarantine") as mailbox:
        assert mailbox.junk() == "Quarantine"
        assert server.connections == 0


def test_a_folder_is_opened_for_reading_only_unless_told() -> None:
    """EXAMINE cannot change anything; SELECT is for whoever flags or moves."""
    turns = {"SELECT": says(b"1 EXISTS", b"OK [UIDVALIDITY 7] valid")}
    for read_only, verb in ((True, b"EXAMINE"), (False, b"SELECT")):
        with ScriptedImap(turns=turns) as server, opened(server, read_only=read_only) as mailbox:
            assert mailbox.select("INBOX").uidnext == (2 if read_only else 0)
        assert any(line.split()[1] == verb for line in server.heard)


def test_the_name_of_a_folder_starts_no_command() -> None:
    """A line end in it is a letter like any other."""
    with ScriptedImap() as server, opened(server) as mailbox:
        mailbox.select("INBOX\r\nZ9 LOGOUT")
        assert server.heard[-1].endswith(b' EXAMINE "INBOX&AA0ACg-Z9 LOGOUT"\r\n')


def test_settings_do_not_show_who_logs_in() -> None:
    """Neither name nor secret stand in what a careless log line would print."""
    assert "info" not in repr(ImapSettings(host="h", port=1, tls="implicit", username="info", password=lambda: SECRET))


def test_a_lost_connection_is_no_missing_folder() -> None:
    """The sentence tells the one from the other."""
    with ScriptedImap(turns={"EXAMINE": breaks_off()}) as server, opened(server) as mailbox, pytest.raises(MailboxAway, match="broke off"):
        mailbox.select("INBOX")


@pytest.mark.parametrize("between", [lambda mailbox: None, ImapMailbox.junk], ids=["at once", "after a new connection"])
def test_a_folder_is_lost_with_its_connection(between: Callable[[ImapMailbox], object]) -> None:
    """UIDs of a folder that is not open any more are not asked for, not even on a new connection, until it is selected again."""
    with ScriptedImap(turns={"NOOP": breaks_off()}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        with pytest.raises(MailboxAway):
            mailbox.uids_above(0)
        between(mailbox)
        for _ in range(2):
            with pytest.raises(MailboxAway, match="no folder open"):
                mailbox.uids_above(0)
        assert not any(b"SEARCH" in line for line in server.heard)
        assert take_in(mailbox) == RAW


def test_the_library_logs_neither_mail_nor_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Even where somebody turns on every logger there is."""
    caplog.set_level(logging.DEBUG)
    with ScriptedImap() as server, opened(server, username="somebody") as mailbox:
        take_in(mailbox)
    assert not any(word in caplog.text for word in (SECRET, "somebody", "Hello", "ana@example.org"))


def test_leaving_is_said() -> None:
    """A server that is told goodbye frees the connection at once."""
    with ScriptedImap() as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.close()
        assert any(line.endswith(b" LOGOUT\r\n") for line in server.heard)


def test_nobody_waits_long_for_a_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops maild is not held up by a server that fell silent."""
    monkeypatch.setattr("maild.transport.imap.LOGOUT_LIMIT", 0.1)
    with ScriptedImap(turns={"LOGOUT": lambda peer, _: peer.hush()}) as server, opened(server, read_timeout=SOON) as mailbox:
        mailbox.select("INBOX")
        began = time.monotonic()
        mailbox.close()
        assert time.monotonic() - began < 0.3
