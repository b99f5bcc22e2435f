"""A new ticket: its names and clocks, who must not know of it, the acknowledgement, the notice to staff."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from maild.playbook import budgets, disclosure, notices
from maild.playbook.deadlines import acknowledge_clock, respond_clock, take_clock
from maild.playbook.decide import wishing
from maild.playbook.decide.keeping import hidden, named_in, withholding
from maild.playbook.decide.wishing import Asked
from maild.playbook.effects import Alarm, Effect, File, Journal, Keep, Open, Send
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import clock_facts, fold
from maild.playbook.letters import Kind, Letter, Rank
from maild.playbook.people import Person, owns
from maild.playbook.ticket import NO_PLAIN_ADDRESS, RECEIPT_MADE, Ticket

AT_LEAST = timedelta(minutes=1)
"""A budget that has room within this time is room now."""

NOBODY: Mapping[str, str] = {}


def open_ticket(
    mail: Mail, scene: Scene, *, alarm: Person | None = None, proven: bool = False, out: Mapping[str, str] = NOBODY
) -> tuple[Effect, ...]:
    """A ticket for this mail; what no person wrote is held until a person has looked at it.

    `alarm` is the one of us who rings the safety alarm with it, `proven` or not; `out` are those who are kept from what it speaks of.
    """
    held = "" if alarm else mail.held_as
    blank = Ticket(
        id=mail.inbox_id,
        code=scene.fresh.code(scene.name_try),
        reference=scene.fresh.reference(scene.name_try),
        received_at=mail.received_at,
    )
    wishes = wishing.NOTHING if alarm else wishing.asked(mail, scene)
    reasons, because = {**out, **_withheld(mail, scene, wishes)}, _no_receipt_because(mail, held, wishes)
    entries = (
        _opened(mail, scene, held=held, because=because),
        *wishes.entries,
        *withholding(blank, reasons, scene),
        *_alarm(mail, scene, alarm, proven=proven),
    )
    ticket = fold(blank, entries)
    told = not held and not mail.silent and scene.recent_reports < scene.policy.limits.notices_before_summary
    return (
        Open(ticket=ticket, entries=entries, told=told, silent=mail.silent),
        Keep(ticket_id=blank.id, relation="report", by="reporter"),
        *hidden(blank, reasons),
        *(() if because else _receipt(mail, ticket, scene)),
        *(_told(ticket, mail, scene, because, wishes) if told else ()),
        *(notices.alarmed(ticket, alarm.name, mail.new_text, scene.policy, proven=proven) if alarm else ()),
        *(() if disclosure.team(ticket, scene.policy) else (Alarm(kind=notices.NOBODY_MAY_SEE, ticket_id=blank.id),)),
        Journal(verb="held" if held else "opened", by="maild", ticket_id=blank.id),
        File(kind=held or "report", reason=mail.sort_reason, ticket_id=blank.id),
    )


def _opened(mail: Mail, scene: Scene, *, held: str, because: str) -> Entry:
    facts: dict[str, Fact] = {
        "name": mail.name,
        "address": mail.answer_to,
        "language": mail.language,
        "message_id": mail.message_id,
        "references": list(mail.references),
        "because": mail.sort_reason if held else "",
        "as": held,
        "disowned": mail.disowned,
        "receipt": because or RECEIPT_MADE,
    }
    if not mail.silent:
        facts["clocks"] = _clocks(mail, scene, held=held)
    return Entry(what=What.HELD if held else What.OPENED, at=scene.now, by="reporter", facts=facts)


def _clocks(mail: Mail, scene: Scene, *, held: str) -> dict[str, Fact]:
    acknowledge = acknowledge_clock(mail.received_at, scene.policy.clocks)
    if held:
        return clock_facts(acknowledge)
    take = take_clock(mail.received_at, urgent=False, clocks=scene.policy.clocks)
    return clock_facts(acknowledge, respond_clock(mail.received_at, scene.policy), take)


def _withheld(mail: Mail, scene: Scene, wishes: Asked) -> Mapping[str, str]:
    held = dict.fromkeys(named_in(mail, mail.text, scene.policy), "hold")
    party = {person.handle: "party" for person in scene.policy.everybody if owns(person, mail.strict_sender or mail.address)}
    return {**held, **wishes.out, **party}


def _no_receipt_because(mail: Mail, held: str, wishes: Asked) -> str:
    if mail.silent:
        return "it is older than the day from which mail is answered"
    if held:
        return f"it is held: {mail.sort_reason}"
    if wishes.no_contact:
        return "the reporter asked for no contact"
    if not mail.answerable:
        return mail.unanswerable_because
    return "" if mail.answer_to else NO_PLAIN_ADDRESS


def _receipt(mail: Mail, ticket: Ticket, scene: Scene) -> tuple[Send, ...]:
    kind = Kind.TOO_LARGE if mail.truncated else Kind.RECEIPT
    return tuple(Send(letter=_budgeted(letter, mail, scene)) for letter in notices.to_reporter(ticket, kind, {}))


def _budgeted(letter: Letter, mail: Mail, scene: Scene) -> Letter:
    """The acknowledgement when the budgets allow it; whoever is known or proven waits no longer than they say."""
    limits = scene.policy.limits
    rank = Rank.KNOWN if scene.known_sender or scene.person else Rank.PROVEN if mail.proof else Rank.REST
    latest = mail.received_at + limits.acknowledgement_latest if rank is not Rank.REST else None
    room = budgets.sender_has_room(scene.receipts_to_sender, scene.now, limits)
    at = room if latest is None else min(room, latest)
    return replace(letter, rank=rank, not_before=at if at > scene.now + AT_LEAST else None, latest_at=latest)


def _told(ticket: Ticket, mail: Mail, scene: Scene, because: str, wishes: Asked) -> tuple[Send, ...]:
    told = notices.told_of_report(ticket, mail, scene.policy, because, wishes.facts)
    return (*told, *notices.too_few(ticket, scene.policy, told=told))


def _alarm(mail: Mail, scene: Scene, by: Person | None, *, proven: bool) -> tuple[Entry, ...]:
    if by is None:
        return ()
    clock = take_clock(scene.now, urgent=True, clocks=scene.policy.clocks)
    facts: dict[str, Fact] = {"text": mail.new_text, "proven": proven, "clocks": clock_facts(clock)}
    return (Entry(what=What.URGENT, at=scene.now, by=by.handle, facts=facts),)
