"""Tokens: what a reply has to carry, and what nobody can do with a stolen database."""

import pytest

from maild.store import BOUNCE, CHALLENGE, THREAD, hashed
from tests.store.world import DAY, HOUR, NOW, claimed, enqueued, mail, opened_ticket, taken_in


def issue(store, token="tok", **more):
    asked = {"ticket_id": None, "holder": "ana", "purpose": THREAD, "now": NOW, "expires_at": NOW + 30 * DAY}
    with store.begin() as work:
        work.tokens.issue(token, **asked | more)


def find(store, token="tok", *, now=NOW):
    with store.read() as work:
        return work.tokens.find(token, now=now)


def test_a_token_leads_back(store):
    """A token tells whose it is, which ticket and letter it belongs to, and which mail waits for it."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    ticket_id, row = opened_ticket(store), enqueued(store)
    issue(store, ticket_id=ticket_id, outbox_id=row, inbox_id=waiting.id)
    token = find(store)
    assert (token.hash, token.ticket_id, token.outbox_id, token.inbox_id) == (hashed("tok"), ticket_id, row, waiting.id)
    assert (token.holder, token.purpose, token.issued_at, token.expires_at, token.used_at) == ("ana", THREAD, NOW, NOW + 30 * DAY, None)


@pytest.mark.parametrize("forged", ["", "Tok", "tok ", "to", "tokk", "tok\x00", "tok\udcff", "' OR 1=1 --"])
def test_a_forged_token_is_none(store, forged):
    """A token matches whole or not at all."""
    issue(store)
    assert find(store, forged) is None


@pytest.mark.parametrize(
    ("more", "later", "valid", "why"),
    [
        ({}, 30 * DAY - HOUR, True, "not yet over"),
        ({}, 30 * DAY, False, "over to the moment"),
        ({"expires_at": None}, 3650 * DAY, True, "without an end"),
        ({"holder": "reporter"}, 3650 * DAY, True, "a reporter may answer after years"),
        ({"holder": "reporter", "purpose": CHALLENGE}, 30 * DAY, False, "but no challenge lasts"),
        ({"holder": "P1"}, 30 * DAY, False, "nor does another person's thread"),
        ({"purpose": BOUNCE}, 30 * DAY, False, "nor a bounce address"),
    ],
)
def test_how_long_a_token_is_good(store, more, later, valid, why):
    """Tokens end, except that of a reporter's own thread."""
    issue(store, **more)
    assert (find(store, now=NOW + later) is not None) is valid, why


def test_the_same_words_count_once(store):
    """A captured command mail that is sent again does nothing, under the same token; other words do."""
    issue(store, "one")
    issue(store, "two")
    with store.begin() as work:
        assert work.tokens.use(hashed("one"), command_hash=b"take", now=NOW)
        assert not work.tokens.use(hashed("one"), command_hash=b"take", now=NOW + HOUR)
        assert work.tokens.use(hashed("one"), command_hash=b"close", now=NOW + HOUR)
        assert work.tokens.use(hashed("two"), command_hash=b"take", now=NOW)
    assert find(store, "one").used_at == NOW


def test_a_challenge_is_answered_once(store):
    """A challenge can be spent once, in its time, and by its own token only."""
    issue(store, "fresh", purpose=CHALLENGE, expires_at=NOW + DAY)
    issue(store, "stale", purpose=CHALLENGE, expires_at=NOW + DAY)
    issue(store, "thread")
    with store.begin() as work:
        assert work.tokens.open_challenges("ana", now=NOW) == 2
        assert work.tokens.spend("fresh", now=NOW)
        assert not work.tokens.spend("fresh", now=NOW)
        assert not work.tokens.spend("stale", now=NOW + DAY)
        assert not work.tokens.spend("thread", now=NOW)
        assert not work.tokens.spend("forged", now=NOW)
        assert work.tokens.open_challenges("ana", now=NOW) == 1
        assert work.tokens.open_challenges("ben", now=NOW) == 0


def test_revoked_tokens_are_dead(store):
    """Revoking reaches every token of one person for one ticket, and no other."""
    first, second = opened_ticket(store), opened_ticket(store)
    for token, ticket_id, holder in [("a1", first, "ana"), ("a1b", first, "ana"), ("a2", second, "ana"), ("b1", first, "ben")]:
        issue(store, token, ticket_id=ticket_id, holder=holder)
    with store.begin() as work:
        work.tokens.revoke(first, holder="ana", now=NOW)
    assert [token for token in ("a1", "a1b", "a2", "b1") if find(store, token)] == ["a2", "b1"]


def test_no_token_is_stored(store, url, tmp_path):
    """The database holds what a token hashes to, from which nobody gets the token."""
    issue(store, "a-token-in-plain-words")
    with store.read() as work:
        (row,) = work.connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert not [cell for cell in row if "plain" in str(cell)]
