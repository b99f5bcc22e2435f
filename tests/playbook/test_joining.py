"""One incident, several reports: `[merge]` and `[split]`, a thread for each reporter, and nobody hears of anything they are kept out of."""

from dataclasses import replace

import pytest

from maild.playbook import disclosure, joining
from maild.playbook.deadlines import Duty
from maild.playbook.decide import reporters
from maild.playbook.decide.lookups import UNKNOWN_CASE
from maild.playbook.effects import Append, Attach, Clear, Keep, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Sort
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.policy import Space
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, DAY, DORA, FELIX, HOUR, KIM, NO_VIOLATION, Decision, World, policy

LEE = "lee@reporter.example"


class Two(World):
    """Two reports of one incident: Kim's and, two hours later, Lee's."""

    def __init__(self, first: str = "Somebody shouted at me.", second: str = "I heard the shouting.", **changes: object) -> None:
        super().__init__(**changes)
        self.kim = self.opened(first, KIM, "Kim Kelly")
        self.wait(2 * HOUR)
        self.lee = self.opened(second, LEE, "Lee Lane")
        self.current = self.kim

    def opened(self, text: str, address: str, name: str) -> int:
        """A report, acknowledged."""
        self.report(text, sender=address, name=name)
        self.accepted()
        return self.current

    def merged(self, more: str = "", who: object = ANA) -> Decision:
        """Lee's report becomes part of Kim's case."""
        return self.staff(f"[merge:{self.tickets[self.lee].code}]\n{more}", who)

    @property
    def refs(self) -> tuple[str, str]:
        """What each of the two knows their report by."""
        return self.tickets[self.kim].reference, self.tickets[self.lee].reference


def merged(**changes: object) -> Two:
    """Two reports that are one case."""
    w = Two(**changes)
    assert w.merged().ok
    return w


def to_reporters(decision: Decision) -> list:
    """The letters of a decision that go to reporters: whom to, which, and under which reference."""
    return sorted((one.to.address, one.kind, one.reference) for one in decision.letters if one.kind in TO_REPORTER)


def test_a_merged_case_is_part_of_the_other():
    """The team has one case, and what comes for the other belongs to it from now on."""
    w = Two()
    decision = w.merged()
    case, lee = w.case, w.tickets[w.lee]
    assert (lee.merged_into, lee.state_name, case.state_name) == (w.kim, "merged", "acknowledged")
    assert decision.all(Attach) == [Attach(ticket_id=w.lee, into=w.kim)]
    assert lee.reference in decision.sentences[0]
    assert not to_reporters(decision)
    assert all(letter.code == case.code for letter in decision.letters)
    assert [keep.ticket_id for keep in decision.all(Keep)] == [w.kim]


def test_it_is_one_case_in_every_list():
    """A list has one line, and either name leads to the whole case."""
    w = merged()
    assert len(w.new_mail("[list:open]").answer["sections"][0]["rows"]) == 1
    for code in (w.tickets[w.kim].code, w.tickets[w.lee].code):
        section = w.new_mail(f"[show:{code}]").answer["sections"][0]
        assert section["code"] == w.case.code
        assert [one["reference"] for one in section["reporters"]] == [w.refs[1]]
        assert [(one["relation"], one["text"]) for one in section["texts"]] == [
            (f"report ({w.refs[0]})", "Somebody shouted at me."),
            (f"report ({w.refs[1]})", "I heard the shouting."),
        ]


def test_a_note_belongs_to_no_reporter():
    """What the team notes is shown once, and is of the whole case."""
    w = merged()
    w.staff("We talked to the venue.")
    assert ("note", "We talked to the venue.") in [
        (one["relation"], one["text"]) for one in w.new_mail(f"[show:{w.case.code}]").answer["sections"][0]["texts"]
    ]


def test_each_reporter_gets_the_outcome_on_their_own_thread():
    """One resolution, a letter to each, and neither holds anything of the other."""
    w = merged()
    decision = w.staff(ALL_FIVE + "[resolve:private-reprimand]\n[told:P1]")
    assert to_reporters(decision) == [(KIM, Kind.OUTCOME, w.refs[0]), (LEE, Kind.OUTCOME, w.refs[1])]
    for letter in decision.letters:
        if letter.kind in TO_REPORTER:
            other = w.tickets[w.lee if letter.to.address == KIM else w.kim]
            assert other.reference not in str(letter)
            assert other.reporter.message_id not in (*letter.references, letter.in_reply_to)
    assert decision.answer["sent"] == [f"the outcome letter to {one}" for one in w.refs]
    assert decision.answer["open"] == []
    copy = decision.letter(Kind.COPY, "ben")
    assert copy.facts["sent"] == decision.answer["sent"]
    assert copy.facts["under_way"] == "outcome"


