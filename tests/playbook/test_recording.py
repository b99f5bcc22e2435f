"""Reports that staff take in person and write down: `[record]` (playbook, "In-person reports"; rows P10, P13, P15, P21, P22, P24, P34)."""

from datetime import timedelta

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import Await, Keep, Open
from maild.playbook.entry import What
from maild.playbook.events import Found
from maild.playbook.letters import Kind
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, DAY, FELIX, HOUR, KIM, MONDAY, PROOF, PYCON, World, leaving, mail, policy

SAID = "Somebody shouted at me in the hall after the keynote."

PERMITTED = f"contact: Kim Reporter, {KIM}\nmay we write to them: yes\naccount: {SAID}"


def world(**changes):
    """An organisation with a conference."""
    return World(policy=policy(**{"conferences": (PYCON,), **changes}))


def recorded(text=SAID, tag="[record event=pycon-2026]", **changes):
    """A report that Ana took in person and sent as an answer to a letter about no case; its world and what was decided."""
    w = world(**changes)
    return w, w.on_no_case(f"{tag}\n{text}")


def test_a_record_is_a_case_with_the_statement_and_the_notes_apart():
    """P10: what the person said stands word for word in one field, the taker's own remarks in another, both labelled for the team."""
    w, decision = recorded(f"{SAID}\n\n-- my notes --\nKim seemed very tired.")
    assert decision.ok
    assert [(one.what, one.facts.get("text")) for one in decision.entries if "text" in one.facts] == [
        (What.RECORDED, SAID),
        (What.NOTE, "Kim seemed very tired."),
    ]
    facts = decision.letter(Kind.NEW_RECORD, "ben").facts
    assert (facts["text"], facts["notes"], facts["event"]) == (SAID, "Kim seemed very tired.", "PyCon Malta 2026")
    assert w.case.event == "pycon-2026"
    assert decision.all(Keep)[0].ticket_id == w.case.id


def test_both_clocks_run_and_the_acknowledgement_is_met():
    """P34: a report in person has both clocks; whoever listened has acknowledged it."""
    w, decision = recorded()
    assert w.case.state is State.ACKNOWLEDGED
    assert not w.case.running(Duty.ACKNOWLEDGE)
    assert w.case.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY
    assert w.case.running(Duty.TAKE)
    assert decision.all(Open)[0].told


def test_whoever_writes_it_down_is_no_reporter():
    """The submitter gets one answer, stays in the team, and is not acknowledged as if they had reported."""
    w, decision = recorded("I took this down myself. Ana Abela, at the front desk.")
    assert decision.to("ana") == [Kind.ANSWER]
    assert w.case.withheld == {}
    assert w.staff("[take]").ok


def test_with_address_and_permission_the_reporter_gets_a_receipt():
    """P22, P52: on their own thread, at the address they gave, and what they answer is the reporter's."""
    w, decision = recorded(PERMITTED)
    (letter,) = leaving(decision)
    assert (letter.kind, letter.to.address, letter.to.name, letter.references) == (Kind.RECORD_RECEIPT, KIM, "Kim Reporter", ())
    assert letter.facts == {"event": "PyCon Malta 2026"}
    assert decision.answer["sent"] == ["the acknowledgement"]
    assert w.wrote("It was the red hall.").happened == [What.WROTE]
    assert leaving(w.staff("[reply]\nThank you."))[0].to.address == KIM


NOT_WRITTEN_TO = [
    ("nothing about contact", SAID, "no address"),
    ("a telephone number", "contact: Kim, 555-0199\nmay we write to them: yes", "no address"),
    ("no word about permission", f"contact: {KIM}\naccount: {SAID}", "does not say"),
    ("permission refused", f"contact: {KIM}\nmay we write to them: no", "does not say"),
    ("permission with a condition", f"contact: {KIM}\nmay we write to them: yes, but only after Sunday", "does not say"),
    ("the form as it was sent", f"contact: {KIM}\nmay we write to them: yes, or no", "does not say"),
    ("the address of the writer", f"contact: {ANA.address}\nmay we write to them: yes", "our own"),
    ("our own mailbox", "contact: info@club.example\nmay we write to them: yes", "our own"),
]


@pytest.mark.parametrize(("case", "text", "why"), NOT_WRITTEN_TO, ids=[case for case, *_ in NOT_WRITTEN_TO])
def test_without_both_the_reporter_is_never_written_to(case, text, why):
    """P21: in doubt nothing is sent, then or later; the duty of the week is met by the resolution alone."""
    w, decision = recorded(text)
    assert why in decision.sentences[0]
    for later in (decision, w.staff("[take]"), w.tick(166 * HOUR + HOUR / 2), w.staff(ALL_FIVE + "[resolve:private-reprimand]")):
        assert leaving(later) == []
    assert w.case.answered_at
    assert "no address" in w.staff("[reply]\nThank you.").sentences[0]


