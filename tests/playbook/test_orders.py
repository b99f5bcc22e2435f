"""A mail from one of us: who may command, all or nothing, one answer, nothing twice."""

from dataclasses import replace

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.decide.lookups import UNKNOWN_CASE
from maild.playbook.decide.orders import NOTED_ALONE
from maild.playbook.effects import Alarm, Append, Await, Journal, Keep, Open, Send, Spend, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Found, Thread
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.policy import Notices
from maild.playbook.progress import NOT_TAKEN
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DAY, DORA, FELIX, KIM, PROOF, TEAM, World, leaving, mail, policy


def world(text="Somebody shouted at me."):
    """A world with one report that is acknowledged."""
    made = World()
    made.report(text)
    made.accepted()
    return made


def test_text_without_a_tag_is_a_note_for_the_team():
    """Internal by default: it is copied to the others, answered once, and nothing leaves (product.md principle 3, behaviour 36)."""
    w = world()
    decision = w.staff("I know somebody who saw it.")
    assert decision.happened == [What.NOTE]
    assert decision.who(Kind.NOTE) == ["ben", "carla"]
    assert decision.letter(Kind.NOTE).facts["text"] == "I know somebody who saw it."
    assert (decision.to("ana"), leaving(decision)) == ([Kind.ANSWER], [])
    assert "[reply]" in decision.answer["remark"]
    assert w.case.state is State.ACKNOWLEDGED


def test_text_above_the_first_tag_is_a_note():
    """It is copied to the team, and the commands below it are carried out."""
    decision = world().staff("Ben, please call them.\n[take]")
    assert decision.happened == [What.NOTE, What.TAKEN]
    assert decision.letter(Kind.NOTE, "ben").facts["text"] == "Ben, please call them."


def test_a_note_above_a_case_belongs_to_that_case():
    """In a mail that answers none of ours, the note goes to the case that is named below it."""
    w = world()
    decision = w.on_no_case(f"I looked at it.\n[case:{w.case.code}]\n[take]")
    assert decision.happened == [What.TAKEN, What.NOTE]
    assert w.on_no_case("I looked at it.\n[list:open]").happened == []


SPARE = ["[take]\nI will call them tomorrow.", "[status]\nI will call them tomorrow."]


@pytest.mark.parametrize("text", SPARE)
def test_text_below_a_tag_that_takes_none_is_kept_for_the_team(text):
    """Nothing vanishes: it stands in the history as a note, and the others read it with the command."""
    decision = world().staff(text)
    assert decision.ok
    assert [entry.facts["text"] for entry in decision.entries if entry.what is What.NOTE] == ["I will call them tomorrow."]
    assert decision.letter(Kind.COPY, "ben").facts["done"][0]["text"] == "I will call them tomorrow."


BELOW = [
    ("On 3 May at 10:00 Robin wrote:\nwe kept that mail.", True, "a sentence of the reply that looks like an attribution"),
    ("> what they said\n[close]", True, "a tag between quoted lines"),
    ("> what they said\n| and you", False, "a quote, and nothing below it"),
    ("--\n", False, "no word at all"),
    ("", False, "nothing"),
]


@pytest.mark.parametrize(("below", "cut", "why"), BELOW)
def test_whoever_is_read_in_part_is_told_so(below, cut, why):
    """What stands below a possible quote is neither carried out nor sent, and the writer hears of it (product.md principle 3)."""
    read = "[reply]\nHello Kim,"
    decision = world().staff(f"{read}\n{below}", command_text=read)
    assert (decision.ok, decision.answer["cut"]) == (True, cut), why


def test_every_command_is_answered_with_its_result():
    """Each command with ✓ or ✗ and why, the new state, what is open, the next deadline, what proved it, what left (section 6)."""
    w = world()
    decision = w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    facts = decision.answer
    assert [(one["ok"], one["written"]) for one in facts["results"]] == [
        (True, '[determine violation=yes who="Robin Example" ongoing=no safety=no]'),
        (True, "[resolve:private-reprimand]"),
    ]
    assert facts["errors"] == 0
    assert (facts["state"], facts["lead"], facts["missing"]) == ("resolved", "ana", [])
    assert (facts["next_deadline"], facts["under_way"], facts["week_runs"]) == (None, "outcome", True)
    assert facts["proof"] == f"the token in your mail and {PROOF}"
    assert facts["sent"] == ["the outcome letter"]
    assert len(facts["open"]) == 1


ANSWERED_ONCE = [
    "a note",
    "[take]",
    "[take]\n[list:open]\n[help]",
    "[nonsense:x]",
    "[urgent]",
    "[recuse]",
    "[close]",
    "[reply]\nThank you.",
]


@pytest.mark.parametrize("text", ANSWERED_ONCE)
@pytest.mark.parametrize("proof", [PROOF, ""])
def test_every_mail_of_staff_gets_exactly_one_answer(text, proof):
    """One answer or one question, to the registered address and nobody else (behaviour 34)."""
    decision = world().staff(text, proof=proof)
    answers = [letter for letter in decision.letters if letter.kind in (Kind.ANSWER, Kind.CHALLENGE)]
    assert [letter.to.address for letter in answers] == [ANA.address]


def test_the_team_reads_what_one_of_them_did():
    """Each note, letter and answer is copied to the case team (product.md section 6)."""
    w = world()
    decision = w.staff("[take]\n[reply]\nThank you for telling us.")
    copy = decision.letter(Kind.COPY, "ben").facts
    assert decision.who(Kind.COPY) == ["ben", "carla"]
    assert [one["written"] for one in copy["done"]] == ["[take]", "[reply]"]
    assert copy["done"][1]["text"] == "Thank you for telling us."
    assert (copy["by"], copy["sent"], copy["proven"]) == ("Ana Abela", ["the reply"], True)


