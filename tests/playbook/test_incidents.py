"""What a transparency report counts, and the coded facts that it may know of each case."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from maild.playbook.conduct import EXPULSION
from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import What
from maild.playbook.incidents import RESOLUTIONS, UNRESOLVED, Incident, incidents
from maild.playbook.letters import Kind
from maild.playbook.policy import Conference, Publishing
from maild.playbook.sanctions import Sanction
from maild.playbook.scopes import known_scopes, parts_of, scope_of
from maild.playbook.ticket import Determination, Resolution, State
from maild.playbook.vocabulary import KINDS
from tests.playbook.cases import ALL_FIVE, DAY, HOUR, MONDAY, PYCON, World, entry, malta, policy, reporter, ticket
from tests.playbook.test_joining import Two

MEETUP = Conference(slug="meetup", name="Meetup", start=date(2026, 11, 20), end=date(2026, 11, 20))
POLICY = policy(conferences=(replace(PYCON, attendance=180), MEETUP))
EVENT = scope_of("pycon-2026", POLICY)
LATER = MONDAY + 60 * DAY


def counted(*cases, scope=EVENT, now=LATER):
    """The incidents of these cases."""
    return incidents(cases, scope, POLICY, now=now)


def only(now=LATER, **changes):
    """The one incident of a case at the conference."""
    (found,) = counted(ticket(event="pycon-2026", **changes), now=now)
    return found


def at_pycon(world: World) -> World:
    assert world.staff("[event:pycon-2026]").ok
    return world


NAMES = [
    ("pycon-2026", ("pycon-2026", "PyCon Malta 2026", "event", date(2026, 11, 27), date(2026, 11, 28), 180), "a conference"),
    ("PyCon-2026", ("pycon-2026", "PyCon Malta 2026", "event", date(2026, 11, 27), date(2026, 11, 28), 180), "in capitals"),
    ("meetup", ("meetup", "Meetup", "event", date(2026, 11, 20), date(2026, 11, 20), None), "of nobody knows how many"),
    ("2026", ("2026", "2026", "period", date(2026, 1, 1), date(2026, 12, 31), None), "a year"),
    ("2028-H1", ("2028-h1", "January to June 2028", "period", date(2028, 1, 1), date(2028, 6, 30), None), "its first half"),
    ("2026-h2", ("2026-h2", "July to December 2026", "period", date(2026, 7, 1), date(2026, 12, 31), None), "its second half"),
]


@pytest.mark.parametrize(("name", "wanted", "why"), NAMES, ids=[row[2] for row in NAMES])
def test_a_name_stands_for_an_event_or_a_period(name, wanted, why):
    """The short name of a conference, or a year, or half of one."""
    scope = scope_of(name, POLICY)
    assert (scope.name, scope.title, scope.kind, scope.start, scope.end, scope.attendance) == wanted, why


@pytest.mark.parametrize("name", ["", "pycon", "0000", "1999", "2026-h3", "2026-q1", "2026-11", "20260", "pycon-2026-h1"])
def test_other_names_stand_for_nothing(name):
    """What is no event of the configuration, no year and no half of one."""
    assert scope_of(name, POLICY) is None


def test_an_event_that_is_called_like_a_year_is_the_event():
    """A slug is what the organisation chose."""
    assert scope_of("2026", policy(conferences=(replace(PYCON, slug="2026"),))).kind == "event"
    assert known_scopes(POLICY) == ("pycon-2026", "meetup")


def test_a_year_and_its_halves_hold_some_of_the_same():
    """An event stands alone; so does each half beside the other."""
    parts = {name: tuple(parts_of(scope_of(name, POLICY))) for name in ("meetup", "2026", "2026-h1")}
    assert parts == {"meetup": ("meetup",), "2026": ("2026", "2026-h1", "2026-h2"), "2026-h1": ("2026-h1", "2026")}


@pytest.mark.parametrize(("people", "small"), [(None, True), (0, True), (49, True), (50, False), (180, False)])
def test_a_small_event_is_one_with_few_people_or_nobody_knows_how_many(people, small):
    """Fifty people make an event that has numbers of its own; a period always has."""
    of = policy(conferences=(replace(PYCON, attendance=people),))
    assert scope_of("pycon-2026", of).small is small
    assert not scope_of("2026", of).small
    assert scope_of("pycon-2026", replace(of, publishing=Publishing(numbers_from=200))).small


def test_nothing_but_coded_facts_is_known_of_a_case():
    """No name, no text, no moment: there is no field that could hold one."""
    assert [one.name for one in fields(Incident)] == ["acknowledged", "answered", "open", "safety", "outcome", "resolution"]


@pytest.mark.parametrize("state", State)
def test_a_report_counts_and_a_held_message_does_not(state):
    """A message that looks automatic is an incident only once one of us has said so, and none again once it is set aside."""
    assert len(counted(ticket(event="pycon-2026", state=state))) == (state not in (State.HELD, State.NOT_A_REPORT))


def test_a_message_that_was_set_aside_counts_no_more():
    """By the tags that staff write."""
    world = World(policy=POLICY)
    world.report()
    at_pycon(world)
    assert len(counted(world.case)) == 1
    world.staff("[not-a-report:enquiry]")
    assert world.case.event == "pycon-2026"
    assert not counted(world.case)


def test_two_reports_of_one_incident_are_one():
    """What was merged counts once, whichever of its threads is looked at; taken apart they are two."""
    world = Two(policy=POLICY)
    for one in (world.kim, world.lee):
        assert world.staff("[event:pycon-2026]", case=world.tickets[one]).ok
    assert len(counted(*world.tickets.values())) == 2
    assert world.merged().ok
    assert len(counted(*world.tickets.values())) == 1
    assert world.staff("[split]", case=world.tickets[world.lee]).ok
    assert len(counted(*world.tickets.values())) == 2


PLACES = [
    ("pycon-2026", MONDAY, {"pycon-2026"}, "at the conference"),
    ("meetup", MONDAY, {"meetup"}, "at another one"),
    ("", MONDAY, {"2026", "2026-h2"}, "at none"),
    ("gone-2019", MONDAY, {"2026", "2026-h2"}, "at one that the configuration no longer knows"),
    ("", malta(2026, 12, 31, 23, 59), {"2026", "2026-h2"}, "in the last minute of the year"),
    ("", malta(2027, 1, 1), set(), "in the first of the next, which in UTC is still the old year"),
    ("", malta(2026, 6, 30, 23, 59), {"2026", "2026-h1"}, "in the last minute of June"),
    ("", malta(2026, 7, 1), {"2026", "2026-h2"}, "in the first of July"),
]


@pytest.mark.parametrize(("event", "at", "wanted", "why"), PLACES, ids=[row[3] for row in PLACES])
def test_a_case_belongs_to_its_event_or_to_the_days_it_came_in(event, at, wanted, why):
    """By the organisation's own clock."""
    scopes = [scope_of(name, POLICY) for name in ("pycon-2026", "meetup", "2026", "2026-h1", "2026-h2")]
    case = ticket(event=event, received_at=at)
    assert {scope.name for scope in scopes if counted(case, scope=scope)} == wanted, why


