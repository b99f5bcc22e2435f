"""`[merge:CODE]` and `[split]`: several reports of one incident are one case for the team, and a thread for each reporter."""

from collections.abc import Iterable, Iterator, Mapping

from maild.playbook import disclosure, joining
from maild.playbook.commands import Command
from maild.playbook.deadlines import Duty
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.keeping import hidden, untaken, withholding
from maild.playbook.decide.lookups import UNKNOWN_CASE
from maild.playbook.decide.moves import kept_out
from maild.playbook.effects import Attach, Clear, Effect, Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.history import clock_facts
from maild.playbook.people import owns
from maild.playbook.policy import Policy
from maild.playbook.ticket import State, Ticket

OPEN = (State.NEW, State.ACKNOWLEDGED, State.REVIEW, State.REOPENED)
"""Where a case stands that can become one with another."""

STRONGEST = ("hold", "recused", "party")
"""Why somebody is kept out of a case, the reason that is hardest to lift last."""


def merge(command: Command, desk: Desk) -> Tried:
    """The other case becomes part of this one; whoever is kept out of either is kept out of both."""
    case, other = desk.case, desk.named(command.value or "")
    if other is None:
        return Refused(sentence=UNKNOWN_CASE, mendable=False)
    if refusal := next(_objections(case, other), ""):
        return Refused(sentence=refusal)
    out = _kept_out(case, other, desk.scene.policy)
    after = kept_out(desk, _missing(case, out)).note(What.JOINED, joining.joining(case, other, out))
    after = after.with_thread(other)
    gone = (*withholding(other, _missing(other, out), desk.scene, by=desk.person.handle), _entry(desk, What.MERGED, {"into": case.id}))
    after = after.enter_on(other, *gone).also(*hidden(other, _missing(other, out)), Attach(ticket_id=other.id, into=case.id))
    return Done(desk=_placed_too(_urgent_too(after, other), other), sentence=" ".join(_said(case, other, after.case)))


def _objections(case: Ticket, other: Ticket) -> Iterator[str]:
    if other.id == case.id:
        yield "That is this case itself, or part of it already."
    if case.proposal:
        yield f"{case.proposal.id} waits on {case.code}, and was written for one reporter: somebody decides on it first, then this can be done."
    for one in (case, other):
        if one.state not in OPEN:
            yield f"{one.code} is {one.state.value}; only cases that are open and not resolved can be merged."
    if _against_each_other(case, other):
        yield f"A respondent of one of them filed the other: {case.code} and {other.code} stay two cases, so that neither hears what the other is told."
    other_way = f"answer a mail about {other.code} with [merge:{case.code}] instead"
    if other.joins:
        yield (
            f"Other reports are part of {other.code}; {other_way}."
            if not case.joins
            else (f"Other reports are part of both cases; answer a mail about {other.code} with [split] first.")
        )
    if other.resolutions or other.sanctions or other.proposal or other.support or other.presentations or other.contacts:
        yield f"There are decisions, or things that people do or did, on {other.code}; {other_way}."


def _against_each_other(case: Ticket, other: Ticket) -> bool:
    """Whether one report is about whoever filed the other, as far as an address tells."""
    return any(disclosure.of_a_reporter(one, about.address) for one, two in ((case, other), (other, case)) for about in two.respondents)


def _kept_out(case: Ticket, other: Ticket, policy: Policy) -> Mapping[str, str]:
    """All who must know of neither, each for the stronger reason; whoever wrote one of the reports among them."""
    party = dict.fromkeys(sorted(_parties((*case.threads, *other.threads), policy)), joining.PARTY)
    why = [*case.withheld.items(), *other.withheld.items(), *party.items()]
    return {handle: max((reason for one, reason in why if one == handle), key=STRONGEST.index) for handle, _ in why}


def _parties(threads: Iterable[Ticket], policy: Policy) -> frozenset[str]:
    """Those of us who filed one of these reports."""
    wrote = [address for one in threads if one.reporter for address in (one.reporter.address, one.reporter.contact)]
    return frozenset(person.handle for person in policy.everybody if any(owns(person, address) for address in wrote))


def _missing(ticket: Ticket, out: Mapping[str, str]) -> Mapping[str, str]:
    return {handle: why for handle, why in out.items() if ticket.withheld.get(handle) != why}


def _urgent_too(desk: Desk, other: Ticket) -> Desk:
    """An alarm goes on until somebody takes the case it is a part of now."""
    if not other.urgent:
        return desk
    clocks = clock_facts(other.clocks[Duty.TAKE_URGENT]) if other.running(Duty.TAKE_URGENT) else {}
    return desk.note(What.URGENT, {"text": "", "proven": True, "clocks": clocks})