def test_each_week_is_met_by_its_own_letter():
    """The case can be closed when both were answered, and only then."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    assert not w.case.running(Duty.RESPOND)
    refused = w.staff("[close]")
    assert f"({w.refs[1]})" in refused.sentences[0]
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    assert w.staff("[close]").ok
    assert {one.state for one in w.tickets.values()} == {State.CLOSED}


def test_words_for_one_reporter_stand_in_the_letter_to_that_one():
    """A [reply] beside a resolution goes into the outcome letter of the reporter it names."""
    w = merged()
    decision = w.staff(f"{NO_VIOLATION}[resolve:nothing]\n[reply to={w.refs[1]}]\nThank you for what you saw.")
    words = {one.to.address: one.facts["words"] for one in decision.letters if one.kind is Kind.OUTCOME}
    assert words == {KIM: "", LEE: "Thank you for what you saw."}


def test_a_silent_resolution_tells_neither():
    """`silent` leaves both weeks running, and the answer says so of each."""
    w = merged()
    decision = w.staff(NO_VIOLATION + "[resolve:nothing silent]")
    assert not to_reporters(decision)
    assert all(f"The reporter {one} is sent nothing, so the week" in decision.sentences[-1] for one in w.refs)
    assert all(one.running(Duty.RESPOND) for one in w.case.threads)
    assert any(f"[answered to={w.refs[1]}]" in duty for duty in decision.answer["open"])


def test_who_asked_for_no_contact_gets_nothing_and_the_other_does():
    """A wish is its reporter's own."""
    w = Two(second="I heard it.\n[no-contact]")
    w.merged()
    decision = w.staff(NO_VIOLATION + "[resolve:nothing]")
    assert to_reporters(decision) == [(KIM, Kind.OUTCOME, w.refs[0])]
    assert "because the reporter asked for no contact" in decision.sentences[-1]
    assert not w.tickets[w.lee].running(Duty.RESPOND)
    assert w.tickets[w.kim].running(Duty.RESPOND)


@pytest.mark.parametrize("tag", ["reply", "explain until=2026-11-28", "answered"])
def test_where_it_is_unclear_for_whom_the_choices_are_told(tag):
    """A letter to the wrong reporter would be a leak: each choice can be copied as it stands, and works."""
    w = merged()
    decision = w.staff(f"[{tag}]\nWe are on it.")
    choices = [f"[{tag} to={one}]" for one in w.refs]
    assert f"This case has 2 reporters; say which: {' or '.join(choices)}." in decision.sentences[0]
    assert not to_reporters(decision)
    for choice, address in zip(choices, (KIM, LEE), strict=True):
        done = w.staff(f"{choice}\nWe are on it.")
        assert done.ok, done.sentences
        assert [one[0] for one in to_reporters(done)] == ([] if tag == "answered" else [address])


def test_an_answer_to_the_notice_of_ones_mail_is_for_that_one():
    """Nothing has to be said where a mail answers one that was about a single reporter."""
    w = merged()
    w.wrote("There is more.", sender=LEE, of=w.tickets[w.lee])
    assert to_reporters(w.staff("[reply]\nThank you.", case=w.tickets[w.lee])) == [(LEE, Kind.REPLY, w.refs[1])]


def test_a_reference_of_nobody_is_refused():
    """The refusal names those there are; on a case with one reporter too."""
    w = merged()
    assert "No reporter of this case has the reference R-22222: [reply to=" in w.staff("[reply to=R-22222]\nHello.").sentences[0]
    assert "R-2222" in w.staff("[reply to=R-2222]\nHello.").sentences[0]


def test_a_reply_that_names_the_other_reporter_is_held():
    """Neither name, address nor reference of one may reach the other without somebody insisting."""
    w = merged()
    kim, lee = w.refs
    for text, why in (
        ("Lee saw it too.", "it names the reporter, another one than it is for"),
        (f"Ask {LEE}.", "it holds the reporter's address, another one"),
        (f"See {lee.lower()}.", "it holds the reference of another reporter"),
        (f"About {w.tickets[w.lee].code}.", "it holds the code name"),
    ):
        decision = w.staff(f"[reply to={kim}]\n{text}")
        assert why in decision.sentences[0]
        assert not to_reporters(decision)
    assert to_reporters(w.staff(f"[reply to={kim} anyway]\nLee saw it too.")) == [(KIM, Kind.REPLY, kim)]
    assert w.staff(f"[reply to={lee}]\nThank you, Lee.").ok


def test_a_letter_to_somebody_else_names_neither():
    """Nor may a letter to the respondent tell who else reported."""
    w = merged()
    w.staff('[person:P1 name="Robin" address=robin@away.example]')
    assert "it names the reporter" in w.staff("[write:P1]\nLee says so.").sentences[0]
    assert disclosure.person(replace(w.case, people=(replace(w.case.people[0], address=LEE),)), "P1", w.policy) is None


