"""What falls between the parts: conduct, sanctions, proposals and wishes on cases that were merged, or taken apart again."""

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.effects import Withdraw
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.policy import Space
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, HOUR, KIM, NO_VIOLATION, PYCON, World, policy
from tests.playbook.test_joining import LEE, Two, merged, to_reporters

FORUM = Space(slug="forum", name="The forum", contact="mo@forum.example")

ROBIN = '[person:P1 name="Robin Example" address=robin@away.example]'


def at_pycon() -> Two:
    """Two reports at a conference; Lee's names Robin, and is part of Kim's now."""
    w = Two(policy=policy(conferences=(PYCON,)))
    w.staff(ROBIN, case=w.tickets[w.lee])
    assert w.merged("[event:pycon-2026]").ok
    return w


def words_to_reporters(w: Two) -> dict[str, str]:
    """The words of the newest outcome letter to each."""
    return {one.to.address: one.facts["words"] for one in w.letters if one.kind is Kind.OUTCOME}


@pytest.mark.parametrize(
    "text", ["[history:P1]\n[recuse]", "[recuse]\n[history:P1]", "[history:P1]\n[show]\n[status]\n[list:open]\n[recuse]"]
)
def test_what_is_on_record_is_not_shown_to_whoever_steps_back_with_the_same_mail(text):
    """The recusal takes effect, and the answer holds nothing of the case, in whatever order the two stand."""
    w = World()
    w.report()
    w.staff(ROBIN)
    decision = w.staff(text)
    assert w.case.withheld == {"ana": "recused"}
    assert [one for one in decision.answer["sections"] if one.get("rows") != []] == []


def test_a_proposed_reply_goes_to_the_reporter_it_was_written_for():
    """Who approves answers a mail about the other reporter; the words go to the one whose mail the proposal answered all the same."""
    w = Two(policy=policy(approvals=2))
    w.merged()
    w.staff(ALL_FIVE + "[resolve:vacation spaces=all]\n[reply]\nDear Kim, we acted.", ANA, case=w.tickets[w.kim])
    assert w.staff("[approve]", CARLA, case=w.tickets[w.lee]).ok
    assert words_to_reporters(w) == {KIM: "Dear Kim, we acted.", LEE: ""}


def test_what_waits_was_written_before_there_was_another_reporter():
    """No report is merged into a case on which a proposal waits: its words were looked at for one reporter; afterwards it is."""
    w = Two(policy=policy(approvals=2))
    w.staff(ALL_FIVE + "[resolve:vacation spaces=all]\n[reply]\nDear Kim, we acted.", ANA)
    assert "A1 waits on" in w.merged(who=BEN).sentences[0]
    assert w.staff("[object]\nNot yet.", BEN).ok
    assert w.merged(who=BEN).ok


@pytest.mark.parametrize("asks", ["", "[no-contact]"])
def test_every_reporter_who_heard_of_the_outcome_hears_that_it_changed(asks):
    """Each on their own thread, but for whoever asked for no contact since."""
    w = merged(policy=policy(spaces=(FORUM,)))
    w.staff(ALL_FIVE + "[resolve:ban spaces=all permanent]\n[told:P1]")
    for number in (w.kim, w.lee):
        w.accepted(Kind.OUTCOME, of=w.tickets[number])
    if asks:
        w.wrote(asks, sender=LEE, of=w.tickets[w.lee])
    w.staff("[appeal:S1]\nThey ask for mercy.")
    decision = w.staff("[appeal:reversed]\nYou may come back.", BEN)
    told = list(zip((KIM, LEE), (Kind.APPEAL_RESULT,) * 2, w.refs, strict=True))[: 1 if asks else 2]
    assert to_reporters(decision) == told
    for _, _, reference in told:
        assert f"The reporter {reference} is told that a measure was changed." in decision.sentences[0]


@pytest.mark.parametrize("tag", ["[expel:P1 ground=serious]", "[warn:P1]\nLoud.", "[stop-instruction:P1]", "[offence:serious P1]"])
def test_whom_something_is_on_record_of_stays_when_reports_are_taken_apart(tag):
    """A sanction has to end for somebody with a name, and a warning counts for them: the case that has it keeps its person."""
    w = at_pycon()
    assert w.staff(tag).ok
    assert w.staff("[split]").ok
    assert w.case.person("P1").address == "robin@away.example"


def test_without_anything_on_record_a_split_takes_the_person_along():
    """Then they belong to the other report alone."""
    w = at_pycon()
    w.staff("[split]")
    assert w.case.person("P1").name == ""


