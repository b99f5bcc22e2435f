"""What a case still needs."""

import pytest

from maild.playbook.deadlines import Clock, Duty, acknowledge_clock, respond_clock, take_clock
from maild.playbook.policy import Clocks
from maild.playbook.progress import DETERMINATIONS, missing, next_at, next_deadline, open_duties
from maild.playbook.ticket import Determination, State
from tests.playbook.cases import DAY, HOUR, MONDAY, policy, ticket

CLOCKS = Clocks()


def clocks(*running):
    """Clocks by their duty, as a ticket has them."""
    return {clock.duty: clock for clock in running}


def determined(*names):
    """A ticket with these determinations."""
    made = Determination(value="unknown", by="ana", at=MONDAY, version=1)
    return ticket(determinations=dict.fromkeys(names, made))


def test_five_things_are_determined():
    """What happened, whether it is a violation, who, whether it goes on, whether anybody is in danger (playbook lines 77 to 81)."""
    assert missing(ticket()) == DETERMINATIONS == ("what", "violation", "who", "ongoing", "safety")
    assert missing(determined("who", "what")) == ("violation", "ongoing", "safety")
    assert missing(determined(*DETERMINATIONS)) == ()


RESPOND = respond_clock(MONDAY, policy())

DUTIES = [
    ({}, [], "a new case stands in nobody's way"),
    ({"untold": ("P1", "P2")}, ["tell P1", "tell P2"], "respondents who were not told"),
    ({"state": State.RESOLVED, "answer_open": True}, ["not taken"], "an answer that is not accepted"),
    ({"state": State.RESOLVED, "answer_open": True, "answer_lost": True}, ["did not reach"], "an answer that came back"),
    ({"state": State.RESOLVED, "clocks": clocks(RESPOND)}, ["has not been told"], "a silent resolution"),
    ({"state": State.RESOLVED, "clocks": clocks(RESPOND.met(MONDAY))}, [], "a resolution whose letter arrived"),
    ({"state": State.REOPENED, "clocks": clocks(RESPOND)}, ["has not been told"], "a case that was opened again and never answered"),
    ({"state": State.REOPENED, "clocks": clocks(RESPOND), "answers": {"outcome"}}, [], "one that was answered before: a thank-you"),
    ({"state": State.REVIEW, "clocks": clocks(RESPOND)}, [], "the week of a case in review is a deadline, not a duty"),
]


@pytest.mark.parametrize(("changes", "words", "why"), DUTIES, ids=[why for *_, why in DUTIES])
def test_open_duties_stand_between_a_case_and_its_end(changes, words, why):
    """A respondent not yet told and an answer not yet accepted are open duties (product.md section 6)."""
    duties = open_duties(ticket(**changes))
    assert len(duties) == len(words)
    assert all(word in duty for word, duty in zip(words, duties, strict=True))


def test_the_next_deadline_is_owed_to_the_reporter():
    """The deadline a team is told of is the acknowledgement or the answer, never its own reminder to take the case."""
    acknowledge, take = acknowledge_clock(MONDAY, CLOCKS), take_clock(MONDAY, urgent=False, clocks=CLOCKS)
    assert next_deadline(ticket(clocks=clocks(acknowledge, RESPOND, take))) == MONDAY + 24 * HOUR
    assert next_deadline(ticket(clocks=clocks(acknowledge.met(MONDAY), RESPOND, take))) == MONDAY + 7 * DAY
    assert next_deadline(ticket(clocks=clocks(take))) is None


def test_the_next_step_is_the_first_of_all_ladders():
    """A case is looked at again when the first of its ladders has a step."""
    take, done = take_clock(MONDAY, urgent=False, clocks=CLOCKS), Clock(duty=Duty.ACKNOWLEDGE, started_at=MONDAY, due_at=MONDAY)
    assert next_at(ticket(clocks=clocks(RESPOND, take, done.met(MONDAY))), CLOCKS) == MONDAY + 4 * HOUR
    assert next_at(ticket(clocks=clocks(RESPOND)), CLOCKS) == MONDAY + 72 * HOUR
    assert next_at(ticket(), CLOCKS) is None