def _placed_too(desk: Desk, other: Ticket) -> Desk:
    """Where the other report says it happened, where this case does not say it."""
    places: dict[str, Fact] = {"event": desk.case.event or other.event, "space": desk.case.space or other.space}
    return desk if places == {"event": desk.case.event, "space": desk.case.space} else desk.note(What.PLACED, places)


def _said(before: Ticket, other: Ticket, after: Ticket) -> Iterator[str]:
    yield (
        f"{other.code} is part of {before.code} now. Its reporter, {other.reference}, keeps a thread, an acknowledgement and a week of"
        f" their own; to write to one of them, say which: [reply to={other.reference}] or [reply to={before.reference}]."
    )
    refs = after.joins[-1].refs
    if refs:
        yield f"Its people are here: {', '.join(f'{there} as {here}' for there, here in refs.items())}."
    warned = after.joins[-1].warnings
    if warned:
        yield f"Its warnings are here: {', '.join(f'{there} as {here}' for there, here in warned.items())}."
    if after.withheld.keys() - before.withheld.keys():
        yield f"Kept out of both: {', '.join(sorted(after.withheld))}."
    twice = [name for name in other.determinations if name in before.determinations]
    if twice:
        yield f"Determined in both, and this case's hold: {', '.join(twice)}."


def split(command: Command, desk: Desk) -> Tried:
    """What was merged is a case of its own again, unless something was decided for both."""
    case = desk.case
    found = [one for one in case.joins if command.value in (None, one.code)]
    choices = " or ".join(f"[split:{one.code}]" for one in case.joins)
    if len(found) != 1:
        why = f"Say which of them: {choices}." if choices else "No other report is part of this case."
        return Refused(sentence=why, mendable=bool(choices))
    part = found[0]
    if any(made.at >= part.at for made in case.resolutions) or case.proposal:
        return Refused(sentence=f"{part.code} was resolved or proposed on together with this case, so it stays part of it.", mendable=False)
    thread = next(one for one in case.joined if one.id == part.id)
    rest = [one for one in case.threads if one is not thread]
    out = {one.id: _let_in(one, [thread] if one is thread else rest, desk) for one in case.threads}
    facts: dict[str, Fact] = {"clocks": untaken(thread, desk.scene, parted=True), "withheld": dict(out[thread.id])}
    after = desk.enter_on(thread, _entry(desk, What.SPLIT, facts))
    for one in rest:
        after = after.note_on(one, What.PARTED, {"id": part.id, "withheld": dict(out[one.id])})
    after = after.also(Attach(ticket_id=part.id, into=None), *_seen_again(out))
    said = (
        f"{part.code} is a case of its own again, with the deadlines it had; nobody leads it. What was noted since stays here,"
        f" and whoever was kept out of both stays out of both{', but for those who were it only as a party to the other' if any(out.values()) else ''}."
        f" To work on it, write [case:{part.code}] and [take] in a new mail."
    )
    return Done(desk=after, sentence=" ".join((said, *_let_in_said(case.code, out[case.id]), *_let_in_said(part.code, out[part.id]))))


def _let_in(ticket: Ticket, with_it: Iterable[Ticket], desk: Desk) -> dict[str, str]:
    """Who is no party to a report once it is apart from the others, and why they stay out of it all the same."""
    since = min(one.at for one in desk.case.joins)
    # What was determined, or whom somebody was warned as, may be of the report that is theirs as much as a text.
    done, said = ticket.conduct, [one.at for one in desk.scene.said.get(ticket.id, ())]
    said += [one.at for one in ticket.determinations.values()]
    said += [*(one.at for one in done.warnings), *(one.at for one in done.stops), *(one.at for one in done.offences)]
    quiet = not any(at >= since for at in said)
    return joining.let_in(desk.case, ticket, _parties(with_it, desk.scene.policy), quiet=quiet)


def _seen_again(out: Mapping[int, Mapping[str, str]]) -> Iterator[Effect]:
    """In the store, too; whoever is let in gets no letter of this mail, which speaks of the report that is theirs."""
    for ticket_id, reasons in out.items():
        for handle, why in reasons.items():
            yield Withhold(ticket_id=ticket_id, handle=handle, why=joining.PARTY)
            yield Clear(ticket_id=ticket_id, handle=handle)
            if why:
                yield Withhold(ticket_id=ticket_id, handle=handle, why=why)


def _let_in_said(code: str, out: Mapping[str, str]) -> Iterator[str]:
    for handle, why in out.items():
        lets = f" Something was written there since; if it is nothing they must not read, [unrecuse:{handle}] on {code} lets them in."
        yield f"{handle} stays out of {code}.{lets if why == joining.NAMED else ''}" if why else f"{handle} may see {code} again."


def _entry(desk: Desk, what: What, facts: Mapping[str, Fact]) -> Entry:
    return Entry(what=what, at=desk.scene.now, by=desk.person.handle, facts=facts)


JOINING = {"merge": merge, "split": split}
"""The commands that make one case of two and two of one."""
