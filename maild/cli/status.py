"""`maild status`: how the daemon and the cases stand, in numbers."""

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


def command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show how maild is doing; exit status 1 where something needs a person."""
    import json

    from maild.app.report import standing
    from maild.cli.options import house_of

    house = house_of(config)
    told = standing(house)
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        for line in _lines(told):
            typer.echo(line)
    if told["wrong"]:
        raise typer.Exit(1)


def _lines(told: dict[str, object]) -> list[str]:
    wrong = told["wrong"]
    rows = [f"{name.replace('_', ' '):<22} {_value(value)}" for name, value in told.items() if name != "wrong"]
    troubles = [f"! {sentence}" for sentence in wrong] if isinstance(wrong, list) else []
    return [*rows, *(troubles or ["Everything works."])]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items() if count) or "none"
    return (
        {True: "yes", False: "no", None: "-"}.get(value, str(value))
        if value in (True, False, None) and not isinstance(value, int | float) or isinstance(value, bool)
        else str(value)
        if value is not None
        else "-"
    )
