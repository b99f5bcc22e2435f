"""Facts of a conference: presentations (P04 to P08), what the reporter wants (P16 to P20), whom people told (P19, P32), and who is there (P33)."""

from dataclasses import replace

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.entry import What
from maild.playbook.letters import Kind
from tests.playbook.cases import BEN, CARLA, DAY, HOUR, MINUTE, PYCON, World, closed, leaving, malta, policy

EVENING = malta(2026, 11, 27, 18)
"""The first day of the conference, which has two."""

TITLE = "Snakes and Ladders"


def world(event="pycon-2026", at=EVENING, **changes):
    """A case at a conference whose staff are Ben and Carla, on its first evening."""
    there = replace(PYCON, staff=("ben", "carla"), **changes)
    w = World(policy=policy(conferences=(there,)), now=at)
    w.report()
    w.accepted()
    if event:
        assert w.staff(f"[event:{event}]").ok
    return w


def tasks(decision):
    """Who is asked to do what."""
    return [(letter.to.handle, letter.facts["task"]) for letter in decision.letters if letter.kind is Kind.TO_DO]


def reminders(w, *spans):
    """Who is reminded after each of these spans."""
    return [tasks(w.tick(span)) for span in spans]


# ---- presentations ---------------------------------------------------------------------------------------------------------------------


def test_a_minor_problem_is_a_task_for_those_at_the_event():
    """P04, P05: nobody leads, so Ben and Carla are asked; Ana, who wrote it and is not there, gets the answer."""
    w = world()
    decision = w.staff(f'[presentation:minor talk="{TITLE}"]\nA joke about age.')
    assert decision.ok
    assert tasks(decision) == [("ben", "speak"), ("carla", "speak")]
    assert decision.letter(Kind.TO_DO).facts["talk"] == TITLE
    assert any("[presentation:spoken]" in duty for duty in decision.answer["open"])


def test_nobody_is_asked_for_what_the_same_mail_says_was_done():
    """Who writes down an evening at its end tells both: what there was to do, and that it is done."""
    w = world()
    assert tasks(w.staff("[presentation:minor]\nA joke about age.\n[presentation:spoken]\nI told her.")) == []
    told = w.staff("[support:escort=wanted]\n[support:police=wanted]\n[support:escort=done]\nWe walked to the hotel.")
    assert [to for to, _ in tasks(told)] == ["ben", "carla"]
    assert "[presentation:spoken]" not in str(w.decisions[-2].answer["results"][0]["sentence"])
    assert (w.case.running(Duty.SPEAK), dict(w.case.support)) == (False, {"escort": "done", "police": "wanted"})


def test_the_lead_is_asked_where_somebody_leads():
    """P05: and nobody else; who leads and wrote it knows."""
    w = world()
    w.staff("[take]", BEN)
    assert tasks(w.staff("[presentation:minor]")) == [("ben", "speak")]
    assert tasks(w.staff("[presentation:minor]", BEN)) == []


def test_the_reminder_comes_after_the_last_day_and_then_daily_three_times():
    """P05: at nine in the morning after the event, and after that the digest counts them."""
    w = world()
    w.staff("[take]", BEN)
    w.staff("[presentation:minor]")
    assert w.case.clocks[Duty.SPEAK].due_at == malta(2026, 11, 29, 9)
    wait = malta(2026, 11, 29, 9) - w.now
    asked = [("ben", "speak")]
    assert reminders(w, wait - MINUTE, MINUTE, DAY, DAY, DAY, DAY, 5 * DAY) == [[], asked, asked, asked, asked, [], []]
    assert w.case.running(Duty.SPEAK)


def test_after_an_outage_there_is_one_reminder():
    """Over two steps the highest passed one is climbed."""
    w = world()
    w.staff("[presentation:minor]")
    w.now = malta(2026, 11, 30, 12)
    assert reminders(w, 0 * DAY, 0 * DAY, DAY) == [[("ben", "speak"), ("carla", "speak")], [], [("ben", "speak"), ("carla", "speak")]]


