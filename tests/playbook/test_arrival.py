"""What becomes of a mail: a report, something on a thread, a held item, a delivery report."""

from datetime import timedelta

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import Alarm, Keep, MarkBounced, Open, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Bounced, Found, Sort
from maild.playbook.letters import Kind, Rank
from maild.playbook.progress import missing
from maild.playbook.ticket import State
from tests.playbook.cases import (
    ANA,
    BEN,
    DAY,
    DORA,
    FELIX,
    HOUR,
    KIM,
    MONDAY,
    PROOF,
    TEAM,
    World,
    closed,
    leaving,
    mail,
    resolved,
)


def test_a_report_becomes_a_case_and_is_acknowledged():
    """A mail from a person is a ticket with a name nobody can guess, acknowledged at once, and all staff are told."""
    world = World()
    decision = world.report()
    assert decision.file.kind == "report"
    assert decision.file.ticket_id == world.case.id
    assert decision.all(Keep) == [Keep(ticket_id=world.case.id, relation="report", by="reporter")]
    assert decision.to("reporter") == [Kind.RECEIPT]
    assert decision.who(Kind.NEW_REPORT) == sorted(TEAM)
    assert (world.case.state, world.case.lead) == (State.NEW, None)


def test_clocks_start_at_the_servers_receipt():
    """A mail that waited for maild for a day has one day less (behaviour 41)."""
    world = World(now=MONDAY + DAY)
    world.report(received_at=MONDAY)
    due = {duty: clock.due_at for duty, clock in world.case.clocks.items()}
    assert due == {Duty.ACKNOWLEDGE: MONDAY + DAY, Duty.RESPOND: MONDAY + 7 * DAY, Duty.TAKE: MONDAY + 4 * HOUR}


SORTS = [
    (Sort.AUTOMATIC, "automatic", "a vacation notice"),
    (Sort.BULK, "bulk", "a newsletter"),
    (Sort.SPAM, "spam", "what the server calls spam"),
    (Sort.BOUNCE, "bounce", "a delivery report about nothing of ours"),
]


@pytest.mark.parametrize(("sort", "kind", "why"), SORTS, ids=[why for *_, why in SORTS])
def test_what_no_person_wrote_is_held_and_not_answered(sort, kind, why):
    """It is kept with its reason and its 24 hours, gets no answer, and staff hear of it in a summary (product.md section 3)."""
    world = World()
    decision = world.held(sort)
    assert (decision.file.kind, world.case.state, decision.letters) == (kind, State.HELD, [])
    assert (world.case.held_because, world.case.held_as) == ("Auto-Submitted", sort.value)
    assert {duty for duty in Duty if world.case.running(duty)} == {Duty.ACKNOWLEDGE}
    assert not decision.all(Open)[0].told


def test_our_own_letter_that_comes_back_is_counted_and_dropped():
    """A loop makes no ticket and no letter (behaviour 25)."""
    decision = World().report(sort=Sort.LOOP)
    assert decision.file.kind == "loop"
    assert not decision.all(Open)
    assert not decision.letters


UNANSWERED = [
    ({"answerable": False, "unanswerable_because": "its DMARC verdict is fail"}, "its DMARC verdict is fail", "a forged sender"),
    ({"strict_sender": "", "name": "Kim"}, "its sender is not one plain address", "two senders at once"),
    ({"silent": True}, "", "older than the day from which mail is answered"),
]


@pytest.mark.parametrize(("changes", "because", "why"), UNANSWERED, ids=[why for *_, why in UNANSWERED])
def test_what_may_not_be_answered_is_a_report_all_the_same(changes, because, why):
    """Filters decide about answers and never about intake: no acknowledgement, but a case, and staff learn why (behaviour 28)."""
    world = World()
    decision = world.report(**changes)
    assert world.case.state is State.NEW
    assert leaving(decision) == []
    assert not world.case.receipt_made
    assert [letter.facts["unanswered_because"] for letter in decision.letters] == [because] * len(TEAM) * (not changes.get("silent"))


