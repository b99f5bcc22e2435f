"""The numbers of a transparency report: so few and so coarse that they point at nobody, alone and beside earlier ones."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.figures import as_csv, as_json
from maild.playbook.incidents import OUTCOMES, RESOLUTIONS, UNRESOLVED, Incident
from maild.playbook.policy import Publishing
from maild.playbook.scopes import scope_of
from maild.playbook.tables import MERGED, TABLES, cells, cells_of
from maild.playbook.transparency import every_tier, hinders, numbers
from tests.playbook.cases import PYCON, malta, policy

POLICY = policy(conferences=(replace(PYCON, attendance=183),))
EVENT = scope_of("pycon-2026", POLICY)
SMALL = replace(EVENT, attendance=49)
YEAR, FIRST, SECOND = (scope_of(name, POLICY) for name in ("2026", "2026-h1", "2026-h2"))


def one(outcome="violation", resolution="ban", **changes) -> Incident:
    values = {"acknowledged": True, "answered": True, "open": False, "safety": False, "outcome": outcome, "resolution": resolution}
    return Incident(**values | changes)


def told(count: int, scope=EVENT, earlier=(), **changes) -> dict:
    """The numbers of so many incidents, half of which were no violation."""
    outcomes = ("violation", "no-violation")
    return numbers([one(outcomes[n % 2], ("ban", "nothing")[n % 2], **changes) for n in range(count)], scope, earlier=earlier)


TIERS = [
    (0, EVENT, "0", 0, False),
    (1, EVENT, "1-4", None, False),
    (4, EVENT, "1-4", None, False),
    (5, EVENT, "5-9", 5, False),
    (9, EVENT, "5-9", 9, False),
    (10, EVENT, "10+", 10, True),
    (30, EVENT, "10+", 30, True),
    (0, SMALL, "0", 0, False),
    (1, SMALL, "1-4", None, False),
    (4, SMALL, "1-4", None, False),
    (5, SMALL, "5+", None, False),
    (30, SMALL, "5+", None, False),
    (30, replace(EVENT, attendance=None), "5+", None, False),
    (30, YEAR, "10+", 30, True),
]


@pytest.mark.parametrize(("count", "scope", "tier", "incidents", "tables"), TIERS)
def test_what_may_be_told_of_so_many(count, scope, tier, incidents, tables):
    """None, fewer than five, exactly so many from five on, tables from ten on; a small event has bands only."""
    made = told(count, scope)
    assert (made["tier"], made["incidents"], bool(made["tables"])) == (tier, incidents, tables)
    assert made["suppressed"] == ([] if tables or not count else list(TABLES))
    assert (made["still_open"] is None) is (incidents in (None, 0))


def test_numbers_hold_nothing_else():
    """What stands in numbers.json, in its order; no day, no moment, and nothing of police."""
    assert told(5) == {
        "schema": 1,
        "scope": "pycon-2026",
        "kind": "event",
        "title": "PyCon Malta 2026",
        "first_month": "2026-11",
        "last_month": "2026-11",
        "attendance": 180,
        "tier": "5-9",
        "incidents": 5,
        "ack_24h": "all",
        "answer_1w": "all",
        "still_open": False,
        "tables": [],
        "suppressed": ["outcome", "resolution"],
        "k": 5,
    }


@pytest.mark.parametrize(
    ("people", "shown"), [(None, None), (0, "under 50"), (49, "under 50"), (50, 50), (54, 50), (55, 60), (183, 180), (1200, 1200)]
)
def test_attendance_is_rounded(people, shown):
    """To ten; few people are a band, and what nobody said is not spoken of."""
    assert told(0, replace(EVENT, attendance=people))["attendance"] == shown


@pytest.mark.parametrize(
    ("kept", "shown"),
    [([True, True], "all"), ([True, False], "not all"), ([None, True], "all"), ([None, False], "not all"), ([None], None)],
)
def test_promises_are_kept_by_all_or_not_by_all(kept, shown):
    """Never by how many; what is not due yet does not count, and where nothing was due nothing is said."""
    made = numbers([one(acknowledged=was, answered=was) for was in kept], EVENT, earlier=())
    assert (made["ack_24h"], made["answer_1w"]) == (shown, shown)
    assert told(0)["ack_24h"] is None


def test_some_are_still_open_is_said_from_five_on():
    """Of fewer it would say whose case goes on."""
    assert [told(count, open=True)["still_open"] for count in (0, 4, 5, 30)] == [None, None, True, True]
    assert told(30, SMALL, open=True)["still_open"] is None


def test_thresholds_are_raised_and_the_tiers_with_them():
    """Seven instead of five: tables begin at twice that, whatever the other threshold says."""
    scope = replace(EVENT, rules=Publishing(k=7, tables_from=10))
    assert [told(count, scope)["tier"] for count in (0, 6, 7, 13, 14)] == ["0", "1-6", "7-13", "7-13", "14+"]
    assert [bool(told(count, scope)["tables"]) for count in (13, 14)] == [False, True]
    assert told(20, replace(scope, rules=Publishing(numbers_from=500)))["tier"] == "5+"
    assert told(19, replace(EVENT, rules=Publishing(tables_from=20)))["tables"] == []


CELLS = [
    ("aaaaabbbbb", {"a": 5, "b": 5}, "two of five"),
    ("aaaaaaaaaa", {}, "all alike would say of each what became of it"),
    ("aaaaaabbbb", {}, "one that is too rare has nothing to be merged with"),
    ("aaaaaabbbc", {}, "two that are four together"),
    ("aaaaabbbcc", {"a": 5, MERGED: 5}, "two that are five together"),
    ("bbbccdd", {}, "all merged would be one cell"),
    ("aaaaabbbbbccccdd", {"a": 5, "b": 5, MERGED: 6}, "two beside two"),
    ("aaaaabbbbbc", {}, "one that could be reckoned from the total"),
    ("", {}, "nothing"),
]


@pytest.mark.parametrize(("found", "wanted", "why"), CELLS, ids=[row[2] for row in CELLS])
def test_a_table_has_no_small_cell_and_none_that_can_be_reckoned(found, wanted, why):
    """Each cell is five or more, what is rarer is merged, and where that does not help there is no table."""
    assert cells(found, "abcd", k=5) == wanted, why


def test_a_table_that_cannot_be_shown_is_named_and_the_other_is_shown():
    """Which ones are left out is no secret."""
    found = [*[one("violation", "ban")] * 8, *[one("no-violation", "nothing")] * 2, *[one("not-determined", UNRESOLVED)] * 4]
    made = numbers(found, EVENT, earlier=())
    assert cells_of(made, "outcome") == {"violation": 8, MERGED: 6}
    assert made["suppressed"] == []
    made = numbers([*found, *[one("no-violation", "nothing")] * 3], EVENT, earlier=())
    assert (made["suppressed"], made["tables"]) == (["outcome", "resolution"], [])


incident = st.builds(
    Incident,
    acknowledged=st.sampled_from([True, False, None]),
    answered=st.sampled_from([True, False, None]),
    open=st.booleans(),
    safety=st.booleans(),
    outcome=st.sampled_from(OUTCOMES),
    resolution=st.sampled_from((*RESOLUTIONS, UNRESOLVED)),
)
some = st.lists(incident, max_size=60)
scopes = st.sampled_from([EVENT, SMALL, YEAR])
rules = st.builds(Publishing, k=st.integers(5, 9), tables_from=st.integers(10, 30), numbers_from=st.integers(50, 200))


@given(found=some, scope=scopes, rules=rules)
def test_every_number_that_is_told_is_none_or_five_or_more(found, scope, rules):
    """The total, each cell, and each rest that is left when a cell is taken away; no table says that all were alike."""
    made = numbers(found, replace(scope, rules=rules), earlier=())
    total = made["incidents"]
    assert total is None or total == 0 or total >= rules.k
    for table in TABLES:
        shown = cells_of(made, table)
        assert all(count >= rules.k and total - count >= rules.k for count in shown.values())
        assert not shown or (sum(shown.values()) == total == len(found) and len(shown) > 1 and total >= 10)


@given(found=st.lists(incident, min_size=1, max_size=4), scope=scopes)
def test_fewer_than_five_are_told_in_the_same_bytes(found, scope):
    """Whatever happened, and to however many: only whether promises were kept differs."""
    made = numbers(found, scope, earlier=())
    same = numbers([one()], scope, earlier=())
    promises = {name: made[name] for name in ("ack_24h", "answer_1w")}
    assert (as_json(made), as_csv(made)) == (as_json(same | promises), as_csv(same | promises))


@given(found=some, scope=scopes, data=st.data())
def test_the_order_of_cases_is_not_told(found, scope, data):
    """The same cases are the same bytes."""
    shuffled = data.draw(st.permutations(found))
    assert as_json(numbers(found, scope, earlier=())) == as_json(numbers(shuffled, scope, earlier=()))


def values(made: dict) -> tuple[range, bool]:
    """What a number may be, and whether it is told exactly; far enough for any number here."""
    if made["incidents"] is not None:
        return range(made["incidents"], made["incidents"] + 1), True
    least, _, most = made["tier"].removesuffix("+").partition("-")
    return range(int(least), int(most) + 1 if most else 500), False


def contained(name: str, other: str) -> bool:
    return name.startswith(other) or other.startswith(name)


steps = st.lists(
    st.tuples(st.sampled_from([YEAR, FIRST, SECOND]), st.lists(incident, max_size=14), st.lists(incident, max_size=14)), max_size=6
)


@given(steps=steps)
def test_releases_beside_each_other_give_nothing_away(steps):
    """Cases come in, and reports of the year and its halves are released in any order: each difference of what they tell is none, or five or more."""
    first, second, released = [], [], []
    for scope, more, and_more in steps:
        first, second = first + more, second + and_more
        found = {YEAR: first + second, FIRST: first, SECOND: second}[scope]
        released.append(numbers(found, scope, earlier=released))
    for before, after in combinations(released, 2):
        if contained(before["scope"], after["scope"]):
            unlike(before, after)
    halves_of_the_year(released)


def unlike(before: dict, after: dict) -> None:
    number, exact = values(after)
    if exact and number[0] >= 5:
        assert not any(0 < abs(number[0] - earlier) < 5 for earlier in values(before)[0])
    for table in TABLES:
        old, new = cells_of(before, table), cells_of(after, table)
        assert not (old and new) or old.keys() == new.keys()
        assert not any(0 < abs(new[cell] - old[cell]) < 5 for cell in new if old)


def halves_of_the_year(released: list[dict]) -> None:
    exact = [one for one in released if one["incidents"] is not None]
    for three in combinations(exact, 3):
        said = {made["scope"]: made["incidents"] for made in three}
        if len(said) == 3 and three[-1]["incidents"]:
            assert not 0 < abs(said["2026"] - said["2026-h1"] - said["2026-h2"]) < 5


LEDGER = [
    ([(7, EVENT)], (7, EVENT), "5-9", "the same again"),
    ([(7, EVENT)], (8, EVENT), "5+", "one more"),
    ([(7, EVENT)], (12, EVENT), "10+", "five more"),
    ([(12, EVENT)], (9, EVENT), "5+", "three fewer"),
    ([(3, EVENT)], (5, EVENT), "5+", "one to four more than a few"),
    ([(3, EVENT)], (8, EVENT), "5+", "four more than a few, if they were four"),
    ([(3, EVENT)], (9, EVENT), "5-9", "five more than any few"),
    ([(0, EVENT)], (5, EVENT), "5-9", "five more than none"),
    ([(0, EVENT)], (3, EVENT), "1-4", "a few stay a few"),
    ([(7, EVENT), (8, EVENT)], (7, EVENT), "5+", "what was coarse before may have been any number"),
    ([(12, YEAR)], (9, FIRST), "5+", "a half beside its year"),
    ([(12, YEAR)], (7, FIRST), "5-9", "a half that leaves five"),
    ([(12, YEAR)], (12, FIRST), "10+", "a half that leaves none"),
    ([(7, FIRST)], (8, SECOND), "5-9", "two halves hold none of the same"),
    ([(7, FIRST), (8, SECOND)], (15, YEAR), "10+", "a year that is its halves"),
    ([(7, FIRST), (8, SECOND)], (17, YEAR), "5+", "two came late, which is seen from both halves together"),
    ([(20, YEAR), (8, FIRST)], (13, SECOND), "5+", "one came late, which is seen from the year without the other half"),
    ([(20, YEAR), (8, FIRST)], (12, SECOND), "10+", "the half that is left"),
    ([(7, YEAR)], (8, EVENT), "5-9", "an event is in no year"),
]


@pytest.mark.parametrize(("before", "now", "tier", "why"), LEDGER, ids=[row[3] for row in LEDGER])
def test_a_later_report_is_coarser_where_a_difference_would_be_small(before, now, tier, why):
    """A band counts as each number it may mean; the smallest bands stay as they are."""
    earlier = []
    for count, scope in before:
        earlier.append(told(count, scope, earlier))
    made = told(*now, earlier)
    assert made["tier"] == tier, why
    assert tier.startswith("10") or not made["tables"]


def test_a_table_is_left_out_where_an_earlier_one_would_give_it_away():
    """Cells that differ by a few, or are other cells; without an earlier table, or with the same one, it is shown."""
    halves = [one("violation", "ban")] * 10 + [one("no-violation", "nothing")] * 10
    first = numbers(halves, EVENT, earlier=())
    shown = [table for table in TABLES if cells_of(first, table)]
    assert shown == ["outcome", "resolution"]
    assert numbers(halves, EVENT, earlier=[first])["suppressed"] == []
    moved = [*[one("violation", "ban")] * 12, *[one("no-violation", "nothing")] * 8]
    assert numbers(moved, EVENT, earlier=[first])["suppressed"] == ["outcome", "resolution"]
    renamed = [*[one("violation", "ban")] * 10, *[one("not-determined", "nothing")] * 10]
    assert numbers(renamed, EVENT, earlier=[first])["suppressed"] == ["outcome"]
    assert numbers(moved, EVENT, earlier=[told(7)])["suppressed"] == []
    assert numbers([*halves, *halves], EVENT, earlier=[told(30, YEAR)])["suppressed"] == []


def hindered(scope, found, now, **changes) -> list[str]:
    made = numbers(found, scope, earlier=())
    return list(hinders(scope, found, made, now=now, policy=POLICY, **changes))


def test_nothing_is_released_in_the_fourteen_days_after_the_end():
    """The sentence names the day, which begins at midnight on the organisation's own clock."""
    sentence = "It cannot be released before 2026-12-12, which is 14 days after the end."
    assert hindered(EVENT, [], malta(2026, 12, 11, 23, 59)) == [sentence]
    assert hindered(EVENT, [], malta(2026, 12, 12)) == []
    assert hindered(FIRST, [], malta(2026, 7, 13, 12)) == ["It cannot be released before 2026-07-14, which is 14 days after the end."]


