"""The table of verbs holds together, and names and dates are read as people write them."""

from datetime import date

import pytest

from maild.playbook.commands import Command, Level, help_rows, read
from maild.playbook.values import nearest, parse_date, person_refs
from maild.playbook.vocabulary import KINDS, MEANT, VERBS


@pytest.mark.parametrize("row", VERBS.values(), ids=VERBS)
def test_every_example_is_a_command_of_its_row(row):
    """What `[help]` shows works when it is copied."""
    (command,) = read(row.example).commands
    assert isinstance(command, Command)
    assert (command.verb, command.level) == (row.name, row.level)


@pytest.mark.parametrize("row", VERBS.values(), ids=VERBS)
def test_every_row_is_told_in_one_sentence(row):
    """Effects are sentences for staff, and begin and end like ones."""
    assert row.effect[0].isupper()
    assert row.effect.endswith(".")


SYNTAX = [
    ("take", "[take]", "a bare verb"),
    ("reply", "[reply (anyway)]", "a word that may be left out"),
    ("assign", "[assign:NAME]", "a value"),
    ("recuse", "[recuse(:NAME)]", "a value that may be left out"),
    ("explain", "[explain (anyway) until=YEAR-MONTH-DAY]", "a key that may not"),
    (
        "resolve",
        (
            "[resolve:nothing|private-reprimand|public-reprimand|vacation|ban|apology|other (silent) (permanent) (public) (private) (to=P1,P2)"
            ' (label="TEXT") (spaces=SPACE,SPACE|all) (days=NUMBER) (until=YEAR-MONTH-DAY) (board-approved=yes)]'
        ),
        "every kind and all that goes with any",
    ),
]


@pytest.mark.parametrize(("verb", "syntax", "why"), SYNTAX, ids=[why for *_, why in SYNTAX])
def test_the_syntax_comes_from_the_row(verb, syntax, why):
    """Parentheses stand around what may be left out."""
    assert VERBS[verb].syntax == syntax


def test_help_has_a_row_for_every_verb():
    """In the order of the table, an example and its effect."""
    assert [example for example, _ in help_rows()] == [row.example for row in VERBS.values()]


def test_levels_are_those_of_the_security_page():
    """Everything decides but what only looks, notes, or must take effect at once."""
    levels = {level: {row.name for row in VERBS.values() if row.level is level} for level in Level}
    assert levels[Level.LOOKUP] == {"status", "show", "list", "help", "case", "confirm", "history"}
    assert levels[Level.NOTE] == {"note", "take"}
    assert levels[Level.ALWAYS] == {"urgent", "recuse"}


def test_the_tables_agree():
    """Kinds and other words for verbs neither overlap where they must not nor point nowhere."""
    fitting = set().union(*KINDS.values())
    assert fitting == {*VERBS["resolve"].keys, *VERBS["resolve"].words}
    assert not MEANT.keys() & VERBS.keys()
    assert set(MEANT.values()) <= VERBS.keys()


NAMES = ("note", "reply", "determine")
NEAR = [
    ("note", "note", "itself"),
    ("NOTE", "note", "in capitals"),
    ("nte", "note", "a letter too few"),
    ("notee", "note", "a letter too many"),
    ("nota", "note", "a wrong letter"),
    ("noet", "note", "two letters swapped"),
    ("nato", None, "two wrong letters in a short word"),
    ("detremne", "determine", "a swap and a missing letter in a long one"),
    ("dtrmn", None, "too many missing letters"),
    ("no", None, "half of it"),
    ("", None, "nothing"),
    ("n" * 1000, None, "too long to be looked at"),
]


@pytest.mark.parametrize(("word", "name", "why"), NEAR, ids=[why for *_, why in NEAR])
def test_misspellings_are_recognised(word, name, why):
    """One slip of the finger in a short word, two in a long one."""
    assert nearest(word, NAMES) == name
    assert nearest(word, ()) is None


DATES = [
    ("2026-12-01", date(2026, 12, 1), "ISO"),
    (" 2026-1-2 ", date(2026, 1, 2), "without zeros, with blanks"),
    ("2026-02-30", None, "a day that does not exist"),
    ("20261201", None, "without hyphens"),
    ("01/12/2026", None, "which of the two is the month?"),
    ("1 December 2026", None, "in words"),
    ("2026-W01-1", None, "by weeks"),
    ("\u0662\u0660\u0662\u0666-12-01", None, "in other digits"),
    ("", None, "nothing"),
]


@pytest.mark.parametrize(("value", "day", "why"), DATES, ids=[why for *_, why in DATES])
def test_dates_are_year_month_day(value, day, why):
    """One order only: a misread date is a missed deadline."""
    assert parse_date(value) == day


REFS = [
    ("P1", ("P1",), "one"),
    ("p1, P12 ,p1,", ("P1", "P12"), "several, each once"),
    ("P1,Max", (), "a name among them"),
    ("P0", (), "they begin with one"),
    ("P1000", (), "nobody has a thousand people on a case"),
    ("", (), "none"),
]


@pytest.mark.parametrize(("value", "refs", "why"), REFS, ids=[why for *_, why in REFS])
def test_references_are_told_from_names(value, refs, why):
    """All of a list are references, or it is no list of references."""
    assert person_refs(value) == refs
