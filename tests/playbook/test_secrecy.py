"""Nothing leaks: markers are planted everywhere in a case, and every letter is searched for those its reader must not see."""

from collections.abc import Mapping, Sequence

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import File, Journal, Withhold
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.tally import Standing, digest, weekly_slot
from tests.playbook.cases import BEN, CARLA, DAY, DORA, HOUR, KIM, World, leaving

PLANTED = {
    "reporter's name": "KIMNAME",
    "reporter's address": KIM,
    "subject": "SUBJECTWORD",
    "report": "REPORTWORD",
    "attachment": "ATTACHED",
    "copied": "copied@x.example",
    "follow-up": "FOLLOWWORD",
    "stranger": "STRANGERWORD",
    "note": "NOTEWORD",
    "what happened": "WHATWORD",
    "respondent": "ROBINNAME",
    "respondent's address": "robin@x.example",
    "witness": "WITNESSNAME",
    "label": "LABELWORD",
    "resolution": "RESOLUTIONWORD",
    "reply": "REPLYWORD",
    "explanation": "EXPLAINWORD",
    "alarm": "ALARMWORD",
}


def lived() -> World:
    """A world in which everything that can happen to a case has happened to one, with a marker in each text."""
    w = World()
    attached = ({"name": "ATTACHED.png", "type": "image/png", "size": 1},)
    w.report("REPORTWORD", name="KIMNAME", subject="SUBJECTWORD", attachments=attached, copied_to=("copied@x.example",))
    w.accepted()
    w.wrote("FOLLOWWORD")
    w.wrote("STRANGERWORD", sender="stranger@x.example")
    w.tick(30 * DAY / 24)
    w.staff("NOTEWORD")
    w.staff("[note]\nNOTEWORD\n[urgent]\nALARMWORD\n[take]")
    w.staff("[explain until=2026-11-28]\nEXPLAINWORD")
    w.accepted(Kind.EXPLANATION)
    w.staff('[person:P1 role=witness name="WITNESSNAME"]\n[person:P2 name="ROBINNAME" address=robin@x.example]')
    w.staff("[determine what violation=yes who=P2 ongoing=no safety=no]\nWHATWORD")
    w.staff("Please hurry.", DORA)
    w.now = w.case.clocks[Duty.RESPOND].due_at - HOUR
    w.tick()
    w.tick(20 * DAY)
    w.staff('[resolve:other label="LABELWORD" to=P2]\nRESOLUTIONWORD\n[reply]\nREPLYWORD', BEN)
    w.lost(Kind.OUTCOME)
    w.staff("[recuse:ben]\n[recuse:ana]", CARLA)
    w.staff("[recuse]", CARLA)
    w.tick(2 * DAY)
    return w


WORLD = lived()


def written(facts: object) -> str:
    """Every text in the facts of a letter, however deep."""
    if isinstance(facts, Mapping):
        return " ".join(f"{name} {written(value)}" for name, value in facts.items())
    if isinstance(facts, Sequence) and not isinstance(facts, str):
        return " ".join(map(written, facts))
    return str(facts)


def to(role: str) -> list:
    """All letters to people of one role."""
    return [letter for letter in WORLD.letters if letter.to.role == role]


def found(letters: list, markers: Mapping[str, str]) -> list[tuple[Kind, str]]:
    """Which of the markers stand in which letters."""
    return [(letter.kind, what) for letter in letters for what, mark in markers.items() if mark in written(letter.facts)]


def test_the_markers_are_really_there():
    """Staff read all of it: a search that finds nothing elsewhere has something to find."""
    assert {what for _, what in found(to("staff"), PLANTED)} == set(PLANTED)


def test_the_board_never_sees_text_or_names():
    """No letter to the board holds a word, a name, an address or a subject of the case (product.md section 1)."""
    letters = to("board")
    assert {letter.kind for letter in letters} >= {Kind.MISSED, Kind.TOO_FEW, Kind.ANSWER}
    assert found(letters, PLANTED) == []


def test_the_board_is_not_told_who_is_on_the_case():
    """Nor does any letter to the board tell how many people a case is about, by reference or otherwise."""
    assert found(to("board"), {"a reference": "P1", "another": "P2"}) == []


