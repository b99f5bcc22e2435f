"""`maild inspect`: how maild reads a message. The daemon's own way of reading, child process and all; needs no configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maild.cli.options import AsJson

if TYPE_CHECKING:
    from maild.mail.message import Message
    from maild.mail.reading import Reader

_NO_MAILBOX = "reports@maild.invalid"
"""Whose mail it is: without a configuration nobody's, and neither staff nor an authserv-id is known."""

LARGEST_MAIL = 100 * 1024 * 1024
"""Bytes; the daemon reads no more than 25 MiB of one. Stops: a device that never ends."""
_APART = frozenset({"text", "reply", "forwarded", "error", "attachments", "failures"})
"""What is not shown as lines of its name and its value."""

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
    import os
    import sys

    for one in files:
        if one == "-":
            # Names of files are bytes, and not all of them are text.
            lines = map(os.fsdecode, getattr(sys.stdin, "buffer", sys.stdin))
            yield from (line.rstrip("\n") for line in lines if line.strip())
        else:
            yield one


def _told(path: str, reader: "Reader") -> dict[str, Any]:
    try:
        return {"file": path, "error": None, **_read(_message(path, reader))}
    except OSError as error:
        why = error.strerror
    except ValueError as error:
        why = str(error)
    return {"file": path, "error": f"{path} cannot be read: {why}"}


def _message(path: str, reader: "Reader") -> "Message":
    """As the daemon reads it, which tries a mail that hurts three times before it looks at the headers alone. Raises `OSError`,
    and `ValueError` for what is no path or no mail."""
    from maild.errors import Unreadable
    from maild.mail.reading import from_headers

    with Path(path).open("rb") as file:
        raw = file.read(LARGEST_MAIL + 1)
    if len(raw) > LARGEST_MAIL:
        raise ValueError(f"more than {LARGEST_MAIL >> 20} MiB are no mail")
    try:
        return reader.read(raw)
    except Unreadable:
        return from_headers(raw, own=reader.own)


def _read(message: "Message") -> dict[str, Any]:
    from maild.playbook.commands import read

    failed = message.bounce.recipients if message.bounce else ()
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
        "reply": message.own_words,
        "forwarded": message.new_text.removeprefix(message.own_words).strip() or None,
        "attachments": [one.name for one in message.attachments],
        "attached": [{"name": one.name, "type": one.type, "size": one.size} for one in message.attachments],
        "commands": [one.written for one in read(message.command_text).commands],
        "failed": [one.address for one in failed],
        "failures": [{"address": one.address, "action": one.action, "permanent": one.permanent, "status": one.status} for one in failed],
        "authentication": [f"{one.authserv_id}: {one.method}={one.result}" for one in message.verdicts],
        "defects": list(message.defects),
    }


def _kind(message: "Message") -> str:
    if message.sort.value != "human":
        return message.sort.value
    return "followup" if message.in_reply_to or message.references else "report"


def _shown(told: dict[str, Any]) -> str:
    words = told | {
        "why": _reason(told["why"]),
        "answered": "yes" if told["answered"] else "no",
        "not_answered_because": _reason(told["not_answered_because"] or ""),
        "attached": [f"{one['name'] or '(no name)'} ({one['type']}, {one['size']} bytes)" for one in told["attached"]],
        "failed": [_failure(one) for one in told["failures"]],
    }
    short = [(name, value) for name, value in words.items() if name not in _APART and value not in (None, [], "")]
    lines = [line for name, value in short for line in _lines(name.replace("_", " "), value)]
    text, reply = (told[name].strip() for name in ("text", "reply"))
    passed_on = ["", "Passed on with it:", told["forwarded"]] if told["forwarded"] else []
    whole = ("(the same)" if text == reply else text) or "(none)"
    return "\n".join([*lines, "", "New text:", reply or "(none)", *passed_on, "", "Whole text:", whole, ""])


def _reason(told: str) -> str:
    """A rule that is one word is the name of a header."""
    return told if " " in told or not told else f"the header {told}"


def _failure(told: dict[str, Any]) -> str:
    duration = "for good" if told["permanent"] else "for now" if told["action"] == "delayed" else ""
    return ", ".join(filter(None, (told["address"], told["action"], duration, told["status"])))


def _lines(name: str, value: list[str] | str) -> Iterator[str]:
    """A line for each value, with the name before the first."""
    for number, one in enumerate([value] if isinstance(value, str) else value):
        yield f"{'' if number else name:<22} {one}"
