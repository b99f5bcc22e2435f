"""What must not stand in a report that everybody may read: each hit is named, and what an event without a case would say is none."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.people import Person, Role
from maild.playbook.policy import Space
from maild.playbook.presentations import Presentation
from maild.playbook.publishing import CALLED, COUNTED, COUNTS, DATE, DAY, KEPT, MIXED, NAMED, SEX, TIME, TITLED, not_publishable, visible
from maild.playbook.scopes import scope_of
from maild.playbook.ticket import CasePerson, Determination, Reporter, Resolution
from maild.playbook.transparency import Incident, every_tier, numbers
from maild.render import Templates
from tests.playbook.cases import ANA, BEN, DORA, FELIX, MONDAY, PYCON, policy, ticket

GONE = Person(handle="gus", name="Gustav Grech", address="gus@staff.example", role=Role.STAFF, active=False)

POLICY = policy(
    *(ANA, BEN, DORA, FELIX, GONE),
    conferences=(PYCON,),
    spaces=(Space(slug="forum", name="The forum", contact="mo.mifsud@forum.example"),),
    guide_url="https://club.example/guide",
)
TEMPLATES = Templates(POLICY)
EVENT = scope_of("pycon-2026", POLICY)
HARMLESS = TEMPLATES.told_of_nobody(every_tier(EVENT))

KIM = Reporter(name="May Novak", address="kim.kelly7@home.example", language="en", message_id="1@mail.example", contact="kk@old.example")

CASE = ticket(
    reporter=KIM,
    people=(
        CasePerson(ref="P1", role="respondent", name="Robin O'Farrell", address="rob@away.example"),
        CasePerson(ref="P2", role="witness", name="the person at the tall green coffee machine"),
    ),
    presentations=(Presentation(what="minor", talk="Ten ways to tame wild pandas quickly"), Presentation(what="minor", talk="Snakes")),
    resolutions=(Resolution(kind="other", to=(), label="a walk around the old harbour", text="", by="ana", at=MONDAY),),
    determinations={"what": Determination(value="Somebody threw cake over the speaker.", by="ana", at=MONDAY, version=1)},
)
OTHER = ticket(
    id=2,
    code="amber-owl",
    reference="R-22222",
    reporter=None,
    people=(CasePerson(ref="P1", role="witness", name="Zoë Ħili"), CasePerson(ref="P2", role="witness", name="\u738b\u4f1f")),
)
CASES = (ticket(reporter=KIM, people=CASE.people, presentations=CASE.presentations, resolutions=CASE.resolutions), CASE, OTHER)

REPORT = "I was in the queue behind them when it happened to all of us."


def hits(text: str, *texts: str, tickets=CASES, known: str = HARMLESS) -> list[str]:
    return list(not_publishable(text, known=known, tickets=tickets, texts=(REPORT, *texts), policy=POLICY, own=text))


SEEDED = [
    ("We thank Robin.", "robin", NAMED, "a first name"),
    ("We thank the O’Farrells, O'Farrell above all.", "farrell", NAMED, "a family name with an apostrophe"),
    ("We thank ZOE.", "zoe", NAMED, "a name without its accents"),
    ("We thank Hili.", "hili", NAMED, "a name without its Maltese letters"),
    ("We thank No\u00advak.", "novak", NAMED, "a name with a soft hyphen in it"),
    ("Write to rob@away.example.", "rob away example", NAMED, "an address"),
    ("We thank kim.kelly7.", "kim kelly7", NAMED, "what stands before the @"),
    ("We thank @kimkelly7.", "kimkelly7", NAMED, "the same as one word"),
    ("Write to kk@old.example.", "kk old example", NAMED, "an address that may not be written to"),
    ("We thank ana.", "ana", NAMED, "the handle of one of us"),
    ("We thank Mr Abela.", "abela", NAMED, "the family name of one of us"),
    ("We thank anabel.", "anabel", NAMED, "another name of one of us"),
    ("We thank Gustav.", "gustav", NAMED, "one who is no longer of staff"),
    ("We thank Dora.", "dora", NAMED, "one of the board"),
    ("We thank Farrugia.", "farrugia", NAMED, "the contact outside of the team"),
    ("We thank Mifsud.", "mifsud", NAMED, "who carries out what concerns a space"),
    ("There is more coffee now.", "coffee", NAMED, "a word of a description that stands for a name"),
    ("It was quiet-harbour again.", "quiet harbour", CALLED, "a code name"),
    ("It was Quiet Harbour again.", "quiet harbour", CALLED, "a code name in other letters"),
    ("It was R-7K3QF.", "7k3qf", CALLED, "a reference"),
    ("It was 22222.", "22222", COUNTED, "the digits of a reference"),
    ("After “Ten Ways to Tame Wild Pandas Quickly”.", "ten ways to tame wild", TITLED, "the title of a talk"),
    ("Call 5550100.", "5550100", COUNTED, "a telephone number"),
    ("In room 1204.", "1204", COUNTED, "four digits"),
    ("As in 2025.", "2025", COUNTED, "another year"),
    ("Call ٥٥٥٠.", "٥٥٥٠", COUNTED, "digits of another script"),
    ("On Friday we closed early.", "friday", DAY, "a day of the week"),
    ("No talks on Sundays.", "sundays", DAY, "several"),
    ("On Thu we closed.", "thu", DAY, "a short one"),
    ("On 27 November we closed.", "27 november", DATE, "a day of the month of the event"),
    ("On November 27th we closed.", "27th", DATE, "the same the other way round"),
    ("On the 3rd of May we closed.", "3rd may", DATE, "a day of a month that is a word as well"),
    ("We met in October.", "october", DATE, "another month"),
    ("We met in Oct.", "oct", DATE, "a short one"),
    ("On 27/11 we closed.", "27/11", DATE, "a date in figures"),
    ("On 27.11. we closed.", "27.11.", DATE, "a date in German figures"),
    ("On 27-11-26 we closed.", "27-11-26", DATE, "a date with hyphens"),
    ("We closed at 14:30.", "14:30", TIME, "a time of day"),
    ("We closed at 9.45.", "9.45", TIME, "with a dot"),
    ("We closed at 3pm.", "3pm", TIME, "by twelve hours"),
    ("We closed at 3 p.m. that day.", "3 p.m", TIME, "with dots"),
    ("We closed at three o’clock.", "o’clock", TIME, "in words"),
    ("We closed at noon.", "noon", TIME, "at noon"),
    ("We closed at half past nine.", "half past nine", TIME, "at half past"),
    ("She was right.", "she", SEX, "a pronoun"),
    ("Everybody may bring his/her badge.", "his", SEX, "two of them"),
    ("There were 3 reports.", "3 reports", COUNTS, "how many there were, in figures"),
    ("We dealt with two serious incidents.", "two serious incidents", COUNTS, "in words"),
    ("It was a single\ncase.", "single case", COUNTS, "over two lines"),
    ("Two people were banned.", "two people were banned", COUNTS, "what befell how many"),
    ("We thank R\u043ebin.", "r\u043ebin", MIXED, "a name with a letter of another alphabet"),
    ("We thank \u738b\u4f1f.", "\u738b\u4f1f", NAMED, "a whole name of two letters"),
    ("In the queue behind them when nobody looked.", "in the queue behind them when", KEPT, "five words of a report"),
    ("After the walk around the old harbour we stopped.", "walk around the old harbour", KEPT, "five words of a label"),
    ("If somebody threw cake over the speaker, call us.", "somebody threw cake over the speaker", KEPT, "what was determined"),
]


@pytest.mark.parametrize(("text", "word", "reason", "why"), SEEDED, ids=[row[3] for row in SEEDED])
def test_what_could_be_known_from_a_case_is_named_and_blocks(text, word, reason, why):
    """Each in the middle of words that stand in every report."""
    assert f"“{word}” {reason}" in hits(f"No reports were received.\n{text}\nWe have changed nothing this time."), why


FREE = [
    "",
    "You may ask us at any time.",
    "We will march through this again.",
    "Next time there are two rooms, quiet and open, and 24 people who answer within 3 hours.",
    "We met in November 2026, at PyCon Malta 2026.",
    "Write to info@club.example, or to the board.",
    "I was in a queue. It happened to all.",
    "Snakes are welcome.",
    "A harbour that is quiet.",
    "One person reads each report, and one more way to report is open.",
    "Fewer than five incidents were reported, which is no reason to sleep.",
    "Half past masters agree.",
]


@pytest.mark.parametrize("text", FREE)
def test_other_words_are_free(text):
    """What is said of nobody, what every report of this event says, and words that only look like something."""
    assert hits(text) == []


def test_what_every_report_says_is_no_hit():
    """A reporter who is called May must not keep May's report from being published; with another word beside it, it is she who is named."""
    assert hits("\n".join(TEMPLATES.report(numbers([], EVENT, earlier=()), "").values())) == []
    report = TEMPLATES.report(numbers([], EVENT, earlier=()), "")["report.txt"]
    assert hits(report, f"They wrote: {report}") == [], "though somebody quoted it in a mail"
    may = "Transparency report: May 2026. People could report by mail to us."
    named = ticket(reporter=Reporter(name="May Mail", address="report@people.example", language="en", message_id=""))
    assert hits("May 2026 and people report by mail.", tickets=[named], known=may) == []
    assert hits("May Mail and people.", tickets=[named], known=may) == [f"“may mail” {NAMED}"]
    assert hits("We met in May, on May 7.", tickets=[named], known=may) == [f"“may 7” {DATE}"]


