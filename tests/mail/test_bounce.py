"""Delivery reports: the standard form, the words of old and foreign mail systems, and what only looks like a report."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail import prose
from maild.mail.identity import Own, tokens
from maild.mail.message import Message, Sort
from maild.mail.parse import parse

OWN = Own(mailbox="info@pymalta.example")
TOKEN = "mfrggzdfmztwq2lknnwg23tpob"
HEAD = "Return-Path: <>\nFrom: MAILER-DAEMON@visitor.example\nTo: info@pymalta.example\nSubject: Undelivered mail\n"


def read(text: str, head: str = HEAD) -> Message:
    return parse(f"{head}\n{text}".encode(), own=OWN)


def told(message: Message) -> list[tuple[str, str, str, bool]]:
    assert message.bounce is not None
    return [(one.address, one.action, one.status, one.permanent) for one in message.bounce.recipients]


def status(*fields: str, blocks: str = "") -> Message:
    """A report with one block of per-recipient fields."""
    body = "\n".join(fields)
    return read(
        f"--b\n\nNotice.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{body}\n{blocks}\n--b--\n",
        HEAD + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    )


BLOCKS = [
    (["Final-Recipient: rfc822; lea@visitor.example", "Action: failed", "Status: 5.1.1"], ("lea@visitor.example", "failed", "5.1.1", True)),
    (
        ["Final-Recipient: RFC822;<lea@visitor.example>", "Action: Failed (gone)", "Status: 5.0.0 (x)"],
        ("lea@visitor.example", "failed", "5.0.0", True),
    ),
    (["Final-Recipient: lea@visitor.example", "Action: failed"], ("lea@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822;lea@visitor.example", "Status: 4.2.2"], ("lea@visitor.example", "failed", "4.2.2", True)),
    (
        ["Final-Recipient: rfc822;lea@visitor.example", "Action: delayed", "Status: 4.4.1"],
        ("lea@visitor.example", "delayed", "4.4.1", False),
    ),
    (["Final-Recipient: rfc822;lea@visitor.example", "Action: delivered"], ("lea@visitor.example", "delivered", "", False)),
    (["Original-Recipient: rfc822;lea@visitor.example", "Action: failed"], ("lea@visitor.example", "failed", "", True)),
    (
        ["Final-Recipient: rfc822;u77@inside", "Original-Recipient: rfc822;lea@visitor.example", "Action: failed"],
        ("lea@visitor.example", "failed", "", True),
    ),
    (["Final-Recipient: rfc822;o'hara@visitor.example"], ("o'hara@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822;lea+a=b/c@visitor.example"], ("lea+a=b/c@visitor.example", "failed", "", True)),
    (['Final-Recipient: rfc822;"lea borg"@visitor.example'], ('"lea borg"@visitor.example', "failed", "", True)),
    (["Final-Recipient: utf-8;léa@büro.example"], ("léa@büro.example", "failed", "", True)),
    (["Final-Recipient: rfc822;lea@[192.0.2.7]"], ("lea@[192.0.2.7]", "failed", "", True)),
    (["Final-Recipient: rfc822;SMTP:lea@visitor.example"], ("lea@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822; 'lea@visitor.example'"], ("lea@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822; Lea Borg <lea@visitor.example>"], ("lea@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822; lea@visitor.example (no such user)"], ("lea@visitor.example", "failed", "", True)),
    (["Final-Recipient: rfc822; lea@visitor.example, unknown"], ("lea@visitor.example", "failed", "", True)),
    (
        ["Final-Recipient: rfc822;IMCEAEX-_O=X_CN=LEA@x.example", "Original-Recipient: rfc822;lea@visitor.example", "Action: failed"],
        ("lea@visitor.example", "failed", "", True),
    ),
    (
        ["Final-Recipient: rfc822;u77@ex.corp.local", "Original-Recipient: rfc822;lea@visitor.example", "Action: failed"],
        ("lea@visitor.example", "failed", "", True),
    ),
    (['Final-Recipient: rfc822; "lea..borg"@visitor.example', "Action: failed"], ('"lea..borg"@visitor.example', "failed", "", True)),
]


@pytest.mark.parametrize(("fields", "expected"), BLOCKS)
def test_the_standard_form(fields: list[str], expected: tuple[str, str, str, bool]) -> None:
    """RFC 3464's fields, also where servers write them a little differently."""
    assert told(status(*fields)) == [expected]


def test_several_recipients() -> None:
    """One report may speak of several recipients, in a block each or in one."""
    one, other = "Final-Recipient: rfc822;a@x.example\nAction: failed", "Final-Recipient: rfc822;b@x.example\nAction: failed"
    for message in (status(one, blocks=f"\n{other}\n"), status(one, other)):
        assert [address for address, *_ in told(message)] == ["a@x.example", "b@x.example"]


