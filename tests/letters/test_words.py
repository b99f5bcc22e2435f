"""What no letter may say, whoever it goes to: promises, pressure, hard words, and what others must not learn."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from jinja2 import Environment, meta, nodes

from maild.mail.kind import UNANSWERABLE
from maild.playbook.commands import read
from maild.playbook.decide.summary import held_summary
from maild.playbook.effects import Send
from maild.playbook.events import Sort
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.lint import objections
from maild.render import shipped_templates
from tests.letters.every import LETTERS, rendered, templates
from tests.letters.story import POLICY, Story

TO_REPORTERS = [name for name in LETTERS if any(name.startswith(kind.value) for kind in TO_REPORTER)]
TO_CONTACTS = [name for name in LETTERS if name.startswith(Kind.CONTACT.value)]
TO_PARTIES = [name for name in LETTERS if any(name.startswith(kind.value) for kind in TO_OTHERS)]
LEAVING = [*TO_REPORTERS, *TO_PARTIES]
TO_US = [name for name in LETTERS if name not in LEAVING]
TO_BOARD = [name for name in TO_US if name.startswith(("missed", "digest", "delivery-alarm", "too-few"))]
ANSWERS = [name for name in LETTERS if name.startswith(("answer", "challenge"))]

NEVER = r"WTD|offenders?|harassers?|bad actors?|victims?|complain\w*|accus\w*|violators?|perpetrators?|culprits?|guilty|misunderstanding|unfortunately"
LAW = r"pursuant|hereby|herein|aforementioned|liable|allegations?|alleged|respondents?|part(?:y|ies)|evidence|notwithstanding|hereafter"
PROMISE = (
    r"we (?:promise|guarantee|assure)|you(?: are| will be)(?: now| completely)? safe|we will (?:make sure|ensure|protect|punish|ban|remove|expel)"
    r"|(?:never|not) happen again|zero tolerance|(?:strong|immediate|swift) (?:action|measures)|justice|no matter what|certainly|definitely"
    r"|will be (?:banned|punished|expelled|removed|fired)|anonymous|nobody will (?:ever )?(?:know|learn)"
)
PRESSURE = (
    r"you (?:must|should|ought|need to|are (?:required|expected|asked) to)|(?<!do not )have to|please (?!call 112)|as soon as possible|immediately"
    r"|urgent\w*|deadline|at the latest|without delay|failing|failure to|otherwise|if you do not|why (?!it is not finished yet)|calm\w*|\?"
)


def sentences(text: str) -> list[str]:
    return [part for paragraph in text.split("\n") for part in re.split(r"(?<=[.:;]) ", paragraph) if part.strip()]


def own_words(text: str) -> str:
    """A letter without what it quotes."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("|"))


PARSER = Environment()
PARSER.filters |= dict.fromkeys(("local", "day", "person", "quoted", "prose"), str)


def names_of(path) -> set[str]:
    return meta.find_undeclared_variables(PARSER.parse(path.read_text()))


def words_of(path) -> str:
    """What a template says, without what it asks for."""
    tree = PARSER.parse(path.read_text())
    said = [data.data for data in tree.find_all(nodes.TemplateData)]
    return "\n".join([*said, *(str(one.value) for one in tree.find_all(nodes.Const))])


