"""`[expel:P1 ground=…]`: people decide, on the spot (rows P26, P32, P53)."""

from dataclasses import replace

import pytest

from maild.playbook.effects import Send
from maild.playbook.entry import Entry, What
from maild.playbook.history import fold
from maild.playbook.letters import Kind
from maild.playbook.policy import Space
from maild.playbook.sanctions import sanction_facts, sanction_from
from tests.playbook.cases import ALL_FIVE, BEN, DAY, PYCON, World, leaving, malta, policy, ticket

EVENT = "[event:pycon-2026]\n"
ROBIN = '[person:P1 name="Robin Example" role=respondent]\n'
HALL = Space(slug="hall", name="The hall")
WITH_SPACES = replace(PYCON, spaces=("hall",))


def world(above=EVENT + ROBIN, **changes):
    """An organisation with a conference, and one case at it."""
    w = World(policy=policy(**{"conferences": (WITH_SPACES,), "spaces": (HALL,), **changes}))
    w.report()
    w.accepted()
    if above:
        assert w.staff(above).ok
    return w


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    assert leaving(decision) == []
    return decision.sentences[-1]


def test_an_expulsion_is_a_sanction_until_the_event_ends():
    """P26: no determination is asked for; it holds at the event and in its spaces until its last day ends in Malta."""
    w = world()
    assert w.staff("[expel:P1 ground=serious]\nHe hit a guest.").ok
    (made,) = w.case.sanctions
    assert (made.id, made.kind, made.person, made.spaces) == ("S1", "expulsion", "P1", ("pycon-2026", "hall"))
    assert (made.start, made.until, made.by) == (w.now, malta(2026, 11, 28, 23, 59, second=59), ("ana",))
    assert w.case.lead == "ana"
    assert w.case.resolutions == ()


def test_the_ground_and_the_reason_stand_on_record():
    """P26: who expelled on which ground, in which words."""
    w = world()
    decision = w.staff("[expel:P1 ground=discretion]\nHe frightened the children.")
    (made,) = [one for one in decision.entries if one.what is What.EXPELLED]
    assert made.facts == {
        "ref": "P1",
        "ground": "discretion",
        "event": "pycon-2026",
        "text": "He frightened the children.",
        "proposed_by": "",
    }


def test_the_answer_asks_whether_others_should_know():
    """P32, P33: security and representatives as the configuration has them; nothing is sent to them."""
    decision = world().staff("[expel:P1 ground=kept-on]")
    (sentence,) = decision.sentences
    assert sentence.startswith("S1: P1 is expelled from PyCon Malta 2026, The hall until 2026-11-28.")
    assert "Security: The porter, 555-0100." in sentence
    assert "Representatives: Ana Abela, 555-0101; Ben Müller-Borg, 555-0102." in sentence
    assert {one.letter.kind for one in decision.all(Send)} == {Kind.ANSWER, Kind.COPY}


def test_an_event_without_contacts_names_none():
    """P32: the question is asked all the same."""
    bare = replace(PYCON, security="", representatives=())
    (sentence,) = world(conferences=(bare,)).staff("[expel:P1 ground=kept-on]").sentences
    assert "Should the security of the venue, the police or a medic know of it?" in sentence
    assert "Security:" not in sentence
    assert "Representatives:" not in sentence


OVER = replace(PYCON, slug="old", name="Old", end=PYCON.end - 30 * DAY)
REFUSED = [
    (ROBIN, "[expel:P1 ground=serious]", {}, "Put a line like this above it: [event:pycon-2026]. Known: pycon-2026.", "a case at no event"),
    (ROBIN, "[expel:P1 ground=serious]", {"conferences": ()}, "the configuration has no [[event]]", "nor any to be at"),
    (EVENT + ROBIN, "[expel:P7 ground=serious]", {}, "There is no P7 on this case; known: P1 (Robin Example).", "an unknown person"),
    (EVENT + ROBIN, "[expel:P1 ground=discretion]", {}, "say why in the lines below", "at their discretion, without a word"),
    (EVENT + ROBIN, "[expel:P1]", {}, "it needs ground", "without a ground"),
    (EVENT + ROBIN, "[expel:P1 ground=rude]", {}, "third-warning or kept-on or pattern", "an unknown ground"),
    ("[event:old]\n" + ROBIN, "[expel:P1 ground=serious]", {"conferences": (OVER,)}, "Old ended on 2026-10-29", "an event that is over"),
    (EVENT + ROBIN + "[not-a-report:test]", "[expel:P1 ground=serious]", {}, "put [report] in front", "no report"),
]


