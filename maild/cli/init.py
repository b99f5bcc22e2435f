"""`maild init`: from a few answers to a configuration that works."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

if TYPE_CHECKING:
    from maild.config.draft import Answers

EXAMPLES = (
    "maild init",
    "maild init --config ./config.toml",
    "maild init --address info@example.org --provider google --password-file ./app-password",
)

SLIP = 2
"""Exit status for options that cannot be used, as typer's own."""

CTRL_C = 130
"""Exit status of a program that Ctrl-C ended, as shells count (128 and SIGINT)."""


def _begun(word: str) -> list[str]:
    """For the shell: the providers that begin so."""
    from maild.config.providers import PROVIDERS

    return [provider for provider in PROVIDERS if provider.startswith(word)]


def command(
    address: Annotated[str | None, typer.Option("--address", help="The address that reports are sent to.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The name of the organisation, as letters say it.")] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Who runs the mailbox: google, microsoft, cpanel or own.", autocompletion=_begun)
    ] = None,
    server: Annotated[str | None, typer.Option("--server", help="The mail server, for cpanel and own.")] = None,
    imap_port: Annotated[
        int, typer.Option("--imap-port", metavar="NUMBER", min=0, max=65535, help="Its port for IMAP, for own; 0 for the usual one.")
    ] = 0,
    imap_tls: Annotated[str | None, typer.Option("--imap-tls", help="What is spoken there: implicit, starttls or none.")] = None,
    smtp_port: Annotated[
        int, typer.Option("--smtp-port", metavar="NUMBER", min=0, max=65535, help="Its port for SMTP, for own; 0 for the usual one.")
    ] = 0,
    smtp_tls: Annotated[str | None, typer.Option("--smtp-tls", help="What is spoken there, too.")] = None,
    username: Annotated[str | None, typer.Option("--username", help="The name to log in with, for own.")] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="The ID of your application at Microsoft or Google.")] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="Your directory at Microsoft.")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="A file with the mailbox's password, to copy.")] = None,
    password_command: Annotated[str | None, typer.Option("--password-command", help="A command that prints it at each login.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it, or the client secret, from standard input.")] = False,
    client_secret_file: Annotated[
        Path | None, typer.Option("--client-secret-file", help="A file with the secret of your application at Google, to copy.")
    ] = None,
    staff: Annotated[
        list[str] | None, typer.Option("--staff", metavar="PERSON", help='Somebody of staff, as "Name <address>"; once for each.')
    ] = None,
    board: Annotated[
        list[str] | None, typer.Option("--board", metavar="PERSON", help='A member of the board, written so too; "" for nobody.')
    ] = None,
    fallback: Annotated[
        str | None, typer.Option("--fallback", metavar="PERSON", help="The contact outside staff and board, written so too.")
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    state_directory: Annotated[Path | None, typer.Option("--state-directory", help="Where database and key will lie.")] = None,
    user: Annotated[str, typer.Option("--user", help="The account that runs maild, to own what root makes.")] = "maild",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take defaults, and name the options that are missing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there, and keep it as .bak.")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="See at the end whether all of it works.")] = True,
) -> None:
    """Write a configuration that works: asks for a mailbox and a few people, makes the key, and checks everything.

    Each answer may be given as an option. The password is never one: it would stand in the list of processes.
    """
    from maild.cli.interview import Interview, Refused

    one = {"--address": address, "--name": name, "--provider": provider, "--server": server, "--username": username}
    one |= {"--imap-tls": imap_tls, "--smtp-tls": smtp_tls, "--client-id": client_id, "--tenant": tenant, "--fallback": fallback}
    given = {flag: [text] for flag, text in one.items() if text is not None} | {
        flag: texts for flag, texts in (("--staff", staff), ("--board", board)) if texts
    }
    places = {"--password-file": password_file, "--client-secret-file": client_secret_file, "--password-command": password_command}
    ways = {way: str(place) for way, place in places.items() if place is not None} | ({"--password-stdin": ""} if password_stdin else {})
    interview = Interview(given=given, ways=ways, asks=_somebody_there() and not yes)
    _refuse_to_overwrite(config, force=force)
    try:
        answers, secret = interview.conducted(_draft(config, state_directory, imap_port=imap_port, smtp_port=smtp_port))
        interview.agreed(config)
    except Refused as error:
        typer.echo(f"maild: {error}", err=True)
        raise typer.Exit(SLIP) from None
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("\nNothing was written.", err=True)
        raise typer.Exit(CTRL_C) from None
    _write(answers, config=config, secret=secret, user=user)
    if check:
        _prove(answers, config=config)


def _somebody_there() -> bool:
    import sys

    return sys.stdin.isatty() and sys.stdout.isatty()


def _refuse_to_overwrite(config: Path, *, force: bool) -> None:
    """Before anything is asked: an answer in vain is worse than none."""
    import os

    from maild.errors import OperatorMustAct

    if config.exists() and not force:
        raise OperatorMustAct(f"{config} is there already and stays as it is (--force replaces it, and keeps it beside as .bak)")
    there = next(path for path in config.absolute().parents if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise OperatorMustAct(f"{there} is no directory that you may write to: run maild init as root, or name another place by --config")


def _draft(config: Path, state_directory: Path | None, *, imap_port: int, smtp_port: int) -> "Answers":
    """The empty draft. Beside a configuration of one's own, everything else lies beside it too."""
    from dataclasses import replace

    from maild.app.founding import zone_of_this_machine
    from maild.cli.questions import BLANK
    from maild.config.draft import Way
    from maild.config.tables import Organisation

    zone = zone_of_this_machine() or Organisation.model_fields["timezone"].default
    own = config.absolute().parent != DEFAULT_CONFIG.parent
    state = str(state_directory.absolute()) if state_directory else "state" if own else ""
    blank = replace(BLANK, imap=Way(port=imap_port), smtp=Way(port=smtp_port))
    return replace(blank, timezone=zone, state_directory=state, runtime_directory="run" if own else "")


def _write(answers: "Answers", *, config: Path, secret: str | None, user: str) -> None:
    import os

    from maild.app.founding import account_of, establish
    from maild.config.draft import drafted

    account = account_of(user)
    placed = establish(drafted(answers), config=config, secret=(answers.secret_file, secret) if secret else None, account=account)
    what = "client secret" if answers.consent else "password"
    typer.echo(f"\nWritten: {config}" + (f", and {placed.secret} with the {what}" if placed.secret else ""))
    for path in placed.kept:
        typer.echo(f"What was there before is kept: {path}")
    typer.echo(f"The key: {placed.key}\nKeep a copy of it in a safe place off this machine: without it nobody can read the database, ever.")
    typer.echo(f"Letters show times of {answers.timezone}; `timezone` in the configuration changes that.")
    if os.geteuid() == 0 and account is None:
        typer.echo(f"note: there is no account {user} here, so all of this belongs to root, and so has maild to.")


def _prove(answers: "Answers", *, config: Path) -> None:
    """The end of it: does all of this work?"""
    from maild.cli.check import checked

    if answers.consent:
        typer.echo(f"\nTwo steps are left:\n  maild login --config {config}\n  maild check --round-trip --config {config}")
        return
    typer.echo("")
    again = f"maild check --round-trip --config {config}"
    try:
        works = checked(config, round_trip=True)
    except KeyboardInterrupt:
        typer.echo(f"\nThe configuration stays, and was not tried to the end. Once more: {again}", err=True)
        raise typer.Exit(CTRL_C) from None
    if not works:
        typer.echo(f"\nThe configuration stays. Mend what is said above, then: {again}")
        raise typer.Exit(1)
