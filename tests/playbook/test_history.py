"""A ticket is what its entries add up to."""

from itertools import pairwise

import pytest

from maild.playbook.deadlines import Clock, Duty, acknowledge_clock, respond_clock, take_clock
from maild.playbook.entry import What, moment
from maild.playbook.history import APPLY, clock_facts, clock_from, fold
from maild.playbook.policy import Clocks
from maild.playbook.ticket import State
from tests.playbook.cases import DAY, HOUR, MONDAY, entry, policy, ticket

CLOCKS = Clocks()
FACTS = clock_facts(acknowledge_clock(MONDAY, CLOCKS), respond_clock(MONDAY, policy()), take_clock(MONDAY, urgent=False, clocks=CLOCKS))


def opened(**more):
    """The first entry of a report."""
    facts = {"name": "Kim", "address": "kim@reporter.example", "message_id": "1@x", "references": [], "clocks": FACTS, "receipt": "queued"}
    return entry(What.OPENED, by="reporter", **{**facts, **more})


def held():
    """The first entry of a message that no person wrote."""
    return entry(What.HELD, by="reporter", because="bulk", clocks=clock_facts(acknowledge_clock(MONDAY, CLOCKS)))


def at(hours, what, **facts):
    """Something that happened so many hours later."""
    return entry(what, MONDAY + hours * HOUR, **facts)


def story(*entries, first=None):
    """What these entries add up to."""
    return fold(ticket(reporter=None), [first or opened(), *entries])


RESOLVED = {"kind": "private-reprimand", "to": ["P1"], "label": "", "text": "", "answer": True}
ACCEPTED = {"letter": "receipt"}


def test_every_sort_of_entry_has_its_meaning():
    """Whatever is in a history can be read from it."""
    assert set(APPLY) == set(What)


def test_a_report_owes_three_things():
    """A new report is to be acknowledged, taken and answered."""
    case = story()
    assert case.state is State.NEW
    assert {duty for duty in Duty if case.running(duty)} == {Duty.ACKNOWLEDGE, Duty.RESPOND, Duty.TAKE}
    assert (case.reporter.name, case.reporter.address, case.receipt_made) == ("Kim", "kim@reporter.example", True)


def test_a_held_message_owes_a_look():
    """A held message keeps its 24 hours, and nothing else runs."""
    case = story(first=held())
    assert case.state is State.HELD
    assert case.held_because == "bulk"
    assert {duty for duty in Duty if case.running(duty)} == {Duty.ACKNOWLEDGE}


ACKNOWLEDGING = [
    ([], None, "no letter, no acknowledgement"),
    ([at(1, What.ACCEPTED, letter="receipt")], 1, "the receipt, once the mail server took it"),
    ([at(1, What.ACCEPTED, letter="too-large")], 1, "the receipt of a mail that was too large"),
    ([at(5, What.ACCEPTED, letter="reply")], 5, "a reply by a person"),
    ([at(5, What.ANSWERED)], 5, "an answer by other means"),
    ([at(1, What.ACCEPTED, letter="receipt"), at(9, What.ACCEPTED, letter="reply")], 1, "the first of them counts"),
    ([at(1, What.ACCEPTED, letter="receipt"), at(9, What.LOST, letter="receipt")], None, "a bounce undoes it"),
    ([at(1, What.ACCEPTED, letter="too-large"), at(9, What.LOST, letter="too-large")], None, "whichever receipt it was"),
    ([at(1, What.ACCEPTED, letter="reply"), at(9, What.LOST, letter="reply")], None, "also when a reply was the acknowledgement"),
    ([at(1, What.ACCEPTED, letter="receipt"), at(9, What.LOST, letter="reply")], 1, "another letter's bounce does not"),
    ([at(1, What.LOST, letter="receipt")], None, "a refusal at once leaves it as it was"),
    ([at(1, What.ANSWERED), at(2, What.LOST, letter="receipt")], 1, "who was reached by other means was reached"),
]


