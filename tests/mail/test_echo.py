"""Mails to ourselves: how they are made, known again and read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maild.mail.authenticity import Form, witness, writes_below, written_by
from maild.mail.compose import Sender
from maild.mail.echo import Echo, Fate, Proof, echo_of, probe, returns, witnessed
from maild.mail.fields import fields_of
from maild.mail.identity import TEST, Own, is_test_id, loop_mark
from maild.mail.message import Sort
from maild.mail.parse import parse

KEY = b"the loop key of the tests"
MAILBOX = "info@pymalta.example"
SENDER = Sender(name="PyMalta", mailbox=MAILBOX, plus_addressing=False, loop_key=KEY)
TOKEN = "mfrggzdfmztwq2lknnwg23tpob"
OWN = Proof(authserv_id="mail.pymalta.example", form=Form.RFC8601)
EXCHANGE = Proof(authserv_id="outlook.com", form=Form.EXCHANGE)
HOP = "Received: from pymalta.example (localhost [127.0.0.1]) by mail.pymalta.example; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
ENTRY = "Received: from out.example (out.example [203.0.113.7]) by mail.pymalta.example; Mon, 23 Nov 2026 09:00:00 +0000\r\n"


def sent(forged=None):
    moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    return probe(TOKEN, sender=SENDER, recipient=MAILBOX, envelope_sender=MAILBOX, date=moment, forged=forged)


def way(one, *above, changes=()):
    raw = "".join(above) + one.parcel.raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return raw.encode()


ECHOES = [
    ("as it left", (), {}),
    ("another Message-ID", (("Message-ID: <check", "Message-ID: <x"),), {"message_id_kept": False}),
    ("Message-ID gone", (("Message-ID:", "X-Old-Id:"),), {"message_id_kept": False}),
    ("mark gone, found by the Subject", (("X-Maild-Loop:", "X-Old:"),), {"mark_kept": False}),
    ("Subject changed, found by the mark", (("Subject: maild check", "Subject: [EXTERNAL] check"),), {}),
    ("another From", ((f"From: {MAILBOX}", "From: else@pymalta.example"),), {"sender_kept": False}),
    ("From with angle brackets", ((f"From: {MAILBOX}", f"From: <{MAILBOX}>"),), {}),
    ("From with a name", ((f"From: {MAILBOX}", f'From: "PyMalta" <{MAILBOX}>'),), {}),
    ("From that is nothing", ((f"From: {MAILBOX}", "From: (nobody"),), {"sender_kept": False}),
    ("a second From", ((f"From: {MAILBOX}", f"From: {MAILBOX}\r\nFrom: x@y.example"),), {"sender_kept": False}),
]


@pytest.mark.parametrize(("changes", "wanted"), [row[1:] for row in ECHOES], ids=[row[0] for row in ECHOES])
def test_what_became_of_it(changes, wanted):
    """Each change on the way is told."""
    whole = Echo(message_id_kept=True, mark_kept=True, sender_kept=True, proof=None, forged=Fate.STRIPPED)
    assert echo_of(way(sent(), HOP, changes=changes), sent()) == replace(whole, **wanted)


def test_another_mail_is_not_it():
    """Neither a mail of somebody else nor another one of ours."""
    other = probe("a" * 26, sender=SENDER, recipient=MAILBOX, envelope_sender=MAILBOX, date=datetime(2026, 11, 23, tzinfo=UTC))
    for raw in (b"", b"From: kim@out.example\r\nSubject: hello\r\n\r\nHello\r\n", other.parcel.raw):
        assert echo_of(raw, sent()) is None
        assert not returns(raw, sent())


RESULTS = "Authentication-Results: "
PROOFS = [
    ("one header", (f"{RESULTS}mail.pymalta.example; dmarc=pass header.from=x\r\n", HOP), OWN),
    ("the topmost counts", (f"{RESULTS}mail.pymalta.example; none\r\n", HOP, f"{RESULTS}else.example; none\r\n"), OWN),
    ("one that nobody can read is passed over", (f"{RESULTS}(\r\n", f"{RESULTS}MAIL.pymalta.example; none\r\n", HOP), OWN),
    (
        "Exchange writes none, and its hosts have two names",
        (f"{RESULTS}dkim=none; dmarc=none\r\n", HOP.replace("mail.pymalta.example", "a.eurprd01.prod.exchangelabs.com")),
        EXCHANGE,
    ),
    ("none", (HOP,), None),
]


@pytest.mark.parametrize(("above", "wanted"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_who_signs(above, wanted):
    """The name comes from the header that stands on top."""
    found = echo_of(way(sent(), *above), sent())
    assert found
    assert found.proof == wanted


FATES = [
    ("below our own line", OWN, (HOP,), (), Fate.BELOW),
    ("below the line by which it came in", OWN, (ENTRY,), (), Fate.BELOW),
    ("on top of everything", OWN, (), (), Fate.BELIEVED),
    ("on top of our own line", OWN, (f"{RESULTS}mail.pymalta.example; dmarc=pass policy.maild={TOKEN}\r\n", ENTRY), (), Fate.BELIEVED),
    ("Exchange's form, on top", EXCHANGE, (), (), Fate.BELIEVED),
    ("Exchange's form, below", EXCHANGE, (ENTRY,), (), Fate.BELOW),
    ("renamed", OWN, (HOP,), ((RESULTS, f"X-Old-{RESULTS}"),), Fate.STRIPPED),
]


@pytest.mark.parametrize(("forged", "above", "changes", "fate"), [row[1:] for row in FATES], ids=[row[0] for row in FATES])
def test_what_became_of_a_forged_proof(forged, above, changes, fate):
    """maild's own reading decides what would be believed."""
    one = sent(forged)
    found = echo_of(way(one, *above, changes=changes), one)
    assert found
    assert found.forged is fate


