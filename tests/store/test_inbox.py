"""The first station: every mail once, nothing lost, one strange mail costs only itself."""

from dataclasses import replace

import pytest

from maild.ports import Source
from maild.store import AlreadyFiled, Taken
from maild.store.inbox import BATCH_BYTES, GAVE_UP, State
from tests.store.world import DAY, HOUR, MINUTE, NOW, SEED, a_ticket, claimed, mail, taken_in


def take(work, one, **more):
    return work.inbox.take_in(one, **{"account": "desk", "junk": False, "seed": SEED, "now": NOW, **more})


@pytest.mark.parametrize(
    ("change", "taken", "why"),
    [
        ({}, Taken.AGAIN, "the same place is the same mail"),
        ({"uid": 8}, Taken.SAME, "the same bytes under another UID"),
        ({"uidvalidity": 2}, Taken.SAME, "the server renumbered the folder"),
        ({"folder": "Junk"}, Taken.SAME, "somebody moved it"),
        ({"uid": 8, "raw": b"Subject: a\r\n\r\nother\r\n"}, Taken.NEW, "a copy that differs by one byte is another mail"),
        ({"raw": b"Subject: a\r\n\r\nother\r\n"}, Taken.AGAIN, "a place on the server never changes what it holds"),
    ],
)
def test_a_mail_is_taken_in_once(store, change, taken, why):
    """A mail is known by its place and by its bytes, and by nothing it says of itself."""
    first = {"uid": 7, "uidvalidity": 1, "folder": "INBOX", "raw": b"Subject: a\r\n\r\nhello\r\n"}
    with store.begin() as work:
        assert take(work, mail(**first)) is Taken.NEW
        assert take(work, mail(**first | change)) is taken, why
        assert sum(work.inbox.counts().values()) == (2 if taken is Taken.NEW else 1)


def test_each_account_has_its_own_places(store):
    """Two accounts may use the same folder, UIDVALIDITY and UID."""
    with store.begin() as work:
        assert take(work, mail(uid=7), account="one") is Taken.NEW
        assert take(work, mail(uid=7), account="two") is Taken.NEW
        assert work.inbox.watermark("one", folder="INBOX", uidvalidity=1) == 7


def test_what_was_taken_in_comes_out_for_casework(store):
    """A claimed mail is byte for byte what came, with everything the server told of it."""
    one = mail(raw=b"\x00\xff\r\n.\r\n\xe9", received_at=NOW - HOUR, size=99, truncated=True)
    taken_in(store, one, junk=True, silent=True)
    (waiting,) = claimed(store)
    assert (waiting.raw, waiting.seed, waiting.received_at) == (one.raw, SEED, one.received_at)
    assert (waiting.account, waiting.size, waiting.truncated, waiting.junk, waiting.silent) == ("desk", 99, True, True, True)
    assert (waiting.attempts, waiting.last) == (1, False)
    assert "raw" not in repr(waiting)
    assert "seed" not in repr(waiting)


def test_the_ledger_of_a_folder(store):
    """Intake learns from the ledger where to go on, and what a sweep has to fetch."""
    taken_in(store, mail(uid=3), mail(uid=9), mail(uid=5, uidvalidity=4), mail(uid=70, folder="Junk"))
    with store.read() as work:
        assert work.inbox.watermark("desk", folder="INBOX", uidvalidity=1) == 9
        assert work.inbox.watermark("desk", folder="INBOX", uidvalidity=2) == 0
        assert work.inbox.unknown("desk", folder="INBOX", uidvalidity=1, uids=[12, 3, 4, 9, 1]) == [12, 4, 1]
        assert work.inbox.unknown("desk", folder="INBOX", uidvalidity=1, uids=[]) == []
        assert work.inbox.generations("desk", folder="INBOX") == [1, 4]


def test_every_place_of_a_mail_is_known(store):
    """Erasure has to find every copy of a mail on the server."""
    taken_in(store, mail(uid=1, raw=b"same"), mail(uid=2, raw=b"same", folder="Done"))
    (waiting,) = claimed(store)
    with store.read() as work:
        assert sorted(work.inbox.sources(waiting.id), key=lambda found: found[1].uid) == [
            ("desk", Source(folder="INBOX", uidvalidity=1, uid=1)),
            ("desk", Source(folder="Done", uidvalidity=1, uid=2)),
        ]


