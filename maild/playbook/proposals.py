"""Proposals: a decision that waits for a second person, word by word as it will be carried out (`approvals = 2`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.playbook.entry import Fact
from maild.playbook.tag import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one person proposed in one mail: its resolutions, and the letters that go with them."""

    id: str
    """A1, A2 and so on, in the order in which they were made on this case."""
    by: str
    at: datetime
    commands: tuple[Command, ...]


def command_facts(command: Command) -> dict[str, Fact]:
    """A command as the facts of an entry."""
    return {
        "verb": command.verb,
        "value": command.value,
        "keys": dict(command.keys),
        "words": list(command.words),
        "text": command.text,
        "written": command.written,
    }


def command_from(fact: Fact) -> Command:
    """The command that stands in an entry's facts."""
    facts = fact if isinstance(fact, Mapping) else {}
    keys, words = facts.get("keys"), facts.get("words")
    return Command(
        verb=str(facts["verb"]),
        value=str(facts["value"]),
        keys={name: str(value) for name, value in keys.items()} if isinstance(keys, Mapping) else {},
        words=tuple(map(str, words)) if isinstance(words, Sequence) else (),
        text=str(facts["text"]),
        written=str(facts["written"]),
    )


INSIDE = frozenset({"expel", "extend"})
"""Decisions whose text says why, to the team; that of the others is for somebody to read."""


def reason(fact: Fact) -> str:
    """The text of a proposed command, in an entry's facts, if it stays in the team, whatever becomes of the proposal; else nothing."""
    command = command_from(fact)
    return command.text if command.verb in INSIDE else ""


def written(commands: Iterable[Command]) -> list[Fact]:
    """Commands as they were written, for those who are to read them before they agree."""
    return [{"written": one.written, "text": one.text} for one in commands]
