"""`maild tickets`: the cases, a line each, without a name or a text."""

from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

EXAMPLES = (
    "maild tickets",
    "maild tickets --all | grep resolved",
    "maild tickets --json",
)


def command(
    config: ConfigPath = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Closed and set-aside cases too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the cases."""
    import json

    from maild.app.cases import cases
    from maild.cli.options import house_of, shown
    from maild.playbook.decide.lookups import row
    from maild.playbook.progress import next_deadline

    house = house_of(config)
    listed = cases(house, everything=everything)
    if as_json:
        typer.echo(json.dumps([{**row(one), "reference": one.reference} for one in listed], indent=2))
        return
    for one in listed:
        mark, due = "!" if one.urgent else " ", shown(next_deadline(one), house)
        typer.echo(f"{mark} {one.code:<22} {one.state_name:<13} {one.lead or '-':<12} received {shown(one.received_at, house)}  due {due}")
    if not listed:
        typer.echo("No cases." if everything else "No open cases.")
