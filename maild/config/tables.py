"""The tables of config.toml, one class each; `config.example.toml` says what every key means.

A key whose name ends in a unit holds a `timedelta`: the unit is how a bare number in the file is read.
"""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationInfo, field_validator

from maild.config.kinds import Choice, ClockTime, Count, Day, Flag, Ladder, Lines, OptionalText, Raised, Span, Text, refused, text
from maild.config.names import Address, AuthservId, Language, Link, OptionalAddress, Slug, Timezone
from maild.config.places import ExistingDirectory, Place

STATE = Path("/var/lib/maild")
RUNTIME = Path("/run/maild")

RESERVED_HANDLES = {"fallback": "the contact outside the team", "operator": "whoever runs maild"}

SHORTEST_SEPARATOR = 20
"""Characters of the line that cuts a reply: a shorter one could stand in somebody's own text, and the rest would be lost to staff."""


class Table(BaseModel):
    """A table of the file: its keys and no others, and nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Organisation(Table):
    """Whose Code of Conduct it is."""

    name: Text
    mailbox: Address
    timezone: Timezone = "Europe/Malta"
    language: Language = "en"
    guide_url: Link = ""
    help_lines: Lines = ""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which moments are shown and local days begin."""
        return ZoneInfo(self.timezone)


Written = Literal["en", "mt"]
"""The languages that letters to us are written in."""


class Fallback(Table):
    """The contact outside the team, for reports in which everybody of the team is mentioned."""

    name: Text
    address: Address
    language: Annotated[Written, Choice()] = "en"


class Person(Table):
    """Somebody of staff or board."""

    handle: Slug
    name: Text
    address: Address
    aliases: tuple[Text, ...] = ()
    active: Flag = True
    language: Annotated[Written, Choice()] = "en"

    @field_validator("handle")
    @classmethod
    def _not_reserved(cls, handle: str) -> str:
        if handle in RESERVED_HANDLES:
            raise refused(f"is reserved for {RESERVED_HANDLES[handle]} (choose another)")
        return handle


class Authentication(Table):
    """What proves that a mail with commands comes from its writer."""

    authserv_id: AuthservId = ""
    form: Annotated[Literal["standard", "exchange"], Choice()] = "standard"


ACKNOWLEDGE_STEPS = ("lead", "all staff", "board", "breach")
RESPOND_STEPS = ("lead", "lead again", "all staff", "board", "holding letter", "breach")


def hours(*steps: int) -> tuple[timedelta, ...]:
    """Some spans by their hours."""
    return tuple(timedelta(hours=step) for step in steps)


class Clocks(Table):
    """When somebody is reminded. The last step of a ladder is the playbook's own limit."""

    acknowledge_hours: Annotated[tuple[timedelta, ...], Ladder("hours", ACKNOWLEDGE_STEPS, "24 h")] = hours(12, 18, 22, 24)
    respond_hours: Annotated[tuple[timedelta, ...], Ladder("hours", RESPOND_STEPS, "168 h")] = hours(72, 120, 144, 156, 166, 168)
    holding_letter: Flag = True
    untaken_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=4)
    urgent_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=1)


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Digest(Table):
    """The board's weekly mail, in the organisation's time zone."""

    weekday: Annotated[Weekday, Choice()] = "monday"
    time: ClockTime = time(9)


SHORTER = {
    "acknowledgements_per_sender_day": "acknowledgements_per_sender_hour",
    "acknowledgements_per_sender_week": "acknowledgements_per_sender_day",
}


class Limits(Table):
    """The budgets that stop loops and floods. They put mail off; none of them drops any."""

    acknowledgements_per_sender_hour: Annotated[int, Count(1)] = 1
    acknowledgements_per_sender_day: Annotated[int, Count(1)] = 3
    acknowledgements_per_sender_week: Annotated[int, Count(1)] = 5
    acknowledgements_per_hour: Annotated[int, Count(1)] = 60
    acknowledgements_burst: Annotated[int, Count(1)] = 20
    acknowledge_known_within_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=20)
    summary_above_tickets: Annotated[int, Count(1)] = 10
    summary_window_minutes: Annotated[timedelta, Span("minutes", "1 s", "24 h")] = timedelta(minutes=10)
    mails_per_hour: Annotated[int, Count(1)] = 500
    alarm_after_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=4)
    give_up_after_days: Annotated[timedelta, Span("days", "5 days", "30 days")] = timedelta(days=5)
    uncertain_after_minutes: Annotated[timedelta, Span("minutes", "0 s", "24 h")] = timedelta(minutes=15)
    held_summary_within_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=1)
    held_summary_every_hours: Annotated[timedelta, Span("hours", "1 s", "24 h")] = timedelta(hours=4)
    token_days: Annotated[timedelta, Span("days", "1 h", "90 days")] = timedelta(days=30)
    challenge_hours: Annotated[timedelta, Span("hours", "1 min", "72 h")] = timedelta(hours=24)
    open_challenges: Annotated[int, Count(1)] = 3

    @field_validator(*SHORTER)
    @classmethod
    def _longer_allows_more(cls, most: int, reading: ValidationInfo) -> int:
        shorter = SHORTER[reading.field_name or ""]
        if most < reading.data.get(shorter, 0):
            raise refused(f"must not be less than {shorter}")
        return most


def long_line(value: object) -> str:
    """The line above which people answer, long enough to be nobody's own words."""
    result = text(value)
    if len(result) < SHORTEST_SEPARATOR or result.startswith(">"):
        raise refused(f"must be a line of at least {SHORTEST_SEPARATOR} characters that does not begin with >")
    return result


class Letters(Table):
    """How letters look and who may send them."""

    templates: ExistingDirectory = None
    notices: Annotated[Literal["full", "minimal"], Choice(later=("encrypted-only",))] = "full"
    approvals: Annotated[Literal[1, 2], Choice()] = 1
    separator: Annotated[str, PlainValidator(long_line)] = "=== please write above this line ==="


class Transparency(Table):
    """From where on transparency reports tell numbers."""

    k: Annotated[int, Raised(5)] = 5
    tables_from: Annotated[int, Raised(10)] = 10
    numbers_from: Annotated[int, Raised(50)] = 50


class Space(Table):
    """A place of the community that people can be kept out of."""

    slug: Slug
    name: Text
    contact: OptionalAddress = ""


class Event(Table):
    """A conference or meetup."""

    slug: Slug
    name: Text
    start: Day
    end: Day
    contact: OptionalAddress = ""
    spaces: tuple[Slug, ...] = ()
    staff: tuple[Slug, ...] = ()
    representatives: tuple[Text, ...] = ()
    security: OptionalText = ""
    attendance: Annotated[int | None, Count(0)] = None

    @field_validator("end")
    @classmethod
    def _ends_after_it_starts(cls, end: date, reading: ValidationInfo) -> date:
        if end < reading.data.get("start", end):
            raise refused("is before start")
        return end


class Run(Table):
    """The daemon itself."""

    state_directory: Place = STATE
    runtime_directory: Place = RUNTIME
    log: Annotated[Literal["text", "json"], Choice()] = "text"