def test_who_was_reached_did_not_fail() -> None:
    """Where one recipient failed and another was reached, only the first is named; whom all were reached, are."""
    reached = "Final-Recipient: rfc822;a@x.example\nAction: relayed"
    failed = "Final-Recipient: rfc822;b@x.example\nAction: failed"
    assert [address for address, *_ in told(status(reached, blocks=f"\n{failed}\n"))] == ["b@x.example"]
    assert [address for address, *_ in told(status(reached))] == ["a@x.example"]


def test_a_report_that_names_nobody_is_a_report() -> None:
    """The structure makes it one, not what it manages to say."""
    message = status("Action: failed")
    assert (message.sort, told(message)) == (Sort.BOUNCE, [])


LETTERS = [
    ("<lea@visitor.example>:\nSorry, no mailbox here by that name. (#5.1.1)", True, "qmail"),
    (
        (
            "If you do so, please include this report. You can\ndelete your own text from the message returned below.\n\n"
            "<lea@visitor.example>: Command died with status 17"
        ),
        True,
        "Postfix",
    ),
    ("The following address(es) failed:\n\n  lea@visitor.example\n    Unrouteable address", True, "Exim"),
    ("----- The following addresses had permanent fatal errors -----\n<lea@visitor.example>\n\n550 User unknown", True, "sendmail"),
    (">>> RCPT To:<lea@visitor.example>\n<<< 550 no such user", True, "an SMTP dialogue"),
    ("550 5.1.1 <lea@visitor.example>... User unknown", True, "its last line"),
    ("Your message could not be delivered to: <lea@visitor.example>\nAs their mailbox is full.", True, "a Japanese provider"),
    ("Recipient address: lea@visitor.example\nReason: Remote server has rejected address", True, "PMDF"),
    ("This is only a warning. Delivery to lea@visitor.example is delayed.", False, "a delay"),
    ("    Final-Recipient: x\nFinal-Recipient: rfc822; lea@visitor.example\nAction: failed", True, "the standard form as text"),
    ("Ihre Nachricht an lea@visitor.example wurde nicht zugestellt.", True, "German"),
    ("メッセージはエラーのため送信できませんでした。\nlea@visitor.example", True, "Japanese"),
    ("Votre message à lea@visitor.example est non remis. Contact: support@visitor.example", True, "French, with a service address"),
    ("Undeliverable: 'lea@visitor.example' on Monday", True, "single quotes around the address"),
    ("Undeliverable.\nlea@visitor.example [User unknown]\ninfo@pymalta.example wrote this.", True, "our own address is not the one"),
]


@pytest.mark.parametrize(("text", "permanent", "why"), LETTERS, ids=[why for *_, why in LETTERS])
def test_reports_in_words(text: str, permanent: bool, why: str) -> None:
    """What mail systems write for people names the recipient too."""
    message = read(text)
    assert message.sort is Sort.BOUNCE
    assert [(address, gone) for address, _, _, gone in told(message)] == [("lea@visitor.example", permanent)], why


def test_letters_of_addresses_in_words() -> None:
    """An apostrophe inside a name, and letters with accents on either side, are part of an address."""
    for address in ("o'hara@visitor.example", "léa@büro.example", "лея@почта.рф"):
        assert [found for found, *_ in told(read(f"<{address}>: unknown user"))] == [address]


def test_the_returned_letter_is_no_notice() -> None:
    """Addresses below the notice belong to the letter that came back."""
    message = read(
        f"lea@visitor.example: 550 unknown\n\nOriginal message follows.\n\nFrom: other@x.example\nMessage-ID: <{TOKEN}@pymalta.example>\n"
    )
    assert [address for address, *_ in told(message)] == ["lea@visitor.example"]
    assert tokens(message, mailbox=OWN.mailbox) == (TOKEN,)


def test_the_returned_letter_may_begin_without_a_word() -> None:
    """The headers of the returned letter end the notice where nothing announces them."""
    message = read(
        f"lea@visitor.example: 550 unknown\n\nReceived: from x by y\nMessage-ID: <{TOKEN}@pymalta.example>\nTo: other@x.example\n"
    )
    assert [address for address, *_ in told(message)] == ["lea@visitor.example"]
    assert tokens(message, mailbox=OWN.mailbox) == (TOKEN,)


RETURNED = {
    "whole": f"Content-Type: message/rfc822\n\nTo: lea@visitor.example\nMessage-ID: <{TOKEN}@pymalta.example>\n\nText.\n",
    "its headers": f"Content-Type: text/rfc822-headers\n\nTo: lea@visitor.example\nMessage-ID: <{TOKEN}@pymalta.example>\n",
}


@pytest.mark.parametrize("part", RETURNED.values(), ids=RETURNED)
def test_which_letter_came_back(part: str) -> None:
    """The Message-ID of the returned letter is found, and where nobody is named, whom it was for."""
    message = read(f"--b\n\nIt was undeliverable.\n--b\n{part}--b--\n", HEAD + "Content-Type: multipart/mixed; boundary=b\n")
    assert tokens(message, mailbox=OWN.mailbox) == (TOKEN,)
    assert [address for address, *_ in told(message)] == ["lea@visitor.example"]


