"""Whether the words of a letter may leave the team, and what is said where they may not (product.md principle 3)."""

from collections.abc import Iterable, Iterator, Mapping

from maild.playbook import commands as grammar
from maild.playbook import leaks
from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Refused
from maild.playbook.decide.reporters import of_others
from maild.playbook.entry import Fact, What
from maild.playbook.joining import known_as
from maild.playbook.policy import Notices
from maild.playbook.ticket import Ticket

INSIST = "anyway"

INSIDE = frozenset(
    {
        What.NOTE,
        What.RECORDED,
        What.DETERMINED,
        What.WARNED,
        What.WITHDRAWN,
        What.STOPPED,
        What.OFFENDED,
        What.EXPELLED,
        What.LIFTED,
        What.EXTENDED,
        What.APPEALED,
        What.TAKEN_DOWN,
    }
)
"""What is written for the team alone."""

LEFT = "letter"
"""How the relation of a text begins that left the team."""

NO_ADDRESS = "There is no address to which this reporter can be answered; if you reached them another way, write [answered]."

NO_CONTACT = (
    "The reporter asked for no contact, so nothing can be sent to them; only they can lift that."
    " A resolution or an explanation still meets the week, and only the team reads it."
)


def held(command: Command, desk: Desk, thread: Ticket) -> Refused | None:
    """The refusal of a letter with its text, which its writer is shown again, and the way to send it all the same; None where it may leave.

    `thread` is that of the reporter it is for.
    """
    if INSIST in command.words:
        return None
    reasons = (*leaks.found(command.text, desk.case, kept(desk), desk.scene.policy), *of_others(command.text, thread, desk.case))
    return refused(command, desk, reasons) if reasons else None


def refused(command: Command, desk: Desk, reasons: Iterable[str]) -> Refused:
    """A letter is held for these reasons: what its writer is told."""
    insist = f"{command.written[:-1]} {INSIST}]"
    sentence = f"Held, nothing was sent: {'; '.join(reasons)}. If it is meant to leave, send it again with {insist}."
    return Refused(sentence=sentence, held="" if desk.scene.policy.notices is Notices.MINIMAL else command.text)


def insisted(command: Command) -> Mapping[str, Fact]:
    """The fact of an entry and of its line in the journal that its writer insisted; none where nobody did."""
    return {"insisted": True} if INSIST in command.words else {}


def unreachable(ticket: Ticket) -> Refused:
    """Why this reporter cannot be written to."""
    return Refused(sentence=NO_CONTACT if ticket.no_contact else NO_ADDRESS, mendable=not ticket.no_contact)


def kept(desk: Desk, *, to: str = "") -> Iterable[str]:
    """The texts of the case that stay inside: what was said before, but for letters that left and what their reader wrote, and in this mail."""
    said = ((one, known_as(desk.case, thread, one.by)) for thread in desk.case.threads for one in desk.scene.said.get(thread.id, ()))
    yield from (one.text for one, by in said if not one.relation.startswith(LEFT) and not (to and by == to))
    for ticket_id, entry in desk.entries:
        if ticket_id == desk.case.id and entry.what in INSIDE:
            yield str(entry.facts.get("text", ""))
            yield str(entry.facts.get("values", ""))
    waiting = desk.case.proposal.commands if desk.case.proposal else ()
    yield from (one.text for one in waiting if one.verb not in WITH_LETTER)
    yield from _beside(desk)


WITH_LETTER = frozenset({"reply", "explain", "write", "resolve", "appeal"})
"""Verbs whose text may leave, or is looked at by itself."""


def _beside(desk: Desk) -> Iterator[str]:
    """The texts of this mail about the same case that stay inside, be they below the letter."""
    reading, case = grammar.read(desk.mail.command_text), desk.case
    about = desk.thread.ticket.code if desk.thread and desk.thread.ticket else case.code if desk.opened == case.id else ""
    yield reading.note
    for one in (command for command in reading.commands if isinstance(command, Command)):
        about = (one.value or case.code) if one.verb in ("case", "record") else about
        if about in [thread.code for thread in case.threads] and one.verb not in WITH_LETTER:
            yield one.text