def test_the_report_of_any_numbers_may_be_published():
    """The templates by themselves say nothing that is a hit, whatever the numbers are."""
    for told in every_tier(EVENT):
        assert hits("\n".join(TEMPLATES.report(told, "").values())) == []


@pytest.mark.parametrize("count", [5, 7, 9, 12, 33])
def test_how_many_there_were_is_told_by_the_report_alone(count):
    """Whatever number is in it, it is no hit there, in none of the five files; in the words of people it is."""
    found = [Incident(acknowledged=True, answered=False, open=True, safety=False, outcome="violation", resolution="ban")] * count
    told = numbers([*found, *(replace(one, outcome="no-violation", resolution="apology") for one in found)], EVENT, earlier=())
    files = "\n".join(TEMPLATES.report(told, "").values())
    assert list(not_publishable(files, known=HARMLESS, tickets=CASES, texts=(), policy=POLICY, own="")) == []
    assert hits(f"There were {count * 2} reports.") == [f"“{count * 2} reports” {COUNTS}"]


def test_words_of_people_are_published_as_they_are_read():
    """A mark of direction turns letters around for the eye alone, and a filler parts them for whoever looks for them."""
    assert (
        visible("We thank \u202enibor\u202c, no\u200bbody\u2060, a\u3164b and \ufeffZoë 👋.") == "We thank nibor, nobody, a b and Zoë 👋."
    )


