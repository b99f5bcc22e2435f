"""The texts that the entries of a case hold: what staff wrote in notes, determinations and letters."""

from collections.abc import Iterable, Iterator, Mapping

from maild.playbook.entry import Entry, What
from maild.playbook.events import Said
from maild.playbook.proposals import reason

_RELATION = {What.LETTER: "letter", What.EXPLAINED: "letter", What.DETERMINED: "determination"}
"""What a text is called where the name of its entry would say less."""


def said_in(entries: Iterable[Entry]) -> Iterator[Said]:
    """Each text of these entries in their order; a letter to somebody but the reporter says to whom it went.

    What came in somebody's name and nothing proves says so for good: it is read long after the letter that said it first.
    """
    for entry in entries:
        text = _text(entry)
        if text:
            yield Said(relation=_relation(entry), by=entry.by, at=entry.at, text=text)


def _text(entry: Entry) -> str:
    if entry.what is What.PROPOSED:
        return reason(entry.facts["command"])
    values = entry.facts.get("values")
    text = values["what"] if isinstance(values, Mapping) and "what" in values else entry.facts.get("text")
    return text if isinstance(text, str) else ""


def _relation(entry: Entry) -> str:
    if entry.what is What.WRITTEN:
        return f"letter to {entry.facts['ref']}"
    called = _RELATION.get(entry.what) or str(entry.what.value)
    return f"{called} (not proven)" if entry.facts.get("proven") is False else called