def test_one_person_may_have_written_both():
    """Of somebody who filed both reports each mail belongs to the thread it answers, and their name in a letter is no leak."""
    w = World()
    w.report(name="Kim Kelly")
    first = w.case
    w.report("And again.", name="Kim Kelly")
    second, w.current = w.case, first.id
    assert w.staff(f"[merge:{second.code}]").ok
    assert w.wrote(of=second).all(Keep)[0].ticket_id == second.id
    assert w.wrote(of=first).all(Keep)[0].ticket_id == first.id
    assert w.staff(f"[reply to={first.reference}]\nDear Kim, thank you.").ok


def test_a_mail_on_the_other_thread_lands_on_the_case():
    """It stays on its thread, and the team hears of it as of any, by the name of the case."""
    w = merged()
    decision = w.wrote("There is more.", sender=LEE, of=w.tickets[w.lee])
    assert [keep.ticket_id for keep in decision.all(Keep)] == [w.lee]
    assert decision.who(Kind.NEW_MESSAGE) == ["ana", "ben", "carla"]
    letter = decision.letter(Kind.NEW_MESSAGE)
    assert (letter.code, letter.reference, letter.facts["address"]) == (w.case.code, w.refs[1], LEE)
    assert w.tickets[w.kim].reporter.address == KIM
    automatic = w.wrote("I am away.", sender=LEE, of=w.tickets[w.lee], sort=Sort.AUTOMATIC)
    assert automatic.letter(Kind.NEW_MESSAGE).facts["relation"] == "automatic"


def test_a_reply_to_a_closed_case_opens_it_for_all():
    """Whoever of them writes: the case is open again, and each reporter is owed word within a new week."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    w.staff("[close]")
    w.wait(DAY)
    w.wrote("It happened again.", sender=LEE, of=w.tickets[w.lee])
    assert {one.state for one in w.case.threads} == {State.REOPENED}
    assert all(one.running(Duty.RESPOND) for one in w.case.threads)
    assert not w.tickets[w.lee].running(Duty.TAKE)
    assert w.staff("[close]").ok


def test_a_closed_case_is_opened_by_staff_for_all():
    """[reopen] as well."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    w.staff("[close]")
    assert w.staff("[reopen]").ok
    assert all(one.running(Duty.RESPOND) for one in w.case.threads)


def test_an_answer_that_came_back_opens_the_case():
    """One of the reporters was not reached: the case is somebody's work again, and the other one's answer stands."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    w.staff("[close]")
    lost = w.lost(Kind.OUTCOME, of=w.tickets[w.lee])
    assert (w.case.state, w.tickets[w.kim].answered_at is None) == (State.REOPENED, False)
    assert lost.letter(Kind.FAILURE).code == w.case.code
    assert lost.letter(Kind.FAILURE).reference == w.refs[1]
    w.staff(f"[answered to={w.refs[1]}]")
    assert w.staff("[close]").ok


def test_a_case_without_a_lead_that_opens_so_has_to_be_taken():
    """The clock of whoever should take it runs on the case, and not on its part."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    w.staff("[drop]\n[close]")
    w.lost(Kind.OUTCOME, of=w.tickets[w.lee])
    assert w.case.running(Duty.TAKE)
    assert not w.tickets[w.lee].running(Duty.TAKE)


def test_an_answer_that_comes_back_before_the_end_opens_nothing():
    """A case that is not closed is open anyway; so is one whose acknowledgement comes back."""
    w = merged()
    assert w.lost(of=w.tickets[w.lee]).who(Kind.FAILURE) == ["ana", "ben", "carla"]
    assert w.case.state is State.ACKNOWLEDGED


def test_each_reporter_has_deadlines_of_their_own():
    """Lee's week ends two hours after Kim's, and the reminder of it says whose it is."""
    w = merged()
    ends = [one.clocks[Duty.RESPOND].due_at for one in w.case.threads]
    assert ends[1] - ends[0] == 2 * HOUR
    w.now = ends[1] - 4 * DAY
    decision = w.tick(of=w.tickets[w.lee])
    reminder = decision.letter(Kind.REMINDER)
    assert (reminder.code, reminder.reference) == (w.case.code, w.refs[1])
    w.now = ends[1]
    decision = w.tick(of=w.tickets[w.lee])
    assert decision.who(Kind.MISSED) == ["dora"]
    assert w.refs[1] not in str(decision.letter(Kind.MISSED).facts)


def test_the_holding_letter_goes_to_the_one_whose_week_it_is():
    """On their own thread."""
    w = merged()
    w.now = w.tickets[w.lee].clocks[Duty.RESPOND].due_at - 2 * HOUR
    decision = w.tick(of=w.tickets[w.lee])
    assert to_reporters(decision) == [(LEE, Kind.HOLDING, w.refs[1])]
    assert decision.letter(Kind.HOLDING).ticket_id == w.lee


