"""Held messages on the command line: which there are, and the decision of the person who runs maild about one of them."""

from maild.app.cases import cases
from maild.app.house import House
from maild.app.world import seed
from maild.clerk import ticket_of
from maild.errors import MailAtFault, TicketChanged
from maild.jobs.casework.job import DECISIONS
from maild.playbook.decide import by_operator, numbered
from maild.playbook.decide.desk import Result
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.ticket import State, Ticket


def held(house: House) -> list[Ticket]:
    """What is held and waits for a person, the oldest first."""
    return [one for one in cases(house, everything=False) if one.state is State.HELD]


def decide(house: House, code: str, tag: str, *, dry_run: bool = False) -> Result | None:
    """Carry out a tag such as `[report]` on what is held under this code name; None where there is none of that name.

    A running daemon sends the letters within a minute.
    """
    for _ in range(DECISIONS):
        try:
            return _decide(house, code, tag, dry_run=dry_run)
        except TicketChanged:
            continue
    raise MailAtFault(f"{code} changes all the time; nothing was done, try again.")


def _decide(house: House, code: str, tag: str, *, dry_run: bool) -> Result | None:
    now = house.clock()
    scene = Scene(now=now, policy=house.policy, fresh=Fresh(seed()))
    with house.store.read() as work:
        found = work.tickets.by_code(code.lower())
        if found is None:
            return None
        ticket = ticket_of(work.tickets.load(found))
    result, effects = by_operator(ticket, tag, scene)
    if effects and not dry_run:
        prepared = house.clerk.prepare(numbered(effects, scene), now=now)
        with house.store.begin() as work:
            house.clerk.write(work, prepared, now=now)
    return result
