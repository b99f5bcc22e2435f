"""Whole mails: what is read from each file of tests/mails, and that nothing that is done to a mail makes reading fail."""

import inspect
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.authenticity import aligned
from maild.mail.identity import Own, tokens
from maild.mail.message import Message, Sort
from maild.mail.parse import parse
from maild.mail.reading import from_headers
from maild.mail.wire import pack, unpack

MAILS = Path(__file__).parents[1] / "mails"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((MAILS / "expected.toml").read_text("utf-8"))
RAW = {path.stem: path.read_bytes() for path in sorted(MAILS.glob("*.eml"))}
STAFF = Path(__file__).parents[1] / "quoting"
ANSWERS: dict[str, dict[str, str]] = tomllib.loads((STAFF / "expected.toml").read_text("utf-8"))

FROM_MESSAGE = {
    "sort": lambda message, own: message.sort.value,
    "reason": lambda message, own: message.sort_reason,
    "because": lambda message, own: message.unanswerable_because,
    "sender": lambda message, own: message.sender.address if message.sender else "",
    "sender_name": lambda message, own: message.sender.name,
    "strict_none": lambda message, own: message.strict_sender is None,
    "attachments": lambda message, own: [attachment.name for attachment in message.attachments],
    "failed": lambda message, own: [f"{one.address} {one.action} {one.status}" for one in message.bounce.recipients],
    "tokens": lambda message, own: list(tokens(message, mailbox=own.mailbox)),
    "proof": lambda message, own: aligned(message, authserv_id=own.authserv_id) or "",
    "defects": lambda message, own: list(message.defects),
}
"""How an expectation is compared that is not the value of a field of the same name."""


def read(name: str, own: Own) -> Message:
    return parse(RAW[name], own=own)


def test_every_mail_has_its_reason_and_its_expectation() -> None:
    """A mail without a line in README.md or without an expectation, or the reverse, is a mistake in the fixtures."""
    reasons = [line.split("|")[1].strip() for line in (MAILS / "README.md").read_text("utf-8").splitlines() if line.startswith("| 0")]
    assert sorted(RAW) == sorted(EXPECTED) == sorted(reasons)


@pytest.mark.parametrize("name", RAW)
def test_what_is_read(name: str, own: Own) -> None:
    """Every mail is read as expected.toml says."""
    message = read(name, own)
    told = {key: FROM_MESSAGE.get(key, lambda message, own, key=key: getattr(message, key))(message, own) for key in EXPECTED[name]}
    assert told == EXPECTED[name]


@pytest.mark.parametrize("name", RAW)
def test_the_pipe_changes_nothing(name: str, own: Own) -> None:
    """What the child packs is what the daemon unpacks."""
    message = read(name, own)
    assert unpack(pack(message)) == message


@pytest.mark.parametrize("name", RAW)
def test_headers_alone_give_a_message_too(name: str, own: Own) -> None:
    """A mail on which the child keeps dying still has a sender, a Subject and a sort, and is never answered where the whole mail is not."""
    whole, bare = read(name, own), from_headers(RAW[name], own=own)
    assert (bare.subject, bare.strict_sender, bare.message_id) == (whole.subject, whole.strict_sender, whole.message_id)
    assert bare.text == ""
    assert whole.answerable or not bare.answerable or whole.sort in (Sort.BOUNCE, Sort.AUTOMATIC)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_staff(name: str) -> None:
    """However a mail program quotes our notice, in text or in HTML, the commands read are those typed above it."""
    own = Own(mailbox="info@pymalta.example", separator="=== please write above this line ===")
    message = parse((STAFF / f"{name}.eml").read_bytes(), own=own)
    assert message.command_text == ANSWERS[name]["command"]
    assert not message.commands_differ
    assert message.answerable


def test_a_mail_without_message_id_gets_one_from_its_content(own: Own) -> None:
    """Two different mails without a Message-ID have different ones of ours, the same mail has the same."""
    one, other = b"From: a@b.example\r\n\r\nOne.\r\n", b"From: a@b.example\r\n\r\nOther.\r\n"
    assert parse(one, own=own).message_id == parse(one, own=own).message_id != parse(other, own=own).message_id
    assert parse(one, own=own).message_id.endswith("@maild.invalid")


def test_a_body_that_cannot_be_read_costs_the_body_only(own: Own) -> None:
    """Where reading the body raises, here for want of stack, the mail is read from its headers and a defect says so."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(45))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 60)
    try:
        message = parse(b"From: a@b.example\r\nSubject: Deep\r\n" + nested + b"\r\nWords.\r\n", own=own)
    finally:
        sys.setrecursionlimit(limit)
    assert (message.subject, message.text, message.answerable) == ("Deep", "", True)
    assert message.defects == ("the body cannot be read (RecursionError)",)


ODDITIES = [
    b"\r",
    b"\n",
    b"\0",
    b'"',
    b"<",
    b">",
    b"=?",
    b"?=",
    b";",
    b"--",
    b"\r\n\r\n",
    b"multipart/",
    b"boundary=",
    b"\xff",
    b"(",
    b"\x1b$B",
]


@given(
    name=st.sampled_from(sorted(RAW)),
    end=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(ODDITIES) | st.binary(max_size=3), st.integers(0, 40)), max_size=12),
)
def test_no_damage_makes_reading_fail(name: str, end: float, changes: list[tuple[float, bytes, int]]) -> None:
    """Cut off anywhere and damaged everywhere, a mail is read without an exception, and all its text can be stored."""
    raw = RAW[name][: int(len(RAW[name]) * end)]
    for place, new, gone in changes:
        at = int(len(raw) * place)
        raw = raw[:at] + new + raw[at + gone :]
    message = parse(raw, own=Own(mailbox="info@pymalta.example", authserv_id="mail.pymalta.example", loop_key=b"key"))
    assert unpack(pack(message)) == message
    assert not any("cannot be read" in defect for defect in message.defects)
    assert from_headers(raw, own=Own(mailbox="info@pymalta.example")).message_id == message.message_id
    for text in (message.subject, message.text, message.new_text, message.date, *(one.name for one in message.attachments)):
        text.encode("utf-8")
        assert "\0" not in text


@given(raw=st.binary(max_size=300))
def test_no_bytes_make_reading_fail(raw: bytes) -> None:
    """Bytes that are no mail at all are read as one that says little."""
    assert unpack(pack(parse(raw, own=Own(mailbox="info@pymalta.example")))).sort in set(Sort)


@pytest.mark.parametrize("spaced", [b"Return-Path", b"From", b"Message-ID"])
def test_a_blank_before_a_colon_hides_no_header(spaced: bytes) -> None:
    """RFC 5322 section 4.5 allows it in old mails: whoever wrote, and on which thread, is read all the same, and none of it as text."""
    head = b"Return-Path: <lee@home.example>\nFrom: Lee <lee@home.example>\nMessage-ID: <one@home.example>\nSubject: Hello\n"
    raw = head.replace(spaced + b":", spaced + b" \t:") + b"\nIt is me.\n"
    message = parse(raw, own=Own(mailbox="info@pymalta.example", authserv_id="", loop_key=b"key"))
    assert message.sender
    assert message.sender.address == "lee@home.example"
    assert (message.message_id, message.subject, message.text) == ("one@home.example", "Hello", "It is me.")
