"""The five determinations and the resolutions (playbook lines 75 to 97)."""

import re
from itertools import product

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.entry import What
from maild.playbook.letters import Kind
from maild.playbook.progress import DETERMINATIONS, missing
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, BEN, DAY, HOUR, KIM, MONDAY, NO_VIOLATION, World, closed, leaving, resolved

ONE_OF_FIVE = {
    "what": "[determine what]\nRobin talked over the speaker.",
    "violation": "[determine violation=yes]",
    "who": '[determine who="Robin Example"]',
    "ongoing": "[determine ongoing=no]",
    "safety": "[determine safety=no]",
}


def world(**changes):
    """A world with one report that is acknowledged."""
    made = World()
    made.report(**changes)
    made.accepted()
    return made


def determined(text=ALL_FIVE, **changes):
    """A world with one report and these determinations."""
    made = world(**changes)
    assert made.staff(text).ok
    return made


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    assert leaving(decision) == []
    return decision.sentences[-1]


EVERY_CHOICE = [dict(zip(DETERMINATIONS, chosen, strict=True)) for chosen in product((False, True), repeat=5)]


@pytest.mark.parametrize("made", EVERY_CHOICE, ids=["".join("x" if one else "-" for one in made.values()) for made in EVERY_CHOICE])
def test_a_resolution_needs_all_five_determinations(made):
    """Of the 32 ways to have made some of the five, only all of them allow a resolution; the refusal lists exactly the missing ones."""
    w = world()
    left = tuple(name for name in DETERMINATIONS if not made[name])
    texts = [ONE_OF_FIVE[name] for name in DETERMINATIONS if made[name]]
    decision = w.staff("\n".join([*texts, '[resolve:other label="talk"]\nWe agreed on it.']))
    assert decision.ok is (left == ())
    if left:
        assert f"Not determined yet: {', '.join(left)}." in decision.sentences[-1]
        assert ("in the lines below it" in decision.sentences[-1]) is ("what" in left)
        assert all((f" {name}=" in decision.sentences[-1]) is (name in left) for name in DETERMINATIONS[1:])
        assert w.case.resolutions == ()
    else:
        assert w.case.state is State.RESOLVED


def test_the_line_to_copy_is_a_line_that_works():
    """Whoever fills in the line of the refusal has determined what was missing."""
    w = world()
    sentence = w.staff("[resolve:nothing]").sentences[0]
    line = sentence[sentence.index("[determine") : sentence.index("]") + 1]
    assert line == '[determine what violation=yes who="their name" ongoing=no safety=no]'
    filled = line.replace("yes", "no").replace('"their name"', "nobody")
    assert w.staff(f"{filled}\nIt was a misreading.\n[resolve:nothing]").ok


def test_each_determination_counts_by_itself_and_together():
    """They may come in one mail or in five, and the answer says what is left."""
    w = world()
    for number, text in enumerate(ONE_OF_FIVE.values(), start=1):
        clocks = w.case.clocks
        decision = w.staff(text)
        assert decision.ok
        assert number == 1 or w.case.clocks == clocks, "the first one makes its writer the lead; none moves a deadline"
        assert len(missing(w.case)) == 5 - number
        assert ("Still to determine" in decision.sentences[0]) is (number < 5)


NOT_DETERMINED = [
    ("[determine what]", "lines below", "what happened, without a word"),
    ("[determine]", "determines nothing", "nothing at all"),
    ("[determine violation=maybe]", "cannot-tell", "a violation that is a maybe"),
    ("[determine who=P4]", "There is no P4", "somebody who is not on the case"),
    ("[determine who=Robin]", "in quotation marks", "a name without its quotation marks"),
]


@pytest.mark.parametrize(("text", "words", "why"), NOT_DETERMINED, ids=[why for *_, why in NOT_DETERMINED])
def test_what_is_no_determination_is_refused_with_the_choices(text, words, why):
    """An unknown value is refused, with the choices listed (product.md section 6)."""
    assert words in refusal(world().staff(text))