NOT_COPIED = ["[status]", "[help]", "[list:open]", "[show]", "[nonsense:x]", "[note]\nOnly a note."]


@pytest.mark.parametrize("text", NOT_COPIED)
def test_lookups_and_refusals_are_answered_to_the_asker_only(text):
    """What changes nothing is nobody else's mail; a note has its own letter."""
    assert world().staff(text).who(Kind.COPY) == []


def test_all_of_a_mail_or_nothing():
    """One bad tag, and nothing of the mail is done (product.md principle 8, behaviour 33)."""
    w = world()
    before = w.case
    decision = w.staff("[take]\n[assign:nobody]\n[reply]\nThank you.\n[note]\nInternal.")
    assert w.case == before
    assert decision.entries == []
    assert [letter.kind for letter in decision.letters] == [Kind.ANSWER]
    assert decision.answer["errors"] == 4
    assert decision.sentences[0] == "Not done, because another command of this mail was refused."
    assert "it can be ana or ben or carla" in decision.sentences[1]
    assert decision.answer["sent"] == []


def test_a_misspelt_tag_is_answered_with_the_right_one():
    """An unknown tag changes nothing, sends nothing, and is answered with the nearest spelling (behaviour 35)."""
    decision = world().staff("[tkae]")
    assert (decision.entries, leaving(decision)) == ([], [])
    assert "[take]" in decision.sentences[0]


def test_a_misspelt_tag_whose_sentence_names_the_right_one_says_it_once():
    """The nearest spelling stands in the answer once."""
    for text in ("[tkae]", "[resolve:privat-reprimand]", "[assign]", "[frobnicate:now]"):
        (sentence,) = world().staff(text).sentences
        assert sentence.count("Did you mean") <= 1


MENDABLE = [
    ("[tkae]", True, "a misspelt tag"),
    ("[close]", True, "a case that is not resolved"),
    ("[take]\n[assign:nobody]", True, "one of two"),
    ("[confirm]", False, "nothing waits for it"),
    ("[status:no-such]", False, "no such case"),
    ("[report]", False, "it is one"),
    ("[reopen]", False, "it is open"),
    ("[drop]", False, "nobody leads it"),
    ("[unrecuse:ana]", False, "not of oneself"),
]


@pytest.mark.parametrize(("text", "again", "why"), MENDABLE, ids=[why for *_, why in MENDABLE])
def test_only_what_can_be_mended_is_asked_for_again(text, again, why):
    """An answer asks for another mail where one would help, and else says only what is so."""
    decision = world().staff(text)
    assert not decision.ok
    assert decision.answer["again"] is again


def test_commands_are_carried_out_in_written_order():
    """Each command finds the case as the one before it left it."""
    assert world().staff(ALL_FIVE + "[resolve:private-reprimand]").ok
    assert not world().staff("[resolve:private-reprimand]\n" + ALL_FIVE).ok


RINGS = [
    ("[urgent]\n[assign:nobody]", "an alarm beside a refused command"),
    ("[assign:nobody]\n[urgent]\nThey are in front of my door.", "behind it"),
    ("[determine safety=yes]\n[assign:nobody]", "safety=yes beside it"),
    ("[determine safety=yes violation=maybe]", "safety=yes in a faulty tag"),
    ("[urgnt]", "a misspelt alarm"),
]


@pytest.mark.parametrize(("text", "why"), RINGS, ids=[why for _, why in RINGS])
def test_safety_comes_first(text, why):
    """[urgent] and safety=yes take effect even when the rest of the mail is refused, and nothing else does (principle 7)."""
    w = world()
    decision = w.staff(text)
    assert not decision.ok
    assert decision.happened == [What.URGENT]
    assert decision.who(Kind.ALARM) == sorted(TEAM)
    assert w.case.urgent
    assert w.case.running(Duty.TAKE_URGENT)
    assert w.case.determinations == {}


def test_one_mail_rings_once():
    """Three alarms in a mail are one alarm to each."""
    decision = world().staff("[urgent]\n[urgent]\n[urgnt]")
    assert decision.who(Kind.ALARM) == sorted(TEAM)


def test_no_word_of_a_second_alarm_is_lost():
    """What stands under an alarm that has rung already goes to the team as a note."""
    w = world()
    decision = w.staff("[determine safety=yes]\n[urgent]\nThey are in front of my door.")
    assert decision.who(Kind.ALARM) == sorted(TEAM)
    assert decision.letter(Kind.NOTE, "ben").facts["text"] == "They are in front of my door."
    assert What.NOTE in decision.happened


def test_the_words_of_an_alarm_go_with_it():
    """Whoever reads the alarm reads what it is about, and finds it in the history later."""
    decision = world().staff("[urgent]\nThey are in front of my door.")
    assert decision.letter(Kind.ALARM, "ben").facts["text"] == "They are in front of my door."
    assert decision.entries[0].facts["text"] == "They are in front of my door."


def test_a_recusal_takes_effect_in_a_refused_mail():
    """Whoever steps back is out at once, whatever else their mail holds (product.md principle 8)."""
    w = world()
    decision = w.staff("[recuse]\n[assign:nobody]")
    assert decision.happened == [What.WITHHELD]
    assert w.case.withheld == {"ana": "recused"}
    assert decision.all(Withhold)
    assert "state" not in decision.answer


def test_a_recusal_in_the_same_mail_keeps_the_note_from_them():
    """Why somebody is recused is not told to them, wherever it stands in the mail (product.md principle 4)."""
    for text in (
        "Carla is his sister.\n[recuse:carla]",
        "[note]\nCarla is his sister.\n[recuse:carla]",
        "[recuse:carla]\nShe is his sister.",
    ):
        decision = world().staff(text)
        assert decision.ok
        assert decision.to("carla") == []
        assert decision.to("ben")


