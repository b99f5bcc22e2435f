"""The five guidelines for an expulsion: one notice for each person and ground, and nothing by itself (rows P26 to P31)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.playbook.commands import read
from maild.playbook.conduct import GUIDELINES
from maild.playbook.effects import Journal
from maild.playbook.entry import What
from maild.playbook.letters import Kind
from maild.playbook.likeness import likenesses, named_by, same
from maild.playbook.policy import Notices
from maild.playbook.ticket import CasePerson
from tests.playbook.cases import BEN, CARLA, DAY, FELIX, HOUR, KIM, PYCON, World, policy

EVENT = "[event:pycon-2026]\n"
ROBIN = '[person:P1 name="Robin Example" role=respondent]\n'
MEETUP = PYCON.__class__(slug="meetup-12", name="Meetup 12", start=PYCON.start, end=PYCON.end)
FOUNDED = "[determine violation=yes who=P1 ongoing=no safety=no]\nRobin shouted.\n"
UNFOUNDED = "[determine violation=no who=P1 ongoing=no safety=no]\nNothing.\n"


def world(**changes):
    """An organisation with two events."""
    return World(policy=policy(**{"conferences": (MEETUP, PYCON), **changes}))


def case(w, above=EVENT + ROBIN, *, by=KIM, text="Somebody shouted at me.", staff=None):
    """One more case, as somebody reports it."""
    w.wait(HOUR)
    w.report(text, sender=by)
    w.accepted()
    opened = w.case
    assert not above or w.staff(above, **({"who": staff} if staff else {})).ok
    return opened


def notices(w):
    """(reader, person, ground) of every notice so far."""
    return [(one.to.handle, one.facts["ref"], one.facts["ground"]) for one in w.letters if one.kind is Kind.GUIDELINE]


def grounds(w):
    """The grounds that Ana was told of, in order."""
    return [ground for to, _, ground in notices(w) if to == "ana"]


def says(w, *tags, of=None):
    """Commands one after another, an hour between them."""
    for tag in tags:
        w.wait(HOUR)
        assert w.staff(f"{tag}\nRobin did it.", case=of).ok


WARN = "[warn:P1]"
DAYS = [
    ((WARN, WARN), [], "two warnings"),
    ((WARN, WARN, WARN), ["third-warning"], "a third one"),
    ((WARN, WARN, "[withdraw-warning:W1]", WARN), [], "one of three withdrawn"),
    ((WARN, WARN, "[withdraw-warning:W1]", WARN, WARN), ["third-warning"], "one withdrawn, then a fourth"),
    ((WARN, WARN, WARN, WARN, WARN), ["third-warning"], "five: one notice"),
    ((WARN, WARN, WARN, "[withdraw-warning:W1]", WARN), ["third-warning"], "withdrawn after the notice: no second one"),
    ((WARN, "[warn:P1 event=meetup-12]", "[warn:P1 event=meetup-12]"), ["third-warning"], "three over two events"),
    ((WARN, '[warn:P2 name="Sam Sample"]', "[warn:P2]"), [], "of two people"),
    (("[stop-instruction:P1]", "[stop-instruction:P1]"), [], "told to stop, twice"),
    ((WARN, "[stop-instruction:P1]"), [], "warned, and then told to stop"),
    (("[stop-instruction:P1]", WARN), ["kept-on"], "warned after being told to stop"),
    (("[stop-instruction:P1]", WARN, WARN), ["kept-on"], "twice so: one notice"),
    (("[stop-instruction:P1]", "[withdraw-warning:W1]"), [], "nothing to withdraw"),
    (("[stop-instruction:P1]", "[offence:serious P1]"), ["kept-on", "serious"], "an offence after it: two grounds"),
    (("[stop-instruction:P1]", "[offence:serious P1 at=2026-11-22]"), ["serious"], "an offence on the day before"),
    (("[offence:serious P1]", "[stop-instruction:P1]"), ["serious"], "an offence before it"),
    (("[offence:serious P1]", "[offence:serious P1]"), ["serious"], "two serious ones: one notice"),
    (("[offence:intentional P1]",), ["intentional"], "an intentional one"),
    (("[offence:intentional P1]", "[offence:serious P1]"), ["intentional", "serious"], "both"),
]


@pytest.mark.parametrize(("tags", "expected", "why"), DAYS, ids=[why for *_, why in DAYS])
def test_one_case(tags, expected, why):
    """P27, P28, P30, P31: each ground exactly once, as soon as the records match it."""
    w = world()
    case(w)
    for tag in tags:
        w.wait(HOUR)
        w.staff(f"{tag}\nRobin did it.")
    assert grounds(w) == expected
    assert w.case.sanctions == ()


def test_a_stop_and_a_warning_of_one_mail_are_one_occasion():
    """P28: what follows an instruction comes after it, not with it."""
    w = world()
    case(w)
    assert w.staff("[stop-instruction:P1 by=staff]\n[warn:P1]\nRobin was told both.").ok
    assert grounds(w) == []


def test_every_clean_colleague_gets_the_notice():
    """P26: to the team of the case, the one who wrote the warning among them, and nobody who stepped back."""
    w = world()
    case(w)
    assert w.staff("[recuse]", CARLA).ok
    says(w, WARN, WARN, WARN)
    assert notices(w) == [("ana", "P1", "third-warning"), ("ben", "P1", "third-warning")]


def test_the_notice_leaves_the_decision_to_people():
    """P26: it knows the ground, the records without anybody's words, and the line that would expel."""
    w = world()
    case(w)
    says(w, WARN, WARN, WARN)
    facts = w.decisions[-1].letter(Kind.GUIDELINE, "ben").facts
    assert (facts["ref"], facts["name"], facts["event"]) == ("P1", "Robin Example", "PyCon Malta 2026")
    assert facts["counted"] == {"there": 3, "in_all": 3}
    assert [one["what"] for one in facts["records"]] == ["report", "warning", "warning", "warning"]
    assert facts["expelling"] == "[expel:P1 ground=third-warning]"
    assert "Robin did it." not in str(facts)
    assert w.staff(facts["expelling"]).ok