def test_old_mail_is_imported_in_silence():
    """What is older than `since` gets no letter to anybody and no deadline (behaviour 11)."""
    world = World()
    decision = world.report(silent=True)
    assert decision.letters == []
    assert world.case.clocks == {}
    assert decision.all(Open)[0].silent


def test_a_mail_that_is_too_large_is_acknowledged_with_a_request():
    """Its writer is asked to send less, and staff learn that only the beginning is here (behaviour 10)."""
    decision = World().report(truncated=True)
    assert decision.to("reporter") == [Kind.TOO_LARGE]
    assert decision.letter(Kind.NEW_REPORT).facts["truncated"]


def test_an_acknowledgement_quotes_nothing():
    """The letter knows neither text nor subject, and answers the mail it acknowledges (behaviour 43)."""
    letter = World().report("Robin hit me", subject="Robin", message_id="a@x", references=("b@x",)).letter(Kind.RECEIPT)
    assert letter.facts == {}
    assert (letter.in_reply_to, letter.references) == ("a@x", ("b@x", "a@x"))
    assert letter.to.address == KIM


def test_copies_are_never_added_and_never_mailed():
    """Cc and To people get nothing; staff are warned that the report was copied (behaviour 18)."""
    decision = World().report(copied_to=("friend@x.example", "robin@x.example"))
    assert {letter.to.address for letter in decision.letters} == {KIM, *(f"{who}@staff.example" for who in TEAM)}
    assert decision.letter(Kind.NEW_REPORT).facts["copied_to"] == ["friend@x.example", "robin@x.example"]


NAMED = [
    ({"text": "It was Ben."}, {"ben": "hold"}, "in the text"),
    ({"subject": "About Ben"}, {"ben": "hold"}, "in the Subject"),
    ({"name": "Carla Camilleri"}, {"carla": "hold"}, "as the sender's name"),
    ({"copied_to": ("ben@staff.example",)}, {"ben": "hold"}, "in a copy"),
    ({"attachments": ({"name": "ben-borg.pdf", "type": "", "size": 1},)}, {"ben": "hold"}, "in the name of an attachment"),
    ({"text": "Dora shouted."}, {"dora": "hold"}, "somebody of the board"),
    ({"text": "Felix shouted."}, {"fallback": "hold"}, "the contact outside"),
    ({"sender": ANA.address}, {"ana": "party"}, "as the sender, by the registered address"),
    ({"sender": ANA.aliases[1]}, {"ana": "party"}, "as the sender, by another address"),
    ({"sender": "x@x.example", "strict_sender": "", "address": ANA.address}, {"ana": "party"}, "as one of two senders"),
    ({"text": "Hi Ana and Ben,\nsomebody shouted."}, {}, "in a greeting, which does not count"),
    ({"text": "", "subject": "It was Ben"}, {"ben": "hold"}, "in the Subject of a mail without text"),
]


@pytest.mark.parametrize(("changes", "withheld", "why"), NAMED, ids=[why for *_, why in NAMED])
def test_whoever_is_named_is_kept_out_before_the_first_notice(changes, withheld, why):
    """Names, aliases and addresses in sender, Cc, text and attachments withhold the case from that person (product.md section 10)."""
    world = World()
    decision = world.report(**changes)
    assert dict(world.case.withheld) == withheld
    assert {(effect.handle, effect.why) for effect in decision.all(Withhold)} == set(withheld.items())
    assert not {letter.to.handle for letter in decision.letters} & set(withheld)


EVERYBODY_NAMED = [
    ("Ana, Ben and Carla did it.", {"fallback"}, {"dora"}, "all staff: the contact outside, and the board learns of it"),
    ("Ana, Ben, Carla and Felix did it.", {"dora"}, set(), "that contact too: the board"),
]


