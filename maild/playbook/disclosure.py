"""Every recipient of every letter comes from here (product.md principle 4).

A person who is a party to a case, recused from it or held back by a mention is in `ticket.withheld` and in no answer below.
"""

from collections.abc import Collection

from maild.playbook.letters import Recipient
from maild.playbook.people import Person, Role, mentioned, normalise, owns
from maild.playbook.policy import Conference, Policy
from maild.playbook.ticket import Ticket

AT_LEAST = 2
"""People who release a transparency report together."""

OUTSIDER = "person"
"""The role of a recipient who is on the case and is not its reporter."""


def reporter(ticket: Ticket) -> Recipient | None:
    """The one who filed the report of this thread, where there is an address that may be answered; never anybody from To, Cc or Reply-To.

    Nobody where they asked for no contact.
    """
    filed = ticket.reporter
    if filed is None or not filed.address or ticket.no_contact:
        return None
    return Recipient(handle="reporter", role="reporter", name=filed.name, address=filed.address)


def person(ticket: Ticket, ref: str, policy: Policy) -> Recipient | None:
    """Somebody else on the case, where they have an address of their own: never that of the reporter, nor our mailbox."""
    one = ticket.person(ref)
    if one is None or not one.address or one.role == "reporter" or normalise(one.address) == normalise(policy.mailbox):
        return None
    if of_a_reporter(ticket, one.address):
        return None
    return Recipient(handle=one.ref, role=OUTSIDER, name=one.name, address=one.address)


def of_a_reporter(ticket: Ticket, address: str) -> bool:
    """Whether this is an address of somebody who filed one of the reports, be it one that they have not allowed us to write to."""
    filed = [at for one in ticket.threads if one.reporter for at in (one.reporter.address, one.reporter.contact) if at]
    return normalise(address) in map(normalise, filed)


def contact(ticket: Ticket, ref: str, address: str, policy: Policy) -> Recipient | None:
    """Who carries a sanction out in a place of theirs, for the task `ref`; nobody who is on the case, or may not know of it."""
    ours = [person for person in policy.people if owns(person, address)]
    on_case = (policy.mailbox, *(one.address for one in ticket.people))
    if "@" not in address or normalise(address) in map(normalise, on_case) or not all(may_know(ticket, person) for person in ours):
        return None
    if of_a_reporter(ticket, address):
        return None
    return Recipient(handle=ref, role=OUTSIDER, name="", address=address)


