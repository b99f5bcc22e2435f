"""From the configuration to the playbook's own values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from maild.playbook.people import Person, Role
from maild.playbook.policy import Clocks, Conference, Limits, Notices, Policy, Publishing, Space

if TYPE_CHECKING:
    from maild.config.model import Config
    from maild.config.tables import Event

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

FALLBACK_HANDLE = "fallback"


def policy_of(config: "Config") -> Policy:
    """What the playbook has to know of this organisation."""
    return Policy(
        organisation=config.organisation.name,
        mailbox=config.organisation.mailbox,
        zone=config.organisation.zone,
        people=_people(config),
        language=config.organisation.language,
        guide_url=config.organisation.guide_url,
        help_lines=config.organisation.help_lines,
        separator=config.letters.separator,
        clocks=_clocks(config),
        limits=_limits(config),
        notices=Notices(config.letters.notices),
        approvals=config.letters.approvals,
        spaces=tuple(Space(slug=one.slug, name=one.name, contact=one.contact) for one in config.space),
        conferences=tuple(_conference(one) for one in config.event),
        publishing=Publishing(
            k=config.transparency.k, tables_from=config.transparency.tables_from, numbers_from=config.transparency.numbers_from
        ),
        digest_weekday=WEEKDAYS.index(config.digest.weekday),
        digest_hour=config.digest.time.hour,
        digest_minute=config.digest.time.minute,
    )


def _conference(event: "Event") -> Conference:
    return Conference(
        slug=event.slug,
        name=event.name,
        start=event.start,
        end=event.end,
        contact=event.contact,
        spaces=event.spaces,
        staff=event.staff,
        representatives=event.representatives,
        security=event.security,
        attendance=event.attendance,
    )


def _people(config: "Config") -> tuple[Person, ...]:
    """One person may be of staff and of the board: the same handle twice, each time with all names that either entry has."""
    named = [(person, Role.STAFF) for person in config.staff] + [(person, Role.BOARD) for person in config.board]
    called: dict[str, dict[str, None]] = {}
    for one, _ in named:
        called.setdefault(one.handle, {}).update(dict.fromkeys((one.name, *one.aliases)))
    active = {one.handle for one, _ in named if one.active}
    people = [
        Person(
            handle=one.handle,
            name=one.name,
            address=one.address,
            role=role,
            aliases=tuple(name for name in called[one.handle] if name != one.name),
            active=one.active,
            language=one.language,
        )
        for one, role in named
        if one.active or one.handle not in active
    ]
    return (*people, *_fallbacks(config))


def _fallbacks(config: "Config") -> Iterator[Person]:
    """The contacts outside, in their order. No handle of the file holds a dot, so these are nobody else's."""
    for number, one in enumerate(config.fallback, 1):
        handle = FALLBACK_HANDLE if number == 1 else f"{FALLBACK_HANDLE}.{number}"
        yield Person(handle=handle, name=one.name, address=one.address, role=Role.FALLBACK, language=one.language)


def _clocks(config: "Config") -> Clocks:
    ack_lead, ack_staff, ack_board, ack_due = config.clocks.acknowledge_hours
    lead, again, staff, board, holding, due = config.clocks.respond_hours
    return Clocks(
        acknowledge_lead=ack_lead,
        acknowledge_staff=ack_staff,
        acknowledge_board=ack_board,
        acknowledge_due=ack_due,
        respond_lead_first=lead,
        respond_lead_again=again,
        respond_staff=staff,
        respond_board=board,
        respond_holding=holding,
        respond_due=due,
        holding_letter=config.clocks.holding_letter,
        untaken=config.clocks.untaken_hours,
        untaken_urgent=config.clocks.urgent_hours,
    )


def _limits(config: "Config") -> Limits:
    limits = config.limits
    return Limits(
        acknowledgements_per_sender_hour=limits.acknowledgements_per_sender_hour,
        acknowledgements_per_sender_day=limits.acknowledgements_per_sender_day,
        acknowledgements_per_sender_week=limits.acknowledgements_per_sender_week,
        acknowledgements_per_hour=limits.acknowledgements_per_hour,
        acknowledgements_burst=limits.acknowledgements_burst,
        acknowledgement_latest=limits.acknowledge_known_within_hours,
        notices_before_summary=limits.summary_above_tickets,
        notices_window=limits.summary_window_minutes,
        held_summary_within=limits.held_summary_within_hours,
        held_summary_every=limits.held_summary_every_hours,
        letters_per_hour=limits.mails_per_hour,
        alarm_after=limits.alarm_after_hours,
        give_up_after=limits.give_up_after_days,
        uncertain_after=limits.uncertain_after_minutes,
        token_life=limits.token_days,
        challenge_life=limits.challenge_hours,
        open_challenges=limits.open_challenges,
    )