WHO = [
    ("who=unknown", (), "unknown", "nobody knows who"),
    ("who=nobody", (), "nobody", "it was nobody"),
    ('who="Robin Example"', ("P1",), "P1", "a quoted name becomes a respondent"),
    ('who="the man in the red hat"', ("P1",), "P1", "so does a description"),
    ('who="Robin","Sam"', ("P1", "P2"), "P1,P2", "two of them"),
    ('who="Robin","robin"', ("P1",), "P1", "the same one said twice"),
]


@pytest.mark.parametrize(("who", "refs", "value", "why"), WHO, ids=[why for *_, why in WHO])
def test_whoever_is_determined_is_a_respondent(who, refs, value, why):
    """P-refs, a quoted name or description, which makes a person with the role respondent, unknown, nobody (section 5)."""
    w = world()
    assert w.staff(f"[determine {who}]").ok
    assert tuple(one.ref for one in w.case.respondents) == refs
    assert w.case.determinations["who"].value == value


def test_a_witness_who_is_determined_becomes_a_respondent():
    """Whatever somebody was on the case before, by reference or by name; and keeps their name and address."""
    for who in ("P1", '"SAM"'):
        w = world()
        w.staff('[person:P1 role=witness name="Sam" address=sam@x.example]')
        assert w.staff(f"[determine who={who}]").ok
        (one,) = w.case.people
        assert (one.role, one.name, one.address) == ("respondent", "Sam", "sam@x.example")


def test_who_may_be_determined_again():
    """Saying the same once more is another version of the determination and no other person."""
    w = determined()
    people = w.case.people
    assert w.staff("[determine who=P1]").sentences == ["Recorded: who."]
    assert w.case.people == people
    assert w.case.determinations["who"].version == 2


def test_a_hundredth_person_is_a_reference_too():
    """No reference, however high, is taken for a name."""
    assert "There is no P100" in refusal(world().staff("[determine who=P100]"))


def test_a_later_determination_supersedes_and_the_earlier_stays_in_the_history():
    """Both are entries; the last one holds (product.md section 5)."""
    w = determined()
    w.wait(HOUR)
    assert w.staff("[determine violation=no]", BEN).ok
    assert (w.case.determinations["violation"].value, w.case.determinations["violation"].version) == ("no", 2)
    values = [entry.facts["values"].get("violation") for one in w.decisions for entry in one.entries if entry.what is What.DETERMINED]
    assert values == ["yes", "no"]
    assert w.staff("[determine what]\nRobin misheard the speaker.").ok
    what = w.case.determinations["what"]
    assert (what.value, what.version) == ("Robin misheard the speaker.", 2)


def test_whoever_determines_without_a_lead_leads():
    """A tired volunteer need not remember [take]; who leads already goes on leading."""
    w = determined()
    assert w.case.lead == "ana"
    w.staff("[determine ongoing=yes]", BEN)
    assert w.case.lead == "ana"


def test_a_case_is_urgent_until_nobody_is_in_danger():
    """Then nobody is alarmed for it again, be it dropped or left by its lead; a new danger rings anew."""
    w = world()
    w.staff("[urgent]\n[take]")
    assert w.staff("[determine violation=yes]").sentences[0].startswith("Recorded: violation. Still")
    assert w.case.urgent
    assert "The case is no longer urgent; [urgent] rings again." in w.staff("[determine safety=no]").sentences[0]
    assert not w.case.urgent
    w.staff("[drop]")
    assert (w.case.running(Duty.TAKE), w.case.running(Duty.TAKE_URGENT)) == (True, False)
    assert "no longer urgent" not in w.staff("[determine safety=no]").sentences[0]
    assert w.staff("[determine safety=yes]").who(Kind.ALARM) == ["ana", "ben", "carla"]
    assert w.case.urgent
    assert w.staff("[determine safety=no]", BEN).ok
    assert w.tick(3 * HOUR).who(Kind.ALARM) == []


