"""Warnings, instructions to stop and offences: facts that any of the staff puts on record (rows P25, P28, P30, P31)."""

from datetime import timedelta

import pytest

from maild.playbook.entry import What
from maild.playbook.events import Sort
from maild.playbook.letters import Kind
from tests.playbook.cases import BEN, CARLA, DORA, HOUR, MONDAY, PYCON, World, leaving, malta, policy

EVENT = "[event:pycon-2026]\n"
ROBIN = '[person:P1 name="Robin Example" role=respondent]\n'


def world(above=EVENT + ROBIN, **changes):
    """An organisation with a conference, and one case at it."""
    w = World(policy=policy(**{"conferences": (PYCON,), **changes}))
    w.report()
    w.accepted()
    if above:
        assert w.staff(above).ok
    return w


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    return decision.sentences[-1]


def test_anybody_of_the_staff_warns():
    """P25: no approval and no rank; who, when, where and what was said stand on record."""
    w = world(approvals=2)
    decision = w.staff("[warn:P1]\nRobin was told not to touch people.", CARLA)
    assert decision.sentences == [
        "W1: a verbal warning to P1 is on record, at PyCon Malta 2026. Warnings that count: 1 there, 1 in all.",
    ]
    (warning,) = w.case.conduct.warnings
    assert (warning.id, warning.person, warning.by, warning.at, warning.event) == ("W1", "P1", "carla", w.now, "pycon-2026")
    assert warning.text == "Robin was told not to touch people."
    assert (w.case.proposal, w.case.sanctions, leaving(decision)) == (None, (), [])


def test_the_others_of_the_team_read_of_a_warning():
    """P25: the copy holds what was said."""
    copy = world().staff("[warn:P1]\nRobin was told.", BEN).letter(Kind.COPY, "ana")
    assert copy.facts["done"][0]["text"] == "Robin was told."


WARNINGS = [
    ("", "[warn:P1]\nx", ("P1", ""), "nobody is on the case yet: a person without a name"),
    ("", '[warn:P1 name="Sam Sample"]\nx', ("P1", ""), "the name in the tag"),
    ("", f"{ROBIN}[warn:P1]\nx", ("P1", ""), "the person in the same mail"),
    (ROBIN, "[warn:p1]\nx", ("P1", ""), "a case at no event"),
    (ROBIN, "[warn:P1 event=pycon-2026]\nx", ("P1", "pycon-2026"), "the event in the tag"),
    (EVENT + ROBIN, "[warn:P1]", ("P1", "pycon-2026"), "without a word: a fact all the same"),
    (EVENT + ROBIN, '[warn:P2 name="Sam"]\nx', ("P2", "pycon-2026"), "a second person"),
    (EVENT + ROBIN, '[warn:P1 name="Robin Other"]\nx', ("P1", "pycon-2026"), "a name that is known better now"),
    (EVENT + ROBIN + "[not-a-report:test]", "[warn:P1]\nx", ("P1", "pycon-2026"), "a case that was set aside"),
]


@pytest.mark.parametrize(("above", "written", "recorded", "why"), WARNINGS, ids=[why for *_, why in WARNINGS])
def test_a_warning_is_a_fact(above, written, recorded, why):
    """P25: it is not refused, whoever it was given to and wherever."""
    w = world(above)
    assert w.staff(written).ok
    (warning,) = w.case.conduct.warnings
    assert (warning.person, warning.event) == recorded


def test_a_name_in_a_fact_is_that_of_the_person():
    """P25: it stands with the reference from then on."""
    w = world()
    w.staff('[warn:P1 name="Robin Other"]\nx')
    w.staff('[stop-instruction:P2 by=staff name="Sam"]')
    assert [(one.ref, one.name, one.role) for one in w.case.people] == [
        ("P1", "Robin Other", "respondent"),
        ("P2", "Sam", "respondent"),
    ]


def test_one_of_us_who_is_warned_is_kept_out():
    """P25: who is named by a warning must not read it."""
    w = world()
    w.staff('[warn:P2 name="Ben Müller-Borg"]\nx')
    assert w.case.withheld == {"ben": "hold"}


