"""Commands that only answer the asker."""

import pytest

from maild.playbook.commands import VERBS
from maild.playbook.decide.lookups import UNKNOWN_CASE
from maild.playbook.effects import Append
from tests.playbook.cases import ALL_FIVE, BEN, DAY, HOUR, MONDAY, World, closed, resolved


def section(decision):
    """The one section of an answer."""
    (one,) = decision.answer["sections"]
    return one


LOOKUPS = ["[status]", "[show]", "[list:open]", "[list:mine]", "[list:overdue]", "[list:held]", "[help]"]


@pytest.mark.parametrize("text", LOOKUPS)
def test_a_lookup_changes_nothing_and_is_answered_to_the_asker(text):
    """[status], [show], [list:…] and [help] answer without changing anything (behaviour 39)."""
    w = World()
    w.report()
    decision = w.staff(text)
    assert decision.ok
    assert decision.all(Append) == []
    assert {letter.to.handle for letter in decision.letters} == {"ana"}


def test_the_status_tells_where_a_case_stands():
    """State, lead, what is determined, what is missing and open, and the next deadline."""
    w = resolved()
    facts = section(w.staff("[status]"))
    assert (facts["kind"], facts["code"], facts["reference"]) == ("status", w.case.code, w.case.reference)
    assert (facts["state"], facts["lead"], facts["urgent"]) == ("resolved", "ana", False)
    assert [(one["name"], one["version"]) for one in facts["determinations"]] == [
        ("violation", 1),
        ("ongoing", 1),
        ("safety", 1),
        ("what", 1),
        ("who", 1),
    ]
    assert facts["people"] == [{"ref": "P1", "role": "respondent", "name": "Robin Example"}]
    assert facts["resolutions"] == [{"kind": "private-reprimand", "to": ["P1"], "label": ""}]
    assert (facts["missing"], facts["next_deadline"]) == ([], None)
    assert facts["open"] == ["tell P1 (then write [told:P1])"]
    assert facts["acknowledged_at"] == facts["answered_at"] == MONDAY.isoformat()


def test_the_history_tells_what_was_said():
    """[show] holds every text of the case: the report, notes, determinations, letters."""
    w = World()
    w.report("Somebody shouted at me.")
    w.staff("[note]\nI know the room.")
    w.staff(ALL_FIVE)
    w.staff("[reply]\nThank you for telling us.")
    w.wrote("There is more.")
    texts = [(one["relation"], one["by"], one["text"]) for one in section(w.staff("[show]"))["texts"]]
    assert texts == [
        ("report", "reporter", "Somebody shouted at me."),
        ("note", "ana", "I know the room."),
        ("determination", "ana", "Robin talked over the speaker."),
        ("letter", "ana", "Thank you for telling us."),
        ("followup", "reporter", "There is more."),
    ]


def test_a_case_is_asked_for_by_name():
    """Another case by its code, also on the thread of one; its own name means the case as it is now."""
    w = World()
    w.report()
    one = w.case
    w.report("Another report.")
    assert section(w.staff(f"[status:{one.code}]"))["code"] == one.code
    assert section(w.staff(f"[take]\n[status:{w.case.code.upper()}]"))["lead"] == "ana"
    assert section(w.on_no_case(f"[show:{one.code}]"))["code"] == one.code


@pytest.mark.parametrize("verb", ["status", "show"])
def test_what_cannot_be_seen_does_not_exist(verb):
    """A name that is none and a case one is kept out of: the same words (behaviour 40)."""
    w = World()
    w.report("Ana shouted at me.")
    for code in (w.case.code, "no-such"):
        assert w.on_no_case(f"[{verb}:{code}]").sentences == [UNKNOWN_CASE]


def listed(w, which, who=BEN):
    """The codes of a list."""
    return [row["code"] for row in section(w.on_no_case(f"[list:{which}]", who))["rows"]]


def test_lists_hold_what_their_names_say():
    """Open cases, one's own, those past a deadline, held ones; the oldest first, and none that one may not see."""
    w = World()
    w.report()
    first = w.case.code
    w.accepted()
    w.staff("[take]", BEN)
    w.wait(HOUR)
    w.report("Ben shouted at me.")
    w.wait(HOUR)
    w.held()
    held = w.case.code
    w.report("Another report.")
    last = w.case.code
    assert listed(w, "open") == [first, last]
    assert listed(w, "mine") == [first]
    assert listed(w, "held") == [held]
    assert listed(w, "overdue") == []
    w.wait(DAY)
    assert listed(w, "overdue") == [held, last]


def test_a_list_tells_no_texts_and_no_names():
    """Code name, state, lead, moments and nothing else (product.md principle 6)."""
    w = World()
    w.report("SECRET", subject="SECRET", name="SECRET")
    (row,) = section(w.on_no_case("[list:open]"))["rows"]
    assert set(row) == {"code", "state", "lead", "urgent", "received_at", "next_deadline"}
    assert "SECRET" not in str(row)


def test_what_is_over_is_in_no_list():
    """A closed case is nobody's work."""
    w = closed()
    for which in ("open", "mine", "overdue", "held"):
        assert listed(w, which) == []


def test_help_shows_every_tag_and_what_is_missing():
    """[help] lists the commands, and on a case what is still to determine (background P01)."""
    w = World()
    w.report()
    facts = section(w.staff("[help]"))
    assert len(facts["rows"]) == len(VERBS)
    assert facts["missing"] == ["what", "violation", "who", "ongoing", "safety"]
    assert section(w.new_mail("[help]"))["missing"] == []
