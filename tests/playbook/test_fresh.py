"""Names and tokens nobody can guess, the same again for the same seed."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.fresh import FIRST, REFERENCE_LETTERS, SECOND, Fresh

SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.text(max_size=20))
def test_a_seed_always_tells_the_same(seed, label):
    """A unit of work that is tried again makes the same names, so that a retry is byte for byte the same."""
    one, other = Fresh(seed), Fresh(seed)
    assert (one.token(label), one.code(1), one.reference(2)) == (other.token(label), other.code(1), other.reference(2))


@given(SEEDS, st.sets(st.text(max_size=20), min_size=2, max_size=10))
def test_every_label_has_its_own_token(seed, labels):
    """Tokens of one unit differ from each other."""
    assert len({Fresh(seed).token(label) for label in labels}) == len(labels)


@given(st.sets(SEEDS, min_size=2, max_size=10))
def test_every_seed_has_its_own_tokens(seeds):
    """Tokens of two units differ."""
    assert len({Fresh(seed).token("letter-1") for seed in seeds}) == len(seeds)


@given(SEEDS, st.integers(0, 100))
def test_names_have_the_form_that_is_looked_for(seed, number):
    """A code name is two words, a reference five letters that are read aloud without a mistake, a token 26 letters for an address."""
    fresh = Fresh(seed)
    assert re.fullmatch(r"[a-z]{2,20}-[a-z]{2,20}", fresh.code(number))
    assert re.fullmatch(r"R-[2-9A-HJKMNP-TV-Z]{5}", fresh.reference(number))
    assert re.fullmatch(r"[a-z2-7]{26}", fresh.token(str(number)))


def test_a_taken_name_has_a_next_one():
    """When a name is taken already, the next try gives another."""
    fresh = Fresh(b"0" * 32)
    assert len({fresh.code(number) for number in range(100)}) > 95
    assert len({fresh.reference(number) for number in range(100)}) == 100


def test_there_are_names_enough():
    """Ten thousand cases and more have names of their own; no word stands twice in its list."""
    assert not [word for words in (FIRST, SECOND) for word, times in Counter(words).items() if times > 1]
    assert len(FIRST) * len(SECOND) > 20_000
    assert len(REFERENCE_LETTERS) == len(set(REFERENCE_LETTERS)) == 30