FILES = sorted(path for path in shipped_templates().rglob("*") if path.suffix in (".txt", ".html"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_no_template_uses_hard_words(path):
    """Nobody is called an offender, a victim or a complaint, and nobody is shouted at."""
    said = words_of(path)
    assert re.findall(rf"\b(?:{NEVER})\b", said, re.IGNORECASE) == []
    assert "!" not in said.replace("<!DOCTYPE", "")


@pytest.mark.parametrize("name", TO_REPORTERS)
@pytest.mark.parametrize("pattern", [NEVER, LAW, PROMISE, PRESSURE], ids=["hard words", "law", "promise", "pressure"])
def test_letters_to_reporters_promise_nothing_and_press_for_nothing(name, pattern):
    """The playbook's "avoid making specific promises" and "do not pressure them", as patterns."""
    # What staff wrote below [reply] is their own; the tags check that. A question they ask is theirs too.
    text = re.sub(r"(?m)^.*\bevening\b.*$", "", rendered(name).text)
    assert re.findall(rf"(?:\b|(?<=\W))(?:{pattern})", text, re.IGNORECASE) == []


TEMPLATES_TO_REPORTERS = [path for path in FILES if path.relative_to(shipped_templates()).parts[0] in {kind.value for kind in TO_REPORTER}]


@pytest.mark.parametrize("path", TEMPLATES_TO_REPORTERS, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_no_template_in_any_language_is_held(path):
    """What staff are not let say without insisting, no template says: every language folder there is, every branch of it."""
    assert objections(words_of(path)) == ()


def test_every_letter_to_reporters_is_among_them():
    """Each of their folders, whole."""
    folders = {path.relative_to(shipped_templates()).parts[0] for path in TEMPLATES_TO_REPORTERS}
    assert folders == {kind.value for kind in TO_REPORTER}


GUARDED = {
    PROMISE: ["We promise to help.", "You are safe now.", "He will be banned.", "This will never happen again", "We will make sure of it."],
    PRESSURE: ["You should call us.", "You have to answer.", "Please describe it.", "Why only now?", "Please answer as soon as possible."],
    LAW: ["Your allegation", "the respondent", "pursuant to"],
    NEVER: ["the victim", "Your complaint", "the bad actor", "WTD spaces"],
}


@pytest.mark.parametrize(("pattern", "sentence"), [(pattern, one) for pattern, said in GUARDED.items() for one in said])
def test_the_patterns_find_what_they_are_for(pattern, sentence):
    """A lint that finds nothing guards nothing."""
    assert re.search(rf"(?:\b|(?<=\W))(?:{pattern})", sentence, re.IGNORECASE)


@pytest.mark.parametrize("name", TO_REPORTERS)
def test_letters_to_reporters_are_short(name):
    """Under 200 words, and no sentence of more than 30, for somebody who is frightened."""
    text = rendered(name).text
    assert len(text.split()) < 200
    assert [one for one in sentences(text) if len(one.split()) > 30] == []


@pytest.mark.parametrize("name", TO_REPORTERS)
def test_the_subject_to_a_reporter_says_nothing(name):
    """Somebody else may see the screen: organisation and reference, no topic, always the same."""
    letter = LETTERS[name]()
    assert rendered(name).subject == f"[PyMalta {letter.reference}] Your message"
    assert re.fullmatch(r"R-[0-9A-Z]{5}", letter.reference)


@pytest.mark.parametrize("name", TO_PARTIES)
def test_the_subject_to_others_says_less(name):
    """Not even the reference that the reporter has: whoever sees both cannot tell that they belong together."""
    assert rendered(name).subject == "[PyMalta] A message for you"


WRITTEN = [name for name in TO_PARTIES if "text" in LETTERS[name]().facts]
BY_THEMSELVES = [name for name in TO_PARTIES if name not in WRITTEN]


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_letters_about_a_sanction_hold_no_word_of_law(name):
    """Nor one of blame, nor a word of the case but for the name a contact has to know."""
    assert re.findall(rf"\b(?:{NEVER}|{LAW})\b", rendered(name).text, re.IGNORECASE) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_letters_to_others_hold_one_text_and_no_word_of_law(name):
    """What one of us wrote, who we are, and how to answer."""
    words = rendered(name).text
    assert re.findall(rf"\b(?:{NEVER}|{LAW})\b", words, re.IGNORECASE) == []
    assert words.startswith(f"{LETTERS[name]().facts['text']}\n\nPyMalta\n\nIf you wish to answer, just answer this mail")


@pytest.mark.parametrize("kind", sorted(TO_REPORTER | TO_OTHERS, key=lambda kind: kind.value), ids=lambda kind: kind.value)
def test_letters_that_leave_ask_for_nothing_that_came_from_outside(kind):
    """No template of a letter that leaves the team knows a name, an address or a text that somebody mailed to us."""
    ours = set("organisation reference fallback guide_url help_lines text words until kinds violation items event".split())
    ours |= {"act", "measure", "places", "everywhere", "start", "over", "outcome", "for_good"}
    ours |= {"person"} if kind is Kind.CONTACT else set()  # whoever carries a sanction out has to know whom it is about
    for file in ("subject.txt", "text.txt"):
        assert names_of(shipped_templates() / kind.value / "en" / file) <= ours


RECEIVED = ("Kim", "home.example", "meetup", "laughed", "room", "Robin", "photo", "Sam", "Hi all", "amber-bell", "staff.example")
"""Words of the mails that came, of the people on the case, and what only the team may know."""


@pytest.mark.parametrize("name", LEAVING)
def test_nothing_that_was_received_goes_out(name):
    """No byte of a mail and no code name leaves the team (security.md P-46)."""
    words = rendered(name)
    text = words.text.replace("Person: Robin Example\n", "") if name in TO_CONTACTS else words.text
    assert [one for one in RECEIVED if one in words.subject + text] == []


@pytest.mark.parametrize("name", TO_BOARD)
def test_the_board_learns_nothing_of_the_case(name):
    """Code names, states and moments: no name, no Subject, no text."""
    words = rendered(name)
    private = [one for one in RECEIVED if one not in ("amber-bell", "staff.example")]
    assert [one for one in private if one in words.subject + words.text + (words.html or "")] == []


SHOWN = {
    "state",
    "states",
    "lead",
    "duty",
    "rung",
    "received_at",
    "acknowledge_by",
    "respond_by",
    "team",
    "alarms",
    "code",
    "due",
    "age",
    "week",
}
"""Facts that a letter to the board may show: code names, states, moments, and who of us leads."""


def marked(fact: object, key: str = "") -> object:
    """The fact with a marker in place of every text that is no moment, state or code name."""
    if isinstance(fact, dict):
        return {name: marked(value, name) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [marked(one, key) for one in fact]
    return fact if not isinstance(fact, str) or key in SHOWN or is_moment(fact) else "M4RK3R"


def is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


@pytest.mark.parametrize("name", [one for one in TO_BOARD if not one.startswith("digest")])
def test_the_board_is_shown_no_other_fact(name):
    """Whatever else a builder puts into the facts of a letter to the board one day, it is not shown."""
    letter = LETTERS[name]()
    facts = {
        **letter.facts,
        **dict.fromkeys(("name", "address", "subject", "text", "by", "withheld", "determining", "resolving", "open"), "M4RK3R"),
    }
    words = templates(POLICY).letter(replace(letter, facts=marked(facts)))
    assert "M4RK3R" not in words.subject + words.text


@pytest.mark.parametrize("name", TO_US)
def test_a_subject_to_us_holds_code_names_only(name):
    """A Subject shows on a locked phone: a code name or the organisation, and which kind of mail it is."""
    subject, letter = rendered(name).subject, LETTERS[name]()
    assert subject.startswith(f"[{letter.code or 'PyMalta'}] ")
    assert [one for one in RECEIVED if one in subject.replace(letter.code, "")] == []
    assert [person.name for person in POLICY.people if person.name.split()[0] in subject] == []


@pytest.mark.parametrize("name", LETTERS)
def test_the_subject_does_not_depend_on_the_facts_of_a_mail(name):
    """The same letter about another mail has the same Subject."""
    letter = LETTERS[name]()
    fields = {"name", "address", "subject", "text", "attachments", "copied_to", "withheld", "by", "remark", "proof", "written"}
    other = replace(letter, facts={key: marked(fact) if key in fields else fact for key, fact in letter.facts.items()})
    assert templates(POLICY).letter(other).subject == templates(POLICY).letter(letter).subject


@pytest.mark.parametrize("name", TO_US)
def test_our_separator_stands_on_top(name):
    """Everything from the separator on is old when staff answer."""
    assert rendered(name).text.split("\n", 2)[:2] == [POLICY.separator, ""]


@pytest.mark.parametrize("name", LEAVING)
def test_who_is_outside_sees_no_separator(name):
    """It is a word of ours for ours."""
    assert POLICY.separator not in rendered(name).text


@pytest.mark.parametrize("name", LETTERS)
def test_no_line_of_a_letter_is_a_command(name):
    """Tags stand inside sentences: a letter of ours read as if somebody wrote it holds no command, whatever was reported."""
    text = rendered(name).text
    assert read(text).commands == ()
    assert [line for line in own_words(text).split("\n") if line.lstrip("*-+•_ ").startswith("[")] == []


@pytest.mark.parametrize("name", LETTERS)
def test_nothing_is_left_to_fill_in(name):
    """No placeholder, no Python value, no blank line too many, no space at the end of a line."""
    text = rendered(name).text
    said = own_words(text)
    assert re.findall(r"\{\{|\}\}|\{%|\bNone\b|\bTrue\b|\bFalse\b|Undefined|\[\]|<[a-z]+\.|\(\)| ,|,,|\.\.|TODO|XXX", said) == []
    assert "\n\n\n" not in text
    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_says_what_went_to_the_reporter(name):
    """One line, yes or no, in every answer to a mail of staff (behaviour 34)."""
    lines = [line for line in rendered(name).text.split("\n") if line.startswith("Sent to the reporter: ")]
    sent = LETTERS[name]().facts.get("sent")
    assert lines == [f"Sent to the reporter: {'yes, ' + ' and '.join(sent) if sent else 'no'}."]


@pytest.mark.parametrize("name", [one for one in TO_US if not one.startswith(("digest", "answer-help"))])
def test_letters_to_us_are_short(name):
    """A page on a phone, apart from what is quoted and listed: 200 words."""
    said = [line for line in own_words(rendered(name).text).split("\n") if not line.startswith(("* ", "Attachment", "Careful"))]
    assert len(" ".join(said).split()) <= 200


DIGESTS = [name for name in LETTERS if name.startswith("digest")]
"""Their HTML is written apart, because it has charts."""


@pytest.mark.parametrize("name", DIGESTS)
def test_the_charts_can_be_read_aloud(name):
    """A name for every row, one heading on top, and bars that screen readers pass over."""
    html = rendered(name).html
    assert html.count("<h1") == 1
    assert len(re.findall(r"<tr><t[hd]", html)) - html.count('role="presentation" aria-hidden="true"') > 0
    assert html.count("bgcolor") == html.count('aria-hidden="true"')


@pytest.mark.parametrize("name", DIGESTS)
def test_html_and_text_say_the_same(name):
    """Each code name, week and moment of the text stands in the HTML, and none in the HTML alone."""
    words = rendered(name)
    for found in (r"[a-z]+-[a-z]+(?=, a)", r"\d{4}-W\d\d", r"\d\d:\d\d"):
        assert sorted(set(re.findall(found, words.text))) == sorted(set(re.findall(found, words.html)))


def test_every_letter_is_linted():
    """Each kind is either for a reporter, for others on a case, or for us."""
    assert {kind for kind in Kind if not any(name.startswith(kind.value) for name in (*LEAVING, *TO_US))} == set()


@pytest.mark.parametrize("reason", UNANSWERABLE)
def test_no_reason_for_silence_is_jargon(reason):
    """Why a report was not acknowledged is said in words, not in names of headers."""
    told = rendered_with(Story().comes(answerable=False, unanswerable_because=reason).letter(Kind.NEW_REPORT, "ana"))
    assert "No acknowledgement was sent: " in told
    assert reason not in told


@pytest.mark.parametrize("sort", [sort for sort in Sort if sort not in (Sort.HUMAN, Sort.LOOP)])
def test_no_reason_for_holding_is_jargon(sort):
    """Nor why a message is held."""
    held = Story().comes(sort=sort, sort_reason="X-Jargon")
    (to_ana, *_) = [one.letter for one in held_summary([held.ticket], held.scene()) if isinstance(one, Send)]
    (line,) = [line for line in rendered_with(to_ana).split("\n") if line.startswith("* ")]
    assert "X-Jargon" not in line
    assert not line.endswith(f": {sort.value}")


def rendered_with(letter):
    return templates(POLICY).letter(letter).text


CARDS = [name for name in LETTERS if name.startswith("intake-card")]
STOPPING = "I'm sorry, this presentation cannot be continued at the present time"


@pytest.mark.parametrize("name", CARDS)
def test_the_intake_card_says_what_the_playbook_says(name):
    """When a talk is stopped and how, word for word and with nothing behind it; whom to call; and nothing of any case."""
    text = rendered(name).text
    assert "repeatedly or seriously, say at once" in text
    assert f'"{STOPPING}"\n\n' in text
    assert "call 112" in text
    assert POLICY.help_lines in text
    assert LETTERS[name]().ticket_id is None


@pytest.mark.parametrize("name", CARDS)
def test_the_intake_card_is_one_page(name):
    """Its items are read by somebody who stands in front of a person: each is short."""
    text = rendered(name).text
    assert len(text.split()) < 260
    assert [one for one in sentences(text) if len(one.split()) > 30] == []
