"""Facts become words: what templates may do, what an operator may replace, and what outside text can never do to either."""

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from maild import render
from maild.lines import LONGEST_LINE, LONGEST_QUOTE, Block, one_line, prose, quoted
from maild.playbook.letters import Kind, Letter, Recipient
from maild.render import Templates, shipped_templates
from tests.letters.every import LETTERS, rendered, templates
from tests.letters.story import POLICY

KIM = Recipient(handle="reporter", role="reporter", name="Kim", address="kim@home.example")
REPLY = Letter(kind=Kind.REPLY, to=KIM, reference="R-7K3QF", facts={"text": "Thank you."})
RECEIPT = Letter(kind=Kind.RECEIPT, to=KIM, reference="R-7K3QF")


def own(directory: Path, files: dict[str, str | bytes]) -> Templates:
    """Letters of an operator who wrote these files."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Templates(POLICY, override=directory)


# ---- facts ---------------------------------------------------------------------------------------------------------------------------------


def test_a_fact_nobody_gave_is_an_error():
    """A template that asks for what it does not get fails, rather than sending a letter with a hole."""
    with pytest.raises(UndefinedError):
        Templates(POLICY).letter(replace(REPLY, facts={}))


LINES = [
    ("plain", "plain"),
    ("  spaces stay  ", "  spaces stay  "),
    ("a\nb\r\nc", "a b c"),
    ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
    ("a\u202eb\u200bc\0d", "a b c d"),
    ("\ud800", ""),
    ("x" * LONGEST_LINE, "x" * LONGEST_LINE),
    ("x" * (LONGEST_LINE + 1), "x" * LONGEST_LINE + "…"),
    ("\n" * 1_000_000 + "late", "…"),
    (Block("a\nb"), "a\nb"),
    (7, 7),
    (None, None),
]


@pytest.mark.parametrize(("fact", "wanted"), LINES)
def test_what_a_template_prints_is_one_line(fact, wanted):
    """No name, Subject or file name can begin a line of a letter; only a filter makes a block."""
    assert one_line(fact) == wanted


QUOTES = [
    ("one", "| one"),
    ("one\n\ntwo\n", "| one\n|\n| two"),
    ("\n\nlate", "| late"),
    ("a\rb\r\nc\x0bd\x0ce\x1cf\x85g\u2028h\u2029i", "| a\n| b\n| c\n| d\n| e\n| f\n| g\n| h\n| i"),
    ("[urgent]", "| [urgent]"),
    ("  indented", "|   indented"),
    ("", ""),
    ("x" * LONGEST_QUOTE, "| " + "x" * LONGEST_QUOTE),
    ("x" * (LONGEST_QUOTE + 1234), "| " + "x" * LONGEST_QUOTE + "\n| … (1,234 characters more, kept with the case)"),
]


@pytest.mark.parametrize(("text", "wanted"), QUOTES)
def test_text_of_others_is_set_off(text, wanted):
    """Every line, whatever ended it, stands behind a bar, and an endless text ends."""
    assert quoted(text) == wanted


PROSE = [("a\r\nb", "a\nb"), ("\n\na \n\nb\n\n", "a\n\nb"), ("a\u2028b\x85c", "a\nb\nc"), ("", ""), ("  a", "  a")]


@pytest.mark.parametrize(("text", "wanted"), PROSE)
def test_text_of_ours_stands_as_it_was_written(text, wanted):
    """Lines stay lines, whatever ended them."""
    assert prose(text) == wanted


FILTERS = [
    ("{{ at|local }}", "2026-11-23T08:30:00+00:00", "Monday 23 November 2026, 09:30", "winter time"),
    ("{{ at|local }}", "2026-07-01T22:30:00+00:00", "Thursday 2 July 2026, 00:30", "summer time, and another day"),
    ("{{ at|day }}", "2026-10-24T22:30:00+00:00", "Sunday 25 October 2026", "the day the clock goes back"),
    ("{{ at|person }}", "ana", "Ana Borg", "one of us"),
    ("{{ at|person }}", "reporter", "reporter", "nobody of ours"),
    ("{{ at|person }}", "gone", "gone", "somebody who left the team while leading a case"),
]


@pytest.mark.parametrize(("template", "fact", "wanted", "why"), FILTERS, ids=[why for *_, why in FILTERS])
def test_filters_speak_the_organisations_language(tmp_path, template, fact, wanted, why):
    """Moments are shown in the configured time zone, people by name."""
    made = own(tmp_path, {"reply/en/text.txt": template}).letter(replace(REPLY, facts={"at": fact}))
    assert made.text == f"{wanted}\n"


# ---- template injection --------------------------------------------------------------------------------------------------------------------

PAYLOADS = [
    "{{7*7}}",
    "{{ 7*7 }}",
    "{%25 raw %}",
    "{% raw %}{{7*7}}{% endraw %}",
    "{% include '../../etc/passwd' %}",
    "{% import 'os' as os %}",
    "{{ config }}",
    "{{ self.__init__.__globals__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ request.application.__globals__ }}",
    "{% for x in range(10**9) %}x{% endfor %}",
    "{% set x = namespace(y=7*7) %}{{ x.y }}",
    "{{ mailbox }}",
    "{{ ('x'*99999)|upper }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{# a comment #}",
    "{{'{{7*7}}'}}",
    "%(name)s",
    "{0.__class__}",
    "\\{\\{7*7\\}\\}",
]


def filled(fact: object, text: str, key: str = "") -> object:
    if isinstance(fact, dict):
        return {name: filled(value, text, name) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [filled(one, text, key) for one in fact]
    return text if key in ("name", "address", "subject", "text", "written", "sentence", "remark", "words", "by", "copied_to") else fact


def saying(letter: Letter, text: str) -> str:
    return templates(POLICY).letter(replace(letter, facts=filled(letter.facts, text), to=replace(letter.to, name=text))).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_in_a_fact_stays_text(payload):
    """Text from outside is never a template: it comes out as any other word in its place would (security.md P-36)."""
    made = [(saying(make(), payload), saying(make(), "W0RD")) for make in LETTERS.values()]
    assert [text for text, plain in made if text.replace(payload, "W0RD") != plain] == []
    assert sum(payload in text for text, _ in made) > 10


def test_no_template_is_made_of_a_string():
    """Templates come from files only: nothing in maild compiles text it was given."""
    calls = [
        node.attr
        for path in Path(render.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute)
    ]
    assert {"from_string", "compile_expression"} & set(calls) == set()
    assert "get_source" in calls


def test_html_escapes_what_it_prints():
    """A fact with markup in it is text in HTML too."""
    letter = LETTERS["digest-busy"]()
    made = Templates(POLICY).letter(replace(letter, facts={**letter.facts, "alarms": ["<script>alert(1)</script>"]}))
    assert "<script>" not in made.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made.html
    assert "<script>alert(1)</script>" in made.text


# ---- an operator's own letters ---------------------------------------------------------------------------------------------------------------


def test_one_file_can_be_replaced(tmp_path):
    """A text of one's own keeps the shipped subject, and all other letters stay as they are."""
    made = own(tmp_path, {"receipt/en/text.txt": "We have it.\n\n{{ organisation }}, {{ reference }}\n"})
    written, shipped = made.letter(RECEIPT), Templates(POLICY).letter(RECEIPT)
    assert (written.subject, written.text) == (shipped.subject, "We have it.\n\nPyMalta, R-7K3QF\n")
    assert "<p>We have it.</p>\n<p>PyMalta, R-7K3QF</p>" in written.html
    assert made.letter(REPLY) == Templates(POLICY).letter(REPLY)


