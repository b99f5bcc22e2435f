"""Facts as sealed columns and the journal hold them: canonical JSON, so that equal facts are equal bytes.

ASCII only: mail may hold lone surrogates, which UTF-8 refuses and JSON's escapes carry.
"""

import json
from collections.abc import Mapping

from maild.playbook.entry import Fact

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(facts: Mapping[str, Fact]) -> str:
    """Sorted keys, no spaces, ASCII. Raises `TypeError` or `ValueError` for what JSON cannot hold (NaN too)."""
    return _CANONICAL.encode(facts)


def written(facts: Mapping[str, Fact]) -> bytes:
    """Facts ready to be sealed."""
    return canonical(facts).encode("ascii")


def read(column: bytes) -> dict[str, Fact]:
    """Facts that were sealed."""
    facts: dict[str, Fact] = json.loads(column)
    return facts
