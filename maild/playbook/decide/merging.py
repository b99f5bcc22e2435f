"""Acknowledgements to one person, of which no budget may hold the first any longer: one letter says what all of them would."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from maild.playbook import notices
from maild.playbook.effects import Effect, Journal, Merge
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.letters import Kind, Rank
from maild.playbook.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """An acknowledgement that waits: its row in the outbox, which letter it is, and its case."""

    outbox_id: int
    letter: str
    ticket: Ticket


def merged(waiting: Sequence[Unsent], scene: Scene) -> tuple[Effect, ...]:
    """What takes the place of acknowledgements that wait for one person (security.md, "several are merged into one letter").

    An answer to the letter may be about any of its cases. So it goes to the team of one of which all are kept out who are kept out of
    any of the others; a case that does not fit in is left to a letter with others, or to its own.
    """
    effects: list[Effect] = []
    while waiting:
        narrow = max((one.ticket for one in waiting), key=lambda ticket: len(ticket.withheld))
        together = [one for one in waiting if one.ticket.withheld.keys() <= narrow.withheld.keys()]
        waiting = [one for one in waiting if one not in together]
        effects += _merged(together, narrow, scene) if len(together) > 1 else ()
    return tuple(effects)


def _merged(together: Sequence[Unsent], thread: Ticket, scene: Scene) -> Iterator[Effect]:
    for letter in notices.to_reporter(thread, Kind.MERGED_RECEIPT, {"items": [_item(one) for one in together]}):
        # No budget holds the first of them any longer, so none holds this one.
        now = replace(letter, rank=Rank.KNOWN, latest_at=scene.now)
        yield Merge(letter=now, outbox_ids=tuple(one.outbox_id for one in together))
        yield from (Journal(verb="merged-receipt", by="maild", ticket_id=one.ticket.id) for one in together)


def _item(one: Unsent) -> dict[str, Fact]:
    return {
        "reference": one.ticket.reference,
        "received_at": one.ticket.received_at.isoformat(),
        "truncated": one.letter == Kind.TOO_LARGE.value,
    }
