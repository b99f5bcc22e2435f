"""The letters in Maltese: the same as the English ones in all but words, and as careful in these."""

import re
import unicodedata

import pytest
from jinja2 import nodes

from maild.playbook.letters import TO_REPORTER, Kind
from maild.render import DEFAULT_LANGUAGE, shipped_templates
from tests.letters.every import LETTERS, in_maltese, rendered
from tests.letters.test_words import PARSER, RECEIVED, sentences

MALTESE = {name: words for name in LETTERS for words in in_maltese(name)}
FILES = sorted(shipped_templates().glob("*/mt/*.txt"))

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


@pytest.mark.parametrize("kind", sorted(TO_REPORTER, key=lambda kind: kind.value), ids=lambda kind: kind.value)
def test_every_letter_to_a_reporter_is_there(kind):
    """Text and Subject: nobody gets half of a letter in another language."""
    folder = shipped_templates() / kind.value / "mt"
    assert sorted(path.name for path in folder.iterdir()) == ["subject.txt", "text.txt"]


def logic(path) -> list[str]:
    """What a template asks for and decides by, in order, without its words."""
    asked = PARSER.parse(path.read_text()).find_all((nodes.Name, nodes.Getattr, nodes.Compare, nodes.Filter))
    return sorted(without_words(node) for node in asked)


def without_words(node: nodes.Node) -> str:
    return (
        f"{type(node).__name__} {getattr(node, 'name', '')} {getattr(node, 'attr', '')} {[one.value for one in node.find_all(nodes.Const)]}"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_a_template_decides_as_the_english_one_does(path):
    """The same facts, the same branches: a measure that the English letter tells of is not left out."""
    assert logic(path) == logic(path.parent.parent / DEFAULT_LANGUAGE / path.name)


@pytest.mark.parametrize("name", MALTESE)
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_nothing_is_promised_and_nobody_is_pressed(name, pattern):
    """The playbook's "avoid making specific promises" and "do not pressure them", in Maltese."""
    text = re.sub(r"(?m)^.*\bevening\b.*$", "", MALTESE[name].text)
    assert re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) == []


@pytest.mark.parametrize(("pattern", "sentence"), [(pattern, one) for pattern, said in GUARDED.items() for one in said])
def test_the_patterns_find_what_they_are_for(pattern, sentence):
    """A lint that finds nothing guards nothing."""
    assert re.search(rf"(?<!\w)(?:{pattern})", sentence, re.IGNORECASE)


@pytest.mark.parametrize("name", MALTESE)
def test_letters_are_short(name):
    """Under 200 words, and no sentence of more than 30."""
    text = MALTESE[name].text
    assert len(text.split()) < 200
    assert [one for one in sentences(text) if len(one.split()) > 30] == []


@pytest.mark.parametrize("name", MALTESE)
def test_the_subject_says_nothing(name):
    """Organisation, reference, and always the same two words; to anybody else than the reporter no reference that two could compare."""
    letter = LETTERS[name]()
    theirs = f"[PyMalta {letter.reference}] Il-messaġġ tiegħek" if letter.kind in TO_REPORTER else "[PyMalta] Messaġġ għalik"
    assert MALTESE[name].subject == theirs


@pytest.mark.parametrize("name", MALTESE)
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
    text = path.read_text()
    assert text == unicodedata.normalize("NFC", text)
    assert {one for one in text if ord(one) > 127} <= set("ħĦżŻċĊġĠàèù")
    assert re.findall(r"(?i)\b\w*gh\w*|\btieghek\b|\bmessagg\b|\N{RIGHT SINGLE QUOTATION MARK}", text) == []
