"""`maild check`: is the configuration right?"""

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

EXAMPLES = (
    "maild check",
    "maild check --config ./config.toml && systemctl restart maild",
)


def command(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Check the configuration file and every letter template; exit status 78 and a line for each mistake."""
    from maild.cli.options import house_of

    house = house_of(config)
    for sentence in house.config.warnings:
        typer.echo(f"note: {sentence}")
    faults = house.templates.faults()
    for sentence in faults:
        typer.echo(sentence, err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{config}: no mistakes.")