def test_a_closed_case_is_not_urgent():
    """Nor when its reporter writes again: whoever reads that says so, if it is."""
    w = World()
    w.report()
    w.staff(f"[urgent]\n[take]\n{ALL_FIVE.replace('safety=no', 'safety=yes')}[resolve:private-reprimand]\n[told:P1]")
    w.accepted(Kind.OUTCOME)
    assert w.case.urgent
    assert w.staff("[close]").ok
    assert not w.case.urgent
    w.wrote("It happened again.")
    assert w.staff("[determine safety=yes]").who(Kind.ALARM) == ["ana", "ben", "carla"]


def test_danger_alarms_everybody():
    """safety=yes reaches all who may see the case, again and again until somebody takes it; to lead by determining is not enough."""
    w = world()
    decision = w.staff("[determine safety=yes]")
    assert decision.ok
    assert decision.who(Kind.ALARM) == ["ana", "ben", "carla"]
    assert w.case.urgent
    assert w.case.running(Duty.TAKE_URGENT)
    assert w.staff("[determine safety=yes]").who(Kind.ALARM) == []
    assert [w.tick(HOUR).who(Kind.ALARM) for _ in range(3)] == [["ana", "ben", "carla"]] * 3
    w.staff("[take]")
    assert not w.case.running(Duty.TAKE_URGENT)
    assert w.tick(3 * HOUR).who(Kind.ALARM) == []


KINDS = [
    (ALL_FIVE, "nothing", "", "violation", "nothing, though it is a violation"),
    (NO_VIOLATION, "nothing", "", None, "nothing, as it is none"),
    (ALL_FIVE.replace("=yes", "=cannot-tell", 1), "nothing", "", None, "nothing, as nobody can tell"),
    (ALL_FIVE, "private-reprimand", "", None, "a reprimand for a violation"),
    (NO_VIOLATION, "private-reprimand", "", "violation=yes", "a reprimand without one"),
    (ALL_FIVE.replace("=yes", "=cannot-tell", 1), "private-reprimand", "", "violation=yes", "a reprimand for what nobody can tell"),
    (NO_VIOLATION, 'other label="talk"', "We spoke with both.", None, "something else, with its text"),
    (ALL_FIVE, 'other label="talk"', "", "label and text", "something else without a text"),
    (ALL_FIVE, "other", "We spoke with both.", "label and text", "something else without a label"),
    (ALL_FIVE.replace('"Robin Example"', "unknown"), "private-reprimand", "", "Say whom it concerns", "a reprimand for nobody known"),
    (ALL_FIVE.replace('"Robin Example"', '"Robin","Sam"'), "private-reprimand", "", "Say whom it concerns", "for one of two"),
    (ALL_FIVE.replace('"Robin Example"', '"Robin","Sam"'), "private-reprimand to=P1,P2", "", None, "for both"),
    (ALL_FIVE, "private-reprimand to=P9", "", "names nobody", "for somebody who is not there"),
    (ALL_FIVE, 'other label="talk" to=P9', "We spoke.", "names nobody", "something else for somebody who is not there"),
    (NO_VIOLATION, 'other label="talk" to=P1', "We spoke.", "nobody is on the case", "or for anybody, where nobody is"),
]


@pytest.mark.parametrize(("above", "kind", "below", "objection", "why"), KINDS, ids=[why for *_, why in KINDS])
def test_each_kind_of_resolution_has_its_rules(above, kind, below, objection, why):
    """`nothing` only without a violation, a measure only with one and for somebody, `other` with label and text (section 5)."""
    decision = determined(above).staff(f"[resolve:{kind}]\n{below}")
    assert decision.ok is (objection is None), decision.sentences
    assert objection is None or objection in refusal(decision)


