"""The notice that what is on record matches a guideline for an expulsion: once for each person and ground, and nothing follows by itself.

Each of the team is told by what they may know: a case that somebody is kept out of counts for nothing in what they read.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from maild.playbook import disclosure, notices
from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk
from maild.playbook.decide.expelling import expelling
from maild.playbook.effects import Send
from maild.playbook.entry import Entry, Fact, What, moment
from maild.playbook.guidelines import WATCHED, Elsewhere, Record, due, records, tally
from maild.playbook.letters import Kind, Recipient
from maild.playbook.ticket import CasePerson, Ticket


def elsewhere(desk: Desk) -> tuple[Elsewhere, ...]:
    """The other cases of the people this mail is about, as the mail has left them so far."""
    return tuple(replace(one, ticket=desk.touched.get(one.ticket.id, one.ticket)) for one in desk.scene.elsewhere)


def with_guidelines(desk: Desk) -> Desk:
    """The desk with the notices that are due after its commands."""
    if not any(isinstance(one, Command) and one.verb in WATCHED for one in desk.commands):
        return desk
    for ticket_id in desk.touched:
        for person in desk.touched[ticket_id].people:
            desk = _looked_at(desk, desk.touched[ticket_id], person)
    return desk


def _looked_at(desk: Desk, ticket: Ticket, person: CasePerson) -> Desk:
    noticed: dict[str, list[Send]] = {}
    for to in disclosure.team(ticket, desk.scene.policy):
        known = records(person, ticket, elsewhere(desk), seen=lambda other, to=to: _sees(other, to, desk))  # type: ignore[misc]
        for ground in due(known):
            noticed.setdefault(ground, []).extend(_notice(desk, ticket, person, to, ground, known))
    after = replace(desk, ticket=ticket)
    for ground, letters in noticed.items():
        entry = Entry(what=What.GUIDELINE, at=desk.scene.now, by="maild", facts={"ref": person.ref, "ground": ground})
        after = after.enter(entry).also(*letters)
    on_desk = desk.ticket.id if desk.ticket else None
    return replace(after, ticket=after.touched.get(on_desk, desk.ticket) if on_desk else None)


def _sees(other: Ticket, to: Recipient, desk: Desk) -> bool:
    return any(one.handle == to.handle for one in disclosure.team(other, desk.scene.policy))


def _notice(desk: Desk, ticket: Ticket, person: CasePerson, to: Recipient, ground: str, known: tuple[Record, ...]) -> tuple[Send, ...]:
    policy, counted = desk.scene.policy, tally(known)
    event = policy.conference(ticket.event)
    rows = sorted((row for record in known for row in _on_record(record, desk)), key=_when)
    facts: dict[str, Fact] = {
        "ref": person.ref,
        "name": person.name,
        "ground": ground,
        "event": event.name if event else "",
        "counted": {"there": counted[ticket.event], "in_all": counted.total()},
        "records": list(rows),
        "expelling": expelling(ticket, person.ref, ground, desk.scene),
    }
    return notices.about(ticket, Kind.GUIDELINE, [to], facts, policy)


def _when(row: dict[str, Fact]) -> datetime:
    return moment(row["at"])


def _on_record(record: Record, desk: Desk) -> Iterator[dict[str, Fact]]:
    """What one case has, each with the word for it, when it was, and where; no text of anybody."""
    happened: list[tuple[str, str, datetime, str]] = [
        *(("warning", record.number(one), one.at, one.event) for one in record.warnings),
        *(("stop", "", one.at, "") for one in record.stops),
        *((one.kind, "", one.at, "") for one in record.offences),
        *((("report", "", record.ticket.received_at, record.ticket.event),) if record.reported else ()),
    ]
    for what, number, at, slug in happened:
        event, case = _event(slug, desk), {"code": record.ticket.code, "violation": record.violation}
        yield {"what": what, "id": number, "at": at.isoformat(), "event": event, **case}


def _event(slug: str, desk: Desk) -> str:
    known = desk.scene.policy.conference(slug)
    return known.name if known else slug
