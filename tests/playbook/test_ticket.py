"""The one table of what can change a ticket's state."""

import re
from collections.abc import Iterator

import pytest

from maild.playbook.ticket import TURNS, CasePerson, No, Resolution, State, Ticket, Turn, turn
from maild.playbook.vocabulary import VERBS
from tests.playbook.cases import HOUR, MONDAY, ticket

MOVES = [
    (State.NEW, Turn.ACKNOWLEDGED, State.ACKNOWLEDGED, "a report is acknowledged"),
    (State.ACKNOWLEDGED, Turn.UNDONE, State.NEW, "and is not, when the acknowledgement comes back"),
    (State.NEW, Turn.TAKEN, State.REVIEW, "whoever takes it begins the review"),
    (State.ACKNOWLEDGED, Turn.DETERMINED, State.REVIEW, "so does whoever determines something"),
    (State.NEW, Turn.RESOLVED, State.RESOLVED, "one mail may do it all"),
    (State.REVIEW, Turn.RESOLVED, State.RESOLVED, "a case in review is resolved"),
    (State.REVIEW, Turn.EXPLAINED, State.REVIEW, "an explanation moves the deadline and nothing else"),
    (State.REVIEW, Turn.UNDONE, State.REVIEW, "who works on it works on, though the acknowledgement came back"),
    (State.RESOLVED, Turn.CLOSED, State.CLOSED, "what is resolved can be closed"),
    (State.RESOLVED, Turn.RESOLVED, State.RESOLVED, "another resolution may be added"),
    (State.RESOLVED, Turn.WROTE, State.RESOLVED, "an answer to the outcome is read by people"),
    (State.CLOSED, Turn.WROTE, State.REOPENED, "a reply to a closed case opens it again (product.md section 4)"),
    (State.CLOSED, Turn.REOPENED, State.REOPENED, "so do staff"),
    (State.CLOSED, Turn.RETURNED, State.REOPENED, "so does an answer that never arrived"),
    (State.REOPENED, Turn.CLOSED, State.CLOSED, "[close] alone suffices for a thank-you (product.md section 4)"),
    (State.REOPENED, Turn.TAKEN, State.REVIEW, "or the work begins again"),
    (State.HELD, Turn.RELEASED, State.NEW, "a held message becomes a report"),
    (State.HELD, Turn.DISMISSED, State.NOT_A_REPORT, "or is none"),
    (State.HELD, Turn.WROTE, State.HELD, "its writer does not decide that"),
    (State.NOT_A_REPORT, Turn.RELEASED, State.NEW, "what was set aside can be taken up"),
    (State.CLOSED, Turn.DISMISSED, State.NOT_A_REPORT, "what was no report is taken out of the counts even later"),
]


@pytest.mark.parametrize(("state", "what", "to", "why"), MOVES, ids=[why for *_, why in MOVES])
def test_what_moves_a_ticket(state, what, to, why):
    """The moves of product.md section 5."""
    assert turn(Ticket(id=1, code="a-b", reference="R", received_at=MONDAY, state=state), what) is to


REFUSED = [
    (State.NEW, Turn.CLOSED, "not-a-report", "a case without a resolution cannot be closed, only set aside"),
    (State.REVIEW, Turn.REOPENED, "open", "an open case cannot be opened"),
    (State.CLOSED, Turn.TAKEN, "reopen", "nobody works on a closed case before it is open again"),
    (State.CLOSED, Turn.RESOLVED, "reopen", "nor decides it"),
    (State.HELD, Turn.TAKEN, "report", "nobody works on a held message before it is a report"),
    (State.HELD, Turn.RESOLVED, "report", "nor decides it"),
    (State.NOT_A_REPORT, Turn.DETERMINED, "report", "nor what was set aside"),
    (State.ACKNOWLEDGED, Turn.RELEASED, "already", "a report cannot be made a report"),
    (State.NOT_A_REPORT, Turn.DISMISSED, "report", "nor be set aside twice"),
]


@pytest.mark.parametrize(("state", "what", "word", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_what_cannot_be_is_refused_with_the_way_out(state, what, word, why):
    """A turn that is not possible says so in a sentence that names what to do."""
    to = TURNS[state][what]
    assert isinstance(to, No)
    assert word in to.sentence


def test_every_pair_is_named():
    """Each of the turns has its place in each of the states: nothing that can happen was forgotten."""
    assert set(TURNS) == set(State)
    assert all(list(row) == list(Turn) for row in TURNS.values())


def refusals() -> Iterator[str]:
    """Every sentence of the table that refuses something."""
    yield from {to.sentence for row in TURNS.values() for to in row.values() if isinstance(to, No)}


def test_refusals_name_tags_that_exist():
    """Whoever follows the advice of a refusal is not refused for it."""
    named = [tag for sentence in refusals() for tag in re.findall(r"\[([a-z-]+)", sentence)]
    assert named
    assert set(named) <= set(VERBS)


def test_facts_are_never_refused():
    """What happens by itself has a state to go to from everywhere (product.md principle 1)."""
    happen = (Turn.ACKNOWLEDGED, Turn.UNDONE, Turn.RETURNED, Turn.WROTE)
    assert [(state, what) for state in State for what in happen if isinstance(TURNS[state][what], No)] == []


def test_only_a_person_looks_at_what_is_held():
    """From held and from set aside there is no way out but [report] and [not-a-report]."""
    for state in (State.HELD, State.NOT_A_REPORT):
        ways = {what for what, to in TURNS[state].items() if isinstance(to, State) and to is not state}
        assert ways <= {Turn.RELEASED, Turn.DISMISSED}


def test_people_on_a_case_are_found_by_reference():
    """A reference is known in any case of its letters; respondents are those the report is about."""
    robin, sam = CasePerson(ref="P1", role="respondent", name="Robin"), CasePerson(ref="P2", role="witness", name="Sam")
    case = ticket(people=(robin, sam))
    assert case.person("p2") == sam
    assert case.person("P3") is None
    assert case.respondents == (robin,)


def test_resolutions_stand_until_the_case_is_reopened():
    """What was decided before the case was opened again is history; what was decided since then holds."""
    old, new = (
        Resolution(kind=kind, to=(), label="", text="", by="ana", at=at) for kind, at in (("nothing", MONDAY), ("other", MONDAY + 2 * HOUR))
    )
    case = ticket(resolutions=(old, new))
    assert case.standing == (old, new)
    assert ticket(resolutions=(old, new), reopened_at=MONDAY + HOUR).standing == (new,)
    assert ticket(resolutions=(old, new), reopened_at=MONDAY + 2 * HOUR).standing == (new,)


def test_who_still_has_work():
    """Closed and set aside are the ends; everything else is somebody's work."""
    assert {state for state in State if not ticket(state=state).working} == {State.CLOSED, State.NOT_A_REPORT}