def test_the_team_takes_one_case():
    """Nobody is asked to take what is part of another case, and an alarm that nobody answered goes on there."""
    w = Two()
    w.staff("[urgent]\nHe waits outside.", case=w.tickets[w.lee])
    assert w.tickets[w.lee].running(Duty.TAKE_URGENT)
    w.merged()
    assert not w.tickets[w.lee].running(Duty.TAKE_URGENT)
    assert w.case.urgent
    assert w.case.running(Duty.TAKE_URGENT)
    w.wait(2 * HOUR)
    assert w.tick().who(Kind.ALARM) == ["ana", "ben", "carla"]


def test_an_alarm_that_was_answered_stays_answered():
    """The case is urgent, and nobody is alarmed again."""
    w = Two()
    w.staff("[urgent]\nHe waits outside.\n[take]", case=w.tickets[w.lee])
    w.merged()
    assert (w.case.urgent, w.case.running(Duty.TAKE_URGENT)) == (True, False)


def test_people_and_determinations_are_all_there():
    """People get references of their own, the same person is one, and this case's determinations hold."""
    w = Two()
    w.staff('[person:P1 name="Robin Example"]\n[determine violation=yes]')
    w.staff(ALL_FIVE + '[person:P2 name="Sam" role=witness]', case=w.tickets[w.lee])
    sentence = w.merged().sentences[0]
    assert "Its people are here: P1 as P1, P2 as P2." in sentence
    assert "Determined in both, and this case's hold: violation." in sentence
    assert [(one.ref, one.name, one.role) for one in w.case.people] == [("P1", "Robin Example", "respondent"), ("P2", "Sam", "witness")]
    assert {name: made.value for name, made in w.case.determinations.items()} == {
        "violation": "yes",
        "what": "Robin talked over the speaker.",
        "who": "P1",
        "ongoing": "no",
        "safety": "no",
    }


def test_where_it_happened_is_known_if_either_says_so():
    """What this case says holds; what only the other says is taken over."""
    w = Two(policy=policy(spaces=(Space(slug="forum", name="The forum"), Space(slug="chat", name="The chat"))))
    w.staff("[space:forum]", case=w.tickets[w.lee])
    w.merged()
    assert w.case.space == "forum"
    w = Two(policy=w.policy)
    w.staff("[space:chat]")
    w.staff("[space:forum]", case=w.tickets[w.lee])
    w.merged()
    assert w.case.space == "chat"


def test_references_never_clash():
    """Somebody else under the same reference gets the next one that is free, in what was determined too."""
    w = Two()
    w.staff('[person:P1 name="Sam" role=witness]')
    w.staff(ALL_FIVE, case=w.tickets[w.lee])
    assert "P1 as P2." in w.merged().sentences[0]
    assert [(one.ref, one.name) for one in w.case.people] == [("P1", "Sam"), ("P2", "Robin Example")]
    assert w.case.determinations["who"].value == "P2"


def test_a_letter_from_before_that_failed_is_told_of_by_the_new_reference():
    """The team knows the person by what they are called on the case now."""
    w = Two()
    w.staff('[person:P1 name="Sam" role=witness]')
    w.staff('[person:P1 name="Robin" address=robin@away.example]\n[write:P1]\nPlease write to us.', case=w.tickets[w.lee])
    w.merged()
    w.current = w.lee
    failed = w.fate_of(w.tickets[w.lee], Kind.TO_PERSON, "P1")
    assert failed.letter(Kind.FAILURE).facts["person"] == "P2"
    assert failed.letter(Kind.FAILURE).code == w.tickets[w.kim].code


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("[merge:no-such]", UNKNOWN_CASE),
        ("[merge:{kim}]", "That is this case itself"),
        ("[merge:{lee}]\n[merge:{lee}]", "That is this case itself, or part of it already."),
    ],
)
def test_what_cannot_be_merged(made, said):
    """A case that is not there, this one, and one that is part of it already."""
    w = Two()
    decision = w.staff(made.format(kim=w.tickets[w.kim].code, lee=w.tickets[w.lee].code))
    assert said in " ".join(decision.sentences)
    assert not decision.all(Attach)


def test_only_open_cases_are_merged():
    """What is resolved, held or set aside is not; the refusal says which it is."""
    w = Two()
    w.staff("[not-a-report:enquiry]", case=w.tickets[w.lee])
    assert f"{w.tickets[w.lee].code} is not-a-report" in w.merged().sentences[0]


