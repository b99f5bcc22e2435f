"""The one answer to a mail from staff, the challenge where a proof is missing, and the outcome letter of a resolution."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from maild.playbook import disclosure
from maild.playbook.decide.acts import letter_to_reporter
from maild.playbook.decide.desk import Desk
from maild.playbook.effects import Send
from maild.playbook.entry import Fact, What
from maild.playbook.letters import Kind, Letter
from maild.playbook.progress import missing, next_deadline, open_duties
from maild.playbook.ticket import Ticket


def answer(desk: Desk, *, proof: str = "", remark: str = "") -> tuple[Send, ...]:
    """The answer to the writer: each command with its result, the state, what is open, and what went to the reporter."""
    ticket = desk.ticket if desk.ticket is not None and disclosure.may_know(desk.ticket, desk.person) else None
    facts: dict[str, Fact] = {
        "results": [{"ok": one.ok, "written": one.written, "sentence": one.sentence} for one in desk.results],
        "errors": sum(not one.ok for one in desk.results),
        "remark": remark,
        "proof": proof,
        "sent": list(desk.sent),
        "sections": list(desk.said),
        **(_standing(ticket) if ticket else {}),
    }
    return (_to_writer(desk, Kind.ANSWER, facts, ticket),)


def challenge(desk: Desk, token: str, until: datetime, written: Iterable[str]) -> Send:
    """The question to the registered address whether it really asked for this."""
    facts: Mapping[str, Fact] = {"written": list(written), "confirm": token, "until": until.isoformat()}
    sent = _to_writer(desk, Kind.CHALLENGE, facts, desk.ticket)
    return Send(letter=replace(sent.letter, token=token, challenge=True))


def outcome(desk: Desk) -> Desk:
    """The desk with the outcome letter, where a command resolved the case and the reporter is to hear of it."""
    made = [entry for _, entry in desk.entries if entry.what is What.RESOLVED]
    if not any(entry.facts["answer"] for entry in made):
        return desk
    ticket = desk.case
    facts: dict[str, Fact] = {
        "kinds": [str(entry.facts["kind"]) for entry in made],
        "violation": ticket.determinations["violation"].value,
        "words": desk.words,
    }
    letter = letter_to_reporter(Kind.OUTCOME, ticket, facts)
    desk = desk.note(What.LETTER, {"letter": Kind.OUTCOME.value, "text": desk.words})
    return desk.also(*([Send(letter=letter)] if letter else [])).telling("the outcome letter")


def _standing(ticket: Ticket) -> dict[str, Fact]:
    deadline = next_deadline(ticket)
    return {
        "state": ticket.state.value,
        "lead": ticket.lead,
        "missing": list(missing(ticket)),
        "open": list(open_duties(ticket)),
        "next_deadline": deadline.isoformat() if deadline else None,
        "respondents": [person.ref for person in ticket.respondents],
    }


def _to_writer(desk: Desk, kind: Kind, facts: Mapping[str, Fact], ticket: Ticket | None) -> Send:
    mail = desk.mail
    return Send(
        letter=Letter(
            kind=kind,
            to=disclosure.asker(desk.person),
            ticket_id=ticket.id if ticket else None,
            code=ticket.code if ticket else "",
            reference=ticket.reference if ticket else "",
            facts=facts,
            in_reply_to=mail.message_id,
            references=(*mail.references, mail.message_id),
        )
    )
