"""`after` as a user runs it: the real process on a real Dovecot, killed and started again."""

import pytest

from tests.servers.dovecot import Account
from tests.whole.stage import Stage, eventually

DONE = "maild/Done"


def ask_for(stage: Stage, word: str) -> None:
    """Write this `after` into the configuration."""
    path = stage.directory / "config.toml"
    path.write_text(path.read_text().replace("since = 2020-01-01", f'since = 2020-01-01\nafter = "{word}"'))


def put_away(account: Account, word: str) -> int:
    """How many mails were flagged or moved."""
    if word == "flag":
        return sum(b"$MaildDone" in flags for _, flags, _ in account.messages())
    return 0 if account.messages() else len(account.messages(DONE))


@pytest.mark.parametrize("word", ["flag", "move"])
def test_killed_between_keeping_and_putting_away(stage: Stage, word: str) -> None:
    """What was taken in before a kill is flagged or moved after the restart, and every report has one acknowledgement."""
    stage.start()
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    stage.kill()
    ask_for(stage, word)
    stage.start()
    stage.write("sam@reporter.test", "Somebody shouted at me too.")
    stage.await_letters("sam@reporter.test", 1)
    assert eventually(lambda: put_away(stage.account, word) == 2)
    stage.write("lee@reporter.test", "And at me.")
    stage.await_letters("lee@reporter.test", 1)
    assert eventually(lambda: put_away(stage.account, word) == 3)
    assert stage.stop() <= 10
    assert [len(stage.letters(f"{name}@reporter.test")) for name in ("kim", "sam", "lee")] == [1, 1, 1]


@pytest.mark.parametrize("word", ["flag", "move"])
def test_check_asks_for_it(stage: Stage, word: str) -> None:
    """`maild check` says that the server can do it."""
    ask_for(stage, word)
    assert f'imap: the server can do what after = "{word}" asks for.' in stage.ask("check").stdout