def test_once_spoken_to_nobody_is_reminded():
    """P05: and the case can be closed, which it could not before."""
    w = world()
    w.staff("[presentation:minor]")
    decision = w.staff("[presentation:spoken]")
    assert decision.sentences == ["Recorded: the presenter was spoken to."]
    assert decision.answer["open"] == []
    assert reminders(w, 3 * DAY) == [[]]
    assert w.staff("[presentation:spoken]").ok


@pytest.mark.parametrize(
    ("event", "at", "due"),
    [
        ("", EVENING, malta(2026, 11, 28, 9)),
        ("pycon-2026", malta(2026, 11, 23, 10), malta(2026, 11, 29, 9)),
        ("pycon-2026", malta(2026, 12, 3, 10), malta(2026, 12, 4, 9)),
    ],
    ids=["at no event", "before the event", "after the event"],
)
def test_without_days_to_come_it_is_the_next_morning(event, at, due):
    """Somebody is reminded all the same."""
    w = world(event, at)
    w.staff("[presentation:minor]")
    assert w.case.clocks[Duty.SPEAK].due_at == due


def test_a_second_one_asks_nobody_twice():
    """One task a case; both are on record."""
    w = world()
    w.staff("[presentation:minor]")
    assert tasks(w.staff(f'[presentation:minor talk="{TITLE}"]')) == []
    assert [one.talk for one in w.case.presentations] == ["", TITLE]


STOPPED = [
    ("[presentation:stopped grounds=serious]", False),
    ("[presentation:stopped grounds=repeated]", False),
    ("[presentation:stopped grounds=minor]", True),
    ("[presentation:stopped]", True),
]


@pytest.mark.parametrize(("tag", "differs"), STOPPED)
def test_that_one_was_stopped_is_told_to_all_at_once(tag, differs):
    """P04, P06: any of the staff, without approval, never refused; where the playbook says otherwise the answer asks why."""
    w = world()
    decision = w.staff(f"{tag}\nHe went on and on.", CARLA)
    assert decision.ok
    assert tasks(decision) == [("ana", "stopped"), ("ben", "stopped")]
    assert ("differs from the playbook (lines 10-11)" in decision.sentences[0]) is differs
    assert w.case.presentations[0].differs is differs
    assert not w.case.running(Duty.SPEAK)


def test_whoever_is_kept_out_is_told_nothing():
    """P06: all clean staff, and no others."""
    w = world()
    w.staff("[recuse:ben]")
    assert tasks(w.staff("[presentation:stopped grounds=serious]", CARLA)) == [("ana", "stopped")]
    assert tasks(w.staff("[presentation:minor]")) == [("carla", "speak")]


def test_where_none_of_the_event_is_left_the_team_is_asked():
    """Somebody has to."""
    w = world()
    w.staff("[recuse:ben] [recuse:carla]")
    w.staff("[presentation:minor]")
    assert reminders(w, 5 * DAY) == [[("ana", "speak")]]


def test_a_title_does_not_leave():
    """P08: nor with a comma in it, to nobody; a single word is no title that could be told from others."""
    w = world()
    w.staff(f'[presentation:minor talk="{TITLE}"]\n[person:P1 name="Robin Example" address=robin@away.example]')
    for tag in ("[reply]", "[write:P1]"):
        assert "the title of a presentation" in w.staff(f"{tag}\nAbout snakes, and ladders: we were there.").sentences[0]
    assert w.staff("[reply]\nWe like snakes.").ok
    w.staff('[presentation:minor talk="Python"]')
    assert w.staff("[reply]\nThank you for Python.").ok


@pytest.mark.parametrize("tag", ["[presentation:paused]", "[presentation:stopped grounds=rude]"])
def test_an_unknown_value_lists_the_choices(tag):
    """Nothing is guessed."""
    w = world()
    assert " or " in w.staff(tag).sentences[0]
    assert w.case.presentations == ()