ELSEWHERE = [
    ("[determine who=nobody]", "private-reprimand", "You determined who=nobody, and private-reprimand is for somebody."),
    ("[determine who=unknown]", "private-reprimand to=P1", "You determined who=unknown, and private-reprimand is for somebody."),
    (
        "[person:P2 name=Wim role=witness]",
        "private-reprimand to=P2",
        "P2 is on this case as witness, and private-reprimand is for a respondent.",
    ),
    ("[person:P2 name=Kim role=reporter]", "apology private to=P1,P2", "P2 is on this case as reporter, and apology is for a respondent."),
]


@pytest.mark.parametrize(("above", "kind", "sentence"), ELSEWHERE)
def test_a_measure_is_for_whom_it_was_determined(above, kind, sentence):
    """What was determined last holds, and a wrong reference punishes no witness; the line in the refusal makes it possible."""
    w = determined()
    assert w.staff(above).ok
    said = refusal(w.staff(f"[resolve:{kind}]"))
    assert said.startswith(sentence)
    line = re.search(r"\[determine who=[^]]*\]", said)[0]
    assert w.staff(f"{line}\n[resolve:{kind}]").ok


def test_text_under_a_resolution_asks_for_whom_it_is():
    """Nobody guesses whether it is for the reporter or for the person concerned (product.md section 6, behaviour 37)."""
    for above, name in ((ALL_FIVE, "P1"), (NO_VIOLATION, "the respondent")):
        kind = "nothing" if above is NO_VIOLATION else "private-reprimand"
        sentence = refusal(determined(above).staff(f"[resolve:{kind}]\nYou behaved badly."))
        assert "for whom" in sentence
        assert "[reply]" in sentence
        assert name in sentence


COMBINED = [
    ('[resolve:nothing]\n[resolve:other label="talk"]\nWe spoke.', False, "nothing with something"),
    ('[resolve:other label="talk"]\nWe spoke.\n[resolve:nothing]', False, "something with nothing"),
    ('[resolve:other label="talk"]\nWe spoke.\n[resolve:other label="walk"]\nWe walked.', True, "two of the others"),
    ("[resolve:nothing]\n[resolve:nothing]", True, "nothing twice is nothing"),
]


@pytest.mark.parametrize(("text", "allowed", "why"), COMBINED, ids=[why for *_, why in COMBINED])
def test_several_may_be_combined_and_nothing_with_none(text, allowed, why):
    """Several resolutions may be combined; `nothing` with none (product.md section 5), in one mail or in two."""
    assert determined(NO_VIOLATION).staff(text).ok is allowed
    w = determined(NO_VIOLATION)
    first, _, second = text.partition("\n[resolve")
    assert w.staff(first).ok
    assert w.staff(f"[resolve{second}").ok is allowed


def test_a_case_that_is_reopened_is_decided_anew():
    """What was decided before it was opened again stands in nobody's way."""
    w = determined(NO_VIOLATION)
    w.staff("[resolve:nothing]")
    w.wait(HOUR)
    assert "[reopen]" in refusal(w.staff('[resolve:other label="talk"]\nWe spoke.'))
    assert w.staff('[reopen]\n[resolve:other label="talk"]\nWe spoke.').ok


def test_the_reporter_gets_one_outcome_letter():
    """Of its kind, from the template, with what was found and nothing of the case's own words (product.md section 6)."""
    w = determined(NO_VIOLATION)
    decision = w.staff('[resolve:other label="SECRET"]\nWe spoke with Robin.\n[resolve:other label="walk"]\nWe walked.')
    (letter,) = leaving(decision)
    assert (letter.kind, letter.to.address) == (Kind.OUTCOME, KIM)
    assert letter.facts == {"kinds": ["other"], "violation": "no", "words": ""}
    assert decision.answer["sent"] == ["the outcome letter"]


WORDS = [
    ("[resolve:private-reprimand]\n[reply]\nThank you, Kim.", "Thank you, Kim.", "below the resolution"),
    ("[reply]\nThank you, Kim.\n[resolve:private-reprimand]", "Thank you, Kim.", "above it"),
    ("[reply]\nThank you.\n[resolve:private-reprimand]\n[reply]\nBe well.", "Thank you.\n\nBe well.", "on both sides"),
]


