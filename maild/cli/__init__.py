"""The command line: one module a verb, each imported only when it is called, so that `maild --help` is quick."""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module

import typer

from maild.cli.options import examples
from maild.errors import ConfigInvalid, MaildError

EX_CONFIG = 78
"""Exit status for a configuration with mistakes (sysexits.h); systemd does not restart on it."""

VERBS = (
    "init",
    "run",
    "demo",
    "check",
    "login",
    "status",
    "tickets",
    "show",
    "log",
    "inspect",
    "report",
    "held",
    "quarantine",
    "journal",
    "letters",
    "db",
)
"""In the order in which `maild --help` shows them."""

GROUPS = frozenset({"held", "quarantine", "journal", "letters", "db"})
"""Verbs with verbs of their own."""

app = typer.Typer(
    name="maild",
    help="A Code of Conduct response desk that works by e-mail.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"maild {import_module('maild').__version__}")
        raise typer.Exit


@app.callback()
def _maild(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and end."),
) -> None:
    """A Code of Conduct response desk that works by e-mail."""


@cache
def install() -> None:
    """Give the program its verbs, once."""
    for verb in VERBS:
        module = import_module(f"maild.cli.{verb}")
        if verb in GROUPS:
            app.add_typer(module.app, name=verb)
        else:
            app.command(name=verb, epilog=examples(*module.EXAMPLES))(module.command)


def main() -> None:
    """The entry point. Errors that a person can do something about are one sentence and an exit status, never a traceback."""
    sys.exit(_guarded(app))


def _guarded(run: Callable[[], None]) -> int:
    install()
    try:
        run()
    except (MaildError, OSError) as error:
        before = "" if isinstance(error, ConfigInvalid) else "maild: "
        typer.echo("\n".join(before + sentence for sentence in sentences_of(error)), err=True)
        return status_of(error)
    return 0


def sentences_of(error: MaildError | OSError) -> tuple[str, ...]:
    """What a person is told of an error that ends a verb."""
    if isinstance(error, ConfigInvalid):
        return error.problems
    if isinstance(error, OSError):
        # Whoever closes a pipe early is no mistake, and typer ends that quietly; a full disk is one.
        return (f"{error.strerror or type(error).__name__}{f' ({error.filename})' if error.filename else ''}",)
    return (str(error),)


def status_of(error: MaildError | OSError) -> int:
    """The exit status that such an error ends with."""
    return EX_CONFIG if isinstance(error, ConfigInvalid) else 1