def test_what_was_decided_is_not_lost_by_a_merge():
    """A case with decisions cannot be the one that goes; the sentence says what can be done instead, and it works."""
    w = Two()
    w.staff(ALL_FIVE + "[resolve:vacation spaces=all]\n[told:P1]", case=w.tickets[w.lee])
    w.accepted(Kind.OUTCOME, of=w.tickets[w.lee])
    assert w.staff("[done:T1]\n[close]\n[reopen]", case=w.tickets[w.lee]).ok
    refused = w.merged()
    line = f"[merge:{w.tickets[w.kim].code}]"
    assert f"There are decisions, or things that people do or did, on {w.tickets[w.lee].code}; answer a mail" in refused.sentences[0]
    assert line in refused.sentences[0]
    assert w.staff(line, case=w.tickets[w.lee]).ok
    assert len(w.whole(w.tickets[w.kim]).sanctions) == 1


def test_a_third_report_joins_them():
    """Three are one case; the one that has others is the one that stays."""
    w = merged()
    sam = w.opened("I saw it as well.", "sam@reporter.example", "Sam")
    w.current = w.kim
    refused = w.staff(f"[merge:{w.case.code}]", case=w.tickets[sam])
    assert f"Other reports are part of {w.case.code}; answer a mail about" in refused.sentences[0]
    assert w.staff(f"[merge:{w.tickets[sam].code}]").ok
    decision = w.staff(NO_VIOLATION + "[resolve:nothing]")
    assert len(to_reporters(decision)) == 3


def test_two_cases_with_others_are_taken_apart_first():
    """Where both have other reports one has to let go of them."""
    w = merged()
    sam = w.opened("I saw it as well.", "sam@reporter.example", "Sam")
    max_ = w.opened("So did I.", "max@reporter.example", "Max")
    w.staff(f"[merge:{w.tickets[max_].code}]", case=w.tickets[sam])
    w.current = w.kim
    assert "Other reports are part of both cases" in w.staff(f"[merge:{w.tickets[sam].code}]").sentences[0]


def test_what_is_part_of_a_case_cannot_be_set_aside():
    """Not-a-report is said of one report at a time."""
    assert "take them apart with [split] first" in merged().staff("[not-a-report:enquiry]").sentences[0]


def warned_twice() -> Two:
    """Robin was warned on both reports before they became one case."""
    w = Two()
    for case in (w.kim, w.lee):
        w.staff('[warn:P1 name="Robin Example"]', case=w.tickets[case])
        w.incidents[case] = w.kim
    return w


def test_a_warning_of_the_other_report_is_withdrawn_by_its_number_here():
    """The answer to the merge says it, the history shows it, and on the other report it is withdrawn as well once they are apart."""
    w = warned_twice()
    assert "Its warnings are here: W1 as W2." in w.merged().sentences[0]
    shown = w.staff("[history:P1]").answer["sections"][0]["cases"]
    assert [(one["code"], one["state"], [warning["id"] for warning in one["warnings"]]) for one in shown] == [
        (w.tickets[w.kim].code, "acknowledged", ["W1"]),
        (w.tickets[w.lee].code, f"part of {w.tickets[w.kim].code}", ["W2"]),
    ]
    assert w.staff("[withdraw-warning:W3]\nA mistake.").sentences == ["There is no W3 on this case; known: W1, W2."]
    decision = w.staff("[withdraw-warning:W2]\nA mistake.")
    assert decision.sentences == ["W2 is withdrawn: it stays on record. Warnings that count: 1 in all."]
    assert decision.who(Kind.COPY) == ["ben", "carla"]
    assert w.staff("[withdraw-warning:W2]\nA mistake.").sentences == ["W2 is withdrawn already."]
    w.staff("[split]")
    assert [one.withdrawn for case in (w.kim, w.lee) for one in w.tickets[case].conduct.warnings] == [False, True]


def test_a_number_of_a_warning_is_never_given_twice():
    """Neither beside those of the other report, nor after it is a case of its own again."""
    w = warned_twice()
    w.merged()
    w.staff("[warn:P1]")
    w.staff("[split]")
    w.staff("[warn:P1]")
    assert [one.id for one in w.case.conduct.warnings] == ["W1", "W3", "W4"]
    assert w.staff("[withdraw-warning:W1]\nA mistake.", case=w.tickets[w.lee]).ok


def test_a_guideline_shows_the_numbers_that_tags_take():
    """Of a part of the case the number that the case knows it by; nobody is told twice because there are two reports."""
    w = warned_twice()
    w.merged()
    notices = [one for one in w.staff("[offence:serious P1]").letters if one.kind is Kind.GUIDELINE]
    assert sorted(one.to.handle for one in notices) == ["ana", "ben", "carla"]
    assert [row["id"] for row in notices[0].facts["records"] if row["what"] == "warning"] == ["W1", "W2"]