def test_what_was_told_of_an_event_is_not_told_of_the_year_again():
    """The event was taken out of the configuration after its release: beside that, the year would give away what came otherwise."""
    case, year = ticket(event="pycon-2025"), scope_of("2026", POLICY)
    assert len(incidents([case], year, POLICY, now=MONDAY)) == 1
    assert incidents([case], year, POLICY, now=MONDAY, told={"pycon-2025"}) == ()


def clock(duty: Duty, met_after: timedelta | None = None, **changes) -> dict:
    """A clock that ends a day after the world begins, and when it was met."""
    made = Clock(duty=duty, started_at=MONDAY, due_at=MONDAY + DAY, **changes)
    return {duty: made if met_after is None else made.met(MONDAY + met_after)}


A, R = Duty.ACKNOWLEDGE, Duty.RESPOND
PROMISES = [
    ({}, None, "nothing is owed"),
    ({"clocks": clock(A, HOUR)}, True, "in time"),
    ({"clocks": clock(A, DAY)}, True, "at the last moment"),
    ({"clocks": clock(A, DAY + HOUR)}, False, "too late"),
    ({"clocks": clock(A)}, False, "never"),
    ({"clocks": clock(A, HOUR), "missed": frozenset({A})}, False, "once too late, and then again"),
    ({"clocks": clock(R, HOUR), "missed": frozenset({A})}, False, "what is on record as late is late, whatever clock runs"),
]


@pytest.mark.parametrize(("changes", "kept", "why"), PROMISES, ids=[row[2] for row in PROMISES])
def test_whether_a_report_was_acknowledged_in_time(changes, kept, why):
    """The clock says so, or the record that it was missed."""
    assert only(**changes).acknowledged is kept, why


def test_what_is_not_due_yet_is_neither_kept_nor_broken():
    """A case of this morning says nothing of any promise."""
    assert only(now=MONDAY + DAY, clocks=clock(A)).acknowledged is None
    assert only(now=MONDAY + DAY + HOUR, clocks=clock(A)).acknowledged is False


