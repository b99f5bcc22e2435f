"""One row of the vocabulary: a verb, what goes with it, and how much proof it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from maild.playbook.values import Kind


class Level(Enum):
    """How much proof of the sender a command needs (security.md, "Who may command")."""

    LOOKUP = "lookup"
    """An answer to the asker and nothing changes: the registered From and a token of ours."""
    NOTE = "note"
    """Stays inside and binds nobody: the registered From and a token of ours. A note without one is read as not proven."""
    DECISION = "decision"
    """Also an authenticated domain, a signature, or a confirmed challenge."""
    ALWAYS = "always"
    """Takes effect even when the rest of the mail is refused; unproven, it counts as unverified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One row of the table."""

    name: str
    value: Kind | None = None
    value_needed: bool = True
    subvalue: Kind | None = None
    """What has to stand after `=` in `[verb:value=value]`."""
    keys: Mapping[str, Kind] = field(default_factory=dict)
    seldom: Mapping[str, Kind] = field(default_factory=dict)
    """More keys, for cases with several reporters: our sentences write them out there, and `syntax` leaves them out."""
    words: tuple[str, ...] = ()
    bare: str = ""
    """The key that a word of its kind is for when it stands there alone: `[appeal:upheld S1]`."""
    fits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each value the keys and words that go with it; empty where all go with all."""
    needs: tuple[str, ...] = ()
    """At least one of these keys and words has to stand in the tag; without any it says nothing."""
    text: bool = False
    """The text below is part of what the tag says."""
    never_refused: bool = False
    """Whatever else stands in the tag or beside it is read as its text instead of being a mistake (product.md principle 7)."""
    level: Level = Level.DECISION
    effect: str
    example: str

    @property
    def syntax(self) -> str:
        """How the tag is written: `|` between choices, in parentheses what may be left out."""
        keys = {key: kind.hint if key == self.bare else f"{key}={kind.hint}" for key, kind in self.keys.items()}
        written = {word: word for word in self.words} | keys
        parts = [f" {part}" if self.needs == (name,) else f" ({part})" for name, part in written.items()]
        value = f":{self.value.hint}" + (f"={self.subvalue.hint}" if self.subvalue else "") if self.value else ""
        return f"[{self.name}{value if self.value_needed else f'({value})'}{''.join(parts)}]"
