"""The intake card is a page about no case."""

from maild.playbook import disclosure
from maild.playbook.intake_card import intake_card
from maild.playbook.letters import TO_REPORTER, Kind
from tests.letters.story import POLICY

ANA = disclosure.all_staff(POLICY)[0]


def test_a_card_is_about_no_case():
    """It knows the event, its representatives and the security of the venue, and neither a case nor a reporter."""
    card = intake_card(ANA, token="t" * 26, event="PyCon", representatives=[{"name": "Ana", "contact": ""}], security="555-0100")
    assert (card.kind, card.to, card.ticket_id, card.code, card.reference) == (Kind.INTAKE_CARD, ANA, None, "", "")
    assert card.facts == {"event": "PyCon", "slug": "", "representatives": [{"name": "Ana", "contact": ""}], "security": "555-0100"}
    assert Kind.INTAKE_CARD not in TO_REPORTER


def test_everything_on_it_may_be_missing():
    """Between events it is still a card."""
    assert intake_card(ANA, token="t" * 26).facts == {"event": "", "slug": "", "representatives": [], "security": ""}
