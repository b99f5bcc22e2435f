"""Slots and alarms: what happens once, and what stands once."""

from tests.store.world import DAY, HOUR, NOW, SEED, opened_ticket


def test_an_appointment_is_taken_once(store):
    """A timed job of one appointment is done by one daemon, once; its seed is kept, and not to be read in the database."""
    with store.begin() as work:
        assert work.slots.latest("digest") is None
        assert work.slots.claim("digest", slot="2026-W46", now=NOW, seed=SEED)
        assert not work.slots.claim("digest", slot="2026-W46", now=NOW + DAY, seed=bytes(32))
        assert work.slots.claim("digest", slot="2026-W47", now=NOW + HOUR, seed=bytes(32))
        assert work.slots.claim("sweep", slot="2026-W46", now=NOW + DAY, seed=bytes(32))
        assert work.slots.seed("digest", slot="2026-W46") == SEED
        assert work.slots.seed("digest", slot="2026-W48") is None
        assert (work.slots.latest("digest"), work.slots.latest("sweep")) == ("2026-W47", "2026-W46")
        stored = work.connection.exec_driver_sql("SELECT seed FROM slots").scalars().all()
    assert not [sealed for sealed in stored if SEED in bytes(sealed)]


def test_an_alarm_stands_once(store):
    """The same alarm is raised once until it is cleared; one of the house and one of each ticket stand apart."""
    ticket_id, other = opened_ticket(store), opened_ticket(store)
    with store.begin() as work:
        places = (None, ticket_id, other)
        assert [work.alarms.raise_("late", ticket_id=one, now=NOW) for one in (*places, *places)] == [True] * 3 + [False] * 3
        assert [alarm.ticket_id for alarm in work.alarms.standing()] == list(places)
        assert [work.alarms.clear("late", ticket_id=one, now=NOW) for one in (None, ticket_id, ticket_id)] == [True, True, False]
        assert not work.alarms.clear("other", now=NOW)
        (standing,) = work.alarms.standing()
        assert (standing.kind, standing.ticket_id, standing.raised_at, standing.told_at) == ("late", other, NOW, None)
        assert work.alarms.raise_("late", ticket_id=ticket_id, now=NOW + HOUR)


def test_people_are_told_of_an_alarm_once(store):
    """What people were told of is marked, for as long as the alarm stands."""
    with store.begin() as work:
        work.alarms.raise_("late", now=NOW)
        work.alarms.tell([alarm.id for alarm in work.alarms.standing()], now=NOW + HOUR)
        assert [alarm.told_at for alarm in work.alarms.standing()] == [NOW + HOUR]
        work.alarms.clear("late", now=NOW + DAY)
        work.alarms.raise_("late", now=NOW + DAY)
        assert [alarm.told_at for alarm in work.alarms.standing()] == [None]
