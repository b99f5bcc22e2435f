"""What every `Mailbox` keeps to. `test_mailbox.py` holds the real one and the one in memory to the same tests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread
from typing import Protocol

import pytest

from maild.errors import MailboxAway
from maild.ports import Mailbox

LIMIT = 25 * 1024 * 1024
AT_MOST = 10.0
"""Seconds for a `wait` that should end long before."""
MIB = 1024 * 1024


def mail(subject: str, *, size: int = 0) -> bytes:
    """A mail, filled up to a size with text in which no two places are alike."""
    raw = f"From: ana@example.org\r\nSubject: {subject}\r\n\r\nHello\r\n".encode()
    filling = b"".join(b"%08d" % number for number in range(size // 8))
    return raw + (filling[: size - len(raw) - 2] + b"\r\n" if size else b"")


class Office(Protocol):
    """A mailbox, and the hands of everybody else who has to do with it."""

    mailbox: Mailbox

    def deliver(self, raw: bytes, *, received_at: datetime | None = None, folder: str = "INBOX") -> int:
        """A mail arrives; tells its UID."""

    def mark_seen(self, uid: int) -> None:
        """Somebody reads a mail of the INBOX in a mail program."""

    def flags(self, uid: int) -> frozenset[bytes]:
        """What is set on a mail of the INBOX, without \\Recent."""

    def vanish(self, uid: int) -> None:
        """Somebody deletes a mail of the INBOX for good."""

    def raws(self, folder: str) -> list[bytes]:
        """What lies in a folder, in the order of the UIDs."""

    def make_folder(self, name: str) -> None:
        """Somebody creates a folder."""

    def renumber(self) -> None:
        """The INBOX loses its UIDVALIDITY and keeps its UIDs."""

    def crash(self) -> None:
        """The server dies, and every connection with it."""

    def recover(self) -> None:
        """The server is back."""


class MailboxContract:
    """Needs a fixture `office` with an empty INBOX and a folder `Junk`."""

    def test_select_tells_of_the_folder(self, office: Office) -> None:
        """SELECT tells UIDVALIDITY, the next UID and how many messages there are."""
        uid = office.deliver(mail("one"))
        folder = office.mailbox.select("INBOX")
        assert (folder.name, folder.uidnext, folder.exists) == ("INBOX", uid + 1, 1)
        assert folder.uidvalidity > 0

    def test_a_missing_folder_is_away(self, office: Office) -> None:
        """A folder that does not exist raises, and afterwards another one can be selected."""
        with pytest.raises(MailboxAway, match="Nowhere"):
            office.mailbox.select("Nowhere")
        assert office.mailbox.select("INBOX").exists == 0

    @pytest.mark.parametrize("call", [lambda it: it.uids_above(0), lambda it: it.fetch([1], size_limit=LIMIT), lambda it: it.wait(0)])
    def test_without_a_folder_nothing_is_guessed(self, office: Office, call) -> None:
        """Before `select` there is no folder to search, fetch from or wait for."""
        with pytest.raises(MailboxAway):
            call(office.mailbox)

    def test_only_what_is_above_the_watermark(self, office: Office) -> None:
        """UIDs come ascending and above the watermark only; an empty answer is no error."""
        uids = [office.deliver(mail(f"{number}")) for number in range(4)]
        office.mailbox.select("INBOX")
        for watermark, expected in (
            (0, uids),
            (uids[0], uids[1:]),
            (uids[2], uids[3:]),
            (uids[3], []),
            (uids[3] + 100_000, []),
            (2**32, []),
        ):
            assert list(office.mailbox.uids_above(watermark)) == expected

    def test_an_empty_folder_has_no_uids(self, office: Office) -> None:
        """Nothing is there, and that is the answer."""
        office.mailbox.select("INBOX")
        assert list(office.mailbox.uids_above(0)) == []

    def test_what_arrived_after_select_is_found(self, office: Office) -> None:
        """A search right after the arrival finds the mail, though the session has not been told of it."""
        office.mailbox.select("INBOX")
        for _ in range(3):
            uid = office.deliver(mail("late"))
            assert office.mailbox.uids_above(0)[-1] == uid

    def test_a_seen_mail_is_a_mail(self, office: Office) -> None:
        """What somebody opened already is listed and fetched all the same."""
        uid = office.deliver(mail("opened"))
        office.mark_seen(uid)
        office.mailbox.select("INBOX")
        assert list(office.mailbox.uids_above(0)) == [uid]
        assert office.mailbox.fetch([uid], size_limit=LIMIT)[0].raw == mail("opened")

    def test_fetching_leaves_no_trace(self, office: Office) -> None:
        """Unread before is unread after, and seen stays seen."""
        unread, seen = office.deliver(mail("unread")), office.deliver(mail("seen"))
        office.mark_seen(seen)
        office.mailbox.select("INBOX")
        assert len(office.mailbox.fetch(office.mailbox.uids_above(0), size_limit=LIMIT)) == 2
        assert office.flags(unread) == frozenset()
        assert office.flags(seen) == {b"\\Seen"}

    def test_fetched_says_where_it_lay(self, office: Office) -> None:
        """Folder, UIDVALIDITY, UID, size and the very bytes."""
        uid = office.deliver(mail("one"))
        folder = office.mailbox.select("INBOX")
        (fetched,) = office.mailbox.fetch([uid], size_limit=LIMIT)
        assert (fetched.source.folder, fetched.source.uidvalidity, fetched.source.uid) == ("INBOX", folder.uidvalidity, uid)
        assert (fetched.raw, fetched.size, fetched.truncated) == (mail("one"), len(mail("one")), False)

    def test_fetch_keeps_the_order_asked_for(self, office: Office) -> None:
        """Fifty at once, small and large ones mixed, come in the order of the question."""
        uids = [office.deliver(mail(f"{number}", size=1000 + number % 3 * 400_000)) for number in range(50)]
        office.mailbox.select("INBOX")
        fetched = office.mailbox.fetch(uids[::-1], size_limit=LIMIT)
        assert [each.source.uid for each in fetched] == uids[::-1]
        assert all(f"Subject: {uids.index(each.source.uid)}\r\n".encode() in each.raw for each in fetched)

    def test_nothing_asked_nothing_fetched(self, office: Office) -> None:
        """No UIDs are no question."""
        office.mailbox.select("INBOX")
        assert list(office.mailbox.fetch([], size_limit=LIMIT)) == []

    def test_what_vanished_is_left_out(self, office: Office) -> None:
        """Mail that somebody deleted meanwhile is left out, as are UIDs that never were; its neighbours come."""
        uids = [office.deliver(mail(f"{number}")) for number in range(3)]
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        office.vanish(uids[1])
        assert [each.source.uid for each in office.mailbox.fetch([*uids, 4711], size_limit=LIMIT)] == [uids[0], uids[2]]

    def test_the_limit_is_the_last_whole_size(self, office: Office) -> None:
        """At the limit a message is whole; one byte more and its beginning comes, marked as such, with its true size."""
        whole, over = office.deliver(mail("at", size=300_000)), office.deliver(mail("over", size=300_001))
        office.mailbox.select("INBOX")
        at_limit, over_limit = office.mailbox.fetch([whole, over], size_limit=300_000)
        assert (at_limit.raw, at_limit.truncated) == (mail("at", size=300_000), False)
        assert (over_limit.size, over_limit.truncated) == (300_001, True)
        assert over_limit.raw == mail("over", size=300_001)[: 256 * 1024]

    def test_a_limit_below_the_beginning_holds_too(self, office: Office) -> None:
        """Never more than the limit is kept."""
        uid = office.deliver(mail("over", size=5_000))
        office.mailbox.select("INBOX")
        (fetched,) = office.mailbox.fetch([uid], size_limit=1_000)
        assert (fetched.raw, fetched.truncated) == (mail("over", size=5_000)[:1_000], True)

    @pytest.mark.parametrize("size", [MIB - 1, MIB, MIB + 1, 3 * MIB, 5 * MIB + 17])
    def test_large_mail_is_whole(self, office: Office, size: int) -> None:
        """Whatever lies at the edges of the pieces it comes in, not a byte is lost or doubled."""
        uid = office.deliver(mail("large", size=size))
        office.mailbox.select("INBOX")
        (fetched,) = office.mailbox.fetch([uid], size_limit=LIMIT)
        assert len(fetched.raw) == size
        assert fetched.raw == mail("large", size=size)

    @pytest.mark.parametrize(
        "received_at",
        [
            datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
            datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            datetime(2025, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
        ],
    )
    def test_received_at_is_internaldate_in_utc(self, office: Office, received_at: datetime) -> None:
        """The moment of the server's receipt, aware and in UTC, whatever zone it was said in."""
        uid = office.deliver(mail("dated"), received_at=received_at)
        office.mailbox.select("INBOX")
        (fetched,) = office.mailbox.fetch([uid], size_limit=LIMIT)
        assert fetched.received_at == received_at
        assert fetched.received_at.tzinfo is UTC

    def test_wait_ends_when_mail_arrives(self, office: Office) -> None:
        """Mail that comes during the wait ends it."""
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        with meanwhile(lambda: office.deliver(mail("now"))):
            assert office.mailbox.wait(AT_MOST)
        assert len(office.mailbox.uids_above(0)) == 1

    def test_mail_between_search_and_wait_is_not_slept_over(self, office: Office) -> None:
        """Thirty times of thirty, mail that came after the last search and before the wait ends it at once."""
        office.mailbox.select("INBOX")
        for _ in range(30):
            seen = office.mailbox.uids_above(0)
            uid = office.deliver(mail("between"))
            began = time.monotonic()
            assert office.mailbox.wait(AT_MOST)
            assert time.monotonic() - began < AT_MOST / 2
            assert list(office.mailbox.uids_above(max(seen, default=0))) == [uid]

    def test_a_folder_nobody_searched_is_news(self, office: Office) -> None:
        """Right after `select` a wait ends at once: what lies there has not been looked at, whatever was looked at elsewhere."""
        office.deliver(mail("here"))
        office.deliver(mail("there"), folder="Junk")
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        office.mailbox.select("Junk")
        began = time.monotonic()
        assert office.mailbox.wait(AT_MOST)
        assert time.monotonic() - began < 1

    def test_wait_ends_in_silence(self, office: Office) -> None:
        """Where nothing comes, the wait lasts as long as it was told and says so."""
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        began = time.monotonic()
        assert not office.mailbox.wait(0.3)
        assert 0.3 <= time.monotonic() - began < 2

    def test_interrupt_ends_a_wait(self, office: Office) -> None:
        """From another thread, a wait under way ends at once and says that nothing came; the connection lives on."""
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        began = time.monotonic()
        with meanwhile(office.mailbox.interrupt):
            assert not office.mailbox.wait(AT_MOST)
        assert time.monotonic() - began < 1
        assert list(office.mailbox.uids_above(0)) == []

    def test_interrupt_ends_the_next_wait_and_no_other(self, office: Office) -> None:
        """Rung before anybody waits, twice even, it ends the next wait only."""
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        office.mailbox.interrupt()
        office.mailbox.interrupt()
        began = time.monotonic()
        assert not office.mailbox.wait(AT_MOST)
        assert time.monotonic() - began < 1
        assert not office.mailbox.wait(0.2)
        assert time.monotonic() - began >= 0.2

    def test_junk_is_found(self, office: Office) -> None:
        """The folder for spam has a name, and can be opened by it."""
        junk = office.mailbox.junk()
        assert junk == "Junk"
        office.deliver(mail("spam?"), folder=junk)
        assert office.mailbox.select(junk).exists == 1

    def test_folders_are_apart(self, office: Office) -> None:
        """One connection serves several folders in turn."""
        inbox, junk = office.deliver(mail("a")), [office.deliver(mail(name), folder="Junk") for name in "bc"][-1]
        for folder, last in (("INBOX", inbox), ("Junk", junk), ("INBOX", inbox)):
            office.mailbox.select(folder)
            assert office.mailbox.uids_above(0)[-1] == last
            assert office.mailbox.fetch([last], size_limit=LIMIT)[0].source.folder == folder

    def test_a_folder_may_have_any_name(self, office: Office) -> None:
        """Letters beyond ASCII and signs that IMAP quotes are just a name."""
        for name in ("Rapporti żgħar & kbar", 'Say "hi" \\ there', "收件箱"):
            office.make_folder(name)
            office.deliver(mail("here"), folder=name)
            assert office.mailbox.select(name).exists == 1
            assert office.mailbox.fetch(office.mailbox.uids_above(0), size_limit=LIMIT)[0].source.folder == name

    def test_uids_mean_nothing_without_their_uidvalidity(self, office: Office) -> None:
        """After the server lost its index the same UIDs come back, and `select` tells another UIDVALIDITY."""
        uid = office.deliver(mail("one"))
        before = office.mailbox.select("INBOX")
        office.renumber()
        with pytest.raises(MailboxAway):
            office.mailbox.uids_above(0)
        after = office.mailbox.select("INBOX")
        assert after.uidvalidity != before.uidvalidity
        assert list(office.mailbox.uids_above(0)) == [uid]

    def test_after_a_crash_one_error_and_then_all_is_well(self, office: Office) -> None:
        """The server dies and comes back: one call raises, the next `select` connects by itself and everything is there."""
        uid = office.deliver(mail("kept"))
        office.mailbox.select("INBOX")
        office.crash()
        with pytest.raises(MailboxAway):
            office.mailbox.uids_above(0)
        with pytest.raises(MailboxAway):
            office.mailbox.select("INBOX")
        office.recover()
        office.mailbox.select("INBOX")
        assert list(office.mailbox.uids_above(0)) == [uid]

    def test_a_crash_ends_a_wait(self, office: Office) -> None:
        """A server that dies during the wait is noticed there and then."""
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        try:
            with meanwhile(office.crash), pytest.raises(MailboxAway):
                office.mailbox.wait(AT_MOST)
        finally:
            office.recover()

    def test_a_flagged_mail_stays_where_it_is(self, office: Office) -> None:
        """The keyword is set on these mails and no others; unread stays unread, and doing it again changes nothing."""
        done, other = office.deliver(mail("done")), office.deliver(mail("other"))
        office.mailbox.select("INBOX")
        for _ in range(2):
            assert office.mailbox.put_away([done], folder=None) == ""
        assert (office.flags(done), office.flags(other)) == ({b"$MaildDone"}, frozenset())
        assert list(office.mailbox.uids_above(0)) == [done, other]

    @pytest.mark.parametrize("there", [False, True], ids=["a folder that is made", "a folder that is there"])
    def test_a_moved_mail_lies_in_the_other_folder(self, office: Office, there: bool) -> None:
        """Byte for byte, and no others with it; moving the same again is nothing."""
        if there:
            office.make_folder("maild/Done")
        done, other = office.deliver(mail("done")), office.deliver(mail("other"))
        office.mailbox.select("INBOX")
        for _ in range(2):
            assert office.mailbox.put_away([done], folder="maild/Done") == ""
        assert office.raws("maild/Done") == [mail("done")]
        assert list(office.mailbox.uids_above(0)) == [other]

    @pytest.mark.parametrize("folder", [None, "maild/Done"])
    def test_a_mail_that_is_gone_is_passed_over(self, office: Office, folder: str | None) -> None:
        """Its neighbours are flagged or moved all the same."""
        uids = [office.deliver(mail(f"{number}")) for number in range(3)]
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        office.vanish(uids[1])
        assert office.mailbox.put_away([*uids, 4711], folder=folder) == ""
        left = [] if folder else [uids[0], uids[2]]
        assert list(office.mailbox.uids_above(0)) == left
        assert all(office.flags(uid) == {b"$MaildDone"} for uid in left)

    @pytest.mark.parametrize("folder", [None, "maild/Done"])
    def test_what_arrives_while_mails_are_put_away_is_news(self, office: Office, folder: str | None) -> None:
        """A mail that came since the last search ends the next wait, whatever was done in between."""
        uid = office.deliver(mail("first"))
        office.mailbox.select("INBOX")
        office.mailbox.uids_above(0)
        late = office.deliver(mail("late"))
        office.mailbox.put_away([uid], folder=folder)
        assert office.mailbox.wait(AT_MOST)
        assert list(office.mailbox.uids_above(uid)) == [late]

    def test_without_uids_nothing_is_put_away(self, office: Office) -> None:
        """It is only whether it could be."""
        uid = office.deliver(mail("one"))
        office.mailbox.select("INBOX")
        assert [office.mailbox.put_away([], folder=folder) for folder in (None, "maild/Done")] == ["", ""]
        assert (list(office.mailbox.uids_above(0)), office.flags(uid)) == ([uid], frozenset())

    def test_close_is_quiet(self, office: Office) -> None:
        """Closing twice, and interrupting what is closed, are nothing."""
        office.mailbox.select("INBOX")
        office.mailbox.close()
        office.mailbox.close()
        office.mailbox.interrupt()

    def test_close_is_quiet_when_never_opened(self, office: Office) -> None:
        """A mailbox that was never used is closed like any other."""
        office.mailbox.close()


@contextmanager
def meanwhile(act) -> Iterator[None]:
    """Do something in another thread while the body runs."""
    thread = Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join(AT_MOST)
    assert not thread.is_alive()
