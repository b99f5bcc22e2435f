"""config.example.toml is the reference: every key, its default, a sentence."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maild.config import Config
from maild.config.sentences import table_at

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
KEY = re.compile(r"(# )?([a-z_]+) = ")
HEADER = re.compile(r"(?:# )?\[{1,2}([a-z]+)\]{1,2}")
SENTENCE = re.compile(r"# [A-Z].*[.:)]")


@pytest.fixture
def example(desk: Path) -> str:
    """The example, with its passwords where this test has some."""
    for name in ("imap", "smtp"):
        (desk / f"{name}.password").touch(mode=0o600)
    return EXAMPLE.read_text().replace("/etc/maild/", "")


def keys() -> Iterator[tuple[str, str, bool, str]]:
    """The table, the key, whether it stands in a comment, and the line above: of every key in the example."""
    table, above = "", ""
    for line in EXAMPLE.read_text().splitlines():
        if header := HEADER.fullmatch(line):
            table = header[1]
        if key := KEY.match(line):
            yield table, key[2], bool(key[1]), above
        above = line


def uncommented(text: str) -> str:
    """The example with every default written out."""
    return re.sub(r"(?m)^# (?=\[\[?[a-z]+\]\]?$|[a-z_]+ = )", "", text)


def test_the_example_is_a_good_configuration(read: Callable[..., Config], example: str) -> None:
    """Once its passwords exist, the example can be used as it is."""
    assert read(example).organisation.mailbox == "info@pymalta.org"


def test_every_default_of_the_example_is_the_default(read: Callable[..., Config], example: str) -> None:
    """Writing out all that stands in comments changes nothing but the place and the event, which have no default."""
    written = read(uncommented(example))
    assert written.model_copy(update={"space": (), "event": ()}) == read(example)
    assert written.space[0].contact == type(written.space[0]).model_fields["contact"].default
    assert (written.event[0].contact, written.event[0].spaces) == ("", ())


def test_the_defaults_of_the_example_are_those_of_the_model(read: Callable[..., Config], example: str) -> None:
    """What reading fills in on a machine without directories of its own is what the tables say by themselves."""
    config = read(example)
    for name in ("authentication", "database", "clocks", "digest", "limits", "letters", "transparency", "run"):
        table = getattr(config, name)
        assert table.model_dump() == type(table).model_validate({}).model_dump(), name


def test_the_example_has_every_key_once() -> None:
    """Each key of the configuration stands in the example, and no other does."""
    modelled = [(name, key) for name in Config.model_fields for key in table_at((name,)).model_fields]
    assert sorted((table, key) for table, key, _, _ in keys()) == sorted(modelled)


def test_keys_with_a_default_stand_in_comments() -> None:
    """A key without # is one that must be filled in, or a login's name and password."""
    must = {(name, key) for name in Config.model_fields for key, field in table_at((name,)).model_fields.items() if field.is_required()}
    logins = {(server, key) for server in ("imap", "smtp") for key in ("username", "password_file")}
    optional_tables = {"space", "event"}
    bare = {(table, key) for table, key, commented, _ in keys() if not commented}
    assert bare == {(table, key) for table, key in must if table not in optional_tables} | logins


@pytest.mark.parametrize(("table", "key", "above"), [(table, key, above) for table, key, _, above in keys()])
def test_every_key_has_a_sentence(table: str, key: str, above: str) -> None:
    """The line above a key says what it means."""
    assert SENTENCE.fullmatch(above), f"{table}.{key}: {above}"
