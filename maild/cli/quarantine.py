"""`maild quarantine`: mails that raised an error and wait for a person."""

from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, examples

app = typer.Typer(no_args_is_help=True, help="Mails that raised an error and wait for a person: nothing of them is lost.")

Number = Annotated[int, typer.Argument(help="The number that `maild quarantine list` shows.")]


@app.command(name="list", epilog=examples("maild quarantine list", "maild quarantine list --json"))
def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the mails in quarantine."""
    import json

    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    with house.store.read() as work:
        rows = work.inbox.quarantined()
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

    house = house_of(config)
    found = _raw(house, number)
    if raw:
        sys.stdout.buffer.write(found)
        return
    typer.echo(printable(found.decode("utf-8", "replace")))


@app.command(epilog=examples("maild quarantine retry 7"))
def retry(number: Number, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let maild read the mail again, as if it had just come."""
    from maild.cli.options import house_of

    house = house_of(config)
    with house.store.begin() as work:
        done = work.inbox.release(number)
    _told(done, number, "It is read again within a minute.")


@app.command(epilog=examples("maild quarantine discard --dry-run 7", "maild quarantine discard 7"))
def discard(
    number: Number,
    config: ConfigPath = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Take the mail out of quarantine without making a case of it. Its bytes are kept."""
    from maild.cli.options import house_of

    house = house_of(config)
    if dry_run:
        _raw(house, number)
        typer.echo(f"{number} would be discarded.")
        return
    with house.store.begin() as work:
        done = work.inbox.discard(number, now=house.clock())
    _told(done, number, "Discarded; its bytes are kept.")


def _raw(house: object, number: int) -> bytes:
    with house.store.read() as work:  # type: ignore[attr-defined]
        if number not in {row.id for row in work.inbox.quarantined()}:
            _told(False, number, "")
        return work.inbox.raw(number)  # type: ignore[no-any-return]


def _told(done: bool, number: int, sentence: str) -> None:
    if not done:
        typer.echo(f"maild: {number} is not in quarantine; `maild quarantine list` shows what is.", err=True)
        raise typer.Exit(1)
    typer.echo(sentence)
