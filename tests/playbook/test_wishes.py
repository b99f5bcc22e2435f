"""What a reporter may ask of us in brackets: no contact, no name, and who shall not know of it."""

import time

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import Journal, Keep, Withdraw, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Found, Sort, Thread
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.notices import NO_WISHES
from maild.playbook.ticket import State
from maild.playbook.wishes import Wish, Wished, hidden_in, meant, wishes
from tests.playbook.cases import ALL_FIVE, ANA, BEN, DAY, DORA, HOUR, World, entry, leaving, mail, policy, reporter, ticket
from tests.playbook.test_secrecy import written

READ = [
    ("[no-contact]", Wish.NO_CONTACT, "as it is written"),
    ("Hello\n\n[No Contact]\n\nBye", Wish.NO_CONTACT, "in any case, with a blank, between other lines"),
    (" * [NO_CONTACT].", Wish.NO_CONTACT, "with what clients and people put around it"),
    ("[no\u2011contact]\r", Wish.NO_CONTACT, "with a hyphen that does not break"),
    ("**[bla kuntatt]**", Wish.NO_CONTACT, "in Maltese, in bold"),
    ("[anonymous]", Wish.ANONYMOUS, "not to be named"),
    ("[Anonimu]", Wish.ANONYMOUS, "in Maltese"),
    ("[anonima]", Wish.ANONYMOUS, "in Maltese, by a woman"),
    ("[contact]", Wish.CONTACT, "to be written to again"),
    ("[kuntatt]", Wish.CONTACT, "in Maltese"),
    ("[No contact, please]", Wish.NO_CONTACT, "with a please"),
    ("[nocontact]", Wish.NO_CONTACT, "in one word"),
    ("[do not contact me]", Wish.NO_CONTACT, "in so many words"),
    ("\u201c[anonymous]\u201d,", Wish.ANONYMOUS, "in quotation marks, with a comma"),
    ("\u200b[anonymous]!", Wish.ANONYMOUS, "behind a character that cannot be seen"),
]


@pytest.mark.parametrize(("text", "wish", "why"), READ, ids=[why for *_, why in READ])
def test_a_wish_is_read(text, wish, why):
    """Alone on a line, in any case, in English and in Maltese."""
    assert wishes(text, text) == (Wished(wish=wish),)


NAMED = [
    ("[not-to: ana]", ("ana",), "a short name"),
    ("[Not to Ana Abela]", ("Ana Abela",), "a name, without a colon"),
    ("[not-to: ana, Ben]", ("ana", "Ben"), "two of them"),
    ("[mhux lil: Ana]", ("Ana",), "in Maltese"),
    ("[mhux-lill Ana]", ("Ana",), "in Maltese, the other way"),
    ("[not-to: ana@staff.example]", ("ana@staff.example",), "an address"),
]


@pytest.mark.parametrize(("text", "names", "why"), NAMED, ids=[why for *_, why in NAMED])
def test_somebody_is_named(text, names, why):
    """Who shall not know of it, by short name, name or address."""
    assert wishes(text, text) == (Wished(wish=Wish.NOT_TO, names=names),)