def test_a_split_gives_each_its_own_case_again():
    """As the clocks would have run; what was noted since stays, and somebody has to take the other one."""
    w = Two()
    w.staff(ALL_FIVE, case=w.tickets[w.lee])
    before = w.tickets[w.lee]
    w.merged()
    w.staff("[take]\n[determine violation=no]\n[note]\nWe asked around.")
    w.wait(DAY)
    decision = w.staff("[split]")
    assert decision.ok, decision.sentences
    lee, kim = w.tickets[w.lee], w.tickets[w.kim]
    assert (lee.merged_into, kim.joins, kim.joined) == (None, (), ())
    assert lee.clocks[Duty.RESPOND] == before.clocks[Duty.RESPOND]
    assert lee.running(Duty.TAKE)
    assert lee.determinations == before.determinations
    assert {name: made.value for name, made in kim.determinations.items()} == {"violation": "no"}
    assert decision.all(Attach) == [Attach(ticket_id=w.lee, into=None)]
    assert [one["text"] for one in w.new_mail(f"[show:{lee.code}]").answer["sections"][0]["texts"]] == [
        "I heard the shouting.",
        "Robin talked over the speaker.",
    ]
    assert all(not person["name"] for person in w.new_mail(f"[show:{kim.code}]").answer["sections"][0]["people"])


def test_a_split_keeps_people_who_were_noted_since():
    """Somebody from the other report of whom more was noted here stays here; a reference is never given twice."""
    w = Two()
    w.staff('[person:P1 name="Robin"]\n[person:P2 name="Sam"]', case=w.tickets[w.lee])
    w.merged()
    w.staff("[person:P1 role=witness]")
    w.staff("[split]")
    assert [(one.ref, one.name) for one in w.case.people] == [("P1", "Robin"), ("P2", "")]
    w.staff('[person:P3 name="Max"]')
    assert w.case.person("P3").name == "Max"


def test_what_was_resolved_together_stays_together():
    """What was decided for both cannot be taken apart."""
    w = merged()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    assert "stays part of it" in w.staff("[split]").sentences[0]


def test_a_split_says_of_which():
    """Nothing to take apart; or more than one, and then it has to be said."""
    w = Two()
    assert w.staff("[split]").sentences == ["No other report is part of this case."]
    w.merged()
    sam = w.opened("I saw it as well.", "sam@reporter.example", "Sam")
    w.current = w.kim
    w.staff(f"[merge:{w.tickets[sam].code}]")
    choices = w.staff("[split]").sentences[0]
    assert choices == f"Say which of them: [split:{w.tickets[w.lee].code}] or [split:{w.tickets[sam].code}]."
    assert w.staff(f"[split:{w.tickets[sam].code}]").ok
    assert [one.id for one in w.case.joins] == [w.lee]
    assert "Say which" in w.staff("[split:no-such]").sentences[0]


def test_whoever_is_kept_out_of_either_is_kept_out_of_both():
    """At once, in the store too; the stronger reason counts, and a split lets nobody in again."""
    w = Two(first="Ben shouted at me.", second="It was Carla. Ben was there.")
    w.staff("[recuse:ben]", case=w.tickets[w.lee])
    decision = w.merged()
    assert w.case.withheld == w.tickets[w.lee].withheld == {"ben": "recused", "carla": "hold"}
    assert {(one.ticket_id, one.handle) for one in decision.all(Withhold)} == {(w.kim, "ben"), (w.kim, "carla")}
    assert {one.to.handle for one in decision.letters} == {"ana"}
    assert "Kept out of both: ben, carla." in decision.sentences[0]
    w.staff("[split]")
    assert w.tickets[w.kim].withheld == {"ben": "recused", "carla": "hold"}
    assert w.tickets[w.lee].withheld == {"ben": "recused", "carla": "hold"}


def test_a_merge_with_a_case_one_must_not_see_is_as_with_none():
    """The same words as of a case that does not exist (behaviour 40)."""
    w = Two(second="It was Ana.")
    assert w.merged().sentences == [UNKNOWN_CASE]
    assert w.merged(who=BEN).ok
    assert w.new_mail(f"[status:{w.tickets[w.kim].code}]").sentences == [UNKNOWN_CASE]


def test_one_of_us_who_filed_a_report_is_a_party_to_both():
    """Nobody of us reads the case that their own report is part of."""
    w = World()
    w.report("Somebody shouted.", name="Kim")
    kim = w.case
    w.report("I heard it.", sender=BEN.address, name="Ben")
    ben, w.current = w.case, kim.id
    assert w.staff(f"[merge:{ben.code}]").ok
    assert w.case.withheld == {"ben": "party"}
    assert disclosure.may_know(replace(w.case, withheld={}), BEN) is False


