"""What holds for any tag and any text: wrapping, typography and case change nothing, and nothing raises or takes long."""

import re
import textwrap
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.commands import VERBS, Command, Fault, read, read_subject, strip_commands

EXAMPLES = [row.example for row in VERBS.values()]

CURLY = str.maketrans({"-": "\u2011", " ": "\u00a0", "'": "\u2019"})
LOW = str.maketrans({"-": "\u2013", " ": "\u2003"})


def typographic(tag):
    """The tag as three word processors would have it."""
    yield re.sub(r'"([^"]*)"', "\u201c\\1\u201d", tag).translate(CURLY)
    yield re.sub(r'"([^"]*)"', "\u201e\\1\u201c", tag).translate(LOW)
    yield tag.replace(":", ": ").replace("=", " = ").replace("[", "[\u200b").replace("]", "\ufeff]")


VALUES = {
    "violation": ["yes", "no", "cannot-tell"],
    "who": ["P1", "P1,P2", '"the man in the red hat"', '"O\'Neil - the speaker"', "unknown", 'P1,"Robin Example"'],
    "ongoing": ["yes", "no", "unknown"],
    "safety": ["yes", "no", "unknown"],
}


@st.composite
def determinations(draw):
    keys = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    pieces = [f"{key}={draw(st.sampled_from(VALUES[key]))}" for key in keys]
    return " ".join(["[determine", *draw(st.permutations(["what", *pieces]))]) + "]"


TAGS = st.sampled_from(EXAMPLES) | determinations()


def understood(text):
    """The commands of a text without the form they were written in."""
    return [replace(item, written="") for item in read(text).commands]


@given(TAGS, st.integers(20, 80))
def test_a_wrapped_tag_reads_the_same(tag, width):
    """Wherever a client breaks the line at a blank, the command stays what it was."""
    wrapped = "\n".join(textwrap.wrap(tag, width, break_on_hyphens=False, break_long_words=False))
    assert read(wrapped) == read(tag)
    assert all(isinstance(item, Command) for item in read(tag).commands)


@given(TAGS)
def test_typography_reads_as_ascii(tag):
    """Curly and low quotation marks, long hyphens and blanks of every width are what was typed."""
    for variant in typographic(tag):
        assert understood(variant) == understood(tag)


@given(TAGS, st.sampled_from([str.upper, str.title, lambda tag: tag.replace("-", "_")]))
def test_letters_of_either_case_read_the_same(tag, written):
    """Verbs, keys and choices know neither case nor the difference between a hyphen and an underscore."""
    unquoted = re.sub(r'"[^"]*"', "P3", tag)
    wanted = unquoted if "until" in tag or "harbour" in tag else written(unquoted)
    assert understood(wanted) == understood(unquoted)


@given(st.text(st.characters(blacklist_characters="[")))
def test_without_brackets_there_are_no_commands(text):
    """Whatever people write, without an opening bracket it is a note and nothing is taken out of it."""
    assert not read(text).has_commands
    assert read_subject(text) == ()
    assert strip_commands(text) == text


SCRAPS = st.sampled_from(
    "take reply resolve nothing note who P1 what urgent ban label until 2026-12-01 nte EXT warn x [urgent]".split()
    + list('[]"=:, \n\r*!\u201c\u00a0\u200b')
    + ["- ", "[take]\n"]
)


@given(st.lists(SCRAPS).map("".join) | st.text())
def test_anything_can_be_read(text):
    """No text raises; every line is read once; nothing is left to command in what leaves; faults recommend only what works."""
    reading = read(text)
    assert not [item for item in read(strip_commands(text)).commands if isinstance(item, Command)]
    for item in (*reading.commands, *read_subject(text)):
        assert "\n" not in item.written
        assert isinstance(item, Command) or item.sentence
        if isinstance(item, Fault) and item.nearest:
            assert all(isinstance(command, Command) for command in read(item.nearest).commands)


HOSTILE = [
    "[",
    "[a",
    "[a\n",
    '"',
    '[a b="\n',
    '[take x="\n[take x=" ] ',
    "[take b\nc] ",
    "[take]",
    "[EX1]\n",
    "[Ana] x\n",
    " ",
    "*_-[",
    "<http:",
    "[detremimnx]\n",
]


@pytest.mark.timeout(900)  # a million characters a text, and coverage watches every line
@pytest.mark.parametrize("scrap", HOSTILE)
def test_hostile_texts_are_read_in_linear_time(scrap):
    """Ten times the text takes about ten times as long, whatever it is made of."""

    def seconds(size):
        text = scrap * (size // len(scrap))
        started = time.process_time()
        for reader in (read, read_subject, strip_commands):
            reader(text)
        return time.process_time() - started

    # A quadratic reader would need a hundred times as long.
    assert seconds(100_000) < 40 * max(seconds(10_000), 0.005)
