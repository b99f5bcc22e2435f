"""`maild quarantine`: mails that raised an error and wait for a person."""

from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, examples

if TYPE_CHECKING:
    from maild.app import House

app = typer.Typer(no_args_is_help=True, help="Mails that raised an error and wait for a person: nothing of them is lost.")

Number = Annotated[int, typer.Argument(help="The number that `maild quarantine list` shows.")]


@app.command(name="list", epilog=examples("maild quarantine list", "maild quarantine list --json"))
def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the mails in quarantine."""
    import json

    from maild.app.quarantine import quarantined
    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    rows = quarantined(house)
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {"id": row.id, "received_at": row.received_at.isoformat(), "size": row.size, "error": row.error or row.reason}
                    for row in rows
                ]
            )
        )
        return
    for row in rows:
        typer.echo(printable(f"{row.id}  received {shown(row.received_at, house)}  {row.size} bytes  {row.error or row.reason}"))
    if not rows:
        typer.echo("Nothing is in quarantine.")


@app.command(epilog=examples("maild quarantine show 7", "maild quarantine show --raw 7 > 7.eml && maild inspect 7.eml"))
def show(
    number: Number, config: ConfigPath = DEFAULT_CONFIG, raw: Annotated[bool, typer.Option("--raw", help="The bytes as they came.")] = False
) -> None:
    """Show the source of one mail in quarantine: as text, or its bytes."""
    import sys

    from maild.cli.options import house_of, printable

    found = _source(house_of(config), number)
    if raw:
        sys.stdout.buffer.write(found)
        return
    typer.echo(printable(found.decode("utf-8", "replace")))


@app.command(epilog=examples("maild quarantine retry 7"))
def retry(number: Number, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let maild read the mail again, as if it had just come."""
    from maild.app import quarantine
    from maild.cli.options import house_of

    _once(quarantine.retry(house_of(config), number), number)
    typer.echo("It is read again within a minute.")


@app.command(epilog=examples("maild quarantine discard --dry-run 7", "maild quarantine discard --yes 7"))
def discard(
    number: Number,
    config: ConfigPath = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the mail out of quarantine without making a case of it. Its bytes are kept."""
    from maild.app import quarantine
    from maild.cli.options import house_of

    house = house_of(config)
    _source(house, number)
    if dry_run:
        typer.echo(f"{number} would be discarded.")
        return
    if not yes:
        _ask(number)
    _once(quarantine.discard(house, number), number)
    typer.echo("Discarded; its bytes are kept.")


def _ask(number: int) -> None:
    """It may be somebody's report: nothing is discarded by a slip of the keyboard, or by a script that was not told so."""
    import sys

    if not sys.stdin.isatty():
        typer.echo("maild: nothing was done: add --yes, for there is nobody here to ask.", err=True)
        raise typer.Exit(1)
    typer.confirm(f"Nobody will look at {number} again. Is it no report?", abort=True)


def _source(house: "House", number: int) -> bytes:
    from maild.app.quarantine import source

    found = source(house, number)
    if found is None:
        raise _absent(number)
    return found


def _once(done: bool, number: int) -> None:
    """Somebody else may have been quicker."""
    if not done:
        raise _absent(number)


def _absent(number: int) -> typer.Exit:
    typer.echo(f"maild: {number} is not in quarantine; `maild quarantine list` shows what is.", err=True)
    return typer.Exit(1)
