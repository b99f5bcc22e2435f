"""Where decisions take two people: what waits, what the second may do, and what never leaves before (issue 4, `approvals = 2`)."""

from dataclasses import replace

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.entry import What
from maild.playbook.letters import Kind
from maild.playbook.policy import Space
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DAY, DORA, FELIX, HOUR, PYCON, World, leaving, policy

ROBIN = "robin@away.example"
BAN = "[resolve:ban spaces=all permanent]"
WHOLE = f"{BAN}\n[reply]\nThank you for waiting.\n[write:P1]\nPlease stay away from all of our spaces."
TEXT = "Somebody broke our rules at the last meetup. We do not accept that."


def world(*people, approvals=2, above=ALL_FIVE):
    """A world in which decisions take two people, with a case that is determined."""
    w = World(policy=policy(*people, approvals=approvals, spaces=(Space(slug="forum", name="The forum"),)))
    w.report()
    w.accepted()
    assert w.staff(f'[person:P1 name="Robin Example" address={ROBIN}]').ok
    assert w.staff(above).ok
    return w


def proposed(tag=BAN):
    """A case on which Ana has proposed something."""
    w = world()
    assert w.staff(tag).ok
    return w


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    assert leaving(decision) == []
    return decision.sentences[-1]


@pytest.mark.parametrize("tag", ["[expel:P1 ground=discretion]", "[extend:S1 permanent]"])
@pytest.mark.parametrize("answer", ["", "[object:{id}]\nThat is too hard.", "[approve:{id}]"], ids=["waiting", "stopped", "approved"])
def test_why_it_was_proposed_stays_inside(tag, answer):
    """The reason below an expulsion or a longer sanction is for the team, before anybody agreed and after somebody did not."""
    w = world()
    w.policy = replace(w.policy, conferences=(PYCON,))
    assert w.staff("[event:pycon-2026]\n[resolve:ban spaces=forum until=2027-01-31]").ok
    assert w.staff("[approve]", BEN).ok
    assert w.staff(f"{tag}\nHe frightened the two children at the desk.").ok
    assert not answer or w.staff(answer.format(id=w.case.proposal.id), BEN).ok
    decision = w.staff("[reply]\nWe know that he frightened the two children at the desk.", CARLA)
    assert "five words in a row" in refusal(decision)


@pytest.mark.parametrize(
    "kind", ["vacation spaces=forum]", "ban spaces=all permanent]", f"public-reprimand]\n{TEXT}"], ids=["vacation", "ban", "public"]
)
def test_a_sanction_waits_for_a_second_person(kind):
    """A vacation, a ban and a public reprimand: nothing is decided, nothing leaves, and the week runs on."""
    w = world()
    decision = w.staff(f"[resolve:{kind}")
    assert decision.happened[0] is What.PROPOSED
    assert leaving(decision) == []
    assert (w.case.resolutions, w.case.sanctions, w.case.state) == ((), (), State.REVIEW)
    assert w.case.running(Duty.RESPOND)
    assert "The week for answering the reporter runs on." in decision.sentences[0]
    assert "the proposal A1 waits for a second person" in decision.answer["open"]


@pytest.mark.parametrize(
    "kind", ["private-reprimand]", "apology private]", 'other label="talk"]\nWe spoke.'], ids=["private", "apology", "other"]
)
def test_what_is_no_sanction_waits_for_nobody(kind):
    """One person decides it, as ever."""
    w = world()
    assert w.staff(f"[resolve:{kind}").ok
    assert w.case.state is State.RESOLVED


def test_one_person_is_enough_where_one_is():
    """With approvals = 1 nothing waits, and there is nothing to approve."""
    w = world(approvals=1)
    assert w.staff(BAN).ok
    assert w.case.sanctions
    assert "No proposal waits" in refusal(w.staff("[approve]", BEN))
    assert "No proposal waits" in refusal(w.staff("[object]\nNo.", BEN))


def test_the_team_gets_the_exact_text():
    """Every tag with its words, and the number to approve; whoever proposed it is not asked."""
    decision = world().staff(WHOLE)
    facts = decision.letter(Kind.COPY, "ben").facts
    assert [one["text"] for one in facts["done"]] == ["", "Thank you for waiting.", "Please stay away from all of our spaces."]
    assert (facts["proposal"], decision.to("ana")) == ("A1", [Kind.ANSWER])
    assert "It waits with the proposal A1" in decision.sentences[1]
    assert "It waits with the proposal A1" in decision.sentences[2]


