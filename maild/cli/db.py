"""`maild db`: the database's own business."""

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath, examples

app = typer.Typer(no_args_is_help=True, help="The database's own business.")


@app.callback()
def _db() -> None:
    """The database's own business."""


@app.command(epilog=examples("systemctl stop maild && maild db upgrade && systemctl start maild"))
def upgrade(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Bring the database to this version of maild; an SQLite file is copied beside itself first."""
    from maild.cli.options import house_of
    from maild.errors import SchemaMismatch
    from maild.store import has_schema
    from maild.store.upgrade import upgrade as bring_up

    database = house_of(config).config.database
    if not database.key_file.exists() and not has_schema(database.opened_url()):
        # Tables without a key look like a database whose key is lost, and maild would refuse to start on them.
        raise SchemaMismatch("There is no database yet, and no key file: the first `maild run` makes both.")
    typer.echo(bring_up(database.opened_url()))