@pytest.mark.parametrize("more", [0, 1])
def test_a_warning_after_a_merge_counts_beside_those_before(more):
    """Two accounts of one warning are one; one that is given once both reports are one case is another."""
    w = Two(policy=policy(conferences=(PYCON,)))
    for case in (w.tickets[w.lee], *[w.tickets[w.kim]] * more):
        w.staff('[warn:P1 name="Robin Example"]\nLoud.', case=case)
    w.wait(HOUR)
    w.merged()
    w.wait(HOUR)
    assert "2 in all" in w.staff("[warn:P1]\nAgain.").sentences[0]


def test_whoever_is_kept_out_is_not_named_as_somebody_to_turn_to():
    """The answer to an expulsion names the representatives but the one who is expelled."""
    w = World(policy=policy(conferences=(PYCON,)))
    w.report()
    w.staff('[event:pycon-2026]\n[person:P1 name="Ana Abela"]', BEN)
    (sentence,) = w.staff("[expel:P1 ground=serious]", BEN).sentences
    assert "Representatives: Ben Müller-Borg, 555-0102." in sentence


def with_witness() -> Two:
    """P1 of Kim's case is the respondent; P1 of Lee's is a witness, who was asked and answered before the two were one."""
    w = Two()
    w.staff(ROBIN)
    w.staff('[person:P1 name="Wanda" role=witness address=wanda@away.example]\n[write:P1]\nWhat did you see?', case=w.tickets[w.lee])
    w.current = w.lee
    w.party("I saw Robin throw the blue chair.", "wanda@away.example")
    w.current = w.kim
    assert w.merged().ok
    return w


def test_what_somebody_wrote_is_shown_under_what_they_are_called_now():
    """On the case of both the witness is P2, and P1 is the respondent."""
    texts = with_witness().staff("[show]").answer["sections"][0]["texts"]
    assert [one["by"] for one in texts if one["relation"] == "person"] == ["P2"]
    assert [one["text"] for one in texts if one["relation"] == "letter to P2"] == ["What did you see?"]


def test_the_words_of_a_witness_do_not_leave_in_a_letter_to_somebody_of_the_same_reference():
    """They may be told to the witness again, whose words they are, and to nobody else without a second thought."""
    w = with_witness()
    words = "We read: I saw Robin throw the blue chair."
    assert "Held" in w.staff(f"[write:P1]\n{words}").sentences[0]
    assert w.staff(f"[write:P2]\n{words}").ok


def test_an_address_that_nobody_may_write_to_is_nobody_elses_either():
    """Somebody spoke to us, allowed no letters, and looks after a space: neither as P1 nor as the contact of that space do they get one."""
    w = World(policy=policy(spaces=(FORUM,)))
    w.on_no_case("[record]\nContact: Mo, mo@forum.example\nAccount: Somebody shouted at me.")
    refused = w.staff("[person:P1 role=witness address=mo@forum.example]\n[write:P1]\nWhat did you see?")
    assert "P1 is the reporter" in " ".join(refused.sentences)
    decision = w.staff(ALL_FIVE + "[resolve:ban spaces=all permanent]")
    assert decision.ok
    assert [one for one in decision.letters if one.kind in TO_OTHERS | TO_REPORTER] == []


NOTE = "The porter says that Robin was drunk again."


@pytest.mark.parametrize("tag", ["[note]", "[support:escort=wanted]", "[contacted:police basis=consent]"])
def test_words_below_a_letter_are_looked_at_whatever_the_case_is_called(tag):
    """By the name of a report that is part of it, or a case that the same mail makes."""
    w = Two(policy=policy(conferences=(PYCON,)))
    w.merged()
    lee = w.tickets[w.lee]
    text = f"[reply to={lee.reference}]\nHello. {NOTE}\n{tag}\n{NOTE}"
    w.new_mail(f"[case:{lee.code}]\n{text}")
    assert "Held" in " ".join(w.decisions[-1].sentences)
    told = "Contact: Sam, sam@away.example\nMay we write to them: yes\nAccount: Somebody shouted at me."
    decision = w.on_no_case(f"[record]\n{told}\n[reply]\nHello. {NOTE}\n{tag}\n{NOTE}")
    assert "Held" in " ".join(decision.sentences)


def reopened_with_another() -> Two:
    """Kim was answered, the case was closed, Kim says thanks; now Lee's report, which nobody has answered, becomes part of it."""
    w = Two()
    w.staff(NO_VIOLATION + "[resolve:nothing]")
    w.accepted(Kind.OUTCOME)
    assert w.staff("[close]").ok
    w.wrote("Thanks!", of=w.tickets[w.kim])
    assert w.merged().ok
    return w


def test_a_case_is_not_closed_over_a_report_that_joined_it_late():
    """To close again suffices for a thank-you, and not for somebody who never heard from us: their week runs on."""
    w = reopened_with_another()
    assert f"the reporter {w.refs[1]} has not been told the outcome" in w.staff("[close]").sentences[0]
    assert w.tickets[w.lee].running(Duty.RESPOND)


