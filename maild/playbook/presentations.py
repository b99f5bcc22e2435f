"""What was done about a presentation (playbook, "Presentations"): a fact, whatever the playbook says of it."""

from dataclasses import dataclass

from maild.playbook.people import words

MINOR, STOPPED, SPOKEN = "minor", "stopped", "spoken"

TO_BE_STOPPED = frozenset({"repeated", "serious"})
"""Grounds on which the playbook has a presentation stopped (lines 12 to 14)."""

LEAST_WORDS = 2
"""Words of a title that can be told from any other text; `Python` stands in half of all letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """One fact about one presentation or similar event."""

    what: str
    talk: str = ""
    """Its title: never in a letter to anybody outside the team."""
    grounds: str = ""

    @property
    def differs(self) -> bool:
        """Whether it was stopped on grounds for which the playbook would not have it stopped (lines 10 and 11)."""
        return self.what == STOPPED and self.grounds not in TO_BE_STOPPED


def named_in(text: str, talks: tuple[Presentation, ...]) -> bool:
    """Whether a text holds the title of one of them."""
    line = f" {' '.join(words(text))} "
    titles = (words(one.talk) for one in talks)
    return any(f" {' '.join(title)} " in line for title in titles if len(title) >= LEAST_WORDS)
