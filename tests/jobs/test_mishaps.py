"""Whose fault it is: a mail's, which is set aside, or the database's, which is waited for."""

import pytest

from maild.errors import CertificateRefused, LoginRefused, MaildError, StoreAway
from maild.jobs.casework.job import Mishaps
from maild.store import Waiting
from tests.town import MONDAY

ROW = Waiting(
    id=7, account="desk", raw=b"", seed=b"", received_at=MONDAY, attempts=1, last=False, junk=False, truncated=False, silent=False, size=0
)


@pytest.mark.parametrize("closed", [StoreAway, LoginRefused, CertificateRefused])
def test_a_closed_database_is_no_mails_fault(closed: type[MaildError]) -> None:
    """A mail that was being read while the database let nobody in stays where it is."""
    mishaps = Mishaps()
    with pytest.raises(closed), mishaps.of(ROW):
        raise closed("The database lets nobody in.")
    assert mishaps.rows == {}


def test_anything_else_is() -> None:
    """Whatever else goes wrong with one mail costs only that mail, which is kept."""
    mishaps = Mishaps()
    with mishaps.of(ROW):
        raise ValueError("a strange message")
    assert list(mishaps.rows) == [7]