def test_a_second_person_carries_it_out_to_the_letter():
    """All that waited happens at once: resolution, sanction, the outcome letter with its words, the letter to the respondent."""
    w = world()
    w.staff(WHOLE)
    w.wait(DAY)
    decision = w.staff("[approve]", BEN)
    assert decision.ok
    letters = {letter.kind: letter.facts for letter in leaving(decision)}
    assert letters == {
        Kind.OUTCOME: {"kinds": ["ban"], "violation": "yes", "words": "Thank you for waiting."},
        Kind.DECISION: {"text": "Please stay away from all of our spaces.", "for_good": True},
    }
    (sanction,) = w.case.sanctions
    assert (sanction.by, sanction.start) == (("ana", "ben"), w.now)
    assert (w.case.state, w.case.proposal, w.case.untold) == (State.RESOLVED, None, ("P1",))
    assert decision.sentences[0].startswith("A1 is approved. Resolved: ban.")
    assert "Please tell" not in decision.sentences[0]


@pytest.mark.parametrize("order", [WHOLE, "[write:P1]\nPlease stay away from all of our spaces.\n[reply]\nThank you for waiting.\n" + BAN])
def test_the_order_of_a_mail_matters_not(order):
    """Letters above the resolution wait as those below it do."""
    w = world()
    assert leaving(w.staff(order)) == []
    assert [letter.kind for letter in leaving(w.staff("[approve:A1]", BEN))] == [Kind.DECISION, Kind.OUTCOME]


def test_other_resolutions_of_the_mail_wait_too():
    """One decision, one outcome letter."""
    w = world()
    w.staff(f"[resolve:apology private]\n{BAN}")
    assert w.case.resolutions == ()
    (letter,) = leaving(w.staff("[approve]", CARLA))
    assert letter.facts["kinds"] == ["apology", "ban"]


def test_nobody_approves_what_they_proposed():
    """Nor objects to it; the sentence says who may, and how it is changed."""
    w = world()
    w.staff(BAN)
    for text in ("[approve]", "[object]\nNo."):
        sentence = refusal(w.staff(text))
        assert "ben or carla" in sentence
        assert "takes the place of the first" in sentence
    assert w.case.proposal


def test_one_who_is_alone_cannot_decide_alone():
    """With nobody else on the case, nor outside of it who may know of it, the sentence says so."""
    w = world()
    w.staff("[recuse:ben]\n[recuse:carla]\n[recuse:fallback]\n[recuse:dora]")
    w.staff(BAN)
    assert "nobody else works on this case" in refusal(w.staff("[approve]"))


@pytest.mark.parametrize(("out", "second"), [("", FELIX), ("[recuse:fallback]", DORA)], ids=["the contact outside", "else the board"])
def test_where_nobody_else_is_left_the_next_one_is_asked_in(out, second):
    """A decision that nobody can make would wait for ever: somebody reads it word by word, and is of the team until it is made."""
    w = world()
    w.staff(f"[recuse:ben]\n[recuse:carla]\n{out}")
    asked = w.staff(BAN)
    copy = asked.letter(Kind.COPY, second.handle)
    assert (asked.who(Kind.COPY), copy.facts["proposal"]) == ([second.handle], "A1")
    assert second.handle in refusal(w.staff("[approve]"))
    assert w.staff("[approve]", second).ok
    assert w.case.sanctions
    assert not w.staff("[take]", second).ok


def test_it_is_asked_in_too_when_the_second_person_leaves():
    """And steps out again where somebody of the staff comes back."""
    w = world()
    w.staff(BAN)
    w.staff("[recuse:carla]")
    assert w.staff("[recuse:ben]").who(Kind.COPY) == ["fallback"]
    w.staff("[unrecuse:ben]")
    assert not w.staff("[approve]", FELIX).ok
    assert w.staff("[approve]", BEN).ok


def test_one_who_is_kept_out_approves_nothing():
    """Only a clean person is a second one."""
    w = world()
    w.staff(BAN)
    w.staff("[recuse:ben]")
    w.staff("[approve]", BEN, token="b" * 26)
    assert w.case.proposal
    assert w.case.sanctions == ()


