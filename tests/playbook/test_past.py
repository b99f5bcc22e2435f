"""`[history:P1]`: what is on record of a person, to the asker alone and no more than they may see (P27, product.md section 6)."""

from maild.playbook.letters import Kind
from tests.playbook.cases import BEN, HOUR
from tests.playbook.test_guidelines import EVENT, ROBIN, WARN, case, says, world


def shown(decision):
    """The section of the answer."""
    (section,) = decision.answer["sections"]
    return section


def test_a_history_holds_warnings_sanctions_and_cases():
    """Over all cases, with the tally by event, and nothing of it to anybody else."""
    w = world()
    first = case(w)
    says(w, WARN, "[warn:P1 event=meetup-12]", "[withdraw-warning:W1]", "[stop-instruction:P1]", "[expel:P1 ground=discretion]", of=first)
    second = case(w)
    says(w, "[warn:P1]", "[offence:serious P1]", "[warn:P1 event=meetup-12]", of=second)
    decision = w.staff("[history:P1]", case=second)
    section = shown(decision)
    assert section["counted"] == [{"event": "Meetup 12", "warnings": 2}, {"event": "PyCon Malta 2026", "warnings": 1}]
    assert [one["code"] for one in section["cases"]] == [second.code, first.code]
    assert [(one["id"], one["withdrawn"]) for one in section["cases"][1]["warnings"]] == [("W1", True), ("W2", False)]
    assert len(section["cases"][1]["stops"]) == 1
    assert [one["kind"] for one in section["cases"][0]["offences"]] == ["serious"]
    assert [one["kind"] for one in section["cases"][1]["sanctions"]] == ["expulsion"]
    assert [one.kind for one in decision.letters] == [Kind.ANSWER]
    assert decision.entries == []


def test_a_case_the_asker_is_kept_out_of_is_not_there():
    """Not so much as a number, and the totals fit."""
    w = world()
    first = case(w)
    says(w, WARN, WARN, of=first)
    assert w.staff("[recuse]", BEN, case=first).ok
    second = case(w)
    says(w, WARN, of=second)
    section = shown(w.staff("[history:P1]", BEN, case=second))
    assert section["counted"] == [{"event": "PyCon Malta 2026", "warnings": 1}]
    assert [one["code"] for one in section["cases"]] == [second.code]
    assert shown(w.staff("[history:P1]", case=second))["counted"] == [{"event": "PyCon Malta 2026", "warnings": 3}]


def test_nothing_on_record():
    """Somebody with a clean sheet."""
    w = world()
    case(w)
    section = shown(w.staff("[history:p1]"))
    assert (section["counted"], section["cases"][0]["warnings"], section["cases"][0]["sanctions"]) == ([], [], [])


def test_a_history_needs_a_person_of_a_case():
    """Unknown ones are refused with those that are known; a mail about no case says so."""
    w = world()
    case(w)
    assert w.staff("[history:P7]").sentences == ["There is no P7 on this case; known: P1 (Robin Example)."]
    assert w.new_mail("[history:P1]").sentences == ["This mail is about no case; answer one that is, or put [case:its-code-name] in front."]


def test_the_name_of_an_anonymous_reporter_is_hidden():
    """What was said of a warning is shown as any text of the case."""
    w = world()
    w.wait(HOUR)
    w.report("[anonymous]\nHe shouted.", name="Kim Kitten")
    w.accepted()
    assert w.staff(EVENT + ROBIN).ok
    assert w.staff("[warn:P1]\nKim Kitten saw it.").ok
    assert "Kitten" not in str(shown(w.staff("[history:P1]")))