def test_a_part_can_be_replaced(tmp_path):
    """What several letters include is replaced in all of them."""
    made = own(tmp_path, {"parts/en/danger.txt": "Call 999.\n"})
    assert "\nCall 999.\n" in made.letter(RECEIPT).text
    assert "112" not in made.letter(RECEIPT).text


def test_a_text_of_ones_own_leaves_the_shipped_html_out(tmp_path):
    """HTML that says something else than the text would be read instead of it, so it is made of the text; HTML of one's own is sent."""
    letter = LETTERS["digest-empty"]()
    assert "\n<p>All quiet.</p>\n</body>" in own(tmp_path, {"digest/en/text.txt": "All quiet.\n"}).letter(letter).html
    assert own(tmp_path, {"digest/en/html.html": "<p>{{ organisation }}</p>"}).letter(letter).html == "<p>PyMalta</p>"


LANGUAGES = ["", "xx", "../../../etc", "en/../en", "\0", "x" * 5000]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_there_in_a_language_is_in_english(language):
    """Also where the language is nonsense that somebody's mail made up."""
    assert Templates(POLICY).letter(replace(RECEIPT, language=language)) == Templates(POLICY).letter(RECEIPT)


def test_a_language_can_be_added_file_by_file(tmp_path):
    """A German text goes out in German, with the English subject while there is no other."""
    made = own(tmp_path, {"receipt/de/text.txt": "Danke.\n"})
    german, english = made.letter(replace(RECEIPT, language="de")), Templates(POLICY).letter(RECEIPT)
    assert (german.subject, german.text) == (english.subject, "Danke.\n")
    assert '<html lang="de">' in german.html
    assert made.letter(RECEIPT) == english
    assert own(tmp_path, {"receipt/de/subject.txt": "Danke"}).letter(replace(RECEIPT, language="de")).subject == "Danke"