def test_an_address_without_permission_does_not_leave_either():
    """In a letter to somebody else it is held, as the address of any reporter."""
    w, _ = recorded(f"contact: Kim Reporter, {KIM}\naccount: {SAID}")
    w.staff('[person:P1 name="Robin Example" address=robin@away.example]')
    decision = w.staff(f"[write:P1]\nWrite to {KIM} and say sorry.")
    assert "reporter's address" in decision.sentences[0]
    assert "names the reporter" in w.staff("[write:P1]\nKim was hurt.").sentences[0]


def test_a_record_with_all_tags_is_resolved_in_one_step():
    """P22: what was dealt with at the event is one mail."""
    w, decision = recorded(f"{PERMITTED}\n[take]\n{ALL_FIVE}[resolve:private-reprimand]\n[told:P1]")
    assert decision.ok
    assert (w.case.state, w.case.lead, w.case.untold) == (State.RESOLVED, "ana", ())
    assert [letter.kind for letter in leaving(decision)] == [Kind.RECORD_RECEIPT, Kind.OUTCOME]
    assert decision.to("ben") == [Kind.NEW_RECORD, Kind.COPY]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (f"[take]\n[record event=pycon-2026]\n{SAID}", ""),
        (f"{SAID}\n[record event=pycon-2026]\n[take]", ""),
        (f"{SAID}\n[take]", "[record event=pycon-2026]"),
        (f"[RECORD event=PYCON-2026]\n{SAID}\n[take]", ""),
    ],
    ids=["tags above it", "the statement above it", "the tag in the Subject", "in capitals"],
)
def test_however_the_mail_is_laid_out(text, subject):
    """The other tags act on the case it makes, wherever they stand; the statement is what there is of text."""
    w = world()
    w.new_mail(text, subject=subject)
    decision = w.confirm()
    assert decision.ok
    assert (w.case.lead, w.case.event) == ("ana", "pycon-2026")
    assert w.said[w.case.id][0].text == SAID


def test_text_above_and_below_is_a_note_and_a_statement():
    """Nothing of it is lost."""
    w = world()
    w.on_no_case(f"For the team.\n[record]\n{SAID}")
    assert [(said.relation, said.text) for said in w.said[w.case.id]] == [("recorded", SAID), ("note", "For the team.")]


def test_a_new_mail_is_asked_back_and_is_a_case_meanwhile():
    """Only a token of ours and the proof of a domain make a record at once; until the [confirm] the team has it, and nobody else hears."""
    w = world()
    asked = w.new_mail(f"For the team.\n[record event=pycon-2026]\n{PERMITTED}\n-- my notes --\nKim was tired.\n[take]")
    case = w.case
    assert (asked.all(Await)[0].ticket_id, case.state, case.lead, case.event) == (case.id, State.NEW, None, "pycon-2026")
    assert (case.unconfirmed, case.reporter.address, case.reporter.contact) == (True, "", KIM)
    assert {Duty.ACKNOWLEDGE, Duty.RESPOND, Duty.TAKE} == {duty for duty in case.clocks if case.running(duty)}
    facts = asked.letter(Kind.NEW_RECORD, "ben").facts
    assert (facts["unconfirmed"], facts["notes"]) == (True, "Kim was tired.\n\nFor the team.")
    assert asked.letter(Kind.CHALLENGE).facts["kept_as"] == case.code
    assert leaving(asked) == []
    w.wait(3 * HOUR)
    decision = w.confirm()
    assert decision.ok
    assert list(w.tickets) == [case.id]
    assert (w.case.unconfirmed, w.case.reporter.address, w.case.lead, w.case.received_at) == (False, KIM, "ana", MONDAY)
    assert (w.case.running(Duty.ACKNOWLEDGE), w.case.clocks[Duty.RESPOND].due_at) == (False, MONDAY + 7 * DAY)
    assert [letter.kind for letter in leaving(decision)] == [Kind.RECORD_RECEIPT]
    assert decision.to("ben") == [Kind.COPY]
    assert [(one.relation, one.text) for one in w.said[case.id]] == [
        ("taken-down", PERMITTED),
        ("note", "Kim was tired.\n\nFor the team."),
    ]


