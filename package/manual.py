"""Writes the manual page maild(1) from the commands themselves: `make man`, or `python package/manual.py FILE`."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import typer

from maild import __version__, cli

STATUSES = {
    0: "It is done. Of maild run: it ended in order, after SIGTERM, Ctrl-C, or the loss of its terminal.",
    1: "It could not be done, or something needs a person; a sentence says what.",
    2: "The command line is not one that maild knows.",
    cli.EX_CONFIG: "The configuration has mistakes; each is told with its line. systemd does not start maild again.",
    130: "Ctrl-C broke it off.",
}

SIGNALS = {
    "SIGTERM, SIGINT": "maild run ends in order, within 10 seconds. A second SIGINT ends it at once; nothing is half done then either.",
    "SIGHUP": "Nothing is read anew: restart maild for a changed configuration. Where maild run has lost its terminal, it ends in order; "
    "nohup(1) keeps it running.",
}

ENVIRONMENT = {
    "MAILD_CONFIG": "The configuration file, where --config does not name it.",
    "STATE_DIRECTORY, RUNTIME_DIRECTORY": "Where database and key, and the live state lie, where the configuration does not say; systemd sets both.",
    "CREDENTIALS_DIRECTORY": "Where credentials lie that the configuration names; systemd sets it.",
    "NOTIFY_SOCKET": "Where systemd is told that maild run is ready and alive; systemd sets it.",
    "NO_COLOR": "Not empty: no colours, on a terminal neither.",
}

FILES = {
    "/etc/maild/config.toml": "The configuration. config.example.toml, which comes with maild, explains every key.",
    "/var/lib/maild/maild.sqlite": "The database.",
    "/var/lib/maild/maild.key": "The key to it. Without a copy of this file nobody can read a lost database again.",
    "/run/maild/status.json": "The live state that maild status shows.",
}


def escaped(text: str) -> str:
    """Text as roff takes it for what it is: hyphens that can be copied, no quote, no dot that begins a request."""
    for letter, written in (("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"), ("~", "\\(ti")):
        text = text.replace(letter, written)
    return f"\\&{text}" if text.startswith(".") else text


def prose(text: str) -> Iterator[str]:
    """Sentences, in lines that an editor shows whole."""
    yield from map(escaped, wrap(" ".join(text.split()), 76, break_long_words=False, break_on_hyphens=False))


def rows(pairs: Iterable[tuple[object, str]]) -> Iterator[str]:
    """A list of terms and what they mean."""
    for term, meaning in pairs:
        yield from (".TP", f".B {escaped(str(term))}", *prose(meaning))


def commands(command: Any, context: Any) -> Iterator[Any]:
    """The command itself, or the commands of a group; each with the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield context.command_path, command, context
        return
    for name, one in inner.items():
        yield from commands(one, one.make_context(name, [], parent=context, resilient_parsing=True))


def section(path: str, command: Any, context: Any) -> Iterator[str]:
    """One command: how it is called, what it does, its arguments and options."""
    yield f".SS {escaped(' '.join((path, *command.collect_usage_pieces(context))))}"
    yield from prose(command.help)
    records = (parameter.get_help_record(context) for parameter in command.get_params(context) if parameter.name != "help")
    yield from rows(filter(None, records))
    if command.epilog:
        title, *lines = command.epilog.strip("\b\n").splitlines()
        yield from (".PP", escaped(title), ".PP", ".nf", *(escaped(line) for line in lines), ".fi")


def page() -> Iterator[str]:
    """The whole page, line by line."""
    cli.install()
    group = typer.main.get_command(cli.app)
    context = group.make_context("maild", [], resilient_parsing=True)
    yield f'.TH MAILD 1 "" "maild {__version__}" "User Commands"'
    yield from (".SH NAME", f"maild \\- {escaped(group.help[0].lower() + group.help[1:].rstrip('.'))}")
    yield from (".SH SYNOPSIS", ".B maild", ".I COMMAND", "[options] [arguments]")
    yield from (".SH DESCRIPTION", *prose(DESCRIPTION))
    yield from rows(filter(None, (parameter.get_help_record(context) for parameter in group.get_params(context))))
    yield ".SH COMMANDS"
    for found in commands(group, context):
        yield from section(*found)
    for name, table in (("EXIT STATUS", STATUSES), ("SIGNALS", SIGNALS), ("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        yield from (f".SH {name}", *rows(table.items()))
    yield from (".SH SEE ALSO", *prose("The operator's page, docs/operating.md, which comes with maild."))


DESCRIPTION = (
    "maild watches one mailbox, answers each report within seconds, gives it to the people who handle reports, and does not let a "
    "deadline pass in silence. They answer from their ordinary mail program. Its commands are for the person who runs it, as root "
    "or as the user that the daemon runs as. Each tells more with --help."
)

if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(f"{line}\n" for line in page()))
