"""What each command does to a case, and how it is refused."""

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import Clear, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Sort
from maild.playbook.letters import Kind
from maild.playbook.policy import Clocks
from maild.playbook.ticket import State
from tests.playbook.cases import (
    ALL_FIVE,
    BEN,
    CARLA,
    DAY,
    FELIX,
    HOUR,
    INSTANT,
    KIM,
    MONDAY,
    SEPARATOR,
    TEAM,
    World,
    closed,
    leaving,
    malta,
    policy,
    resolved,
)


def world(text="Somebody shouted at me in the hall near the stairs.", **changes):
    """A world with one report that is acknowledged."""
    made = World(**changes)
    made.report(text)
    made.accepted()
    return made


def refusal(decision):
    """Why a mail with one command was refused, and that nothing came of it."""
    assert decision.entries == []
    assert [letter.kind for letter in decision.letters] == [Kind.ANSWER]
    (sentence,) = decision.sentences
    return sentence


def test_a_note_stays_inside():
    """[note] is copied to the team like a text without a tag."""
    decision = world().staff("[note]\nI know the room.")
    assert (decision.happened, decision.who(Kind.NOTE), leaving(decision)) == ([What.NOTE], ["ben", "carla"], [])
    assert "no text" in refusal(world().staff("[note]"))


def test_a_reply_reaches_the_reporter_alone():
    """[reply] sends the text below it to the one who filed the report, on their own thread."""
    w = world()
    decision = w.staff("[reply]\nThank you for telling us.")
    (letter,) = leaving(decision)
    assert (letter.kind, letter.to.address, dict(letter.facts)) == (Kind.REPLY, KIM, {"text": "Thank you for telling us."})
    assert decision.answer["sent"] == ["the reply"]
    assert w.case.running(Duty.RESPOND)


def test_an_empty_reply_is_refused():
    """A letter without a word is a mistake."""
    for text in ("[reply]", "[reply]\n\n  \n…"):
        assert "no text" in refusal(world().staff(text))


HELD_BACK = [
    ("You wrote: somebody shouted at me in the hall", "five words", "words of the report"),
    (f"Hello\n{SEPARATOR}", "separates", "our separator"),
    ("Ask ben@staff.example", "private address", "a private address"),
    ("We will ban them.", "promise", "a promise"),
    ("You must tell us more.", "press", "pressure"),
]


@pytest.mark.parametrize(("words", "reason", "why"), HELD_BACK, ids=[why for *_, why in HELD_BACK])
@pytest.mark.parametrize("tag", ["reply", "explain until=2026-11-25"])
def test_what_must_not_leave_is_held_until_its_writer_insists(tag, words, reason, why):
    """The answer says why, and how to send it all the same (product.md principle 3)."""
    w = world()
    held = refusal(w.staff(f"[{tag}]\n{words}"))
    assert reason in held
    assert f"[{tag} anyway]" in held
    sent = w.staff(f"[{tag} anyway]\n{words}")
    assert [letter.facts["text"] for letter in leaving(sent)] == [words]


OURS = [
    ("[note]\nWe should ask the venue for the tapes.\n", "a note in the same mail"),
    ("We should ask the venue for the tapes.\n", "a text above the tags"),
    ("[determine what]\nWe should ask the venue for the tapes.\n", "a determination in the same mail"),
]


@pytest.mark.parametrize(("above", "why"), OURS, ids=[why for _, why in OURS])
def test_what_the_team_says_among_itself_does_not_leave(above, why):
    """Five words of a note are held, also when the note stands in the same mail."""
    text = "[reply]\nI said: we should ask the venue for more."
    assert "five words" in str(world().staff(above + text).sentences)
    w = world()
    w.staff(above + ("[take]" if above.startswith("We") else ""))
    assert "five words" in str(w.staff(text).sentences)


