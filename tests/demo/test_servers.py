"""The demo's mail host, as mail programs see it: imapclient and smtplib talk to it over real sockets."""

import gc
import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from maild.demo.servers import FOLDERS, LOOPBACK, MailHost, stamped

NAME = "mail.pymalta.example"
KIM, INFO, SAM = "kim@home.example", "info@pymalta.example", "sam@home.example"
PASSWORD = "sesame"
NOW = datetime(2026, 11, 9, 8, 5, tzinfo=UTC)
MAIL = f"From: Kim <{KIM}>\r\nTo: {INFO}\r\nSubject: Hello\r\n\r\nGood morning.\r\n"
SECONDS = 10.0
"""More than anything here takes; a test that waits this long has failed."""


@pytest.fixture
def host() -> Iterator[MailHost]:
    made = MailHost(name=NAME, accounts=(KIM, INFO, SAM), password=PASSWORD, clock=lambda: NOW, full=(SAM,))
    with made.running():
        yield made


def program(host: MailHost, address: str) -> IMAPClient:
    """A mail program that has logged in."""
    client = IMAPClient(LOOPBACK, host.imap_port, ssl=False, timeout=SECONDS)
    client.login(address, PASSWORD)
    return client


def send(host: MailHost, *recipients: str, text: str = MAIL, login: str = KIM) -> None:
    with smtplib.SMTP(LOOPBACK, host.smtp_port, timeout=SECONDS) as wire:
        if login:
            wire.login(login, PASSWORD)
        wire.sendmail(KIM, recipients or (INFO,), text)


def bodies(client: IMAPClient) -> list[bytes]:
    client.select_folder("INBOX")
    return [answer[b"BODY[]"] for _, answer in sorted(client.fetch(client.search(), ["BODY.PEEK[]"]).items())]


@pytest.mark.parametrize("address", [KIM, INFO, SAM])
def test_everybody_can_log_in_by_imap(host, address):
    """One password opens each mailbox, and each has the folders that mail programs look for."""
    with program(host, address) as client:
        assert {name for _, _, name in client.list_folders()} == {"INBOX", *FOLDERS}


@pytest.mark.parametrize(("address", "password"), [(KIM, "guess"), (KIM, ""), ("eve@home.example", PASSWORD)])
def test_nobody_else_can(host, address, password):
    """A wrong password and an unknown name are refused by both servers."""
    with IMAPClient(LOOPBACK, host.imap_port, ssl=False, timeout=SECONDS) as client, pytest.raises(LoginError):
        client.login(address, password)
    with smtplib.SMTP(LOOPBACK, host.smtp_port, timeout=SECONDS) as wire, pytest.raises(smtplib.SMTPAuthenticationError):
        wire.login(address, password)


def test_an_unknown_way_to_log_in_is_refused(host):
    """Only names with passwords are known."""
    assert not host._authenticate(None, None, None, "CRAM-MD5", b"challenge").success


def test_a_mail_lies_in_the_inbox_of_its_recipient(host):
    """It is there when the SMTP server accepts it, unread, dated by the story's clock, and nobody else has it."""
    send(host, INFO)
    with program(host, INFO) as client:
        client.select_folder("INBOX", readonly=True)
        [answer] = client.fetch(client.search(), ["INTERNALDATE", "FLAGS"]).values()
        assert answer[b"INTERNALDATE"].astimezone(UTC) == NOW
        assert b"\\Seen" not in answer[b"FLAGS"]
        [raw] = bodies(client)
        assert raw.endswith(MAIL.encode())
    with program(host, KIM) as client:
        assert bodies(client) == []


def test_each_recipient_gets_a_copy(host):
    """One mail to two people is in both mailboxes."""
    send(host, INFO, KIM)
    for address in (INFO, KIM):
        with program(host, address) as client:
            assert len(bodies(client)) == 1


