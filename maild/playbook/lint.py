"""Whether a letter to a reporter promises or presses (playbook lines 22 to 34): `objections` is what every text of staff is held against."""

from collections.abc import Iterable, Iterator, Mapping

from maild.playbook.people import words
from maild.playbook.phrases import BETWEEN, FREEING, PRESSURE, PRESSURE_MT, PROMISES, PROMISES_MT, STRENGTHENING

PROMISE = "may be read as a promise"

PRESSING = "may press the reporter"

_Phrases = Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]]


def _by_first_word(*tables: tuple[str, Iterable[str]]) -> _Phrases:
    """Each phrase as its words, what it may be read as, and its spelling: under its first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    once: dict[str, str] = {}  # thousands of phrases are made of a few hundred words
    for reading, spellings in tables:
        for spelling in spellings:
            phrase = tuple(once.setdefault(word, word) for word in words(spelling))
            found.setdefault(phrase[0], []).append((phrase, reading, spelling))
    return {first: tuple(sorted(phrases, key=lambda one: -len(one[0]))) for first, phrases in found.items()}


_PHRASES = _by_first_word((PROMISE, (*PROMISES, *PROMISES_MT)), (PRESSING, (*PRESSURE, *PRESSURE_MT)))


def objections(text: str) -> tuple[str, ...]:
    """A sentence for each promise and each pressing phrase of a text, with the phrase; empty where nothing speaks against it.

    Whole words in any case, with or without accents; takes time linear in the text. A word before a phrase may free it (`FREEING`); one inside that
    only makes it stronger is passed over.
    """
    return tuple(dict.fromkeys(_found([word for word in words(text) if word not in STRENGTHENING])))


def _found(said: list[str]) -> Iterator[str]:
    end = 0
    for start, word in enumerate(said):
        if start < end or word not in _PHRASES:
            continue
        match = next((one for one in _PHRASES[word] if tuple(said[start : start + len(one[0])]) == one[0]), None)
        if match is not None and not _freed(said, start):
            phrase, reading, spelling = match
            end = start + len(phrase)
            yield f"“{spelling}” {reading}"


def _freed(said: list[str], start: int) -> bool:
    """Whether the words before take the edge off: the nearest one, or the one before a “that”."""
    before = said[max(0, start - 2) : start]
    if before and before[-1] in BETWEEN:
        before.pop()
    return bool(before) and before[-1] in FREEING
