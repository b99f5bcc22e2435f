"""Random lives of one transparency report: nothing is released but by two people who may, who agreed to the same bytes."""

from hypothesis import given
from hypothesis import strategies as st

from maild.playbook import disclosure
from maild.playbook.effects import Agree, Release
from maild.playbook.letters import Kind
from maild.playbook.releases import digest
from tests.playbook.cases import ANA, BEN, CARLA, DORA, FELIX
from tests.playbook.reports import Ledger

TAG = "[release:pycon-2026]"
PEOPLE = (ANA, BEN, CARLA, DORA, FELIX)
ABOUT_REPORTS = (Kind.TRANSPARENCY_DRAFT, Kind.TRANSPARENCY_RELEASED)

STEPS = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(PEOPLE), st.sampled_from(["", "\nWe put up a sign.", "\nWe put up two signs."])),
    st.tuples(st.just("count"), st.integers(0, 2)),
    st.tuples(st.just("out"), st.frozensets(st.sampled_from([one.handle for one in PEOPLE]))),
    st.tuples(st.just("hinders"), st.sampled_from([(), ("Not before the day.",)])),
    st.tuples(st.just("hits"), st.sampled_from([(), ("“robin” is a name",)])),
    st.tuples(st.just("reminded"), st.sampled_from([7, 14, 30])),
)


@given(st.lists(STEPS, max_size=25))
def test_two_people_agree_to_the_same_bytes(steps):
    """Whatever happens in between; and nobody who is kept out is sent a word of it."""
    ledger = Ledger()
    agreed: dict[str, str] = {}
    """Who agreed to these bytes last, before which a release counts for nothing."""
    for what, *more in steps:
        if what not in ("says", "reminded"):
            setattr(ledger, what, more[0])
            continue
        blocked, out = bool(ledger.hinders or ledger.hits), ledger.out
        found = ledger.reminded(*more) if what == "reminded" else ledger.says(f"{TAG}{more[1]}", more[0])
        may = {to.handle for to in disclosure.releasers(out, ledger.world.policy)}
        assert {one.to.handle for one in found.letters if one.kind in ABOUT_REPORTS} <= may - out
        acted = found.all(Agree) + found.all(Release)
        assert not acted or (not blocked and more[0].handle in may)
        for one in found.all(Release):
            released = ledger.made[-1]
            first = agreed.pop(digest(released.files))
            assert (released.by, one.second) == (first, more[0].handle)
            assert first != one.second
            assert first in may
        for one in found.all(Agree):
            agreed = {one.agreement.digest: one.agreement.by}
