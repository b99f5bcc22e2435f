"""Bad configurations: a file each, and every sentence that maild says to each of them."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from maild.config import Config
from maild.config.sentences import Fault, faults_of, table_at
from maild.errors import ConfigInvalid

BAD = Path(__file__).parent / "bad"


def expected() -> dict[str, list[str]]:
    """The table of files and sentences."""
    table: dict[str, list[str]] = {}
    sentences: list[str] = []
    for line in (BAD / "sentences.txt").read_text().splitlines():
        if line.startswith(" "):
            sentences.append(line.strip())
        elif line and not line.startswith("#"):
            sentences = table.setdefault(line, [])
    return table


def problems(read: Callable[..., Config], text: str | bytes, *, desk: Path) -> list[str]:
    """What maild says to a text, without the path of the temporary directory."""
    with pytest.raises(ConfigInvalid) as caught:
        read(text)
    return [problem.replace(f"{desk}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(("file", "sentences"), expected().items(), ids=expected())
def test_each_bad_file_gets_its_sentences(file: str, sentences: list[str], read: Callable[..., Config], desk: Path) -> None:
    """A bad file is refused with exactly its sentences, all at once and in the order of the file."""
    assert problems(read, (BAD / f"{file}.toml").read_bytes(), desk=desk) == sentences


def test_every_bad_file_is_in_the_table() -> None:
    """No bad file is without expectation, and no expectation without file."""
    assert sorted(path.stem for path in BAD.glob("*.toml")) == sorted(expected())


def test_the_file_that_the_bad_ones_are_made_of_is_good(read: Callable[..., Config], good: str) -> None:
    """Without its mistake a bad file would be accepted."""
    assert read(good).organisation.name == "Example"


def every_key() -> list[tuple[str, str]]:
    """All tables and keys that a configuration may have."""
    tables = [(name, table_at((name,))) for name in Config.model_fields]
    return [(name, key) for name, table in tables if table for key in table.model_fields]


def as_toml(raw: dict[str, Any]) -> str:
    """Tables of texts, numbers, flags and lists, and lists of such tables."""
    written = ""
    for name, tables in raw.items():
        header = f"[[{name}]]" if isinstance(tables, list) else f"[{name}]"
        for table in tables if isinstance(tables, list) else [tables]:
            written += header + "\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    return written


PLANTED = "correct-horse"
SLIPS = [
    PLANTED,
    [PLANTED],
    f"{PLANTED} battery",
    f"'{PLANTED}",
    f"{PLANTED}\n",
    f"{PLANTED}@",
    f"/nowhere/{PLANTED}",
    f"https://user:{PLANTED}@[",
    f"postgresql+psycopg://user:{PLANTED}@localhost/maild",
]


def complaint(read: Callable[..., Config], text: str) -> str:
    """What maild says to a text; nothing where it accepts it."""
    try:
        read(text)
    except ConfigInvalid as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("table", "key"), every_key())
def test_no_sentence_repeats_a_value(table: str, key: str, read: Callable[..., Config], good: str) -> None:
    """A password that was written into the wrong line is never shown, whatever the line and whatever is wrong with it."""
    complaints = ""
    for slip in SLIPS:
        raw = tomllib.loads(good)
        rows = raw.setdefault(table, [{}] if table in ("space", "event") else {})
        (rows[0] if isinstance(rows, list) else rows)[key] = slip
        complaints += complaint(read, as_toml(raw))
    assert complaints, "a list is right for hardly any key"
    assert PLANTED not in complaints


def test_an_error_that_nobody_foresaw_is_still_a_sentence() -> None:
    """A kind of error that only a later pydantic knows is not passed over."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[int]).validate_python([1, PLANTED])
    assert [*faults_of(caught.value)] == [Fault((1,), "is not valid")]
