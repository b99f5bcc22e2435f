"""A mail on a known thread: from the team, from the reporter, or from somebody who is no participant."""

from dataclasses import replace

from maild.playbook import disclosure, notices
from maild.playbook.deadlines import respond_clock, take_clock
from maild.playbook.decide import onlookers, orders, wishing
from maild.playbook.decide.confirming import confirmed, task_answered
from maild.playbook.decide.keeping import hidden, named_in, withholding
from maild.playbook.decide.opening import open_ticket
from maild.playbook.decide.wished import filed, same, wished_beside, wished_too
from maild.playbook.decide.wishing import NOTHING, Asked
from maild.playbook.effects import Append, Await, Effect, File, Journal, Keep, Send, Withdraw
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Found, Mail, Scene, Thread
from maild.playbook.history import clock_facts, fold
from maild.playbook.joining import facing
from maild.playbook.people import Person, Role
from maild.playbook.ticket import Ticket, Turn, turn

RELATIONS = {What.WROTE: "followup", What.HEARD: "person", What.AUTOMATIC: "automatic", What.THIRD_PARTY: "third-party"}
"""What a mail from outside is to its case."""

JOURNALLED = {What.HEARD: What.HEARD.value}
"""Its verb in the journal, where that is not the relation."""

KEPT_OUT = "kept-out"
"""What a mail is, in the notice of it, that came from one of us who is kept out of the case."""


def on_thread(mail: Mail, scene: Scene, thread: Thread) -> tuple[Effect, ...]:
    """What a mail on a known thread means."""
    ticket = thread.ticket
    if ticket is None:
        return _on_no_case(mail, scene, thread)
    if own := _of_reporter(mail, thread, ticket):
        return _heard_again(mail, scene, thread, ticket, own)
    if task := task_answered(mail, thread, ticket):
        entry = confirmed(mail, scene, task)
        what, told_as = (What.HEARD, "confirmed" if entry else "contact") if mail.by_hand else (What.AUTOMATIC, "")
        writer = scene.person.handle if scene.person else ""
        return _shared(mail, scene, ticket, what, by=task.id, told_as=told_as, also=entry, unnamed=writer)
    if party := _party(mail, scene, thread, ticket):
        return _shared(mail, scene, ticket, What.HEARD if mail.by_hand else What.AUTOMATIC, by=party)
    if scene.person is not None:
        return _from_person(mail, scene, thread, ticket, scene.person)
    if thread.found is Found.CODE:
        # A code in the subject threads for participants only: anybody could have read it off a screen.
        return open_ticket(mail, scene)
    return _third_party(mail, scene, ticket)


def _on_no_case(mail: Mail, scene: Scene, thread: Thread) -> tuple[Effect, ...]:
    person = scene.person
    if person is not None and not mail.by_hand:
        return (File(kind="automatic", reason="an automatic answer of one of us to a letter that is about no case"),)
    if person is not None and onlookers.releases(mail, person):
        return onlookers.release(mail, scene, person)
    if person is None or person.role is Role.BOARD or not orders.commands(mail):
        return open_ticket(mail, scene)
    if thread.spent:
        return orders.duplicate(mail, scene, thread, person)
    return orders.without_case(mail, scene, person)


