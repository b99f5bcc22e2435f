"""What the tests of reading share: an installation of their own."""

import pytest

from maild.mail.identity import Own


@pytest.fixture(scope="session")
def own() -> Own:
    """The installation that the mails in tests/mails were sent to."""
    return Own(
        mailbox="info@pymalta.example",
        separator="=== please write above this line ===",
        loop_key=b"the loop key of the tests",
        authserv_id="mail.pymalta.example",
    )