@pytest.mark.parametrize(("above", "tag", "changes", "sentence", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_a_decision_is_refused_with_what_it_lacks(above, tag, changes, sentence, why):
    """P26: the thing, the reason, and the line to copy."""
    assert sentence in refusal(world(above, **changes).staff(tag))


def test_the_line_in_the_refusal_works():
    """P26: the event of the same mail counts."""
    w = world(ROBIN)
    assert w.staff("[event:pycon-2026]\n[expel:P1 ground=serious]").ok
    assert len(w.case.sanctions) == 1


def test_nobody_is_expelled_twice_from_one_event():
    """P26: the same decision said again stands as it is."""
    w = world()
    w.staff("[expel:P1 ground=serious]")
    assert w.staff("[expel:P1 ground=third-warning]", BEN).sentences[0].startswith("S1: ")
    assert len(w.case.sanctions) == 1


def test_two_people_where_the_organisation_wants_that():
    """P26: with approvals = 2 an expulsion waits, with the letter of its mail, for somebody else."""
    w = world(EVENT + ROBIN.replace("respondent", "respondent address=robin@away.example"), approvals=2)
    decision = w.staff("[expel:P1 ground=serious]\n[write:P1]\nPlease leave the conference.")
    assert decision.sentences[0].startswith("Proposed as A1: to expel P1. Nothing is decided")
    assert decision.sentences[1].startswith("It waits with the proposal A1")
    assert (w.case.sanctions, leaving(decision)) == ((), [])
    approved = w.staff("[approve]", BEN)
    assert approved.ok
    assert [one.by for one in w.case.sanctions] == [("ana", "ben")]
    assert [one.to.handle for one in leaving(approved)] == ["P1"]


def test_the_proposer_does_not_approve():
    """P26: a second person is somebody else."""
    w = world(approvals=2)
    w.staff("[expel:P1 ground=serious]")
    assert not w.staff("[approve]").ok
    assert w.case.sanctions == ()


def test_a_refused_expulsion_is_not_proposed():
    """P26: it is tried before it waits."""
    assert "Put a line like this above it" in refusal(world(ROBIN, approvals=2).staff("[expel:P1 ground=serious]"))


def test_an_expulsion_is_stored_as_it_is():
    """Facts of an entry and back."""
    w = world()
    w.staff("[expel:P1 ground=serious]")
    (made,) = w.case.sanctions
    assert sanction_from(sanction_facts(made), start=made.start) == made
    assert fold(ticket(), [Entry(what=What.SANCTIONED, at=w.now, by="ana", facts=sanction_facts(made))]).sanctions == (made,)


TEXT = "Somebody broke our rules at the conference. We do not accept that."
REPRIMANDS = [
    (f"{EVENT}[resolve:public-reprimand]\n{TEXT}", False, "the event above it"),
    (f"[resolve:public-reprimand]\n{TEXT}\n{EVENT}", False, "the event below it"),
    (f"{EVENT}[resolve:public-reprimand board-approved=yes]\n{TEXT}", True, "with the word of the board"),
    (f"[resolve:public-reprimand]\n{TEXT}", True, "no event"),
]


@pytest.mark.parametrize(("written", "ok", "why"), REPRIMANDS, ids=[why for *_, why in REPRIMANDS])
def test_no_public_statement_at_a_conference_without_the_board(written, ok, why):
    """P53: wherever in the mail the conference is named."""
    assert world(ALL_FIVE).staff(written).ok is ok


def test_a_proposal_does_not_go_round_the_board():
    """P53: an event that is named below a proposed reprimand stops it when it is approved."""
    w = world(ALL_FIVE, approvals=2)
    assert w.staff(f"[resolve:public-reprimand]\n{TEXT}\n{EVENT}").ok
    (sentence,) = w.staff("[approve]", BEN).sentences
    assert "Where the board has agreed to one" in sentence
    assert w.case.resolutions == ()