@pytest.mark.parametrize(
    "text",
    [
        "[reply]\n{words}\n[note]\n{words}",
        "[reply]\n{words}\n[determine what]\n{words}",
        "[reply]\n{words}\n[take]\n{words}",
        "[urgent]\n{words}\n[explain until=2026-11-27]\n{words}",
        "{words}\n[reply]\n{words}",
        "{words}\n[case:{code}]\n[reply]\n{words}",
        "[write:P1]\n{words}\n[note]\n{words}",
        "[determine violation=yes ongoing=no safety=no]\n[resolve:ban spaces=all permanent]\n[reply]\n{words}\n[note]\n{words}",
    ],
)
def test_what_stays_inside_is_found_in_the_same_mail(text):
    """Above the letter or below it, under whatever tag: the words of one mail are for one reader (product.md principle 3)."""
    w = World(policy=policy(approvals=2))
    w.report()
    w.accepted()
    assert w.staff(f"[person:P1 name=Robin address=robin@away.example]\n{ALL_FIVE}").ok
    text = text.format(words="Let us ask the venue for tapes.", code=w.case.code)
    decision = (w.new_mail if "[case:" in text else w.staff)(text)
    assert leaving(decision) == []
    assert any(sentence.startswith("Held, nothing was sent: five words in a row") for sentence in decision.sentences)


def test_what_was_written_to_the_reporter_may_be_written_again():
    """Our own letters to them are no secret from them."""
    w = world()
    assert w.staff("[reply]\nThank you for writing to us about this.").ok
    assert w.staff("[reply]\nThank you for writing to us about this again.").ok


def test_notes_of_another_case_are_not_looked_at():
    """What was noted in the same mail on another case is held for that case only."""
    w = world()
    one = w.case
    w.report("Another report.")
    text = f"[case:{one.code}]\n[note]\nLet us ask the venue for tapes.\n[case:{w.case.code}]\n[reply]\nLet us ask the venue for tapes."
    assert w.on_no_case(text).ok


NOBODY = {"strict_sender": "", "name": "Two People"}


@pytest.mark.parametrize("text", ["[reply]\nThank you.", "[explain until=2026-11-25]\nWe need more time."])
def test_nobody_can_be_written_to_without_an_address(text):
    """Where the reporter has no address, letters are refused with the way out."""
    w = World()
    w.report(**NOBODY)
    assert "[answered]" in refusal(w.staff(text))


TODAY = malta(2026, 11, 23, 10)

DATES = [
    ("2026-11-22", None, "yesterday is past"),
    ("2026-11-23", malta(2026, 11, 23, 23, 59, second=59), "today ends at midnight"),
    ("2026-11-24", malta(2026, 11, 24, 23, 59, second=59), "tomorrow, at the end of the day"),
    ("2026-11-30", malta(2026, 11, 30, 10), "seven days: not longer than a week from now"),
    ("2026-12-01", None, "eight days are too many"),
    ("2027-11-24", None, "so is a year"),
]


@pytest.mark.parametrize(("date", "until", "why"), DATES, ids=[why for *_, why in DATES])
def test_an_explanation_lasts_a_week_at_most(date, until, why):
    """Refused: a date that is past or more than seven days ahead (product.md section 6)."""
    w = world(now=TODAY)
    decision = w.staff(f"[explain until={date}]\nWe still wait for a witness.")
    if until is None:
        assert "2026-11-30" in refusal(decision)
        return
    (letter,) = leaving(decision)
    assert (letter.kind, letter.facts["until"]) == (Kind.EXPLANATION, until.isoformat())
    w.accepted(Kind.EXPLANATION)
    assert w.case.clocks[Duty.RESPOND].due_at == until


MONTH_ENDS = [
    (malta(2027, 1, 31, 12), "2027-02-07", malta(2027, 2, 7, 12), "over the end of January"),
    (malta(2027, 2, 22, 12), "2027-03-01", malta(2027, 3, 1, 12), "over the end of February"),
    (malta(2026, 12, 31, 23), "2027-01-07", malta(2027, 1, 7, 23), "over the year's end"),
    (malta(2027, 3, 27, 12), "2027-04-03", malta(2027, 4, 3, 12), "over the spring change"),
    (malta(2026, 10, 24, 12), "2026-10-31", malta(2026, 10, 31, 11), "over the autumn change: 168 hours"),
    (malta(2026, 11, 23, 0, 30), "2026-11-23", malta(2026, 11, 23, 23, 59, second=59), "today, while it is still yesterday in London"),
]


