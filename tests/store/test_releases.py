"""The ledger of transparency reports: what was agreed to and released is kept for good, byte for byte."""

from maild.store import erase
from tests.store.world import DAY, NOW, a_ticket, an_agreement

FILES = {"report.md": "# Ħ\r\n\n no line end", "numbers.json": '{"b":1,"a":2}\n', "empty.csv": ""}


def agreed(store, **more):
    with store.begin() as work:
        return work.releases.agree(an_agreement(**more))


def latest(store, report="pycon-2026"):
    with store.read() as work:
        return work.releases.latest(report)


def released(store, row, *, second="dora", now=NOW + DAY):
    with store.begin() as work:
        return work.releases.release(row, second=second, now=now)


def ledger(store):
    with store.read() as work:
        return [(one.report, one.id) for one in work.releases.released()]


def test_nothing_was_agreed_to_at_first(store):
    """An empty ledger."""
    assert (latest(store), ledger(store)) == (None, [])


def test_an_agreement_is_kept_byte_for_byte(store):
    """Files in their order, with whatever line ends they have; numbers; words; who and when."""
    made = an_agreement(files=FILES, numbers={"tables": [{"a": 5}], "k": 5}, learned="We moved the sign.\r\nAnd more.")
    row = agreed(store, files=made.files, numbers=made.numbers, learned=made.learned)
    found = latest(store)
    assert (found.id, found.by, found.at, found.released_at, found.second) == (row, "ana", NOW, None, "")
    assert (dict(found.numbers), found.learned, list(found.files.items())) == (made.numbers, made.learned, list(FILES.items()))
    assert found.digest == made.digest


def test_the_last_agreement_of_a_report_counts(store):
    """Another report has its own."""
    agreed(store, learned="first")
    agreed(store, learned="second")
    agreed(store, report="pycon-2025", learned="other")
    assert (latest(store).learned, latest(store, "pycon-2025").learned) == ("second", "other")


def test_a_release_happens_once(store):
    """The first second person is the one."""
    row = agreed(store)
    assert (released(store, row), released(store, row, second="ben")) == (True, False)
    found = latest(store)
    assert (found.second, found.released_at) == ("dora", NOW + DAY)


def test_every_release_is_kept_in_order(store):
    """Corrections too; what nobody released is none."""
    first, other, again = agreed(store), agreed(store, report="pycon-2025"), agreed(store, learned="corrected")
    agreed(store, report="2026-h1")
    released(store, other, now=NOW + 1 * DAY)
    released(store, first, now=NOW + 2 * DAY)
    released(store, again, now=NOW + 3 * DAY)
    assert ledger(store) == [("pycon-2025", other), ("pycon-2026", first), ("pycon-2026", again)]


def test_an_erasure_leaves_the_ledger(store):
    """Nobody is named in it, and later reports are held against it."""
    row = agreed(store, files=FILES)
    released(store, row)
    with store.begin() as work:
        erase(work, a_ticket(work), now=NOW)
    assert latest(store).files == FILES