def _from_person(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    if not mail.by_hand:
        return (Keep(ticket_id=ticket.id, relation="automatic", by=person.handle), _file(mail, ticket, "automatic"))
    if not disclosure.may_know(ticket, person):
        return _kept_out(mail, scene, ticket, person)
    if thread.spent:
        return orders.duplicate(mail, scene, thread, person)
    if any(filed(address, one) for address in mail.copied_to for one in ticket.threads):
        return orders.outside_answer(mail, scene, thread, ticket, person)
    if disclosure.may_act(ticket, person, scene.policy):
        return orders.on_case(mail, scene, thread, ticket, person)
    return onlookers.from_onlooker(mail, scene, thread, ticket, person)


def _kept_out(mail: Mail, scene: Scene, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """The team sees the mail as one from outside; its writer learns nothing. What turns to another case, or opens one, is that one's mail."""
    answered = orders.unknown_case(mail, scene, ticket, person)
    if any(isinstance(effect, Keep) for effect in answered):
        return answered
    seen = _shared(mail, scene, ticket, What.THIRD_PARTY, by="third-party", told_as=KEPT_OUT)
    return (*seen, *(effect for effect in answered if isinstance(effect, Send | Await)))


def _of_reporter(mail: Mail, thread: Thread, ticket: Ticket) -> Ticket | None:
    """The thread of whichever reporter wrote this; of somebody who filed two of the reports, the one it answers."""
    theirs = [one for one in ticket.threads if filed(mail.address, one)]
    return next((one for one in theirs if one.id == thread.about), theirs[0] if theirs else None)


def _party(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket) -> str:
    """The reference of who else on the case wrote this: on the thread we opened with them or, unless they are one of us, on any of it.

    Their tags are text, and nothing of the case moves: they are no reporter, and here none of us.
    """
    theirs = (one.ref for one in ticket.people if same(mail.address, one.address))
    known = thread.found is not Found.CODE and scene.person is None
    return next((ref for ref in theirs if known or ref == thread.holder), "")


def _heard_again(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, own: Ticket) -> tuple[Effect, ...]:
    if not mail.by_hand:
        return _shared(mail, scene, ticket, What.AUTOMATIC, by="reporter", own=own)
    wishes = wishing.asked(mail, scene, own)
    heard = _shared(mail, scene, ticket, What.WROTE, by="reporter", wishes=wishes, own=own)
    theirs = [one.id for one in ticket.threads if wishes.no_contact and filed(mail.address, one)]
    others = (effect for case in thread.beside for effect in wished_beside(mail, scene, case, wishes))
    return (*heard, *(Withdraw(ticket_id=one, handle="reporter") for one in theirs), *others)


def _third_party(mail: Mail, scene: Scene, ticket: Ticket) -> tuple[Effect, ...]:
    return _shared(mail, scene, ticket, What.THIRD_PARTY, by="third-party")


def _shared(
    mail: Mail,
    scene: Scene,
    ticket: Ticket,
    what: What,
    *,
    by: str,
    told_as: str = "",
    wishes: Asked = NOTHING,
    also: tuple[Entry, ...] = (),
    unnamed: str = "",
    own: Ticket | None = None,
) -> tuple[Effect, ...]:
    """What came from outside: on the case, to its team, but for those of us whom it names, the lead among them.

    `unnamed` is who wrote it, where it is one of us whose own name in it says nothing; `own` the thread it belongs to, where that is
    another than the case's own.
    """
    policy, relation, own = scene.policy, RELATIONS[what], own or ticket
    named = dict.fromkeys(named_in(mail, mail.new_text, policy) - {*ticket.withheld, *ticket.cleared, unnamed}, "hold")
    reasons = {**named, **{handle: why for handle, why in wishes.out.items() if ticket.withheld.get(handle, "hold") == "hold"}}
    held = (*wishes.entries, *withholding(own, reasons, scene))
    entries = {own.id: (*held, Entry(what=what, at=scene.now, by=by, facts=_heard(mail, scene, fold(own, held), what, by=by)), *also)}
    others = (one for one in ticket.threads if one.id != own.id)
    entries |= {
        one.id: (*wished_too(mail, scene, one, wishes), *withholding(one, reasons, scene), *_reopened(mail, scene, one, what))
        for one in others
    }
    after, *joined = (fold(one, entries[one.id]) for one in ticket.threads)
    after = replace(after, joined=tuple(joined))
    about = facing(after, next(one for one in after.threads if one.id == own.id))
    told = notices.told_of_message(about, mail, policy, told_as or relation, wishes.facts, by=by)
    return (
        *(Append(ticket=one, entries=entries[one.id]) for one in ticket.threads if entries[one.id]),
        *hidden(ticket, reasons),
        Keep(ticket_id=own.id, relation=relation, by=by),
        *notices.on_thread(told, own),
        *notices.too_few_left(ticket, after, policy, told=told),
        Journal(verb=JOURNALLED.get(what, relation), by=by, ticket_id=own.id),
        _file(mail, own, "automatic" if what is What.AUTOMATIC else "followup"),
    )


def _reopened(mail: Mail, scene: Scene, thread: Ticket, what: What) -> tuple[Entry, ...]:
    """Another reporter of the case wrote: where it was over, it is open again for everybody."""
    to = turn(thread, Turn.WROTE)
    if what is not What.WROTE or to is thread.state:
        return ()
    return (Entry(what=What.REOPENED, at=scene.now, by="reporter", facts={"clocks": _again(mail, scene, thread)}),)


def _heard(mail: Mail, scene: Scene, ticket: Ticket, what: What, *, by: str) -> dict[str, Fact]:
    if what is What.HEARD:
        return {"ref": by, "message_id": mail.message_id}
    if what is not What.WROTE:
        return {"because": mail.sort_reason}
    facts: dict[str, Fact] = {"message_id": mail.message_id, "references": list(mail.references)}
    if turn(ticket, Turn.WROTE) is not ticket.state:
        facts["clocks"] = _again(mail, scene, ticket)
    return facts


def _again(mail: Mail, scene: Scene, thread: Ticket) -> dict[str, Fact]:
    """A new week; and somebody has to take the case, which is not done on a thread that is merely a part of it."""
    week = respond_clock(mail.received_at, scene.policy)
    taken = thread.lead or thread.merged_into is not None
    return clock_facts(week, *(() if taken else (take_clock(mail.received_at, urgent=False, clocks=scene.policy.clocks),)))


def _file(mail: Mail, ticket: Ticket, kind: str) -> File:
    return File(kind=kind, reason=mail.sort_reason, ticket_id=ticket.id)
