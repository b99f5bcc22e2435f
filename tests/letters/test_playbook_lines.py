"""Lines of the playbook that are about what a letter says, each by itself; docs/playbook.md names them."""

from email import message_from_bytes

import pytest

from maild.mail.compose import Sender, compose
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from tests.letters.every import LETTERS, POLICY, START, in_maltese, rendered
from tests.playbook.cases import World, leaving

LEAVING = [name for name, made in LETTERS.items() if made().kind in TO_REPORTER | TO_OTHERS]
SENDER = Sender(name=POLICY.organisation, mailbox=POLICY.mailbox, plus_addressing=False, loop_key=b"k" * 32)


def test_the_acknowledgement_names_the_guide():
    """Policy, Code of Conduct and Reporting Guide are one link, and none where none is configured (playbook lines 14, 40 and 113)."""
    assert POLICY.guide_url in rendered("receipt-plain").text
    assert POLICY.guide_url in rendered("merged-receipt-of-two").text
    assert "http" not in rendered("receipt-with-nothing-configured").text


ACKNOWLEDGED = ("receipt-plain", "merged-receipt-of-two", "record-receipt-at-an-event", "too-large-plain")


@pytest.mark.parametrize("name", ACKNOWLEDGED)
@pytest.mark.parametrize("made", [rendered, lambda name: in_maltese(name)[0]], ids=["in English", "in Maltese"])
def test_help_is_named_in_each_acknowledgement(name, made):
    """Whoever is in danger finds the number of the police, and the help lines of the configuration, word for word (playbook line 32)."""
    text = made(name).text
    assert "112" in text
    assert POLICY.help_lines in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (rendered("receipt-plain").text, "we take it seriously"),
        (rendered("merged-receipt-of-two").text, "we take them seriously"),
        (in_maltese("receipt-plain")[0].text, "neħduh bis-serjetà"),
        (rendered("intake-card-plain").text, "Say that it is taken seriously"),
    ],
    ids=["in English", "of several reports", "in Maltese", "by whoever takes a report in person"],
)
def test_it_is_said_that_it_is_taken_seriously(said, words):
    """A reporter reads or hears it first (playbook line 21)."""
    assert words in said.partition("You do not have to")[0]


@pytest.mark.parametrize("name", LEAVING)
def test_who_is_outside_sees_our_mailbox_alone(name):
    """No private address of one of us stands in what leaves, in a header or in the text; the contact outside the team is public (line 39)."""
    letter, words = LETTERS[name](), rendered(name)
    raw = compose(letter, words, sender=SENDER, date=START).parcel.raw
    assert message_from_bytes(raw)["From"].endswith(f"<{POLICY.mailbox}>")
    ours = [address for one in (*POLICY.staff, *POLICY.board) for address in (one.address, *one.aliases) if "@" in address]
    assert len(ours) > len(POLICY.staff)
    head = raw.partition(b"\r\n\r\n")[0].decode()
    assert not [address for address in ours if address in f"{head}\n{words.subject}\n{words.text}\n{words.html}"]


@pytest.mark.parametrize(
    "text",
    [
        "You should go to the police.",
        "You should report this to the police.",
        "You should press charges against him.",
        "You have to file a complaint.",
        "Għandek tmur għand il-pulizija.",
    ],
)
def test_no_reporter_is_pushed_to_the_police(text):
    """Whether they go is for them to say: such words are held, and shown to whoever wrote them (playbook lines 33 and 34)."""
    there = World()
    there.report()
    decision = there.staff(f"[reply]\n{text}")
    assert leaving(decision) == []
    assert "may press the reporter" in decision.sentences[0]


@pytest.mark.parametrize(
    "text", ["If you would like to go to the police, one of us can come with you.", "The police can be reached under 112."]
)
def test_an_offer_is_no_push(text):
    """Help that is offered is sent."""
    there = World()
    there.report()
    assert [letter.kind for letter in leaving(there.staff(f"[reply]\n{text}"))] == [Kind.REPLY]
