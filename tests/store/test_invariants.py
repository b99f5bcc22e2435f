"""The three invariants: what is lost, untold or stuck is found."""

import pytest

from maild.store import Columns, broken, mended, violated
from tests.store.world import DAY, HOUR, MINUTE, NOW, a_ticket, claimed, enqueued, mail, opened_ticket, sent, taken_in


def found(store, *, now=NOW):
    with store.read() as work:
        return violated(work, now=now)


def test_an_idle_desk_is_in_order(store):
    """Where there is nothing, nothing is wrong."""
    assert found(store, now=NOW + DAY) == []


@pytest.mark.parametrize(
    ("later", "wrong", "why"),
    [(10 * MINUTE, [], "casework has ten minutes"), (11 * MINUTE, ["unfiled-mail"], "and not longer")],
)
def test_a_mail_nobody_files_is_found(store, later, wrong, why):
    """A mail that waits too long for casework is found."""
    taken_in(store, mail())
    assert found(store, now=NOW + later) == wrong, why


def test_a_mail_that_is_put_off_has_its_time(store):
    """The time runs from the moment at which it is to be tried again."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        work.inbox.retry_later(waiting.id, at=NOW + HOUR)
    assert found(store, now=NOW + HOUR + 10 * MINUTE) == []
    assert found(store, now=NOW + HOUR + 11 * MINUTE) == ["unfiled-mail"]


@pytest.mark.parametrize("kind", ["loop", "bounce", "automatic", "command", "report", "followup", "spam"])
def test_a_report_without_a_ticket_is_found(store, kind):
    """A mail that is filed with no ticket is found, unless it is of a kind that needs none."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        work.inbox.file(waiting.id, kind=kind, reason="", ticket_id=None, now=NOW)
    assert found(store) == (["unfiled-mail"] if kind in ("report", "followup", "spam") else [])


@pytest.mark.parametrize("settled", ["filed", "quarantined", "discarded"])
def test_a_mail_somebody_holds_is_in_order(store, settled):
    """A mail on a ticket, in quarantine or discarded by a person is not lost."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        if settled == "filed":
            ticket_id = a_ticket(work, key_of=waiting.id)
            work.tickets.tell([ticket_id], now=NOW)
            work.inbox.file(waiting.id, kind="report", reason="", ticket_id=ticket_id, now=NOW)
        else:
            work.inbox.quarantine(waiting.id, error="x", now=NOW)
        if settled == "discarded":
            work.inbox.discard(waiting.id, now=NOW)
    assert found(store, now=NOW + DAY) == []


@pytest.mark.parametrize(
    ("state", "later", "wrong"),
    [("new", HOUR, []), ("new", HOUR + MINUTE, ["untold-ticket"]), ("held", 6 * HOUR, []), ("held", 7 * HOUR, ["untold-ticket"])],
)
def test_a_ticket_nobody_heard_of_is_found(store, state, later, wrong):
    """Staff hear of a report within the hour, of a held one in its summary."""
    ticket_id = opened_ticket(store, columns=Columns(state=state))
    assert found(store, now=NOW + later) == wrong
    with store.begin() as work:
        work.tickets.tell([ticket_id], now=NOW)
    assert found(store, now=NOW + DAY) == []


def test_a_letter_that_is_stuck_is_found(store):
    """A letter that is not sent by its alarm is found, until it is sent."""
    row = enqueued(store, alarm_at=NOW + 4 * HOUR)
    assert found(store, now=NOW + 4 * HOUR) == []
    assert found(store, now=NOW + 5 * HOUR) == ["unsent-letter"]
    sent(store, row)
    assert found(store, now=NOW + 5 * HOUR) == []


def test_an_alarm_is_raised_once_and_cleared_when_mended(store):
    """What is wrong is told until an alarm stands; what is right again is told while its alarm still stands."""
    row, later = enqueued(store, alarm_at=NOW), NOW + MINUTE
    with store.begin() as work:
        assert (broken(work, now=later), mended(work, now=later)) == (["unsent-letter"], [])
        work.alarms.raise_("unsent-letter", now=later)
        work.alarms.raise_("fuse", now=later)
        assert (broken(work, now=later), mended(work, now=later)) == ([], [])
    sent(store, row)
    with store.begin() as work:
        assert (broken(work, now=later), mended(work, now=later)) == ([], ["unsent-letter"])
        work.alarms.clear("unsent-letter", now=later)
        assert mended(work, now=later) == []
