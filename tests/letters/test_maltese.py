"""The letters in Maltese: the same as the English ones in all but words, and as careful in these."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest
from jinja2 import nodes

from maild.playbook.commands import read
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.tally import AGES
from maild.render import DEFAULT_LANGUAGE, Templates, shipped_templates
from tests.letters.every import LETTERS, MADE_OF_ENGLISH, in_maltese, rendered
from tests.letters.story import POLICY, Story
from tests.letters.test_tags import shown
from tests.letters.test_words import PARSER, RECEIVED, own_words, sentences

MALTESE = {name: words for name in LETTERS for words in in_maltese(name)}
LEAVING = [name for name in MALTESE if LETTERS[name]().kind in TO_REPORTER | TO_OTHERS]
TO_US = [name for name in MALTESE if name not in LEAVING]
FILES = sorted(path for path in shipped_templates().glob("*/mt/*") if path.suffix in (".txt", ".html"))

NEVER = r"vittm\w*|akkuż\w*|akkużat\w*|ħati\w*|ħtija|ilment\w*|sfortunatament|aggressur\w*|malintiż"
LAW = r"allega\w*|evidenza|prova|provi|skont il-liġi|responsabbiltà legali|partijiet?|imsemmi hawn"
PROMISE = (
    r"inwiegħdu\w*|nwiegħdu\w*|wegħda|niggarantixxu|garanzija|nassiguraw\w*|inti? (?:issa )?(?:fiż-żgur|protett\w*)|qatt (?:iżjed|aktar)"
    r"|mhux se jerġa'|tolleranza żero|ġustizzja|ċert(?:ament)?|żgur|anonim\w*|ħadd (?:qatt )?m(?:hu|'hu|a) se|jitkeċċ\w*|jiġi kkastigat\w*|nikkastigaw"
)
PRESSURE = (
    r"għandek (?:tagħmel|tgħid|twieġeb)|trid (?:tgħid|twieġeb|tagħmel)|jeħtieġ\w*|bilfors|obbligat\w*|jekk jogħġbok (?!ċempel 112)|kemm jista' jkun"
    r"|immedjatament|minnufih|urġent\w*|skadenza|l-aktar tard|inkella|jekk ma |għaliex (?!għadna ma lestejniex)|għalfejn|ikkalma\w*|\?|!"
)
PATTERNS = {"hard words": NEVER, "law": LAW, "promise": PROMISE, "pressure": PRESSURE}
GUARDED = {
    NEVER: ["il-vittma", "l-ilment tiegħek", "il-persuna akkużata"],
    LAW: ["l-allegazzjoni tiegħek"],
    PROMISE: ["Inwiegħdu li ngħinuk.", "Qatt iżjed ma jiġri.", "Dan żgur."],
    PRESSURE: [
        "Trid twieġeb.",
        "Jekk jogħġbok wieġeb.",
        "Għaliex issa biss?",
        "Ikteb kemm jista' jkun malajr.",
        "Jekk ma twieġebx, nagħlqu.",
    ],
}


@pytest.mark.parametrize("kind", sorted(set(Kind) - MADE_OF_ENGLISH, key=lambda kind: kind.value), ids=lambda kind: kind.value)
def test_every_letter_is_there(kind):
    """Text and Subject, and HTML where the English one is written apart: nobody gets half of a letter in another language."""
    english, maltese = (shipped_templates() / kind.value / language for language in (DEFAULT_LANGUAGE, "mt"))
    assert sorted(path.name for path in maltese.iterdir()) == sorted(path.name for path in english.iterdir())


@pytest.mark.parametrize("kind", sorted(MADE_OF_ENGLISH, key=lambda kind: kind.value), ids=lambda kind: kind.value)
def test_what_the_playbook_says_itself_has_no_maltese_frame(kind):
    """An answer says in English what a command did, so all of it does."""
    assert not (shipped_templates() / kind.value / "mt").exists()


def logic(path) -> list[str]:
    """What a template asks for and decides by, without its words: a fact that is looked up in a table of words is that fact."""
    return sorted(without_words(node) for node in asked(PARSER.parse(path.read_text())))


def asked(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "get":
        yield from asked(node.args[0])
        return
    if isinstance(node, nodes.Getattr | nodes.Compare | nodes.Filter) or (isinstance(node, nodes.Name) and node.ctx == "load"):
        yield node
    for part in node.iter_child_nodes():
        yield from asked(part)


def without_words(node: nodes.Node) -> str:
    kept = node.args if isinstance(node, nodes.Filter) and node.name != "join" else [node] if isinstance(node, nodes.Compare) else []
    told = [one.value for part in kept for one in (part, *part.find_all(nodes.Const)) if isinstance(one, nodes.Const)]
    return f"{type(node).__name__} {getattr(node, 'name', '')} {getattr(node, 'attr', '')} {told}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_a_template_decides_as_the_english_one_does(path):
    """The same facts, the same branches: a measure that the English letter tells of is not left out."""
    assert logic(path) == logic(path.parent.parent / DEFAULT_LANGUAGE / path.name)


def tables(path) -> dict[str, list[object]]:
    """The tables of words that a template holds, each with what it has a word for."""
    made = [(one.target.name, one.node) for one in PARSER.parse(path.read_text()).find_all(nodes.Assign)]
    return {name: [pair.key.value for pair in table.items] for name, table in made if isinstance(table, nodes.Dict)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_a_table_has_a_word_for_whatever_the_english_one_has(path):
    """A state, a letter or an alarm of which nobody thought would be told in English."""
    maltese, english = tables(path), tables(path.parent.parent / DEFAULT_LANGUAGE / path.name)
    assert {name: maltese[name] for name in english} == english


def test_the_ages_of_cases_have_words():
    """The spans of the digest are the playbook's own; each of them has its words."""
    assert tables(shipped_templates() / "parts/mt/words.txt")["ages_of"] == [name for _, name in AGES]


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_nothing_is_promised_and_nobody_is_pressed(name, pattern):
    """The playbook's "avoid making specific promises" and "do not pressure them", in Maltese."""
    text = re.sub(r"(?m)^.*\bevening\b.*$", "", MALTESE[name].text)
    assert re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) == []