@pytest.mark.parametrize(
    ("count", "scope", "postponed"), [(0, EVENT, False), (4, EVENT, False), (5, EVENT, True), (30, EVENT, True), (30, SMALL, False)]
)
def test_an_open_matter_of_safety_postpones_it_where_open_cases_may_be_named(count, scope, postponed):
    """Elsewhere the text would be the same, and to say so would tell more than the report does."""
    found = [one(safety=True, open=True), *[one()] * (count - 1)][:count]
    later = malta(2027, 6, 1)
    assert hindered(scope, found, later) == (["An open matter of safety postpones it."] if postponed else [])
    assert hindered(scope, [one(open=True)] * count, later) == []


def test_every_tier_is_among_those_that_tell_of_nobody():
    """What an event without a case may say of itself is all that a report can say."""
    made = list(every_tier(EVENT))
    assert {one["tier"] for one in made} == {"0", "1-4", "5-9", "10+", "5+"}
    assert {(one["ack_24h"], one["still_open"]) for one in made} >= {("all", True), ("not all", False), (None, False)}
    assert {cell for one in made for cell in cells_of(one, "resolution")} == {*TABLES["resolution"], MERGED}


def test_numbers_for_machines():
    """A band stands as its two ends; yes and no are words, what is not told is empty, and no cell begins a formula."""
    rows = as_csv(told(5, replace(SMALL, title='=1+1, "so"'), open=True)).splitlines()
    assert rows[0] == "part,name,value"
    assert 'report,title,"\'=1+1, ""so"""' in rows
    assert rows[-2:] == ["incidents,at least,5", "incidents,at most,"]
    assert "report,still_open,yes" in as_csv(told(5, open=True))
    assert "report,still_open,no" in as_csv(told(5))
    assert "report,still_open,\n" in as_csv(told(4))
    assert as_csv(told(10)).endswith(
        "incidents,at most,10\noutcome,violation,5\noutcome,no-violation,5\nresolution,nothing,5\nresolution,ban,5\n"
    )
    assert '"title": "Ħal Għaxaq"' in as_json(told(0, replace(EVENT, title="Ħal Għaxaq")))


def test_a_conference_over_new_year_has_two_months():
    """The first and the last."""
    scope = replace(EVENT, end=EVENT.end + timedelta(days=40))
    assert (told(0, scope)["first_month"], told(0, scope)["last_month"]) == ("2026-11", "2027-01")
