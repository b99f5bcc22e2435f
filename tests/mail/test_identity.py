"""What is ours in a mail: tokens, addresses, the mark against loops."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.identity import LOOP_HEADER, Own, bounce_address, is_loop_mark, loop_mark, message_id_for, plus_address, tokens
from maild.mail.message import Address, Bounce, Message
from maild.mail.parse import parse

TOKEN, OTHER, THIRD = "mfrggzdfmztwq2lknnwg23tpob", "a" * 26, "b" * 26
MAILBOX = "info@pymalta.example"

HEADERS = [
    (f"In-Reply-To: <{TOKEN}@pymalta.example>", (TOKEN,), "an answer"),
    (f"References: <x@y.example> <{TOKEN}@pymalta.example>", (TOKEN,), "a thread"),
    (f"References: <{TOKEN}@pymalta.example> <{OTHER}@pymalta.example>", (OTHER, TOKEN), "the latest letter first"),
    (f"To: info+{TOKEN}@pymalta.example", (TOKEN,), "the reply address"),
    (f"Cc: PyMalta <info+{TOKEN}@pymalta.example>", (TOKEN,), "in Cc"),
    (f"Delivered-To: info+b.{TOKEN}@pymalta.example", (TOKEN,), "the bounce address, as the server recorded it"),
    (f"X-Original-To: <INFO+{TOKEN.upper()}@PYMALTA.EXAMPLE>", (TOKEN,), "whatever became of its case"),
    (f"In-Reply-To: <{TOKEN}@PyMalta.Example>", (TOKEN,), "a domain has no case"),
    (f"In-Reply-To: <{TOKEN}@pymalta.example>\r\nTo: info+{OTHER}@pymalta.example", (OTHER, TOKEN), "addresses before threads"),
    (f"In-Reply-To: {TOKEN}@pymalta.example", (TOKEN,), "angle brackets lost on the way"),
    (f"In-Reply-To: <{TOKEN}@evil.example>", (), "another domain"),
    (f"In-Reply-To: <{TOKEN[:-1]}@pymalta.example>", (), "cut off"),
    (f"In-Reply-To: <x{TOKEN}@pymalta.example>", (), "longer"),
    (f"To: info+{TOKEN}@evil.example", (), "the reply address of another domain"),
    (f"To: other+{TOKEN}@pymalta.example", (), "of another mailbox"),
    (f"To: info+c.{TOKEN}@pymalta.example", (), "neither kind of address"),
    (f"Subject: [{TOKEN}]", (), "a Subject carries no token"),
    (f"Message-ID: <{TOKEN}@pymalta.example>", (), "a mail does not answer itself"),
]


def read(headers: str) -> Message:
    return parse(f"From: a@b.example\r\n{headers}\r\n\r\nWords.\r\n".encode(), own=Own(mailbox=MAILBOX))


@pytest.mark.parametrize(("headers", "found", "why"), HEADERS, ids=[why for *_, why in HEADERS])
def test_tokens_of_a_mail(headers: str, found: tuple[str, ...], why: str) -> None:
    """A token is found where a letter of ours puts it, and nowhere else."""
    assert tokens(read(headers), mailbox=MAILBOX) == found, why


def test_tokens_of_a_returned_letter() -> None:
    """A delivery report names the letter it returns."""
    bounced = replace(read("Subject: x"), bounce=Bounce(recipients=(), original_ids=(f"{THIRD}@pymalta.example", "x@y.example")))
    assert tokens(bounced, mailbox=MAILBOX) == (THIRD,)


def test_tokens_are_bounded() -> None:
    """A mail that names a thousand letters costs fifty look-ups."""
    message = replace(read("Subject: x"), to=tuple(Address(name="", address=f"info+{n:026d}@pymalta.example") for n in range(1000)))
    assert tokens(message, mailbox=MAILBOX) == ()
    known = [f"{'abcdefgh'[n // 32 % 8]}{'abcdefghijklmnopqrstuvwxyz234567'[n % 32]}{'a' * 24}" for n in range(200)]
    message = replace(message, references=tuple(f"{token}@pymalta.example" for token in known))
    assert len(tokens(message, mailbox=MAILBOX)) == 50


def test_what_we_write_is_what_we_find() -> None:
    """The addresses and the Message-ID of a letter lead back to its token."""
    assert message_id_for(TOKEN, domain="PyMalta.example") == f"{TOKEN}@pymalta.example"
    for address in (plus_address(MAILBOX, TOKEN), bounce_address(MAILBOX, TOKEN)):
        assert len(address.partition("@")[0]) <= 64
        assert tokens(read(f"To: {address}"), mailbox=MAILBOX) == (TOKEN,)


def test_a_loop_mark_needs_its_key() -> None:
    """Only the key that made a mark knows it; without a key there is none."""
    mark = loop_mark(b"key", TOKEN)
    assert is_loop_mark(b"key", f" {mark}\t")
    assert not is_loop_mark(b"other", mark)
    assert not is_loop_mark(b"", loop_mark(b"", TOKEN))
    assert LOOP_HEADER == "X-Maild-Loop"


@given(value=st.text(max_size=60))
def test_no_other_value_is_a_loop_mark(value: str) -> None:
    """Nothing that was not made with the key passes, and nothing raises."""
    assert not is_loop_mark(b"key", value)


@pytest.mark.parametrize("place", range(0, 59, 7))
def test_a_changed_loop_mark_is_none(place: int) -> None:
    """One changed character is enough."""
    mark = loop_mark(b"key", TOKEN)
    changed = "0" if mark[place] != "0" else "1"
    assert not is_loop_mark(b"key", mark[:place] + changed + mark[place + 1 :])