@pytest.mark.parametrize(("text", "readers", "warned", "why"), EVERYBODY_NAMED, ids=[why for *_, why in EVERYBODY_NAMED])
def test_a_report_about_everybody_still_finds_a_reader(text, readers, warned, why):
    """All staff mentioned: the fallback contact gets the report; mentioned too: the board (security.md, decisions). Nobody gets two letters."""
    decision = World().report(text)
    assert set(decision.who(Kind.NEW_REPORT)) == readers
    assert set(decision.who(Kind.TOO_FEW)) == warned
    assert not decision.all(Alarm)


def test_a_report_that_nobody_may_see_is_an_alarm():
    """Where every single person is named, an alarm stands that the operator sees; the reporter is acknowledged."""
    world = World()
    decision = world.report("Ana, Ben, Carla, Dora and Felix did it together.")
    assert decision.all(Alarm) == [Alarm(kind="nobody-may-see", ticket_id=world.case.id)]
    assert [letter.kind for letter in decision.letters] == [Kind.RECEIPT]


def test_a_report_from_one_of_us_is_a_report_like_any_other():
    """A mail from staff or board on no thread and without tags is acknowledged, and its writer left out (product.md section 3)."""
    for person in (ANA, DORA, FELIX):
        world = World()
        decision = world.new_mail("Something happened to me.", person)
        assert decision.file.kind == "report"
        assert decision.letter(Kind.RECEIPT).to.address == person.address
        assert decision.to(person.handle) == []
        assert world.case.withheld == {person.handle: "party"}


def test_tags_of_a_stranger_are_inert():
    """From a reporter or stranger the tags are text (behaviour 32)."""
    world = World()
    decision = world.report("[resolve:nothing]\n[urgent]\n[not-a-report:spam]")
    assert decision.happened == [What.OPENED]
    world.wrote("[close]\n[not-a-report:spam]")
    world.wrote("[take]", sender="other@x.example")
    assert (world.case.state, world.case.lead, world.case.urgent) == (State.NEW, None, False)


def test_the_boards_tags_do_nothing_in_a_new_mail():
    """Only staff command; whatever else one of us writes is a report."""
    assert World().new_mail("[list:open]", DORA).file.kind == "report"


BEFORE_SUMMARY = [(0, True), (9, True), (10, False), (500, False)]


@pytest.mark.parametrize(("recent", "told"), BEFORE_SUMMARY)
def test_above_ten_reports_in_ten_minutes_notices_become_summaries(recent, told):
    """The eleventh report in ten minutes is told of in a summary; it is acknowledged like the first (security.md, decisions)."""
    decision = World().report(recent=recent)
    assert decision.all(Open)[0].told is told
    assert bool(decision.who(Kind.NEW_REPORT)) is told
    assert decision.to("reporter") == [Kind.RECEIPT]


def arrives(**scene):
    """The acknowledgement of a mail that comes into this scene."""
    world, changes = World(now=MONDAY + HOUR), {"proof": scene.pop("proof", "")}
    return world.arrive(mail(received_at=MONDAY, **changes), **scene).letter(Kind.RECEIPT)


def test_the_known_come_first_then_the_proven():
    """Order when scarce: known senders, then proven domains, then the rest (security.md, decisions)."""
    assert arrives(known_sender=True).rank is Rank.KNOWN
    assert arrives(proof=PROOF).rank is Rank.PROVEN
    assert arrives().rank is Rank.REST
    assert World().new_mail("I was shouted at.", ANA, proof="").letter(Kind.RECEIPT).rank is Rank.KNOWN


LATEST = MONDAY + 20 * HOUR

BUDGETS = [
    ({}, None, None, "room now: at once"),
    ({"receipts_to_sender": (MONDAY,)}, None, None, "an hour after the last: at once"),
    ({"receipts_to_sender": (MONDAY + HOUR / 2,)}, MONDAY + 1.5 * HOUR, None, "too soon after the last: later"),
    ({"receipts_to_sender": (MONDAY + timedelta(seconds=30),)}, None, None, "a budget that has room within a minute has room"),
    ({"known_sender": True, "receipts_to_sender": (MONDAY,) * 5}, LATEST, LATEST, "a known sender: never later than 20 hours"),
    ({"proof": PROOF, "receipts_to_sender": (MONDAY,) * 5}, LATEST, LATEST, "a proven one too"),
    ({"receipts_to_sender": (MONDAY,) * 5}, MONDAY + 7 * DAY, None, "anybody else waits for the budget"),
    ({"known_sender": True}, None, LATEST, "no budget holds the known beyond 20 hours"),
]


