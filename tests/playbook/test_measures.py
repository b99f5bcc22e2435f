"""The kinds of resolution with their rules, and the sanctions they make (product.md section 5)."""

from datetime import timedelta

import pytest

from maild.playbook.decide import measures
from maild.playbook.decide.desk import Desk
from maild.playbook.entry import Entry, What
from maild.playbook.history import fold
from maild.playbook.letters import Kind
from maild.playbook.policy import Space
from maild.playbook.sanctions import Sanction, sanction_facts, sanction_from
from maild.playbook.ticket import State
from tests.playbook.cases import (
    ALL_FIVE,
    ANA,
    DAY,
    HOUR,
    MONDAY,
    NO_VIOLATION,
    PYCON,
    World,
    leaving,
    mail,
    malta,
    policy,
    ticket,
)

SPACES = (Space(slug="forum", name="The forum", contact="mods@forum.example"), Space(slug="chat", name="The chat"))
TEXT = "Somebody broke our rules at the last meetup. We do not accept that."


def world(above=ALL_FIVE, *, spaces=SPACES, conferences=(), **changes):
    """A world of an organisation with two spaces, and one report with its determinations."""
    w = World(policy=policy(spaces=spaces, conferences=conferences))
    w.report(**changes)
    w.accepted()
    assert w.staff(above).ok
    return w


def refusal(decision):
    """Why a mail was refused, and that nothing came of it."""
    assert decision.entries == []
    assert leaving(decision) == []
    return decision.sentences[-1]


TWO = ALL_FIVE.replace('"Robin Example"', '"Robin Example","Sam"')

RULES = [
    ("vacation spaces=forum", "", None, "a vacation, a week long"),
    ("vacation spaces=forum,chat days=90", "", None, "ninety days"),
    ("vacation spaces=forum days=91", "", "[resolve:ban spaces=forum until=2027-02-22]", "a day more, with the ban it would be"),
    ("vacation days=91", "", "Say from which spaces", "no space: asked for first"),
    ("vacation", "", "known: forum, chat, or all for every space", "no space"),
    ("vacation spaces=forums", "", "There is no space called forums; known: forum, chat, or all", "an unknown space"),
    ("vacation spaces=slack,irc", "", "no space called slack or irc", "two of them"),
    ("vacation spaces=all", "", None, "every space"),
    ("vacation spaces=all,forum", "", "write spaces=all, or name the spaces", "every space, and one"),
    ("ban spaces=forum permanent", "", None, "a ban for good"),
    ("ban spaces=forum until=2026-11-24", "", None, "until tomorrow"),
    ("ban spaces=forum until=2026-11-23", "", "until=2026-11-23 does not lie ahead", "until today"),
    ("ban spaces=forum until=2026-01-01", "", "does not lie ahead", "until long ago"),
    ("ban spaces=forum", "", "one of the two", "no end"),
    ("ban spaces=forum until=2027-01-01 permanent", "", "one of the two", "an end and none"),
    ("ban permanent", "", "Say from which spaces", "a ban from where?"),
    ("apology private", "", None, "a private apology"),
    ("apology public", "", None, "a public one"),
    ("apology", "", "[resolve:apology private]", "neither"),
    ("apology public private", "", "Say which", "both"),
    ("public-reprimand", TEXT, None, "a public reprimand, prepared"),
    ("public-reprimand", "", "It needs text below it", "without its text"),
    ("public-reprimand board-approved=yes", TEXT, None, "with the board's word, though none is needed"),
    ("public-reprimand", "Kim told us.", "may not become public", "the reporter's name in public"),
    ("public-reprimand", "Robin talked over the speaker.", "five words in a row", "what was determined, in public"),
    ("ban spaces=all permanent", "Get out.", "[write:P1]", "text under it: for whom?"),
    ("vacation spaces=forum to=P9", "", "names nobody", "for somebody who is not there"),
]


@pytest.mark.parametrize(("kind", "below", "objection", "why"), RULES, ids=[why for *_, why in RULES])
def test_each_kind_has_its_rules(kind, below, objection, why):
    """Every refusal says why, with the choices or the line to copy."""
    decision = world(name="Kim").staff(f"[resolve:{kind}]\n{below}")
    assert decision.ok is (objection is None), decision.sentences
    assert objection is None or objection in refusal(decision)


MEASURES = ["private-reprimand", f"public-reprimand\n{TEXT}", "vacation spaces=forum", "ban spaces=all permanent", "apology private"]


