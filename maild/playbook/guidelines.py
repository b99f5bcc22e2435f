"""The five guidelines for an expulsion (playbook lines 50 to 58), held against what is on record of one person over all cases.

What comes of it is a notice and nothing else: "the decision is yours".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from maild.playbook.conduct import Offence, Stop, VerbalWarning
from maild.playbook.joining import warned_as
from maild.playbook.likeness import same
from maild.playbook.people import normalise
from maild.playbook.ticket import CasePerson, State, Ticket

WATCHED = frozenset({"warn", "withdraw-warning", "stop-instruction", "offence", "person", "determine"})
"""Commands after which the guidelines are looked at."""

ASKING = WATCHED | {"expel", "history"}
"""Commands for which the other cases of the same people are looked up; to open a report nobody asks that."""

THIRD = 3
"""The offence that resulted in a warning which counts (line 54)."""

FOUNDED = 2
"""Earlier cases with a violation that make a pattern (line 56)."""

REPORTERS = 3
"""Different people whose reports of different incidents make one too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another case with a person of that address or name. Whoever looks at it first asks `disclosure`."""

    incident: int
    """The same for two reports of one incident."""
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one case has of a person."""

    incident: int
    ticket: Ticket
    refs: frozenset[str]
    whole: Ticket | None = None
    """The case that this one is part of."""

    @property
    def warnings(self) -> tuple[VerbalWarning, ...]:
        """The warnings that count; one that names no event was given at that of the case."""
        counting = (one for one in self.ticket.conduct.warnings if one.person in self.refs and not one.withdrawn)
        return tuple(replace(one, event=one.event or self.ticket.event) for one in counting)

    def number(self, warning: VerbalWarning) -> str:
        """What tags call a warning: of what is part of another case, the number there."""
        return warned_as(self.whole, self.ticket, warning.id) if self.whole else warning.id

    @property
    def stops(self) -> tuple[Stop, ...]:
        """When they were told to stop."""
        return tuple(one for one in self.ticket.conduct.stops if one.person in self.refs)

    @property
    def offences(self) -> tuple[Offence, ...]:
        """What staff call a serious or an intentional offence."""
        return tuple(one for one in self.ticket.conduct.offences if one.person in self.refs)

    @property
    def noticed(self) -> frozenset[str]:
        """The grounds of which staff had their notice."""
        return frozenset(ground for ref, ground in self.ticket.conduct.noticed if ref in self.refs)

    @property
    def violation(self) -> str:
        """Whether it was a violation, as far as it is determined."""
        made = self.ticket.determinations.get("violation")
        return made.value if made else ""

    @property
    def reported(self) -> bool:
        """Whether it is a report about them that nobody has found to be nothing."""
        about = any(one.ref in self.refs for one in self.ticket.respondents)
        return about and self.ticket.state not in (State.HELD, State.NOT_A_REPORT) and self.violation != "no"


def records(person: CasePerson, ticket: Ticket, elsewhere: Iterable[Elsewhere], *, seen: Callable[[Ticket], bool]) -> tuple[Record, ...]:
    """What is on record of a person: on their case first, then on the others that may be `seen`."""
    other = (Record(incident=one.incident, ticket=one.ticket, refs=_refs(person, one.ticket)) for one in elsewhere if seen(one.ticket))
    here = Record(incident=ticket.id, ticket=ticket, refs=_refs(person, ticket) | {person.ref})
    known = (here, *(one for one in other if one.refs and one.ticket.id != ticket.id))
    wholes = {part.id: one.ticket for one in known for part in one.ticket.joins}
    return tuple(replace(one, whole=wholes.get(one.ticket.id)) for one in known)


def _refs(person: CasePerson, ticket: Ticket) -> frozenset[str]:
    return frozenset(one.ref for one in ticket.people if same(one, person))


def tally(known: Iterable[Record]) -> Counter[str]:
    """How many warnings count, by event; of two reports of one incident, those of the one that has more of them.

    Of what is on record since they became one case there is no second account: it counts beside that.
    """
    incidents, since = dict[int, Counter[str]](), Counter[str]()
    for record in known:
        joined_at = max((one.at for one in record.ticket.joins), default=None)
        twice = Counter(one.event for one in record.warnings if joined_at is None or one.at < joined_at)
        since += Counter(one.event for one in record.warnings) - twice
        incidents[record.incident] = incidents.get(record.incident, Counter()) | twice
    return sum(incidents.values(), since)


def grounds(known: tuple[Record, ...]) -> Iterator[str]:
    """The guidelines that the records match, whether or not there was a notice."""
    if tally(known).total() >= THIRD:
        yield "third-warning"
    if _kept_on(known):
        yield "kept-on"
    if _pattern(known):
        yield "pattern"
    yield from dict.fromkeys(one.kind for record in known for one in record.offences)


def due(known: tuple[Record, ...]) -> tuple[str, ...]:
    """Those of which there was no notice yet."""
    noticed = reduce(or_, (record.noticed for record in known))
    return tuple(ground for ground in grounds(known) if ground not in noticed)


def _kept_on(known: Iterable[Record]) -> bool:
    stopped = [one.at for record in known for one in record.stops]
    later = [at for record in known for at in (*(one.at for one in record.warnings), *(one.at for one in record.offences))]
    return bool(stopped and later) and max(later) > min(stopped)


def _pattern(known: tuple[Record, ...]) -> bool:
    reported = [record for record in known if record.reported]
    if known[0] not in reported:
        return False
    founded = {record.incident for record in reported if record.violation == "yes"} - {known[0].incident}
    filed = (record.ticket.reporter for record in reported if record.ticket.reporter)
    reporters = {normalise(one.address or one.contact) for one in filed} - {""}  # also of whoever may not be written to
    return len(founded) >= FOUNDED or min(len({record.incident for record in reported}), len(reporters)) >= REPORTERS
