"""What becomes of a mail on the server once it is kept: left alone, flagged, or moved."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maild.errors import MailboxAway
from maild.mail.reading import Reader
from tests.town import CONFIG, Town, after, mail

DONE = "maild/Done"


@pytest.fixture
def found(tmp_path: Path, reader: Reader) -> Iterator[Callable[..., Town]]:
    """Founds a town with this `after`, again and again on the same files and server."""
    towns: list[Town] = []

    def found(word: str, config: str = "") -> Town:
        (tmp_path / "config.toml").unlink(missing_ok=True)
        (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
        (tmp_path / "config.toml").write_text((config or after(word)) + '[run]\nstate_directory = "state"\nruntime_directory = "run"\n')
        before = {"mailbox": towns[-1].mailbox, "courier": towns[-1].courier, "clock": towns[-1].clock} if towns else {}
        for town in towns:
            town.stop()
        towns.append(Town(directory=tmp_path, reader=reader, **before))
        return towns[-1]

    yield found
    towns[-1].stop()


def report(town: Town, text: str = "Somebody shouted at me.") -> None:
    """Somebody who has not written before."""
    town.write(f"kim{len(town.courier.delivered)}@reporter.example", text)
    town.run()


def receipts(town: Town) -> int:
    return sum(parcel.recipient.startswith("kim") for parcel in town.courier.delivered)


def test_kept_as_shipped(found: Callable[..., Town]) -> None:
    """Without a word in the configuration nothing happens to a mail."""
    town = found("", CONFIG)
    report(town)
    assert [town.mailbox.flags(uid) for uid in town.mailbox.uids()] == [frozenset()]
    assert receipts(town) == 1


def test_flagged(found: Callable[..., Town]) -> None:
    """The keyword, and nothing that a mail program shows."""
    town = found("flag")
    report(town)
    assert [town.mailbox.flags(uid) for uid in town.mailbox.uids()] == [{b"$MaildDone"}]
    assert receipts(town) == 1


def test_moved(found: Callable[..., Town]) -> None:
    """Out of the way, byte for byte, and the next one too."""
    town = found("move")
    for number in range(2):
        report(town, f"Report {number}.")
        assert (town.mailbox.raws(), len(town.mailbox.raws(DONE))) == ([], number + 1)
    assert receipts(town) == 2


@pytest.mark.parametrize(("word", "flags"), [("flag", {b"$MaildDone"}), ("move", frozenset())])
def test_junk_is_never_moved(found: Callable[..., Town], word: str, flags: frozenset[bytes]) -> None:
    """A filter learns from what is moved out of Junk; a keyword teaches it nothing."""
    town = found(word)
    uid = town.mailbox.deliver(mail("kim@reporter.example", "Somebody shouted."), received_at=town.clock(), folder="Junk")
    town.run()
    assert town.mailbox.uids("Junk") == [uid]
    assert town.mailbox.flags(uid, folder="Junk") == flags
    assert town.mailbox.raws(DONE) == []


def test_what_is_older_than_maild_answers_for_stays(found: Callable[..., Town]) -> None:
    """Of what was passed over nothing is kept, so it is not ours to move."""
    town = found("move")
    old = mail("kim@reporter.example", "Long ago.")
    town.house.intake.run()
    town.mailbox.deliver(old, received_at=town.clock().replace(year=2020))
    report(town)
    assert (town.mailbox.raws(), len(town.mailbox.raws(DONE))) == ([old], 1)


def test_what_a_person_moves_back_is_put_away_again(found: Callable[..., Town]) -> None:
    """A mail is taken in once, wherever it lies: no second case, no second acknowledgement."""
    town = found("move")
    report(town)
    (uid,) = town.mailbox.uids(DONE)
    town.mailbox.move(uid, folder=DONE, to="INBOX")
    town.run()
    assert (town.mailbox.raws(), len(town.mailbox.raws(DONE)), receipts(town)) == ([], 1, 1)


@pytest.mark.parametrize("word", ["flag", "move"])
def test_what_was_taken_in_before_follows(found: Callable[..., Town], word: str) -> None:
    """Whoever changes `after`, or stops maild between keeping and moving, finds all of it done after the next start."""
    town = found("", CONFIG)
    for number in range(3):
        report(town, f"Report {number}.")
    town = found(word)
    town.run()
    assert all(town.mailbox.flags(uid) for uid in town.mailbox.uids())
    assert len(town.mailbox.raws(DONE)) == (3 if word == "move" else 0)
    assert receipts(town) == 3


@pytest.mark.parametrize("word", ["flag", "move"])
def test_a_server_that_goes_away_in_between(found: Callable[..., Town], word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail is kept and answered; what was not flagged or moved is done as soon as the server is back."""
    town = found(word)
    put_away = town.mailbox.put_away

    def broken(uids: list[int], *, folder: str | None) -> str:
        town.mailbox.go_away()
        return put_away(uids, folder=folder)

    monkeypatch.setattr(town.mailbox, "put_away", broken)
    town.write("kim@reporter.example", "Somebody shouted at me.")
    with pytest.raises(MailboxAway):
        town.house.intake.run()
    town.house.casework.run()
    town.house.delivery.run()
    assert receipts(town) == 1
    monkeypatch.undo()
    town.mailbox.come_back()
    town.run()
    assert all(town.mailbox.flags(uid) for uid in town.mailbox.uids())
    assert len(town.mailbox.raws(DONE)) == (word == "move")


@pytest.mark.parametrize("word", ["flag", "move"])
def test_a_server_that_refuses(found: Callable[..., Town], word: str, caplog: pytest.LogCaptureFixture) -> None:
    """Reports are taken in and answered as ever; the reason is told once and stands until it is gone."""
    town = found(word)
    town.mailbox.refuse_put_away("The IMAP server has no keywords.")
    for number in range(2):
        report(town, f"Report {number}.")
    assert (receipts(town), len(town.mailbox.raws()), town.house.intake.refusal) == (2, 2, "The IMAP server has no keywords.")
    assert caplog.text.count("not put away: The IMAP server has no keywords.") == 1
    town.mailbox.refuse_put_away("")
    report(town, "One more.")
    assert town.house.intake.refusal == ""
    town.pass_time(hours=25)
    assert all(town.mailbox.flags(uid) for uid in town.mailbox.uids())
    assert len(town.mailbox.raws(DONE)) == (3 if word == "move" else 0)


def test_a_mail_that_somebody_deletes_meanwhile(found: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept here, and its absence there costs nothing."""
    town = found("move")
    put_away = town.mailbox.put_away

    def late(uids: list[int], *, folder: str | None) -> str:
        town.mailbox.vanish(uids[0])
        return put_away(uids, folder=folder)

    monkeypatch.setattr(town.mailbox, "put_away", late)
    report(town)
    assert (town.mailbox.raws(), town.mailbox.raws(DONE), receipts(town)) == ([], [], 1)
