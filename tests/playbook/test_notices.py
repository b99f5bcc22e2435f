"""What each letter of a case knows, and to whom it goes."""

from itertools import islice

import pytest

from maild.playbook import notices
from maild.playbook.deadlines import Duty, Rung, Step, ladder, respond_clock
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.policy import Notices
from maild.playbook.ticket import CasePerson
from tests.playbook.cases import ANA, KIM, MONDAY, TEAM, mail, policy, reporter, ticket

FULL, MINIMAL = policy(), policy(notices=Notices.MINIMAL)

SPOKEN = mail(
    "WORDS of the report",
    name="NAME",
    subject="SUBJECT",
    copied_to=("copied@ADDRESS.example",),
    attachments=({"name": "ATTACHED.pdf", "type": "application/pdf", "size": 9},),
)

MARKS = ("WORDS", "NAME", "SUBJECT", "ADDRESS", "ATTACHED", "kim@")


def handles(sends):
    """Whose letters they are."""
    return tuple(send.letter.to.handle for send in sends)


TELLING = [
    (lambda ours: notices.told_of_report(ticket(), SPOKEN, ours, ""), TEAM, "a new report"),
    (lambda ours: notices.told_of_message(ticket(), SPOKEN, ours, "followup"), TEAM, "another message"),
    (
        lambda ours: notices.told_of_note(ticket(), "WORDS NAME SUBJECT ADDRESS ATTACHED kim@", ANA, ours, proven=True),
        ("ben", "carla"),
        "a note",
    ),
    (
        lambda ours: notices.told_of_acts(
            ticket(),
            [{"written": "[reply]", "sentence": "NAME kim@", "text": "WORDS SUBJECT ADDRESS ATTACHED"}],
            {"sent": []},
            ANA,
            ours,
            proven=True,
        ),
        ("ben", "carla"),
        "what one of the team did",
    ),
    (lambda ours: notices.alarmed(ticket(), "Ana", "WORDS NAME SUBJECT ADDRESS ATTACHED kim@", ours, proven=True), TEAM, "an alarm"),
]


@pytest.mark.parametrize(("tell", "readers", "why"), TELLING, ids=[why for *_, why in TELLING])
def test_a_full_notice_holds_the_words(tell, readers, why):
    """A volunteer reads the report on a phone (product.md section 10: notices are full by default)."""
    sends = tell(FULL)
    assert handles(sends) == readers
    assert all(mark in str(send.letter.facts) for mark in MARKS for send in sends)


@pytest.mark.parametrize(("tell", "readers", "why"), TELLING, ids=[why for *_, why in TELLING])
def test_a_minimal_notice_holds_nobodys_words(tell, readers, why):
    """Where an organisation wants it so, a notice says that there is something and not what (behaviour 49)."""
    sends = tell(MINIMAL)
    assert handles(sends) == readers
    assert [mark for mark in MARKS for send in sends if mark in str(send.letter.facts)] == []
    assert all(send.letter.facts["minimal"] for send in sends)


def step(rung):
    """A step of the ladder of the answer."""
    return Step(number=1, at=MONDAY, rung=rung)


STEPS = [
    (Rung.LEAD, [(Kind.REMINDER, "ben")], "the lead"),
    (Rung.LEAD_AGAIN, [(Kind.REMINDER, "ben")], "the lead once more"),
    (Rung.STAFF, [(Kind.REMINDER, who) for who in TEAM], "all staff"),
    (Rung.BOARD, [(Kind.MISSED, "dora")], "the board"),
    (Rung.HOLDING, [(Kind.REMINDER, who) for who in TEAM], "all staff, that the reporter was told we are late"),
    (Rung.BREACH, [(Kind.MISSED, "dora"), *((Kind.REMINDER, who) for who in TEAM)], "the board and all staff"),
]


