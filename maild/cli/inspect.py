"""`maild inspect`: how maild reads a message. The daemon's own way of reading, child process and all; needs no configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maild.cli.options import AsJson

if TYPE_CHECKING:
    from maild.mail.message import Message

_NO_MAILBOX = "reports@maild.invalid"
"""Whose mail it is: without a configuration nobody's, and neither staff nor an authserv-id is known."""

EXAMPLES = (
    "maild inspect report.eml",
    "maild quarantine show --raw 7 > 7.eml && maild inspect 7.eml",
    'find mails -name "*.eml" | maild inspect --json -',
)


def command(
    files: Annotated[list[str], typer.Argument(help="Messages as files; `-` reads their paths from standard input, one a line.")],
    as_json: AsJson = False,
) -> None:
    """Show how maild reads a message: what kind it is and why, its sender, text, attachments, commands, bounces, proofs."""
    import json
    from contextlib import closing

    from maild.cli.options import printable
    from maild.mail.identity import Own
    from maild.mail.reading import Reader

    failed = False
    with closing(Reader(Own(mailbox=_NO_MAILBOX))) as reader:
        for path in _paths(files):
            told = _told(path, reader)
            failed = failed or told["error"] is not None
            if told["error"] and not as_json:
                typer.echo(f"maild: {printable(told['error'])}", err=True)
                continue
            typer.echo(json.dumps(told) if as_json else printable(_shown(told)))
    if failed:
        raise typer.Exit(1)


def _paths(files: list[str]) -> Iterator[str]:
    import sys

    for one in files:
        if one == "-":
            yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        else:
            yield one


def _told(path: str, reader: Any) -> dict[str, Any]:
    from maild.errors import MaildError

    try:
        return {"file": path, "error": None, **_read(reader.read(Path(path).read_bytes()))}
    except MaildError as error:
        return {"file": path, "error": f"{path}: {error}"}
    except OSError as error:
        return {"file": path, "error": f"{path} cannot be read: {error.strerror}"}


def _read(message: "Message") -> dict[str, Any]:
    from maild.playbook.commands import read

    return {
        "kind": _kind(message),
        "why": message.sort_reason,
        "answered": message.answerable,
        "not_answered_because": message.unanswerable_because or None,
        "subject": message.subject,
        "from": message.sender.address if message.sender else None,
        "from_name": message.sender.name if message.sender else None,
        "strict_from": message.strict_sender,
        "text": message.text,
        "reply": message.new_text,
        "attachments": [one.name for one in message.attachments],
        "attached": [{"name": one.name, "type": one.type, "size": one.size} for one in message.attachments],
        "commands": [one.written for one in read(message.command_text).commands],
        "failed": [one.address for one in message.bounce.recipients] if message.bounce else [],
        "authentication": [f"{one.authserv_id}: {one.method}={one.result}" for one in message.verdicts],
        "defects": list(message.defects),
    }


def _kind(message: "Message") -> str:
    if message.sort.value != "human":
        return message.sort.value
    return "followup" if message.in_reply_to or message.references else "report"


def _shown(told: dict[str, Any]) -> str:
    short = [
        (name, value)
        for name, value in told.items()
        if name not in ("text", "reply", "error", "attachments") and value not in (None, [], "")
    ]
    lines = [f"{name.replace('_', ' '):<22} {_value(value)}" for name, value in short]
    return "\n".join([*lines, "", "New text:", told["reply"].strip() or "(none)", "", "Whole text:", told["text"].strip() or "(none)", ""])


def _value(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(str(one) for one in value.values())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