@pytest.mark.parametrize(("now", "date", "until", "why"), MONTH_ENDS, ids=[why for *_, why in MONTH_ENDS])
def test_dates_are_local_days(now, date, until, why):
    """A date is a day in the organisation's zone, over every end of a month and every change of the clocks."""
    decision = world(now=now).staff(f"[explain until={date}]\nWe still wait for a witness.")
    assert leaving(decision)[0].facts["until"] == until.isoformat()


def test_an_explanation_until_today_is_too_late_when_the_day_is_over():
    """In the last moment of a day, that day lies no longer ahead."""
    w = world(now=malta(2026, 11, 24) - INSTANT)
    assert "ahead" in refusal(w.staff("[explain until=2026-11-23]\nWe still wait for a witness."))


def test_an_explanation_needs_a_reason():
    """It says why not yet (playbook line 95), so it is not empty."""
    assert "why" in refusal(world().staff("[explain until=2026-11-25]"))


def test_a_held_message_is_not_explained():
    """What is no report yet owes no explanation."""
    w = World()
    w.held()
    assert "[report]" in refusal(w.staff("[explain until=2026-11-25]\nWe still wait.", token=""))


def test_a_shorter_week_makes_shorter_explanations():
    """An organisation that promises an answer within four days explains for four days."""
    w = world(policy=policy(clocks=Clocks(respond_due=96 * HOUR)), now=TODAY)
    decision = w.staff("[explain until=2026-11-30]\nWe still wait for a witness.")
    assert leaving(decision)[0].facts["until"] == (TODAY + 96 * HOUR).isoformat()


def test_whoever_takes_a_case_leads_it():
    """[take] by anybody of the team, also from another."""
    w = world()
    assert w.staff("[take]").ok
    assert (w.case.lead, w.case.state, w.case.running(Duty.TAKE)) == ("ana", State.REVIEW, False)
    assert w.staff("[take]", BEN).ok
    assert w.case.lead == "ben"


def test_a_case_is_given_to_a_colleague():
    """[assign:…] names the lead; the colleague learns of it from the copy."""
    w = world()
    decision = w.staff("[assign:ben]")
    assert w.case.lead == "ben"
    assert decision.sentences == ["Ben Müller-Borg leads this case now."]
    assert decision.to("ben") == [Kind.COPY]


NOT_LEADING = [("carla", "somebody who is recused"), ("dora", "somebody of the board"), ("nobody", "nobody we know")]


@pytest.mark.parametrize(("handle", "why"), NOT_LEADING, ids=[why for _, why in NOT_LEADING])
def test_a_case_is_led_by_the_team_only(handle, why):
    """Refused, with those who can: an assignee who is recused, of the board, or unknown (product.md section 6)."""
    w = world()
    w.staff("[recuse:carla]")
    sentence = refusal(w.staff(f"[assign:{handle}]"))
    assert sentence == f"{handle} cannot lead this case; it can be ana or ben."


def test_a_dropped_case_has_to_be_taken_again():
    """[drop] leaves the case without a lead and starts the four hours anew; without a lead there is nothing to drop."""
    w = world()
    assert refusal(w.staff("[drop]")) == "Nobody leads this case."
    w.staff("[take]")
    w.wait(DAY)
    assert w.staff("[drop]").ok
    assert w.case.lead is None
    assert w.case.clocks[Duty.TAKE].due_at == MONDAY + DAY + 4 * HOUR


def test_dropping_a_closed_case_wakes_nobody():
    """Nobody has to take a case that is over."""
    w = closed()
    assert w.staff("[drop]").ok
    assert not any(map(w.case.running, Duty))


def test_an_answer_by_other_means_counts():
    """[answered] records a fact and is refused in no state (product.md principle 1)."""
    w = world()
    assert w.staff("[answered]").ok
    assert not w.case.running(Duty.RESPOND)
    for other in (closed(), resolved(accepted=False)):
        assert other.staff("[answered]").ok