@pytest.mark.parametrize(("rung", "letters", "why"), STEPS, ids=[why for *_, why in STEPS])
def test_each_step_tells_those_it_belongs_to(rung, letters, why):
    """Lead, all staff, board, breach: each step of a ladder has its readers (product.md section 7)."""
    sends = notices.reminded(ticket(lead="ben"), step(rung), Duty.RESPOND, FULL, now=MONDAY)
    assert [(send.letter.kind, send.letter.to.handle) for send in sends] == letters


def test_every_rung_has_its_readers():
    """No step of any ladder is told to nobody."""
    rungs = {one.rung for one in islice(ladder(respond_clock(MONDAY, FULL), FULL.clocks), 10)} | set(Rung)
    assert all(notices.reminded(ticket(), step(rung), Duty.RESPOND, FULL, now=MONDAY) for rung in rungs)


TO_BOARD = [
    lambda case: notices.reminded(case, step(Rung.BOARD), Duty.RESPOND, FULL, now=MONDAY),
    lambda case: notices.too_few(case, FULL),
]


@pytest.mark.parametrize("tell", TO_BOARD, ids=["a missed deadline", "too few people"])
def test_the_board_sees_numbers_and_states(tell):
    """Nothing the board is told depends on what was written, on who wrote it, or on who was determined (product.md section 1)."""
    robin = CasePerson(ref="P1", role="respondent", name="Robin")
    plain = ticket(reporter=None, withheld=dict.fromkeys(TEAM, "hold"))
    full = ticket(reporter=reporter(KIM), people=(robin,), untold=("P1",), withheld=dict.fromkeys(TEAM, "hold"))
    (one,), (other,) = ([send.letter for send in tell(case) if send.letter.to.handle == "dora"] for case in (plain, full))
    assert dict(one.facts) == dict(other.facts)


def test_too_few_is_told_when_nobody_of_the_staff_is_left():
    """One clean person is enough to work on a case; none is not."""
    assert notices.too_few(ticket(withheld={"ana": "hold", "ben": "hold"}), FULL) == ()
    assert handles(notices.too_few(ticket(withheld=dict.fromkeys(TEAM, "hold")), FULL)) == ("fallback", "dora")


def test_others_learn_who_is_kept_out_for_a_mention():
    """Whoever is held for a mention is named to the others, who can let them in again; a recusal is nobody's business."""
    case = ticket(withheld={"ben": "hold", "carla": "recused"})
    for sends in (notices.told_of_report(case, SPOKEN, FULL, ""), notices.told_of_message(case, SPOKEN, FULL, "followup")):
        assert handles(sends) == ("ana",)
        assert sends[0].letter.facts["withheld"] == ["ben"]


def test_somebody_no_longer_configured_is_named_to_nobody():
    """A handle that left the configuration has no name to tell."""
    assert notices.told_of_report(ticket(withheld={"gone": "hold"}), SPOKEN, FULL, "")[0].letter.facts["withheld"] == []


def test_a_letter_to_the_reporter_answers_their_last_mail():
    """It joins the reporter's own thread, in their language, and knows no code name but the reference."""
    (letter,) = notices.to_reporter(ticket(), Kind.REPLY, {"text": "Thank you."})
    assert (letter.to.handle, letter.to.address) == ("reporter", KIM)
    assert (letter.in_reply_to, letter.references, letter.language) == ("1@mail.example", ("1@mail.example",), "en")
    assert dict(letter.facts) == {"text": "Thank you."}


def test_nobody_is_answered_without_an_address():
    """Where no address may be answered, there is no letter."""
    assert notices.to_reporter(ticket(reporter=reporter("")), Kind.REPLY, {}) == ()
    assert notices.to_reporter(ticket(reporter=None), Kind.REPLY, {}) == ()


def test_letters_about_a_case_are_for_one_reader_each():
    """Each of the team gets a letter of their own, with a token of their own later."""
    sends = notices.told_of_failure(ticket(), "receipt", "reporter", FULL)
    assert handles(sends) == TEAM
    assert {send.letter.kind for send in sends}.isdisjoint(TO_REPORTER)
