"""Time passes: who is told when, once for each step, also after an outage."""

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.entry import What
from maild.playbook.events import Sort
from maild.playbook.letters import Kind
from maild.playbook.policy import Clocks, Space
from maild.playbook.progress import next_at
from tests.playbook.cases import BEN, DAY, HOUR, INSTANT, MONDAY, PYCON, TEAM, World, leaving, malta, policy, resolved

ALL = sorted(TEAM)


def taken():
    """A world with one report that is acknowledged and taken by Ana."""
    w = World()
    w.report()
    w.accepted()
    assert w.staff("[take]").ok
    return w


def test_nothing_happens_before_a_step():
    """Idle, nothing is written (architecture.md)."""
    w = World()
    w.report()
    assert w.tick(4 * HOUR - INSTANT).effects == ()


ACKNOWLEDGEMENT = [
    (12, Kind.REMINDER, ALL, "12 h: without a lead, all of the team"),
    (18, Kind.REMINDER, ALL, "18 h: all staff"),
    (22, Kind.MISSED, ["dora"], "22 h: the board"),
    (24, Kind.MISSED, ["dora"], "24 h: the breach, to the board"),
    (24, Kind.REMINDER, ALL, "24 h: the breach, to all staff"),
    (48, Kind.MISSED, ["dora"], "and daily until it is handled"),
]


@pytest.mark.parametrize(("hours", "kind", "readers", "why"), ACKNOWLEDGEMENT, ids=[why for *_, why in ACKNOWLEDGEMENT])
def test_an_unsent_acknowledgement_climbs_its_ladder(hours, kind, readers, why):
    """Unsent at 12 h, 18 h, 22 h, 24 h, each step tells those it belongs to (product.md section 7)."""
    w = World()
    w.report()
    w.tick(4 * HOUR)  # nobody took it, which is another ladder
    for step in (12, 18, 22, 24, 48):
        w.now = MONDAY + step * HOUR - INSTANT
        assert w.tick().effects == ()
        decision = w.tick(INSTANT)
        if step == hours:
            break
    assert decision.who(kind) == readers


ANSWER = [
    (72, [(Kind.REMINDER, "ana")], "72 h: the lead"),
    (120, [(Kind.REMINDER, "ana")], "120 h: the lead again"),
    (144, [(Kind.REMINDER, who) for who in ALL], "144 h: all staff, for the lead did not react (behaviour 45)"),
    (156, [(Kind.MISSED, "dora")], "156 h: the board"),
    (166, [(Kind.HOLDING, "reporter"), *((Kind.REMINDER, who) for who in ALL)], "166 h: the reporter hears that we are late"),
    (168, [(Kind.MISSED, "dora"), *((Kind.REMINDER, who) for who in ALL)], "168 h: the breach"),
    (192, [(Kind.MISSED, "dora"), *((Kind.REMINDER, who) for who in ALL)], "and daily until it is handled"),
]


@pytest.mark.parametrize(("hours", "letters", "why"), ANSWER, ids=[why for *_, why in ANSWER])
def test_an_unanswered_case_climbs_its_ladder(hours, letters, why):
    """72 h, 120 h, 144 h, 156 h, 166 h, 168 h: each step once, to those it belongs to (product.md section 7)."""
    w = taken()
    for step, *_ in ANSWER:
        w.now = MONDAY + step * HOUR - INSTANT
        assert w.tick().effects == ()
        decision = w.tick(INSTANT)
        assert w.tick().effects == ()
        if step == hours:
            break
    assert [(letter.kind, letter.to.handle) for letter in decision.letters] == letters


def test_nobody_taking_a_case_is_told_once():
    """Untaken for four hours: all staff, once (product.md section 7)."""
    w = World()
    w.report()
    w.accepted()
    decision = w.tick(4 * HOUR)
    assert decision.who(Kind.REMINDER) == ALL
    assert decision.letter(Kind.REMINDER).facts["duty"] == "take"
    assert w.tick(60 * HOUR).effects == ()


def test_an_outage_is_caught_up_with_the_highest_step_alone():
    """After a downtime one letter of each ladder goes out, not all that were missed (behaviour 44)."""
    w = taken()
    decision = w.tick(160 * HOUR)
    assert [(letter.kind, letter.to.handle) for letter in decision.letters] == [(Kind.MISSED, "dora")]
    assert w.tick().effects == ()
    long = taken()
    missed = long.tick(30 * DAY)
    assert missed.who(Kind.MISSED) == ["dora"]
    assert leaving(missed) == []


def test_a_breach_is_recorded_once_for_each_clock():
    """Daily reminders go on; that the deadline was missed is one fact, also when it is found out days later."""
    w = taken()
    assert w.tick(170 * HOUR).happened == [What.STEP, What.BREACHED]
    assert w.tick(DAY).happened == [What.STEP]
    late = taken()
    assert late.tick(20 * DAY).happened == [What.STEP, What.BREACHED]
    (breached,) = [entry for entry in late.decisions[-1].entries if entry.what is What.BREACHED]
    assert breached.facts == {"duty": "respond", "due": (MONDAY + 7 * DAY).isoformat()}


def test_a_second_week_can_be_missed_as_well():
    """After an explanation the new deadline has its own breach."""
    w = taken()
    w.tick(170 * HOUR)
    assert w.staff("[explain until=2026-12-02]\nWe still wait for a witness.").ok
    w.accepted(Kind.EXPLANATION)
    assert What.BREACHED in w.tick(5 * DAY).happened