RECUSED = [("[recuse]", "ana"), ("[recuse:ben]", "ben"), ("[recuse:dora]", "dora"), ("[recuse:fallback]", "fallback")]


@pytest.mark.parametrize(("text", "handle"), RECUSED)
def test_a_recusal_takes_effect_at_once_and_asks_no_reason(text, handle):
    """From then on they receive no mail, no digest line, no answer about the case (behaviour 48)."""
    w = world()
    decision = w.staff(text)
    assert decision.ok
    assert w.case.withheld == {handle: "recused"}
    assert decision.all(Withhold) == [Withhold(ticket_id=w.case.id, handle=handle, why="recused")]
    assert handle not in [letter.to.handle for letter in decision.letters if letter.kind is not Kind.ANSWER]
    assert handle not in [letter.to.handle for letter in w.tick(400 * HOUR).letters]


DECIDED = [
    f"{ALL_FIVE}\n[resolve:private-reprimand silent]",
    "[not-a-report:spam]",
    "[close]",
    "[lift:S1]",
    "[appeal:upheld S1]",
    "[extend:S1 permanent]",
]


@pytest.mark.parametrize("text", DECIDED)
@pytest.mark.parametrize("recusal", ["[recuse]", "[recuse:ana]"])
def test_whoever_steps_back_decides_nothing_in_the_same_mail(text, recusal):
    """Somebody with a conflict must not decide (playbook: staff without one); that they step back counts, be it said at the end."""
    w = world()
    decision = w.staff(f"{text}\n{recusal}")
    assert "You step back from this case in the same mail, so somebody else has to say this." in decision.sentences
    assert decision.happened == [What.WITHHELD]
    assert w.case.withheld == {"ana": "recused"}


def test_whoever_sends_somebody_else_out_decides_all_the_same():
    """Of two people one has no conflict."""
    assert world().staff(f"{ALL_FIVE}\n[resolve:private-reprimand silent]\n[recuse:ben]").ok


def test_a_recusal_may_be_said_twice():
    """To confirm that somebody who was only mentioned is out is no mistake."""
    w = world("Ben shouted at me.")
    assert w.case.withheld == {"ben": "hold"}
    assert w.staff("[recuse:ben]").ok
    assert w.case.withheld == {"ben": "recused"}


def test_a_recusal_of_nobody_names_who_there_is():
    """A misspelt name is answered with the known ones."""
    assert "ana or ben or carla or dora or fallback" in refusal(world().staff("[recuse:bennn]"))


def test_a_recused_lead_leaves_the_case_to_be_taken():
    """Somebody else has four hours from now to take it."""
    w = world()
    w.staff("[assign:ben]")
    w.wait(DAY)
    w.staff("[recuse:ben]")
    assert w.case.lead is None
    assert w.case.clocks[Duty.TAKE].due_at == MONDAY + DAY + 4 * HOUR


def test_an_urgent_case_without_a_lead_rings_within_the_hour():
    """Where somebody may be in danger, an hour without a lead is too long."""
    w = world()
    w.staff("[urgent]\n[take]")
    w.staff("[drop]")
    assert w.case.clocks[Duty.TAKE_URGENT].due_at == MONDAY + HOUR
    assert w.case.running(Duty.TAKE_URGENT)


def test_the_recusal_of_the_last_is_told_to_others():
    """When nobody of the staff is left, the contact outside and the board learn of it, once."""
    w = world()
    w.staff("[recuse:ben]\n[recuse:carla]")
    decision = w.staff("[recuse]")
    assert decision.who(Kind.TOO_FEW) == ["dora", "fallback"]
    assert decision.who(Kind.COPY) == ["fallback"]
    assert dict(decision.letter(Kind.TOO_FEW).facts)["resolving"] == ""


def test_whoever_stands_in_lets_all_in_again():
    """With the first of the staff let in, the contact outside is not of the team any more, and may still name the second."""
    w = world("Ana, Ben and Carla shouted at me.")
    assert w.staff("[unrecuse:ana]\n[unrecuse:ben]\n[unrecuse:carla]", FELIX).ok
    assert w.case.withheld == {}
    assert not w.staff("[status]", FELIX).ok


