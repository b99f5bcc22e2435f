"""Who may be told: every recipient of every letter comes from here."""

from dataclasses import replace

import pytest

from maild.playbook import disclosure
from maild.playbook.ticket import State
from tests.playbook.cases import ANA, BEN, CARLA, DORA, FELIX, KIM, TEAM, policy, reporter, ticket


def withheld(*handles):
    """A ticket that these people are kept out of."""
    return ticket(withheld=dict.fromkeys(handles, "hold"))


def handles(recipients):
    """Whose letters they are."""
    return tuple(one.handle for one in recipients)


TEAMS = [
    ((), TEAM, "all active staff"),
    (("ben",), ("ana", "carla"), "without one who is kept out"),
    (TEAM, ("fallback",), "the contact outside where no staff is left (behaviour 45)"),
    ((*TEAM, "fallback"), ("dora",), "the board where that contact is kept out too"),
    ((*TEAM, "fallback", "dora"), (), "nobody where everybody is"),
    (("dora", "fallback"), TEAM, "who is kept out beyond the staff is nothing to the staff"),
]


@pytest.mark.parametrize(("out", "team", "why"), TEAMS, ids=[why for *_, why in TEAMS])
def test_the_case_team_is_who_may_know(out, team, why):
    """The case team is all active staff who are not kept out; nobody left, the contact outside; then the board."""
    assert handles(disclosure.team(withheld(*out), policy())) == team


BOARDS = [
    ((), ("dora",), "the board"),
    (("dora",), ("fallback",), "the contact outside where the board is kept out"),
    (("dora", "fallback"), (), "nobody where both are"),
]


@pytest.mark.parametrize(("out", "board", "why"), BOARDS, ids=[why for *_, why in BOARDS])
def test_the_board_hears_as_far_as_it_may(out, board, why):
    """Word to the board about a case goes to those of it who may know of the case."""
    assert handles(disclosure.board(withheld(*out), policy())) == board


def test_the_lead_is_reminded_and_without_one_all():
    """Without a lead, or with one who is kept out, reminders go to all of the team (product.md section 6)."""
    assert handles(disclosure.lead(ticket(lead="ben"), policy())) == ("ben",)
    assert handles(disclosure.lead(ticket(), policy())) == TEAM
    assert handles(disclosure.lead(ticket(lead="ben", withheld={"ben": "recused"}), policy())) == ("ana", "carla")


def test_a_reporter_of_ours_hears_nothing_of_the_team():
    """Whoever of us wrote the report is a party, from the registered address or from another of theirs."""
    for address in (ANA.address, ANA.aliases[1]):
        case = ticket(reporter=reporter(address))
        assert not disclosure.may_know(case, ANA)
        assert handles(disclosure.team(case, policy())) == ("ben", "carla")


def test_the_inactive_hear_nothing():
    """Whoever left the team gets no letter and may not act."""
    left = policy(replace(ANA, active=False), BEN, FELIX)
    assert handles(disclosure.team(ticket(), left)) == ("ben",)
    assert not disclosure.may_know(ticket(), replace(ANA, active=False))
    assert handles(disclosure.all_staff(left)) == ("ben",)


def test_only_the_team_acts():
    """The board and the contact outside watch, unless they are all that is left."""
    assert disclosure.may_act(ticket(), CARLA, policy())
    assert not disclosure.may_act(ticket(), DORA, policy())
    assert not disclosure.may_act(withheld("carla"), CARLA, policy())
    assert disclosure.may_act(withheld(*TEAM), FELIX, policy())


def test_the_reporter_is_the_filer_and_nobody_else():
    """A letter to the reporter goes to the address the report came from; where that can get none, to nobody."""
    to = disclosure.reporter(ticket())
    assert (to.handle, to.role, to.name, to.address) == ("reporter", "reporter", "Kim", KIM)
    assert disclosure.reporter(ticket(reporter=reporter(""))) is None
    assert disclosure.reporter(ticket(reporter=None)) is None


def test_letters_about_no_case_have_their_readers():
    """Summaries go to all staff, the digest to the whole board, or to the contact outside where there is none."""
    assert handles(disclosure.all_staff(policy())) == TEAM
    assert handles(disclosure.whole_board(policy())) == ("dora",)
    assert handles(disclosure.whole_board(policy(ANA, FELIX))) == ("fallback",)


def test_who_asks_is_answered_at_the_registered_address():
    """An answer goes to the address in the configuration and nowhere else."""
    assert disclosure.asker(BEN).address == BEN.address


def test_others_are_the_team_without_the_writer():
    """What one of the team wrote goes to the others."""
    assert handles(disclosure.others(ticket(state=State.REVIEW), policy(), ANA)) == ("ben", "carla")
