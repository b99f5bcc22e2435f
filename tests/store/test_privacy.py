"""What a thief of the database sees, and what is left after an erasure: nothing of anybody."""

import base64
import quopri
from pathlib import Path

import pytest
from sqlalchemy import text

from maild.playbook.entry import What
from maild.ports import Answer, Outcome, Parcel
from maild.store import THREAD, Columns, Destroyed, Person, SealBroken, erase
from maild.store.revision import REVISIONS
from maild.store.schema import metadata
from tests.store.world import (
    DAY,
    NOW,
    a_letter,
    a_ticket,
    an_agreement,
    an_entry,
    claimed,
    enqueued,
    mail,
    opened_ticket,
    taken_in,
    to_send,
)

MARKER = "Zoë-Camilleri-canary"
ADDRESS = "zoe.canary@canary.example"
RAW = f"From: {MARKER} <{ADDRESS}>\r\nSubject: {MARKER}\r\n\r\n{MARKER * 400}\r\n".encode()


def forms(word):
    """A word as it may lie in a file: in several encodings, whole or in part."""
    utf8 = word.encode()
    encoded = (base64.b64encode(utf8[cut:])[2:-4] for cut in range(3))
    return [utf8, word.encode("utf-16-le"), word.encode("utf-16-be"), quopri.encodestring(utf8), utf8.hex().encode(), *encoded]


def files(store, tmp_path):
    """Every byte a thief of the database would have."""
    if store.kind == "sqlite":
        return b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("maild.db*")))
    with store.read() as work:
        tables = [work.connection.execute(text(f"SELECT * FROM {name}")).all() for name in metadata.tables]
    return b"\0".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for rows in tables for row in rows for cell in row
    )


def everything(store):
    """Every word of a case, in every place that holds words; the answer is its ticket."""
    taken_in(store, mail(raw=RAW), mail(raw=RAW + b"quarantined"))
    waiting, strange = claimed(store)
    with store.begin() as work:
        ticket_id = a_ticket(work, key_of=waiting.id, reporter_address=ADDRESS, entries=(an_entry(text=MARKER, address=ADDRESS),))
        work.tickets.append(
            ticket_id, version=1, entries=[an_entry(What.NOTE, text=MARKER)], columns=Columns(state="new", next_at=NOW + DAY)
        )
        facts = {"subject": MARKER, "attachments": [{"name": MARKER}]}
        asked = {"ticket_id": ticket_id, "inbox_id": waiting.id, "relation": "report", "at": NOW}
        work.messages.add(**asked, message_id=f"{MARKER}@x", sender=ADDRESS, facts=facts)
        parcel = Parcel(message_id=f"{MARKER}.1@x", envelope_sender="us@x", recipient=ADDRESS, raw=RAW)
        row = work.outbox.enqueue(parcel, ticket_id=ticket_id, letter="receipt", role="reporter", handle="ana", now=NOW, alarm_at=NOW)
        work.outbox.enqueue(
            Parcel(message_id=f"{MARKER}.2@x", envelope_sender="us@x", recipient=ADDRESS, raw=RAW),
            ticket_id=ticket_id, letter="digest", role="board", handle="ana", now=NOW, alarm_at=NOW, next_at=NOW + DAY,
        )  # fmt: skip
        work.tokens.issue(MARKER, ticket_id=ticket_id, holder="reporter", purpose=THREAD, now=NOW, expires_at=None, outbox_id=row)
        work.tokens.use(work.tokens.find(MARKER, now=NOW).hash, command_hash=b"x" * 32, now=NOW)
        work.marks.put(ticket_id, ref="P1", likenesses=[f"address {ADDRESS}", f"name {MARKER}"])
        work.people.sync([Person(handle="ana", role="staff", active=True, address=ADDRESS)])
        work.people.withhold(ticket_id, handle="ben", kind="hold", now=NOW)
        work.inbox.file(waiting.id, kind="report", reason="a person wrote it", ticket_id=ticket_id, now=NOW)
        work.inbox.quarantine(strange.id, error=f"ValueError: {MARKER} <{ADDRESS}>", now=NOW)
        work.slots.claim("digest", slot="2026-W47", now=NOW, seed=MARKER.encode())
        work.journal.append([{"verb": "opened", "ticket": ticket_id}], now=NOW)
        work.alarms.raise_("late", ticket_id=ticket_id, now=NOW)
        work.consents.keep(f"google {ADDRESS}", refresh_token=MARKER, now=NOW)
        work.releases.agree(an_agreement(learned=MARKER, files={"report.md": ADDRESS}))
    assert to_send(store) == [row]
    with store.begin() as work:
        work.outbox.settle(row, answer=Answer(outcome=Outcome.DEFERRED, code=450, text=f"{ADDRESS}: {MARKER}"), now=NOW, next_at=NOW + DAY)
    return ticket_id