@pytest.mark.parametrize(("entries", "hours", "why"), ACKNOWLEDGING, ids=[why for *_, why in ACKNOWLEDGING])
def test_what_acknowledges_a_report(entries, hours, why):
    """An acknowledgement counts when the mail server has accepted it, and is undone by a bounce (product.md section 7)."""
    case = story(*entries)
    assert case.acknowledged_at == (None if hours is None else MONDAY + hours * HOUR)
    assert case.running(Duty.ACKNOWLEDGE) is (hours is None)
    assert (case.state is State.NEW) is (hours is None)


ANSWERING = [
    ([at(1, What.ACCEPTED, letter="receipt")], False, "the receipt does not"),
    ([at(1, What.ACCEPTED, letter="reply")], False, "a reply does not"),
    ([at(1, What.RESOLVED, **RESOLVED)], False, "a resolution whose letter is not accepted does not"),
    ([at(1, What.RESOLVED, **RESOLVED), at(2, What.ACCEPTED, letter="outcome")], True, "a resolution whose letter was accepted does"),
    ([at(1, What.RESOLVED, **{**RESOLVED, "answer": False})], False, "a silent one does not"),
    ([at(1, What.ANSWERED)], True, "an answer by other means does"),
    (
        [at(1, What.RESOLVED, **RESOLVED), at(2, What.ACCEPTED, letter="outcome"), at(3, What.LOST, letter="outcome")],
        False,
        "an outcome letter that comes back does not",
    ),
    (
        [at(1, What.RESOLVED, **RESOLVED), at(2, What.ANSWERED), at(3, What.LOST, letter="outcome")],
        True,
        "unless the reporter was reached by other means",
    ),
    ([at(1, What.ACCEPTED, letter="outcome")], False, "an outcome letter of nobody's making does not"),
]


@pytest.mark.parametrize(("entries", "answered", "why"), ANSWERING, ids=[why for *_, why in ANSWERING])
def test_what_ends_the_week(entries, answered, why):
    """Only an accepted outcome letter or an answer by other means ends the one-week duty (product.md section 7, behaviour 42)."""
    case = story(*entries)
    assert case.running(Duty.RESPOND) is not answered
    assert (case.answered_at is not None) is answered


def test_an_explanation_moves_the_week_when_it_is_accepted():
    """The new deadline holds from the moment at which the mail server took the explanation."""
    until = MONDAY + 9 * DAY
    written = story(at(100, What.EXPLAINED, until=until.isoformat()))
    assert written.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY
    accepted = fold(written, [at(101, What.ACCEPTED, letter="explanation")])
    assert accepted.clocks[Duty.RESPOND] == Clock(duty=Duty.RESPOND, started_at=MONDAY + 101 * HOUR, due_at=until)


def test_an_explanation_that_comes_back_explained_nothing():
    """When the explanation bounces, the old deadline counts again, with the steps that were climbed."""
    entries = [
        at(72, What.STEP, duty="respond", number=1, rung="lead"),
        at(100, What.EXPLAINED, until=(MONDAY + 9 * DAY).isoformat()),
        at(101, What.ACCEPTED, letter="explanation"),
        at(102, What.LOST, letter="explanation"),
    ]
    week = story(*entries).clocks[Duty.RESPOND]
    assert (week.due_at, week.climbed, week.running) == (MONDAY + 7 * DAY, 1, True)


IN_VAIN = [
    ([at(1, What.ANSWERED)], "a case that is answered owes no second answer"),
    ([at(1, What.DISMISSED, **{"as": "enquiry"})], "a case that was set aside owes none"),
]


@pytest.mark.parametrize(("entries", "why"), IN_VAIN, ids=[why for *_, why in IN_VAIN])
def test_an_explanation_starts_no_duty_that_is_over(entries, why):
    """An explanation puts an answer off; where none is owed, there is nothing to put off."""
    first = at(0, What.EXPLAINED, until=(MONDAY + 5 * DAY).isoformat())
    assert not story(first, *entries, at(2, What.ACCEPTED, letter="explanation")).running(Duty.RESPOND)