@pytest.mark.parametrize(("scene", "not_before", "latest_at", "why"), BUDGETS, ids=[why for *_, why in BUDGETS])
def test_budgets_put_an_acknowledgement_off(scene, not_before, latest_at, why):
    """Budgets defer and never drop; a known or proven sender waits no longer than receipt + 20 h (security.md, decisions)."""
    letter = arrives(**scene)
    assert (letter.not_before, letter.latest_at) == (not_before, latest_at)


def test_the_reporters_next_mail_lands_on_the_case():
    """A reply to the acknowledgement or to their own mail is part of the case, acknowledged no second time (behaviour 19)."""
    for found in Found:
        world = World()
        world.report()
        decision = world.wrote("There is more.", found=found)
        assert (decision.file.kind, decision.file.ticket_id) == ("followup", world.case.id)
        assert decision.who(Kind.NEW_MESSAGE) == sorted(TEAM)
        assert leaving(decision) == []


def test_a_letter_answers_the_reporters_latest_mail():
    """What the reporter gets joins the thread where they wrote last."""
    world = World()
    world.report(message_id="one@x")
    world.wrote(message_id="two@x", references=("one@x",))
    letter = world.staff("[reply]\nThank you.").letter(Kind.REPLY)
    assert (letter.in_reply_to, letter.references) == ("two@x", ("one@x", "two@x"))


def test_a_stranger_on_a_thread_is_an_unverified_third_party():
    """They are shown to staff, get no answer, and move no deadline (behaviour 17)."""
    for found in (Found.TOKEN, Found.MESSAGE_ID):
        world = World()
        world.report()
        before = world.case
        decision = world.wrote("Let me tell you about Kim.", sender="stranger@x.example", found=found)
        assert decision.happened == [What.THIRD_PARTY]
        assert decision.who(Kind.NEW_MESSAGE) == sorted(TEAM)
        assert decision.letter(Kind.NEW_MESSAGE).facts["relation"] == "third-party"
        assert {letter.to.handle for letter in decision.letters} == set(TEAM)
        assert (world.case.state, world.case.clocks, world.case.reporter) == (before.state, before.clocks, before.reporter)


def test_a_code_in_the_subject_threads_for_participants_only():
    """Anybody could have read a code off a screen: a stranger's mail with it is a case of its own (behaviour 16)."""
    world = World()
    world.report()
    first = world.case.id
    decision = world.wrote("I have a report too.", sender="stranger@x.example", found=Found.CODE)
    assert decision.file.kind == "report"
    assert decision.file.ticket_id != first
    held = world.wrote("buy", sender="shop@x.example", found=Found.CODE, sort=Sort.BULK)
    assert (held.file.kind, world.case.state) == ("bulk", State.HELD)


def test_a_reply_to_a_closed_case_opens_it_with_a_new_week():
    """The new week counts from the server's receipt of the reply, and staff are told (behaviour 20)."""
    world = closed()
    world.wait(30 * DAY)
    decision = world.wrote("It happened again.")
    assert decision.who(Kind.NEW_MESSAGE) == sorted(TEAM)
    assert world.case.state is State.REOPENED
    assert world.case.clocks[Duty.RESPOND].due_at == MONDAY + 37 * DAY
    assert not world.case.running(Duty.TAKE)


def test_a_reopened_case_whose_lead_left_has_to_be_taken():
    """Without a lead, somebody has to take what the reporter opened again."""
    world = closed()
    assert world.staff("[recuse:ana]", BEN).ok
    world.wrote("It happened again.")
    assert world.case.running(Duty.TAKE)