def test_what_was_never_confirmed_is_worked_on_as_any_case():
    """The lapse of the question takes nothing away: the ladders climb, and whoever is there decides; only no letter leaves."""
    w = world()
    w.new_mail(f"[record]\n{PERMITTED}")
    assert w.tick(timedelta(hours=4)).who(Kind.REMINDER) == ["ana", "ben", "carla"]
    assert w.tick(30 * HOUR).letters
    assert w.staff("[take]", BEN).ok
    decision = w.staff(ALL_FIVE + "[resolve:private-reprimand]", BEN)
    assert (decision.ok, leaving(decision), w.case.state) == (True, [], State.RESOLVED)


def test_a_record_on_its_thread_confirms_the_same_case():
    """By any of its team; what is written down now is added, and whom it names is kept out."""
    w = world()
    w.new_mail(f"[record]\n{SAID}")
    decision = w.staff(f"[record event=pycon-2026]\n{PERMITTED}\ncontext: Carla Zoë Camilleri was there\n-- my notes --\nTired.", BEN)
    assert decision.ok
    assert (len(w.tickets), w.case.unconfirmed, w.case.event, w.case.withheld) == (1, False, "pycon-2026", {"carla": "hold"})
    assert [letter.to.address for letter in leaving(decision)] == [KIM]
    assert [one.relation for one in w.said[w.case.id]] == ["taken-down", "recorded", "note"]
    again = w.confirm()
    assert again.sentences == ["It was confirmed before."]
    assert leaving(again) == []


def test_what_was_set_aside_is_confirmed_without_a_letter():
    """It is on record that it was theirs; whether it is a report after all is a decision."""
    w = world()
    w.new_mail(f"[record]\n{PERMITTED}")
    assert w.staff("[not-a-report:enquiry]", BEN).ok
    decision = w.confirm()
    assert (decision.ok, leaving(decision), w.case.state, w.case.unconfirmed) == (True, [], State.NOT_A_REPORT, False)


def test_whoever_was_kept_out_meanwhile_confirms_nothing():
    """The case is not theirs any more, and they learn nothing of it."""
    w = world()
    w.new_mail(f"[record]\n{PERMITTED}")
    assert w.staff("[recuse:ana]", BEN).ok
    decision = w.confirm()
    assert (decision.ok, leaving(decision), w.case.unconfirmed) == (False, [], True)


def test_it_is_a_case_of_its_own_where_it_answers_another():
    """Asked back on the thread of one case, it is a second one at once; what is said of the first waits for the [confirm]."""
    w = world()
    w.report()
    first = w.case
    asked = w.staff(f"[take]\n[record]\n{SAID}\n[urgent]", token="")
    second = w.case
    assert (second.unconfirmed, w.tickets[first.id].lead, len(w.tickets)) == (True, None, 2)
    assert asked.who(Kind.NEW_RECORD) == ["ben", "carla"]
    assert w.confirm().ok
    assert (w.tickets[first.id].lead, w.tickets[second.id].unconfirmed, len(w.tickets)) == ("ana", False, 2)


KEPT = [
    ("a second record", f"[record]\n{SAID}\n[record]\n{SAID}"),
    ("a mistake in another tag", f"[record]\n{SAID}\n[resolve:privately]"),
    ("a misspelt tag", f"[recrod]\n{SAID}"),
    ("an unknown key", f"[record evnt=pycon-2026]\n{SAID}"),
    ("the statement below another tag", f"[record]\n[take]\n{SAID}"),
    ("a warning where there is no case", f"[warn:P1]\n{SAID}"),
    ("a note about no case", f"[note]\n{SAID}"),
    ("text above a tag", f"{SAID}\n[take]"),
    ("text below a tag that takes none", f"[take]\n{SAID}"),
]


@pytest.mark.parametrize("proof", [PROOF, ""], ids=["proven", "unproven"])
@pytest.mark.parametrize("way", [World.new_mail, World.on_no_case], ids=["new", "on no case"])
@pytest.mark.parametrize(("case", "text"), KEPT, ids=[case for case, _ in KEPT])
def test_what_is_refused_is_a_case_all_the_same(case, text, way, proof):
    """Decisions are refused, facts are not: the others of the team read what was written, and the writer where it is."""
    w = world()
    decision = way(w, text, proof=proof)
    assert not decision.ok
    assert (len(w.tickets), w.case.unconfirmed, w.case.lead) == (1, True, None)
    assert SAID in decision.letter(Kind.NEW_RECORD, "ben").facts["text"]
    assert w.case.code in decision.answer["remark"]
    assert w.staff(f"[record]\n{PERMITTED}\n[take]").ok
    assert (len(w.tickets), w.case.unconfirmed, w.case.lead) == (1, False, "ana")


