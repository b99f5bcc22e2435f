"""The numbers of `maild status`: from the database and from the running daemon, without a name, a text or a code name."""

from datetime import datetime, timedelta
from typing import Any

from maild.app.house import House
from maild.app.status import seen
from maild.store.inbox import State

LATE = timedelta(minutes=15)
"""A mailbox that was not read for so long, or a mail that waits so long for casework, is something a person has to look at."""


def standing(house: House) -> dict[str, Any]:
    """How everything stands. `wrong` lists, in sentences, what needs a person."""
    now = house.clock()
    daemon = seen(house.config.run.runtime_directory)
    with house.store.read() as work:
        oldest_new, oldest_unsent = work.inbox.oldest_new(), work.outbox.oldest_unsent()
        quarantined = len(work.inbox.quarantined())
        alarms = sorted({alarm.kind for alarm in work.alarms.standing()})
        told: dict[str, Any] = {
            "running": daemon.running,
            "polled_seconds_ago": _age(daemon.polled_at, now),
            "cases": work.tickets.counts(),
            "overdue": work.tickets.overdue(now),
            "waiting_mails": work.inbox.counts()[State.NEW],
            "oldest_waiting_mail_seconds": _age(oldest_new, now),
            "unsent_letters": work.outbox.depth(),
            "oldest_unsent_letter_seconds": _age(oldest_unsent, now),
            "quarantined": quarantined,
            "alarms": ", ".join(alarms) or None,
        }
    wrong = [] if daemon.running else ["maild is not running."]
    wrong += [f"{name}: {trouble['sentence']} (since {trouble['since']})" for name, trouble in daemon.troubles.items()]
    if daemon.running and daemon.polled_at is not None and now - daemon.polled_at > LATE:
        wrong.append("The mailbox was not read for over a quarter of an hour.")
    if quarantined:
        wrong.append("Mails are in quarantine: look at them with `maild quarantine list`.")
    wrong += [f"Alarm: {kind}" for kind in alarms]
    return {**told, "wrong": wrong}


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, round((now - moment).total_seconds()))
