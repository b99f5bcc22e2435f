"""A letter's fate is known: what it changes, and who is told."""

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.entry import What
from maild.playbook.events import Sort
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, HOUR, TEAM, World, closed, resolved


def world():
    """A world with one report, whose acknowledgement is under way."""
    made = World()
    made.report()
    return made


@pytest.mark.parametrize("kind", sorted(TO_REPORTER - {Kind.HOLDING}, key=str))
def test_what_the_reporter_gets_counts_when_it_is_accepted(kind):
    """Accepted by the mail server, any letter of ours to the reporter acknowledges the report, and not one moment earlier."""
    w = world()
    assert w.case.running(Duty.ACKNOWLEDGE)
    w.wait(HOUR)
    assert w.accepted(kind).happened == [What.ACCEPTED]
    assert w.case.acknowledged_at == w.now
    assert w.case.state is State.ACKNOWLEDGED


@pytest.mark.parametrize("kind", sorted(set(Kind) - TO_REPORTER - {Kind.DECISION} | {Kind.HOLDING}, key=str))
def test_what_others_get_changes_nothing_when_it_is_accepted(kind):
    """Letters to staff and board, and the one that says we are late, meet no duty."""
    assert world().accepted(kind, role="staff").effects == ()


def test_a_lost_letter_is_told_to_the_team_at_once():
    """A permanent failure of an acknowledgement or reply alerts staff (behaviour 24)."""
    for kind, role in ((Kind.RECEIPT, "reporter"), (Kind.REPLY, "reporter"), (Kind.NEW_REPORT, "staff")):
        decision = world().lost(kind, role=role)
        assert decision.happened == [What.LOST]
        assert decision.who(Kind.FAILURE) == sorted(TEAM)
        facts = decision.letter(Kind.FAILURE).facts
        assert (facts["letter"], facts["role"]) == (kind.value, role)


def test_a_lost_acknowledgement_owes_its_24_hours_again():
    """The clock goes on, and the letter to staff says until when (product.md section 7)."""
    w = world()
    w.accepted()
    decision = w.lost()
    assert w.case.running(Duty.ACKNOWLEDGE)
    assert w.case.state is State.NEW
    assert decision.letter(Kind.FAILURE).facts["acknowledge_by"] == w.case.clocks[Duty.ACKNOWLEDGE].due_at.isoformat()


def test_a_lost_word_of_a_lost_letter_is_not_told_again():
    """No loop of failures about failures."""
    decision = world().lost(Kind.FAILURE, role="staff")
    assert decision.happened == [What.LOST]
    assert decision.letters == []


def test_a_lost_outcome_opens_a_closed_case():
    """The reporter never got it, so somebody has to work on it again, and is told."""
    w = closed()
    decision = w.lost(Kind.OUTCOME)
    assert w.case.state is State.REOPENED
    assert w.case.running(Duty.RESPOND)
    assert decision.who(Kind.FAILURE) == sorted(TEAM)
    assert w.staff("[close]").ok is False


def test_an_explanation_holds_from_its_acceptance():
    """Before the mail server took it, the old deadline counts (product.md section 7)."""
    w = world()
    w.staff("[explain until=2026-11-25]\nWe still wait for a witness.")
    week = w.case.clocks[Duty.RESPOND]
    w.accepted(Kind.EXPLANATION)
    assert w.case.clocks[Duty.RESPOND] != week
    w.lost(Kind.EXPLANATION)
    assert w.case.clocks[Duty.RESPOND] == week


def test_the_acknowledgement_never_satisfies_the_week():
    """Whatever is accepted of acknowledgements and replies, the answer is still owed (behaviour 42)."""
    w = world()
    for kind in (Kind.RECEIPT, Kind.TOO_LARGE, Kind.REPLY, Kind.HOLDING):
        w.accepted(kind)
        assert w.case.running(Duty.RESPOND)
    w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    w.accepted(Kind.OUTCOME)
    assert not w.case.running(Duty.RESPOND)


def test_a_late_acceptance_of_a_closed_case_moves_nothing():
    """What is over stays over."""
    w = resolved()
    w.staff("[told:P1]\n[close]")
    w.accepted(Kind.REPLY)
    assert w.case.state is State.CLOSED


def test_an_answer_that_did_not_arrive_is_told_as_such():
    """What came back is not on its way: somebody has to answer the reporter another way, until a new answer or [answered]."""
    w = resolved(accepted=False)
    w.lost(Kind.OUTCOME)
    assert (w.case.answer_open, w.case.answer_lost) == (True, True)
    assert "did not reach" in w.staff("[close]").sentences[0]
    w.staff("[resolve:private-reprimand]")
    assert (w.case.answer_open, w.case.answer_lost) == (True, False)
    w.accepted(Kind.OUTCOME)
    assert (w.case.answer_open, w.case.answer_lost) == (False, False)


def test_an_answer_that_comes_back_is_owed_again_even_by_what_was_held():
    """A held message whose outcome letter was taken, and which then became a report, owes its answer once that letter is lost."""
    w = World()
    w.report(sort=Sort.AUTOMATIC, answerable=False)
    for fate in (w.accepted, w.lost, w.accepted):
        fate(Kind.OUTCOME)
    w.staff("[report]")
    assert not w.case.running(Duty.RESPOND)
    w.lost(Kind.OUTCOME)
    assert w.case.running(Duty.RESPOND)


def test_only_the_explanation_itself_moves_the_week():
    """A reply that arrives while the explanation is still on its way explains nothing."""
    w = world()
    assert w.staff("[explain until=2026-11-28]\nWe wait for the hotel.\n[reply]\nThank you.").ok
    due = w.case.clocks[Duty.RESPOND].due_at
    w.accepted(Kind.REPLY)
    assert w.case.clocks[Duty.RESPOND].due_at == due
    w.accepted(Kind.EXPLANATION)
    assert w.case.clocks[Duty.RESPOND].due_at != due