@pytest.mark.parametrize(("recipient", "code"), [("eve@elsewhere.example", 550), ("info@pymalta.org", 550), (SAM, 452)])
def test_nothing_goes_anywhere_else(host, recipient, code):
    """A stranger's address is refused for good, a full mailbox for now."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(host, recipient)
    assert refused.value.recipients[recipient][0] == code


def test_addresses_have_no_capitals(host):
    """Who writes INFO@PyMalta.example means the same mailbox."""
    send(host, "INFO@PyMalta.example")
    with program(host, INFO) as client:
        assert len(bodies(client)) == 1


def test_idle_tells_of_a_mail(host):
    """A mail program that waits hears of each mail as it comes."""
    with program(host, INFO) as client:
        client.select_folder("INBOX")
        client.idle()
        for count in (1, 2, 3):
            gc.collect()  # Python 3.13 then takes away a connection that nobody holds, and pymap holds none
            send(host, INFO)
            heard = []
            while (count, b"EXISTS") not in heard:
                fresh = client.idle_check(timeout=SECONDS)
                assert fresh, f"IDLE did not tell of mail {count}"
                heard += fresh
        client.idle_done()


def test_a_mail_program_can_keep_what_it_sent(host):
    """APPEND to Sent, and to a folder it makes itself."""
    with program(host, KIM) as client:
        client.create_folder("Archive")
        for folder in ("Sent", "Archive"):
            client.append(folder, MAIL)
            assert client.select_folder(folder)[b"EXISTS"] == 1


PROVEN = f"Authentication-Results: {NAME}; dmarc=pass header.from=home.example"
UNPROVEN = f"Authentication-Results: {NAME}; dmarc=fail header.from=home.example"


NO_AUTHOR = MAIL.replace("From", "X-From")
NOBODY = UNPROVEN.replace("home.example", "nobody.invalid")
FOLDED = f"AUTHENTICATION-results: {NAME};\r\n dmarc=pass\r\n\theader.from=home.example\r\n"


@pytest.mark.parametrize(
    ("login", "came_with", "mail", "verdict"),
    [
        pytest.param(KIM, "", MAIL, PROVEN, id="who logged in is who writes"),
        pytest.param(INFO, "", MAIL, UNPROVEN, id="somebody else logged in"),
        pytest.param(None, "", MAIL, UNPROVEN, id="nobody logged in, as on the way from outside"),
        pytest.param(KIM, "", NO_AUTHOR, NOBODY, id="no From at all"),
        pytest.param(KIM, f"{PROVEN}\r\n", MAIL, PROVEN, id="a verdict came with it"),
        pytest.param(None, f"{PROVEN}\r\n", MAIL, UNPROVEN, id="a forged verdict"),
        pytest.param(None, FOLDED, MAIL, UNPROVEN, id="a forged verdict over several lines"),
        pytest.param(None, FOLDED * 2, MAIL, UNPROVEN, id="two of them"),
    ],
)
def test_the_host_says_who_a_mail_is_from(login, came_with, mail, verdict):
    """Its own verdict is on top and the only one; nothing else is changed."""
    raw = stamped(f"{came_with}{mail}".encode(), host=NAME, sender=KIM, login=login)
    came_in = f"Received: from phone.access.example (phone.access.example [203.0.113.7]) by {NAME} with ESMTPSA"
    assert raw.decode() == f"Return-Path: <{KIM}>\r\n{verdict}\r\n{came_in}\r\n{mail}"


def test_words_in_the_body_stay():
    """A line in the text that looks like a verdict is text."""
    text = f"{MAIL}{PROVEN}\r\n"
    assert stamped(text.encode(), host=NAME, sender=KIM, login=KIM).decode().endswith(text)


@pytest.mark.parametrize(("login", "verdict"), [(KIM, PROVEN), (INFO, UNPROVEN), ("", UNPROVEN)])
def test_the_verdict_is_about_the_connection(host, login, verdict):
    """What stands in the mailbox depends on who logged in over SMTP."""
    send(host, INFO, login=login)
    with program(host, INFO) as client:
        assert verdict.encode() in bodies(client)[0]


def test_deliveries_are_told_in_order(host):
    """`after` gives what came since, and nothing where nothing came in time."""
    assert host.after(0, seconds=0) == []
    send(host, INFO)
    send(host, KIM, INFO)
    assert [mail.recipient for mail in host.after(0, seconds=0)] == [INFO, KIM, INFO]
    assert [mail.recipient for mail in host.after(2, seconds=0)] == [INFO]
    moments = [mail.moment for mail in host.after(0, seconds=0)]
    assert moments == sorted(moments)


def test_a_delivery_wakes_who_waits(host):
    """`after` returns as soon as a mail is there."""
    seen = []
    waiting = threading.Thread(target=lambda: seen.extend(host.after(0, seconds=SECONDS)))
    waiting.start()
    send(host, INFO)
    waiting.join(SECONDS / 2)
    assert [mail.sender for mail in seen] == [KIM]


def test_the_end_breaks_off_connections():
    """Idle mail programs keep neither the thread nor the ports alive."""
    before = set(threading.enumerate())
    with MailHost(name=NAME, accounts=(KIM,), password=PASSWORD, clock=lambda: NOW).running() as host:
        client = program(host, KIM)
        client.select_folder("INBOX")
        client.idle()
        wire = smtplib.SMTP(LOOPBACK, host.smtp_port, timeout=SECONDS)
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(LOOPBACK, host.smtp_port, timeout=SECONDS)
    client.shutdown()
    wire.close()


def test_idle_tells_of_what_came_just_before(host):
    """A mail between the last command and IDLE is told at once (RFC 2177 lets no client lose one that way)."""
    with program(host, INFO) as client:
        client.select_folder("INBOX")
        client.noop()
        send(host, INFO)
        # Not by IMAPClient, which overlooks what comes in one piece with the server's consent to IDLE.
        wire = client.socket()
        wire.sendall(b"X IDLE\r\n")
        with wire.makefile("rb") as lines:
            assert any(line == b"* 1 EXISTS\r\n" for line in lines)
