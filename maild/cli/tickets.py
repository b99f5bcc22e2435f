"""`maild tickets`: the cases, a line each, without a name or a text."""

from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


def command(
    config: ConfigPath = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Closed and set-aside cases too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the cases."""
    import json

    from maild.app.cases import rows
    from maild.cli.options import house_of, shown

    house = house_of(config)
    listed = rows(house, everything=everything)
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {**row, **{name: value and value.isoformat() for name, value in row.items() if hasattr(value, "isoformat")}}
                    for row in listed
                ],
                indent=2,
                default=str,
            )
        )
        return
    if not listed:
        typer.echo("No open cases." if not everything else "No cases.")
    for row in listed:
        due = shown(row["next_deadline"], house)
        mark = "!" if row["urgent"] else " "
        typer.echo(
            f"{mark} {row['code']:<24} {row['state']:<13} {row['lead'] or '-':<12} received {shown(row['received_at'], house)}  due {due}"
        )
