"""Staff answer notices of ours in every form mail programs know, and nothing of a notice, a note or a private address reaches the reporter."""

from copy import copy
from dataclasses import replace
from functools import cache

import pytest

from maild.mail.identity import Own
from maild.mail.parse import parse
from maild.playbook import leaks
from maild.playbook.decide import arrived, numbered
from maild.playbook.effects import Effect, Journal, Send
from maild.playbook.events import Found, Said, Thread
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind, Letter
from maild.playbook.people import words
from tests.letters.clients import FORMS, mail
from tests.letters.every import LETTERS, in_maltese, rendered, templates
from tests.letters.story import MINIMAL, PEOPLE, POLICY, Story

OWN = Own(mailbox=POLICY.mailbox, separator=POLICY.separator, loop_key=b"the loop key of the tests", authserv_id="mail.pymalta.example")

NOTE = "I rang the hotel porter, and he remembers both of them.\nWrite to me at ben@staff.example, not through the list.\n\nBen"

DETERMINED = '[determine violation=yes who="Robin Example" ongoing=no safety=no]\nHe followed Kim through three rooms and the cloakroom.'

REPLIES = {
    "a line": "Thank you for telling us.",
    "two lines": "Thank you for telling us, and for the times.\nWe have spoken with the hotel.",
    "paragraphs": "Dear Kim,\n\nthank you for your message.\n\nWe read it together today.\n\nKind regards\nAna",
    "a list": "Two things:\n\n- we spoke with the hotel\n- we come back to you on Friday\n\nAna",
    "stars": "Two things:\n\n* the door is locked at ten\n* the talk stays as it is",
    "a question": "Would it help if somebody walked with you on Thursday?",
    "Maltese": "Grazzi talli ktibtilna.\n\nSe naraw x'ġara u niktbulek mill-ġdid il-Ġimgħa.\n\nAna",
    "German": "Vielen Dank für Ihre Nachricht.\n\nWir haben mit dem Hotel gesprochen.\n\nViele Grüße\nAna",
    "a long line": "Thank you for telling us. " * 12 + "We will write again on Friday.",
    "a line that begins with On": "Hello Kim,\n\nOn Thursday we shall have spoken with everybody.\nUntil then we are here.",
    "a line that begins with From": "Hello Kim,\n\nFrom now on somebody is at the door.\nWe hope that helps.",
    "a phone's signature": "Thank you, we are looking into it.\n\nSent from my phone",
    "a signature": "Thank you, we are looking into it.\n\n-- \nAna Borg\nana@staff.example",
    "a signature without its line": "Thank you, we are looking into it.\n\nAna Borg\nana@staff.example",
    "a colleague's address": "Please write to Ben: ben@staff.example.\nHe is in the office.",
    "words of the note": "The hotel porter, and he remembers both of them, will be asked again.",
    "words of the report": "You wrote that somebody I do not know followed me, and we believe you.",
    "the code name": "We keep your report under amber-bell.",
    "a quote of one's own": "You asked when.\n\n> At nine\n\nAt ten it will be.",
    "one word": "Thanks!",
    "blank lines": "\n\n\nThank you.\n\n\n\nAna\n\n",
    "brackets": "The room is [upstairs].\n[Upstairs] it is quiet.",
}
"""What staff type below [reply]; some of it must be held."""

HELD = frozenset({"a signature without its line", "a colleague's address", "words of the note", "words of the report", "the code name"})
"""Those that hold what must not leave, typed by their writer."""

A_LINE = 10
"""Words of a notice that tell nothing: a moment, and that somebody wrote a note."""


@cache
def case() -> Story:
    """A case on which everybody has written."""
    story = Story().comes().accepted(Kind.RECEIPT)
    for by, text in (("ben", NOTE), ("cleo", DETERMINED)):
        story.orders(text, by)
        written = text.split("\n", 1)[1] if by == "cleo" else text
        story.said.append(Said(relation="determination" if by == "cleo" else "note", by=by, at=story.now, text=written))
    return story


@cache
def notices() -> tuple[str, ...]:
    """Notices of ours to Ana, as she reads them: the report, a note with a private address, a copy, the whole history."""
    story = Story().comes()
    told = [story.letter(Kind.NEW_REPORT, "ana"), story.orders(NOTE, "ben").letter(Kind.NOTE, "ana")]
    told.append(story.orders(DETERMINED, "cleo").letter(Kind.COPY, "ana"))
    story.said.append(Said(relation="note", by="ben", at=story.now, text=NOTE))
    told.append(story.orders("[show]", "ana").letter(Kind.ANSWER, "ana"))
    told.append(story.orders("[status]", "ana").letter(Kind.ANSWER, "ana"))
    return tuple(templates(POLICY).letter(one).text for one in told)


def decided(raw: bytes) -> tuple[Effect, ...]:
    """What becomes of these bytes as a proven answer of Ana's."""
    story, message, ana = copy(case()), parse(raw, own=OWN), PEOPLE[0]
    thread = Thread(ticket=story.ticket, found=Found.TOKEN, token="t" * 26, holder="ana")
    scene = story.scene(person=ana, thread=thread)
    came = replace(
        story.from_staff(ana, message.command_text),
        text=message.text,
        new_text=message.new_text,
        commands_differ=message.commands_differ,
    )
    return numbered(arrived(came, scene), scene)