def test_one_language_can_be_replaced(tmp_path):
    """A Maltese text of one's own leaves the English letter and the Maltese subject as shipped."""
    made, shipped = own(tmp_path, {"receipt/mt/text.txt": "Grazzi.\n"}), Templates(POLICY)
    maltese = made.letter(replace(RECEIPT, language="mt"))
    assert (maltese.subject, maltese.text) == (shipped.letter(replace(RECEIPT, language="mt")).subject, "Grazzi.\n")
    assert made.letter(RECEIPT) == shipped.letter(RECEIPT)


def test_the_frame_can_be_replaced(tmp_path):
    """What stands around the words in HTML is one file, for all letters; a mistake in it is told, and the letter goes out as shipped."""
    made = own(tmp_path / "good", {"parts/frame.html": "<b>{{ organisation }}</b>{{ body|safe }}"})
    assert made.faults() == ()
    assert made.letter(RECEIPT).html.startswith("<b>PyMalta</b><p>Thank you")
    broken = own(tmp_path / "bad", {"parts/frame.html": "\n{{ boddy }}"})
    assert broken.faults() == (f"{tmp_path}/bad/parts/frame.html:2: there is nothing called boddy",)
    assert broken.letter(RECEIPT) == Templates(POLICY).letter(RECEIPT)


def test_the_organisations_language_is_the_default():
    """Where a reader's language is not known, the configured one is taken."""
    assert Templates(replace(POLICY, language="mt")).letter(RECEIPT) == Templates(POLICY).letter(replace(RECEIPT, language="mt"))


def test_a_subject_is_one_line(tmp_path):
    """However the template is laid out, and whatever a fact holds."""
    made = own(tmp_path, {"reply/en/subject.txt": "\n  A\n\n{{ text }}\nB \n"})
    assert made.letter(replace(REPLY, facts={"text": "x\r\nBcc: y"})).subject == "A x Bcc: y B"


BROKEN = [
    ("{{ refrence }}", "UndefinedError at text.txt:1", "a fact nobody gives"),
    ("\n\n{{ 1 / 0 }}", "ZeroDivisionError at text.txt:3", "an error while rendering"),
    ("{{ ''.__class__.__mro__ }}", "SecurityError at", "what the sandbox forbids"),
    ("{% if %}", "TemplateSyntaxError at text.txt:1", "no template at all"),
    ("{{ text|upercase }}", "TemplateAssertionError at text.txt:1", "a filter that does not exist"),
    (b"\xff\xfe", "UnicodeDecodeError at", "not UTF-8"),
    ("{% include 'parts/en/gone.txt' %}", "TemplateNotFound at text.txt:1", "a part that is missing"),
    ("{{ text.x.y.z }}", "UndefinedError at", "something a fact does not have"),
    ("{{ code }}", "UndefinedError at text.txt:1", "the code name of the case, which stays in the team"),
]


@pytest.mark.parametrize(("template", "said", "why"), BROKEN, ids=[why for *_, why in BROKEN])
def test_a_broken_letter_of_ones_own_goes_out_as_shipped(tmp_path, caplog, template, said, why):
    """A mistake in the operator's wording costs nobody their letter; the log says where it is, and nothing of the letter."""
    letter = replace(REPLY, facts={"text": "a secret"})
    assert own(tmp_path, {"reply/en/text.txt": template}).letter(letter) == Templates(POLICY).letter(letter)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"the template of reply: {said}")
    assert "secret" not in caplog.text


def test_a_broken_part_of_ones_own_goes_out_as_shipped(tmp_path):
    """Also where the mistake is in what the letter includes."""
    assert own(tmp_path, {"parts/en/danger.txt": "{{ nothing }}"}).letter(RECEIPT) == Templates(POLICY).letter(RECEIPT)


# ---- what `maild check` says ------------------------------------------------------------------------------------------------------------------


def test_the_shipped_letters_have_no_faults():
    """Every file is a template, belongs to a letter and asks for nothing unknown."""
    assert Templates(POLICY).faults() == ()


