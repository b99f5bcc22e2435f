"""A transparency report as whoever runs maild takes it from the shell: what everybody may read, and nothing besides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from maild.app.house import House
from maild.clerk import whole
from maild.drafting import said_of
from maild.playbook.publishing import not_publishable
from maild.playbook.ticket import Ticket
from maild.playbook.transparency import Scope, every_tier, hinders, incidents, known_scopes, numbers, scope_of
from maild.store import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The files of a report by their names, and in sentences what stands in the way of its release."""

    files: Mapping[str, str]
    hindered: tuple[str, ...]


def draft(house: House, name: str, *, learned: str) -> Draft | None:
    """The report of a conference or a period as it would be published now; None where the name stands for neither."""
    scope, now = scope_of(name, house.policy), house.clock()
    if scope is None:
        return None
    with house.store.read() as work:
        cases, texts = _cases(work), tuple(_texts(work))
    found = incidents(cases, scope, house.policy, now=now)
    told = numbers(found, scope, earlier=())
    files = house.templates.report(told, learned)
    hits = _hits(house, scope, files, cases, texts)
    return Draft(files=files, hindered=(*hinders(scope, found, told, now=now, policy=house.policy), *hits))


def known(house: House) -> str:
    """What a report can be of, for whoever wrote a name that is none."""
    return ", ".join((*known_scopes(house.policy), "or a year or half a year such as 2026 or 2026-h1"))


def _cases(work: Work) -> list[Ticket]:
    stored = work.tickets.load_many(work.tickets.all_ids())
    return [whole(work.tickets, one) for one in stored if one.survivor_id is None]


def _texts(work: Work) -> Iterator[str]:
    for ticket_id in work.tickets.all_ids():
        yield from (said.text for said in said_of(work, ticket_id))


def _hits(house: House, scope: Scope, files: Mapping[str, str], cases: Sequence[Ticket], texts: Sequence[str]) -> tuple[str, ...]:
    harmless = house.templates.told_of_nobody(every_tier(scope))
    found = not_publishable("\n".join(files.values()), known=harmless, tickets=cases, texts=texts, policy=house.policy)
    return tuple(f"It must not say this: {hit}." for hit in found)