def resolving(kind):
    """The tag of a kind, with the text below it where it has some."""
    tag, _, below = kind.partition("\n")
    return f"[resolve:{tag}]\n{below}"


@pytest.mark.parametrize("kind", MEASURES, ids=[kind.split()[0] for kind in MEASURES])
def test_a_measure_needs_a_violation_and_somebody(kind):
    """Whatever the measure: none without a violation, none for nobody, none for one of two."""
    assert "violation=yes" in refusal(world(NO_VIOLATION).staff(resolving(kind)))
    assert "Say whom it concerns" in refusal(world(ALL_FIVE.replace('"Robin Example"', "unknown")).staff(resolving(kind)))
    assert "Say whom it concerns" in refusal(world(TWO).staff(resolving(kind)))


def test_an_organisation_without_spaces_has_all_of_them():
    """The refusal says where spaces come from; `all` works."""
    assert "[[space]]" in refusal(world(spaces=()).staff("[resolve:ban spaces=forum permanent]"))
    assert world(spaces=()).staff("[resolve:ban spaces=all permanent]").ok


def test_the_ban_in_place_of_a_long_vacation_works():
    """What the refusal shows can be sent as it stands."""
    w = world()
    assert world().staff("[resolve:vacation spaces=chat days=90]").ok
    assert "moon" in refusal(w.staff("[resolve:vacation spaces=moon]"))
    assert refusal(w.staff("[resolve:vacation spaces=chat days=91]"))
    sentence = w.staff("[resolve:vacation spaces=chat days=100]").sentences[0]
    line = sentence[sentence.index("[resolve") : sentence.rindex("]") + 1]
    assert w.staff(line).ok
    assert w.case.sanctions[0].until == malta(2027, 3, 3, 23, 59, second=59)


def test_a_vacation_makes_a_sanction():
    """One for each person, with its spaces, from now to the end of its last day in the organisation's own time, by whom."""
    w = world(TWO)
    w.wait(HOUR)
    decision = w.staff("[resolve:vacation to=P1,P2 spaces=forum,chat,forum days=3]")
    end = malta(2026, 11, 26, 23, 59, second=59)
    both = {"kind": "vacation", "spaces": ("forum", "chat"), "start": MONDAY + HOUR, "until": end, "by": ("ana",)}
    assert w.case.sanctions == (Sanction(id="S1", person="P1", **both), Sanction(id="S2", person="P2", **both))
    assert "S1: P1 is kept out of The forum, The chat until 2026-11-26." in decision.sentences[0]
    assert "S2: P2" in decision.sentences[0]
    assert not w.case.sanctions[0].permanent


def test_a_vacation_is_a_week_where_nothing_is_said():
    """ "Take a week off" (playbook line 90), and a week of the wall clock where the clocks change."""
    w = world()
    w.staff("[resolve:vacation spaces=forum]")
    assert w.case.sanctions[0].until == malta(2026, 11, 30, 23, 59, second=59)


def test_a_permanent_ban_has_no_end():
    """And says so."""
    w = world()
    decision = w.staff("[resolve:ban spaces=all permanent]")
    assert w.case.sanctions[0].permanent
    assert "S1: P1 is kept out of every space for good." in decision.sentences[0]


def test_the_same_sanction_said_again_is_the_same():
    """A resolution is repeated to send a lost outcome letter again: that bans nobody twice."""
    w = world()
    w.staff("[resolve:ban spaces=forum,chat permanent]")
    w.lost(Kind.OUTCOME)
    w.wait(DAY)
    again = w.staff("[resolve:ban spaces=chat,forum permanent]")
    assert [one.id for one in w.case.sanctions] == ["S1"]
    assert "S1: P1" in again.sentences[0]
    w.staff("[resolve:ban spaces=chat until=2027-01-01]")
    assert [one.id for one in w.case.sanctions] == ["S1", "S2"]


@pytest.mark.parametrize("kind", [*MEASURES[:2], MEASURES[-1]], ids=["private", "public", "apology"])
def test_no_other_kind_makes_a_sanction(kind):
    """Only a vacation and a ban keep anybody out."""
    w = world()
    assert w.staff(resolving(kind)).ok
    assert w.case.sanctions == ()


def test_a_sanction_is_told_by_its_entry():
    """What is stored gives the same sanction back, permanent or not."""
    for until in (None, MONDAY + DAY):
        one = Sanction(id="S1", kind="ban", person="P1", spaces=("all",), start=MONDAY, until=until, by=("ana", "ben"))
        assert sanction_from(sanction_facts(one), start=MONDAY) == one
    assert sanction_from({**sanction_facts(one), "by": "ana"}, start=MONDAY).by == ()


