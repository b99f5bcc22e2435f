"""Several acknowledgements to one person in one letter: which of them, and who gets the answers to it."""

from datetime import timedelta

import pytest

from maild.playbook.decide import numbered
from maild.playbook.decide.merging import Unsent, merged
from maild.playbook.effects import Journal, Merge
from maild.playbook.letters import Kind, Rank
from tests.playbook.cases import HOUR, MONDAY, World, reporter, ticket

SCENE = World().wait(20 * HOUR).scene()


def unsent(number: int, *withheld: str, letter: str = "receipt", **changes: object) -> Unsent:
    case = ticket(
        id=number,
        reference=f"R-{number:05}",
        received_at=MONDAY + number * timedelta(minutes=1),
        withheld=dict.fromkeys(withheld, "hold"),
        **changes,
    )
    return Unsent(outbox_id=100 + number, letter=letter, ticket=case)


def merges(*waiting: Unsent) -> list[Merge]:
    return [effect for effect in merged(waiting, SCENE) if isinstance(effect, Merge)]


def test_one_letter_names_every_report():
    """It goes at once to the one who filed them, as somebody who is known, and says which of them did not come in whole."""
    effects = numbered(merged([unsent(1), unsent(2, letter="too-large")], SCENE), SCENE)
    merge, *journal = effects
    assert isinstance(merge, Merge)
    letter = merge.letter
    assert merge.outbox_ids == (101, 102)
    assert (letter.kind, letter.to.address, letter.ticket_id) == (Kind.MERGED_RECEIPT, "kim@reporter.example", 1)
    assert (letter.rank, letter.latest_at, letter.not_before) == (Rank.KNOWN, SCENE.now, None)
    assert letter.token
    assert [(item["reference"], item["truncated"]) for item in letter.facts["items"]] == [("R-00001", False), ("R-00002", True)]
    assert [(line.verb, line.ticket_id) for line in journal if isinstance(line, Journal)] == [("merged-receipt", 1), ("merged-receipt", 2)]


GROUPS = [
    ([], [], "nobody waits"),
    ([()], [], "one alone keeps its own letter"),
    ([(), ()], [(1, [1, 2])], "the same team"),
    ([(), ("ana",), ()], [(2, [1, 2, 3])], "an answer goes to the team of the one that names somebody"),
    ([("ana",), ("ben",)], [], "each has a reader the other must not have"),
    ([("ana",), ("ben",), ("ana",), ("ben",)], [(1, [1, 3]), (2, [2, 4])], "two letters, each to a team of its own"),
    ([("ana",), ("ben",), ("ana", "ben"), ()], [(3, [1, 2, 3, 4])], "one of them keeps out all whom the others keep out"),
    ([("ana", "ben"), ("carla",), ()], [(1, [1, 3])], "what does not fit in keeps its own letter"),
]


@pytest.mark.parametrize(("withheld", "wanted", "why"), GROUPS, ids=[why for *_, why in GROUPS])
def test_an_answer_reaches_nobody_who_is_kept_out(withheld, wanted, why):
    """Whoever answers the letter may mean any of its cases, so its thread is that of a case whose team may know of all of them."""
    made = merges(*(unsent(number, *handles) for number, handles in enumerate(withheld, 1)))
    assert [(one.letter.ticket_id, [row - 100 for row in one.outbox_ids]) for one in made] == wanted, why


def test_nobody_to_write_to():
    """Without an address there is no letter, so nothing is taken back for one."""
    assert merged([unsent(1, reporter=reporter("")), unsent(2, reporter=reporter(""))], SCENE) == ()