@pytest.mark.parametrize("text", ["[show]", "[show:CODE]", "[status]", "[take]", "[note]\nBye.", "[case:CODE]"])
def test_whoever_steps_back_is_told_of_no_case_in_the_same_mail(text):
    """After [recuse] the same mail shows and does nothing more, whether it names the case or not."""
    w = world()
    decision = w.staff("[recuse]\n" + text.replace("CODE", w.case.code))
    assert decision.sentences[1] == UNKNOWN_CASE
    assert decision.answer["sections"] == []


def test_whoever_steps_back_sees_the_case_in_no_list():
    """After [recuse] a list of the same mail omits the case, and [help] its state."""
    assert world().staff("[recuse]\n[list:open]").answer["sections"][0]["rows"] == []
    assert world().staff("[recuse]\n[help]").answer["sections"][0]["missing"] == []


def test_whoever_steps_back_is_shown_nothing_on_the_way():
    """What the same mail asked to see before its [recuse] is left out too: they receive nothing more of the case, at once."""
    there = world()
    code = there.case.code
    there.report("Somebody spat at me.", sender="lee@elsewhere.example")
    other = there.case.code
    there.current = min(there.tickets)
    listed, helped, status = there.staff(f"[list:open]\n[help]\n[show]\n[status:{other}]\n[recuse]").answer["sections"]
    assert [row["code"] for row in listed["rows"]] == [other]
    assert helped["missing"] == []
    assert status["code"] == other
    assert code not in str((listed, helped, status))


def test_the_answer_to_whoever_stepped_back_names_no_case():
    """Their last answer tells neither the code name nor the state."""
    letter = world().staff("[recuse]").letter(Kind.ANSWER)
    assert (letter.code, letter.reference, letter.ticket_id) == ("", "", None)
    assert "state" not in letter.facts


LEVELS = [
    ("[reply]\nThank you.", {}, True, "a decision with token and proof"),
    ("[reply]\nThank you.", {"proof": ""}, False, "with the token alone: asked back"),
    ("[reply]\nThank you.", {"token": ""}, False, "with the proof alone: asked back"),
    ("[reply]\nThank you.", {"proof": "", "token": ""}, False, "with neither: asked back"),
    ("[take]", {"proof": ""}, True, "taking a case with the token alone"),
    ("[take]", {"token": ""}, True, "or with a proof of the domain alone"),
    ("[take]", {"proof": "", "token": ""}, False, "with neither: asked back"),
    ("[status]", {"proof": ""}, True, "a lookup with the token alone"),
    ("[show]", {"proof": "", "token": ""}, False, "without anything: asked back"),
    ("[help]", {"proof": "", "token": ""}, True, "help for anybody of us"),
    ("[urgent]", {"proof": "", "token": ""}, True, "an alarm from anybody of us"),
    ("[recuse]", {"proof": "", "token": ""}, True, "a recusal by anybody of us"),
    ("a note", {"proof": "", "token": ""}, True, "a note, marked as unproven"),
    ("[take]\n[close]", {"proof": ""}, False, "the strictest of a mail's commands counts; what is refused is not asked"),
    ("[take]\n[reply]\nThank you.", {"proof": ""}, False, "one question for the whole mail"),
]


@pytest.mark.parametrize(("text", "changes", "at_once", "why"), LEVELS, ids=[why for *_, why in LEVELS])
def test_who_may_command(text, changes, at_once, why):
    """A decision needs address, token and proof; notes, takes and lookups less; what would succeed is asked back (behaviour 30)."""
    w = world()
    decision = w.staff(text, **changes)
    done = Kind.ANSWER in decision.to("ana") and not decision.answer["errors"]
    assert done is at_once
    if not at_once:
        assert leaving(decision) == []
        assert w.case.lead is None


def test_a_token_works_only_for_whom_it_was_made():
    """A forwarded notice does not make its reader a commander: another's token proves nothing (security.md)."""
    w = world()
    thread = Thread(ticket=w.case, found=Found.TOKEN, token="t" * 26, holder="ana")
    decision = w.arrive(mail("[take]", sender=BEN.address, references=("x@y",)), thread=thread)
    assert decision.to("ben") == [Kind.CHALLENGE]
    assert w.case.lead is None


def test_a_question_goes_to_the_registered_address():
    """The challenge names what was asked for, is good once and for a day, and changes nothing but the case log (behaviour 30)."""
    w = world()
    decision = w.staff("[reply]\nThank you.", proof="")
    letter = decision.letter(Kind.CHALLENGE)
    (wait,) = decision.all(Await)
    assert letter.challenge
    assert letter.token == wait.token == letter.facts["confirm"]
    assert (letter.to.address, wait.holder, wait.until) == (ANA.address, "ana", w.now + DAY)
    assert letter.facts["asked"] == [{"written": "[reply]", "sentence": "The text goes to the reporter.", "text": "Thank you."}]
    assert decision.happened == [What.CHALLENGED]


def test_a_question_shows_what_would_happen():
    """Whoever expects a question must not confirm a forged mail: it holds each command's outcome and all text, the note above them too."""
    facts = world().staff("For us.\n[reply]\nThank you.\n[assign:ben]", proof="").letter(Kind.CHALLENGE).facts
    assert [(one["sentence"], one["text"]) for one in facts["asked"]] == [
        ("The text goes to the reporter.", "Thank you."),
        ("Ben Müller-Borg leads this case now.", ""),
    ]
    assert facts["note"] == "For us."