# ---- what the reporter wants ---------------------------------------------------------------------------------------------------------------


def test_what_is_wanted_is_told_to_those_at_the_event_at_once():
    """P16: with whom they can call, in the same cycle; and nobody outside is written to (P17, P18, P19)."""
    w = world()
    decision = w.staff("[support:escort=wanted]\nTo the hotel, at ten.")
    assert tasks(decision) == [("ben", "support"), ("carla", "support")]
    facts = decision.letter(Kind.TO_DO).facts
    assert (facts["wanted"], facts["text"], facts["security"]) == (["escort"], "To the hotel, at ten.", PYCON.security)
    assert facts["representatives"] == list(PYCON.representatives)
    assert leaving(decision) == []


def test_it_comes_again_every_quarter_of_an_hour_on_the_days_of_the_event():
    """P16: until it is arranged."""
    w = world()
    w.staff("[support:escort=wanted]")
    again = [("ben", "support"), ("carla", "support")]
    assert reminders(w, 14 * MINUTE, MINUTE, 15 * MINUTE, 10 * MINUTE) == [[], again, again, []]
    assert w.staff("[support:escort=arranged]").sentences == ["Recorded: escort arranged."]
    assert reminders(w, HOUR, DAY) == [[], []]


def test_after_an_outage_it_comes_once():
    """Two days later one letter, and then on."""
    w = world()
    w.staff("[support:friend=wanted]")
    assert [len(told) for told in reminders(w, 40 * HOUR, 0 * HOUR, 30 * MINUTE, 31 * MINUTE)] == [2, 0, 0, 2]


@pytest.mark.parametrize(("event", "at"), [("", EVENING), ("pycon-2026", malta(2026, 12, 3)), ("pycon-2026", malta(2026, 11, 23))])
def test_on_other_days_it_is_every_hour(event, at):
    """Before the event, after it, and where there is none."""
    w = world(event, at)
    w.staff("[support:medical=wanted]")
    assert [bool(told) for told in reminders(w, 45 * MINUTE, 15 * MINUTE, 45 * MINUTE, 15 * MINUTE)] == [False, True, False, True]


def test_what_was_declined_is_never_raised_again():
    """P20: no letter, no line of the status, no reminder and no open duty names it, while the rest goes on."""
    w = world()
    w.staff("[support:police=wanted]\n[support:escort=wanted]")
    assert w.staff("[support:police=declined]").sentences == ["Recorded. It is not raised again."]
    before = len(w.decisions)
    w.tick(15 * MINUTE)
    w.staff("[status]")
    w.staff("[presentation:minor]")
    w.staff("[support:escort=declined]")
    w.tick(30 * HOUR)
    w.staff("[status]\n[show]")
    told = [letter for decision in w.decisions[before:] for letter in decision.letters]
    assert [letter for letter in told if "police" in str(letter.facts)] == []
    assert w.case.support == {"police": "declined", "escort": "declined"}
    assert not w.case.running(Duty.SUPPORT)


def test_who_changes_their_mind_is_heard():
    """P20 silences us, not the reporter."""
    w = world()
    w.staff("[support:escort=declined]")
    assert tasks(w.staff("[support:escort=wanted]")) == [("ben", "support"), ("carla", "support")]
    assert w.case.running(Duty.SUPPORT)


def test_a_second_wish_is_told_at_once_and_then_with_the_first():
    """One reminder for all that is wanted."""
    w = world()
    w.staff("[support:escort=wanted]")
    assert w.tick(10 * MINUTE).letters == []
    assert w.staff("[support:friend=wanted]").letter(Kind.TO_DO).facts["wanted"] == ["friend"]
    assert w.tick(5 * MINUTE).letter(Kind.TO_DO).facts["wanted"] == ["escort", "friend"]
    w.staff("[support:escort=done]")
    assert w.tick(15 * MINUTE).letter(Kind.TO_DO).facts["wanted"] == ["friend"]


