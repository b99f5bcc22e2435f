"""`maild check`: does everything work that maild needs?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from maild.errors import ConfigInvalid

if TYPE_CHECKING:
    from maild.app import House
    from maild.app.check.finding import Finding, Setting

PATIENCE = 120.0
"""Seconds that a mail to ourselves may take."""

EXAMPLES = (
    "maild check",
    "maild check --round-trip",
    "maild check --config ./config.toml && systemctl restart maild",
)


def command(
    config: ConfigPath = DEFAULT_CONFIG,
    round_trip: Annotated[bool, typer.Option("--round-trip", help="Mail ourselves too, and say what the mail host can do.")] = False,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", min=1, max=3600, help="How long such a mail may take.")
    ] = PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Check configuration, letters, key, database, IMAP, SMTP and clock: a line each, and the fix of each fault. Changes nothing.

    --round-trip sends three mails to ourselves, says how the mail host treats them, and which lines of the configuration would suit it
    better. They stay in the mailbox, marked as read; a daemon knows them for what they are.

    Exit status 0 where maild can work, 78 for mistakes in the configuration, 1 for any other fault.
    """
    if not checked(config, round_trip=round_trip, patience=patience, as_json=as_json):
        raise typer.Exit(1)


def checked(config: Path, *, round_trip: bool, patience: float = PATIENCE, as_json: bool = False) -> bool:
    """Check, and print what is found; true where there is no fault. Raises `ConfigInvalid`."""
    from maild.app.check.finding import Finding, Grade, Setting
    from maild.app.check.whole import Check

    house = _house(config, as_json=as_json)
    found: list[Finding | Setting] = []
    for one in Check(house=house, round_trip=round_trip, patience=patience, tell=_tell).run():
        found.append(one)
        if isinstance(one, Finding) and not as_json:
            _line(f"{one.grade.value:<5}  {one.about}: {one.sentence}")
    findings = [one for one in found if isinstance(one, Finding)]
    settings = [one for one in found if isinstance(one, Setting)]
    counts = {grade: sum(one.grade is grade for one in findings) for grade in Grade}
    if as_json:
        _json(findings, settings)
    else:
        _end(settings, config=config, faults=counts[Grade.FAULT], notes=counts[Grade.NOTE])
    return not counts[Grade.FAULT]


def _house(config: Path, *, as_json: bool) -> "House":
    """The house; mistakes of the configuration are told as JSON, too, where that was asked for."""
    from maild.app.check.finding import fault
    from maild.cli.options import house_of

    try:
        return house_of(config)
    except ConfigInvalid as error:
        if as_json:
            _json([fault("config", problem) for problem in error.problems], [])
        raise


def _end(settings: "Sequence[Setting]", *, config: Path, faults: int, notes: int) -> None:
    if settings:
        _line(f"\nThese lines suit the mail host better. Set them in {config}, each in its table:\n")
    for one in settings:
        _line(f"# in [{one.table}]\n{one.line}")
    more = f", {notes} to note" if notes else ""
    _line(f"\n{faults} {'fault' if faults == 1 else 'faults'}{more}." if faults else f"\nEverything works{more}.")


def _json(findings: "Sequence[Finding]", settings: "Sequence[Setting]") -> None:
    import json

    told = {
        "ok": all(one.grade.value != "fault" for one in findings),
        "findings": [{"about": one.about, "grade": one.grade.value, "sentence": one.sentence} for one in findings],
        "settings": [{"table": one.table, "key": one.key, "value": one.value} for one in settings],
    }
    typer.echo(json.dumps(told, indent=2))


def _tell(sentence: str) -> None:
    """For whoever waits; it is no part of the answer."""
    typer.echo(sentence, err=True)


def _line(text: str) -> None:
    """Servers have a word in some of them."""
    from maild.cli.options import printable

    typer.echo(printable(text))