def test_whoever_writes_after_the_end_has_a_new_week_on_whatever_thread():
    """Lee was answered by other means and has no resolution of their own: what they write after the end is owed an answer as any mail."""
    w = reopened_with_another()
    assert w.staff(f"[answered to={w.refs[1]}]\n[close]").ok
    assert {one.state for one in w.case.threads} == {State.CLOSED}
    w.wrote("He did it again.", sender=LEE, of=w.tickets[w.lee])
    assert {one.state for one in w.case.threads} == {State.REOPENED}
    assert w.tickets[w.lee].running(Duty.RESPOND)


def test_a_person_whom_a_third_report_names_too_stays_for_it():
    """The report that brought them along is taken apart; another that is part of the case is about the same person."""
    w = Two()
    other = w.opened("Me too.", "max@third.example", "Max")
    w.current = w.kim
    for number in (w.lee, other):
        w.staff(ROBIN, case=w.tickets[number])
        w.staff(f"[merge:{w.tickets[number].code}]")
    assert w.staff(f"[split:{w.tickets[w.lee].code}]").ok
    assert w.case.person("P1").name == "Robin Example"
    assert w.staff("[split]").ok
    assert w.case.person("P1").name == "Robin Example", "who brought them along is gone, so they belong here"


def test_the_answer_to_an_appeal_that_came_back_is_still_owed():
    """The case cannot be closed until they were told another way, or by another letter that was taken."""
    w = World(policy=policy(spaces=(Space(slug="forum", name="The forum"),)))
    w.report()
    w.accepted()
    w.staff(
        f"{ROBIN}\n[determine what violation=yes who=P1 ongoing=no safety=no]\nRobin shouted.\n[resolve:ban spaces=all permanent]\n[told:P1]"
    )
    w.accepted(Kind.OUTCOME)
    w.staff("[appeal:S1]\nThey ask for mercy.")
    assert w.staff("[appeal:upheld]\nIt stays.", BEN).ok
    assert w.fate(Kind.APPEAL_ANSWER, "P1", accepted=True).effects == ()
    w.fate(Kind.APPEAL_ANSWER, "P1", accepted=False)
    assert "tell P1" in w.staff("[done:T1]\n[close]").sentences[1]
    assert w.staff("[write:P1]\nThe measure stays as it is.").letter(Kind.DECISION).to.handle == "P1"
    w.fate(Kind.DECISION, "P1", accepted=True)
    assert w.staff("[done:T1]\n[close]").ok


def test_a_name_that_a_reporter_asked_to_hide_is_hidden_in_the_history_of_another_case():
    """It stands in a warning on the case of both, by whoever had read it before."""
    w = Two(second="[anonymous]\nI heard the shouting.")
    w.merged()
    w.staff('[warn:P1 name="Robin Example"]\nLee Lane had asked them to stop.')
    w.opened("Robin shouted at me too.", "max@third.example", "Max")
    w.staff('[person:P1 name="Robin Example"]')
    (_, elsewhere) = w.staff("[history:P1]").answer["sections"][0]["cases"]
    assert elsewhere["warnings"][0]["text"] == "the reporter had asked them to stop."


def test_whoever_wrote_both_reports_and_asks_for_no_contact_gets_nothing_for_either():
    """A letter that they must not get is no better for going to their other thread; what waits for it is withdrawn as well."""
    w = Two()
    other = w.opened("I am Kim again.", KIM, "Kim Kelly")
    w.current = w.kim
    assert w.staff(f"[merge:{w.tickets[other].code}]").ok
    assert w.merged().ok
    asked = w.wrote("[no-contact]", of=w.tickets[other])
    assert {one.ticket_id for one in asked.all(Withdraw)} == {w.kim, other}
    assert [one.no_contact for one in w.case.threads] == [True, True, False]
    assert to_reporters(w.staff(NO_VIOLATION + "[resolve:nothing]")) == [(LEE, Kind.OUTCOME, w.refs[1])]
    w.wrote("[contact]", of=w.tickets[w.kim])
    assert not any(one.no_contact for one in w.case.threads)


def test_the_reason_of_an_expulsion_that_waits_does_not_leave():
    """It is written for the team, be it decided already or not: a later letter that holds it is held."""
    w = World(policy=policy(approvals=2, conferences=(PYCON,)))
    w.report()
    w.staff('[event:pycon-2026]\n[person:P1 name="Robin Example"]\n[expel:P1 ground=discretion]\nTwo volunteers refuse to work near them.')
    assert w.case.proposal
    refused = w.staff("[reply]\nWe act, because two volunteers refuse to work near them.", BEN)
    assert "Held" in refused.sentences[0]
