"""`maild check` where mail on the server is to be flagged or moved: on real servers that can, and that cannot."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.dovecot import PASSWORD, Account, Dovecot
from tests.town import after

SHAPES = [
    ("flag", "", 'ok     imap: the server can do what after = "flag" asks for.', "keywords"),
    ("move", "", 'ok     imap: the server can do what after = "move" asks for.', "MOVE"),
    ("move", "imap_capability = IMAP4rev1 UIDPLUS", 'ok     imap: the server can do what after = "move" asks for.', "UIDPLUS alone"),
    ("move", "imap_capability = IMAP4rev1 IDLE", "has neither MOVE nor UIDPLUS, so no mail can be moved safely", "neither"),
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A Dovecot of this shape."""
    server = Dovecot(extra=request.param)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.mark.parametrize(
    ("word", "server", "sentence", "why"), SHAPES, ids=[f"{word} with {why}" for word, *_, why in SHAPES], indirect=["server"]
)
def test_it_is_tried(
    maild: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, server: Dovecot, sentence: str, why: str
) -> None:
    """No mail is touched by it, and what the server lacks is a sentence with the way out."""
    account = Account(server=server, user="info")
    uid = account.append(b"Subject: x\r\n\r\nHello\r\n")
    monkeypatch.setitem(os.environ, "MAILD_TEST_PASSWORD", PASSWORD)
    path = tmp_path / "config.toml"
    path.write_text(after(word).replace('username = "info"', f'username = "info"\nport = {server.port}'))
    seen = maild("check", "--config", path)
    assert sentence in seen.out
    assert ("fault  imap: " in seen.out) == (why == "neither")
    assert [(found, b"$MaildDone" in flags) for found, flags, _ in account.messages()] == [(uid, False)]