def test_a_refused_mail_sanctions_nobody():
    """All commands of a mail or none."""
    w = world()
    assert not w.staff("[resolve:ban spaces=all permanent]\n[write:P1]").ok
    assert w.case.sanctions == ()


def test_a_public_reprimand_is_prepared_and_sent_to_nobody():
    """The text is kept, the team gets it, and no letter holds it (row P46)."""
    w = world()
    decision = w.staff(f"[resolve:public-reprimand]\n{TEXT}")
    assert "was not published" in decision.sentences[0]
    assert w.case.resolutions[0].text == TEXT
    assert [one["text"] for one in decision.letter(Kind.COPY, "ben").facts["done"]] == [TEXT]
    assert all(TEXT not in str(letter.facts) for letter in leaving(decision))


def test_at_a_conference_the_board_has_to_agree():
    """Staff make no public statement about a person at a conference (playbook lines 101 to 103)."""
    w = world(conferences=(PYCON,))
    w.staff("[event:pycon-2026]")
    sentence = refusal(w.staff(f"[resolve:public-reprimand to=P1]\n{TEXT}"))
    assert "[resolve:public-reprimand to=P1 board-approved=yes]" in sentence
    assert w.staff(f"[resolve:public-reprimand to=P1 board-approved=yes]\n{TEXT}").ok


SEVERAL = [
    ("[resolve:ban spaces=all permanent]\n[resolve:apology private]", ["ban", "apology"], "a ban and an apology"),
    ("[resolve:private-reprimand]\n[resolve:vacation spaces=forum]", ["private-reprimand", "vacation"], "a reprimand and a vacation"),
]


@pytest.mark.parametrize(("text", "kinds", "why"), SEVERAL, ids=[why for *_, why in SEVERAL])
def test_several_make_one_outcome_letter(text, kinds, why):
    """It names what was decided in kind, and nobody (row P52)."""
    w = world()
    (letter,) = [one for one in leaving(w.staff(f"{text}\n[reply]\nThank you for waiting.")) if one.kind is not Kind.CONTACT]
    assert (letter.kind, letter.facts) == (Kind.OUTCOME, {"kinds": kinds, "violation": "yes", "words": "Thank you for waiting."})
    assert w.case.state is State.RESOLVED


def test_an_apology_is_kept_with_how_it_is_asked_for():
    """In public or in private: it stands in the state of the case."""
    w = world()
    w.staff("[resolve:apology public]")
    assert w.case.resolutions[0].label == "public"


def test_the_state_of_a_case_holds_its_sanctions():
    """[status] tells the team of each."""
    w = world()
    w.staff("[resolve:ban spaces=forum until=2026-12-24]")
    (section,) = w.staff("[status]").answer["sections"]
    (told,) = section["sanctions"]
    assert (told["id"], told["person"], told["spaces"]) == ("S1", "P1", ["forum"])
    assert "untold" not in told


def test_a_space_that_is_configured_no_longer_is_called_by_its_short_name():
    """Sanctions outlive a configuration."""
    assert measures.places(("forum", "irc"), policy(spaces=SPACES)) == "The forum, irc"


def test_no_sanction_without_its_command():
    """Nothing but a vacation or a ban puts one on a case, whatever else is resolved (product.md principle 2)."""
    w = world()
    for text in (
        "[take]",
        "[told:P1]",
        "[reopen]",
        "[resolve:nothing]",
        "[urgent]",
        "[explain until=2026-11-27]\nWe wait.",
        "We shall ban them.",
    ):
        w.staff(text)
    w.tick(timedelta(days=10))
    assert w.case.sanctions == ()


def test_what_a_desk_knows_beside_a_command():
    """The commands of a mail about the same case, whether it is named or the mail answers one about it."""
    desk = Desk(scene=World().scene(), mail=mail(), person=ANA, ticket=ticket(), proof="", may_decide=True)
    assert desk.beside == ()


def test_an_entry_of_a_sanction_puts_it_on_the_case():
    """The start is the moment of the entry."""
    facts = {"id": "S1", "kind": "ban", "person": "P1", "spaces": ["all"], "until": None, "by": ["ana"]}
    assert fold(ticket(), [Entry(what=What.SANCTIONED, at=MONDAY, by="ana", facts=facts)]).sanctions[0].start == MONDAY