PERSON = "Return-Path: <lea@visitor.example>\nFrom: Lea <lea@visitor.example>\nTo: info@pymalta.example\n"
PEOPLE = {
    "a person passes a report on": (
        PERSON + "Subject: Fwd: Undelivered Mail Returned to Sender\n",
        "I got this.\n\n> <help@x.example>: 550 unknown",
    ),
    "a person complains": (PERSON + "Subject: Delivery failure\n", "Your letter could not be delivered, my mailbox was full."),
    "a person attaches a report": (
        PERSON + "Subject: help\nContent-Type: multipart/mixed; boundary=b\n",
        (
            "--b\n\nWhat is this?\n--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON\nContent-Type: multipart/report; report-type=delivery-status;"
            " boundary=c\n\n--c\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;x@y.example\nAction: failed\n--c--\n--b--\n"
        ),
    ),
    "a mail program takes a report apart when it forwards": (
        PERSON + "Subject: Fwd: x\nContent-Type: multipart/mixed; boundary=b\n",
        (
            "--b\n\nWhat is this?\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;x@y.example\nAction: failed\n"
            "--b\nContent-Type: message/disposition-notification\n\nDisposition: displayed\n--b--\n"
        ),
    ),
    "a person quotes codes": (PERSON + "Subject: Re: x\n", "550 5.1.1 was the number of the room."),
}


@pytest.mark.parametrize(("head", "text"), PEOPLE.values(), ids=PEOPLE)
def test_a_person_is_no_mail_system(head: str, text: str) -> None:
    """Whoever only speaks of a failed delivery is answered like anybody else."""
    message = read(text, head)
    assert (message.sort, message.bounce, message.answerable) == (Sort.HUMAN, None, True)


def test_an_absent_person_is_no_mail_system() -> None:
    """An autoreply has a null sender too, and reports nothing."""
    message = read("I am away until Monday.", HEAD.replace("MAILER-DAEMON@", "lea@").replace("Undelivered mail", "Away"))
    assert (message.sort, message.bounce) == (Sort.AUTOMATIC, None)


def test_a_shop_that_returns_a_mail() -> None:
    """Some providers report from an address nobody reads; the mail they return gives them away."""
    head = "From: no-reply@provider.example\nTo: info@pymalta.example\nSubject: Mail\nContent-Type: multipart/mixed; boundary=b\n"
    text = "--b\n\nCould not be delivered to: <lea@visitor.example>\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n--b--\n"
    assert [address for address, *_ in told(read(text, head))] == ["lea@visitor.example"]
    assert (
        read("Could not be delivered to: <lea@visitor.example>", head.replace("multipart/mixed; boundary=b", "text/plain")).bounce is None
    )


def test_structure_without_the_name_of_a_report() -> None:
    """A status in any multipart is a report under a null sender, and no words are needed."""
    part = "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;lea@visitor.example\nAction: failed\n--b--\n"
    head = HEAD.replace("MAILER-DAEMON", "relay").replace("Undelivered mail", "Hello") + "Content-Type: multipart/mixed; boundary=b\n"
    assert told(read(part, head)) == [("lea@visitor.example", "failed", "", True)]


def test_what_flufl_knows() -> None:
    """Forms that only flufl.bounce knows are left to it: here a provider that names its users without their domain."""
    head = HEAD.replace("visitor.example", "aol.com")
    text = "Your mail to the following recipients could not be delivered because they are not accepting mail with attachments:\n\tleaborg\n"
    assert told(read(text, head)) == [("leaborg@aol.com", "failed", "", True)]


def test_what_flufl_trips_over() -> None:
    """Where flufl.bounce itself fails, here for a From without an address, the report is one without recipients."""
    message = read("It was undeliverable.", "Return-Path: <>\nTo: info@pymalta.example\nSubject: Undeliverable\n")
    assert (message.sort, told(message), message.defects) == (Sort.BOUNCE, [], ())


GROWING: dict[str, Callable[[int], str]] = {
    "at signs": lambda n: "a@" * n,
    "letters": lambda n: "a" * n,
    "angles": lambda n: ("<" * 399 + "\n") * (n // 400),
    "failed recipients": lambda n: ("here is your list of failed recipients" + "<" * 300 + "\n") * (n // 340),
    "spaces": lambda n: " " * n,
    "codes": lambda n: "550 5.1.1 " * (n // 10),
    "words": lambda n: "delivery a a a " * (n // 15),
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_hostile_reports_are_bounded(grow: Callable[[int], str]) -> None:
    """A megabyte that looks like a report costs seconds at most."""
    started = time.process_time()
    assert read(grow(1_000_000)).sort is Sort.BOUNCE
    assert time.process_time() - started < 5


@given(st.text(st.sampled_from("a@b.c <>:\n5\"'-=()[]\t;"), max_size=200))
def test_any_notice_can_be_read(text: str) -> None:
    """Whatever the words, reading them ends; every address found is in them."""
    notice, below = prose.split(text)
    assert f"{notice}\n{below}".strip("\n") == text.strip("\n")
    for recipient in prose.recipients(text, notice, own=frozenset()):
        assert recipient.address in text
