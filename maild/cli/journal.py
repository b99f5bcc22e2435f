"""`maild journal`: whether anybody has touched the record of what was done."""

from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath, examples

DIGITS = 18
"""Of the number of a line, at most: more than that no database counts to."""

app = typer.Typer(no_args_is_help=True, help="The record of what was done: a chain of hashes that shows every later change.")


@app.callback()
def _journal() -> None:
    """The record of what was done."""


@app.command(epilog=examples("maild journal verify", "maild journal verify --anchor 4711:0123abcd"))
def verify(
    config: ConfigPath = DEFAULT_CONFIG,
    anchor: Annotated[
        list[str],
        typer.Option("--anchor", metavar="NUMBER:HASH", help="From a digest or a log line; shows lines cut off. May be repeated."),
    ] = [],  # noqa: B006 (typer's own way)
) -> None:
    """Check every line of the journal; exit status 1 where one was changed, moved or removed."""
    from maild.app.journal import chain, holds
    from maild.cli.options import house_of

    house = house_of(config)
    found = chain(house)
    wrong = [] if found.broken is None else [f"line {found.broken} was changed, moved or removed."]
    for one in anchor:
        number, _, digest = one.replace(" ", ":").partition(":")
        if not (number.isdecimal() and len(number) <= DIGITS and holds(house, number=int(number), digest=digest)):
            wrong.append(f"the anchor {number} does not fit: that line was changed, or lines were cut off.")
    for sentence in wrong:
        typer.echo(f"maild: {sentence}", err=True)
    if wrong:
        raise typer.Exit(1)
    typer.echo(f"{found.number} lines, the chain holds. Anchor: {found.number}:{found.hash}")