def ben_filed_one(kim="Somebody shouted.", meanwhile=()):
    """Kim's report, of which Ben's became a part; then what was written on it; then they are apart again."""
    w = World()
    w.report(kim, name="Kim")
    case = w.case
    w.report("I heard it.", sender=BEN.address, name="Ben")
    ben, w.current = w.case, case.id
    w.wait(HOUR)
    assert w.staff(f"[merge:{ben.code}]").ok
    w.wait(HOUR)
    for text in meanwhile:
        w.staff(text)
    decision = w.staff("[split]")
    assert decision.ok
    return w, w.tickets[case.id], w.tickets[ben.id], decision


def test_one_of_us_who_filed_a_part_may_see_the_rest_again():
    """They are kept out of their own report alone, and get no letter of the mail that parts them."""
    w, case, ben, decision = ben_filed_one()
    assert (dict(case.withheld), dict(ben.withheld), case.cleared) == ({}, {"ben": "party"}, ())
    assert f"ben may see {case.code} again." in decision.sentences[0]
    assert Clear(ticket_id=case.id, handle="ben") in decision.all(Clear)
    assert decision.effects.index(Withhold(ticket_id=case.id, handle="ben", why="party")) < decision.effects.index(decision.all(Clear)[0])
    assert "ben" not in {one.to.handle for one in decision.letters}
    assert w.new_mail(f"[status:{case.code}]", BEN).ok
    assert w.new_mail(f"[status:{ben.code}]", BEN).sentences == [UNKNOWN_CASE]
    w.wrote("It was Ben.")
    assert w.case.withheld == {"ben": "hold"}


OUT = [
    ("Somebody shouted.", ["We think Ben is right."], "hold", True, "a note since, that may be about them"),
    ("Somebody shouted.", ["[determine violation=no]"], "hold", True, "determined since, without a word"),
    ("Somebody shouted.", ['[determine who="Robin Grech"]'], "hold", True, "somebody was named since"),
    ("Somebody shouted.", ["[person:respondent Robin Grech]", "[warn:P1]"], "hold", True, "warned since"),
    ("Ben shouted.", [], "hold", True, "named before"),
    ("Somebody shouted.", ["[recuse:ben]"], "recused", False, "stepped back since"),
]


@pytest.mark.parametrize(("kim", "meanwhile", "reason", "said", "why"), OUT, ids=[why for *_, why in OUT])
def test_who_filed_a_part_stays_out_for_other_reasons(kim, meanwhile, reason, said, why):
    """As before the merge, or for what was written since: another of us looks, and lets them in."""
    w, case, ben, decision = ben_filed_one(kim, meanwhile)
    assert (dict(case.withheld), ben.withheld["ben"]) == ({"ben": reason}, "party" if said else "recused")
    assert (f"[unrecuse:ben] on {case.code} lets them in." in decision.sentences[0]) is said
    assert "ben" not in {one.to.handle for one in decision.letters}
    assert w.staff("[unrecuse:ben]").ok
    assert w.new_mail(f"[status:{case.code}]", BEN).ok


def test_who_filed_the_case_itself_may_see_what_is_taken_out_of_it():
    """And where three are one, what is left is of each as it was: whoever stepped back before stays so."""
    w = Two()
    w.report("I heard it too.", sender=BEN.address, name="Ben")
    ben = w.case
    assert w.staff("[recuse:ben]", case=w.tickets[w.lee]).ok
    w.wait(HOUR)
    for code in (w.tickets[w.lee].code, w.tickets[w.kim].code):
        assert w.staff(f"[merge:{code}]", case=ben).ok
    w.wait(HOUR)
    decision = w.staff(f"[split:{w.tickets[w.kim].code}]", case=ben)
    assert [dict(w.tickets[one].withheld) for one in (ben.id, w.kim, w.lee)] == [{"ben": "party"}, {}, {"ben": "party"}]
    assert f"ben may see {w.tickets[w.kim].code} again." in decision.sentences[0]
    assert w.staff("[split]", case=ben).sentences[0].count("ben stays out of") == 1
    assert w.tickets[w.lee].withheld == {"ben": "recused"}


def test_what_is_kept_out_later_is_kept_out_of_both():
    """By a command, by what a reporter writes or asks for; and [unrecuse] lets in to both."""
    w = merged()
    w.staff("[recuse:ben]")
    w.wrote("Carla was there.\n[not-to: Dora]", sender=LEE, of=w.tickets[w.lee])
    assert w.case.withheld.keys() == w.tickets[w.lee].withheld.keys() == {"ben", "carla", "dora"}
    w.staff("[unrecuse:carla]")
    assert w.case.withheld.keys() == w.tickets[w.lee].withheld.keys() == {"ben", "dora"}


