"""`maild report NAME`: the transparency report of a conference or a period, as everybody may read it."""

from pathlib import Path
from typing import Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

EXAMPLES = (
    "maild report pycon-2026",
    "maild report pycon-2026 --learned learned.txt --output ./report",
    "maild report 2026-h1",
)


def command(
    name: Annotated[str, typer.Argument(help="The short name of a conference or meetup, or a year or half a year: 2026, 2026-h1.")],
    config: ConfigPath = DEFAULT_CONFIG,
    output: Annotated[Path | None, typer.Option("--output", help="Write all five files into this directory.", file_okay=False)] = None,
    learned: Annotated[
        Path | None,
        typer.Option("--learned", help="A text file with what you learned and changed; else what was agreed to last.", exists=True),
    ] = None,
) -> None:
    """Show the anonymised transparency report as it would be published now (report.md); publishes nothing."""
    from maild.app.transparency import draft, hindered, known
    from maild.cli.options import house_of, printable

    house = house_of(config)
    made = draft(house, name, learned=learned.read_text("utf-8") if learned else "")
    if made is None:
        typer.echo(f"maild: there is no report of {printable(name)}; there can be one of {known(house)}.", err=True)
        raise typer.Exit(1)
    if output is None:
        typer.echo(printable(made.files["report.md"]), nl=False)
    else:
        output.mkdir(parents=True, exist_ok=True)
        for file, text in made.files.items():
            (output / file).write_text(text, "utf-8")
    for sentence in hindered(made) or ("Nothing stands in the way of its release.",):
        typer.echo(f"maild: note: {printable(sentence)}", err=True)