@pytest.mark.parametrize("out", ["[recuse]", "[recuse:ana]", "It was Ana, too."])
def test_what_somebody_proposed_who_is_kept_out_since_is_approved_by_nobody(out):
    """Both have to be clean; the refusal has the line for whoever wants to propose it, and then somebody else is the second."""
    w = world()
    w.staff(BAN)
    assert (w.wrote(out) if "It was" in out else w.staff(out, BEN if ":" in out else ANA)).happened
    sentence = refusal(w.staff("[approve]", BEN))
    assert sentence == f"A1 is by ana, who works on this case no more. Propose it yourself, and somebody else approves it: {BAN}"
    assert (w.case.sanctions, bool(w.case.proposal)) == ((), True)
    assert w.staff(BAN, BEN).ok
    assert w.staff("[approve:A2]", CARLA).ok
    assert [one.by for one in w.case.sanctions] == [("ben", "carla")]


def test_an_objection_stops_it():
    """With its reason, which the team gets; after that there is nothing to approve."""
    w = world()
    w.staff(WHOLE)
    assert "no text below it" in refusal(w.staff("[object]", BEN))
    decision = w.staff("[object]\nThat is too hard for a first time.", BEN)
    assert decision.ok
    assert leaving(decision) == []
    assert [one["text"] for one in decision.letter(Kind.COPY, "ana").facts["done"]] == ["That is too hard for a first time."]
    assert w.case.proposal is None
    assert "No proposal waits" in refusal(w.staff("[approve]", CARLA))
    assert w.case.sanctions == ()


def test_a_changed_text_has_to_be_approved_again():
    """A new proposal takes the place of the old one, and nobody approves the new one by mistake for the old."""
    w = world()
    w.staff(WHOLE)
    changed = WHOLE.replace("permanent", "until=2027-11-23")
    assert "Proposed as A2" in w.staff(changed, BEN).sentences[0]
    assert "[approve:A2]" in refusal(w.staff("[approve:A1]", CARLA))
    assert "[approve:A2]" in refusal(w.staff("[approve]", CARLA))
    assert "[object:A2]" in refusal(w.staff("[object]\nNo.", CARLA))
    assert w.staff("[approve:a2]").ok
    (sanction,) = w.case.sanctions
    assert (sanction.permanent, sanction.by) == (False, ("ben", "ana"))


def test_the_rules_hold_when_it_is_approved():
    """What changed meanwhile can make it impossible; then nothing of it happens, and it waits on."""
    w = world()
    w.staff("[resolve:ban spaces=all until=2026-11-25]")
    w.wait(3 * DAY)
    said = refusal(w.staff("[approve]", BEN))
    assert "A1 cannot be carried out as it was proposed: until=2026-11-25 does not lie ahead" in said
    assert "[object:A1] and the reason below it" in said
    assert w.case.proposal


def test_it_is_for_whom_it_was_proposed():
    """Another respondent meanwhile changes nothing of it."""
    w = world()
    w.staff(BAN)
    w.staff('[determine who="Sam"]', BEN)
    w.staff("[approve]", BEN)
    assert [one.person for one in w.case.sanctions] == ["P1"]


def test_what_was_noted_since_holds_nothing_back():
    """The team may talk about the words that wait: they were checked when they were proposed."""
    w = world()
    w.staff(WHOLE)
    w.staff("[note]\nI like it: please stay away from all of our spaces.", BEN)
    assert w.staff("[approve]", BEN).ok


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[resolve:ban spaces=all]", "one of the two"),
        (f"{BAN}\n[write:P1]\nKim told us.", "names the reporter"),
        (f"{BAN}\n[reply]\nRobin talked over the speaker.", "five words"),
        (f"{BAN}\n[resolve:nothing]", "nothing"),
        (f"{BAN}\n[write:P1]", "no text"),
    ],
)
def test_what_could_not_be_carried_out_is_not_proposed(text, words):
    """The rules hold at once, so that nobody approves what cannot be."""
    w = world()
    w.tickets[w.current] = replace(w.case, reporter=replace(w.case.reporter, name="Kim"))
    assert words in refusal(w.staff(text))
    assert w.case.proposal is None


def test_a_case_with_a_proposal_is_not_closed():
    """It is a duty like any other."""
    w = world()
    w.staff("[resolve:private-reprimand]\n[told:P1]")
    w.accepted(Kind.OUTCOME)
    w.staff(BAN)
    assert "A1 waits" in refusal(w.staff("[close]"))
    w.staff("[object]\nEnough.", BEN)
    assert w.staff("[close]").ok


