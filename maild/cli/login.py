"""`maild login`: consent to what maild may do at Google or Microsoft, once."""

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

EXAMPLES = (
    "maild login",
    "maild login --config ./config.toml",
)


def command(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Consent once to maild's reading and sending mail at Google or Microsoft; works over SSH, with a browser anywhere."""
    from maild.app.consent import login
    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    granted = login(house, say=typer.echo)
    if granted.until is None:
        typer.echo("An access token was given: nobody has to consent to anything.")
        return
    typer.echo(f"{granted.provider} granted: {printable(granted.scope) or 'what maild asked for'}")
    typer.echo(f"This token is good until {shown(granted.until, house)}; maild renews it by itself until somebody takes the consent back.")