UNPROVEN = [
    ("[case:{code}]\n[note]\nFor us.", ["For us."], "", "a note alone is not asked back"),
    ("[case:{code}]\nFor us.", [], "", "text below the name of the case, which is told with it"),
    ("For us.\n[case:{code}] [reply]\nThank you.", ["For us."], "For us.", "above the tags"),
    ("[case:{code}]\nFor us.\n[reply]\nThank you.", ["For us."], "For us.", "below the name of the case"),
    ("[case:{code}] [take]\nFor us.", ["For us."], "For us.", "below a tag that takes no text"),
    (
        "Hello.\n[case:{code}]\n[note]\nFor us.\n[assign:ben]\nYou are there.",
        ["For us.", "You are there.", "Hello."],
        "all",
        "three of them",
    ),
]


@pytest.mark.parametrize(("text", "notes", "shown", "why"), UNPROVEN, ids=[why for *_, why in UNPROVEN])
def test_a_note_in_an_unproven_mail_does_not_wait(text, notes, shown, why):
    """The team reads it at once, marked as not proven; what is confirmed is the rest, and no note comes twice."""
    w = world()
    decision = w.new_mail(text.format(code=w.case.code), proof="")
    told = [(one.facts["text"], one.facts["proven"]) for one in decision.letters if one.kind is Kind.NOTE and one.to.handle == "ben"]
    assert told == [(note, False) for note in notes]
    said = [one.text for one in w.said[w.case.id] if one.relation == "note (not proven)"]
    assert said == (notes or ["For us."]), "and the record says so for good"
    if not shown:
        assert decision.ok
        return
    asked = decision.letter(Kind.CHALLENGE).facts
    assert asked["note"] == "\n\n".join(["Hello.", "For us.", "You are there."] if shown == "all" else notes)
    assert not any("For us." in one["text"] for one in asked["asked"])
    confirmed = w.confirm()
    assert confirmed.ok
    assert What.NOTE not in confirmed.happened
    assert Kind.NOTE not in [one.kind for one in confirmed.letters]


def test_a_note_on_a_thread_is_kept_where_the_rest_of_the_mail_waits():
    """The token is enough for it; whoever steps back with the same mail has said it before."""
    w = world()
    decision = w.staff("For us.\n[reply]\nThank you.", proof="")
    assert (decision.happened, decision.who(Kind.NOTE)) == ([What.NOTE, What.CHALLENGED], ["ben", "carla"])
    assert decision.letter(Kind.NOTE).facts["proven"] is True
    assert w.staff("[assign:ben]\nI cannot.\n[recuse]", proof="").who(Kind.NOTE) == ["ben", "carla"]


def test_a_refused_mail_leaves_no_note():
    """It is sent once more as a whole."""
    w = world()
    decision = w.new_mail(f"[case:{w.case.code}]\nFor us.\n[assign:zoe]")
    assert (decision.answer["errors"], decision.entries) == (1, [])


def test_a_minimal_question_holds_no_text():
    """An organisation that wants no text in its notices has none in its questions (product.md section 10)."""
    w = World(policy=policy(notices=Notices.MINIMAL))
    w.report()
    facts = w.staff("SECRET note\n[reply]\nSECRET reply", proof="").letter(Kind.CHALLENGE).facts
    assert [one["written"] for one in facts["asked"]] == ["[reply]"]
    assert "SECRET" not in str(facts)


def test_a_question_to_whoever_stepped_back_tells_nothing_of_the_case():
    """Where the same mail keeps its writer out, the question repeats the tags and no more."""
    facts = world().staff("[assign:ben]\nWhy me?\n[recuse]", proof="").letter(Kind.CHALLENGE).facts
    assert [(one["sentence"], one["text"]) for one in facts["asked"]] == [("", ""), ("", "")]


def test_what_is_confirmed_is_carried_out():
    """The answer to the challenge carries out the mail that waited, and is good once."""
    w = world()
    w.staff("[reply]\nThank you.", proof="")
    decision = w.confirm()
    assert decision.to("reporter") == [Kind.REPLY]
    assert decision.answer["proof"] == "your confirmation"
    assert [effect for effect in decision.all(Spend) if effect.challenge]


def test_what_became_impossible_meanwhile_is_refused_when_confirmed():
    """A confirmation carries out nothing that the case does not allow any more."""
    w = world()
    w.staff("[assign:carla]", proof="")
    w.staff("[recuse:carla]", BEN)
    decision = w.confirm()
    assert not decision.ok
    assert w.case.lead is None


def test_whoever_was_recused_meanwhile_confirms_nothing():
    """A confirmation of somebody who is kept out by now is told of no case."""
    w = world()
    w.staff("[reply]\nThank you.", proof="")
    w.staff("[recuse:ana]", BEN)
    decision = w.confirm()
    assert (decision.sentences, leaving(decision)) == ([UNKNOWN_CASE], [])
    assert "state" not in decision.answer


def test_an_alarm_does_not_wait_for_the_confirmation_and_rings_once():
    """Safety takes effect at once, as unverified where nothing proves it; confirming the rest does not ring again."""
    w = world()
    asked = w.staff("[urgent]\n[assign:ben]", proof="", token="")
    assert asked.who(Kind.ALARM) == sorted(TEAM)
    assert not asked.letter(Kind.ALARM).facts["proven"]
    assert w.case.lead is None
    confirmed = w.confirm()
    assert confirmed.who(Kind.ALARM) == []
    assert w.case.lead == "ben"


def test_a_confirmed_danger_does_not_ring_again():
    """safety=yes rings when it is asked back; confirmed, it is determined."""
    w = world()
    assert w.staff("[determine safety=yes]", proof="").who(Kind.ALARM) == sorted(TEAM)
    assert w.confirm().who(Kind.ALARM) == []
    assert w.case.determinations["safety"].value == "yes"