def test_an_explanation_within_the_week_is_an_answer_in_time_and_a_later_one_is_none():
    """It puts the week off; the week that it put off is looked at as well."""
    (before,) = clock(R).values()
    for said_after, kept in ((HOUR, True), (DAY + HOUR, False)):
        again = Clock(duty=R, started_at=MONDAY + said_after, due_at=MONDAY + 9 * DAY).met(MONDAY + 8 * DAY)
        assert only(clocks={R: again}, postponed=before).answered is kept


def test_a_promise_that_was_missed_stays_missed_when_the_reporter_writes_again():
    """A new week begins with a new question, and the first one is not forgotten."""
    world = World(policy=POLICY)
    world.report()
    world.accepted()
    at_pycon(world)
    world.tick(8 * DAY)
    assert world.staff(ALL_FIVE + "[resolve:private-reprimand]\n[told:P1]").ok
    world.accepted(Kind.OUTCOME)
    assert world.staff("[close]").ok
    world.wrote()
    world.staff("[answered]")
    (found,) = counted(world.case, now=world.now)
    assert (found.acknowledged, found.answered) == (True, False)


def test_each_reporter_of_an_incident_was_promised_the_same():
    """One thread that was late makes the incident one that was late; one to whom nothing is owed changes nothing."""
    late, kept, quiet = ticket(clocks=clock(A, 2 * DAY)), ticket(clocks=clock(A, HOUR)), ticket()
    for joined, wanted in (((late,), False), ((kept, quiet), True)):
        assert only(clocks=clock(A, HOUR), joined=joined).acknowledged is wanted
    assert only(joined=(quiet,)).acknowledged is None


def determined(**values: str) -> dict:
    return {name: Determination(value=value, by="ana", at=MONDAY, version=1) for name, value in values.items()}


@pytest.mark.parametrize(
    ("violation", "outcome"), [("yes", "violation"), ("no", "no-violation"), ("cannot-tell", "not-determined"), ("", "not-determined")]
)
def test_the_outcome_is_what_was_determined(violation, outcome):
    """Yes, no, and neither."""
    assert only(determinations=determined(violation=violation) if violation else {}).outcome == outcome


@pytest.mark.parametrize(
    ("state", "safety", "wanted"),
    [
        (State.REVIEW, "yes", (True, True)),
        (State.RESOLVED, "yes", (True, True)),
        (State.REVIEW, "no", (True, False)),
        (State.CLOSED, "yes", (False, False)),
        (State.CLOSED, "", (False, False)),
    ],
)
def test_a_matter_of_safety_is_open_as_long_as_its_case_is(state, safety, wanted):
    """A case is open until it is closed."""
    found = only(state=state, determinations=determined(safety=safety))
    assert (found.open, found.safety) == wanted


def made(kind: str, at=MONDAY) -> Resolution:
    return Resolution(kind=kind, to=("P1",), label="", text="", by="ana", at=at)


def banned(**changes) -> Sanction:
    values = {"id": "S1", "kind": EXPULSION, "person": "P1", "spaces": ("all",), "start": MONDAY, "until": None, "by": ("ana",)}
    return Sanction(**values | changes)


RESOLVED = [
    ({}, UNRESOLVED, "none yet"),
    ({"resolutions": (made("nothing"),)}, "nothing", "one"),
    ({"resolutions": (made("ban"), made("apology"))}, "ban", "the strongest of two"),
    ({"resolutions": (made("ban"), made("apology", MONDAY + DAY)), "reopened_at": MONDAY + HOUR}, "apology", "one since it was reopened"),
    ({"resolutions": (made("ban"),), "reopened_at": MONDAY + HOUR}, UNRESOLVED, "none since"),
    ({"resolutions": (made("apology"),), "sanctions": (banned(),)}, EXPULSION, "an expulsion, which is no resolution and still followed"),
    ({"resolutions": (made("apology"),), "sanctions": (banned(lifted_at=MONDAY),)}, "apology", "one that was lifted"),
    ({"resolutions": (made("apology"),), "sanctions": (banned(kind="ban"),)}, "apology", "a sanction that comes from a resolution"),
]


@pytest.mark.parametrize(("changes", "resolution", "why"), RESOLVED, ids=[row[2] for row in RESOLVED])
def test_what_followed_is_the_strongest_thing_that_did(changes, resolution, why):
    """One incident has one place in a table."""
    assert only(**changes).resolution == resolution, why


def test_every_kind_of_resolution_has_its_place():
    """A kind that is added has to be put somewhere between nothing and a ban."""
    assert {*RESOLUTIONS} == {*KINDS, EXPULSION}


def test_what_was_late_once_is_on_the_case_for_good():
    """The entry says so; a clock that starts anew does not."""
    case = ticket(entry(What.BREACHED, duty="respond"), clocks=clock(R), reporter=reporter())
    assert (case.missed, case.clocks[R].breached) == (frozenset({R}), True)