def test_whoever_steps_back_has_no_say_below():
    """A recusal holds from the line it stands in."""
    w = world()
    decision = w.staff("[recuse]\n[take]")
    assert "no case of that name" in decision.sentences[1]
    assert w.case.lead is None


def test_somebody_else_lets_them_in_again():
    """[unrecuse:…] is not said of oneself, nor of somebody who is in, nor of a party (product.md section 6)."""
    w = world("Ben shouted at me.")
    decision = w.staff("[unrecuse:ben]", CARLA)
    assert decision.ok
    assert decision.all(Clear) == [Clear(ticket_id=w.case.id, handle="ben")]
    assert decision.to("ben") == [Kind.COPY]
    assert w.case.withheld == {}
    assert "Somebody else" in refusal(w.staff("[unrecuse:ana]"))
    assert "not kept out" in refusal(w.staff("[unrecuse:ben]"))


def test_a_party_stays_out():
    """Whoever wrote the report never reads what the team says of it."""
    w = World()
    w.new_mail("Something happened to me.", BEN)
    assert "party" in refusal(w.staff("[unrecuse:ben]"))


SET_ASIDE = ["enquiry", "spam", "test"]


@pytest.mark.parametrize("why", SET_ASIDE)
def test_what_is_no_report_has_no_deadlines(why):
    """[not-a-report:…] takes it out of deadlines and counts without deleting it (behaviour 61)."""
    w = world()
    assert w.staff(f"[not-a-report:{why}]").ok
    assert (w.case.state, w.case.dismissed_as) == (State.NOT_A_REPORT, why)
    assert w.tick(400 * HOUR).effects == ()


def test_an_urgent_case_is_not_set_aside():
    """Where somebody may be in danger, nobody says by mail that it is nothing (product.md section 6)."""
    w = world()
    w.staff("[urgent]\n[take]")
    assert "write [determine safety=no] first" in refusal(w.staff("[not-a-report:enquiry]"))
    assert w.staff("[determine safety=no]\n[not-a-report:enquiry]").ok
    assert "[report]" in refusal(dismissed().staff("[not-a-report:spam]"))


def dismissed():
    """A world with a case that was set aside."""
    w = world()
    assert w.staff("[not-a-report:enquiry]").ok
    return w


def test_a_held_message_becomes_a_report():
    """[report] makes a case of it, with its clocks from the server's receipt, and acknowledges it (product.md section 3)."""
    w = World()
    w.held(Sort.BULK)
    w.wait(5 * HOUR)
    decision = w.staff("[report]", token="")
    assert decision.to("ana") == [Kind.CHALLENGE]
    confirmed = w.confirm()
    assert leaving(confirmed)[0].kind is Kind.RECEIPT
    assert confirmed.answer["sent"] == ["the acknowledgement"]
    assert w.case.state is State.NEW
    due = {duty: clock.due_at for duty, clock in w.case.clocks.items() if clock.running}
    assert due == {Duty.ACKNOWLEDGE: MONDAY + DAY, Duty.RESPOND: MONDAY + 7 * DAY, Duty.TAKE: MONDAY + 9 * HOUR}


def test_a_case_gets_one_acknowledgement():
    """Set aside and taken up again, it is not acknowledged a second time (security.md, decisions)."""
    w = World()
    w.report()
    w.staff("[not-a-report:test]")
    decision = w.staff("[report]")
    assert leaving(decision) == []
    assert w.case.running(Duty.ACKNOWLEDGE)


def test_a_held_message_that_was_answered_gets_no_acknowledgement():
    """Whoever was written to by a person needs no receipt."""
    w = World()
    w.held()
    text = f"[case:{w.case.code}]\n[reply]\nAre you a person?"
    w.new_mail(text)
    w.confirm()
    w.accepted(Kind.REPLY)
    assert w.case.running(Duty.ACKNOWLEDGE)
    w.new_mail(f"[case:{w.case.code}]\n[report]")
    decision = w.confirm()
    assert leaving(decision) == []
    assert w.case.state is State.ACKNOWLEDGED