def test_a_recusal_does_not_wait_either():
    """Whoever steps back is out before they confirm the rest, and the question names no case."""
    w = world()
    decision = w.staff("[assign:ben]\n[recuse]", proof="")
    assert w.case.withheld == {"ana": "recused"}
    assert decision.letter(Kind.CHALLENGE).code == ""


def test_a_confirmation_that_nothing_waits_for_is_told_so():
    """Confirmed twice or too late, nothing happens."""
    decision = world().new_mail("[confirm:" + "a" * 26 + "]")
    assert "Nothing waits" in decision.sentences[0]


def test_a_mail_that_waits_for_its_confirmation_may_be_about_no_thread():
    """A new mail of staff about a case by name is asked back, and confirmed like any other."""
    w = world()
    asked = w.new_mail(f"[case:{w.case.code}]\n[assign:ben]")
    assert asked.to("ana") == [Kind.CHALLENGE]
    assert w.confirm().ok
    assert w.case.lead == "ben"


TWICE = ["[take]", "[reply]\nThank you.", "[urgent]\n[assign:nobody]", "[status]\nIt is better now.", "a note"]


@pytest.mark.parametrize("text", TWICE)
def test_the_same_mail_delivered_twice_acts_once(text):
    """A second delivery of the same words under the same token does nothing (behaviour 38)."""
    w = world()
    token = next(one for one, (_, holder) in w.tokens.items() if holder == "ana")
    w.staff(text, token=token)
    before = w.case
    again = w.staff(text, token=token)
    assert w.case == before
    assert [letter.kind for letter in again.letters] == [Kind.ANSWER]
    assert again.entries == []
    assert again.all(Keep)[0].relation == "duplicate"


def test_a_mail_that_changed_nothing_may_be_sent_again():
    """Whoever was refused sends the same again when it is possible; whoever asks every day is told every day."""
    w = world()
    token = next(one for one, (_, holder) in w.tokens.items() if holder == "ana")
    assert not w.staff("[resolve:nothing]", token=token).ok
    assert w.staff("[determine violation=no who=nobody ongoing=no safety=no]\nA misreading.", BEN).ok
    assert w.staff("[resolve:nothing]", token=token).ok
    for _ in range(2):
        assert w.staff("[status]", token=token).ok


def test_a_mail_that_was_asked_back_is_asked_once():
    """Two deliveries of one mail cannot be confirmed twice."""
    w = world()
    token = next(one for one, (_, holder) in w.tokens.items() if holder == "ana")
    assert w.staff("[assign:ben]", token=token, proof="").to("ana") == [Kind.CHALLENGE]
    assert w.staff("[assign:ben]", token=token, proof="").to("ana") == [Kind.ANSWER]


def test_the_same_words_on_a_newer_mail_act_again():
    """Who means it again answers a newer mail of ours."""
    w = world()
    assert w.staff("[reply]\nStill thinking.").to("reporter") == [Kind.REPLY]
    assert w.staff("[reply]\nStill thinking.").to("reporter") == [Kind.REPLY]


def test_a_summary_answered_twice_acts_once():
    """The same holds for answers to letters about no case."""
    w = World()
    w.held()
    text = f"[case:{w.case.code}]\n[report]"
    assert w.on_no_case(text).ok
    again = w.on_no_case(text)
    assert (again.entries, again.all(Keep)) == ([], [])
    assert again.file.kind == "command"


def masked(decision):
    """What somebody can see of a decision: their letters, without tokens and Message-IDs."""
    return [
        (letter.kind, letter.to, letter.ticket_id, letter.code, letter.reference, dict(letter.facts))
        for letter in decision.letters
        if letter.to.handle == "ana"
    ]


COMMANDS = [
    "[status]",
    "[show]",
    "[take]",
    "[reply]\nThank you.",
    "[close]",
    "[help]",
    "[list:open]",
    "[nonsense:x]",
    "[case:quiet-harbour]\n[take]",
    "[status:quiet-harbour]",
    "[recuse]",
    "[unrecuse:ana]",
    "[determine violation=no]",
]


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("proof", [PROOF, ""])
@pytest.mark.parametrize("references", [(), ("gone@x",)])
def test_a_case_one_is_kept_out_of_is_answered_like_none(text, proof, references):
    """A command on a case the sender is recused from is answered in the words for a case that does not exist (behaviour 40)."""
    recused, strange = world(), World()
    recused.staff("[recuse:ana]", BEN)
    text = text.replace("quiet-harbour", recused.case.code)
    strange.decisions = recused.decisions.copy()
    there = recused.staff(text, token="", proof=proof, references=references)
    nowhere = strange.new_mail(text, proof=proof, references=references, subject="At the meetup")
    assert masked(there) == masked(nowhere)


def test_the_team_sees_what_a_recused_colleague_wrote():
    """Their mail is shown to the team like any from outside, and moves nothing."""
    w = world()
    w.staff("[recuse:ana]", BEN)
    decision = w.staff("[close]\nThis is nonsense.", token="")
    assert decision.happened == [What.THIRD_PARTY]
    assert decision.who(Kind.NEW_MESSAGE) == ["ben", "carla"]
    assert decision.letter(Kind.NEW_MESSAGE).facts["relation"] == "kept-out"
    assert decision.file.ticket_id == w.case.id


def test_a_recused_colleague_without_tags_is_told_of_no_case():
    """A note on a case one is kept out of is no note: it is shown to the team as from outside, and answered in the same words."""
    w = world()
    w.staff("[recuse:ana]", BEN)
    decision = w.staff("I disagree.", token="")
    assert decision.happened == [What.THIRD_PARTY]
    assert (decision.to("ana"), decision.answer["remark"]) == ([Kind.ANSWER], UNKNOWN_CASE)
    assert decision.letter(Kind.ANSWER).code == ""