@pytest.mark.parametrize(("text", "words", "why"), WORDS, ids=[why for *_, why in WORDS])
def test_the_words_of_a_reply_go_into_the_outcome_letter(text, words, why):
    """The reporter gets one letter, with the words of a [reply] in the same mail (product.md section 6); they stay in the history."""
    decision = determined().staff(text)
    (letter,) = leaving(decision)
    assert (letter.kind, letter.facts["words"]) == (Kind.OUTCOME, words)
    assert decision.answer["sent"] == ["the outcome letter"]
    assert "\n\n".join(entry.facts["text"] for entry in decision.entries if entry.what is What.LETTER) == words


def test_silent_sends_the_reporter_nothing_and_leaves_the_week_running():
    """A silent resolution answers nobody, and the answer says so; a [reply] beside it is a letter of its own (section 7)."""
    w = determined()
    decision = w.staff("[resolve:private-reprimand silent]")
    assert leaving(decision) == []
    assert "runs on" in decision.sentences[0]
    assert w.case.running(Duty.RESPOND)
    assert "has not been told" in refusal(w.staff("[told:P1]\n[close]"))
    assert w.staff("[answered]\n[told:P1]\n[close]").ok
    beside = determined().staff("[resolve:private-reprimand silent]\n[reply]\nThank you, Kim.")
    assert [letter.kind for letter in leaving(beside)] == [Kind.REPLY]


def test_of_a_silent_and_a_told_resolution_the_reporter_hears_the_told_one():
    """What is silent stays out of the outcome letter."""
    decision = determined().staff('[resolve:private-reprimand silent]\n[resolve:other label="talk"]\nWe spoke.')
    assert leaving(decision)[0].facts["kinds"] == ["other"]


@pytest.mark.parametrize("silent", ["", " silent"])
def test_a_reporter_without_an_address_needs_no_answer(silent):
    """Where nobody can be answered the week ends with the resolution, and the answer says so (product.md section 7)."""
    w = World()
    w.report(strict_sender="", name="Two People")
    decision = w.staff(f"{ALL_FIVE}[resolve:private-reprimand{silent}]")
    assert decision.ok
    assert leaving(decision) == []
    assert "no address" in decision.sentences[1]
    assert not w.case.running(Duty.RESPOND)
    assert w.staff("[told:P1]\n[close]").ok


def test_only_an_accepted_outcome_ends_the_week():
    """Resolved is not answered: the letter has to be accepted (product.md section 7)."""
    w = resolved(accepted=False)
    assert w.case.running(Duty.RESPOND)
    w.accepted(Kind.OUTCOME)
    assert not w.case.running(Duty.RESPOND)


def test_an_outcome_that_was_lost_can_be_sent_again():
    """The same resolution once more sends another letter."""
    w = resolved()
    w.lost(Kind.OUTCOME)
    assert w.case.running(Duty.RESPOND)
    assert [letter.kind for letter in leaving(w.staff("[resolve:private-reprimand]"))] == [Kind.OUTCOME]


def test_whom_a_measure_is_for_has_to_be_told():
    """Everybody it is for stands in the duties, and the answer says how to end them."""
    w = determined(ALL_FIVE.replace('"Robin Example"', '"Robin","Sam"'))
    decision = w.staff("[resolve:private-reprimand to=P1,P2]")
    assert w.case.untold == ("P1", "P2")
    assert "[told:P1]" in decision.sentences[0]
    assert "[told:P2]" in decision.sentences[0]
    w.staff('[resolve:other label="talk" to=P1]\nWe speak with Robin.')
    assert [made.to for made in w.case.resolutions] == [("P1", "P2"), ("P1",)]