def test_the_digest_holds_code_names_and_numbers():
    """The weekly digest of this case is numbers, moments, states and a code name."""
    case = WORLD.case
    standing = Standing(
        code=case.code,
        state=case.state.value,
        received_at=case.received_at,
        acknowledge_due_at=None,
        acknowledged_at=case.acknowledged_at,
        respond_due_at=WORLD.now,
        answered_at=case.answered_at,
    )
    facts = digest([standing], slot=weekly_slot(WORLD.now, WORLD.policy), now=WORLD.now, policy=WORLD.policy)
    assert case.code in written(facts)
    assert [mark for mark in PLANTED.values() if mark in written(facts)] == []


def test_the_reporter_reads_what_was_written_to_them_and_nothing_else():
    """No note, no determination, no name of anybody, no code name, no word of their own report (product.md section 8)."""
    letters = to("reporter")
    inside = {what: mark for what, mark in PLANTED.items() if what not in ("reply", "explanation")}
    ours = {f"{one.handle}'s {field}": getattr(one, field) for one in WORLD.policy.people for field in ("name", "address")}
    assert {letter.kind for letter in letters} == {Kind.RECEIPT, Kind.EXPLANATION, Kind.HOLDING, Kind.OUTCOME}
    assert found(letters, {**inside, **ours, "code name": WORLD.case.code}) == []


def test_the_reporter_is_the_only_one_outside_who_is_written_to():
    """Whoever was copied, wrote on the thread, or is on the case gets nothing (product.md section 4)."""
    outside = {letter.to.address for letter in WORLD.letters} - {person.address for person in WORLD.policy.people}
    assert outside == {KIM}


def test_nobody_hears_of_a_case_after_they_were_kept_out():
    """From the decision that keeps somebody out, no later letter about the case is theirs (behaviour 48)."""
    out: set[str] = set()
    for decision in WORLD.decisions:
        out |= {effect.handle for effect in decision.all(Withhold)}
        readers = {letter.to.handle for letter in decision.letters if letter.ticket_id == WORLD.case.id}
        assert not readers & out
    assert out == {"ana", "ben", "carla"}


def test_journal_lines_hold_no_words():
    """The journal says who did what when to which case, and no more (security.md, decisions)."""
    lines = [line for decision in WORLD.decisions for line in decision.all(Journal)]
    assert len(lines) > 20
    assert [mark for mark in PLANTED.values() for line in lines if mark in str(line)] == []


def test_the_reason_a_mail_is_filed_with_holds_no_words():
    """What may stand in a log holds no text, name, address or subject."""
    reasons = [file.reason for decision in WORLD.decisions for file in decision.all(File)]
    assert [mark for mark in PLANTED.values() for reason in reasons if mark in reason] == []


INSIDE = [
    *("a note", "[note]\nx", "[take]", "[assign:ben]", "[drop]", "[determine violation=no]", "[answered]", "[urgent]\nx", "[close]"),
    *("[status]", "[show]", "[list:open]", "[help]", '[person:P1 name="x"]', "[told:P1]", "[recuse:carla]", "[unrecuse:carla]"),
    *("[not-a-report:test]", "[report]", "[reopen]", "[nonsense:x]", "[case:no-such]"),
]


@pytest.mark.parametrize("text", INSIDE)
def test_no_other_command_writes_to_the_reporter(text):
    """Only [reply], [explain], [resolve:…] and, for what was held, [report] leave the team (product.md principle 3)."""
    w = World()
    w.report()
    decision = w.staff(text)
    assert leaving(decision) == []
    assert decision.answer["sent"] == []


def test_every_letter_that_leaves_has_its_command_or_its_reason():
    """What the reporter got in this world: what somebody commanded, the acknowledgement, and one holding letter for each week."""
    kinds = [letter.kind for letter in WORLD.letters if letter.kind in TO_REPORTER]
    assert kinds == [Kind.RECEIPT, Kind.EXPLANATION, Kind.HOLDING, Kind.OUTCOME]