ELSEWHERE = [
    ("[recuse]", What.WITHHELD),
    ("[take]", What.TAKEN),
    ("[note]\nI saw it.", What.NOTE),
    ("[urgent]\nThey are fighting.", What.URGENT),
]


@pytest.mark.parametrize(("text", "what"), ELSEWHERE)
def test_a_recused_colleague_acts_on_another_case_from_the_thread_of_the_first(text, what):
    """What the answer says was done is done, and the mail is the other case's alone."""
    w = world()
    w.staff("[recuse:ana]", BEN)
    first = w.case
    w.report("Somebody pushed me.", sender="lee@other.example")
    second = w.case
    decision = w.staff(f"[case:{second.code}]\n{text}", case=first, token="")
    assert decision.ok
    assert [(effect.ticket.id, entry.what) for effect in decision.all(Append) for entry in effect.entries] == [(second.id, what)]
    assert [one.ticket_id for one in decision.all(Keep)] == [second.id]
    assert bool(decision.all(Withhold)) is (what is What.WITHHELD)
    assert decision.file.ticket_id == second.id
    assert {letter.ticket_id for letter in decision.letters} <= {second.id, None}


def test_a_recused_colleague_confirms_what_they_asked_of_another_case():
    """What was asked back is carried out when it is confirmed, though the mail stood on the thread of a case they are kept out of."""
    w = world()
    w.staff("[recuse:ana]", BEN)
    first = w.case
    w.report("Somebody pushed me.", sender="lee@other.example")
    second = w.case
    asked = w.staff(f"[case:{second.code}]\n[assign:carla]", case=first, token="")
    assert asked.all(Await)
    assert w.confirm().ok
    assert w.current_of(second).lead == "carla"


def test_an_alarm_of_a_recused_colleague_rings_in_a_case_of_its_own():
    """Somebody may be in danger whoever says so; what the alarm is about is decided by those who may know."""
    w = world()
    w.staff("[recuse:ana]", BEN)
    first = w.case.id
    decision = w.staff("[urgent]\nThey are fighting in room 2.", token="")
    assert decision.who(Kind.ALARM) == ["ben", "carla"]
    assert w.case.id != first
    assert w.case.withheld == {"ana": "party"}


def test_whoever_is_out_of_a_case_is_out_of_an_alarm_that_quotes_it():
    """A case that an alarm opens may speak of the one its writer was kept out of: the same people are kept out of it."""
    w = world()
    w.staff("[recuse:ana]\n[recuse:ben]", CARLA)
    decision = w.staff("[urgent]\n> all that was said", token="")
    assert decision.who(Kind.ALARM) == ["carla"]
    assert w.case.withheld == {"ana": "party", "ben": "recused"}


NO_CASE = ["[urgent]\nThey are fighting in room 2.", "[case:no-such]\n[urgent]", "[list:open]\n[determine safety=yes]", "[urgnt]"]


@pytest.mark.parametrize("text", NO_CASE)
@pytest.mark.parametrize("proof", [PROOF, ""])
def test_an_alarm_about_no_case_becomes_a_case(text, proof):
    """An alarm has to ring for somebody: staff in danger need no code name (product.md principle 7)."""
    w = World()
    for decision in (w.new_mail(text, proof=proof), w.on_no_case(text, proof=proof)):
        assert decision.all(Open)
        assert decision.who(Kind.ALARM) == ["ben", "carla"]
        assert w.case.urgent
        assert w.case.running(Duty.TAKE_URGENT)
    assert w.new_mail(text, proof=proof).letter(Kind.ALARM).facts["proven"] is bool(proof)


def test_an_alarm_in_a_new_mail_rings_for_the_case_it_names():
    """Named by its code, the case itself becomes urgent."""
    w = world()
    decision = w.new_mail(f"[case:{w.case.code}]\n[urgent]", proof="")
    assert decision.happened == [What.URGENT]
    assert decision.who(Kind.ALARM) == sorted(TEAM)


def test_a_subject_may_hold_the_tag_of_a_new_mail():
    """In the Subject of a new mail a tag counts; in that of a reply it does nothing (behaviour 29)."""
    w = world()
    assert w.new_mail("", subject="[list:open]").answer["sections"][0]["kind"] == "list"
    assert w.staff("", token="", subject="[urgent]", references=()).happened == [What.URGENT]
    assert w.staff("hello", subject="Re: [urgent] [take]").happened == [What.NOTE]


def test_two_alternatives_with_different_commands_are_refused():
    """Somebody may be shown other commands than we would run: none is carried out, but an alarm rings (security.md)."""
    w = world()
    decision = w.staff("[take]\n[urgent]", commands_differ=True)
    assert decision.happened == [What.URGENT]
    assert "plain text" in decision.answer["remark"]
    assert w.staff("no commands here", commands_differ=True).happened == []
    assert w.new_mail("nor here", commands_differ=True).file.kind == "command"


def test_a_mail_may_be_about_several_cases():
    """Each [case:…] turns to its case; all of the commands apply or none."""
    w = world()
    one = w.case
    w.report("Another report.")
    other = w.case
    assert w.on_no_case(f"[case:{one.code}]\n[take]\n[case:{other.code}]\n[take]").ok
    assert (w.tickets[one.id].lead, w.tickets[other.id].lead) == ("ana", "ana")
    refused = w.on_no_case(f"[case:{one.code}]\n[drop]\n[case:{other.code}]\n[close]")
    assert not refused.ok
    assert w.tickets[one.id].lead == "ana"


