"""`maild letters`: every letter that maild can write, with invented facts."""

from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath, examples

if TYPE_CHECKING:
    from maild.playbook.letters import Kind

app = typer.Typer(no_args_is_help=True, help="The letters that maild writes: which there are, and what they look like.")


@app.callback()
def _letters() -> None:
    """The letters that maild writes. Needs neither the database nor a mail server."""


@app.command(name="list", epilog=examples("maild letters list"))
def list_(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """List the letters: to whom, in which languages, and which of them you have changed (own)."""
    from maild.app.letters import templates
    from maild.cli.options import house_of
    from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind

    readers = {**dict.fromkeys(TO_REPORTER, "to the reporter"), **dict.fromkeys(TO_OTHERS, "to others")}
    shelf = templates(house_of(config))
    for kind in Kind:
        written = " ".join(f"{language}{' (own)' if own else ''}" for language, own in sorted(shelf.languages(kind).items()))
        typer.echo(f"{kind.value:<16} {readers.get(kind, 'to the team'):<16} {written}")


@app.command(epilog=examples("maild letters preview receipt", "maild letters preview receipt --language mt --html > receipt.html"))
def preview(
    kind: Annotated[str, typer.Argument(help="The letter, as `maild letters list` names it.")],
    config: ConfigPath = DEFAULT_CONFIG,
    html: Annotated[bool, typer.Option("--html", help="The HTML of it, in one language.")] = False,
    language: Annotated[str, typer.Option("--language", help="In this language only, such as en; else in all that it is written in.")] = "",
) -> None:
    """Show a letter as it would leave, about a case that never was; a mistake in a template is told with its file and line."""
    from maild.app.letters import in_languages
    from maild.app.letters import preview as written
    from maild.cli.options import house_of, printable

    house, wanted = house_of(config), _kind(kind)
    known = in_languages(house, wanted)
    if language and language not in known:
        typer.echo(f"maild: note: {kind} is not written in {printable(language)}; this is what goes out instead.", err=True)
    if html:
        typer.echo(written(house, wanted, language=language)[1].html, nl=False)
        return
    for number, one in enumerate([language] if language else known):
        letter, words = written(house, wanted, language=one)
        heading = f"\nIn {one}:\n\n" if number else ""
        typer.echo(printable(f"{heading}To: {letter.to.name} <{letter.to.address}>\nSubject: {words.subject}\n\n{words.text}"), nl=False)


def _kind(word: str) -> "Kind":
    from maild.playbook.letters import Kind

    try:
        return Kind(word)
    except ValueError:
        raise typer.BadParameter(f"there is no letter {word}; `maild letters list` shows them", param_hint="KIND") from None
