"""What tests of the store are made of: a moment, sources of chance, and rows with as little as they need."""

import os
from datetime import UTC, datetime, timedelta
from itertools import count

from maild.playbook.entry import Entry, What
from maild.playbook.releases import Agreement
from maild.ports import Answer, Fetched, Outcome, Parcel, Source
from maild.store import Columns, Sources, Store, Waiting, Work

KEY = bytes(range(32))
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
SEED = b"seed" * 8
DELIVERED = Answer(outcome=Outcome.DELIVERED, code=250, text="2.0.0 taken")
FAILED = Answer(outcome=Outcome.FAILED, code=550, text="5.1.1 unknown")
DEFERRED = Answer(outcome=Outcome.DEFERRED, code=451, text="4.7.1 later")
UNCERTAIN = Answer(outcome=Outcome.UNCERTAIN, code=0, text="")

numbers = count(1)


class GoneWrong(Exception):
    """Something that raises after work was done."""


def go_wrong(done: object) -> None:
    """Raise, once it is done."""
    raise GoneWrong(done)


def sources() -> Sources:
    """Real chance; ids that no other process of the test makes."""
    ids = count(int.from_bytes(os.urandom(5)) << 20)
    return Sources(new_id=lambda: next(ids), new_nonce=lambda: os.urandom(12), new_key=lambda: os.urandom(32))


def mail(
    *, uid: int = 0, raw: bytes = b"", folder: str = "INBOX", uidvalidity: int = 1, received_at: datetime = NOW, **more: object
) -> Fetched:
    """A mail as the server holds it; another one each time, unless its raw bytes are given."""
    number = next(numbers)
    raw = raw or b"Subject: %s\r\n\r\nhello\r\n" % os.urandom(8).hex().encode()
    source = Source(folder=folder, uidvalidity=uidvalidity, uid=uid or number)
    return Fetched(**{"source": source, "raw": raw, "received_at": received_at, "size": len(raw), **more})


def taken_in(store: Store, *mails: Fetched, **more: object) -> None:
    """Take mails in, in one transaction."""
    with store.begin() as work:
        for one in mails:
            work.inbox.take_in(one, **{"account": "desk", "junk": False, "seed": SEED, "now": NOW, **more})


def claimed(store: Store, limit: int = 50, *, now: datetime = NOW) -> list[Waiting]:
    """Claim mails for casework."""
    with store.begin() as work:
        return work.inbox.claim(limit, now=now, max_attempts=3)


def a_ticket(work: Work, *, key_of: int | None = None, entries: tuple[Entry, ...] = (), **more: object) -> int:
    """Open a ticket; the answer is its id."""
    ticket_id = work.keys.new_id()
    asked = {
        "code": f"quiet-harbour-{ticket_id}",
        "reference": f"R-{ticket_id}",
        "received_at": NOW,
        "reporter_address": "rita@example.org",
        "columns": Columns(state="new"),
        "now": NOW,
    }
    work.tickets.open(**asked | {"ticket_id": ticket_id, "key_of": key_of, "entries": entries or (an_entry(),)} | more)
    return ticket_id


def opened_ticket(store: Store, **more: object) -> int:
    """Open a ticket in a transaction of its own."""
    with store.begin() as work:
        return a_ticket(work, **more)


def an_entry(what: What = What.OPENED, **facts: object) -> Entry:
    """An entry with these facts."""
    return Entry(what=what, at=NOW, by="maild", facts=facts)


def a_parcel(*, to: str = "rita@example.org", raw: bytes = b"Subject: we have it\r\n\r\nThank you.\r\n") -> Parcel:
    """A finished letter, with another Message-ID each time."""
    return Parcel(message_id=f"{os.urandom(8).hex()}@maild.example", envelope_sender="info@maild.example", recipient=to, raw=raw)


def a_letter(work: Work, *, to: str = "rita@example.org", ticket_id: int | None = None, **more: object) -> int:
    """Put a letter into the outbox; the answer is its row."""
    asked = {"ticket_id": ticket_id, "letter": "receipt", "role": "reporter", "handle": "reporter", "now": NOW, "alarm_at": NOW + 4 * HOUR}
    return work.outbox.enqueue(a_parcel(to=to), **asked | more)


def enqueued(store: Store, **more: object) -> int:
    """Put a letter into the outbox in a transaction of its own."""
    with store.begin() as work:
        return a_letter(work, **more)


def to_send(store: Store, *, now: datetime = NOW, limit: int = 10, receipts_allowed: int = 10) -> list[int]:
    """Claim letters for delivery; the answer is their rows, in the order they are to go."""
    with store.begin() as work:
        return [letter.id for letter in work.outbox.claim(now, limit=limit, receipts_allowed=receipts_allowed)]


def settle(store: Store, row: int, answer: Answer, *, now: datetime = NOW, next_at: datetime | None = None) -> None:
    """Record how an attempt ended."""
    with store.begin() as work:
        work.outbox.settle(row, answer=answer, now=now, next_at=next_at)


def sent(store: Store, *rows: int, now: datetime = NOW) -> None:
    """Claim and send these letters, as delivery does."""
    assert set(rows) <= set(to_send(store, now=now, limit=1000, receipts_allowed=1000))
    for row in rows:
        with store.begin() as work:
            work.outbox.dot(row)
        settle(store, row, DELIVERED, now=now)


def an_agreement(**more: object) -> Agreement:
    """Ana agrees to a report of one file."""
    plain = {"report": "pycon-2026", "by": "ana", "at": NOW, "numbers": {"schema": 1}, "learned": "", "files": {"report.md": "# None\n"}}
    return Agreement(**{**plain, **more})