def test_what_is_taken_up_again_owes_only_what_it_owed():
    """A case that was answered and had a lead before it was set aside owes neither a second answer nor a lead."""
    w = resolved()
    w.staff("[not-a-report:test]")
    assert w.staff("[report]").ok
    assert not any(map(w.case.running, Duty))


def test_old_mail_that_turns_out_to_be_a_report_counts_from_now():
    """A message that was imported in silence has the deadlines of a report that came now."""
    w = World(now=MONDAY)
    w.held(silent=True, received_at=MONDAY - 90 * DAY)
    w.new_mail(f"[case:{w.case.code}]\n[report]")
    assert w.confirm().ok
    assert w.case.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY


def test_a_report_is_not_made_a_report():
    """Said of a case that is one, it is refused."""
    assert "already" in refusal(world().staff("[report]"))


def test_an_alarm_reaches_all_and_comes_again_until_taken():
    """[urgent] alarms all who may see the case, every hour until [take] (product.md section 7)."""
    w = world()
    decision = w.staff("[urgent]\nThey are at my door.")
    assert decision.who(Kind.ALARM) == sorted(TEAM)
    for _ in range(3):
        again = w.tick(HOUR)
        assert again.who(Kind.ALARM) == sorted(TEAM)
        assert again.letter(Kind.ALARM).facts["again"]
    assert w.staff("[take]").ok
    assert Kind.ALARM not in {letter.kind for letter in w.tick(HOUR).letters}


ENDED = [closed, dismissed]


@pytest.mark.parametrize("ended", ENDED)
def test_an_alarm_can_be_answered_in_every_state(ended):
    """An alarm on a case that is over rings, and [take] silences it like any other."""
    w = ended()
    assert not w.staff("[take]").ok
    assert w.staff("[urgent]").ok
    assert w.tick(HOUR).who(Kind.ALARM) == sorted(TEAM)
    assert w.staff("[take]").ok
    assert w.tick(HOUR).effects == ()


def test_a_case_is_closed_when_nothing_is_left_to_do():
    """Open duties are listed: a respondent not yet told, an answer not yet accepted (product.md section 6)."""
    w = resolved(accepted=False)
    sentence = refusal(w.staff("[close]"))
    assert "tell P1" in sentence
    assert "not taken the outcome letter" in sentence
    w.accepted(Kind.OUTCOME)
    assert refusal(w.staff("[close]")) == "Still open: tell P1 (then write [told:P1])."
    assert w.staff("[told:P1]\n[close]").ok
    assert w.case.state is State.CLOSED


def test_a_case_without_a_resolution_is_not_closed():
    """It is resolved, or set aside."""
    assert "[not-a-report:" in refusal(world().staff("[close]"))


def test_a_thank_you_is_closed_at_once():
    """[close] alone suffices for a case that a thank-you opened again (product.md section 4)."""
    w = closed()
    w.wrote("Thank you.")
    assert w.case.state is State.REOPENED
    assert w.staff("[close]").ok
    assert not any(map(w.case.running, Duty))


def test_a_case_is_not_closed_around_its_answer():
    """A case that is opened again before the reporter heard of the outcome is no thank-you: the answer is still owed."""
    w = resolved(accepted=False)
    w.staff("[told:P1]\n[reopen]")
    assert "has not been told" in refusal(w.staff("[close]"))
    w.accepted(Kind.OUTCOME)
    assert w.case.running(Duty.RESPOND)
    assert w.staff("[close]").ok


def test_a_reopened_case_has_a_new_week():
    """[reopen] starts a week; the lead stays, and where there is none somebody has to take it."""
    w = closed()
    w.wait(30 * DAY)
    assert w.staff("[reopen]").ok
    assert w.case.clocks[Duty.RESPOND].due_at == MONDAY + 37 * DAY
    assert not w.case.running(Duty.TAKE)
    w = closed()
    w.staff("[drop]")
    w.staff("[reopen]")
    assert w.case.running(Duty.TAKE)