def test_a_lost_explanation_does_not_wake_an_answered_case():
    """Once the reporter has the outcome, it is no matter that an earlier explanation came back."""
    entries = [at(1, What.EXPLAINED, until=(MONDAY + 5 * DAY).isoformat()), at(2, What.ACCEPTED, letter="explanation")]
    answered = [at(3, What.RESOLVED, **RESOLVED), at(4, What.ACCEPTED, letter="outcome"), at(5, What.LOST, letter="explanation")]
    assert not story(*entries, *answered).running(Duty.RESPOND)


def test_taking_a_case_stops_the_search_for_a_lead():
    """Whoever takes it leads; both clocks that ask for a lead stop."""
    alarm = at(1, What.URGENT, clocks=clock_facts(take_clock(MONDAY, urgent=True, clocks=CLOCKS)))
    case = story(alarm, at(2, What.TAKEN, lead="ben"))
    assert (case.lead, case.state, case.urgent) == ("ben", State.REVIEW, True)
    assert not case.running(Duty.TAKE)
    assert not case.running(Duty.TAKE_URGENT)


def test_dropping_a_case_starts_the_search_again():
    """A case without a lead has to be taken within four hours of that."""
    clocks = clock_facts(take_clock(MONDAY + 5 * HOUR, urgent=False, clocks=CLOCKS))
    case = story(at(1, What.TAKEN, lead="ben"), at(5, What.DROPPED, clocks=clocks))
    assert case.lead is None
    assert case.clocks[Duty.TAKE].due_at == MONDAY + 9 * HOUR


def test_nothing_done_by_the_way_puts_a_running_duty_off():
    """A clock that runs keeps its end, whatever starts the same clock anew."""
    later = clock_facts(respond_clock(MONDAY + 3 * DAY, policy()))
    case = story(at(1, What.RESOLVED, **{**RESOLVED, "answer": False}), at(72, What.REOPENED, clocks=later))
    assert case.state is State.REOPENED
    assert case.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY


def test_determinations_are_versioned():
    """A later determination supersedes an earlier one and says so (product.md section 5)."""
    case = story(at(1, What.DETERMINED, values={"violation": "yes"}), at(2, What.DETERMINED, by="ben", values={"violation": "no"}))
    made = case.determinations["violation"]
    assert (made.value, made.by, made.at, made.version) == ("no", "ben", MONDAY + 2 * HOUR, 2)


def test_people_keep_their_place():
    """Who is better known later is still the same person in the same place."""
    people = [at(1, What.PERSON, ref=f"P{n}", role="witness", name=f"Person {n}", address="") for n in (1, 2)]
    case = story(*people, at(2, What.PERSON, ref="P1", role="respondent", name="Robin", address="r@x.example"))
    assert [(one.ref, one.role, one.name) for one in case.people] == [("P1", "respondent", "Robin"), ("P2", "witness", "Person 2")]


def test_whom_a_resolution_is_for_has_to_be_told():
    """Everybody a resolution is for stands in the duties until they were told, once however often."""
    case = story(at(1, What.RESOLVED, **RESOLVED), at(2, What.RESOLVED, **{**RESOLVED, "to": ["P1", "P2"]}))
    assert case.untold == ("P1", "P2")
    assert fold(case, [at(3, What.TOLD, ref="P1")]).untold == ("P2",)


def test_setting_a_case_aside_stops_every_clock():
    """What is no report has no deadlines (behaviour 61)."""
    case = story(at(1, What.DISMISSED, **{"as": "enquiry"}))
    assert (case.state, case.dismissed_as) == (State.NOT_A_REPORT, "enquiry")
    assert not any(map(case.running, Duty))


def test_a_case_taken_up_again_owes_what_it_owed():
    """Taken up again, a report has the deadlines it had from its receipt."""
    case = story(at(1, What.DISMISSED, **{"as": "enquiry"}), at(30, What.RELEASED, clocks=FACTS))
    assert case.state is State.NEW
    assert case.dismissed_as == ""
    assert case.clocks[Duty.ACKNOWLEDGE].due_at == MONDAY + 24 * HOUR
    assert case.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY


def test_a_held_message_keeps_its_day_whatever_is_sent():
    """Only [report] or [not-a-report] ends the 24 hours of a held message, ladder included (product.md section 3)."""
    case = story(at(1, What.ACCEPTED, letter="reply"), at(2, What.ANSWERED), first=held())
    assert case.state is State.HELD
    assert case.running(Duty.ACKNOWLEDGE)
    assert not fold(case, [at(3, What.DISMISSED, **{"as": "spam"})]).running(Duty.ACKNOWLEDGE)


def test_a_held_message_that_was_answered_is_acknowledged_as_a_report():
    """Released after somebody wrote to its sender, a report is acknowledged already."""
    case = story(at(1, What.ACCEPTED, letter="reply"), at(2, What.RELEASED, clocks=FACTS), first=held())
    assert case.state is State.ACKNOWLEDGED
    assert not case.running(Duty.ACKNOWLEDGE)
    assert case.running(Duty.RESPOND)


def test_closing_stops_every_clock():
    """Nobody is reminded of a closed case."""
    case = story(at(1, What.RESOLVED, **RESOLVED), at(2, What.CLOSED))
    assert (case.state, case.closed_at) == (State.CLOSED, MONDAY + 2 * HOUR)
    assert not any(map(case.running, Duty))


def closed_case():
    """A case that was answered and closed."""
    return story(at(1, What.RESOLVED, **RESOLVED), at(2, What.ACCEPTED, letter="outcome"), at(3, What.CLOSED))


def test_a_reply_reopens_a_closed_case_with_a_week_of_its_own():
    """The reporter's answer to a closed case is owed an answer of its own (behaviour 20)."""
    week = clock_facts(respond_clock(MONDAY + 30 * DAY, policy()))
    case = fold(closed_case(), [at(720, What.WROTE, message_id="2@x", references=["1@x"], clocks=week)])
    assert (case.state, case.closed_at, case.answered_at) == (State.REOPENED, None, None)
    assert case.clocks[Duty.RESPOND].due_at == respond_clock(MONDAY + 30 * DAY, policy()).due_at
    assert (case.reporter.message_id, case.reporter.references) == ("2@x", ("1@x",))
    assert case.reporter.address == "kim@reporter.example"


def test_a_letter_from_before_the_reopening_answers_nothing_after_it():
    """An outcome letter that was still on its way answers the old question, not the new one."""
    week = clock_facts(respond_clock(MONDAY + DAY, policy()))
    waiting = story(at(1, What.RESOLVED, **RESOLVED), at(2, What.REOPENED, clocks=week))
    assert fold(waiting, [at(3, What.ACCEPTED, letter="outcome")]).running(Duty.RESPOND)


def test_a_case_reopened_before_it_was_acknowledged_still_owes_that():
    """Closing stops the 24 hours; opened again, an acknowledgement that never was is owed again."""
    week = clock_facts(respond_clock(MONDAY + DAY, policy()))
    case = story(at(1, What.RESOLVED, **RESOLVED), at(2, What.CLOSED), at(3, What.REOPENED, clocks=week))
    assert case.running(Duty.ACKNOWLEDGE)


def test_an_outcome_that_comes_back_opens_a_closed_case():
    """A reporter who never got the outcome is owed it, also when the case was closed meanwhile."""
    case = fold(closed_case(), [at(4, What.LOST, letter="outcome")])
    assert (case.state, case.closed_at, case.answer_open) == (State.REOPENED, None, True)
    assert case.running(Duty.RESPOND)


def test_an_outcome_that_comes_back_late_was_no_answer_to_anything():
    """Opened and closed again meanwhile, a case whose only answer never arrived is open again, and closed by no thank-you."""
    week = clock_facts(respond_clock(MONDAY + DAY, policy()))
    again = fold(closed_case(), [at(5, What.REOPENED, clocks=week), at(6, What.CLOSED), at(7, What.LOST, letter="outcome")])
    assert (again.state, again.answer_open, again.running(Duty.RESPOND)) == (State.REOPENED, True, True)
    told = fold(
        closed_case(), [at(4, What.ANSWERED), at(5, What.REOPENED, clocks=week), at(6, What.CLOSED), at(7, What.LOST, letter="outcome")]
    )
    assert told.state is State.CLOSED