def test_the_threads_of_other_reporters_are_looked_at_too():
    """A case comes with those who reported the same."""
    assert hits("We thank Novak.", tickets=[ticket(reporter=None, joined=(CASE,))]) == [f"“novak” {NAMED}"]


def test_a_run_of_words_is_shown_as_far_as_it_goes_once_for_each_place():
    """So that its writer finds it; a long one is cut."""
    text = "one two three four five six. And then seven eight nine ten eleven. And this is not said at all."
    assert hits(text, "one two three four five six", "seven eight nine ten eleven.") == [
        f"“one two three four five six” {KEPT}",
        f"“seven eight nine ten eleven” {KEPT}",
    ]
    many = " ".join(f"word{letter}" for letter in "abcdefghijklmnop")
    assert hits(many, many) == [f"“{' '.join(many.split()[:12])} …” {KEPT}"]
    assert hits("one two three four", "one two three four") == []


@given(st.text(alphabet="abcXYZ .:/-0123456789é\n", max_size=200))
def test_any_text_is_looked_through(text):
    """Whatever was written, there is an answer, and the same one twice."""
    assert hits(text, text) == hits(text, text)


def test_thousands_of_texts_take_seconds():
    """Ten times as many texts take about ten times as long: two thousand of two thousand words each are read in little more than a second a thousand."""
    texts = [
        f"case{number} " + "we talked about it for a long time in the hall and nobody knew what to do " * 20 for number in range(2_000)
    ]
    began = time.monotonic()
    assert hits("We talked about rooms, and nobody knew a better one. " * 20, *texts) == []
    assert time.monotonic() - began < 20