def test_a_reopened_case_that_names_its_lead_has_to_be_taken():
    """The reply that opens a case may be the one that names who led it: it is kept from them and somebody else takes it."""
    world = closed()
    assert world.case.lead == "ana"
    decision = world.wrote("It was Ana who told Robin my name.")
    assert decision.to("ana") == []
    assert (world.case.state, world.case.lead, world.case.running(Duty.TAKE)) == (State.REOPENED, None, True)


def test_the_lead_is_kept_out_when_the_reporter_names_them():
    """The harasser may be the one who took the case: whoever a later mail names hears nothing of it from then on."""
    world = World()
    world.report("One of your organisers shouted at me.")
    world.staff("[take]")
    decision = world.wrote("It was Ana.")
    assert decision.to("ana") == []
    assert decision.letter(Kind.NEW_MESSAGE).facts["withheld"] == ["ana"]
    assert world.case.lead is None
    assert world.case.clocks[Duty.TAKE].due_at == MONDAY + 4 * HOUR


def test_whom_a_colleague_let_in_is_not_held_for_every_thank_you():
    """A human has judged a mention: the same person's name in the next mail does not lock them out again."""
    world = World()
    world.report()
    world.staff("[take]")
    world.wrote("I told Ana everything.")
    assert world.staff("[unrecuse:ana]", BEN).ok
    assert world.wrote("Ana helped me a lot.").to("ana") == [Kind.NEW_MESSAGE]


def test_a_follow_up_that_names_everybody_finds_another_reader():
    """When the last of the staff is named, the contact outside gets the mail, and the board is told that nobody is left."""
    world = World()
    world.report("Ana and Ben did it.")
    decision = world.wrote("Carla too.")
    assert decision.who(Kind.NEW_MESSAGE) == ["fallback"]
    assert decision.who(Kind.TOO_FEW) == ["dora"]
    assert world.wrote("Believe me.").who(Kind.TOO_FEW) == []


def test_an_automatic_answer_of_the_reporter_moves_nothing():
    """An out-of-office note is shown to staff and does not open a closed case (behaviour 22)."""
    world = closed()
    decision = world.wrote("I am away.", sort=Sort.AUTOMATIC, sort_reason="Auto-Submitted")
    assert decision.happened == [What.AUTOMATIC]
    assert (decision.file.kind, world.case.state) == ("automatic", State.CLOSED)
    assert decision.letter(Kind.NEW_MESSAGE).facts["relation"] == "automatic"


def test_what_we_know_is_no_spam():
    """A verdict of spam is about strangers: the reporter's reply opens a closed case, and a colleague's command is carried out."""
    w = closed()
    assert w.wrote("It happened again.", sort=Sort.SPAM).file.kind == "followup"
    assert w.case.state is State.REOPENED
    assert w.staff("[close]", sort=Sort.SPAM).ok
    assert w.on_no_case("[list:open]", sort=Sort.SPAM).ok
    assert w.new_mail("[list:open]", sort=Sort.SPAM).ok
    assert w.new_mail("[urgent]\nThey are fighting.", sort=Sort.SPAM).who(Kind.ALARM) == ["ben", "carla"]
    assert w.new_mail("Buy this.", sort=Sort.SPAM).file.kind == "spam"


def test_an_automatic_answer_of_a_colleague_is_only_kept():
    """A vacation note of one of the team concerns nobody else."""
    world = World()
    world.report()
    decision = world.staff("I am on holiday.", sort=Sort.AUTOMATIC)
    assert (decision.letters, decision.entries, decision.file.kind) == ([], [], "automatic")
    assert decision.all(Keep) == [Keep(ticket_id=world.case.id, relation="automatic", by="ana")]


def test_a_dismissed_case_stays_dismissed_when_its_writer_thanks():
    """A reply to what was no report is shown to staff and starts no deadline."""
    world = World()
    world.report()
    assert world.staff("[not-a-report:enquiry]").ok
    decision = world.wrote("Thank you for the tickets.")
    assert decision.who(Kind.NEW_MESSAGE) == sorted(TEAM)
    assert world.case.state is State.NOT_A_REPORT
    assert not any(map(world.case.running, Duty))