@pytest.mark.parametrize("word", [MARKER, ADDRESS, "Camilleri", "canary.example"])
def test_nobody_reads_the_files(store, tmp_path, word):
    """After every kind of row was written no word of anybody lies anywhere in the files, in no encoding."""
    everything(store)
    stolen = files(store, tmp_path)
    assert len(stolen) > 10_000
    assert [form for form in forms(word) if form in stolen] == []


def test_the_test_would_see_a_leak(store, tmp_path):
    """A word in a clear column is found."""
    with store.begin() as work:
        work.alarms.raise_(MARKER, now=NOW)
    assert MARKER.encode() in files(store, tmp_path)


def two_mails(store):
    taken_in(store, mail(), mail())
    return [waiting.id for waiting in claimed(store)]


def two_keys(store):
    with store.read() as work:
        return [work.keys.of_inbox(row).id for row in two_mails(store)]


def two_messages(store):
    asked = {"inbox_id": None, "relation": "report", "at": NOW, "message_id": "a@x", "sender": None, "facts": {}}
    with store.begin() as work:
        ticket_id = a_ticket(work)
        return [work.messages.add(ticket_id=ticket_id, **asked) for _ in range(2)]


def two_letters(store):
    with store.begin() as work:
        ticket_id = a_ticket(work)
        return [a_letter(work, ticket_id=ticket_id) for _ in range(2)]


def two_consents(store):
    with store.begin() as work:
        for client in ("one", "other"):
            work.consents.keep(client, refresh_token=client, now=NOW)
        indexes = [store.index("client", client).hex() for client in ("one", "other")]
        return [f"'\\x{index}'" if store.shared else f"x'{index}'" for index in indexes]


def two_agreements(store):
    with store.begin() as work:
        return [work.releases.agree(an_agreement(learned=learned)) for learned in ("one", "other")]


def two_entries(store):
    opened_ticket(store, entries=(an_entry(), an_entry(What.NOTE)))
    return [1, 2]


@pytest.mark.parametrize(
    ("table", "column", "row", "make", "read"),
    [
        ("raws", "raw", "inbox_id", two_mails, lambda work: work.inbox.claim(9, now=NOW, max_attempts=3)),
        ("inbox", "seed", "id", two_mails, lambda work: work.inbox.claim(9, now=NOW, max_attempts=3)),
        ("keys", "wrapped", "id", two_keys, lambda work: work.inbox.claim(9, now=NOW, max_attempts=3)),
        ("entries", "facts", "n", two_entries, lambda work: work.tickets.load_many(work.tickets.all_ids())),
        ("messages", "facts", "id", two_messages, lambda work: work.messages.of_ticket(*work.tickets.all_ids())),
        ("consents", "refresh_token", "client_index", two_consents, lambda work: work.consents.of("one")),
        ("releases", "body", "id", two_agreements, lambda work: work.releases.latest("pycon-2026")),
        ("parcels", "parcel", "outbox_id", two_letters, lambda work: work.outbox.claim(NOW, limit=9, receipts_allowed=0)),
    ],
)
def test_swapped_values_are_noticed(store, table, column, row, make, read):
    """A sealed value that somebody puts into another row, of the same ticket too, does not open."""
    one, other = make(store)
    with store.begin() as work:
        first, second = (
            work.connection.execute(text(f"SELECT {column} FROM {table} WHERE {row} = {which}")).scalar_one() for which in (one, other)
        )
        for value, which in ((second, one), (first, other)):
            work.connection.execute(text(f"UPDATE {table} SET {column} = :value WHERE {row} = {which}"), {"value": value})
    with pytest.raises(SealBroken), store.begin() as work:
        read(work)


