"""`maild status`: how the daemon and the cases stand, in numbers."""

from collections.abc import Mapping

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

EXAMPLES = (
    "maild status",
    'maild status > /dev/null || echo "maild needs a person"',
    "maild status --json",
)


def command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show how maild is doing; exit status 1 where something needs a person."""
    import json

    from maild.app.report import standing
    from maild.cli.options import house_of

    told = standing(house_of(config))
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        for name, value in told.items():
            if name != "wrong":
                typer.echo(f"{name.replace('_', ' '):<30} {_shown(value)}")
        typer.echo("\n".join(f"! {sentence}" for sentence in told["wrong"]) or "Everything works.")
    if told["wrong"]:
        raise typer.Exit(1)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {name}" for name, count in value.items() if count) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
