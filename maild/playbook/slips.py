"""Slips in a tag that leave no doubt what was meant, put right for the line that an answer offers: nothing is carried out for it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from maild.playbook.syntax import Tag
from maild.playbook.values import TEXT, WHO
from maild.playbook.verb import Verb
from maild.playbook.vocabulary import VERBS


def _hyphened(row: Verb) -> Iterator[str]:
    """Every name in a row of the vocabulary that has a hyphen."""
    kinds = filter(None, (row.value, row.subvalue, *row.keys.values()))
    names = (row.name, *row.keys, *(choice for kind in kinds for choice in kind.choices))
    return (name for name in names if "-" in name)


_SPACED = "|".join(sorted({name.replace("-", "(?: -?|- )") for row in VERBS.values() for name in _hyphened(row)}))
_QUOTED_OR_SPACED = re.compile(rf'"[^"]*"|\b(?:{_SPACED})\b', re.IGNORECASE)


def hyphened(inside: str) -> str:
    """What stands between two brackets, with our names in one piece where they were written in two: `private reprimand`."""
    return _QUOTED_OR_SPACED.sub(_in_one_piece, " ".join(inside.split()))


def _in_one_piece(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else re.sub("[ -]+", "-", match[0])


def quoted(tag: Tag) -> Tag:
    """The tag with quotation marks around a text of several words that has none: `name=Robin Example`."""
    row, pieces = VERBS[tag.verb], list[tuple[str, str | None]]()
    for name, raw in tag.pieces:
        key, text = pieces[-1] if pieces else ("", None)
        if raw is None and text and _runs_on(row, key, text, name):
            pieces[-1] = (key, f"{text} {name}")
        else:
            pieces.append((name, raw))
    return replace(tag, pieces=tuple((key, f'"{text}"' if text and " " in text and '"' not in text else text) for key, text in pieces))


def _runs_on(row: Verb, key: str, text: str, word: str) -> bool:
    """Whether a bare word belongs to the text before it. Beside a reference or `unknown` it may be anything."""
    kind = row.keys.get(key)
    return '"' not in text and word not in row.words and (kind is TEXT or (kind is WHO and WHO.read(text) is None))
