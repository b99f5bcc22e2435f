"""`maild show CODE`: one case with everything that is kept of it."""

from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath


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
    reporter = ticket.reporter
    typer.echo(f"{ticket.code} ({ticket.reference}), {ticket.state.value}{', urgent' if ticket.urgent else ''}")
    typer.echo(
        f"Received {shown(ticket.received_at, house)}, acknowledged {shown(ticket.acknowledged_at, house)}, answered {shown(ticket.answered_at, house)}"
    )
    typer.echo(printable(f"Reporter: {reporter.name} <{reporter.address}>" if reporter else "Reporter: unknown"))
    typer.echo(f"Lead: {ticket.lead or '-'}; kept out: {', '.join(ticket.withheld) or 'nobody'}")
    for person in ticket.people:
        typer.echo(printable(f"{person.ref}: {person.name} ({person.role})"))
    for name, made in ticket.determinations.items():
        typer.echo(printable(f"Determined {name} (version {made.version}, by {made.by}): {made.value}"))
    for made in ticket.resolutions:
        typer.echo(printable(f"Resolved {shown(made.at, house)} by {made.by}: {made.kind} {made.label} {' '.join(made.to)}"))
    for one in said:
        typer.echo(printable(f"\n--- {shown(one.at, house)} {one.relation} by {one.by}\n{one.text.strip()}"))
    house.store.close()