TOLD_AT_ONCE = [
    ("[resolve:private-reprimand to=P1,P2]\n[told:p1]", ["P2"], "told in the same mail"),
    ("[told:P1]\n[resolve:private-reprimand to=P1]", ["P1"], "told before: of what?"),
    ("[resolve:private-reprimand to=P1]\n[case:{code}]\n[told:P1]", [], "told on the same case, which is named"),
]


@pytest.mark.parametrize(("text", "asked", "why"), TOLD_AT_ONCE, ids=[why for *_, why in TOLD_AT_ONCE])
def test_nobody_is_asked_for_what_the_same_mail_says(text, asked, why):
    """Who tells the respondent and writes so at once is not asked to."""
    w = determined(ALL_FIVE.replace('"Robin Example"', '"Robin","Sam"'))
    said = next(one for one in w.staff(text.format(code=w.case.code)).sentences if one.startswith("Resolved"))
    assert [ref for ref in ("P1", "P2") if f"Please tell {ref}" in said] == asked


def test_a_measure_without_a_name_is_for_the_only_respondent():
    """`to` may be left out when there is exactly one respondent (product.md section 6); `other` is for nobody unless it says so."""
    w = determined()
    w.staff('[resolve:private-reprimand]\n[resolve:other label="talk"]\nWe spoke.')
    assert [made.to for made in w.case.resolutions] == [("P1",), ()]


def test_a_closed_case_is_not_decided():
    """It has to be opened first."""
    w = closed()
    assert "[reopen]" in refusal(w.staff("[resolve:private-reprimand]"))
    assert "[reopen]" in refusal(w.staff("[determine violation=no]"))


def test_one_mail_does_it_all_on_day_one():
    """A volunteer who answers the notice with [determine …] and [resolve:…] succeeds with that one mail (product.md section 6)."""
    w = World()
    w.report()
    decision = w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    assert decision.ok
    assert decision.to("reporter") == [Kind.OUTCOME]
    assert (w.case.state, w.case.lead) == (State.RESOLVED, "ana")


def test_one_mail_and_one_confirmation_elsewhere():
    """Where no host says who sent it, the same mail succeeds with one confirmation more (product.md section 6)."""
    w = World()
    w.report()
    asked = w.staff(ALL_FIVE + "[resolve:private-reprimand]", proof="")
    assert asked.to("ana") == [Kind.CHALLENGE]
    w.wait(DAY / 2)
    assert w.confirm().to("reporter") == [Kind.OUTCOME]
    assert w.case.resolutions[0].at == MONDAY + DAY / 2


AT_ODDS = [
    (NO_VIOLATION + "[resolve:nothing]", '[determine violation=yes who="Robin"]', "nothing", "[reopen] [resolve:private-reprimand]"),
    (ALL_FIVE + "[resolve:private-reprimand]", "[determine violation=no]", "private-reprimand", "[reopen] [resolve:nothing]"),
    (
        ALL_FIVE + "[resolve:ban spaces=all permanent]",
        "[determine violation=cannot-tell]",
        "ban",
        "[reopen] [resolve:nothing], and [lift:S1]",
    ),
]


@pytest.mark.parametrize(("decided", "determined", "kind", "lines"), AT_ODDS, ids=[kind for *_, kind, _ in AT_ODDS])
def test_a_determination_that_the_resolution_does_not_go_with_is_recorded_and_told(decided, determined, kind, lines):
    """Facts are not refused; the answer says that the resolution stands and how to decide anew, and that line works."""
    w = World()
    w.report()
    assert w.staff(decided).ok
    w.wait(HOUR)
    decision = w.staff(determined)
    assert decision.ok
    assert f"The case is resolved with {kind}, and that stands. To decide anew: {lines}." in decision.sentences[0]
    assert w.staff(lines.partition(", and ")[0]).ok


def test_a_determination_that_goes_with_the_resolution_says_nothing_of_it():
    """Nor does one of something else."""
    w = resolved()
    assert w.staff("[determine violation=yes ongoing=no]").sentences == ["Recorded: violation, ongoing."]
    assert w.staff("[determine safety=no]").sentences == ["Recorded: safety."]