EXPELLING = [
    ((MEETUP, PYCON), "", "[event:meetup-12] [expel:P1 ground=serious]", "at no event: with the tag that says at which"),
    ((), "", "", "no events at all"),
    ((PYCON,), EVENT, "[expel:P1 ground=serious]", "at an event"),
    ((PYCON.__class__(slug="old", name="Old", start=PYCON.start, end=PYCON.end - 30 * DAY),), "[event:old]\n", "", "at one that is over"),
]


@pytest.mark.parametrize(("events", "above", "line", "why"), EXPELLING, ids=[why for *_, why in EXPELLING])
def test_the_line_in_a_notice_works(events, above, line, why):
    """P26: what can be copied is carried out; where nobody can be expelled, no line is shown."""
    w = world(conferences=events)
    case(w, above + ROBIN)
    says(w, "[offence:serious P1]")
    assert w.decisions[-1].letter(Kind.GUIDELINE, "ana").facts["expelling"] == line
    assert not line or w.staff(line).ok


def test_a_minimal_notice_holds_no_name():
    """Where notices are minimal, the reference is enough."""
    w = world(notices=Notices.MINIMAL)
    case(w)
    says(w, "[offence:serious P1]")
    assert w.decisions[-1].letter(Kind.GUIDELINE, "ana").facts["name"] == ""


def test_a_notice_is_in_the_history_and_the_journal():
    """P26: that staff were told stands on record, by maild and not by the one who wrote the fact."""
    w = world()
    case(w)
    says(w, "[offence:serious P1]")
    (entry,) = [one for one in w.decisions[-1].entries if one.what is What.GUIDELINE]
    assert (entry.by, entry.facts) == ("maild", {"ref": "P1", "ground": "serious"})
    assert [one.by for one in w.decisions[-1].all(Journal) if one.verb == "guideline"] == ["maild"]


# ---- over several cases -----------------------------------------------------------------------------------------------------------------


def test_warnings_count_over_all_cases():
    """P27: the same full name on three cases, one warning on each: one notice, on the third."""
    w = world()
    for _ in range(3):
        says(w, WARN, of=case(w))
    assert grounds(w)[:1] == ["third-warning"]
    assert w.decisions[-1].sentences[0].endswith("Warnings that count: 3 there, 3 in all.")


def test_a_ground_is_noticed_once_over_all_cases():
    """P27: the fourth warning, on a fourth case, is no news."""
    w = world()
    for _ in range(4):
        says(w, WARN, of=case(w))
    assert grounds(w).count("third-warning") == 1


