"""`maild check` where mail on the server is to be flagged or moved: on real servers that can, and that cannot."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.dovecot import PASSWORD, Account, Dovecot
from tests.town import after

SHAPES = [
    ("flag", "", 0, "", "keywords"),
    ("move", "", 0, "", "MOVE"),
    ("move", "imap_capability = IMAP4rev1 UIDPLUS", 0, "", "UIDPLUS alone"),
    ("move", "imap_capability = IMAP4rev1 IDLE", 1, "has neither MOVE nor UIDPLUS", "neither"),
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
    ("word", "server", "code", "sentence", "why"), SHAPES, ids=[f"{word} with {why}" for word, *_, why in SHAPES], indirect=["server"]
)
def test_it_is_tried(
    maild: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, server: Dovecot, code: int, sentence: str, why: str
) -> None:
    """No mail is touched by it, and what the server lacks is a sentence with the way out."""
    account = Account(server=server, user="info")
    uid = account.append(b"Subject: x\r\n\r\nHello\r\n")
    monkeypatch.setitem(os.environ, "MAILD_TEST_PASSWORD", PASSWORD)
    path = tmp_path / "config.toml"
    path.write_text(after(word).replace('username = "info"', f'username = "info"\nport = {server.port}'))
    seen = maild("check", "--config", path)
    assert seen.code == code
    assert (sentence in seen.err) if sentence else (seen.err == "")
    assert [(found, b"$MaildDone" in flags) for found, flags, _ in account.messages()] == [(uid, False)]
