"""The numbers of `maild status`: from the database and from the running daemon, without a name, a text or a code name."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from maild.app.house import House
from maild.app.status import Seen, seen
from maild.errors import CertificateRefused, LoginRefused, StoreAway
from maild.store.inbox import State

LATE = timedelta(minutes=15)
"""A mailbox that was not read for so long, or a mail that waits so long for casework, is something a person has to look at."""


def standing(house: House) -> dict[str, Any]:
    """How everything stands. `wrong` lists, in sentences, what needs a person; without the database that is all there is to tell."""
    now = house.clock()
    daemon = seen(house.config.run.runtime_directory)
    told: dict[str, Any] = {
        "running": daemon.running,
        "standing_by": ", ".join(daemon.standing_by) or None,
        "polled_seconds_ago": _age(daemon.polled_at, now),
    }
    wrong = _of_daemon(daemon, now, zone=house.policy.zone)
    try:
        told |= _of_database(house, now)
    except (StoreAway, LoginRefused, CertificateRefused) as error:
        return {**told, "wrong": [*wrong, f"database: {error}"]}
    if told["quarantined"]:
        wrong.append("Mails are in quarantine: look at them with `maild quarantine list`.")
    wrong += [f"Alarm: {kind}" for kind in (told["alarms"] or "").split(", ") if kind]
    return {**told, "wrong": wrong}


def _of_daemon(daemon: Seen, now: datetime, *, zone: tzinfo) -> list[str]:
    wrong = [] if daemon.running else ["maild is not running."]
    wrong += [f"{name}: {trouble['sentence']} (since {_minute(trouble['since'], zone)})" for name, trouble in daemon.troubles.items()]
    reads = daemon.running and "intake" not in daemon.standing_by
    if reads and daemon.polled_at is not None and now - daemon.polled_at > LATE:
        wrong.append("The mailbox was not read for over a quarter of an hour.")
    return wrong


def _minute(moment: str, zone: tzinfo) -> str:
    """The moment of the daemon's file, as people tell the time."""
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M}"


def _of_database(house: House, now: datetime) -> dict[str, Any]:
    with house.store.read() as work:
        oldest_new, oldest_unsent = work.inbox.oldest_new(), work.outbox.oldest_unsent()
        counted: dict[str, Any] = {
            "cases": work.tickets.counts(),
            "overdue": work.tickets.overdue(now),
            "waiting_mails": work.inbox.counts()[State.NEW],
            "oldest_waiting_mail_seconds": _age(oldest_new, now),
            "unsent_letters": work.outbox.depth(),
            "oldest_unsent_letter_seconds": _age(oldest_unsent, now),
            "quarantined": len(work.inbox.quarantined()),
            "alarms": ", ".join(sorted({alarm.kind for alarm in work.alarms.standing()})) or None,
        }
    return counted


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, round((now - moment).total_seconds()))
