"""A transparency report as whoever runs maild takes it from the shell: what everybody may read, and nothing besides."""

from maild.app.house import House
from maild.drafting import drafting, every_case
from maild.playbook.policy import Policy
from maild.playbook.releases import Draft
from maild.playbook.transparency import known_scopes
from maild.store import Work


def draft(house: House, name: str, *, learned: str) -> Draft | None:
    """The report of a conference or a period as it would be published now; None where the name stands for neither."""
    with house.store.read() as work:
        return drafting(work, policy=house.policy, templates=house.templates, now=house.clock()).draft(name, learned=learned)


def hindered(made: Draft) -> tuple[str, ...]:
    """What stands in the way of its release, a sentence each."""
    return (*made.hinders, *(f"It must not say this: {hit}." for hit in made.hits))


def known(house: House) -> str:
    """What a report can be of, for whoever wrote a name that is none."""
    return ", ".join((*known_scopes(house.policy), "or a year or half a year such as 2026 or 2026-h1"))


def unknown_events(work: Work, policy: Policy) -> list[str]:
    """Events of cases that the configuration does not name, or not any more, before a report about them was released."""
    released = {one.report for one in work.releases.released()}
    known = {one.slug for one in policy.conferences}
    return sorted({case.event for case in every_case(work)} - {"", *released, *known})
