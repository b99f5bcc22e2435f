"""Moves that more than one command makes."""

from collections.abc import Mapping

from maild.playbook import leaks, notices
from maild.playbook.deadlines import take_clock
from maild.playbook.decide.desk import Desk
from maild.playbook.decide.keeping import hidden, withholding
from maild.playbook.entry import Fact, What
from maild.playbook.history import clock_facts

ALARMED = "All who may see this case are alarmed, every hour until somebody writes [take]."


def noted(desk: Desk, text: str) -> Desk:
    """The desk after an internal note, which the others of the team get."""
    shared = notices.told_of_note(desk.case, text, desk.person, desk.scene.policy, proven=bool(desk.proof))
    return desk.note(What.NOTE, {"text": text, "proven": bool(desk.proof)}).also(*shared)


def led(desk: Desk) -> Desk:
    """The desk with somebody in the lead: who does the work leads, for a tired volunteer should not have to remember [take]."""
    return desk if desk.case.lead else desk.note(What.TAKEN, {"lead": desk.person.handle})


def alarm(desk: Desk, text: str) -> Desk:
    """The desk after the safety alarm; it comes again every hour until somebody takes the case.

    It rings once for each mail: what else one says of danger is a note.
    """
    ticket, policy, proven = desk.case, desk.scene.policy, bool(desk.proof)
    if (ticket.id, What.URGENT) in ((ticket_id, entry.what) for ticket_id, entry in desk.entries):
        return desk if leaks.blank(text) else noted(desk, text)
    clock = take_clock(desk.scene.now, urgent=True, clocks=policy.clocks)
    facts: dict[str, Fact] = {"text": text, "proven": proven, "clocks": clock_facts(clock)}
    after = desk.note(What.URGENT, facts)
    return after.also(*notices.alarmed(after.case, desk.person.name, text, policy, proven=proven))


def kept_out(desk: Desk, reasons: Mapping[str, str]) -> Desk:
    """The desk after these people were kept out of its case; where that leaves nobody of the staff, others are told."""
    before, policy, by = desk.case, desk.scene.policy, desk.person.handle
    after = desk.enter(*withholding(before, reasons, desk.scene, by=by)).also(*hidden(before, reasons))
    for thread in before.joined:
        after = after.enter_on(thread, *withholding(thread, reasons, desk.scene, by=by))
    return after.also(*notices.too_few_left(before, after.case, policy))
