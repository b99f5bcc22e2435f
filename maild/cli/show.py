"""`maild show CODE`: one case with everything that is kept of it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

if TYPE_CHECKING:
    from maild.app import House
    from maild.playbook.events import Said
    from maild.playbook.ticket import Ticket

EXAMPLES = (
    "maild show quiet-harbour",
    "maild show quiet-harbour --json",
)


def command(
    code: Annotated[str, typer.Argument(help="The case's code name, such as quiet-harbour.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one case: state, determinations, people and every text. Personal: mind who looks over your shoulder."""
    import json

    from maild.app.cases import case
    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    found = case(house, code)
    if found is None:
        typer.echo(f"maild: there is no case {code}; `maild tickets --all` lists them.", err=True)
        raise typer.Exit(1)
    ticket, said = found
    if as_json:
        typer.echo(json.dumps(_told(ticket, said), indent=2))
        return
    for line in _lines(ticket, house):
        typer.echo(printable(line))
    for one in said:
        typer.echo(printable(f"\n--- {shown(one.at, house)} {one.relation} by {one.by}\n{one.text.strip()}"))


def _told(ticket: "Ticket", said: Sequence["Said"]) -> dict[str, Any]:
    from maild.playbook.decide.lookups import particulars, row

    reporter = {"name": ticket.reporter.name, "address": ticket.reporter.address} if ticket.reporter else None
    texts = [{"at": one.at.isoformat(), "relation": one.relation, "by": one.by, "text": one.text} for one in said]
    return {**row(ticket), **particulars(ticket), "reporter": reporter, "withheld": dict(ticket.withheld), "texts": texts}


def _lines(ticket: "Ticket", house: "House") -> Iterator[str]:
    from maild.cli.options import shown

    moments = (("Received", ticket.received_at), ("acknowledged", ticket.acknowledged_at), ("answered", ticket.answered_at))
    yield f"{ticket.code} ({ticket.reference}), {ticket.state.value}{', urgent' if ticket.urgent else ''}"
    yield ", ".join(f"{name} {shown(moment, house)}" for name, moment in moments)
    yield f"Reporter: {ticket.reporter.name} <{ticket.reporter.address}>" if ticket.reporter else "Reporter: unknown"
    yield f"Lead: {ticket.lead or '-'}; kept out: {', '.join(ticket.withheld) or 'nobody'}"
    for person in ticket.people:
        yield f"{person.ref}: {person.name} ({person.role})"
    for name, determined in ticket.determinations.items():
        yield f"Determined {name} (version {determined.version}, by {determined.by}): {determined.value}"
    for made in ticket.resolutions:
        yield f"Resolved {shown(made.at, house)} by {made.by}: {made.kind} {made.label} {' '.join(made.to)}".rstrip()