def test_other_letters_of_the_mail_do_not_wait():
    """An explanation is owed whatever is proposed; a letter about another case has nothing to do with it."""
    w = world()
    first = w.case
    w.report("Another one shouted.")
    w.new_mail(f"[case:{first.code}]\n{BAN}\n[explain until=2026-11-27]\nWe wait.\n[case:{w.case.code}]\n[reply]\nThank you.")
    decision = w.confirm()
    assert decision.ok
    assert [letter.kind for letter in leaving(decision)] == [Kind.EXPLANATION, Kind.REPLY]


def test_the_state_of_a_case_holds_the_proposal():
    """Whose notices hold no words reads them there before they agree."""
    w = world()
    assert w.staff("[status]").answer["sections"][0]["proposal"] is None
    w.staff(WHOLE)
    (section,) = w.staff("[status]", BEN).answer["sections"]
    assert (section["proposal"]["id"], section["proposal"]["by"]) == ("A1", "ana")
    assert section["proposal"]["commands"][2] == {"written": "[write:P1]", "text": "Please stay away from all of our spaces."}


def test_a_proposal_of_somebody_unproven_is_asked_back():
    """And proposed by the confirmation."""
    w = world()
    assert w.staff(BAN, proof="").to("ana") == [Kind.CHALLENGE]
    assert w.case.proposal is None
    w.wait(HOUR)
    assert w.confirm(ANA).ok
    assert w.case.proposal.id == "A1"


def test_an_unproven_approval_is_asked_back():
    """It is a decision."""
    w = world()
    w.staff(BAN)
    assert w.staff("[approve]", BEN, proof="").to("ben") == [Kind.CHALLENGE]
    assert w.case.sanctions == ()
    assert w.confirm(BEN).ok
    assert w.case.sanctions


def test_where_nobody_can_be_answered_no_week_runs_on():
    """A reporter without an address is owed no letter; the sentence leaves the week out once it is over."""
    w = world()
    w.staff("[answered]")
    assert "week" not in w.staff(BAN).sentences[0]


def test_what_waits_no_more_is_told_with_what_ends_it():
    """An objection that comes too late names the sanction that can be lifted; one that was stopped left nothing in force."""
    w = proposed()
    assert w.staff("[approve]", BEN).ok
    assert refusal(w.staff("[object]\nToo hard.", CARLA)).endswith("A1 was approved or stopped before. To end what is in force: [lift:S1].")
    w = proposed()
    assert w.staff("[object]\nToo hard.", BEN).ok
    assert refusal(w.staff("[approve]", CARLA)).endswith("A1 was approved or stopped before.")


@pytest.mark.parametrize("text", ["[approve]\n[recuse]", "[approve] [recuse:ben]", "[approve]\n[note]\nI know them well.\n[recuse]"])
def test_who_steps_back_in_the_same_mail_approves_nothing(text):
    """The second person is a clean one; the recusal takes effect all the same."""
    w = proposed()
    decision = w.staff(text, BEN)
    assert "somebody else has to say this" in decision.sentences[0]
    assert decision.happened == [What.WITHHELD]
    assert w.case.proposal is not None


def test_who_steps_back_first_approves_nothing():
    """Whatever is refused with it, the recusal counts."""
    w = proposed()
    assert not w.staff("[recuse:ben]\n[approve]", BEN).ok
    assert (w.case.sanctions, w.case.withheld["ben"]) == ((), "recused")


def test_who_recuses_somebody_else_may_approve():
    """Carla is kept out, and Ben is not."""
    w = proposed()
    assert w.staff("[approve]\n[recuse:carla]", BEN).ok


def test_what_somebody_proposed_who_stepped_back_is_proposed_anew():
    """Two clean people decide: the line to copy makes it the proposal of whoever agrees."""
    w = proposed()
    assert w.staff("[recuse]").ok
    said = refusal(w.staff("[approve]", BEN))
    line = "[resolve:ban spaces=all permanent]"
    assert said.endswith(f"Propose it yourself, and somebody else approves it: {line}")
    decision = w.staff(line, BEN)
    assert "It takes the place of A1." in decision.sentences[0]
    assert w.staff("[approve:A2]", CARLA).ok
    assert w.case.sanctions[0].by == ("ben", "carla")