def team(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """The case team: all active staff who may know of the case; where nobody is left the first contact outside who may, then the board.

    With them whoever has to answer an appeal because all of them decided what it is about, and the second person that a proposal waits
    for where its writer is alone. Empty only where every single person is
    withheld; then an alarm stands that the operator sees.
    """
    clean = _clean(ticket, policy.staff) or _clean(ticket, policy.fallbacks)[:1] or _clean(ticket, policy.board)
    if not ticket.appeals and ticket.proposal is None:
        return clean
    return (*clean, *dict.fromkeys(to for to in (*_called_in(ticket, policy), *_second(ticket, policy, clean)) if to not in clean))


def reviewers(ticket: Ticket, policy: Policy, number: str) -> tuple[Recipient, ...]:
    """Who may look at a sanction again: whoever of the staff had no part in it, else the contact outside; nobody where all had."""
    decided = {handle for one in ticket.sanctions if one.id == number for handle in one.by}
    staff, outside = (tuple(to for to in _clean(ticket, people) if to.handle not in decided) for people in (policy.staff, policy.fallbacks))
    return staff or outside[:1]


def _called_in(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    return tuple(to for appeal in ticket.appeals if appeal.open for to in reviewers(ticket, policy, appeal.sanction))


def _second(ticket: Ticket, policy: Policy, clean: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    """Who is asked in to approve or to object: as long as nobody else of the team may, the next who would be of it."""
    by = ticket.proposal.by if ticket.proposal else ""
    if not by or any(to.handle != by for to in clean):
        return ()
    outside = (*_clean(ticket, policy.fallbacks), *_clean(ticket, policy.board))
    return tuple(to for to in outside if to.handle != by)[:1]


def lead(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """Who leads the case; without a lead, all of the team."""
    leading = tuple(to for to in team(ticket, policy) if to.handle == ticket.lead)
    return leading or team(ticket, policy)


def board(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """The board as far as it may know of the case; the first contact outside who may where nobody is left."""
    return _clean(ticket, policy.board) or _clean(ticket, policy.fallbacks)[:1]


def at_event(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """Those of the case team who are at the event where it happened; all of the team where none of them is, or there is none."""
    event = policy.conference(ticket.event)
    there = [to for to in team(ticket, policy) if event and to.handle in event.staff]
    return tuple(there) or team(ticket, policy)


def event_staff(event: Conference, policy: Policy) -> tuple[Recipient, ...]:
    """Active staff who are at an event, for letters that are about no case; all of them where none is named."""
    return tuple(_recipient(person) for person in policy.staff if person.handle in event.staff) or all_staff(policy)


def others(ticket: Ticket, policy: Policy, person: Person) -> tuple[Recipient, ...]:
    """The case team without one of them."""
    return tuple(to for to in team(ticket, policy) if to.handle != person.handle)


def asker(person: Person) -> Recipient:
    """The one who asked, at the registered address and nowhere else."""
    return _recipient(person)


def all_staff(policy: Policy) -> tuple[Recipient, ...]:
    """All active staff, for letters that are about no case."""
    return tuple(_recipient(person) for person in policy.staff)


def whole_board(policy: Policy) -> tuple[Recipient, ...]:
    """The whole board, or the contact outside where there is none, for letters that are about no single case."""
    return tuple(_recipient(person) for person in policy.board) or (_recipient(policy.fallback),)


def releasers(out: Collection[str], policy: Policy) -> tuple[Recipient, ...]:
    """Who may release a transparency report, where `out` are kept out of what is counted in it: staff and board, and contacts outside, one
    after another, where fewer than two are left."""
    ours = [_recipient(one) for one in policy.everybody if one.role is not Role.FALLBACK and one.handle not in out]
    outside = [_recipient(one) for one in policy.fallbacks if one.handle not in out]
    return (*ours, *outside[: max(0, AT_LEAST - len(ours))])


def report_board(out: Collection[str], policy: Policy) -> tuple[Recipient, ...]:
    """Whom a transparency report is owed by: the board, with the contacts outside who are needed; whoever else may release it where none is left."""
    may = releasers(out, policy)
    board = {one.handle for one in policy.board}
    owed = tuple(to for to in may if to.handle in board or to.role == Role.FALLBACK.value)
    return owed or may


def representatives(ticket: Ticket, policy: Policy) -> tuple[str, ...]:
    """Whom people at the event may turn to, for the team: without anybody who is kept out of the case."""
    event, out = policy.conference(ticket.event), [one for one in policy.everybody if one.handle in ticket.withheld]
    return tuple(one for one in (event.representatives if event else ()) if not mentioned(one, out))


def may_know(ticket: Ticket, person: Person) -> bool:
    """Whether a person may learn that this case exists."""
    wrote_it = any(one.reporter is not None and owns(person, one.reporter.address) for one in ticket.threads)
    return person.active and person.handle not in ticket.withheld and not wrote_it


def may_act(ticket: Ticket, person: Person, policy: Policy) -> bool:
    """Whether a person belongs to the case team."""
    return any(to.handle == person.handle for to in team(ticket, policy))


def _clean(ticket: Ticket, people: tuple[Person, ...]) -> tuple[Recipient, ...]:
    return tuple(_recipient(person) for person in people if may_know(ticket, person))


def _recipient(person: Person) -> Recipient:
    return Recipient(handle=person.handle, role=person.role.value, name=person.name, address=person.address, language=person.language)