def test_an_erased_ticket_is_gone(store, tmp_path):
    """After an erasure nothing of a ticket can be read, found or sent; its skeleton and the journal stay."""
    other = opened_ticket(store, reporter_address="other@example.org")
    kept = enqueued(store, ticket_id=other)
    assert to_send(store) == [kept]
    ticket_id = everything(store)
    with store.read() as work:
        code, inbox_id = work.tickets.load(ticket_id).code, work.messages.of_ticket(ticket_id)[0].inbox_id
        message_id = work.outbox.parcel(work.outbox.of_ticket(ticket_id)[0].id).message_id
    with store.begin() as work:
        erase(work, ticket_id, now=NOW + DAY)
    with store.read() as work:
        for read in (work.tickets.load, work.keys.of_ticket):
            with pytest.raises(Destroyed):
                read(ticket_id)
        with pytest.raises(LookupError):
            work.inbox.raw(inbox_id)
        assert (work.tickets.by_code(code), work.tokens.find(MARKER, now=NOW)) == (None, None)
        assert work.messages.ticket_of([f"{MARKER}@x", message_id]) is None
        assert (work.messages.of_ticket(ticket_id), work.outbox.unnoted(9), work.outbox.by_message_id(message_id)) == ([], [], None)
        assert (work.people.who_sees(ticket_id), ticket_id in work.tickets.all_ids()) == ([], False)
        assert work.outbox.receipts_since(NOW, recipient=ADDRESS) == []
        assert work.marks.tickets([f"address {ADDRESS}", f"name {MARKER}"]) == []
        assert (work.tickets.counts()["new"], work.journal.verify(), len(work.inbox.sources(inbox_id))) == (2, None, 1)
        assert len(work.tickets.load(other).entries) == 1
    assert to_send(store, now=NOW + 9 * DAY) == []


def test_what_was_erased_lies_nowhere(sqlite_url, opened, tmp_path):
    """Even with the key file nobody gets an erased ticket out of the file: its wrapped keys are overwritten."""
    store = opened(sqlite_url)
    ticket_id = everything(store)
    with store.read() as work:
        question = "SELECT wrapped FROM keys WHERE ticket_id = :ticket"
        wrapped = work.connection.execute(text(question), {"ticket": ticket_id}).scalars().all()
        hashes = work.connection.execute(text("SELECT hash FROM tokens")).scalars().all()
    assert all(secret in files(store, tmp_path) for secret in (*wrapped, *hashes))
    with store.begin() as work:
        erase(work, ticket_id, now=NOW)
    store.fold_in()
    assert [secret for secret in (*wrapped, *hashes) if secret in files(store, tmp_path)] == []


def test_folding_in_works_on_postgresql(shared_url, opened):
    """On PostgreSQL the old rows are vacuumed away."""
    store = opened(shared_url)
    with store.begin() as work:
        erase(work, a_ticket(work), now=NOW)
    store.fold_in()
    with store.read() as work:
        dead = "SELECT pg_stat_get_dead_tuples('entries'::regclass)"
        assert work.connection.execute(text(dead)).scalar_one() == 0


def test_the_copy_before_an_upgrade_is_as_closed(sqlite_url, opened, tmp_path, monkeypatch):
    """What is copied is as unreadable as what it was copied from."""
    from maild.store import upgrade

    everything(opened(sqlite_url))
    monkeypatch.setattr(upgrade, "REVISIONS", (*REVISIONS, "9998"))
    upgrade.upgrade(sqlite_url)
    stolen = Path(f"{sqlite_url.removeprefix('sqlite:///')}.{REVISIONS[-1]}.copy").read_bytes()
    assert [form for form in forms(MARKER) if form in stolen] == []
