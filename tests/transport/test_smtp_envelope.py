"""What may be kept of a server's answer."""

import pytest

from maild.ports import Outcome
from maild.transport.smtp.envelope import LONGEST_TEXT, answer

RECIPIENT = "John.Doe+ticket@doe-family.test"


@pytest.mark.parametrize(
    ("why", "said", "kept"),
    [
        ("what names nobody stays", "5.1.1 User unknown", "5.1.1 User unknown"),
        ("the address goes, with its punctuation", "5.1.1 <John.Doe+ticket@doe-family.test>: no", "5.1.1 <address> no"),
        ("in any case", "JOHN.DOE+TICKET@DOE-FAMILY.TEST unknown", "<address> unknown"),
        ("without its detail", "john.doe@doe-family.test unknown", "<address> unknown"),
        ("so does any other address", "rejected by postmaster@mx.test", "rejected by <address>"),
        ("the name alone", "no mailbox for 'john.doe' here", "no mailbox for <address> here"),
        ("the domain alone, which may be a family's", "host mx.doe-family.test[192.0.2.1] said no", "host <address> said no"),
        ("as bounce addresses write it", "bounce+john.doe=doe-family.test refused", "<address> refused"),
        ("a part of a longer word is no name", "xjohn.doe is another one", "xjohn.doe is another one"),
        ("many lines become one", "first\nsecond\r\n third", "first second third"),
        ("control characters become blanks", "a\x00b\x1b[31mc\u202ed\x85e", "a b [31mc d e"),
        ("what was no text too", b"a\xffb".decode("utf-8", "surrogateescape"), "a b"),
        ("nothing stays nothing", "", ""),
        ("a control character does not hide a name", "john.doe\x00@doe-family.test", "<address> <address>"),
    ],
)
def test_text(why: str, said: str, kept: str) -> None:
    """The text of an answer is one line, tells why, and names nobody."""
    assert answer(550, said, recipient=RECIPIENT).text == kept, why


@pytest.mark.parametrize(
    ("why", "recipient", "said", "kept"),
    [
        ("a short name is hidden only where it stands alone", "ed@else.test", "rejected: ed unknown", "rejected: <address> unknown"),
        ("an address may be a name only", "postmaster", "no postmaster here", "no <address> here"),
        ("a detail may be all there is", "+x@else.test", "user +x unknown", "user <address> unknown"),
        ("a name may hold what means something to a pattern", "a.b|c(d@else.test", "axb a.b|c(d", "axb <address>"),
    ],
)
def test_names(why: str, recipient: str, said: str, kept: str) -> None:
    """Either half of the recipient's address is a name, whatever it looks like."""
    assert answer(450, said, recipient=recipient).text == kept, why


@pytest.mark.parametrize(
    ("code", "outcome"), [(250, Outcome.DELIVERED), (299, Outcome.DELIVERED), (421, Outcome.DEFERRED), (554, Outcome.FAILED)]
)
def test_first_digit(code: int, outcome: Outcome) -> None:
    """The first digit of a reply decides (RFC 5321 section 4.2.1)."""
    assert answer(code, "", recipient=RECIPIENT).outcome is outcome


@pytest.mark.parametrize("said", ["x" * 32_768, "john.doe " * 4_000, "a" * 32_768 + "@", "john." * 6_000, "@" * 32_768])
def test_long_text(said: str) -> None:
    """However much a server says, little of it stays, and at once."""
    assert len(answer(550, said, recipient=RECIPIENT).text) <= LONGEST_TEXT
