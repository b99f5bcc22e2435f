"""A new ticket: its names and clocks, who must not know of it, the acknowledgement, the notice to staff."""

from datetime import timedelta

from maild.playbook import budgets, disclosure
from maild.playbook.deadlines import acknowledge_clock, respond_clock, take_clock
from maild.playbook.effects import Alarm, Effect, File, Journal, Keep, Open, Send, Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import clock_facts, fold
from maild.playbook.letters import Kind, Letter, Rank
from maild.playbook.notices import told_of_report
from maild.playbook.people import Person, mentioned, normalise
from maild.playbook.policy import Policy
from maild.playbook.ticket import Ticket

AT_LEAST = timedelta(minutes=1)
"""A budget that has room within this time is room now."""


def open_ticket(mail: Mail, scene: Scene, *, held: str = "") -> tuple[Effect, ...]:
    """A ticket for this mail; `held` is the kind of a mail that no person wrote, which a person has yet to look at."""
    blank = Ticket(
        id=mail.inbox_id,
        code=scene.fresh.code(scene.name_try),
        reference=scene.fresh.reference(scene.name_try),
        received_at=mail.received_at,
    )
    withheld = _withheld(mail, scene)
    because = _no_receipt_because(mail, held)
    entries = (_opened(mail, scene, held=held, because=because), *withholding(withheld, scene))
    ticket = fold(blank, entries)
    told = not held and not mail.silent and scene.recent_reports < scene.policy.limits.notices_before_summary
    return (
        Open(ticket=blank, entries=entries, told=told, silent=mail.silent),
        Keep(ticket_id=blank.id, relation="report", by="reporter"),
        *(Withhold(ticket_id=blank.id, handle=handle, why=why) for handle, why in withheld.items()),
        *(() if because else _receipt(mail, ticket, scene)),
        *(told_of_report(ticket, mail, scene.policy, because) if told else ()),
        *(() if disclosure.team(ticket, scene.policy) else (Alarm(kind="nobody-may-see", ticket_id=blank.id),)),
        Journal(verb="held" if held else "opened", by="maild", ticket_id=blank.id),
        File(kind=held or "report", reason=mail.sort_reason, ticket_id=blank.id),
    )


def _opened(mail: Mail, scene: Scene, *, held: str, because: str) -> Entry:
    facts: dict[str, Fact] = {
        "name": mail.name,
        "address": mail.strict_sender,
        "language": mail.language,
        "message_id": mail.message_id,
        "references": list(mail.references),
        "because": mail.sort_reason if held else "",
        "receipt": because or "queued",
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


def _withheld(mail: Mail, scene: Scene) -> dict[str, str]:
    names = "\n".join(str(attachment.get("name", "")) for attachment in mail.attachments)
    # The mail's own text comes first, so that its greeting is where a greeting is looked for.
    said = mentioned("\n".join((mail.text, mail.subject, mail.name, mail.address, *mail.copied_to, names)), everybody(scene.policy))
    held = dict.fromkeys(sorted(said), "hold")
    if scene.person is not None:
        held[scene.person.handle] = "party"
    return held


def withholding(withheld: dict[str, str], scene: Scene) -> tuple[Entry, ...]:
    """The entries that keep these people out."""
    return tuple(
        Entry(what=What.WITHHELD, at=scene.now, by="maild", facts={"handle": handle, "why": why}) for handle, why in withheld.items()
    )


def _no_receipt_because(mail: Mail, held: str) -> str:
    if mail.silent:
        return "it is older than the day from which mail is answered"
    if held:
        return f"it is held: {mail.sort_reason}"
    if not mail.answerable:
        return mail.unanswerable_because
    return "" if mail.strict_sender else "its sender is not one plain address"


def _receipt(mail: Mail, ticket: Ticket, scene: Scene) -> tuple[Effect, ...]:
    to = disclosure.reporter(ticket)
    if to is None:
        return ()
    rank = Rank.KNOWN if scene.known_sender or scene.person else Rank.PROVEN if mail.proof else Rank.REST
    room = budgets.sender_has_room(scene.receipts_to_sender, scene.now, scene.policy.limits)
    latest = mail.received_at + scene.policy.limits.acknowledgement_latest
    letter = Letter(
        kind=Kind.TOO_LARGE if mail.truncated else Kind.RECEIPT,
        to=to,
        ticket_id=ticket.id,
        code=ticket.code,
        reference=ticket.reference,
        language=mail.language,
        in_reply_to=mail.message_id,
        references=(*mail.references, mail.message_id),
        rank=rank,
        not_before=room if room > scene.now + AT_LEAST else None,
        latest_at=latest if rank is not Rank.REST else None,
    )
    return (Send(letter=letter),)


def everybody(policy: Policy) -> tuple[Person, ...]:
    """All who might be told of a case one day."""
    return (*policy.staff, *policy.board, policy.fallback)


def same_person(one: str, other: str) -> bool:
    """Whether two addresses are the same mailbox, as far as spelling tells."""
    return bool(one) and normalise(one) == normalise(other)