def test_reopening_wins_no_time():
    """A case whose reporter was never told the outcome keeps its old deadline when it is opened again."""
    w = world()
    assert w.staff(ALL_FIVE + "[resolve:private-reprimand silent]").ok
    w.wait(5 * DAY)
    assert w.staff("[reopen]").ok
    assert w.case.clocks[Duty.RESPOND].due_at == MONDAY + 7 * DAY
    assert "open" in refusal(w.staff("[reopen]"))


def test_somebody_who_was_told_is_told_of():
    """[told:P1] ends the duty; somebody who is not on the case cannot have been told of it."""
    w = resolved()
    assert w.staff("[told:p1]").ok
    assert w.case.untold == ()
    assert refusal(w.staff("[told:P7]")) == "There is no P7 on this case; known: P1 (Robin Example)."
    assert "nobody" in refusal(world().staff("[told:P1]"))


PEOPLE = [
    ('[person:P1 name="Robin Example"]', ("P1", "respondent", "Robin Example", ""), "a new person is a respondent unless said otherwise"),
    ('[person:P1 role=witness name="Sam"]', ("P1", "witness", "Sam", ""), "a witness"),
    ("[person:P1 address=r@x.example]", ("P1", "respondent", "", "r@x.example"), "an address without a name"),
]


@pytest.mark.parametrize(("text", "person", "why"), PEOPLE, ids=[why for *_, why in PEOPLE])
def test_people_are_put_on_a_case(text, person, why):
    """People on a case have a reference, a role and, when known, name and address (product.md section 5)."""
    w = world()
    assert w.staff(text).ok
    (one,) = w.case.people
    assert (one.ref, one.role, one.name, one.address) == person


def test_people_become_better_known():
    """What is not said again stays as it was; a new person has the next reference."""
    w = world()
    w.staff('[person:P1 name="Robin" role=witness]')
    assert w.staff("[person:P1 address=r@x.example]").ok
    (one,) = w.case.people
    assert (one.role, one.name, one.address) == ("witness", "Robin", "r@x.example")
    assert refusal(w.staff("[person:P3 role=witness]")) == "There is no P3 on this case; the next new person is P2."


OURS_NAMED = [
    ('[person:P1 name="Ben"]', "by name"),
    ("[person:P1 role=witness address=ben@staff.example]", "by address, as a witness"),
    ('[determine who="Ben Borg"]', "as the one who did it"),
]


@pytest.mark.parametrize(("text", "why"), OURS_NAMED, ids=[why for _, why in OURS_NAMED])
def test_one_of_us_who_is_put_on_the_case_hears_nothing_more_of_it(text, why):
    """Nobody who is a party to a case receives anything of it (product.md principle 4), from this very mail on."""
    w = world("Somebody of your own people.")
    decision = w.staff(f"I am sorry to say this.\n{text}")
    assert decision.ok
    assert w.case.withheld == {"ben": "hold"}
    assert decision.all(Withhold) == [Withhold(ticket_id=w.case.id, handle="ben", why="hold")]
    assert decision.to("ben") == []
    assert "ben" in decision.sentences[0]
    assert "[unrecuse:" in decision.sentences[0]


def test_naming_oneself_or_somebody_who_is_out_changes_nothing():
    """Whoever writes knows what they write; whoever is out is out."""
    w = world("Ben did it.")
    assert w.staff('[person:P1 name="Ben Borg"]\n[person:P2 role=witness name="Ana Abela"]').ok
    assert w.case.withheld == {"ben": "hold"}


def test_a_release_acknowledges_no_forged_address():
    """Whose address may be forged gets no automatic letter when staff make a report of their mail; staff are told why."""
    w = World()
    w.held(disowned=True)
    w.new_mail(f"[case:{w.case.code}]\n[report]")
    decision = w.confirm()
    assert leaving(decision) == []
    assert "may be forged" in decision.sentences[-1]
    assert w.case.running(Duty.ACKNOWLEDGE)