NO_REPORT = [
    ("a list", "Hello,\n[list]\nThanks."),
    ("help", "[help]\nWhat can I do?"),
    ("a confirmation of nothing", "Hello,\n[confirm]\nThanks."),
    ("a case that is not known", f"[case:amber-bell]\n[note]\n{SAID}"),
    ("a letter to nobody", "Dear all,\n[reply]\nDear Kim"),
    ("a tag alone", "[take]"),
]


@pytest.mark.parametrize(("case", "text"), NO_REPORT, ids=[case for case, _ in NO_REPORT])
def test_what_tells_of_nothing_makes_no_case(case, text):
    """What asks us something, or speaks of a case that there may be, is answered to its writer alone."""
    w = world()
    w.new_mail(text)
    assert w.tickets == {}


def test_two_readings_of_one_mail_lose_no_report():
    """Its two alternatives hold different commands, so none is carried out; what it says is kept."""
    w = world()
    decision = w.new_mail(f"[record]\n{SAID}", commands_differ=True)
    assert (w.case.unconfirmed, decision.answer["remark"].endswith("[not-a-report:enquiry].")) == (True, True)
    w = world()
    assert w.new_mail(SAID, commands_differ=True).who(Kind.NEW_RECORD) == ["ben", "carla"]


def test_a_flood_in_a_name_of_ours_is_told_of_by_a_summary():
    """Each is a case; no letter for each."""
    w = world()
    decision = w.arrive(mail(f"[recrod]\n{SAID}", ANA.address), recent=w.policy.limits.notices_before_summary)
    assert decision.who(Kind.NEW_RECORD) == []
    assert not decision.all(Open)[0].told


def test_where_too_many_questions_are_open_it_is_a_report_as_any():
    """It is not asked back any more, and not left lying either."""
    w = world()
    asked = mail(f"[record]\n{SAID}", ANA.address, proof=PROOF)
    decision = w.arrive(asked, open_challenges=w.policy.limits.open_challenges)
    assert decision.who(Kind.NEW_REPORT) == ["ben", "carla"]
    assert decision.all(Await) == []


REFUSED = [
    ("nothing below it", "[record]", "There was no text"),
    ("dashes only", "[record]\n--\n", "There was no text"),
]


@pytest.mark.parametrize(("case", "text", "why"), REFUSED, ids=[case for case, *_ in REFUSED])
def test_only_an_empty_record_is_refused(case, text, why):
    """P15: and then no case is made."""
    w = world()
    decision = w.on_no_case(text)
    assert any(why in sentence for sentence in decision.sentences)
    assert w.tickets == {}


def test_notes_alone_are_a_record():
    """P15: the person may have said nothing that could be written down."""
    w, decision = recorded("-- my notes --\nA man in tears left before he could say more.")
    assert decision.ok
    assert w.case.state is State.ACKNOWLEDGED


def test_an_unknown_event_loses_no_report():
    """The case is made, and the answer names the events there are with a line that works."""
    w, decision = recorded(tag="[record event=pycon]")
    assert decision.ok
    assert "it can be pycon-2026. Say which with [event:pycon-2026]." in decision.sentences[0]
    assert w.staff("[event:pycon-2026]").ok
    w, decision = recorded(tag="[record event=pycon]", conferences=())
    assert "no [[event]]" in decision.sentences[0]


def test_what_was_not_volunteered_is_told_to_staff_alone():
    """P13, P14: the team sees it, the reporter is asked for nothing."""
    _, decision = recorded(PERMITTED)
    missing = ["people", "when and where", "context", "ongoing", "anything else"]
    assert decision.letter(Kind.NEW_RECORD, "ben").facts["not_said"] == missing
    assert [one for one in missing if one in str(decision.letter(Kind.RECORD_RECEIPT).facts)] == []
    assert f"Not volunteered: {', '.join(missing)}." in decision.sentences[0]
    whole = "\n".join(f"{name}: x" for name in ("contact", "account", *missing))
    assert "Not volunteered" not in recorded(whole)[1].sentences[0]


def test_those_it_names_are_kept_out():
    """As of any report: Ben, whom the statement names, hears nothing; tags are no mention; who wrote it down may let him in."""
    w, decision = recorded("Ben Müller-Borg laughed at me.\n[assign:carla]")
    assert w.case.withheld == {"ben": "hold"}
    assert decision.to("ben") == []
    assert "[unrecuse:ben]" in decision.sentences[0]
    assert w.case.lead == "carla"
    assert w.staff("[unrecuse:ben]").ok


