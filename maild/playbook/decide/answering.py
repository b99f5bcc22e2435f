"""What follows the commands of a mail: the outcome letter, the copies to the team, and the one answer or question to the writer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from maild.playbook import disclosure, leaks, notices
from maild.playbook.deadlines import Duty
from maild.playbook.decide.desk import Desk, Result
from maild.playbook.effects import Send, Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail
from maild.playbook.letters import Kind, Letter
from maild.playbook.policy import Notices
from maild.playbook.progress import determining, missing, next_deadline, not_taken, open_duties, resolving, untaken
from maild.playbook.ticket import Ticket

UNPROVEN = "nothing beyond your address"

LEAVING = {
    Kind.REPLY: "the reply",
    Kind.EXPLANATION: "the explanation",
    Kind.OUTCOME: "the outcome letter",
    Kind.RECEIPT: "the acknowledgement",
    Kind.APPEAL_RESULT: "the result of the appeal",
    Kind.RECORD_RECEIPT: "the acknowledgement",
}
"""The letters to the reporter that a command can send, as the answer to it names them."""


QUOTED = (">", "|")
"""What begins a line that somebody else wrote."""


def with_outcomes(desk: Desk) -> Desk:
    """The desk with an outcome letter about each case that was resolved and whose reporter is to hear of it."""
    for ticket in desk.touched.values():
        made = [entry for ticket_id, entry in desk.entries if ticket_id == ticket.id and entry.what is What.RESOLVED]
        told = [entry for entry in made if entry.facts["answer"]]
        desk = _with_outcome(desk, ticket, told) if told else desk
    return desk


def _with_outcome(desk: Desk, ticket: Ticket, made: Iterable[Entry]) -> Desk:
    """The words of a [reply] in the same mail, before or after, go into the outcome letter instead of one of their own."""
    replies = [send for send in _letters(desk, ticket.id) if send.letter.kind is Kind.REPLY]
    facts: dict[str, Fact] = {
        "kinds": list(dict.fromkeys(str(entry.facts["kind"]) for entry in made)),
        "violation": _case_of(desk, ticket).determinations["violation"].value,
        "words": "\n\n".join(str(send.letter.facts["text"]) for send in replies),
    }
    outcome = (Send(letter=letter) for letter in notices.to_reporter(ticket, Kind.OUTCOME, facts))
    return replace(desk, effects=(*(effect for effect in desk.effects if effect not in replies), *outcome))


def _case_of(desk: Desk, thread: Ticket) -> Ticket:
    """The case that this thread is part of; itself where it is a whole case."""
    return next((one for one in desk.touched.values() if one.id == thread.merged_into), thread)


def copies(desk: Desk) -> tuple[Send, ...]:
    """What was done and what left the team, to the others of each case's team (product.md section 6), but for whom this mail kept out."""
    out = {(effect.ticket_id, effect.handle) for effect in desk.effects if isinstance(effect, Withhold)}
    sends = (send for ticket in desk.touched.values() for send in _copied(desk, ticket))
    return tuple(send for send in sends if (send.letter.ticket_id, send.letter.to.handle) not in out)


def _copied(desk: Desk, ticket: Ticket) -> tuple[Send, ...]:
    done: list[Fact] = [
        {"written": one.written, "sentence": one.sentence, "text": one.text} for one in desk.results if one.ticket_id == ticket.id
    ]
    if not done:
        return ()
    sent: list[Fact] = _sent(desk, _letters(desk, *_threads(ticket)))
    leaving = {"sent": sent, "proposal": _proposed(desk, ticket), **_under_way(desk, ticket)}
    return notices.told_of_acts(ticket, done, leaving, desk.person, desk.scene.policy, proven=bool(desk.proof))


def _proposed(desk: Desk, ticket: Ticket) -> str:
    """The number of what this mail proposed, and the others are to read."""
    proposed = any(one == ticket.id and entry.what is What.PROPOSED for one, entry in desk.entries)
    return ticket.proposal.id if proposed and ticket.proposal else ""


def _letters(desk: Desk, *ticket_ids: int) -> tuple[Send, ...]:
    """The letters to reporters that the commands ask for, on these threads or on all."""
    sends = (effect for effect in desk.effects if isinstance(effect, Send) and effect.letter.kind in LEAVING)
    return tuple(send for send in sends if not ticket_ids or send.letter.ticket_id in ticket_ids)


def _threads(ticket: Ticket) -> tuple[int, ...]:
    return tuple(one.id for one in ticket.threads)


def _sent(desk: Desk, sends: Iterable[Send]) -> list[Fact]:
    """The letters by name, and where there are several reporters also to whom."""
    several = {one.id for ticket in desk.touched.values() if ticket.joined for one in ticket.threads}
    letters = [send.letter for send in sends]
    return [f"{LEAVING[one.kind]} to {one.reference}" if one.ticket_id in several else LEAVING[one.kind] for one in letters]