def test_an_older_mail_is_passed_over(store):
    """Of a mail from before the first start only the fact is kept that it was there."""
    one = mail(uid=4)
    with store.begin() as work:
        assert work.inbox.pass_over(one, account="desk", junk=False, now=NOW) is Taken.PASSED
        assert work.inbox.pass_over(one, account="desk", junk=False, now=NOW) is Taken.AGAIN
        assert take(work, replace(one, source=replace(one.source, uid=5))) is Taken.SAME
        assert work.inbox.claim(9, now=NOW, max_attempts=3) == []
        assert work.inbox.counts()[State.DISCARDED] == 1
        assert work.inbox.watermark("desk", folder="INBOX", uidvalidity=1) == 5


def test_whose_bytes_are_kept(store):
    """What was passed over is in the ledger, and is not ours to flag or move; nor is what has no record, or lies elsewhere."""
    taken_in(store, mail(raw=b"a", uid=7), mail(raw=b"b", uid=9))
    with store.begin() as work:
        work.inbox.pass_over(mail(raw=b"old", uid=8), account="desk", junk=False, now=NOW)
    with store.read() as work:
        assert work.inbox.kept("desk", folder="INBOX", uidvalidity=1, uids=[9, 8, 7, 6]) == [9, 7]
        assert work.inbox.kept("desk", folder="INBOX", uidvalidity=1, uids=[]) == []
        assert work.inbox.kept("desk", folder="INBOX", uidvalidity=2, uids=[7]) == []
        assert work.inbox.kept("other", folder="INBOX", uidvalidity=1, uids=[7]) == []


def test_the_oldest_receipt_comes_first(store):
    """Whoever wrote first is answered first, whatever order the server listed."""
    for days in (2, 3, 1):
        taken_in(store, mail(received_at=NOW - days * DAY, raw=b"%d days old" % days))
    with store.read() as work:
        assert work.inbox.oldest_new() == NOW - 3 * DAY
    assert [waiting.raw for waiting in claimed(store, 2)] == [b"3 days old", b"2 days old"]


def test_a_mail_that_ended_the_program_comes_alone(store):
    """Neighbours of a mail that kills the program are safe from its second attempt on, and go on without being counted out."""
    taken_in(store, *(mail() for _ in range(3)))
    assert [waiting.attempts for waiting in claimed(store)] == [1, 1, 1]
    taken_in(store, mail(received_at=NOW + HOUR))
    assert [waiting.attempts for waiting in claimed(store)] == [2]


def test_fresh_mails_come_without_tried_ones(store):
    """A batch of fresh mails ends before the first one that was tried."""
    taken_in(store, mail(received_at=NOW))
    claimed(store)
    taken_in(store, mail(received_at=NOW - HOUR), mail(received_at=NOW - 2 * HOUR), mail(received_at=NOW + HOUR))
    assert [waiting.attempts for waiting in claimed(store)] == [1, 1]


def test_after_its_last_attempt_a_mail_is_quarantined(store):
    """A mail that ends the program every time gets one attempt more, to be filed unread, and then waits for a person."""
    taken_in(store, mail())
    attempts = [[(waiting.attempts, waiting.last) for waiting in claimed(store)] for _ in range(5)]
    assert attempts == [[(1, False)], [(2, False)], [(3, False)], [(4, True)], []]
    with store.read() as work:
        (found,) = work.inbox.quarantined()
    assert (found.reason, found.error, found.attempts) == (GAVE_UP, "", 4)


def test_mails_that_nobody_began_are_given_back(store):
    """A daemon that stops between claim and work has not tried."""
    taken_in(store, mail(), mail())
    rows = [waiting.id for waiting in claimed(store)]
    with store.begin() as work:
        work.inbox.give_back(rows)
    assert [waiting.attempts for waiting in claimed(store)] == [1, 1]