def letters(effects: tuple[Effect, ...]) -> list[Letter]:
    return [effect.letter for effect in effects if isinstance(effect, Send)]


def runs(text: str, length: int = 4) -> set[tuple[str, ...]]:
    said = words(text)
    return {tuple(said[start : start + length]) for start in range(len(said) - length + 1)}


def leaked(letter: Letter, typed: str, notice: str) -> list[str]:
    """What a letter to the reporter holds of a notice that its writer did not type, and of what must not leave at all."""
    text = templates(POLICY).letter(letter).text
    own = templates(POLICY).letter(replace(letter, facts={**letter.facts, "text": ""})).text
    strange = (runs(text) & runs(notice)) - runs(typed) - runs(own)
    forbidden = [POLICY.separator, "amber-bell", *(person.address for person in PEOPLE[:3]), "info@pymalta.example"]
    return [" ".join(run) for run in strange] + [one for one in forbidden if one in text and one not in own]


def test_there_are_enough():
    """At least 500 answers in at least 25 forms."""
    assert len(FORMS) >= 25
    assert len(FORMS) * len(REPLIES) >= 500


@pytest.mark.parametrize("name", FORMS)
def test_no_word_of_ours_leaves(name):
    """Whatever is quoted and however: no four words of it, no private address and no code name are in what the reporter gets."""
    for number, (what, reply) in enumerate(REPLIES.items()):
        for notice in (notices()[number % 4], notices()[(number + 1) % 4]):
            typed = f"[reply]\n{reply}"
            told = letters(decided(FORMS[name].write(typed, notice).as_bytes()))
            leaving = [one for one in told if one.kind in TO_REPORTER]
            assert [leaked(one, typed, notice) for one in leaving] in ([], [[]]), what
            assert not (leaving and what in HELD), what
            assert bool(leaving) == (what not in HELD) or not FORMS[name].read, what


@pytest.mark.parametrize("name", [name for name, one in FORMS.items() if one.read])
@pytest.mark.parametrize("what", sorted(HELD))
def test_a_held_letter_is_shown_to_its_writer(name, what):
    """Every word of it, in the answer and in no other mail, with the line that sends it all the same; and that line does."""
    raw = FORMS[name].write(f"[reply]\n{REPLIES[what]}", notices()[0]).as_bytes()
    told = letters(decided(raw))
    (answer,) = [one for one in told if one.kind is Kind.ANSWER]
    shown = templates(POLICY).letter(answer).text
    assert words(REPLIES[what]) == words("".join(answer.facts["results"][0]["held"]))
    assert all(f"| {line}".rstrip() in shown for line in REPLIES[what].split("\n"))
    assert "[reply anyway]" in shown
    assert [one.to.handle for one in told] == ["ana"]
    insisted = FORMS[name].write(f"[reply anyway]\n{REPLIES[what]}", notices()[0]).as_bytes()
    assert [words(one.facts["text"]) for one in letters(decided(insisted)) if one.kind is Kind.REPLY] == [words(REPLIES[what])]


def test_insisting_is_journalled_without_a_word_of_it():
    """The journal says who wrote to the reporter and that they insisted; of a letter that nobody held it says the first alone."""
    for tag, facts in (("[reply anyway]", {"insisted": True}), ("[reply]", {})):
        effects = decided(FORMS["marked lines below the words of Gmail"].write(f"{tag}\nThank you.", notices()[0]).as_bytes())
        (line,) = [effect for effect in effects if isinstance(effect, Journal) and effect.verb == "letter"]
        assert (line.by, line.facts) == ("ana", facts)


@pytest.mark.parametrize("number", range(5), ids=["the report", "a note", "a copy", "the whole case", "its state"])
def test_no_end_of_a_notice_leaves(number):
    """Where a mail program keeps no mark, no heading and only the lower lines of what it answers, they are known all the same."""
    lines = notices()[number].split("\n")
    for start in range(len(lines)):
        end = "\n".join(lines[start:])
        told = letters(decided(mail(f"[reply]\nThank you.\n\n{end}").as_bytes()))
        assert all(len(words(one.facts["text"])) <= len(("Thank", "you")) + A_LINE for one in told if one.kind in TO_REPORTER), end


@pytest.mark.parametrize("label", sorted(leaks.LABELS))
def test_each_label_stands_in_a_notice(label):
    """What is held for its label is a line of a mail of ours to the team, and of none that leaves."""
    with_it = {LETTERS[name]().kind for name, beginnings in every_beginning().items() if label in beginnings}
    assert with_it
    assert not with_it & (TO_REPORTER | TO_OTHERS)


@cache
def every_beginning() -> dict[str, set[str]]:
    """What stands before the colons of each letter, in each language."""
    said = {name: (rendered(name), *in_maltese(name)) for name in LETTERS}
    return {name: {" ".join(words(line.partition(":")[0])) for one in them for line in one.text.split("\n")} for name, them in said.items()}


def test_a_held_letter_is_not_shown_where_notices_hold_no_words():
    """An organisation that wants no text in its mails gets none of this one either."""
    story = Story(policy=MINIMAL).comes().orders("[reply]\nWe will ban him.")
    assert [result["held"] for result in story.letter(Kind.ANSWER).facts["results"]] == [""]
