"""The life of a sanction after its decision: who carries it out, who confirms, how it is lifted or made longer, and how it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.playbook import disclosure
from maild.playbook.decide.carrying import handed
from maild.playbook.decide.sanctioning import longer
from maild.playbook.effects import Journal
from maild.playbook.enforcing import sanction_of
from maild.playbook.entry import What
from maild.playbook.events import Found, Sort, Thread
from maild.playbook.letters import Kind
from maild.playbook.policy import Conference, Space
from maild.playbook.sanctions import Sanction
from maild.playbook.tasks import Act
from maild.playbook.ticket import State
from maild.playbook.watching import next_mark
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DAY, DORA, FELIX, HOUR, KIM, MONDAY, World, leaving, mail, malta, policy

ROBIN = "robin@away.example"
MODS = "mods@forum.example"
SPACES = (Space(slug="forum", name="The forum", contact=MODS), Space(slug="chat", name="The chat"))
VACATION = "[resolve:vacation spaces=forum]"
BAN = "[resolve:ban spaces=forum permanent]"
LIFT = "[lift:S1]\nWe were wrong about that evening."


def world(*people, spaces=SPACES, address=True, above=ALL_FIVE, **changes):
    """A world with two spaces, one of which has a contact, and a case that is determined and led by Ana."""
    w = World(policy=policy(*people, spaces=spaces, **changes))
    w.report(name="Kim Reporter")
    w.accepted()
    assert w.staff(above).ok
    assert not address or w.staff(f"[person:P1 address={ROBIN}]").ok
    return w


def sanctioned(resolution=VACATION, **changes):
    """The same after a sanction that both the reporter and Robin were told of."""
    w = world(**changes)
    assert w.staff(f"{resolution}\n[write:P1]\nPlease stay away for now.").ok
    w.accepted(Kind.OUTCOME)
    w.fate(Kind.DECISION, "P1", accepted=True)
    return w


def contact(w, text="[done]", task="T1", sender=MODS, found=Found.TOKEN, **changes):
    """The contact of a space answers the letter of a task."""
    token = next(one.token for one in w.case.tasks if one.id == task)
    thread = Thread(ticket=w.case, found=found, token=token, holder=task)
    return w.arrive(mail(text, sender=sender, **{"received_at": w.now, "references": ("c@club.example",), **changes}), thread=thread)


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    assert leaving(decision) == []
    return decision.sentences[-1]


def open_tasks(w):
    """The tasks that somebody still has to do, with the places and whether a contact was asked."""
    return [(one.id, one.act.value, one.places, bool(one.contact)) for one in w.case.tasks if one.open]


# ---- who is asked --------------------------------------------------------------------------------------------------------------------

PLACES = [
    (SPACES, "forum", [("T1", "impose", ("The forum",), True)], "a space with a contact"),
    (SPACES, "chat", [("T1", "impose", ("The chat",), False)], "a space without one: the staff"),
    (SPACES, "all", [("T1", "impose", ("The forum",), True), ("T2", "impose", ("The chat",), False)], "every space"),
    ((), "all", [("T1", "impose", ("every space",), False)], "every space, and none is configured"),
    (
        (*SPACES, Space(slug="meet", name="Meetups", contact=MODS)),
        "all",
        [("T1", "impose", ("The forum", "Meetups"), True), ("T2", "impose", ("The chat",), False)],
        "two spaces of one contact: one letter",
    ),
    (
        (Space(slug="forum", name="The forum", contact=KIM),),
        "forum",
        [("T1", "impose", ("The forum",), False)],
        "the reporter is the contact",
    ),
    (
        (Space(slug="forum", name="The forum", contact=ROBIN),),
        "forum",
        [("T1", "impose", ("The forum",), False)],
        "the respondent is the contact",
    ),
    ((Space(slug="forum", name="The forum", contact="info@club.example"),), "forum", [("T1", "impose", ("The forum",), False)], "we are"),
    ((Space(slug="forum", name="The forum", contact="ask at the door"),), "forum", [("T1", "impose", ("The forum",), False)], "no address"),
    ((Space(slug="forum", name="The forum", contact=BEN.address),), "forum", [("T1", "impose", ("The forum",), True)], "one of us is"),
]


@pytest.mark.parametrize(("spaces", "named", "tasks", "why"), PLACES, ids=[why for *_, why in PLACES])
def test_who_carries_it_out(spaces, named, tasks, why):
    """One task for each contact with all of their places, one for the staff with the rest; never to somebody on the case."""
    w = world(spaces=spaces)
    decision = w.staff(f"[resolve:vacation spaces={named}]")
    assert open_tasks(w) == tasks
    assert len([one for one in decision.letters if one.kind is Kind.CONTACT]) == sum(asked for *_, asked in tasks)
    assert all(f"T{number}: " in decision.sentences[0] for number in range(1, len(tasks) + 1))


def test_whoever_is_kept_out_of_the_case_is_not_asked():
    """One of us who stepped back is the contact: nothing of the case reaches them."""
    w = world(spaces=(Space(slug="forum", name="The forum", contact=BEN.address),))
    w.staff("[recuse:ben]")
    decision = w.staff(VACATION)
    assert decision.to("ben") == []
    assert open_tasks(w) == [("T1", "impose", ("The forum",), False)]
    assert "its contact may not know of this case" in decision.sentences[0]


def test_the_letter_holds_the_person_the_measure_the_dates_and_nothing_else():
    """In a case full of names, no fact of it is in that letter."""
    w = world()
    letter = w.staff("[resolve:vacation spaces=forum days=3]\n[reply]\nThank you, Kim.\n[write:P1]\nStay away, Robin.").letter(Kind.CONTACT)
    until = malta(2026, 11, 26, 23, 59).replace(second=59)
    assert dict(letter.facts) == {
        "act": "impose",
        "person": "Robin Example",
        "measure": "vacation",
        "places": ["The forum"],
        "start": MONDAY.isoformat(),
        "until": until.isoformat(),
        "over": MONDAY.isoformat(),
    }
    assert (letter.to.address, letter.to.name, letter.code, letter.reference, letter.references) == (MODS, "", "", "", ())


NAMES = [
    ('who="the man who shouted at Kim"', "tells who the reporter is", "a description that names the reporter"),
    ('who="Robin Example"', "", "a name"),
]


@pytest.mark.parametrize(("who", "because", "why"), NAMES, ids=[why for *_, why in NAMES])
def test_a_name_that_tells_the_reporter_leaves_with_no_letter(who, because, why):
    """Then the staff do it themselves, and are told why."""
    w = world(above=ALL_FIVE.replace('who="Robin Example"', who))
    decision = w.staff(VACATION)
    assert bool([one for one in decision.letters if one.kind is Kind.CONTACT]) is not bool(because)
    assert because in decision.sentences[0]


def test_a_person_without_a_name_is_nobody_to_write_about():
    """The sentence says what is missing."""
    w = world(address=False, above=ALL_FIVE.replace('who="Robin Example"', "who=unknown"))
    assert w.staff("[person:P1 role=respondent]\n[determine who=P1]").ok
    assert "nobody has written down the name of P1" in w.staff(VACATION).sentences[0]
    assert open_tasks(w) == [("T1", "impose", ("The forum",), False)]


def test_an_expulsion_is_told_to_the_contact_of_its_event():
    """The seam for what others make of it: a sanction of that kind has events for places."""
    event = Conference(slug="pycon", name="PyCon", start=MONDAY.date(), end=MONDAY.date(), contact="desk@pycon.example")
    w = world(conferences=(event,))
    sanction = Sanction(id="S1", kind="expulsion", person="P1", spaces=("pycon",), start=MONDAY, until=None, by=("ana",))
    (send,) = handed(w.case, sanction, Act.IMPOSE, w.scene(), by="ana").letters
    assert (send.letter.to.address, send.letter.facts["places"]) == ("desk@pycon.example", ["PyCon"])


def test_two_people_make_two_tasks():
    """Each sanction has its own; confirming one leaves the other open."""
    w = world(above=ALL_FIVE.replace('"Robin Example"', '"Robin Example","Sam Sample"'))
    letters = [one for one in w.staff("[resolve:vacation spaces=forum to=P1,P2]").letters if one.kind is Kind.CONTACT]
    assert [one.facts["person"] for one in letters] == ["Robin Example", "Sam Sample"]
    assert len({one.token for one in letters}) == 2
    contact(w, task="T2")
    assert [one[0] for one in open_tasks(w)] == ["T1"]


# ---- who confirms --------------------------------------------------------------------------------------------------------------------


def test_the_contact_confirms():
    """With the tag alone on a line; the team is told, nobody outside is answered, and the case may be closed."""
    w = sanctioned()
    assert "T1: the contact of The forum has not confirmed that S1 is in force" in refusal(w.staff("[close]"))
    decision = contact(w)
    assert What.CONFIRMED in decision.happened
    assert leaving(decision) == []
    facts = decision.letter(Kind.NEW_MESSAGE, "ana").facts
    assert (facts["relation"], facts["writer"]) == ("confirmed", "the contact of The forum, who was asked about S1 (T1)")
    assert w.staff("[close]").ok


NOT_CONFIRMED = [
    ({"text": "> [done]"}, "a quote"),
    ({"text": "It is [done] I think."}, "in a sentence"),
    ({"text": "What does this mean?"}, "a question"),
    ({"disowned": True}, "a forged address"),
    ({"sort": Sort.AUTOMATIC}, "an out-of-office answer that quotes it"),
    ({"sender": "else@forum.example"}, "somebody else of that forum"),
    ({"strict_sender": ""}, "an address that cannot be read plainly"),
    ({"found": Found.MESSAGE_ID}, "on no thread of that letter"),
    ({"text": "[resolve:nothing]\n[close]"}, "commands, which are text there"),
]


@pytest.mark.parametrize(("changes", "why"), NOT_CONFIRMED, ids=[why for *_, why in NOT_CONFIRMED])
def test_nothing_else_confirms(changes, why):
    """Whatever it is, the task stays open, nothing of the case moves, and the mail is kept."""
    w = sanctioned()
    decision = contact(w, **changes)
    assert What.CONFIRMED not in decision.happened
    assert open_tasks(w) == [("T1", "impose", ("The forum",), True)]
    assert (w.case.state, leaving(decision)) == (State.RESOLVED, [])


@pytest.mark.parametrize("text", ["[done]", "[Done]", "- [DONE].", "**[done]**", "[ done ]", "Dear team,\n\n[done]\n\nMods"])
def test_a_confirmation_in_the_forms_people_write_it(text):
    """As mail programs and people have it."""
    w = sanctioned()
    contact(w, text)
    assert open_tasks(w) == []


def test_a_contact_of_ours_confirms_as_anybody_would():
    """One of the staff is the contact: on that thread the bare tag counts."""
    w = sanctioned(spaces=(Space(slug="forum", name="The forum", contact=BEN.address),))
    contact(w, sender=BEN.address)
    assert open_tasks(w) == []
    assert w.case.withheld == {}


def test_staff_confirm_by_number():
    """What they did themselves, or know; twice is no fault; unknown ones are told with those that are open."""
    w = sanctioned("[resolve:vacation spaces=all]")
    assert "open: T1, T2" in refusal(w.staff("[done:T9]"))
    assert w.staff("[done:T2]").sentences == ["Recorded: T2 is done."]
    assert w.staff("[done:T2]", BEN).sentences == ["T2 was confirmed before."]
    assert w.staff("[done:t1]", BEN).ok
    assert open_tasks(w) == []
    assert "open: none" in refusal(w.staff("[done:T9]"))


def test_a_confirmation_that_comes_too_late():
    """The contact answers an older letter: it is kept, and confirms nothing of what was asked since."""
    w = sanctioned()
    w.staff("[extend:S1 until=2026-12-20]")
    decision = contact(w, task="T1")
    assert decision.letter(Kind.NEW_MESSAGE).facts["relation"] == "contact"
    assert open_tasks(w) == [("T2", "change", ("The forum",), True)]
    assert w.staff("[done:T1]").sentences == ["T1 matters no more, because S1 was changed since."]


def test_a_letter_to_a_contact_that_did_not_arrive():
    """The team is told, and how to go on."""
    w = sanctioned()
    decision = w.fate(Kind.CONTACT, "T1", accepted=False)
    facts = decision.letter(Kind.FAILURE, "ana").facts
    assert (facts["letter"], facts["person"]) == ("contact", "T1")
    assert w.fate(Kind.CONTACT, "T1", accepted=True).effects == ()


# ---- lifting and extending -----------------------------------------------------------------------------------------------------------


def test_lifting():
    """The contact is told on the same thread, whoever it was about by a letter; the reason stays."""
    w = sanctioned()
    contact(w, message_id="answer@forum.example")
    decision = w.staff(LIFT)
    letters = {letter.kind: letter for letter in leaving(decision)}
    assert letters.keys() == {Kind.CONTACT, Kind.SANCTION_ENDED}
    assert (letters[Kind.CONTACT].facts["act"], letters[Kind.CONTACT].in_reply_to) == ("restore", "answer@forum.example")
    assert letters[Kind.SANCTION_ENDED].facts == {"places": ["The forum"], "everywhere": False, "over": w.now.isoformat()}
    assert sanction_of(w.case, "S1").lifted_at == w.now
    assert open_tasks(w) == [("T2", "restore", ("The forum",), True)]
    assert "wrong about" not in str([one.facts for one in letters.values()])


def test_a_contact_who_never_answered_is_told_on_the_thread_of_our_letter():
    """It follows the first one; the reminder of the first task is over."""
    w = sanctioned()
    first = next(one for one in w.letters if one.kind is Kind.CONTACT)
    again = w.staff(LIFT).letter(Kind.CONTACT)
    assert (again.in_reply_to, again.follows) == ("", first.token)
    assert again.token != first.token


def test_who_was_told_by_other_means_gets_no_letter_at_the_end():
    """Nor does anybody whose letter was never taken."""
    w = world()
    w.staff(f"{VACATION}\n[told:P1]")
    decision = w.staff(LIFT)
    assert decision.to("P1") == []
    assert "P1 is not told by us: use [write:P1]." in decision.sentences[0]


LIFTS = [
    ("[lift:S1]", "say why it is lifted", "no reason"),
    ("[lift:S9]\nWhy.", "There is no S9 on this case. S1: P1 is kept out of The forum", "unknown"),
    ("[extend:S9 permanent]", "There is no S9 on this case. S1: P1", "unknown"),
    ("[extend:S1 until=2026-11-30]", "ends on 2026-11-30 as it is", "to when it ends"),
    ("[extend:S1 until=2026-11-24]", "[lift:S1] and the reason", "to sooner"),
    ("[extend:S1 until=2027-02-22]", "[resolve:ban to=P1 spaces=forum until=2027-02-22]", "a vacation of ninety-one days"),
    ("[extend:S1 permanent]", "[resolve:ban to=P1 spaces=forum permanent]", "a vacation for good"),
    ("[extend:S1 until=2026-12-20 permanent]", "only one way: [extend:S1 until=2026-12-14]", "both"),
    ("[extend:S1]", "it needs until or permanent", "neither"),
    ("[appeal:S1]", "only what is permanent can be appealed. To end it sooner: [lift:S1]", "an appeal of what ends"),
    ("[appeal:upheld S1]\nNo.", "only what is permanent can be appealed. To end it sooner: [lift:S1]", "an answer to no appeal"),
]


@pytest.mark.parametrize(("text", "because", "why"), LIFTS, ids=[why + " " + text[:8] for text, _, why in LIFTS])
def test_each_refusal_says_why(text, because, why):
    """With the line to copy, or what is known."""
    assert because in refusal(sanctioned().staff(text))


def test_a_case_without_sanctions_says_so():
    """Nothing to list."""
    assert refusal(world().staff(LIFT)) == "There is no S1 on this case. No other sanction runs on it."


def test_what_is_over_is_neither_lifted_nor_extended():
    """Lifted, ended and seen, ended and not seen yet."""
    w = sanctioned()
    assert w.staff(LIFT).ok
    assert "S1 is over: it was lifted on 2026-11-23." in refusal(w.staff(LIFT))
    w = sanctioned()
    w.wait(8 * DAY)
    assert "S1 is over: it ended on 2026-11-30." in refusal(w.staff("[extend:S1 until=2026-12-20]"))
    w.tick()
    assert "S1 is over: it ended on 2026-11-30." in refusal(w.staff(LIFT))


def test_the_example_of_a_longer_sanction_works():
    """A fortnight more, a vacation no longer than it may be; nothing where it cannot be longer."""
    vacation = Sanction(id="S1", kind="vacation", person="P1", spaces=("forum",), start=MONDAY, until=END, by=("ana",))
    last = malta(2027, 2, 21, 23, 59).replace(second=59)
    assert longer(vacation, policy()) == "[extend:S1 until=2027-01-06]"
    assert longer(replace(vacation, until=last - DAY), policy()) == "[extend:S1 until=2027-02-21]"
    assert longer(replace(vacation, until=last), policy()) == ""
    assert longer(replace(vacation, until=None), policy()) == ""


def test_extending():
    """To a later day: its contacts get the new dates; whoever it is about is to be told."""
    w = sanctioned("[resolve:ban spaces=all until=2026-12-01]")
    decision = w.staff("[extend:S1 until=2027-01-31]")
    assert decision.letter(Kind.CONTACT).facts["until"] == malta(2027, 1, 31, 23, 59).replace(second=59).isoformat()
    assert open_tasks(w) == [("T3", "change", ("The forum",), True), ("T4", "change", ("The chat",), False)]
    assert w.case.untold == ("P1",)
    assert "Please tell P1 and then write [told:P1]." in decision.sentences[0]
    assert w.staff("[extend:S1 permanent]\nIt went on.").ok
    assert sanction_of(w.case, "S1").permanent
    assert "S1 has no end already." in refusal(w.staff("[extend:S1 until=2028-01-01]"))


def test_an_extension_is_told_by_a_letter():
    """One in the same mail is a letter of a decision: whoever it reaches is told."""
    w = sanctioned("[resolve:ban spaces=all until=2026-12-01]")
    decision = w.staff("[extend:S1 until=2027-01-31]\n[write:P1]\nIt is longer now.")
    assert Kind.DECISION in decision.to("P1")
    assert "Please tell" not in str(decision.sentences)
    w.fate(Kind.DECISION, "P1", accepted=True)
    assert w.case.untold == ()


def test_an_extension_takes_two_where_sanctions_do():
    """It waits with its letter; the proposer cannot approve it; the second is among those who decided."""
    w = world(approvals=2)
    w.staff("[resolve:ban spaces=all until=2026-12-01]")
    assert w.staff("[approve]", BEN).ok
    assert sanction_of(w.case, "S1").by == ("ana", "ben")
    decision = w.staff("[extend:S1 until=2027-01-31]\n[write:P1]\nIt is longer now.")
    assert decision.sentences[0].startswith("Proposed as A2: to extend S1. Nothing is decided")
    assert (leaving(decision), sanction_of(w.case, "S1").until) == ([], malta(2026, 12, 1, 23, 59).replace(second=59))
    assert "somebody else" in refusal(w.staff("[approve:A2]"))
    decision = w.staff("[approve:A2]", CARLA)
    assert [letter.kind for letter in leaving(decision)] == [Kind.CONTACT, Kind.DECISION]
    assert set(sanction_of(w.case, "S1").by) == {"ana", "ben", "carla"}
    assert w.staff(LIFT, BEN).ok


# ---- the end -------------------------------------------------------------------------------------------------------------------------


def notices(decision):
    """Whom the notices about sanctions go to, and what they are about."""
    return sorted((one.to.handle, one.facts["about"]) for one in decision.letters if one.kind is Kind.SANCTION_NOTICE)


def confirmed(resolution="[resolve:vacation spaces=forum days=30]", **changes):
    """A sanction that is in force."""
    w = sanctioned(resolution, **changes)
    contact(w)
    return w


END = malta(2026, 12, 23, 23, 59).replace(second=59)


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_week_a_day_and_the_end(state):
    """Each once, to the lead; a closed case stays closed."""
    w = confirmed()
    assert state == "open" or w.staff("[close]").ok
    before = w.case.state
    assert w.tick(END - 7 * DAY - timedelta(seconds=1) - w.now).effects == ()
    assert notices(w.tick(timedelta(seconds=1))) == [("ana", "week")]
    assert w.tick(5 * DAY).effects == ()
    assert notices(w.tick(DAY)) == [("ana", "day")]
    decision = w.tick(DAY)
    assert notices(decision) == [("ana", "end")]
    assert [letter.kind for letter in leaving(decision)] == [Kind.CONTACT, Kind.SANCTION_ENDED]
    assert w.tick().effects == ()
    assert w.case.state is before


def test_without_a_lead_all_of_the_team_hear():
    """Nobody leads it any more."""
    w = confirmed()
    w.staff("[drop]")
    w.staff("[close]")
    assert notices(w.tick(END - DAY - w.now)) == [("ana", "day"), ("ben", "day"), ("carla", "day")]


def test_after_an_outage_the_highest_step_alone():
    """A month later: the end, and none of the steps on the way."""
    w = confirmed()
    decision = w.tick(60 * DAY)
    assert notices(decision) == [("ana", "end")]
    assert sanction_of(w.case, "S1").ended_at == w.now
    assert decision.letter(Kind.SANCTION_ENDED).facts["over"] == END.isoformat()
    assert w.tick().effects == ()


def test_a_short_sanction_skips_the_steps_before_it_began():
    """Three days have no week before their end."""
    w = confirmed("[resolve:vacation spaces=forum days=3]")
    assert next_mark(w.case, w.policy) == malta(2026, 11, 25, 23, 59).replace(second=59)


def test_an_extension_starts_the_ladder_anew():
    """The steps of the new end come; those of the old one do not."""
    w = confirmed()
    w.tick(END - 7 * DAY - w.now)
    w.staff("[extend:S1 until=2027-01-31]\n[told:P1]")
    contact(w, task="T2")
    assert next_mark(w.case, w.policy) == malta(2027, 1, 24, 23, 59).replace(second=59)


def test_access_is_asked_after_every_day():
    """Until it is confirmed; the contact is written to once."""
    w = confirmed()
    w.tick(END - w.now)
    for _ in range(3):
        decision = w.tick(DAY)
        assert notices(decision) == [("ana", "undone")]
        assert leaving(decision) == []
    assert "restored after S1" in decision.letter(Kind.SANCTION_NOTICE).facts["tasks"][0]
    contact(w, task="T2")
    assert w.tick(30 * DAY).effects == ()
    assert next_mark(w.case, w.policy) is None


def test_a_task_is_reminded_of_after_a_day():
    """Once a day at most, all that waits in one letter, after an outage once."""
    w = sanctioned("[resolve:ban spaces=all permanent]")
    assert w.tick(24 * HOUR - timedelta(seconds=1)).effects == ()
    decision = w.tick(timedelta(seconds=1))
    assert notices(decision) == [("ana", "undone")]
    assert len(decision.letter(Kind.SANCTION_NOTICE).facts["tasks"]) == 2
    assert notices(w.tick(10 * DAY)) == [("ana", "undone")]
    assert w.tick().effects == ()


SPRING = [
    ("2027-03-28", malta(2027, 3, 21, 23, 59), malta(2027, 3, 27, 23, 59), "clocks go forward on the last day"),
    ("2027-10-31", malta(2027, 10, 24, 23, 59), malta(2027, 10, 30, 23, 59), "clocks go back on the last day"),
]


@pytest.mark.parametrize(("until", "week", "day", "why"), SPRING, ids=[why for *_, why in SPRING])
def test_steps_keep_the_local_time(until, week, day, why):
    """The same time by the clock on the wall, though a day has twenty-three or twenty-five hours."""
    w = confirmed(f"[resolve:ban spaces=forum until={until}]")
    assert next_mark(w.case, w.policy) == week.replace(second=59)
    w.tick(week.replace(second=59) - w.now)
    assert next_mark(w.case, w.policy) == day.replace(second=59)


def test_what_another_sanction_keeps_is_not_restored():
    """The vacation ends, the ban goes on: nobody is asked, and nobody is told that anything is open."""
    w = confirmed()
    w.staff(BAN)
    decision = w.tick(END - w.now)
    assert leaving(decision) == []
    assert notices(decision) == [("ana", "end"), ("ana", "undone")]
    assert not [one for one in w.case.tasks if one.act is Act.RESTORE]


def test_what_another_sanction_leaves_is_restored():
    """Of every space those that no other sanction keeps."""
    w = sanctioned("[resolve:ban spaces=all until=2026-12-23]")
    w.staff("[resolve:ban spaces=chat permanent]")
    decision = w.staff(LIFT)
    assert decision.letter(Kind.SANCTION_ENDED).facts["places"] == ["The forum"]
    assert not decision.letter(Kind.SANCTION_ENDED).facts["everywhere"]
    w = sanctioned("[resolve:ban spaces=forum until=2026-12-23]")
    w.staff("[resolve:ban spaces=all permanent]")
    assert Kind.SANCTION_ENDED not in [letter.kind for letter in leaving(w.staff(LIFT))]
    w = sanctioned("[resolve:ban spaces=all until=2026-12-23]")
    assert w.staff(LIFT).letter(Kind.SANCTION_ENDED).facts["everywhere"]


# ---- appeals -------------------------------------------------------------------------------------------------------------------------

ANSWER = "[appeal:{} S1{}]\nWe have looked at it again."


def appealed(**changes):
    """A permanent ban by Ana, in force, against which Robin has written."""
    w = confirmed(BAN, **changes)
    w.party("This is not fair.", ROBIN)
    assert w.staff("[appeal:S1]\nRobin wrote to us.").ok
    return w


def test_who_is_kept_out_for_good_is_told_that_they_may_appeal():
    """By the letter of the decision, whatever its writer thought of; one that ends, or is lifted, has nothing to say of that."""
    for resolution, text, said in ((BAN, "", True), (VACATION, "", False), (BAN, "[lift:S1]\nA mistake.\n", False)):
        w = world()
        letter = w.staff(f"{resolution}\n{text}[write:P1]\nPlease stay away for now.").letter(Kind.DECISION)
        assert letter.facts == {"text": "Please stay away for now.", "for_good": said}
    w = sanctioned()
    again = w.staff("[extend:S1 until=2026-12-20]\n[write:P1]\nA little longer.").letter(Kind.DECISION)
    assert again.facts["for_good"] is False


def test_an_appeal_is_recorded():
    """Once; it is open until it is answered, and says who can answer it."""
    w = confirmed(BAN)
    decision = w.staff("[appeal:S1]")
    assert decision.sentences == [
        "Recorded: an appeal of S1, to be answered by 2026-11-30. It can be answered by ben or carla, who did not decide it."
    ]
    assert "is on record already" in w.staff("[appeal:S1]").sentences[0]
    assert len(w.case.appeals) == 1
    assert "the appeal of S1 waits" in refusal(w.staff("[close]"))


APPEALS = [
    ("[appeal:S1 until=2027-01-01]", ANA, "[appeal:changed S1 until=2027-01-01]", "an end where one is recorded"),
    ("[appeal:S9]", ANA, "There is no S9", "of an unknown sanction"),
    (ANSWER.format("upheld", ""), ANA, "somebody else has to answer this: ben or carla", "by the one who decided"),
    ("[appeal:upheld S1]", BEN, "There was no text below it; write what P1 shall read", "without a text"),
    (ANSWER.format("changed", ""), BEN, "such as [appeal:changed S1 until=2027-11-23]", "changed to what?"),
    (ANSWER.format("changed", " until=2026-11-23"), BEN, "such as [appeal:changed S1 until=2027-11-23]", "changed to a day that is over"),
    ("[appeal:upheld S1]\nKim told us the truth.", BEN, "it names the reporter", "that names the reporter"),
    ("[appeal:upheld S2]\nNo.", BEN, "Say which appeal you answer: [appeal:upheld S1]", "of another sanction"),
]


@pytest.mark.parametrize(("text", "who", "because", "why"), APPEALS, ids=[why for *_, why in APPEALS])
def test_what_an_appeal_is_refused_for(text, who, because, why):
    """With the line to copy, or who can."""
    assert because in refusal(appealed().staff(text, who))


OUTCOMES = [
    ("upheld", "", [Kind.APPEAL_ANSWER], "it stays"),
    ("changed", " until=2027-05-31", [Kind.CONTACT, Kind.APPEAL_ANSWER, Kind.APPEAL_RESULT], "it ends one day"),
    ("reversed", "", [Kind.CONTACT, Kind.APPEAL_ANSWER, Kind.APPEAL_RESULT], "it is lifted"),
]


@pytest.mark.parametrize(("outcome", "until", "letters", "why"), OUTCOMES, ids=[why for *_, why in OUTCOMES])
def test_how_an_appeal_ends(outcome, until, letters, why):
    """The text goes to whoever appealed; the contact and the reporter hear of a change, the latter of no name and no date."""
    w = appealed()
    decision = w.staff(ANSWER.format(outcome, until), BEN)
    assert [letter.kind for letter in leaving(decision)] == letters
    assert decision.letter(Kind.APPEAL_ANSWER).facts == {"text": "We have looked at it again."}
    assert [letter.facts for letter in leaving(decision) if letter.kind is Kind.APPEAL_RESULT] == [{"outcome": outcome}] * (
        len(letters) > 1
    )
    assert sanction_of(w.case, "S1").running(w.now) is (outcome != "reversed")
    assert sanction_of(w.case, "S1").permanent is (outcome != "changed")
    assert (w.case.untold, [one.outcome for one in w.case.appeals]) == ((), [outcome])
    assert w.tick(3 * DAY).to("P1") == []
    again = refusal(w.staff(ANSWER.format(outcome, until), BEN))
    assert ("S1 is over" if outcome == "reversed" else "No appeal waits") in again


def test_the_sanction_may_be_left_out_where_one_is_appealed():
    """There is only one that can be meant."""
    assert appealed().staff("[appeal:upheld]\nIt stays.", BEN).ok


def test_a_held_answer_leaves_with_anyway():
    """And the journal says that its writer insisted."""
    w = appealed()
    decision = w.staff("[appeal:upheld S1 anyway]\nKim told us the truth.", BEN)
    assert decision.letter(Kind.APPEAL_ANSWER)
    assert "insisted" in [one.verb for one in decision.all(Journal)]


def test_nobody_without_an_address_is_left_without_an_answer():
    """Then it is a duty to tell them."""
    w = world(address=False)
    w.staff(f"{BAN}\n[told:P1]")
    w.staff("[appeal:S1]")
    decision = w.staff(ANSWER.format("upheld", ""), BEN)
    assert "There is no address of P1: please tell them and then write [told:P1]." in decision.sentences[0]
    assert (w.case.untold, leaving(decision)) == (("P1",), [])
    w.staff("[appeal:S1]")
    w.staff(ANSWER.format("changed", " until=2027-05-31"), BEN)
    assert w.case.untold == ("P1",)


def test_a_reporter_who_never_heard_of_it_hears_nothing_of_its_change():
    """The resolution was silent."""
    w = world()
    w.staff(f"{BAN[:-1]} silent]\n[told:P1]\n[appeal:S1]")
    assert Kind.APPEAL_RESULT not in [letter.kind for letter in leaving(w.staff(ANSWER.format("reversed", ""), BEN))]


def test_an_appeal_is_answered_by_lifting_the_sanction():
    """Whoever appealed is told that it was lifted, nobody is reminded of the appeal any more, and it cannot be answered as if it still held."""
    w = appealed()
    decision = w.staff(LIFT)
    assert "That answers the appeal. P1 is told by a letter." in decision.sentences[0]
    assert decision.letter(Kind.SANCTION_ENDED).to.address == ROBIN
    assert (w.case.untold, [one.outcome for one in w.case.appeals]) == ((), ["lifted"])
    assert ("ben", "appeal") not in notices(w.tick(7 * DAY))
    assert refusal(w.staff(ANSWER.format("upheld", ""), BEN)) == "S1 is over: it was lifted on 2026-11-23."


def test_who_appealed_and_has_no_address_is_to_be_told_that_it_was_lifted():
    """It is a duty of the case, as after any answer; nobody is told anything where no appeal waited."""
    w = world(address=False)
    w.staff(f"{BAN}\n[told:P1]\n[appeal:S1]")
    decision = w.staff(LIFT)
    assert "That answers the appeal. Please tell P1 and then write [told:P1]." in decision.sentences[0]
    assert w.case.untold == ("P1",)
    w = world(address=False)
    w.staff(f"{BAN}\n[told:P1]")
    assert "appeal" not in w.staff(LIFT).sentences[0]
    assert w.case.untold == ()


def test_both_who_decided_are_barred():
    """Where sanctions take two people, the proposer and the one who approved."""
    w = world(approvals=2)
    w.staff(BAN)
    w.staff("[approve]", BEN)
    w.staff("[appeal:S1]")
    for who in (ANA, BEN):
        assert "somebody else has to answer this: carla." in refusal(w.staff(ANSWER.format("upheld", ""), who))
    assert w.staff(ANSWER.format("upheld", ""), CARLA).ok


def test_the_contact_outside_is_asked_in_where_all_decided():
    """They get the case for as long as the appeal is open, and answer it; before and after it is none of theirs."""
    w = world(ANA, FELIX, DORA)
    w.staff(f"{BAN}\n[told:P1]")
    assert not disclosure.may_act(w.case, FELIX, w.policy)
    decision = w.staff("[appeal:S1]")
    assert "It can be answered by fallback" in decision.sentences[0]
    assert decision.who(Kind.COPY) == ["fallback"]
    assert "somebody else has to answer this: fallback." in refusal(w.staff(ANSWER.format("upheld", "")))
    assert w.staff(ANSWER.format("upheld", ""), FELIX).ok
    assert not disclosure.may_act(w.case, FELIX, w.policy)


def test_who_decided_answers_where_nobody_else_is_left():
    """The contact outside may not know of the case."""
    w = world(ANA, FELIX, DORA)
    w.staff(f"{BAN}\n[told:P1]")
    w.staff("[recuse:fallback]")
    assert "Everybody who may answer it took part" in w.staff("[appeal:S1]").sentences[0]
    assert w.staff(ANSWER.format("upheld", "")).ok


LADDER = [
    (72, [("ben", "appeal"), ("carla", "appeal")], [], "three days: who can answer it"),
    (120, [("ben", "appeal"), ("carla", "appeal")], [], "five days: again"),
    (144, [("ana", "appeal"), ("ben", "appeal"), ("carla", "appeal")], [], "six days: all of the team"),
    (156, [], ["dora"], "the board, half a day before the end"),
    (168, [("ana", "appeal"), ("ben", "appeal"), ("carla", "appeal")], ["dora"], "the end"),
    (400, [("ana", "appeal"), ("ben", "appeal"), ("carla", "appeal")], ["dora"], "an outage: the highest step alone"),
]


@pytest.mark.parametrize(("hours", "told", "board", "why"), LADDER, ids=[why for *_, why in LADDER])
def test_the_week_of_an_appeal(hours, told, board, why):
    """The ladder of an answer to a reporter, led by whoever did not decide."""
    w = appealed()
    decision = w.tick(hours * HOUR)
    assert notices(decision) == told
    assert decision.who(Kind.MISSED) == board
    assert leaving(decision) == []
    assert w.tick().effects == ()


def test_who_leads_answers_where_they_did_not_decide():
    """One who can answer it and leads is reminded alone."""
    w = appealed()
    w.staff("[take]", BEN)
    assert notices(w.tick(72 * HOUR)) == [("ben", "appeal")]


def test_where_all_decided_all_are_reminded():
    """Nobody is left who did not."""
    w = world(ANA, FELIX, DORA)
    w.staff(f"{BAN}\n[told:P1]\n[recuse:fallback]\n[appeal:S1]")
    w.case.tasks and w.staff("[done:T1]")
    assert notices(w.tick(72 * HOUR)) == [("ana", "appeal")]


# ---- what must hold ------------------------------------------------------------------------------------------------------------------


def test_time_makes_no_sanction():
    """Whatever ends, is reminded of or comes due: no sanction but by a command."""
    w = confirmed()
    for _ in range(80):
        assert What.SANCTIONED not in w.tick(DAY).happened
    assert len(w.case.sanctions) == 1


def test_every_command_needs_proof():
    """An unproven mail is asked back."""
    w = appealed()
    for text, who in [(LIFT, ANA), ("[done:T1]", ANA), (ANSWER.format("upheld", ""), BEN)]:
        decision = w.staff(text, who, proof="")
        assert decision.who(Kind.CHALLENGE) == [who.handle]
