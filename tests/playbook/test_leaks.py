"""What must not leave the team by accident."""

import time

import pytest

from maild.playbook.leaks import blank, found
from tests.playbook.cases import SEPARATOR, policy, ticket

REPORT = "He called me names in front of everybody at the bar after the talk."
NOTE = "We think that he has done this before, at two other meetups."
KEPT = (REPORT, NOTE)

MAY_LEAVE = [
    ("Thank you for telling us. We are looking into it.", "plain words"),
    ("He called me names at the bar", "four words in a row are chance"),
    ("Come to my bar after the talk", "four words in a row are chance, the last ones of both too"),
    ("You do not have to do anything.", "the opposite of pressure"),
    ("We will write to you again within a week.", "what is really going to happen"),
    ("felix@outside.example will listen too.", "the contact outside stands in every acknowledgement"),
    ("info@club.example is our address.", "so does the mailbox"),
    ("The room is [upstairs], [sic] they said; [contact] us.", "brackets of one's own"),
    ("The state-of-the-art lamp hangs above the well-known front-door.", "hyphens of one's own"),
    ("Next week: we meet. What we determined: nothing yet.", "colons of one's own"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("text", "why"), MAY_LEAVE, ids=[why for _, why in MAY_LEAVE])
def test_ordinary_words_may_leave(text, why):
    """A letter in plain words is not held."""
    assert found(text, ticket(), KEPT, policy()) == ()


MUST_STAY = [
    ("You wrote: he called me names in front of everybody.", "five words in a row", "words of the report"),
    ("HE CALLED ME NAMES IN front", "five words in a row", "in capitals"),
    ("we think that he has a temper", "five words in a row", "words of a note"),
    (f"Good day\n{SEPARATOR}\nmore", "separates our mails", "our separator"),
    ("> === please write above\n> this line ===", "separates our mails", "our separator as a client quotes and wraps it"),
    ("Case quiet-harbour is closed", "code name", "the code name, which is internal"),
    ("Case Quiet-Harbour", "code name", "in any case"),
    ("As in Amber-Bell, last year", "code name amber-bell", "that of another case"),
    ("Next deadline: Monday\nPerson: P1, Robin", "“Next deadline:”", "a piece of an answer of ours"),
    ("Hello\n> | Determined: violation = yes (by Ben)", "“Determined:”", "the same as somebody quotes it"),
    ("Wieġeb lil min irrapporta sa: it-Tnejn", "“Wieġeb lil min irrapporta sa:”", "the same in Maltese"),
    ("write to ben@staff.example", "private address", "a private address of staff"),
    ("write to A.Abela@Club.example", "private address", "one among the aliases"),
    ("write to dora@board.example", "private address", "one of the board"),
    ("Text without a tag stays in the team. All tags: [help].", "[help]", "the end of a notice of ours"),
    ("To lead it, answer with [Assign:ana]", "[Assign]", "a tag with a value"),
    ("We will ban Robin.", "promise", "a promise"),
    ("We'll expel them!", "promise", "a promise with an apostrophe"),
    ("We guarantee that this is over.", "promise", "a guarantee"),
    ("You must tell us when it was.", "press", "pressure to tell"),
    ("Why didn't you say so?", "press", "a reproach"),
    ("We cannot act unless you name them.", "press", "a condition"),
]


@pytest.mark.parametrize(("text", "word", "why"), MUST_STAY, ids=[why for *_, why in MUST_STAY])
def test_what_must_not_leave_is_found(text, word, why):
    """A letter with our separator, a private address, five words of a notice or note, a promise or pressure is held (product.md)."""
    (reason,) = found(text, ticket(), KEPT, policy())
    assert word in reason


def test_every_reason_is_told_at_once():
    """Whoever is held back learns everything that has to be mended."""
    assert len(found(f"{SEPARATOR} ben@staff.example: we will ban him, you must wait", ticket(), (), policy())) == 4


def test_a_separator_without_words_is_found_too():
    """An organisation may separate its mails by a line of dashes."""
    dashes = "-" * 30
    assert found(f"Hello\n{dashes}\n", ticket(), (), policy(separator=dashes))
    assert not found("Hello\n-----\n", ticket(), (), policy(separator=dashes))


def test_comparing_takes_linear_time():
    """Ten times the texts take about ten times as long, and what stands at the beginning is still found."""

    def seconds(times):
        long = "the same words again and again " * times
        started = time.process_time()
        assert found(long, ticket(), [long] * 3, policy())
        return time.process_time() - started

    # A quadratic comparison would need a hundred times as long.
    assert seconds(50_000) < 40 * max(seconds(5_000), 0.005)


BLANK = [("", True), (" \n\t", True), ("…!", True), ("a", False), ("1", False), ("\n ż", False)]


@pytest.mark.parametrize(("text", "is_blank"), BLANK)
def test_a_text_without_a_word_is_blank(text, is_blank):
    """Dots and blanks say nothing."""
    assert blank(text) is is_blank