def test_a_case_is_not_closed_over_what_is_wanted():
    """The refusal names what to do."""
    w = world()
    w.staff("[determine violation=no who=nobody ongoing=no safety=no]\nA mistake.\n[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    w.staff("[support:escort=wanted]")
    assert "[support:escort=arranged]" in w.staff("[close]").sentences[0]
    assert w.staff("[support:escort=done]\n[close]").ok


# ---- whom people told ------------------------------------------------------------------------------------------------------------------------


def test_a_missing_basis_is_stored_and_asked_for_once():
    """P19: the fact is never refused; the second time nothing is asked; a basis takes the place of the one that was missing."""
    w = world()
    first = w.staff("[contacted:police]\nI rang them at six.")
    assert first.ok
    assert "On what basis?" in first.sentences[0]
    assert "On what basis?" not in w.staff("[contacted:police]").sentences[0]
    assert [(one.who, one.basis) for one in w.case.contacts] == [("police", "missing")]
    assert w.staff("[contacted:police basis=consent]").sentences == ["Recorded: police contacted."]
    assert [(one.who, one.basis) for one in w.case.contacts] == [("police", "consent")]


@pytest.mark.parametrize("basis", ["consent", "imminent-danger", "legal-duty"])
def test_what_was_asked_for_can_be_copied(basis):
    """Each basis the answer names is one."""
    w = world()
    asked = w.staff("[contacted:medical]").sentences[0]
    assert basis in asked
    assert w.staff(f"[contacted:medical basis={basis}]").ok


def test_security_learns_nothing_of_the_report_from_us():
    """P32: nobody outside is written to, and the answer says what security needs."""
    w = world()
    decision = w.staff("[contacted:venue-security basis=imminent-danger]")
    assert "nothing of the report" in decision.sentences[0]
    assert {letter.to.role for letter in decision.letters} == {"staff"}


def test_facts_of_a_case_at_no_event_are_facts_too():
    """Nothing is refused, whatever the state."""
    w = closed()
    decision = w.staff("[presentation:stopped]\n[support:escort=wanted]\n[contacted:police]")
    assert decision.ok
    assert [one for one in decision.happened if one in (What.PRESENTATION, What.SUPPORT, What.CONTACTED)]


def test_the_status_shows_them():
    """To the team, and the title too."""
    w = world()
    w.staff(f'[presentation:stopped talk="{TITLE}" grounds=serious]\n[support:escort=arranged]\n[contacted:medical basis=consent]')
    section = w.staff("[status]").answer["sections"][0]
    assert section["presentations"] == [{"what": "stopped", "talk": TITLE, "grounds": "serious"}]
    assert section["support"] == [{"item": "escort", "status": "arranged"}]
    assert section["contacts"] == [{"who": "medical", "basis": "consent"}]


# ---- the safety alarm ------------------------------------------------------------------------------------------------------------------------


def test_the_alarm_shows_who_is_there():
    """P32, P33: representatives and security of the event; only to the team."""
    w = world()
    decision = w.staff("[urgent]")
    for letter in decision.letters:
        if letter.kind is Kind.ALARM:
            assert letter.facts["representatives"] == list(PYCON.representatives)
            assert letter.facts["security"] == PYCON.security
    assert w.tick(HOUR).letter(Kind.ALARM).facts["representatives"] == list(PYCON.representatives)


def test_the_alarm_names_no_representative_who_is_kept_out():
    """Ben is named in the report: nobody is told to call him about it."""
    w = world()
    w.staff("[recuse:ben]")
    assert w.staff("[urgent]").letter(Kind.ALARM).facts["representatives"] == ["Ana Abela, 555-0101"]


def test_at_no_event_there_is_nobody():
    """The alarm is as it was."""
    facts = world("").staff("[urgent]").letter(Kind.ALARM).facts
    assert (facts["event"], facts["representatives"], facts["security"]) == ("", [], "")