def test_an_explanation_arms_the_ladder_anew():
    """When a deadline moves, its steps come again before the new end (behaviour 44)."""
    w = taken()
    w.tick(72 * HOUR)
    w.staff("[explain until=2026-12-01]\nWe still wait for a witness.")
    w.accepted(Kind.EXPLANATION)
    week = w.case.clocks[Duty.RESPOND]
    assert week.due_at > MONDAY + 8 * DAY
    w.now = week.due_at - 2 * HOUR
    assert w.tick().to("reporter") == [Kind.HOLDING]


NO_HOLDING = [
    ({"strict_sender": "", "name": "Two People"}, "no address to write to"),
    ({"answerable": False, "unanswerable_because": "its DMARC verdict is fail"}, "a sender who may be forged"),
]


@pytest.mark.parametrize(("changes", "why"), NO_HOLDING, ids=[why for _, why in NO_HOLDING])
def test_who_gets_no_automatic_answer_gets_no_holding_letter(changes, why):
    """The holding letter is automatic too: staff are told that time is short, and not that the reporter was told (behaviour 22)."""
    w = World()
    w.report(**changes)
    w.tick(156 * HOUR)
    decision = w.tick(10 * HOUR)
    assert leaving(decision) == []
    assert decision.letter(Kind.REMINDER).facts["rung"] == "staff"


def test_the_holding_letter_meets_no_duty():
    """It only says that we are late: the breach comes all the same (product.md section 7)."""
    w = taken()
    w.tick(166 * HOUR)
    assert w.accepted(Kind.HOLDING).effects == ()
    assert What.BREACHED in w.tick(2 * HOUR).happened


def test_a_held_message_has_the_ladder_of_its_24_hours():
    """What nobody looks at is told to all, to the board, and as a breach, until a person says what it is (product.md section 3)."""
    w = World()
    w.held(Sort.SPAM)
    assert w.tick(12 * HOUR).who(Kind.REMINDER) == ALL
    assert w.tick(6 * HOUR).who(Kind.REMINDER) == ALL
    assert w.tick(4 * HOUR).who(Kind.MISSED) == ["dora"]
    assert What.BREACHED in w.tick(2 * HOUR).happened
    w.new_mail(f"[case:{w.case.code}]\n[not-a-report:spam]")
    assert w.confirm().ok
    assert w.tick(10 * DAY).effects == ()


def test_a_bounced_acknowledgement_is_reminded_of_at_the_step_that_has_passed():
    """The bounce reopens the 24 hours where they are (product.md section 7, behaviour 24)."""
    w = World()
    w.report()
    w.accepted()
    w.staff("[take]")
    assert w.tick(19 * HOUR).effects == ()
    w.lost()
    decision = w.tick(HOUR)
    assert decision.letter(Kind.REMINDER).facts["rung"] == "staff"
    assert w.tick(2 * HOUR).who(Kind.MISSED) == ["dora"]


def test_two_ladders_may_have_a_step_at_once():
    """An urgent case that nobody took and whose day is over: both are told of, in one piece of writing."""
    w = World()
    w.report()
    w.staff("[urgent]")
    decision = w.tick(24 * HOUR)
    assert decision.who(Kind.ALARM) == ALL
    assert decision.who(Kind.MISSED) == ["dora"]
    assert len({effect.ticket.version for effect in decision.effects if hasattr(effect, "entries")}) == 1


def test_whoever_is_kept_out_is_reminded_of_nothing():
    """Every step finds its readers anew among those who may know."""
    w = taken()
    w.staff("[recuse:ana]", BEN)
    letters = [letter for _ in range(10) for letter in w.tick(DAY).letters]
    assert letters
    assert "ana" not in {letter.to.handle for letter in letters}


def test_the_week_of_the_spring_change_is_over_at_the_same_local_time():
    """The breach comes at noon on the clock on the wall, an hour earlier than 168 hours (behaviour 41)."""
    w = World(now=malta(2027, 3, 27, 12))
    w.report()
    w.accepted()
    w.staff("[take]")
    w.tick(160 * HOUR)
    w.now = malta(2027, 4, 3, 12) - INSTANT
    assert What.BREACHED not in w.tick().happened
    assert What.BREACHED in w.tick(INSTANT).happened


def test_no_ladder_runs_in_a_case_that_is_over():
    """Answered and closed, nobody is reminded of anything."""
    w = resolved()
    w.staff("[told:P1]\n[close]")
    assert next_at(w.case, Clocks()) is None
    assert w.tick(365 * DAY).effects == ()


def test_the_organisation_may_leave_the_holding_letter_out():
    """Without it nobody writes to the reporter but people (product.md section 7: OWN, can be off)."""
    w = World(policy=policy(clocks=Clocks(holding_letter=False)))
    w.report()
    w.accepted()
    assert leaving(w.tick(167 * HOUR)) == []


@pytest.mark.parametrize("tag", ["[event:pycon-2026]", "[space:forum]"])
def test_the_clocks_are_the_same_wherever_it_happened(tag):
    """The playbook gives conferences no deadline of their own: every report has both of those it gives (lines 67 to 69)."""
    w = World(policy=policy(spaces=(Space(slug="forum", name="The forum"),), conferences=(PYCON,)))
    w.report()
    before = w.case.clocks
    assert {Duty.ACKNOWLEDGE, Duty.RESPOND} <= {*before}
    assert w.staff(tag).ok
    assert w.case.clocks == before
    assert w.tick(168 * HOUR).who(Kind.MISSED) == ["dora", "dora"]