UNKNOWN = [
    ("[warn:P7]\nx", "There is no P7 on this case; known: P1 (Robin Example). The next new person is P2."),
    ("[warn:P1 event=pycon]\nx", "There is no event pycon; it can be pycon-2026."),
    ("[withdraw-warning:W2]\nx", "There is no W2 on this case; known: W1."),
    ("[withdraw-warning:W1]", "There was no text below it: say why W1 is withdrawn."),
    ("[stop-instruction:P7]", "known: P1 (Robin Example)"),
    ("[offence:serious P7]", "known: P1 (Robin Example)"),
]


@pytest.mark.parametrize(("tag", "sentence"), UNKNOWN)
def test_what_is_unknown_is_named(tag, sentence):
    """An unknown person, event or warning is refused with those that are known."""
    w = world()
    w.staff("[warn:P1]\nx")
    assert sentence in refusal(w.staff(tag))


def test_there_is_nothing_to_withdraw():
    """A case without a warning says so."""
    assert refusal(world().staff("[withdraw-warning:W1]\nx")) == "There is no W1 on this case; known: none."


def test_a_withdrawn_warning_stays_on_record():
    """P25, P27: it is counted no more, and nobody can withdraw it twice."""
    w = world()
    w.staff("[warn:P1]\nRobin shouted.")
    w.staff("[warn:P1]\nRobin shouted again.")
    decision = w.staff("[withdraw-warning:W1]\nIt was somebody else.", BEN)
    assert decision.sentences == ["W1 is withdrawn: it stays on record. Warnings that count: 1 there, 1 in all."]
    assert [(one.id, one.withdrawn) for one in w.case.conduct.warnings] == [("W1", True), ("W2", False)]
    assert [one.text for one in w.said[w.case.id]][-1] == "It was somebody else."
    assert refusal(w.staff("[withdraw-warning:W1]\nOnce more.")) == "W1 is withdrawn already."
    w.staff("[warn:P1]\nRobin shouted a third time.")
    assert w.case.conduct.warnings[-1].id == "W3"


def test_only_staff_warn():
    """P25: a board-only address is told who does, and nothing is recorded."""
    w = world()
    decision = w.staff("[warn:P1]\nx", DORA)
    assert decision.sentences == ["Only staff warn; ask one of them: ana, ben or carla."]
    assert w.case.conduct.warnings == ()


def test_the_board_alone_on_a_case_may_warn():
    """P25: who works on the case because nobody else may is staff for it."""
    w = world("")
    w.report("Ana, Ben, Carla and Felix were there.", received_at=MONDAY)
    assert w.staff('[warn:P1 name="Robin Example"]\nx', DORA).ok


def test_a_warning_without_a_case_is_told_how_to_write_it():
    """P25: a mail about no case says what to put in front."""
    (sentence,) = world().new_mail("[warn:P1]\nx").sentences
    assert "[case:its-code-name]" in sentence
    assert "[record event=EVENT]" in sentence


@pytest.mark.parametrize("tag", ["[warn:P1]", "[stop-instruction:P1]", "[offence:serious P1]", "[expel:P1 ground=serious]"])
def test_what_is_put_on_record_does_not_leave(tag):
    """Principle 3: a letter that repeats it is held, be it of the same mail or a later one."""
    w = world()
    words = "Robin followed two guests into the lift."
    assert not w.staff(f"{tag}\n{words}\n[reply]\n{words}").ok
    assert w.staff(f"{tag}\n{words}").ok
    assert not w.staff(f"[reply]\n{words}").ok


def test_a_warning_counts_for_the_event_that_the_case_gets_later():
    """P27: where it happened may be written down after it."""
    w = world(ROBIN)
    w.staff("[warn:P1]\nx")
    assert w.staff(f"{EVENT}[warn:P1]\nx").sentences[-1].endswith("Warnings that count: 2 there, 2 in all.")


def test_an_instruction_to_stop_is_on_record():
    """P28: who said it, and when."""
    w = world()
    assert w.staff("[stop-instruction:P1 by=target]").sentences == ["Recorded: P1 was told to stop."]
    assert w.staff("[stop-instruction:P1]\nI think it was the porter.").ok
    assert [(one.person, one.by, one.at) for one in w.case.conduct.stops] == [("P1", "target", w.now), ("P1", "", w.now)]


