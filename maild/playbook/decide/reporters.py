"""A case with several reporters: whose thread a letter is for, and what each of them is told of what is decided on the case."""

from collections.abc import Iterator, Mapping

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Refused
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.people import normalise
from maild.playbook.ticket import Ticket


def addressed(command: Command, desk: Desk) -> Ticket | Refused:
    """The thread of the reporter whom a command is about: the one it names, or the only one, or the one whose thread it answers.

    Where none of that tells, it is refused with the choices: a letter to the wrong one would be a leak.
    """
    case, named = desk.case, command.keys.get("to", "")
    about = desk.thread.about if desk.thread and desk.thread.ticket and desk.thread.ticket.id == case.id else None
    if named:
        found = next((one for one in case.threads if one.reference == named), None)
    else:
        found = next((one for one in case.threads if one.id == about or not case.joined), None)
    choices = " or ".join(_with(command, one) for one in case.threads)
    why = f"No reporter of this case has the reference {named}" if named else f"This case has {len(case.threads)} reporters; say which"
    return found or Refused(sentence=f"{why}: {choices}.")


def _with(command: Command, thread: Ticket) -> str:
    """The tag as it was written, with the reporter it is for."""
    written = command.written[:-1].split()
    kept = (part for part in written if not part.lower().startswith("to="))
    return f"{' '.join(kept)} to={thread.reference}]"


def called(thread: Ticket, case: Ticket) -> str:
    """The reporter of a thread, as a sentence calls them where there are several."""
    return f"the reporter {thread.reference}" if case.joined else "the reporter"


def of_others(text: str, thread: Ticket, case: Ticket) -> Iterator[str]:
    """What in a text for one reporter tells them of another."""
    others = [one for one in case.threads if one.id != thread.id]
    if any(one.reference.casefold() in text.casefold() for one in others):
        yield "it holds the reference of another reporter"
    strangers = (one for one in others if _address(one) != _address(thread))
    yield from dict.fromkeys(f"{reason}, another one than it is for" for one in strangers for reason in leaks.filed_by(text, one))


def _address(thread: Ticket) -> str:
    return normalise(thread.reporter.address) if thread.reporter else ""


def resolved(desk: Desk, facts: Mapping[str, Fact], *, silent: bool) -> Desk:
    """The desk with the resolution on the threads of the other reporters; each gets an outcome letter of their own."""
    for thread in desk.case.joined:
        reachable = disclosure.reporter(thread) is not None
        told = {**facts, "to": [], "label": "", "text": "", "answer": reachable and not silent}
        met = () if reachable else (_entry(desk, What.ANSWERED, {"because": unreachable(thread)}),)
        desk = desk.enter_on(thread, _entry(desk, What.RESOLVED, told), *met)
    return desk


def each(desk: Desk, what: What, facts: Mapping[str, Fact] | None = None) -> Desk:
    """The desk with the same entry on the threads of the other reporters."""
    for thread in desk.case.joined:
        desk = desk.enter_on(thread, _entry(desk, what, facts))
    return desk


def _entry(desk: Desk, what: What, facts: Mapping[str, Fact] | None = None) -> Entry:
    return Entry(what=what, at=desk.scene.now, by=desk.person.handle, facts=facts or {})


def unreachable(thread: Ticket) -> str:
    """Why this reporter is sent nothing."""
    return "the reporter asked for no contact" if thread.no_contact else "there is no address to answer"
