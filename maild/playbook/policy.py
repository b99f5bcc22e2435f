"""What an organisation has decided for itself, as plain values; `Config.policy()` builds them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from zoneinfo import ZoneInfo

from maild.playbook.people import Person, Role, normalise

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Notices(Enum):
    """How much of a report a notice to staff holds."""

    FULL = "full"
    MINIMAL = "minimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The ladders of product.md section 7; spans count from the start of their clock.

    `acknowledge_due` and `respond_due` are the playbook's own (lines 73 and 95): they can be made shorter, never longer.
    """

    acknowledge_lead: timedelta = 12 * HOUR
    acknowledge_staff: timedelta = 18 * HOUR
    acknowledge_board: timedelta = 22 * HOUR
    acknowledge_due: timedelta = 24 * HOUR
    respond_lead_first: timedelta = 72 * HOUR
    respond_lead_again: timedelta = 120 * HOUR
    respond_staff: timedelta = 144 * HOUR
    respond_board: timedelta = 156 * HOUR
    respond_holding: timedelta = 166 * HOUR
    respond_due: timedelta = 168 * HOUR
    holding_letter: bool = True
    untaken: timedelta = 4 * HOUR
    untaken_urgent: timedelta = HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budgets that defer and never drop (security.md, decisions)."""

    acknowledgements_per_sender_hour: int = 1
    acknowledgements_per_sender_day: int = 3
    acknowledgements_per_sender_week: int = 5
    acknowledgements_per_hour: int = 60
    acknowledgements_burst: int = 20
    acknowledgement_latest: timedelta = 20 * HOUR
    notices_before_summary: int = 10
    notices_window: timedelta = timedelta(minutes=10)
    summary_every: timedelta = timedelta(minutes=15)
    held_summary_within: timedelta = HOUR
    held_summary_every: timedelta = 4 * HOUR
    letters_per_hour: int = 500
    alarm_after: timedelta = 4 * HOUR
    give_up_after: timedelta = 5 * DAY
    uncertain_after: timedelta = timedelta(minutes=15)
    token_life: timedelta = 30 * DAY
    challenge_life: timedelta = DAY
    open_challenges: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A place of the community that people can be kept out of; `contact` is who carries that out, empty where staff do."""

    slug: str
    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A conference or meetup; `end` is its last day, in the organisation's time zone."""

    slug: str
    name: str
    start: date
    end: date
    contact: str = ""
    """Who carries out an expulsion there; empty where staff do."""
    spaces: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    """The handles of the staff who are there; empty where all are."""
    representatives: tuple[str, ...] = ()
    """Whom people may turn to there, each with how to reach them, as in the brochure or on the signs."""
    security: str = ""
    """How to reach the security of the venue."""
    attendance: int | None = None
    """How many people took part; None where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """From where on transparency reports tell numbers. All of it can be raised and never lowered (product.md section 9)."""

    k: int = 5
    """The least number of incidents that is told as a number."""
    tables_from: int = 10
    """So many incidents make tables."""
    numbers_from: int = 50
    """An event with fewer people has no numbers of its own."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything the playbook must know of the organisation.

    Without slots, so that it keeps who is who: every mail asks that several times.
    """

    organisation: str
    mailbox: str
    zone: ZoneInfo
    people: tuple[Person, ...]
    language: str = "en"
    guide_url: str = ""
    help_lines: str = ""
    separator: str
    clocks: Clocks = field(default_factory=Clocks)
    limits: Limits = field(default_factory=Limits)
    notices: Notices = Notices.FULL
    approvals: int = 1
    """How many people a sanction takes."""
    spaces: tuple[Space, ...] = ()
    conferences: tuple[Conference, ...] = ()
    publishing: Publishing = field(default_factory=Publishing)
    digest_weekday: int = 0
    digest_hour: int = 9
    digest_minute: int = 0

    @cached_property
    def staff(self) -> tuple[Person, ...]:
        """Active staff, in the order of the configuration."""
        return tuple(person for person in self.people if person.role is Role.STAFF and person.active)

    @cached_property
    def board(self) -> tuple[Person, ...]:
        """Active members of the board."""
        return tuple(person for person in self.people if person.role is Role.BOARD and person.active)

    @cached_property
    def fallbacks(self) -> tuple[Person, ...]:
        """The contacts outside the team, in the order in which they are asked: one at a time, each where those before must not know."""
        return tuple(person for person in self.people if person.role is Role.FALLBACK)

    @cached_property
    def fallback(self) -> Person:
        """The first contact outside the team. Raises `ValueError` where none is configured, which `Config` does not allow."""
        for person in self.fallbacks:
            return person
        raise ValueError("a policy needs a fallback contact")

    @cached_property
    def everybody(self) -> tuple[Person, ...]:
        """All who might be told of a case one day, each once, though somebody may be of staff and of the board."""
        return tuple({one.handle: one for one in (*self.staff, *self.board, *self.fallbacks)}.values())

    def person(self, handle: str) -> Person | None:
        """Who has this handle."""
        return next((person for person in self.people if person.handle == handle), None)

    def conference(self, slug: str) -> Conference | None:
        """The conference or meetup that tags call so."""
        return next((one for one in self.conferences if one.slug == slug), None)

    def by_address(self, address: str) -> Person | None:
        """Whose registered address this is, among those who are active."""
        return self._by_address.get(normalise(address))

    @cached_property
    def _by_address(self) -> dict[str, Person]:
        return {normalise(person.address): person for person in reversed(self.people) if person.active}
