"""The people and limits of an organisation."""

from dataclasses import replace

import pytest

from maild.playbook.policy import Clocks
from tests.playbook.cases import ANA, BEN, CARLA, DORA, FELIX, HOUR, policy


def test_only_the_active_are_staff_and_board():
    """Whoever is switched off in the configuration is nobody any more."""
    left = policy(replace(ANA, active=False), BEN, replace(DORA, active=False), FELIX)
    assert left.staff == (BEN,)
    assert left.board == ()
    assert left.everybody == (BEN, FELIX)
    assert left.by_address(ANA.address) is None


def test_a_person_is_found_by_handle_and_by_address():
    """By handle in exact spelling, by address in any case; an alias is no address to act from."""
    ours = policy()
    assert ours.person("carla") == CARLA
    assert ours.person("nobody") is None
    assert ours.by_address("BEN@staff.example") == BEN
    assert ours.by_address("a.abela@club.example") is None
    assert ours.by_address("stranger@x.example") is None


def test_there_is_always_a_contact_outside_the_team():
    """A policy without a fallback contact is a mistake that shows at once."""
    assert policy().fallback == FELIX
    with pytest.raises(ValueError, match="fallback"):
        policy(ANA, BEN).fallback  # noqa: B018 (a property that raises)


def test_the_clocks_are_the_playbooks():
    """24 hours to acknowledge (playbook line 73), one week to answer (line 95), and the ladders of product.md section 7."""
    clocks = Clocks()
    assert [span / HOUR for span in (clocks.acknowledge_lead, clocks.acknowledge_staff, clocks.acknowledge_board)] == [12, 18, 22]
    assert clocks.acknowledge_due / HOUR == 24
    respond = (clocks.respond_lead_first, clocks.respond_lead_again, clocks.respond_staff, clocks.respond_board, clocks.respond_holding)
    assert [span / HOUR for span in respond] == [72, 120, 144, 156, 166]
    assert clocks.respond_due / HOUR == 168
    assert (clocks.untaken / HOUR, clocks.untaken_urgent / HOUR) == (4, 1)