FAULTS = [
    (
        "reply/en/text.txt",
        "{{ text }}\n{{ refrence }}",
        ("{}:2: there is nothing called refrence",),
        "a misspelt fact, where it stands first",
    ),
    ("receipt/mt/text.txt", "{{ confirm }}", ("{}:1: there is nothing called confirm",), "a fact of another letter"),
    ("to-person/en/text.txt", "{{ code }}", ("{}:1: there is nothing called code",), "the code name in a letter that leaves"),
    ("digest/en/text.txt", "{{ code }}", (), "the code name in a letter to us"),
    ("parts/mt/danger.txt", "{{ confirm }}", (), "a part may ask for what some letter knows"),
    (
        "reply/en/text.txt",
        "{{ a }}\n\n{{ b }}{{ a }}",
        ("{}:1: there is nothing called a", "{}:3: there is nothing called b"),
        "two of them",
    ),
    ("reply/en/text.txt", "{{ text", ("{}:1: unexpected end of template, expected 'end of print statement'.",), "a syntax error"),
    ("reply/en/text.txt", "\n{{ text|upercase }}", ("{}:2: No filter named 'upercase'.",), "an unknown filter"),
    (
        "reply/en/text.txt",
        "{% include 'parts/en/gone.txt' %}",
        ("{}: includes parts/en/gone.txt, which is missing",),
        "a part that is missing",
    ),
    ("reply/en/text.txt", b"\xff", ("reply/en/text.txt: cannot be read (UnicodeDecodeError)",), "not UTF-8"),
    ("parts/en/danger.txt", "{% if %}", ("{}:1: Expected an expression, got 'end of statement block'",), "a part that is no template"),
    ("reply/en/text.txt", "{{ text }} {{ organisation }} {{ to.name }} {{ reference }}", (), "what every letter knows"),
    ("reply/mt/text.txt", "{{ text|prose }}", (), "another language"),
    ("README.md", "My letters", (), "a file that is no template"),
]


@pytest.mark.parametrize(("file", "template", "wanted", "why"), FAULTS, ids=[why for *_, why in FAULTS])
def test_faults_are_told_with_file_and_line(tmp_path, file, template, wanted, why):
    """What would make a letter go out as shipped is found before it does."""
    assert own(tmp_path, {file: template}).faults() == tuple(sentence.format(tmp_path / file) for sentence in wanted)


MISNAMED = ["reciept/en/text.txt", "reply/en/body.txt", "reply/text.txt", "text.txt", "reply/en/text.html", "parts/danger.txt"]


@pytest.mark.parametrize("file", MISNAMED)
def test_a_file_that_no_letter_uses_is_told(tmp_path, file):
    """A misnamed letter would never be sent, and nobody would know why."""
    sentence = f"{file}: belongs to no letter; a file is called LETTER/LANGUAGE/subject.txt, text.txt or html.html"
    assert own(tmp_path, {file: "Hello"}).faults() == (sentence,)


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.NOTE, Kind.DIGEST], ids=lambda kind: kind.value)
def test_a_missing_letter_is_told(tmp_path, monkeypatch, kind):
    """An installation that lost a file says so, and cannot send that letter."""
    shutil.copytree(shipped_templates(), tmp_path / "templates")
    (tmp_path / "templates" / kind.value / "en" / "text.txt").unlink()
    monkeypatch.setattr(render, "shipped_templates", lambda: tmp_path / "templates")
    damaged = Templates(POLICY)
    assert damaged.faults() == (f"{kind.value}/en/text.txt: is missing",)
    with pytest.raises(TemplateNotFound):
        damaged.letter(replace(RECEIPT, kind=kind))


def test_a_missing_frame_is_told(tmp_path, monkeypatch):
    """Without it no letter has HTML, so none can be sent."""
    shutil.copytree(shipped_templates(), tmp_path / "templates")
    (tmp_path / "templates/parts/frame.html").unlink()
    monkeypatch.setattr(render, "shipped_templates", lambda: tmp_path / "templates")
    assert Templates(POLICY).faults() == ("parts/frame.html: is missing",)


def test_an_installed_maild_has_its_own_templates(tmp_path, monkeypatch):
    """Inside a wheel they lie beside the modules; in a checkout at its top."""
    assert shipped_templates() == Path(render.__file__).parent.parent / "templates"
    (tmp_path / "maild" / "_templates").mkdir(parents=True)
    monkeypatch.setattr(render, "__file__", str(tmp_path / "maild" / "render.py"))
    assert shipped_templates() == tmp_path / "maild" / "_templates"


def test_rendering_twice_is_the_same():
    """Templates are read once and remember nothing of a letter."""
    letter = LETTERS["new-report-plain"]()
    fresh = Templates(POLICY)
    first = fresh.letter(letter)
    fresh.letter(REPLY)
    assert fresh.letter(letter) == first == rendered("new-report-plain")
