"""`maild letters`: every letter there is, as it would leave; the operator's own words, and the mistakes in them."""

from pathlib import Path

import pytest

from maild.app.examples import example_policy, examples
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.render import Templates
from tests.cli.conftest import Run
from tests.letters.every import MADE_OF_ENGLISH
from tests.letters.story import MINIMAL, POLICY
from tests.town import CONFIG


@pytest.fixture
def shown(maild: Run, tmp_path: Path):
    """Calls `maild letters` on a configuration without a database, and with a directory for letters of its own."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + '[letters]\ntemplates = "own"\n')
    (tmp_path / "own").mkdir()
    return lambda *words: maild("letters", *words, "--config", path)


def own(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / "own" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_list(shown, tmp_path: Path) -> None:
    """Each letter with its readers and languages; what the operator has a say in is marked."""
    own(tmp_path, "receipt/en/text.txt", "Thank you.\n")
    own(tmp_path, "receipt/de/text.txt", "Danke.\n")
    lines = shown("list").out.splitlines()
    assert [line.split()[0] for line in lines] == [kind.value for kind in Kind]
    assert lines[0].split() == ["receipt", "to", "the", "reporter", "de", "(own)", "en", "(own)", "mt"]
    assert lines[list(Kind).index(Kind.DECISION)].split() == ["decision", "to", "others", "en", "mt"]
    assert lines[list(Kind).index(Kind.DIGEST)].split() == ["digest", "to", "the", "team", "en", "mt"]
    assert lines[list(Kind).index(Kind.ANSWER)].split() == ["answer", "to", "the", "team", "en"]
    assert list((tmp_path).glob("state*")) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_every_letter_can_be_seen(shown, kind: Kind) -> None:
    """Whom it goes to, its Subject and its words, with nothing left to fill in."""
    seen = shown("preview", kind.value)
    assert (seen.code, seen.err) == (0, "")
    to, subject, empty, *text = seen.out.splitlines()
    assert to.startswith("To: ")
    assert to.endswith(".example>")
    assert subject.startswith("Subject: [")
    assert empty == ""
    assert len("".join(text)) > 50
    assert [left for left in ("{{", "{%") if left in seen.out] == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in MADE_OF_ENGLISH])
def test_every_letter_can_be_seen_in_maltese(shown, kind: Kind) -> None:
    """All but those that are mostly sentences of the playbook."""
    seen, english = shown("preview", kind.value, "--language", "mt"), shown("preview", kind.value, "--language", "en")
    assert (seen.code, seen.err) == (0, "")
    assert seen.out.splitlines()[0] == english.out.splitlines()[0]
    assert seen.out.splitlines()[1] != english.out.splitlines()[1]
    assert [left for left in ("{{", "{%") if left in seen.out] == []


@pytest.mark.parametrize("policy", [POLICY, MINIMAL], ids=["full notices", "minimal notices"])
def test_examples_go_where_letters_go(policy) -> None:
    """The invented story reaches every kind of letter, each to its readers, with any wording of the notices."""
    made = examples(example_policy(policy))
    assert list(made) == list(Kind)
    assert {kind for kind, letter in made.items() if letter.to.role == "reporter"} == TO_REPORTER
    assert {kind for kind, letter in made.items() if letter.to.role == "person"} == TO_OTHERS
    for letter in made.values():
        assert Templates(example_policy(policy)).letter(letter).text


def test_html(shown) -> None:
    """Every letter has it: in the language of the configuration, or in the one that was asked for."""
    assert shown("preview", "digest", "--html").out.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in shown("preview", "receipt", "--html").out
    assert '<html lang="mt">' in shown("preview", "receipt", "--html", "--language", "mt").out


def test_all_languages(shown, tmp_path: Path) -> None:
    """One below the other, that of the configuration first."""
    own(tmp_path, "receipt/de/text.txt", "Danke.\n")
    seen = shown("preview", "receipt").out
    assert (
        seen.index("Thank you")
        < seen.index("\nIn de:\n\nTo: ")
        < seen.index("Danke.")
        < seen.index("\nIn mt:\n\nTo: ")
        < seen.index("Grazzi")
    )
    assert "In mt:" in shown("preview", "new-report").out
    assert "In mt:" not in shown("preview", "answer").out


def test_the_words_of_the_operator(shown, tmp_path: Path) -> None:
    """Their own file takes the place of ours, in the language that was asked for."""
    own(tmp_path, "receipt/en/text.txt", "Thank you, {{ reference }}.\n")
    own(tmp_path, "receipt/de/subject.txt", "Danke\n")
    own(tmp_path, "receipt/de/text.txt", "Danke.\n")
    assert "Thank you, R-" in shown("preview", "receipt").out
    assert shown("preview", "receipt", "--language", "de").out.endswith("Subject: Danke\n\nDanke.\n")
    seen = shown("preview", "receipt", "--language", "xx")
    assert (seen.code, seen.err) == (0, "maild: note: receipt is not written in xx; this is what goes out instead.\n")


MISTAKES = [
    ("Hello.\n\n{{ nothing }}\n", "text.txt:3: 'nothing' is undefined.", "a fact that no letter knows"),
    ("Hello.\n{% if %}\n", "text.txt:2: Expected an expression, got 'end of statement block'.", "a slip of the syntax"),
    ("{% include 'parts/en/none.txt' %}\n", "text.txt:1: includes parts/en/none.txt, which is missing.", "a part that is missing"),
    ("\n{{ 1 / 0 }}\n", "text.txt:2: division by zero.", "an expression that fails"),
]


@pytest.mark.parametrize(("text", "sentence", "why"), MISTAKES, ids=[why for *_, why in MISTAKES])
def test_a_mistake_in_a_letter(shown, tmp_path: Path, text: str, sentence: str, why: str) -> None:
    """One sentence with file and line; the shipped letter is not shown in its place, for it would hide the mistake."""
    own(tmp_path, "receipt/en/text.txt", text)
    seen = shown("preview", "receipt")
    assert (seen.code, seen.out) == (1, "")
    assert seen.err == f"maild: {tmp_path}/own/receipt/en/{sentence}\n"


def test_a_letter_that_there_is_not(shown) -> None:
    """Status 2, and where the names are."""
    seen = shown("preview", "postcard")
    assert (seen.code, seen.out) == (2, "")
    assert "`maild letters list`" in seen.err
