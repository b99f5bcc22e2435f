"""What a transparency report may know of a case: coded facts, and never a word that anybody wrote (product.md section 9)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from maild.playbook.conduct import EXPULSION
from maild.playbook.deadlines import Duty
from maild.playbook.policy import Policy
from maild.playbook.scopes import EVENT, Scope
from maild.playbook.ticket import State, Ticket

VIOLATION, NO_VIOLATION, NOT_DETERMINED = OUTCOMES = ("violation", "no-violation", "not-determined")

_OUTCOMES = {"yes": VIOLATION, "no": NO_VIOLATION}

UNRESOLVED = "unresolved"

RESOLUTIONS = ("nothing", "other", "apology", "private-reprimand", "public-reprimand", "vacation", "ban", EXPULSION)
"""The kinds of resolutions, the strongest last."""

NOT_COUNTED = (State.HELD, State.NOT_A_REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One counted case."""

    acknowledged: bool | None
    """Whether every reporter was acknowledged within the day; None where nothing was owed, or is not due yet."""
    answered: bool | None
    """The same of the answer within the week."""
    open: bool
    safety: bool
    """It is open, and somebody's safety is determined to be at risk."""
    outcome: str
    resolution: str


def incidents(cases: Iterable[Ticket], scope: Scope, policy: Policy, *, now: datetime, told: Collection[str] = ()) -> tuple[Incident, ...]:
    """The incidents of a scope. Reports of one incident are one case and count once: `cases` come with their threads.

    `told` are the scopes of which there is a release: an event that is configured no longer was counted in its own.
    """
    return tuple(_incident(case, now) for case in cases if _counted(case) and _within(case, scope, policy, told))


def _counted(case: Ticket) -> bool:
    return case.merged_into is None and case.state not in NOT_COUNTED


def _within(case: Ticket, scope: Scope, policy: Policy, told: Collection[str]) -> bool:
    """A period holds what came in it and belongs to no event: those have reports of their own."""
    if scope.kind == EVENT:
        return case.event == scope.name
    day = case.received_at.astimezone(policy.zone).date()
    return scope.start <= day <= scope.end and policy.conference(case.event) is None and case.event not in told


def _incident(case: Ticket, now: datetime) -> Incident:
    determined = {name: made.value for name, made in case.determinations.items()}
    return Incident(
        acknowledged=every(_kept(thread, Duty.ACKNOWLEDGE, now) for thread in case.threads),
        answered=every(_kept(thread, Duty.RESPOND, now) for thread in case.threads),
        open=case.working,
        safety=case.working and determined.get("safety") == "yes",
        outcome=_OUTCOMES.get(determined.get("violation", ""), NOT_DETERMINED),
        resolution=_strongest(case),
    )


def every(kept: Iterable[bool | None]) -> bool | None:
    """Whether all promises were kept of those that count; None where none does."""
    owed = [one for one in kept if one is not None]
    return all(owed) if owed else None


def _kept(thread: Ticket, duty: Duty, now: datetime) -> bool | None:
    clock = thread.clocks.get(duty)
    if duty in thread.missed:
        return False
    if clock is None or (clock.running and now <= clock.due_at):
        return None
    explained = thread.postponed if duty is Duty.RESPOND else None
    late = explained is not None and clock.started_at > explained.due_at
    return not late and (clock.met_at or now) <= clock.due_at


def _strongest(case: Ticket) -> str:
    made = {one.kind for one in case.standing} | {one.kind for one in case.sanctions if one.kind == EXPULSION and one.lifted_at is None}
    return max(made & {*RESOLUTIONS}, key=RESOLUTIONS.index, default=UNRESOLVED)
