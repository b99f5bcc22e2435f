"""Consents: one for each application, sealed, and never overwritten by an older one."""

from tests.store.world import DAY, NOW

ONE, OTHER = "Google maild-at-pymalta", "Microsoft maild-at-pymalta"


def kept(store, client, token, *, now=NOW):
    with store.begin() as work:
        work.consents.keep(client, refresh_token=token, now=now)


def standing(store, client):
    with store.read() as work:
        consent = work.consents.of(client)
    return consent and (consent.refresh_token, consent.granted_at)


def test_a_consent_is_found_by_its_client(store):
    """Another application, or another provider, has another one."""
    kept(store, ONE, "first")
    assert (standing(store, ONE), standing(store, OTHER)) == (("first", NOW), None)


def test_a_new_consent_takes_the_place_of_the_old(store):
    """Somebody has run `maild login` again."""
    kept(store, ONE, "first")
    kept(store, OTHER, "other")
    kept(store, ONE, "second", now=NOW + DAY)
    assert standing(store, ONE) == ("second", NOW + DAY)
    assert standing(store, OTHER) == ("other", NOW)


def test_a_renewed_token_takes_the_place_of_the_old(store):
    """The consent stays the one it was, since when it was."""
    kept(store, ONE, "first")
    with store.begin() as work:
        assert work.consents.renew(ONE, old="first", new="second", now=NOW + DAY)
    assert standing(store, ONE) == ("second", NOW)


def test_a_token_that_was_replaced_meanwhile_is_left_alone(store):
    """A late answer of the provider does not undo a newer consent, nor make one that nobody gave."""
    kept(store, ONE, "newer")
    with store.begin() as work:
        assert not work.consents.renew(ONE, old="first", new="second", now=NOW)
        assert not work.consents.renew(OTHER, old="first", new="second", now=NOW)
    assert (standing(store, ONE), standing(store, OTHER)) == (("newer", NOW), None)


def test_a_consent_is_not_shown(store):
    """What may be printed does not hold the token."""
    kept(store, ONE, "canary")
    with store.read() as work:
        assert "canary" not in repr(work.consents.of(ONE))