def test_a_forged_proof_is_not_taken_for_the_servers():
    """Our own forgery names nobody."""
    one = sent(OWN)
    found = echo_of(way(one, HOP), one)
    assert found
    assert found.proof is None


def report(about, *, mime=True):
    kind = 'multipart/report; report-type=delivery-status; boundary="b"' if mime else "text/plain"
    returned = about.parcel.raw.decode().partition("\r\n\r\n")[0]
    text = "I could not deliver it: failed permanently, unknown user.\r\n"
    parts = f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    parts += f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {MAILBOX}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    parts += f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--b--\r\n"
    body = parts if mime else f"{text}\r\n--- Below this line is a copy of the message.\r\n\r\n{returned}\r\n"
    subject = f"Undeliverable: maild check {TOKEN}"
    return f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx\r\nSubject: {subject}\r\nContent-Type: {kind}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("mime", [True, False], ids=["RFC 3464", "prose"])
def test_a_delivery_report_about_it(mime):
    """It is told from the mail itself, and a daemon takes it for a loop: it opens no case."""
    raw = report(sent(), mime=mime)
    assert returns(raw, sent())
    assert echo_of(raw, sent()) is None
    message = parse(raw, own=Own(mailbox=MAILBOX, loop_key=KEY))
    assert (message.sort, message.sort_reason) == (Sort.LOOP, "a delivery report about a test mail of ours")


def test_the_mail_itself_is_a_loop():
    """No daemon takes it for a report."""
    assert parse(sent().parcel.raw, own=Own(mailbox=MAILBOX, loop_key=KEY)).sort is Sort.LOOP


IDS = [
    ("ours", f"{loop_mark(KEY, TEST + TOKEN)}@pymalta.example", True),
    ("in other letters", f"{loop_mark(KEY, TEST + TOKEN).upper()}@PYMALTA.EXAMPLE", True),
    ("of another key", f"{loop_mark(b'other', TEST + TOKEN)}@pymalta.example", False),
    ("a letter's mark, which is no test", f"{loop_mark(KEY, TOKEN)}@pymalta.example", False),
    ("made up", f"{TEST}{TOKEN}.0123456789abcdef0123456789abcdef@pymalta.example", False),
    ("nothing", "", False),
]


@pytest.mark.parametrize(("message_id", "wanted"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_a_message_id_proves_itself(message_id, wanted):
    """Nobody else can write one, so no bounce of a real letter is hidden by it."""
    assert is_test_id(KEY, message_id) is wanted


GOOGLE = "Received: by 2002:a05:6402:1 with SMTP id x\r\nReceived: from out.example (out.example [203.0.113.7]) by mx.google.com; now\r\n"
OUTLOOK = (
    f"{RESULTS}spf=pass smtp.mailfrom=out.example; dmarc=pass header.from=out.example\r\n"
    "Received: from out.example (203.0.113.7) by VE1EUR01FT004.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server; now\r\n"
)
WITNESSES = [
    ("above the line by which it came in", f"{RESULTS}mail.pymalta.example; dmarc=pass\r\n{ENTRY}", None, OWN),
    ("a forged one below it", f"{ENTRY}{RESULTS}mail.pymalta.example; dmarc=pass\r\n", None, None),
    ("no line at all", f"{RESULTS}mail.pymalta.example; dmarc=pass\r\n", None, None),
    (
        "Google, where that is known",
        f"{GOOGLE}{RESULTS}mx.google.com; dmarc=pass\r\n",
        Proof(authserv_id="mx.google.com", form=Form.RFC8601),
        Proof(authserv_id="mx.google.com", form=Form.RFC8601),
    ),
    ("Google, where it is not", f"{GOOGLE}{RESULTS}mx.google.com; dmarc=pass\r\n", None, None),
    ("Exchange Online", OUTLOOK, EXCHANGE, EXCHANGE),
    ("a letter of ours tells nothing", f"X-Maild-Loop: x\r\n{RESULTS}mail.pymalta.example; dmarc=pass\r\n{ENTRY}", None, None),
]


@pytest.mark.parametrize(("head", "known", "wanted"), [row[1:] for row in WITNESSES], ids=[row[0] for row in WITNESSES])
def test_who_vouches_for_mail_of_others(head, known, wanted):
    """Only what our own servers wrote counts: whoever sends a mail cannot choose whom we trust."""
    raw = f"{head}From: kim@out.example\r\nSubject: hello\r\n\r\nHello\r\n".encode()
    assert witnessed(raw, known=known) == wanted


VALUES = [
    ("mx.google.com; dkim=pass", "mx.google.com"),
    ("MX.Example.org 1; none", "mx.example.org"),
    ('"mx.example.org"; none', "mx.example.org"),
    ("(a comment) mx.example.org; none", "mx.example.org"),
    ("spf=pass (sender IP is 203.0.113.7) smtp.mailfrom=x; dkim=none", ""),
    ("", None),
    (";", None),
    ("two words; none", None),
    ("(never closed", None),
]


@pytest.mark.parametrize(("value", "server"), VALUES)
def test_who_wrote_a_header(value, server):
    """The authserv-id of RFC 8601, none in Microsoft's form, and nothing where it cannot be read."""
    assert written_by(value) == server


def test_a_header_that_cannot_be_read_is_no_witness():
    """The next one may be."""
    fields = fields_of(f"{RESULTS}(\n{RESULTS}mail.pymalta.example; none\n{ENTRY}\nFrom: x@y.example".replace("\r", "").encode())
    assert witness(fields) == "mail.pymalta.example"


def test_google_writes_below():
    """Its servers put the verdict below their own line."""
    assert writes_below("MX.Google.com")
    assert not writes_below("mail.pymalta.example")