OFFENCES = [
    ("[offence:serious P1]", "serious", MONDAY),
    ("[offence:intentional p1]\nHe took photographs.", "intentional", MONDAY),
    ("[offence serious P1]", "serious", MONDAY),
    ("[offence:serious of=P1]", "serious", MONDAY),
    ("[offence:serious]", "serious", MONDAY),
    ("[offence:serious P1 at=2026-11-22]", "serious", malta(2026, 11, 22, 23, 59, second=59)),
    ("[offence:serious P1 at=2026-11-23]", "serious", MONDAY),
    ("[offence:serious P1 at=2027-01-01]", "serious", MONDAY),
]


@pytest.mark.parametrize(("tag", "kind", "at"), OFFENCES)
def test_an_offence_is_on_record(tag, kind, at):
    """P30, P31: its kind, whose it was, and its day; of a day nobody knows the hour, and none lies ahead."""
    w = world()
    assert w.staff(tag, token="t" * 26).ok
    (offence,) = w.case.conduct.offences
    assert (offence.person, offence.kind, offence.at) == ("P1", kind, at)


def test_an_offence_without_a_person_asks_whose_it_was():
    """Where nobody or several may be meant, nobody is chosen."""
    assert refusal(world("").staff("[offence:serious]")) == "Say whose it was, such as [offence:serious P1]. Known: nobody yet."
    w = world(EVENT + ROBIN + '[person:P2 name="Sam" role=respondent]')
    assert refusal(w.staff("[offence:intentional]")).endswith("Known: P1, P2.")


def test_words_of_a_report_are_no_offence():
    """P30: nobody is guilty by a keyword."""
    w = World()
    w.report("They punched and groped me, and took up-skirt photos.")
    assert w.case.conduct.offences == ()
    assert What.OFFENDED not in w.decisions[-1].happened


@pytest.mark.parametrize("tag", ["[warn:P1]\nx", "[stop-instruction:P1]", "[offence:serious P1]"])
@pytest.mark.parametrize("state", ["held", "closed"])
def test_facts_are_recorded_in_every_state(tag, state):
    """Refuse decisions, never facts (product.md principle 1)."""
    w = world()
    if state == "held":
        w.held(Sort.BULK)
    else:
        w.staff("[determine violation=no who=nobody ongoing=no safety=no]\nNothing.\n[resolve:nothing]")
        w.accepted(Kind.OUTCOME)
        assert w.staff("[close]").ok
    assert w.staff(tag, token="t" * 26).ok


def test_a_fact_that_is_not_proven_is_asked_back():
    """Who writes without a proof is asked whether it was them, as with any decision."""
    w = world()
    w.staff("[warn:P1]\nx", proof="")
    assert w.case.conduct.warnings == ()
    w.confirm()
    assert len(w.case.conduct.warnings) == 1


def test_the_same_mail_warns_once():
    """A mail that is delivered twice is one warning."""
    w = world()
    token = list(w.tokens)[-1]
    for _ in range(2):
        w.staff("[warn:P1]\nx", token=token)
    assert len(w.case.conduct.warnings) == 1


def test_every_fact_is_in_the_journal_and_none_of_its_words():
    """Who recorded what about which case, and no text of anybody."""
    w = world()
    w.wait(HOUR)
    for tag in ("[warn:P1]\nSECRET", "[withdraw-warning:W1]\nSECRET", "[stop-instruction:P1]\nSECRET", "[offence:serious P1]\nSECRET"):
        w.wait(timedelta(minutes=1))
        decision = w.staff(tag)
        lines = [str((one.verb, one.by, one.facts)) for one in decision.effects if type(one).__name__ == "Journal"]
        assert lines
        assert "SECRET" not in " ".join(lines)


@pytest.mark.parametrize("tag", ["warn:P1", "stop-instruction:P1", "offence:serious P1"])
def test_whoever_of_us_it_is_about_is_kept_out_and_the_answer_says_so(tag):
    """As for any name that is given to somebody on a case: its writer reads who hears nothing more, and how to lift it."""
    w = World()
    w.report()
    told = w.staff(f'[{tag} name="Ben Mueller-Borg"]\nStop.')
    assert told.to("ben") == []
    assert told.sentences[0].endswith(" Kept out of this case for that name: ben; if that is a mistake, write [unrecuse:ben].")
    assert w.staff("[unrecuse:ben]").ok
