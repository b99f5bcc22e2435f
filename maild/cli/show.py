"""`maild show CODE`: one case with everything that is kept of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

if TYPE_CHECKING:
    from maild.app import House
    from maild.playbook.ticket import Ticket


def command(
    code: Annotated[str, typer.Argument(help="The case's code name, such as quiet-harbour.")], config: ConfigPath = DEFAULT_CONFIG
) -> None:
    """Show one case: state, determinations, people and every text. Personal: mind who looks over your shoulder."""
    from maild.app.cases import case
    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    found = case(house, code)
    if found is None:
        typer.echo(f"maild: there is no case {code}; `maild tickets --all` lists them.", err=True)
        raise typer.Exit(1)
    ticket, said = found
    for line in _lines(ticket, house):
        typer.echo(printable(line))
    for one in said:
        typer.echo(printable(f"\n--- {shown(one.at, house)} {one.relation} by {one.by}\n{one.text.strip()}"))


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