def test_a_name_that_one_reporter_asked_to_hide_is_hidden_in_all_texts():
    """Wherever it stands: in the other report, in notes, in what is shown."""
    w = Two(first="Lee Lane told me of it.", second="I heard it.\n[anonymous]")
    w.merged()
    assert "Lee" not in str(w.new_mail(f"[show:{w.case.code}]").answer["sections"][0]["texts"])
    assert "Lee" not in str(w.staff("Lee is right.").letter(Kind.NOTE).facts)
    followup = w.wrote("More.", sender=LEE, of=w.tickets[w.lee]).letter(Kind.NEW_MESSAGE)
    assert followup.facts["address"] == "the reporter"
    assert w.wrote("More.", of=w.tickets[w.kim]).letter(Kind.NEW_MESSAGE).facts["address"] == KIM


def test_a_direct_answer_to_either_is_filed():
    """Staff wrote to the other reporter with a copy to us: it is an answer outside, and not a note that is shared as such."""
    w = merged()
    decision = w.staff("I wrote to you.", copied_to=(LEE,))
    assert "You answered the reporter directly" in decision.answer["remark"]


def test_facing_the_case_itself_is_the_case():
    """And facing another reporter is the same case with what is theirs."""
    w = merged()
    assert joining.facing(w.case, w.case) == w.case
    other = joining.facing(w.case, w.case.joined[0])
    assert (other.id, other.code, other.reference, other.joined[0].reference) == (w.kim, w.case.code, w.refs[1], w.refs[0])


def test_somebody_without_an_address_is_unreachable():
    """Said of a thread as it is of a case."""
    w = Two()
    nobody = replace(w.case, reporter=replace(w.case.reporter, address=""))
    assert reporters.unreachable(nobody) == "there is no address to answer"
    assert not list(
        reporters.of_others("Hello.", w.case, replace(w.case, joined=(replace(nobody, id=99, reporter=None, reference="R-99999"),)))
    )


GINA = replace(FELIX, handle="fallback-2", name="Gina Grech", address="gina@outside.example")
OUTSIDE = policy(ANA, BEN, DORA, FELIX, GINA)


def test_contacts_outside_are_asked_one_by_one():
    """The first of them counts as staff for that case, and the next only where the first must not know; then the board."""
    w = World(policy=OUTSIDE)
    w.report("Ana and Ben did it.")
    assert [one.handle for one in disclosure.team(w.case, OUTSIDE)] == ["fallback"]
    assert w.staff("[take]", GINA).ok is False
    assert w.staff("[take]", FELIX).ok
    decision = w.staff("[recuse]", FELIX)
    assert [one.handle for one in disclosure.team(w.case, OUTSIDE)] == ["fallback-2"]
    assert decision.who(Kind.TOO_FEW) == ["dora", "fallback-2"]
    assert w.staff("[take]", GINA).ok
    again = w.staff("[recuse]", GINA)
    assert again.who(Kind.TOO_FEW) == ["dora"]
    assert [one.handle for one in disclosure.team(w.case, OUTSIDE)] == ["dora"]
    assert "Ana" not in str(again.letter(Kind.TOO_FEW).facts)
    assert not [one for one in again.letters if one.kind in TO_REPORTER | TO_OTHERS]


def test_a_contact_outside_commands_on_that_case_and_no_other():
    """On the others they are nobody: the same words as for a case that does not exist."""
    w = World(policy=OUTSIDE)
    w.report("Somebody shouted.")
    other = w.case
    w.report("Ana and Ben did it.")
    assert w.staff(f"[status:{other.code}]\n[list:open]", FELIX).sentences[0] == UNKNOWN_CASE
    assert w.staff(f"[merge:{other.code}]", FELIX).sentences == [UNKNOWN_CASE]


def test_a_mail_that_names_the_contact_outside_turns_to_the_next():
    """Then the board's alarm comes again."""
    w = World(policy=OUTSIDE)
    w.report("Ana and Ben did it.")
    decision = w.wrote("Felix helped them.")
    assert "fallback-2" in {one.to.handle for one in decision.letters}
    assert decision.who(Kind.TOO_FEW) == ["dora"]


def test_what_each_entry_does_is_in_the_history():
    """Both cases say when they became one, and when two again."""
    w = merged()
    w.staff("[split]")
    whats = {(one.ticket.id, entry.what) for decision in w.decisions for one in decision.all(Append) for entry in one.entries}
    assert whats >= {(w.kim, What.JOINED), (w.lee, What.MERGED), (w.kim, What.PARTED), (w.lee, What.SPLIT)}


@pytest.mark.parametrize("on", ["kim", "lee"])
def test_two_reports_against_each_other_stay_two(on):
    """Whoever is the respondent of one must not get the outcome letters of the other."""
    w = Two()
    filed = {"kim": "lee@reporter.example", "lee": KIM}[on]
    assert w.staff(f"[person:P1 role=respondent address={filed}]", case=w.tickets[getattr(w, on)]).ok
    assert "A respondent of one of them filed the other" in w.merged().sentences[0]