def test_a_letter_lost_after_the_case_was_set_aside_wakes_nothing():
    """What is no report has no deadlines, whatever comes back."""
    aside = story(at(1, What.RESOLVED, **RESOLVED), at(2, What.ACCEPTED, letter="outcome"), at(3, What.DISMISSED, **{"as": "test"}))
    case = fold(aside, [at(4, What.LOST, letter="outcome"), at(5, What.LOST, letter="receipt")])
    assert case.state is State.NOT_A_REPORT
    assert not any(map(case.running, Duty))


def test_whoever_is_kept_out_does_not_lead():
    """Recusing the lead leaves the case without one."""
    clocks = clock_facts(take_clock(MONDAY + 5 * HOUR, urgent=False, clocks=CLOCKS))
    case = story(at(1, What.TAKEN, lead="ben"), at(5, What.WITHHELD, handle="ben", why="recused", clocks=clocks))
    assert (case.lead, dict(case.withheld)) == (None, {"ben": "recused"})
    assert case.running(Duty.TAKE)
    let_in = fold(case, [at(6, What.CLEARED, handle="ben")])
    assert (dict(let_in.withheld), let_in.cleared) == ({}, ("ben",))


def test_keeping_another_out_leaves_the_lead():
    """Somebody else's recusal is nothing to the lead."""
    assert story(at(1, What.TAKEN, lead="ana"), at(2, What.WITHHELD, handle="ben", why="hold", clocks={})).lead == "ana"


def test_a_step_and_a_breach_are_remembered_by_their_clock():
    """Steps are climbed once; a breach is on record with the clock it belongs to."""
    case = story(at(24, What.STEP, duty="acknowledge", number=4, rung="breach"), at(24, What.BREACHED, duty="acknowledge"))
    assert (case.clocks[Duty.ACKNOWLEDGE].climbed, case.clocks[Duty.ACKNOWLEDGE].breached) == (4, True)
    assert not case.clocks[Duty.RESPOND].breached


def test_what_the_table_forbids_is_recorded_all_the_same():
    """A fact that is on record is never refused: the state stays, the fact counts (product.md principle 1)."""
    case = fold(closed_case(), [at(4, What.TAKEN, lead="ben"), at(5, What.DETERMINED, values={"safety": "yes"})])
    assert case.state is State.CLOSED
    assert (case.lead, case.determinations["safety"].value) == ("ben", "yes")


QUIET = [What.THIRD_PARTY, What.AUTOMATIC, What.OUTSIDE_ANSWER, What.NOTE, What.LETTER, What.CHALLENGED]


@pytest.mark.parametrize("what", QUIET)
def test_what_is_only_kept_changes_nothing(what):
    """Notes, letters under way and mails of strangers stand in the history and move nothing."""
    assert fold(story(), [at(1, what)]) == story()


def test_folding_in_pieces_is_folding_at_once():
    """A ticket is the sum of its entries, wherever one stops to look."""
    entries = [opened(), at(1, What.ACCEPTED, **ACCEPTED), at(2, What.TAKEN, lead="ana"), at(3, What.RESOLVED, **RESOLVED)]
    whole = fold(ticket(reporter=None), entries)
    for cut, _ in pairwise(range(len(entries) + 1)):
        assert fold(fold(ticket(reporter=None), entries[:cut]), entries[cut:]) == whole


def test_clocks_survive_being_facts():
    """A clock that was written down is the clock that was meant."""
    clock = respond_clock(MONDAY, policy())
    assert clock_from(Duty.RESPOND, clock_facts(clock)["respond"]) == clock


def test_a_moment_is_a_text():
    """What is no text is no moment, and what is no moment says so."""
    assert moment(MONDAY.isoformat()) == MONDAY
    with pytest.raises(TypeError):
        moment(None)
    with pytest.raises(ValueError, match="isoformat"):
        moment("yesterday")