def test_somebody_else_of_another_name_is_somebody_else():
    """P27: nobody is held to the warnings of another."""
    w = world()
    for name in ("Robin Example", "Robin Other", "Robin"):
        says(w, WARN, of=case(w, f'{EVENT}[person:P1 name="{name}" role=respondent]'))
    says(w, WARN, of=case(w, f'{EVENT}[person:P1 name="Robin" role=respondent]'))
    assert grounds(w) == []


def test_two_reports_of_one_incident_count_once():
    """P27: the same warning, written up on two cases that are one by now."""
    w = world()
    first = case(w)
    says(w, WARN, of=first)
    second = case(w)
    says(w, WARN, of=second)
    w.incidents[second.id] = first.id
    w.incidents[first.id] = first.id
    third = case(w)
    says(w, WARN, of=third)
    assert grounds(w) == []
    says(w, WARN, of=third)
    assert grounds(w) == ["third-warning"]


def test_a_case_that_somebody_is_kept_out_of_tells_them_nothing():
    """P27: Ben stepped back from the first case: for him, and in what all of the team read, its warnings do not exist."""
    w = world()
    first = case(w)
    says(w, WARN, WARN, of=first)
    assert w.staff("[recuse]", BEN, case=first).ok
    second = case(w)
    says(w, WARN, of=second)
    assert [one[0] for one in notices(w)] == ["ana", "carla"]
    assert w.decisions[-1].sentences[0].endswith("Warnings that count: 1 there, 1 in all.")
    told = [str(one.facts) for one in w.decisions[-1].letters if one.to.handle == "ben"]
    assert told
    assert not any(first.code in one for one in told)


def test_the_contact_outside_reads_of_no_other_case():
    """Who works on a case because nobody else may counts as staff for that case only."""
    w = world()
    says(w, WARN, WARN, of=case(w))
    alone = case(w, "", text="Ana, Ben and Carla were there.")
    w.wait(HOUR)
    assert w.staff(EVENT + ROBIN + WARN, FELIX, case=alone).ok
    assert notices(w) == []
    assert w.decisions[-1].sentences[-1].endswith("Warnings that count: 1 there, 1 in all.")


PATTERNS = [
    ((("a", FOUNDED), ("a", FOUNDED), ("a", "")), True, "two founded cases before, by whomever"),
    ((("a", FOUNDED), ("a", ""), ("a", "")), False, "three reports by one person"),
    ((("a", ""), ("b", ""), ("c", "")), True, "three reports by three people"),
    ((("a", ""), ("b", ""), ("b", "")), False, "by two people"),
    ((("a", UNFOUNDED), ("b", ""), ("c", "")), False, "one of them found to be nothing"),
    ((("a", "[not-a-report:test]"), ("b", ""), ("c", "")), False, "one of them no report"),
    ((("a", FOUNDED), ("b", FOUNDED)), False, "one founded case before"),
    ((("a", FOUNDED), ("a", FOUNDED), ("a", UNFOUNDED)), False, "the third found to be nothing"),
]


@pytest.mark.parametrize(("reports", "pattern", "why"), PATTERNS, ids=[why for *_, why in PATTERNS])
def test_a_pattern(reports, pattern, why):
    """P29: two earlier founded cases, or reports of three incidents by three people; with or without warnings."""
    w = world()
    for reporter, determined in reports:
        case(w, EVENT + ROBIN + determined, by=f"{reporter}@reporter.example")
    assert ("pattern" in grounds(w)) == pattern
    assert grounds(w).count("pattern") <= 1


def test_three_people_who_told_it_in_person_make_a_pattern():
    """P29: whoever may not be written to is somebody all the same; whoever left no address is nobody that can be told from another."""
    for contact, pattern in (("contact: {}@reporter.example\n", ["pattern"]), ("contact: {}\n", [])):
        w = world()
        for who in ("kim", "lee", "mo"):
            w.wait(HOUR)
            text = f"[record event=pycon-2026]\n{contact.format(who)}account: Robin shouted.\n"
            assert w.on_no_case(f"{text}{ROBIN}").ok
        assert grounds(w) == pattern


