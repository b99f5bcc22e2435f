"""Seals: what the database holds can be read by nobody without the key, and moved by nobody at all."""

import base64
import os
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.store import Destroyed, SealBroken, Sources
from maild.store.sealed import Keyring
from tests.store.world import KEY, sources

ring = Keyring(KEY, sources=sources())
ring.move_in(ring.make(0)[1])
one, wrapped = ring.make(1)
other, _ = ring.make(2)


@given(value=st.binary(), row=st.integers(min_value=1) | st.text())
def test_what_was_sealed_opens_in_its_place(value, row):
    """A value comes back whole, whatever it holds."""
    assert one.unseal(one.seal(value, place="inbox.raw", row=row), place="inbox.raw", row=row) == value


@pytest.mark.parametrize(
    ("key", "place", "row", "why"),
    [
        (one, "inbox.raw", 2, "another row"),
        (one, "inbox.seed", 1, "another column"),
        (one, "inbox.ra", "w.1", "a place that reads the same at a glance"),
        (other, "inbox.raw", 1, "another key"),
    ],
)
def test_a_moved_value_does_not_open(key, place, row, why):
    """A sealed value is good at its own place only."""
    sealed = one.seal(b"a report", place="inbox.raw", row=1)
    with pytest.raises(SealBroken):
        key.unseal(sealed, place=place, row=row)


def test_an_altered_value_does_not_open():
    """Each flipped bit, each missing byte and each other version is noticed."""
    sealed = one.seal(b"a report", place="a.b", row=1)
    altered = [bytes((*sealed[:n], sealed[n] ^ bit, *sealed[n + 1 :])) for n in range(len(sealed)) for bit in (1, 128)]
    for broken in (*altered, *(sealed[:n] for n in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(SealBroken):
            one.unseal(broken, place="a.b", row=1)


def test_equal_values_look_different():
    """Nobody sees that two reports are the same."""
    assert len({one.seal(b"same", place="a.b", row=1) for _ in range(99)}) == 99


def test_every_seal_has_its_own_nonce():
    """The nonce comes from the source, once for each seal: twice the same would open both."""
    asked = count()
    counting = Keyring(KEY, sources=Sources(new_id=lambda: 1, new_nonce=lambda: next(asked).to_bytes(12), new_key=lambda: os.urandom(32)))
    key, _ = counting.make(1)
    assert [key.seal(b"x", place="a.b", row=1)[1:13] for _ in range(3)] == [n.to_bytes(12) for n in (1, 2, 3)]


def test_a_wrapped_key_opens_for_its_own_row():
    """A key put into another row opens nothing, and a destroyed one says so."""
    assert ring.open(1, wrapped).unseal(one.seal(b"x", place="a.b", row=1), place="a.b", row=1) == b"x"
    with pytest.raises(SealBroken):
        ring.open(2, wrapped)
    with pytest.raises(Destroyed):
        ring.open(1, None)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ("rita@example.org", True),
        ("RITA@Example.ORG", True),
        (" rita@example.org\n", True),
        ("rita@example.com", False),
        ("", False),
        ("\udcff", False),
    ],
)
def test_addresses_are_found_in_any_capitals(value, same):
    """An address has one index however it is written; no address makes another's."""
    assert (ring.address(value) == ring.address("rita@example.org")) is same
    assert (ring.domain(value) == ring.domain("someone@example.org")) is same


def test_labels_keep_indexes_apart():
    """The index of an address says nothing about a domain or a Message-ID that reads the same."""
    assert len({ring.index(label, "x") for label in ("address", "domain", "message-id")} | {ring.raw(b"x")}) == 4


def test_keys_do_not_show_themselves():
    """A key in a log line or a traceback is no key."""
    shown = f"{one} {one!r} {ring} {ring!r}"
    for secret in (KEY, wrapped):
        assert not any(form in shown for form in (secret.hex(), base64.b64encode(secret).decode(), repr(secret)[2:-1]))
    assert "AESGCM" not in shown
