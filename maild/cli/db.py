"""`maild db`: the database's own business."""

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

app = typer.Typer(no_args_is_help=True, help="The database's own business.")


@app.callback()
def _db() -> None:
    """The database's own business."""


@app.command()
def upgrade(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Bring the database to this version of maild; an SQLite file is copied beside itself first."""
    from maild.cli.options import house_of
    from maild.store.upgrade import upgrade as bring_up

    house = house_of(config)
    typer.echo(bring_up(house.config.database.opened_url()))