INERT = [
    ("Please write [no-contact] on the form.", "inside a sentence"),
    ("> [no-contact]", "in a quote"),
    ("no-contact", "without brackets"),
    ("[no contact form]", "with more in it"),
    ("[no-contact] I mean it", "beside words"),
    ("[not-to]", "that names nobody"),
    ("[not-to: ]", "that names nobody, with a colon"),
    ("[note]", "a tag of staff"),
    ("[resolve:nothing]", "a decision"),
    ("[no-contact", "that does not end"),
    ("[nottoana]", "in one word"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("text", "why"), INERT, ids=[why for _, why in INERT])
def test_anything_else_is_inert(text, why):
    """What stands in a sentence or a quote, and any other tag, is words."""
    assert wishes(text, text) == ()


@pytest.mark.parametrize("between", ["", " ", ", ", " / "])
def test_several_may_stand_on_a_line(between):
    """As tags of ours may; a word beside them makes it a sentence."""
    both = (Wished(wish=Wish.ANONYMOUS), Wished(wish=Wish.NOT_TO, names=("Ana",)), Wished(wish=Wish.NO_CONTACT))
    text = between.join(("[anonymous]", "[not-to: Ana]", "[no-contact]"))
    assert wishes(text, text) == both
    assert wishes(f"{text} and", "") == wishes(f"> {text}", "") == ()


def test_a_wish_below_the_signature_of_a_report_is_one():
    """All of it is searched, as it is for the names of those who must not know; in an answer only what is new."""
    w = World()
    assert leaving(w.report(text="Hello\n-- \nKim\n[no-contact]", new_text="Hello", command_text="Hello")) == []
    w.wrote(text="Hello\n-- \n[anonymous]", new_text="Hello", command_text="Hello")
    assert (w.case.no_contact, w.case.anonymous) == (True, False)


def test_a_wish_in_the_subject_of_a_report_is_one():
    """Where else would somebody write it who must not get an answer? The Subject of an answer is that of the first mail."""
    w = World()
    assert leaving(w.report(subject="[no-contact] [anonymous]")) == []
    assert (w.case.no_contact, w.case.anonymous) == (True, True)
    w.wrote("[contact]", subject="[no-contact] [anonymous]")
    assert not w.case.no_contact


def test_protection_is_read_where_a_quote_is_only_possible():
    """One overlooked may cost its writer dearly; what lifts it needs to stand where nothing can be a quote."""
    assert wishes("[no-contact]\n[contact]", "") == (Wished(wish=Wish.NO_CONTACT),)
    assert wishes("", "[no-contact]\n[contact]") == (Wished(wish=Wish.CONTACT),)


def test_reading_takes_linear_time():
    """Ten times the lines take about ten times as long."""

    def seconds(times):
        started = time.process_time()
        wishes("[not-to:" * times + "\n" + "*" * times, "[- " * times)
        wishes("[ana]\n" * times, "")
        return time.process_time() - started

    assert seconds(200_000) < 40 * max(seconds(20_000), 0.005)


MEANT = [
    ("ana", {"ana"}, "a short name"),
    ("ANABEL", {"ana"}, "an alias"),
    ("Ben Muller", {"ben"}, "a name without its dots"),
    ("dora@board.example", {"dora"}, "an address of the board"),
    ("fallback", {"fallback"}, "the contact outside"),
    ("Anna", {"ana"}, "a slip"),
    ("Carla Camileri", {"carla"}, "a slip in a part of it"),
    ("Muler", {"ben"}, "a slip in one half of a double name"),
    ("Zoe", set(), "a middle name is nobody's"),
    ("Aan", set(), "a slip in a short word may be any word"),
    ("the man with the hat", set(), "nobody of ours"),
]


@pytest.mark.parametrize(("name", "handles", "why"), MEANT, ids=[why for *_, why in MEANT])
def test_who_is_meant(name, handles, why):
    """By short name, name, a part of it, or address."""
    assert meant(name, policy().everybody) == handles


def asked(text: str, **changes: object) -> World:
    """A world in which this report came."""
    world = World()
    world.report(f"{text}\nSomebody shouted at me.", **{"name": "Kim Camenzuli", **changes})
    return world


def test_a_report_with_no_contact_is_not_acknowledged():
    """Nothing automatic goes out, nobody is reminded of an acknowledgement, and the notice says why."""
    w = asked("[no-contact]")
    assert leaving(w.decisions[-1]) == []
    assert w.case.no_contact
    assert Duty.ACKNOWLEDGE not in w.case.clocks
    assert w.case.running(Duty.RESPOND)
    facts = w.decisions[-1].letter(Kind.NEW_REPORT, "ana").facts
    assert (facts["asked"], facts["reachable"], facts["no_contact"]) == (["no-contact"], False, True)


def test_nothing_goes_to_whoever_asked_for_no_contact():
    """Neither by the clock nor by a command, however long; only a resolution is recorded, and the week is met."""
    w = asked("[no-contact]")
    for _ in range(30):
        w.tick(6 * HOUR)
    refused = w.staff("[reply]\nThank you.")
    assert "asked for no contact" in refused.sentences[0]
    assert not w.staff("[reply anyway]\nThank you.").ok
    assert w.staff(ALL_FIVE + "[resolve:private-reprimand]").ok
    assert w.case.answered_at == w.now
    assert [letter for letter in w.letters if letter.kind in TO_REPORTER] == []


def test_the_answer_says_why_nothing_is_sent():
    """No contact is told apart from no address."""
    w = asked("[no-contact]")
    told = w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    assert "because the reporter asked for no contact; the duty of the week is met" in told.sentences[-1]


def test_an_explanation_is_recorded_and_sent_to_nobody():
    """The team explains to itself, and the week runs again until the date."""
    w = asked("[no-contact]")
    w.wait(2 * DAY)
    told = w.staff("[explain until=2026-11-28]\nThe hotel has not answered.")
    assert told.ok
    assert leaving(told) == []
    assert w.case.clocks[Duty.RESPOND].due_at.isoformat() == "2026-11-28T22:59:59+00:00"
    assert w.case.explained_until is None


def test_no_contact_later_stops_what_waits():
    """Letters that still wait are withdrawn, and a resolution whose letter is among them has met the week."""
    w = World()
    w.report()
    w.accepted()
    w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    told = w.wrote("[no-contact]")
    assert told.all(Withdraw) == [Withdraw(ticket_id=w.case.id, handle="reporter")]
    assert not w.case.answer_open
    assert not w.case.running(Duty.RESPOND)
    assert w.staff("[told:P1] [close]").ok


def test_no_contact_later_makes_an_explanation_nobodys():
    """An explanation that was on its way puts the week off all the same."""
    w = World()
    w.report()
    w.accepted()
    w.staff("[explain until=2026-11-28]\nThe hotel has not answered.")
    w.wrote("[no-contact]")
    assert w.case.explained_until is None
    assert w.case.clocks[Duty.RESPOND].due_at.isoformat() == "2026-11-28T22:59:59+00:00"


def test_a_later_mail_lifts_nothing():
    """Only [contact] does, written by them; then an acknowledgement is owed and staff may write."""
    w = asked("[no-contact]")
    w.wrote("Is there any news? Please answer me.")
    assert w.case.no_contact
    w.wrote("[contact]", sender="stranger@x.example")
    assert w.case.no_contact
    w.wait(DAY)
    lifted = w.wrote("[contact]")
    assert not w.case.no_contact
    assert w.case.clocks[Duty.ACKNOWLEDGE].due_at == w.now + DAY
    assert lifted.letter(Kind.NEW_MESSAGE, "ana").facts["asked"] == ["contact"]
    assert w.staff("[reply]\nThank you.").ok


def test_contact_without_need_changes_nothing():
    """Whoever never asked for silence owes nobody anything by asking for contact."""
    w = World()
    w.report()
    before = w.case.clocks
    w.wrote("[contact]")
    assert (w.case.no_contact, w.case.clocks) == (False, before)


def test_a_forged_follow_up_asks_for_nothing():
    """The one a report is about must not be able to silence it, or to choose who reads it."""
    w = World()
    w.report()
    w.wrote("[no-contact]\n[anonymous]\n[not-to: ana]", disowned=True)
    assert (w.case.no_contact, w.case.anonymous, dict(w.case.withheld)) == (False, False, {"ana": "hold"})


def test_what_a_machine_writes_asks_for_nothing():
    """An out-of-office answer is no wish."""
    w = World()
    w.report()
    w.wrote("[no-contact]", sort=Sort.AUTOMATIC)
    assert not w.case.no_contact


def test_a_held_mail_keeps_its_hours():
    """A held mail is looked at within 24 hours whatever it asks; once it is a report it is not acknowledged."""
    w = World()
    w.held()
    w = asked("[no-contact]", sort=Sort.SPAM, sort_reason="X-Spam")
    assert w.case.state is State.HELD
    assert w.case.running(Duty.ACKNOWLEDGE)
    released = w.staff("[report]", token="t" * 26)
    assert leaving(released) == []
    assert Duty.ACKNOWLEDGE not in w.case.clocks


def test_somebody_is_kept_out_before_the_first_notice():
    """As if they had stepped back: no letter, no view; the others learn it and who it is that nobody knows."""
    w = asked("[not-to: ana, Dora, Maria]")
    first = w.decisions[-1]
    assert dict(w.case.withheld) == {"ana": "recused", "dora": "recused"}
    assert {effect.handle for effect in first.all(Withhold)} == {"ana", "dora"}
    assert first.who(Kind.NEW_REPORT) == ["ben", "carla"]
    facts = first.letter(Kind.NEW_REPORT, "ben").facts
    assert (facts["asked_out"], facts["asked_unknown"], facts["withheld"]) == (["ana", "dora"], ["Maria"], [])


def test_somebody_is_kept_out_from_then_on():
    """Whoever led is followed by somebody else, and one let in again after a mention is out once more."""
    w = World()
    w.report()
    w.staff("[take]")
    w.wrote("Ana saw it.")
    assert w.case.withheld["ana"] == "hold"
    w.staff("[unrecuse:ana]", BEN)
    told = w.wrote("[not-to: ana]")
    assert (w.case.withheld["ana"], w.case.lead) == ("recused", None)
    assert "ana" not in told.who(Kind.NEW_MESSAGE)


def test_who_stepped_back_is_not_kept_out_twice():
    """A wish about somebody who is out already is only recorded."""
    w = World()
    w.report()
    w.staff("[recuse]")
    assert w.wrote("[not-to: ana]").all(Withhold) == []


def test_nobody_left_is_told_to_others():
    """A reporter who wants none of the staff to know is read by the contact outside the team."""
    w = asked("[not-to: ana, ben, carla]")
    assert w.decisions[-1].who(Kind.NEW_REPORT) == ["fallback"]
    assert Kind.TOO_FEW in w.decisions[-1].to(DORA.handle)


NAME = ("Kim", "Camenzuli", "kim@reporter.example")


def test_nobody_of_the_team_reads_the_name():
    """Not in a notice, a note, a copy, an alarm or [show], from the first on; a reply reaches them all the same."""
    w = asked("[anonymous]\nI am Kim Camenzuli.", subject="From KIM", attachments=({"name": "Kim.png", "type": "image/png", "size": 1},))
    w.accepted()
    w.wrote("kim\nIt is Camenzuli again, kim@Reporter.example", name="K. Camenzuli")
    w.staff("I think it was Kim.")
    w.staff("[reply]\nDear Kim, thank you.\n[urgent]\nKim is in danger.")
    shown = w.staff("[show]")
    ours = [letter for letter in w.letters if letter.to.role != "reporter"]
    told = [letter for letter in ours if letter.kind is not Kind.ANSWER]
    assert {letter.kind for letter in told} >= {Kind.NEW_REPORT, Kind.NEW_MESSAGE, Kind.NOTE, Kind.COPY, Kind.ALARM}
    for letter in (*told, shown.letter(Kind.ANSWER)):
        assert [name for name in NAME if name.casefold() in written(letter.facts).casefold()] == []
    assert w.letters[0].facts.get("name") is None
    assert [letter.to.address for letter in w.letters if letter.kind is Kind.REPLY] == ["kim@reporter.example"]


BY_STAFF = """\
[determine violation=yes who="Robin Example" ongoing=no safety=no]
Kim Camenzuli was pushed.
[person:P2 name="Kim Camenzuli" role=affected]
[presentation:minor talk="Kim Camenzuli on bees"]
[resolve:other label="Kim moves"]
Kim may have another seat.
"""


@pytest.mark.parametrize("approvals", [1, 2])
def test_nor_where_one_of_us_wrote_it(approvals):
    """Who knows them may put them on the case by name: the others read it in no answer, be it of people, findings, titles or decisions."""
    w = World(policy=policy(approvals=approvals))
    w.report("[anonymous]\nSomebody pushed me.", name="Kim Camenzuli")
    w.accepted()
    ban = "[resolve:ban spaces=all permanent]\n[write:P1 anyway]\nYou pushed Kim." if approvals == 2 else ""
    assert w.staff(f"{BY_STAFF}[person:P1 address=robin@x.example]\n{ban}").ok
    asked = w.staff("[status]\n[show]\n[history:P2]\n[told:P9]", BEN)
    assert "Kim" not in written(asked.answer)
    assert "P2" in written(asked.answer)


def test_a_stranger_is_named():
    """Only the reporter asked for it."""
    w = asked("[anonymous]")
    told = w.wrote("Kim told me.", sender="sam@x.example", name="Sam Sant")
    facts = told.letter(Kind.NEW_MESSAGE, "ana").facts
    assert (facts["name"], facts["address"], facts["text"]) == ("Sam Sant", "sam@x.example", "the reporter told me.")


HIDDEN = [
    ("Will Sant", "It will be hot, said Will.", "It will be hot, said the reporter.", "a name that is a word"),
    ("Will Sant", "Bye\nwill\n", "Bye\nthe reporter\n", "alone on a line it is a name"),
    ("Will Sant", "WILL SANT, will sant", "the reporter, the reporter", "the whole name in any case"),
    ("Will Sant", "Willow, Santa", "Willow, Santa", "inside other words it is none"),
    ("Ganni Zahra", "Jien \u0120anni \u017bahra.", "Jien the reporter.", "accents that the header lacks"),
    ("Zo\u00eb Sant", "Regards, Zoe", "Regards, the reporter", "accents that only the header has"),
    ("Zoe Sant", "I am Zoe\u0308.", "I am the reporter.", "an accent that is a character of its own"),
    ("Sant, Zoe (Slack: zo)", "Zoe Sant, or zo", "the reporter the reporter, or the reporter", "a header with signs in it"),
    ("", "kim@reporter.example wrote", "the reporter wrote", "an address alone"),
    ("A. B", "A. B and A and B", "the reporter and A and B", "a letter is no name"),
    ("$^ (", "Costs $^ ( 5", "Costs the reporter 5", "a name made of signs"),
]


@pytest.mark.parametrize(("name", "text", "shown", "why"), HIDDEN, ids=[why for *_, why in HIDDEN])
def test_how_a_name_is_hidden(name, text, shown, why):
    """The address and the whole name in any case; a part of the name as names are written."""
    case = ticket(entry(What.WISHED, by="reporter", wish="anonymous"), reporter=reporter(name=name))
    assert hidden_in(text, case) == shown


def test_a_case_without_names_is_left_alone():
    """Nobody asked, or there is nobody to hide."""
    assert hidden_in("Kim", ticket()) == "Kim"
    assert hidden_in("Kim", ticket(entry(What.WISHED, wish="anonymous"), reporter=None)) == "Kim"
    assert hidden_in("Kim", ticket(entry(What.WISHED, wish="anonymous"), reporter=reporter("", ""))) == "Kim"


def test_a_notice_without_wishes_says_nothing_of_any():
    """The facts are there for the templates, and empty."""
    w = World()
    w.report()
    facts = w.decisions[-1].letter(Kind.NEW_REPORT, ANA.handle).facts
    assert {name: facts[name] for name in NO_WISHES} == NO_WISHES


def test_an_alarm_is_no_wish():
    """A mail of one of us that rings the safety alarm is theirs, not a reporter's."""
    w = World()
    opened = w.new_mail("[urgent]\n[anonymous]\nSomebody is hurt.")
    assert not w.case.anonymous
    assert Kind.ALARM in [letter.kind for letter in opened.letters]


@pytest.mark.parametrize(
    "wish", ["[no-contact]", "[not-to: Ben]", "[anonymous] [no-contact]", "[anonymous]\n[not-to: Ben]", "[bla kuntatt]"]
)
def test_one_of_us_who_reports_something_may_wish_too(wish):
    """A report of ours is a report like any other (product.md section 3): it becomes a case, and what stands in it is no misspelt command."""
    w = World()
    decision = w.report(f"Somebody shouted at me.\n{wish}", sender=ANA.address)
    assert decision.file.kind == "report"
    assert decision.to("ben") == ([] if "Ben" in wish else [Kind.NEW_REPORT])
    assert decision.to("reporter") == ([] if "contact" in wish or "kuntatt" in wish else [Kind.RECEIPT])
    assert w.case.withheld["ana"] == "party"


def test_a_wish_beside_a_command_is_no_report():
    """Whoever commands is told what is wrong with the rest, as ever."""
    w = World()
    decision = w.report("[take]\n[no-contact]", sender=ANA.address)
    assert w.tickets == {}
    assert decision.answer["errors"] == 2
    assert Kind.ALARM in [letter.kind for letter in w.new_mail("[anonymous] [urgent]\nSomebody is hurt.").letters]


def two_in_one_letter(first="Somebody shouted at me.", second="It happened again."):
    """Two reports of one person, which one letter acknowledged: the world, and both cases."""
    w = World()
    for text in (first, second):
        w.report(text, name="Kim")
    return w, *w.tickets.values()


def answers_both(w, text, *cases, **changes):
    """The reporter answers that letter; its thread is that of the first."""
    thread = Thread(
        ticket=w.whole(cases[0]), found=Found.TOKEN, holder="reporter", about=cases[0].id, beside=tuple(map(w.whole, cases[1:]))
    )
    return w.arrive(mail(text, **{"received_at": w.now, "references": ("r@club.example",), **changes}), thread=thread)


def test_what_is_asked_in_answer_to_one_letter_about_two_reports_holds_for_both():
    """The team of the other reads what is asked and no word of the mail, which may speak of people who must not know of the first."""
    w, first, second = two_in_one_letter(first="Ben shouted at me.")
    decision = answers_both(w, "[no-contact]\n[not-to: Carla]\nBen must not know.", first, second)
    assert [one.no_contact for one in w.tickets.values()] == [True, True]
    assert [sorted(one.withheld) for one in w.tickets.values()] == [["ben", "carla"], ["carla"]]
    assert {(one.ticket_id, one.handle) for one in decision.all(Withdraw)} == {(first.id, "reporter"), (second.id, "reporter")}
    assert {(one.ticket_id, one.handle) for one in decision.all(Withhold)} == {(first.id, "carla"), (second.id, "carla")}
    told = {(one.code, one.to.handle): one.facts for one in decision.letters if one.kind is Kind.NEW_MESSAGE}
    assert told.keys() == {(first.code, "ana"), (second.code, "ana"), (second.code, "ben")}
    assert (told[second.code, "ben"]["asked"], told[second.code, "ben"]["asked_out"]) == (["no-contact"], ["carla"])
    assert "must not know" not in str(told[second.code, "ben"])
    assert "must not know" in str(told[first.code, "ana"])
    assert [one.ticket_id for one in decision.all(Keep)] == [first.id]
    assert ("wished", second.id) in [(one.verb, one.ticket_id) for one in decision.all(Journal)]


def test_what_nobody_asks_for_is_no_matter_of_the_other_report():
    """Nor what is asked by somebody who did not file it, or in a mail that may be forged."""
    for text, changes in (("There is more.", {}), ("[no-contact]", {"disowned": True})):
        w, first, second = two_in_one_letter()
        decision = answers_both(w, text, first, second, **changes)
        assert {one.code for one in decision.letters} == {first.code}
    w, first, second = two_in_one_letter()
    w.report("I heard it.", sender="lee@reporter.example")
    answers_both(w, "[anonymous]", first, second, w.case)
    assert [one.anonymous for one in w.tickets.values()] == [True, True, False]


def test_it_holds_on_the_thread_of_a_case_that_has_several_reporters():
    """There it is asked on their own thread, and not on that of another."""
    w, first, second = two_in_one_letter()
    w.report("I heard it.", sender="lee@reporter.example")
    lee = w.case
    assert w.staff(f"[merge:{second.code}]", case=lee).ok
    decision = answers_both(w, "[no-contact]", first, lee)
    assert [one.no_contact for one in w.tickets.values()] == [True, True, False]
    assert {one.code for one in decision.letters} == {first.code, lee.code}