LOST = Bounced(outbox_id=7, ticket_id=1, letter="receipt", role="reporter", permanent=True)


def test_a_bounce_marks_the_letters_that_are_lost():
    """A delivery report about letters of ours opens no ticket; only those that failed for good are marked (behaviour 24)."""
    world = World()
    delayed = Bounced(outbox_id=8, ticket_id=1, letter="reply", role="reporter", permanent=False)
    decision = world.bounce(LOST, delayed)
    assert decision.all(MarkBounced) == [MarkBounced(outbox_id=7)]
    assert decision.all(Keep) == [Keep(ticket_id=1, relation="bounce", by="maild")]
    assert (decision.file.kind, decision.file.ticket_id) == ("bounce", 1)
    assert not decision.letters
    assert not world.tickets


def test_a_bounce_of_a_letter_about_no_case_is_filed_by_itself():
    """The digest may bounce too."""
    decision = World().bounce(Bounced(outbox_id=9, ticket_id=None, letter="digest", role="board", permanent=True))
    assert decision.all(MarkBounced) == [MarkBounced(outbox_id=9)]
    assert decision.all(Keep) == []


ON_NO_CASE = [
    (DORA, "What does this number mean?", {}, "report", "the board answers the digest"),
    (DORA, "[list:open]", {}, "report", "the board's tags do nothing"),
    (ANA, "Something happened to me as well.", {}, "report", "staff answer a summary without tags: nothing vanishes"),
    (ANA, "I am away.", {"sort": Sort.AUTOMATIC}, "automatic", "an out-of-office note of one of us"),
    (ANA, "[list:open]", {}, "command", "staff answer it with tags"),
    (FELIX, "[list:open]", {}, "command", "so may the contact outside, who gets summaries of cases without staff"),
]


@pytest.mark.parametrize(("who", "text", "changes", "kind", "why"), ON_NO_CASE, ids=[why for *_, why in ON_NO_CASE])
def test_answers_to_letters_about_no_case(who, text, changes, kind, why):
    """What has tags of staff is a command mail; what a person wrote without is a report; nothing vanishes."""
    assert World().on_no_case(text, who, **changes).file.kind == kind


def test_a_strangers_answer_to_a_letter_about_no_case_is_a_mail_like_any_other():
    """A forwarded digest that somebody answers makes a report; what answers it by itself is held."""
    world = World()
    assert world.on_no_case("What is this?", BEN, sender="stranger@x.example").file.kind == "report"
    assert world.on_no_case("I am away.", BEN, sender="stranger@x.example", sort=Sort.AUTOMATIC).file.kind == "automatic"
    assert world.case.state is State.HELD


def test_a_resolved_case_is_not_opened_by_an_answer():
    """As long as a case is not closed, people read what comes."""
    world = resolved()
    world.wrote("Thank you.")
    assert world.case.state is State.RESOLVED


def test_code_names_are_drawn_until_one_is_free():
    """When a name is taken, the next try gives the case another, and the same seed the same."""
    one, other = (World().arrive(mail(inbox_id=5), name_try=number).all(Open)[0].ticket for number in (0, 1))
    assert one.code != other.code
    assert one.reference != other.reference


@pytest.mark.parametrize("text", ["Help", "", "Somebody with a red hat. I do not know who."])
def test_a_report_may_lack_everything(text):
    """No Subject, no name, no place, not even a text: it is recorded and passed on, and acknowledged (playbook lines 27 to 29). Nor who."""
    w = World()
    decision = w.report(text, subject="", name="")
    assert decision.file.kind == "report"
    assert decision.who(Kind.RECEIPT) == ["reporter"]
    assert decision.who(Kind.NEW_REPORT) == sorted(TEAM)
    assert w.staff("[determine who=unknown]").ok
    assert "who" not in missing(w.case)
