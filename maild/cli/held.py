"""`maild held`: what no person seems to have written, and what becomes of it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, examples

if TYPE_CHECKING:
    from maild.playbook.ticket import Ticket

app = typer.Typer(no_args_is_help=True, help="Automatic mail, lists, newsletters and spam: held until a person has looked.")

Code = Annotated[str, typer.Argument(help="The code name that `maild held list` shows, such as quiet-harbour.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


class NoReport(StrEnum):
    """What it is instead, in the words of [not-a-report:…]."""

    ENQUIRY = "enquiry"
    SPAM = "spam"
    TEST = "test"


@app.callback()
def _held() -> None:
    """Held messages. Staff decide on them by mail; here the person who runs maild can, in the same way."""


@app.command(name="list", epilog=examples("maild held list", "maild held list --json"))
def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List what is held: since when, why, and by when somebody has to have looked."""
    import json

    from maild.app.held import held
    from maild.cli.options import house_of, printable, shown
    from maild.playbook.progress import next_deadline

    house = house_of(config)
    listed = held(house)
    if as_json:
        typer.echo(json.dumps([_told(one) for one in listed], indent=2))
        return
    for one in listed:
        due = shown(next_deadline(one), house)
        typer.echo(printable(f"{one.code:<22} received {shown(one.received_at, house)}  look by {due}  {one.held_because}"))
    if not listed:
        typer.echo("Nothing is held.")


@app.command(epilog=examples("maild held show quiet-harbour"))
def show(code: Code, config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show one of them with its text, as `maild show` does. Personal: mind who looks over your shoulder."""
    from maild.cli.show import command

    command(code, config=config, as_json=as_json)


@app.command(epilog=examples("maild held report --dry-run quiet-harbour", "maild held report quiet-harbour"))
def report(code: Code, config: ConfigPath = DEFAULT_CONFIG, dry_run: DryRun = False) -> None:
    """Make a report of it, as [report] does: it is acknowledged, staff are told, and its deadlines run."""
    _decide(code, "[report]", config=config, dry_run=dry_run)


@app.command(name="not-a-report", epilog=examples("maild held not-a-report quiet-harbour spam"))
def not_a_report(
    code: Code,
    what: Annotated[NoReport, typer.Argument(help="What it is.")],
    config: ConfigPath = DEFAULT_CONFIG,
    dry_run: DryRun = False,
) -> None:
    """Set it aside, as [not-a-report:…] does: no deadlines; nothing is deleted, and `maild held report` brings it back."""
    _decide(code, f"[not-a-report:{what.value}]", config=config, dry_run=dry_run)


def _decide(code: str, tag: str, *, config: Path, dry_run: bool) -> None:
    from maild.app.held import decide
    from maild.cli.options import house_of

    result = decide(house_of(config), code, tag, dry_run=dry_run)
    if result is None or not result.ok:
        sentence = result.sentence if result else "`maild held list` shows what is held."
        typer.echo(f"maild: nothing was done with {code}: {sentence}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{code}: would be done, and was not: {result.sentence}" if dry_run else f"{code}: {result.sentence}")


def _told(ticket: "Ticket") -> dict[str, Any]:
    from maild.playbook.progress import next_deadline

    due = next_deadline(ticket)
    return {
        "code": ticket.code,
        "received_at": ticket.received_at.isoformat(),
        "because": ticket.held_because,
        "look_by": due.isoformat() if due else None,
    }