def answer(desk: Desk, *, remark: str = "", again: bool = False) -> Send:
    """The answer to the writer: each command with its result, the state, what is open, and what went to the reporter.

    `again`: what was refused can be mended and sent again.
    """
    facts: dict[str, Fact] = {
        "results": [{"ok": one.ok, "written": one.written, "sentence": one.sentence, "held": one.held} for one in desk.results],
        "errors": sum(not one.ok for one in desk.results),
        "again": again,
        "remark": remark,
        "proof": (desk.proof or UNPROVEN) if desk.results else "",
        "sent": _sent(desk, _letters(desk)),
        "cut": bool(desk.results) and _cut(desk.mail),
        "sections": list(_shown(desk)) if all(one.ok for one in desk.results) else [],
        **(_standing(desk, desk.seen) if desk.seen else {}),
    }
    return Send(letter=_to_writer(desk, Kind.ANSWER, facts))


def _shown(desk: Desk) -> Iterator[Mapping[str, Fact]]:
    """What the writer asked to see, without the cases that the same mail kept them out of, be it in a line further down."""
    out = {ticket.code for ticket in desk.touched.values() if not disclosure.may_know(ticket, desk.person)}
    for section in desk.said:
        if not out:
            yield section
        elif section["kind"] == "list" and isinstance(rows := section["rows"], list):
            yield {**section, "rows": [row for row in rows if row["code"] not in out]}
        elif section["kind"] == "help":
            yield {**section, "missing": []}
        elif not out & _codes(section):
            yield section


def _codes(section: Mapping[str, Fact]) -> set[str]:
    """The cases that a section tells of."""
    cases = section.get("cases")
    return {str(one["code"]) for one in (cases if isinstance(cases, list) else [section])}


def _cut(mail: Mail) -> bool:
    """Whether its writer wrote more than was read as commands and as text that may leave: below what may be a quote or a signature."""
    wrote, read = mail.new_text.strip(), mail.command_text.strip()
    below = wrote[len(read) :].splitlines() if wrote.startswith(read) else []
    return any(not leaks.blank(line) and not line.lstrip().startswith(QUOTED) for line in below)


def challenge(desk: Desk, token: str, until: datetime, *, note: str, wanted: Iterable[Result]) -> Send:
    """The question to the registered address whether it really asked for this: what would be done, and the text that came with it.

    Whoever steps back with the same mail is told no more than the tags: what the others say of them is of a case.
    """
    minimal = desk.scene.policy.notices is Notices.MINIMAL
    told = desk.ticket is None or desk.seen is not None
    asked: list[Fact] = [
        {"written": one.written, "sentence": one.sentence if told else "", "text": one.text if told and not minimal else ""}
        for one in wanted
    ]
    facts: Mapping[str, Fact] = {
        "asked": asked,
        "note": note if told and not minimal and not leaks.blank(note) else "",
        "minimal": minimal,
        "kept_as": desk.made.code if desk.made else "",
        "confirm": token,
        "until": until.isoformat(),
    }
    return Send(letter=replace(_to_writer(desk, Kind.CHALLENGE, facts), token=token, challenge=True))


def _under_way(desk: Desk, ticket: Ticket) -> dict[str, Fact]:
    """What goes out this second and moves the deadline as soon as it is taken: that it is not yet is nothing to see to."""
    leaving = {send.letter.kind for send in _letters(desk, *_threads(ticket))}
    under_way = next((kind.value for kind in (Kind.OUTCOME, Kind.EXPLANATION) if kind in leaving), "")
    written = {send.letter.to.handle for send in desk.effects if isinstance(send, Send) and send.letter.ticket_id == ticket.id}
    just_sent = {*map(untaken, written), *(not_taken(one, ticket) for one in ticket.threads if under_way)}
    return {
        "under_way": under_way,
        "open": [duty for duty in open_duties(ticket) if duty not in just_sent],
        "week_runs": any(one.running(Duty.RESPOND) for one in ticket.threads),
        "explained_until": ticket.explained_until.isoformat() if ticket.explained_until else None,
    }


def _standing(desk: Desk, ticket: Ticket) -> dict[str, Fact]:
    leaving = _under_way(desk, ticket)
    deadline = None if leaving["under_way"] else next_deadline(ticket)
    return {
        **leaving,
        "state": ticket.state.value,
        "lead": ticket.lead,
        "missing": list(missing(ticket)),
        "proposed": ticket.proposal is not None,
        "next_deadline": deadline.isoformat() if deadline else None,
        "determining": determining(ticket),
        "resolving": resolving(ticket),
    }


def _to_writer(desk: Desk, kind: Kind, facts: Mapping[str, Fact]) -> Letter:
    mail, ticket = desk.mail, desk.seen
    return Letter(
        kind=kind,
        to=disclosure.asker(desk.person),
        ticket_id=ticket.id if ticket else None,
        code=ticket.code if ticket else "",
        reference=ticket.reference if ticket else "",
        facts=facts,
        in_reply_to=mail.message_id,
        references=(*mail.references, mail.message_id),
    )