def test_one_of_us_who_reported_in_person_is_no_member_of_the_team():
    """A colleague told it: the case is not theirs to see, and they may be written to as anybody."""
    w, decision = recorded(f"contact: {BEN.address}\nmay we write to them: yes\naccount: {SAID}")
    assert w.case.withheld == {"ben": "party"}
    assert decision.to("ben") == []
    assert [letter.to.address for letter in leaving(decision)] == [BEN.address]


def test_where_it_names_all_others_too_few_are_left():
    """The writer alone works on it, and nobody who is named is told."""
    w, decision = recorded("Ben and Carla laughed at me.")
    assert set(w.case.withheld) == {"ben", "carla"}
    assert decision.who(Kind.NEW_RECORD) == []


def test_it_can_be_sent_as_an_answer_on_another_case():
    """The new case is its own: what stands above the tag was said of the old one, what stands below of the new."""
    w = world()
    w.report()
    first = w.case
    decision = w.staff(f"[take]\n[record]\n{SAID}\n[urgent]")
    assert decision.ok
    second = w.case
    assert second.id != first.id
    assert (w.tickets[first.id].lead, w.tickets[first.id].urgent, second.lead, second.urgent) == ("ana", False, None, True)


def test_an_alarm_in_a_proven_record_rings_for_its_case():
    """One case, with the statement, and the alarm at once."""
    w, decision = recorded(f"{SAID}\n[urgent]\nHe is at the door.")
    assert decision.who(Kind.ALARM) == ["ana", "ben", "carla"]
    assert w.case.urgent
    assert What.RECORDED in decision.happened


@pytest.mark.parametrize("text", [f"[record]\n{SAID}\n[urgent]", f"[record]\n[urgent]\n{SAID}"], ids=["unproven", "refused"])
def test_an_alarm_does_not_wait_for_a_question(text):
    """Where the record would be asked back or refused, the mail itself becomes the case that rings."""
    w = world()
    decision = w.new_mail(text)
    assert decision.who(Kind.ALARM) == ["ben", "carla"]
    assert w.case.urgent


def test_the_contact_outside_the_team_reports_as_anybody():
    """Whoever is not of the staff makes no record; what they send is a report, and lost in no case."""
    w = world()
    decision = w.on_no_case(f"[record]\n{SAID}", FELIX)
    assert decision.who(Kind.NEW_REPORT) == ["ana", "ben", "carla"]


def test_somebody_who_is_kept_out_of_a_case_makes_no_record_on_its_thread():
    """It may be about the very same thing: a report of theirs, kept from those the case is kept from."""
    w = world()
    w.report()
    w.staff("[recuse]")
    first = w.case
    decision = w.staff(f"[record]\n{SAID}", ANA, token="")
    assert w.case.id != first.id
    assert "ana" in w.case.withheld
    assert decision.who(Kind.NEW_REPORT) == ["ben", "carla"]


def test_no_word_of_it_leaves_by_a_reply():
    """Five words of the statement or of the notes hold a letter, in the same mail and in a later one."""
    w, decision = recorded(f"{PERMITTED}\n[reply]\nYou said: somebody shouted at me in the hall.")
    assert "five words" in decision.sentences[1]
    w, _ = recorded(PERMITTED)
    assert "five words" in w.staff("[reply]\nYou said: somebody shouted at me in the hall.").sentences[0]


def test_a_receipt_that_comes_back_undoes_nothing():
    """They were heard in person; the team is told of the address."""
    w, _ = recorded(PERMITTED)
    decision = w.lost(Kind.RECORD_RECEIPT)
    assert decision.who(Kind.FAILURE) == ["ana", "ben", "carla"]
    assert not w.case.running(Duty.ACKNOWLEDGE)
    assert w.accepted(Kind.RECORD_RECEIPT).happened == [What.ACCEPTED]


def test_the_reporter_may_ask_for_no_contact():
    """P20: by answering the receipt."""
    w, _ = recorded(PERMITTED)
    w.wrote("[no-contact]", found=Found.TOKEN)
    assert w.case.no_contact
    assert leaving(w.staff(ALL_FIVE + "[resolve:private-reprimand]")) == []


def test_nobody_takes_it_for_four_hours():
    """As any report, it is to be taken by somebody."""
    w, _ = recorded()
    assert w.tick(timedelta(hours=4)).who(Kind.REMINDER) == ["ana", "ben", "carla"]