@pytest.mark.parametrize(("pattern", "sentence"), [(pattern, one) for pattern, said in GUARDED.items() for one in said])
def test_the_patterns_find_what_they_are_for(pattern, sentence):
    """A lint that finds nothing guards nothing."""
    assert re.search(rf"(?<!\w)(?:{pattern})", sentence, re.IGNORECASE)


@pytest.mark.parametrize("name", LEAVING)
def test_letters_are_short(name):
    """Under 200 words, and no sentence of more than 30."""
    text = MALTESE[name].text
    assert len(text.split()) < 200
    assert [one for one in sentences(text) if len(one.split()) > 30] == []


@pytest.mark.parametrize("name", LEAVING)
def test_the_subject_says_nothing(name):
    """Organisation, reference, and always the same two words; to anybody else than the reporter no reference that two could compare."""
    letter = LETTERS[name]()
    theirs = f"[PyMalta {letter.reference}] Il-messaġġ tiegħek" if letter.kind in TO_REPORTER else "[PyMalta] Messaġġ għalik"
    assert MALTESE[name].subject == theirs


@pytest.mark.parametrize("name", LEAVING)
def test_nothing_that_was_received_goes_out(name):
    """No byte of a mail, no code name, and every number and address of the English letter."""
    words = MALTESE[name]
    text = words.text.replace("Persuna: Robin Example\n", "") if LETTERS[name]().kind is Kind.CONTACT else words.text
    assert [one for one in RECEIVED if one in words.subject + text] == []
    numbers = r"R-[0-9A-Z]{5}|\d\d:\d\d|\d{4}|\b112\b|\S+@\S+\w|https\S+"
    assert re.findall(numbers, words.text) == re.findall(numbers, rendered(name).text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_letters_are_spelt_with_their_own_characters(path):
    """Composed ħ, għ, ż, ċ and ġ, straight apostrophes, and none of the spellings that a keyboard without them leaves behind."""
    text = re.sub(r"<[^>]*>", "", path.read_text())
    assert text == unicodedata.normalize("NFC", text)
    assert {one for one in text if ord(one) > 127} <= set("ħĦżŻċĊġĠàèù“”✓")
    assert re.findall(r"(?i)\b\w*gh\w*|\btieghek\b|\bmessagg\b|\N{RIGHT SINGLE QUOTATION MARK}", text) == []


IN_MALTESE = replace(POLICY, people=tuple(replace(one, language="mt") if one.handle in ("ben", "dora") else one for one in POLICY.people))


def test_each_of_us_reads_their_own_language():
    """Of the same report one of the team is told in Maltese and another in English, whatever the reporter writes and the organisation speaks."""
    for policy in (IN_MALTESE, replace(IN_MALTESE, language="mt")):
        story = Story(policy=policy).comes()
        shelf = Templates(policy)
        subjects = {who: shelf.letter(story.letter(Kind.NEW_REPORT, who)).subject for who in ("ana", "ben", "cleo")}
        assert subjects == {"ana": "[amber-bell] New report", "ben": "[amber-bell] Rapport ġdid", "cleo": "[amber-bell] New report"}
        assert shelf.letter(story.letter(Kind.RECEIPT)).subject.endswith("] Your message")


def test_the_board_reads_its_own_language():
    """The same goes for whoever hears of a missed deadline."""
    story = Story(policy=IN_MALTESE).comes().time_passes(168)
    told = {who: Templates(IN_MALTESE).letter(story.letter(Kind.MISSED, who)).text for who in ("dora", "emil")}
    assert "Skadenza ma nżammitx." in told["dora"]
    assert "A deadline was missed." in told["emil"]


def test_an_answer_is_english_for_everybody():
    """It says what commands did, in sentences of the playbook."""
    story = Story(policy=IN_MALTESE).comes().orders("[take]", by="ben")
    answer = Templates(IN_MALTESE).letter(story.letter(Kind.ANSWER, "ben"))
    assert "\nSent to the reporter: no.\n" in answer.text
    assert '<html lang="en">' in answer.html


@pytest.mark.parametrize("name", TO_US)
def test_the_same_tags_are_shown_to_us(name):
    """Tags are typed, so they are the same in each language; that the English ones work where they stand is tested with them."""
    text = MALTESE[name].text.replace("Min kiteb: ", "Written by: ").replace("Suġġett: ", "Subject: ")
    assert sorted(shown(text)) == sorted(shown(rendered(name).text))


@pytest.mark.parametrize("name", TO_US)
def test_the_same_facts_are_told_to_us(name):
    """Every code name, reference, moment and address of the English letter, and every line that somebody wrote."""
    facts = r"\* [a-z]+-[a-z]+, |amber-bell|solar-loom|R-[0-9A-Z]{5}|\d\d:\d\d|\b\d{4}\b|\b112\b|\S+@\S+\w|https\S+|`[^`]+`|^\|(?! \().*"
    found, wanted = (sorted(re.findall(facts, text, re.MULTILINE)) for text in (MALTESE[name].text, rendered(name).text))
    assert found == wanted


@pytest.mark.parametrize("name", TO_US)
def test_a_subject_to_us_begins_as_the_english_one(name):
    """A code name or the organisation, and nothing that a mail held."""
    subject, english = MALTESE[name].subject, rendered(name).subject
    assert subject.partition("] ")[0] == english.partition("] ")[0]
    assert subject != english
    assert [one for one in RECEIVED if one in subject.replace(LETTERS[name]().code, "")] == []


@pytest.mark.parametrize("name", TO_US)
def test_our_separator_stands_on_top_in_any_language(name):
    """Everything from the separator on is old when staff answer."""
    assert MALTESE[name].text.split("\n", 2)[:2] == [POLICY.separator, ""]


@pytest.mark.parametrize("name", MALTESE)
def test_no_line_in_maltese_is_a_command(name):
    """Tags stand inside sentences, as in English."""
    text = MALTESE[name].text
    assert read(text).commands == ()
    assert [line for line in own_words(text).split("\n") if line.lstrip("*-+•_ ").startswith("[")] == []


@pytest.mark.parametrize("name", MALTESE)
def test_nothing_is_left_to_fill_in_in_maltese(name):
    """No placeholder, no Python value, no blank line too many, no space at the end of a line."""
    text = MALTESE[name].text
    left = r"\{\{|\}\}|\{%|\bNone\b|\bTrue\b|\bFalse\b|Undefined|\[\]|<[a-z]+\.|\(\)| ,|,,|\.\.|TODO|XXX| $"
    assert re.findall(left, own_words(text), re.MULTILINE) == []
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", [name for name in TO_US if not name.startswith("digest")])
def test_letters_to_us_are_short_in_maltese(name):
    """A page on a phone, apart from what is quoted and listed: 240 words."""
    said = [line for line in own_words(MALTESE[name].text).split("\n") if not line.startswith(("* ", "Fajl mehmuż", "Attenzjoni"))]
    assert len(" ".join(said).split()) <= 240


@pytest.mark.parametrize("name", TO_US)
def test_no_hard_words_among_us(name):
    """Nobody is called an offender, a victim or a complaint in letters to us either."""
    assert re.findall(rf"(?<!\w)(?:{NEVER})(?!\w)", own_words(MALTESE[name].text), re.IGNORECASE) == []