@pytest.mark.parametrize(
    ("sizes", "together", "why"),
    [
        ([1, 1, 1], 3, "small ones come together"),
        ([BATCH_BYTES, 1], 1, "one fills the batch"),
        ([BATCH_BYTES * 9, 1], 1, "one beyond the limit comes all the same, alone"),
        ([BATCH_BYTES // 2, BATCH_BYTES // 2, 1], 2, "up to the limit and no further"),
    ],
)
def test_a_batch_fits_in_memory(store, sizes, together, why):
    """Fifty mails at the size limit are not read into memory at once."""
    taken_in(store, *(mail(size=size) for size in sizes))
    assert len(claimed(store)) == together, why


def test_a_mail_put_off_waits(store):
    """A mail that is to be tried later is not claimed before, and holds up nobody."""
    taken_in(store, mail(received_at=NOW - HOUR), mail())
    (first, second) = claimed(store)
    with store.begin() as work:
        work.inbox.retry_later(first.id, at=NOW + MINUTE)
    assert [waiting.id for waiting in claimed(store)] == [second.id]
    assert first.id in [waiting.id for waiting in claimed(store, now=NOW + MINUTE)]


def test_filing_ends_the_wait(store):
    """A filed mail is claimed no more, its seed is gone, its bytes are not."""
    taken_in(store, mail(raw=b"keep me"))
    (waiting,) = claimed(store)
    with store.begin() as work:
        ticket_id = a_ticket(work, key_of=waiting.id)
        work.inbox.file(waiting.id, kind="report", reason="a person wrote it", ticket_id=ticket_id, now=NOW)
    assert claimed(store) == []
    with store.read() as work:
        filed = work.inbox.get(waiting.id)
        assert (filed.seed, filed.raw, work.inbox.raw(waiting.id)) == (b"", b"keep me", b"keep me")
        assert work.inbox.counts() == {State.NEW: 0, State.FILED: 1, State.QUARANTINED: 0, State.DISCARDED: 0}
        assert work.inbox.oldest_new() is None


def test_a_mail_is_filed_once(store):
    """Of two daemons that decided about one mail only the first is heard."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        work.inbox.file(waiting.id, kind="loop", reason="our own", ticket_id=None, now=NOW)
        with pytest.raises(AlreadyFiled):
            work.inbox.file(waiting.id, kind="loop", reason="our own", ticket_id=None, now=NOW)


def test_quarantine(store):
    """A mail that raised waits with its error until a person releases or discards it."""
    taken_in(store, mail(raw=b"a"), mail(raw=b"b"))
    first, second = claimed(store)
    with store.begin() as work:
        work.inbox.quarantine(first.id, error="ValueError in parse: \udcff", now=NOW + MINUTE)
        work.inbox.quarantine(second.id, error="x", now=NOW + MINUTE)
    with store.begin() as work:
        found = work.inbox.quarantined()[0]
        assert (found.id, found.error, found.quarantined_at) == (first.id, "ValueError in parse: \\udcff", NOW + MINUTE)
        assert (found.account, found.received_at, found.attempts, found.size, found.reason) == ("desk", NOW, 1, 1, "raised")
        assert "ValueError" not in repr(found)
        assert work.inbox.release(first.id)
        assert work.inbox.discard(second.id, now=NOW)
        assert work.inbox.quarantined() == []
    assert [(waiting.id, waiting.attempts, waiting.seed) for waiting in claimed(store)] == [(first.id, 1, SEED)]
    with store.read() as work:
        assert work.inbox.raw(second.id) == b"b"


def test_only_quarantined_mails_are_released_or_discarded(store):
    """A slip of the operator's keyboard reaches no other mail."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        assert not work.inbox.release(waiting.id)
        assert not work.inbox.discard(waiting.id, now=NOW)
        assert not work.inbox.release(404)


def test_a_mail_that_is_not_there(store):
    """Whoever asks for a mail by a number gets it or is told."""
    with store.read() as work:
        with pytest.raises(LookupError):
            work.inbox.raw(404)
        with pytest.raises(LookupError):
            work.keys.of_inbox(404)