def test_a_case_that_is_turned_to_again_is_as_the_mail_left_it():
    """The second [case:…] of the same name finds what the first one did, and a recusal on the way holds."""
    w = world()
    one = w.case
    w.report("Another report.")
    other = w.case
    back = w.on_no_case(f"[case:{one.code}]\n[recuse]\n[case:{other.code}]\n[take]\n[case:{one.code}]\n[show]")
    assert back.sentences[4] == UNKNOWN_CASE
    assert w.on_no_case(f"[case:{other.code}]\n[take]\n[case:{other.code}]\n[drop]").ok


def test_two_outcomes_in_one_mail_go_to_their_own_reporters():
    """Words and outcome of one case never reach the reporter of another."""
    w = world()
    one = w.case
    w.report("Another report.", sender="sam@reporter.example")
    other = w.case
    for case in (one, other):
        assert w.staff(ALL_FIVE, case=case).ok
    text = f'[case:{one.code}]\n[resolve:private-reprimand]\n[reply]\nFor Kim.\n[case:{other.code}]\n[resolve:other label="talk"]\nWe agreed on it.'
    asked = w.on_no_case(text)
    assert asked.to("ana") == [Kind.ANSWER], asked.answer
    letters = {letter.to.address: letter for letter in leaving(asked)}
    assert letters[KIM].facts == {"kinds": ["private-reprimand"], "violation": "yes", "words": "For Kim."}
    assert letters["sam@reporter.example"].facts == {"kinds": ["other"], "violation": "yes", "words": ""}
    copied = [letter for letter in asked.letters if letter.kind is Kind.COPY and letter.to.handle == "ben"]
    assert [letter.ticket_id for letter in copied] == [one.id, other.id]
    assert "For Kim" not in str(copied[1].facts)


def test_the_words_for_one_reporter_are_not_taken_for_an_earlier_one():
    """Also where the case that is decided first has no words for its reporter, and the second one has."""
    w = world()
    one = w.case
    w.report("Another report.", sender="sam@reporter.example")
    other = w.case
    for case in (one, other):
        assert w.staff(ALL_FIVE, case=case).ok
    text = f"[case:{one.code}]\n[resolve:private-reprimand]\n[case:{other.code}]\n[resolve:private-reprimand]\n[reply]\nFor Sam."
    letters = {letter.to.address: letter.facts["words"] for letter in leaving(w.on_no_case(text))}
    assert letters == {KIM: "", "sam@reporter.example": "For Sam."}


def test_a_token_stands_for_its_own_case_only():
    """On the thread of one case, another cannot be turned to; naming the case itself changes nothing."""
    w = world()
    one = w.case
    w.report("Another report.")
    for name in (w.case.code, "no-such"):
        decision = w.staff(f"[case:{name}]\n[take]", case=one)
        assert not decision.ok
        assert "another case" in decision.sentences[0]
    assert w.staff(f"[case:{one.code}]\n[take]", case=one).ok


def test_a_command_without_a_case_says_how_to_name_one():
    """A new mail that names no case is told how."""
    assert "[case:" in World().new_mail("[take]").sentences[0]
    assert "[status:" in World().new_mail("[status]").sentences[0]


def test_the_board_watches():
    """What the board writes on a case is a note for the team; commands of theirs do nothing, but they may step back."""
    w = world()
    w.tick(30 * DAY)
    note = w.staff("Please hurry.", DORA)
    assert note.happened == [What.NOTE]
    assert note.who(Kind.NOTE) == sorted(TEAM)
    order = w.staff("[close]", DORA)
    assert (order.happened, order.answer["errors"]) == ([What.NOTE], 1)
    assert w.staff("[recuse]", DORA).happened == [What.WITHHELD, What.NOTE]
    assert w.case.withheld == {"dora": "recused"}


def test_the_board_is_told_nothing_of_a_case_it_wrote_about():
    """The answer to the board names neither state nor people."""
    w = world()
    w.staff(ALL_FIVE)
    w.tick(30 * DAY)
    facts = w.staff("Please hurry.", DORA).answer
    assert set(facts) == {"results", "errors", "again", "remark", "proof", "sent", "cut", "sections"}


def test_the_contact_outside_acts_where_nobody_else_can():
    """When all staff are kept out, the fallback contact works on the case like staff."""
    w = world("Ana, Ben and Carla did it.")
    assert w.staff("[take]", FELIX).ok
    assert w.case.lead == "fallback"
    assert w.staff("I will call them.", FELIX).answer["remark"] == NOTED_ALONE


def test_a_case_that_everybody_left_is_an_alarm():
    """One by one down to none, and again with whatever comes to it: a report must not lie where nobody ever looks."""
    w = world("Ana, Ben and Carla did it.")
    w.staff("[urgent]", DORA)
    assert w.staff("[recuse]", FELIX).all(Alarm) == []
    alarm = Alarm(kind="nobody-may-see", ticket_id=w.case.id)
    assert w.staff("[recuse]", DORA).all(Alarm) == [alarm]
    assert w.wrote("Is anybody there?").all(Alarm) == [alarm]
    w = world("Ana, Ben, Carla and Felix did it.")
    assert w.wrote("Dora did, too.").all(Alarm) == [Alarm(kind="nobody-may-see", ticket_id=w.case.id)]


OUTSIDE = ["[case:CODE]\n[take]", "[status:CODE]", "[show:CODE]"]