def test_three_reports_of_one_incident_are_no_pattern():
    """P29: three people saw the same thing."""
    w = world()
    first = None
    for reporter in "abc":
        opened = case(w, "", by=f"{reporter}@reporter.example")
        first = first or opened
        w.incidents[opened.id] = first.id
        assert w.staff(EVENT + ROBIN, case=opened).ok
    assert grounds(w) == []


def test_a_witness_is_in_no_pattern():
    """P29: who is on a case for another reason is not written about."""
    w = world()
    for reporter in "abc":
        case(w, EVENT + ROBIN.replace("respondent", "witness"), by=f"{reporter}@reporter.example")
    assert grounds(w) == []


def test_what_happens_later_on_another_case_is_after_a_stop():
    """P28: told to stop on one case, warned on the next."""
    w = world()
    says(w, "[stop-instruction:P1]", of=case(w))
    says(w, WARN, of=case(w))
    assert grounds(w) == ["kept-on"]


def test_one_mail_about_two_cases():
    """Warnings of the same mail on two cases count together."""
    w = world()
    first, second = case(w), case(w)
    says(w, WARN, of=first)
    decision = w.on_no_case(f"[case:{first.code}]\n{WARN}\nx\n[case:{second.code}]\n{WARN}\nx")
    w.confirm() if not decision.who(Kind.ANSWER) else None
    assert grounds(w) == ["third-warning"]


def test_other_commands_look_at_no_guideline():
    """Only what says something of a person is a reason to look."""
    w = world()
    case(w)
    w.incidents.clear()
    assert w.staff("[take]").all(Journal)
    assert notices(w) == []


# ---- the same person ---------------------------------------------------------------------------------------------------------------------

PAIRS = [
    (("Robin Example", ""), ("ROBIN  EXAMPLE", ""), True, "the full name, in any case"),
    (("Zoë Camilleri", ""), ("Zoe Camilleri", ""), True, "with and without accents"),
    (("Robin Example", ""), ("Example Robin", ""), False, "the other way round"),
    (("Robin", ""), ("Robin", ""), False, "a first name alone"),
    (("", ""), ("", ""), False, "no name at all"),
    (("Robin Example", "r@x.example"), ("Robin Example", ""), True, "an address on one side"),
    (("Robin Example", "r@x.example"), ("Robin Example", "s@x.example"), False, "two addresses decide"),
    (("R. E.", "R@X.example "), ("Someone", "r@x.example"), True, "the same address, whatever the name"),
]


@pytest.mark.parametrize(("one", "other", "alike", "why"), PAIRS, ids=[why for *_, why in PAIRS])
def test_the_same_person(one, other, alike, why):
    """A decision of its own: an address, else a full name, and never less."""
    a, b = (CasePerson(ref="P1", role="", name=name, address=address) for name, address in (one, other))
    assert same(a, b) is alike
    assert same(b, a) is alike
    assert not alike or set(likenesses(a)) & set(likenesses(b))


def test_whom_commands_name():
    """Names and addresses of the tags, for the look into the index."""
    commands = read('[determine who=P1,"Robin Example"]\n[person:P2 name="Sam Sample" address=sam@x.example]\n[take]').commands
    named = [(one.name, one.address) for one in named_by(commands)]
    assert named == [("P1", ""), ("Robin Example", ""), ("Sam Sample", ""), ("", "sam@x.example")]


# ---- no sanction without a command ---------------------------------------------------------------------------------------------------------

STEPS = st.sampled_from(
    [
        WARN,
        "[withdraw-warning:W1]",
        "[stop-instruction:P1]",
        "[offence:serious P1]",
        "[offence:intentional P1]",
        ROBIN,
        FOUNDED,
        "[note]",
        "wait",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_no_path_makes_a_sanction_without_a_command(steps):
    """P26: whatever is recorded in whatever order, nobody is expelled until somebody writes [expel:…]; and no ground comes twice."""
    w = world()
    case(w)
    for step in steps:
        w.wait(timedelta(hours=5))
        w.tick(DAY) if step == "wait" else w.staff(f"{step}\nRobin did it.")
    assert not any(one.what in (What.SANCTIONED, What.EXPELLED) for decision in w.decisions for one in decision.entries)
    assert w.case.sanctions == ()
    told = grounds(w)
    assert len(told) == len(set(told))
    assert set(told) <= {*GUIDELINES}
