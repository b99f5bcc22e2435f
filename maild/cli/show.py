"""`maild show CODE`: one case with everything that is kept of it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

if TYPE_CHECKING:
    from datetime import datetime

    from maild.app import House
    from maild.playbook.events import Said
    from maild.playbook.ticket import Ticket

Found = TypeVar("Found")

EXAMPLES = (
    "maild show quiet-harbour",
    "maild show quiet-harbour --json",
    "maild show --raw quiet-harbour > quiet-harbour.mbox",
)


def command(
    code: Annotated[str, typer.Argument(help="The case's code name, such as quiet-harbour.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
    raw: Annotated[bool, typer.Option("--raw", help="The mails of the case as they came, as a file for a mail program (mbox).")] = False,
) -> None:
    """Show one case: state, determinations, people and every text. Personal: mind who looks over your shoulder."""
    import json
    import sys

    from maild.app.cases import case, mails
    from maild.cli.options import house_of, printable, shown

    house = house_of(config)
    if raw:
        sys.stdout.buffer.writelines(_mbox(_there(mails(house, code), code)))
        return
    ticket, said = _there(case(house, code), code)
    if as_json:
        typer.echo(json.dumps(_told(ticket, said), indent=2))
        return
    for line in _lines(ticket, house):
        typer.echo(printable(line))
    for one in said:
        typer.echo(printable(f"\n--- {shown(one.at, house)} {one.relation} by {one.by}\n{one.text.strip()}"))


def _there(found: Found | None, code: str) -> Found:
    if found is None:
        typer.echo(f"maild: there is no case {code}; `maild tickets --all` lists them.", err=True)
        raise typer.Exit(1)
    return found


def _mbox(mails: "Sequence[tuple[datetime, bytes]]") -> Iterator[bytes]:
    """RFC 4155, with a `>` before every line of a mail that could pass for the beginning of another."""
    for at, raw in mails:
        yield f"From maild {at.ctime()}\n".encode()
        for line in raw.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n"):
            yield (b">" if line.lstrip(b">").startswith(b"From ") else b"") + line + b"\n"
        yield b"\n"


def _told(ticket: "Ticket", said: Sequence["Said"]) -> dict[str, Any]:
    from maild.playbook.decide.lookups import particulars, row

    known = ticket.reporter if not ticket.anonymous else None
    reporter = {"name": known.name, "address": known.address} if known else None
    texts = [{"at": one.at.isoformat(), "relation": one.relation, "by": one.by, "text": one.text} for one in said]
    held = {"held_because": ticket.held_because} if ticket.held_because else {}
    return {**row(ticket), **particulars(ticket), **held, "reporter": reporter, "withheld": dict(ticket.withheld), "texts": texts}


def _reporter(ticket: "Ticket") -> str:
    if ticket.anonymous:
        return "asked that their name and address be shown to nobody; `--raw` holds them"
    return f"{ticket.reporter.name} <{ticket.reporter.address}>" if ticket.reporter else "unknown"


def _lines(ticket: "Ticket", house: "House") -> Iterator[str]:
    from maild.cli.options import shown

    moments = (("Received", ticket.received_at), ("acknowledged", ticket.acknowledged_at), ("answered", ticket.answered_at))
    yield f"{ticket.code} ({ticket.reference}), {ticket.state_name}{', urgent' if ticket.urgent else ''}"
    yield ", ".join(f"{name} {shown(moment, house)}" for name, moment in moments)
    yield f"Reporter: {_reporter(ticket)}"
    yield f"Lead: {ticket.lead or '-'}; kept out: {', '.join(ticket.withheld) or 'nobody'}"
    if ticket.joins:
        yield f"Other reports of the same incident: {', '.join(f'{one.code} ({one.reference}, {_reporter(one)})' for one in ticket.joined)}"
    if ticket.held_because:
        yield f"Held, because of: {ticket.held_because}"
    for person in ticket.people:
        yield f"{person.ref}: {person.name} ({person.role})"
    for name, determined in ticket.determinations.items():
        yield f"Determined {name} (version {determined.version}, by {determined.by}): {determined.value}"
    for made in ticket.resolutions:
        yield f"Resolved {shown(made.at, house)} by {made.by}: {made.kind} {made.label} {' '.join(made.to)}".rstrip()
