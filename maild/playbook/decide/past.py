"""`[history:P1]`: what is on record of a person, over all the cases that the asker may see; of the others not so much as a number."""

from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.guiding import elsewhere
from maild.playbook.decide.writing import unknown
from maild.playbook.entry import Fact
from maild.playbook.guidelines import Record, records, tally
from maild.playbook.ticket import Ticket
from maild.playbook.wishes import hidden_in

ON_NO_CASE = "This mail is about no case; answer one that is, or put [case:its-code-name] in front."


def history(command: Command, desk: Desk) -> Tried:
    """The warnings, sanctions and cases of one person, to the asker alone."""
    ticket = desk.seen
    if ticket is None:
        return Refused(sentence=ON_NO_CASE)
    person = ticket.person(command.value or "")
    if person is None:
        return Refused(sentence=unknown(command.value or "", ticket))
    known = records(person, ticket, elsewhere(desk), seen=desk.works_on)
    section: dict[str, Fact] = {
        "kind": "history",
        "ref": person.ref,
        "name": hidden_in(person.name, ticket),
        "counted": _counted(known, desk),
        "cases": [_case(record, desk) for record in known],
    }
    return Done(desk=desk.showing(section), sentence="See below.")


def _counted(known: tuple[Record, ...], desk: Desk) -> list[Fact]:
    return [{"event": _event(event, desk), "warnings": number} for event, number in sorted(tally(known).items())]


def _case(record: Record, desk: Desk) -> dict[str, Fact]:
    ticket = record.ticket
    warnings: list[Fact] = [
        {
            "id": record.number(one),
            "at": one.at.isoformat(),
            "event": _event(one.event or ticket.event, desk),
            "by": one.by,
            "text": hidden_in(one.text, ticket),
            "withdrawn": one.withdrawn,
        }
        for one in ticket.conduct.warnings
        if one.person in record.refs
    ]
    offences: list[Fact] = [{"kind": one.kind, "at": one.at.isoformat()} for one in record.offences]
    return {
        "code": ticket.code,
        "state": f"part of {record.whole.code}" if record.whole else ticket.state.value,
        "received_at": ticket.received_at.isoformat(),
        "violation": record.violation,
        "roles": sorted({one.role for one in ticket.people if one.ref in record.refs}),
        "warnings": warnings,
        "stops": [one.at.isoformat() for one in record.stops],
        "offences": offences,
        "sanctions": _sanctions(ticket, record),
    }


def _sanctions(ticket: Ticket, record: Record) -> list[Fact]:
    return [
        {"id": one.id, "kind": one.kind, "until": one.until.isoformat() if one.until else None}
        for one in ticket.sanctions
        if one.person in record.refs
    ]


def _event(slug: str, desk: Desk) -> str:
    known = desk.scene.policy.conference(slug)
    return known.name if known else slug
