"""A mail on a known thread: from the team, from the reporter, or from somebody who is no participant."""

from maild.playbook import disclosure, notices
from maild.playbook.deadlines import respond_clock, take_clock
from maild.playbook.decide import orders
from maild.playbook.decide.opening import everybody, open_ticket, same_person, withholding
from maild.playbook.effects import Append, Effect, File, Journal, Keep, Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Found, Mail, Scene, Sort, Thread
from maild.playbook.history import clock_facts, fold
from maild.playbook.people import Person, Role, mentioned
from maild.playbook.ticket import State, Ticket


def on_thread(mail: Mail, scene: Scene, thread: Thread) -> tuple[Effect, ...]:
    """What a mail on a known thread means."""
    if thread.ticket is None:
        return _on_no_case(mail, scene, thread)
    if scene.person is not None:
        return _from_person(mail, scene, thread, thread.ticket, scene.person)
    if _from_reporter(mail, thread.ticket):
        return _heard_again(mail, scene, thread.ticket)
    if thread.found is Found.CODE:
        # A code in the subject threads for participants only: anybody could have read it off a screen.
        return open_ticket(mail, scene, held="" if mail.sort is Sort.HUMAN else mail.sort.value)
    return _third_party(mail, scene, thread.ticket)


def _on_no_case(mail: Mail, scene: Scene, thread: Thread) -> tuple[Effect, ...]:
    if mail.sort is not Sort.HUMAN:
        return (File(kind="automatic", reason="an automatic answer to a letter that is about no case"),)
    if scene.person is not None and scene.person.role is Role.STAFF:
        return orders.without_case(mail, scene, scene.person, thread)
    return open_ticket(mail, scene)


def _from_person(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    if _from_reporter(mail, ticket):
        return _heard_again(mail, scene, ticket)
    if mail.sort is not Sort.HUMAN:
        return _kept(mail, ticket, relation="automatic", by=person.handle, kind="automatic")
    if not disclosure.may_know(ticket, person):
        return (*_third_party(mail, scene, ticket), *orders.unknown_case(mail, scene, person))
    if ticket.reporter is not None and any(same_person(address, ticket.reporter.address) for address in mail.copied_to):
        return orders.outside_answer(mail, scene, thread, ticket, person)
    if disclosure.may_act(ticket, person, scene.policy):
        return orders.on_case(mail, scene, thread, ticket, person)
    return orders.from_onlooker(mail, scene, ticket, person)


def _from_reporter(mail: Mail, ticket: Ticket) -> bool:
    return ticket.reporter is not None and same_person(mail.address, ticket.reporter.address)


def _heard_again(mail: Mail, scene: Scene, ticket: Ticket) -> tuple[Effect, ...]:
    if mail.sort is not Sort.HUMAN:
        entry = Entry(what=What.AUTOMATIC, at=scene.now, by="reporter", facts={"because": mail.sort_reason})
    else:
        entry = Entry(what=What.WROTE, at=scene.now, by="reporter", facts=_wrote(mail, scene, ticket))
    relation = "followup" if mail.sort is Sort.HUMAN else "automatic"
    named = _named(mail, scene, ticket)
    entries = (*withholding(named, scene), entry)
    after = fold(ticket, entries)
    return (
        Append(ticket=ticket, entries=entries),
        *(Withhold(ticket_id=ticket.id, handle=handle, why=why) for handle, why in named.items()),
        Keep(ticket_id=ticket.id, relation=relation, by="reporter"),
        *notices.told_of_message(after, mail, scene.policy, relation),
        Journal(verb=relation, by="reporter", ticket_id=ticket.id),
        File(kind=relation, reason=mail.sort_reason, ticket_id=ticket.id),
    )


def _named(mail: Mail, scene: Scene, ticket: Ticket) -> dict[str, str]:
    # Whoever leads the case is known to be clean, and may well be thanked by name.
    people = [person for person in everybody(scene.policy) if person.handle not in ticket.withheld and person.handle != ticket.lead]
    return dict.fromkeys(sorted(mentioned(mail.new_text, people)), "hold")


def _wrote(mail: Mail, scene: Scene, ticket: Ticket) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"message_id": mail.message_id, "references": list(mail.references)}
    if ticket.state is State.CLOSED:
        week = respond_clock(mail.received_at, scene.policy)
        untaken = () if ticket.lead else (take_clock(mail.received_at, urgent=False, clocks=scene.policy.clocks),)
        facts["clocks"] = clock_facts(week, *untaken)
    return facts


def _third_party(mail: Mail, scene: Scene, ticket: Ticket) -> tuple[Effect, ...]:
    named = _named(mail, scene, ticket)
    entry = Entry(what=What.THIRD_PARTY, at=scene.now, by="third-party", facts={"because": mail.sort_reason})
    entries = (*withholding(named, scene), entry)
    return (
        Append(ticket=ticket, entries=entries),
        *(Withhold(ticket_id=ticket.id, handle=handle, why=why) for handle, why in named.items()),
        Keep(ticket_id=ticket.id, relation="third-party", by="third-party"),
        *notices.told_of_message(fold(ticket, entries), mail, scene.policy, "third-party"),
        Journal(verb="third-party", by="third-party", ticket_id=ticket.id),
        File(kind="followup", reason="on a known thread, from somebody who is no participant", ticket_id=ticket.id),
    )


def _kept(mail: Mail, ticket: Ticket, *, relation: str, by: str, kind: str) -> tuple[Effect, ...]:
    return (Keep(ticket_id=ticket.id, relation=relation, by=by), File(kind=kind, reason=mail.sort_reason, ticket_id=ticket.id))