@pytest.mark.parametrize("text", OUTSIDE)
def test_the_contact_outside_has_no_case_while_there_is_a_team(text):
    """As long as one clean person of the staff is left, a case is nothing to the contact outside (product.md principle 6)."""
    w = world()
    decision = w.on_no_case(text.replace("CODE", w.case.code), FELIX)
    assert decision.sentences[0] == UNKNOWN_CASE
    assert decision.answer["sections"] == []
    assert w.on_no_case("[list:open]", FELIX).answer["sections"][0]["rows"] == []


def test_an_answer_to_the_reporter_beside_us_is_filed():
    """Staff who answer the reporter directly with a copy to us are asked for [answered], which counts (product.md section 3)."""
    w = world()
    decision = w.staff("Dear Kim, thank you.", copied_to=(KIM,))
    assert decision.happened == [What.OUTSIDE_ANSWER]
    assert decision.all(Keep)[0].relation == "outside-answer"
    assert "[answered]" in decision.answer["remark"]
    assert decision.letter(Kind.COPY, "ben").facts["done"][0]["text"] == "Dear Kim, thank you."
    assert (leaving(decision), w.case.running(Duty.RESPOND)) == ([], True)
    assert w.staff("[answered]").ok
    assert not w.case.running(Duty.RESPOND)


def test_tags_in_a_mail_to_the_reporter_do_nothing_but_ring():
    """The reporter reads that mail too: only an alarm and a recusal count in it."""
    w = world()
    decision = w.staff("[answered]\n[urgent]", copied_to=(KIM,))
    assert decision.happened == [What.OUTSIDE_ANSWER, What.URGENT]
    assert w.case.running(Duty.RESPOND)


def test_everything_done_is_journaled():
    """Each entry has its line in the journal, with who did it and no word of anybody (behaviour 51)."""
    decision = world().staff("[take]\n[reply]\nThank you.")
    assert [(line.verb, line.by) for line in decision.all(Journal)] == [("taken", "ana"), ("letter", "ana")]
    assert "Thank" not in str(decision.all(Journal))


def test_a_case_is_written_once_for_each_mail():
    """All entries of a mail on one case are one piece of writing, against the version that was read."""
    w = world()
    before = w.case
    (append,) = w.staff(ALL_FIVE + "[resolve:private-reprimand]\n[told:P1]").all(Append)
    assert append.ticket == before
    assert len(append.entries) == 5


def test_no_answer_goes_to_an_address_that_is_not_registered():
    """Answers and questions go to the configured address, whatever the mail claims."""
    w = world()
    decision = w.staff("[take]", name="Somebody Else", address="elsewhere@x.example")
    letters = [effect.letter for effect in decision.all(Send) if effect.letter.kind not in TO_REPORTER]
    assert {letter.to.address for letter in letters} <= {person.address for person in (ANA, BEN, CARLA)}
    assert ANA.address in {letter.to.address for letter in letters}


def test_what_leaves_this_second_is_nothing_to_see_to():
    """The answer to what sends a letter that meets or moves the deadline says so, and names no deadline that is about to go."""
    w = world()
    facts = w.staff("[explain until=2026-11-28]\nWe wait for the hotel.").answer
    assert (facts["under_way"], facts["next_deadline"], facts["week_runs"]) == ("explanation", None, True)
    assert facts["explained_until"].startswith("2026-11-28T22:59")
    facts = w.staff(ALL_FIVE + "[resolve:private-reprimand]").answer
    assert (facts["under_way"], facts["next_deadline"]) == ("outcome", None)
    assert [duty[:7] for duty in facts["open"]] == ["tell P1"]


def test_what_left_earlier_and_is_not_taken_stays_in_sight():
    """A later answer tells of the letter that the mail server has not taken, and of the deadline that still runs."""
    w = world()
    w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    facts = w.staff("[told:P1]").answer
    assert (facts["under_way"], facts["open"]) == ("", [NOT_TAKEN])
    assert facts["next_deadline"] == w.case.clocks[Duty.RESPOND].due_at.isoformat()


def test_no_more_than_three_questions_wait():
    """Beyond three open challenges nobody is asked: the mail is a note, nothing of it is carried out, and its writer learns why."""
    w = world()
    thread = Thread(ticket=w.case, found=Found.TOKEN, token="t" * 26, holder="ana")
    asked = mail("I spoke to both.\n[answered]", sender=ANA.address, received_at=w.now, references=("a@club.example",))
    assert w.arrive(asked, thread=thread, open_challenges=2).to("ana") == [Kind.CHALLENGE]
    decision = w.arrive(
        replace(asked, new_text=asked.new_text + " ", inbox_id=77), thread=replace(thread, ticket=w.case, token="u" * 26), open_challenges=3
    )
    assert not decision.all(Await)
    assert decision.to("ana") == [Kind.ANSWER]
    assert decision.to("ben") == [Kind.NOTE]
    assert decision.happened == []
    assert [keep.relation for keep in decision.all(Keep)] == ["note"]
    assert "3 other mails" in decision.answer["remark"]
    assert "internal note" in decision.answer["remark"]
    assert decision.answer["errors"] == 1
    assert w.case.answered_at is None


def test_what_is_not_asked_on_no_case_is_no_note():
    """Commands without a case, or without another word, leave nothing that could be kept; the alarm rings all the same."""
    w = world()
    lone = w.arrive(mail(f"[status:{w.case.code}]", sender=ANA.address, received_at=w.now), open_challenges=3)
    assert (lone.to("ana"), lone.happened) == ([Kind.ANSWER], [])
    assert "internal note" not in lone.answer["remark"]
    thread = Thread(ticket=w.case, found=Found.TOKEN, token="t" * 26, holder="ana")
    rung = w.arrive(mail("[urgent]\nShe is outside.\n[answered]", sender=ANA.address, received_at=w.now), thread=thread, open_challenges=3)
    assert What.URGENT in rung.happened
    assert w.case.answered_at is None
