"""What maild promises its people, through all the stations at once: here are the edges that the stories of tests/scenarios do not have."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from maild.errors import Unreadable
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.reading import Reader
from maild.playbook.vocabulary import VERBS
from maild.store.erasure import erase
from tests.town import AUTHSERV, CONFIG, MAILBOX, MONDAY, Town, mail, read, words

HOUSE = Path(__file__).parent.parent.parent / "maild"
MAILS = sorted((Path(__file__).parent.parent / "mails").glob("*.eml"))
ANA, BEN, KIM, LEE = "ana@pymalta.example", "ben@pymalta.example", "kim@reporter.example", "lee@other.example"


def codes(town: Town) -> list[str]:
    """The code names of all cases, the oldest first."""
    with town.house.store.read() as work:
        return [stored.code for stored in work.tickets.load_many(sorted(work.tickets.all_ids()))]


def subjects(town: Town, address: str, *, of: str = "") -> list[str]:
    """The Subjects of what somebody got, of one case or of all, without the code name."""
    written = [read(parcel)["Subject"] for parcel in town.letters(address)]
    return [subject.partition("] ")[2] for subject in written if of in subject]


# ---- what comes in -------------------------------------------------------------------------------------------------------------------


def test_one_message_id_and_two_texts(town: Town) -> None:
    """The same mail twice is one; another text under the same Message-ID is a mail of its own, and says so to staff; neither is lost."""
    for text in ("Somebody shouted at me.", "Somebody shouted at me.", "Somebody shouted at me, and then pushed me."):
        town.mailbox.deliver(mail(KIM, text), received_at=town.clock.at)
        town.run()
    texts = [words(parcel) for parcel in town.letters(ANA)]
    assert len(texts) == 2
    assert "and then pushed me" in texts[1]
    assert [REUSED in text for text in texts] == [False, True]


def test_a_copied_message_id_on_a_thread(town: Town) -> None:
    """A follow-up that bears the Message-ID of a letter of ours is shown as such; one with an id of its own is not."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    (receipt,) = town.letters(KIM)
    followup = mail(KIM, "There is more.", number=2, answers=receipt)
    for raw in (followup, followup.replace(b"<mail-2@reporter.example>", f"<{receipt.message_id}>".encode())):
        town.mailbox.deliver(raw, received_at=town.clock.at)
        town.run()
    told = [words(parcel) for parcel in town.letters(ANA) if "wrote again" in read(parcel)["Subject"]]
    assert [REUSED in text for text in told] == [False, True]


REUSED = "an earlier mail had the same number (its Message-ID)"


class Choking(Reader):
    """A reader whose child dies of every mail that says so."""

    def read(self, raw: bytes) -> Message:
        if b"choke" in raw:
            raise Unreadable("The reader child died on a message.")
        return super().read(raw)


def test_a_mail_nobody_can_read(tmp_path: Path) -> None:
    """A mail that every attempt to read it dies of becomes a case from its headers, is acknowledged, and is kept to the last byte."""
    reader = Choking(Own(mailbox=MAILBOX, separator="===", authserv_id=AUTHSERV))
    town = Town(directory=tmp_path, reader=reader)
    raw = mail(KIM, "choke on this", subject="At the meetup")
    town.mailbox.deliver(raw, received_at=town.clock.at)
    town.write(LEE, "Something else.")
    try:
        for _ in range(4):
            town.pass_time(seconds=10)
        assert len(town.letters(KIM)) == len(town.letters(LEE)) == 1
        told = [words(parcel) for parcel in town.letters(ANA)]
        assert sorted("Subject: At the meetup" in text for text in told) == [False, True]
        (unread,) = [text for text in told if "Subject: At the meetup" in text]
        assert "Only the headers of this mail could be read." in unread
        assert "| (could not be read)" in unread
        with town.house.store.read() as work:
            kept = [message.inbox_id for ticket in work.tickets.all_ids() for message in work.messages.of_ticket(ticket)]
            assert raw in [work.inbox.raw(row) for row in kept if row is not None]
    finally:
        town.stop()
        reader.close()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_mail_of_any_shape_is_filed(town: Town, path: Path) -> None:
    """Whatever a mail is made of, it raises nothing: it is a case, or part of one, and its neighbour is answered."""
    town.mailbox.deliver(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), received_at=town.clock.at)
    town.write(KIM, "Something else.")
    town.run()
    with town.house.store.read() as work:
        assert work.inbox.quarantined() == []
        assert len(work.tickets.all_ids()) == 2
    assert len(town.letters(KIM)) == 1


@pytest.mark.parametrize(("older", "cases"), [("ignore", 0), ("import", 1)])
def test_older_mail_may_be_imported(older: str, cases: int, tmp_path: Path, reader: Reader) -> None:
    """With `older = "import"` mail from before the first start is a case without a letter and without a deadline; else it is none."""
    own = CONFIG.replace('username = "info"', f'username = "info"\nolder = "{older}"')
    town = Town(directory=tmp_path, reader=reader, config=own)
    town.mailbox.deliver(mail(KIM, "Last year."), received_at=MONDAY - timedelta(days=300))
    town.run()
    town.pass_time(days=6)
    assert (len(codes(town)), town.courier.delivered) == (cases, [])
    town.stop()


# ---- which case it belongs to --------------------------------------------------------------------------------------------------------


def two_cases(town: Town) -> None:
    """Kim's case and Lee's, in this order."""
    for who in (KIM, LEE):
        town.write(who, "Somebody shouted at me.")
        town.run()


def test_a_token_comes_before_everything_else(town: Town) -> None:
    """Where token, Message-ID and Subject of one mail lead to different cases the token decides; without it the Message-ID."""
    two_cases(town)
    kims, lees = (town.letters(who)[0] for who in (KIM, LEE))
    first, second = codes(town)
    town.write(KIM, "By token.", subject=read(lees)["Subject"], In_Reply_To="<mail-2@other.example>", References=f"<{kims.message_id}>")
    town.run()
    assert subjects(town, ANA, of=first)[-1] == "The reporter wrote again"
    town.write(LEE, "By Message-ID.", subject=read(kims)["Subject"], In_Reply_To="<mail-2@other.example>")
    town.run()
    assert subjects(town, ANA, of=second)[-1] == "The reporter wrote again"


def test_a_subject_leads_a_participant_only(town: Town) -> None:
    """The reference in a Subject is enough for the reporter of that case; from anybody else it makes a case of its own, acknowledged as any."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    subject = f"Re: {read(town.letters(KIM)[0])['Subject']}"
    town.write(KIM, "There is more.", subject=subject)
    town.run()
    assert (len(codes(town)), len(town.letters(KIM))) == (1, 1)
    town.write(LEE, "I read this on a screen.", subject=subject)
    town.run()
    assert subjects(town, ANA, of=codes(town)[1]) == ["New report"]
    assert read(town.letters(LEE)[0])["Subject"] != read(town.letters(KIM)[0])["Subject"]


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:-1], lambda token: f"a{token[1:]}", lambda token: f"{token}a"])
def test_a_damaged_token_is_none(change: Callable[[str], str], town: Town) -> None:
    """A token whose capitals a mail host changed is still ours; one that is cut, made up or too long leads nowhere."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    token, _, domain = town.letters(KIM)[0].message_id.partition("@")
    town.write(LEE, "What is this?", In_Reply_To=f"<{change(token)}@{domain}>")
    town.run()
    assert len(codes(town)) == (1 if change(token).lower() == token else 2)


def test_a_reply_to_a_merged_case_goes_to_its_survivor(town: Town) -> None:
    """Whoever answers a case that went into another writes to that other one."""
    two_cases(town)
    _, second = codes(town)
    with town.house.store.begin() as work:
        merged, survivor = sorted(work.tickets.all_ids())
        work.tickets.merge(merged, into=survivor)
    town.write(KIM, "There is more.", answers=town.letters(KIM)[0])
    town.run()
    assert subjects(town, ANA, of=second)[1:] == ["Somebody else wrote"]
    assert len(codes(town)) == 2


@pytest.mark.parametrize("thread", [True, False])
def test_a_reply_to_an_erased_case_is_a_new_one(thread: bool, town: Town) -> None:
    """By its thread or by the reference in its Subject: the erased case is not found, and no letter names it."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    receipt = town.letters(KIM)[0]
    (old,) = codes(town)
    with town.house.store.begin() as work:
        (row,) = work.tickets.all_ids()
        erase(work, row, now=town.clock.at)
    before = len(town.courier.delivered)
    town.clock.move_on(timedelta(days=400))
    town.write(KIM, "It happened again.", answers=receipt if thread else None, subject=f"Re: {read(receipt)['Subject']}")
    town.run()
    later = town.courier.delivered[before:]
    assert Counter(parcel.recipient for parcel in later)[KIM] == 1
    assert subjects(town, ANA)[-1] == "New report"
    assert not [parcel for parcel in later if old.encode() in parcel.raw]


# ---- loops and floods ----------------------------------------------------------------------------------------------------------------


def test_our_own_letter_comes_back(tmp_path: Path) -> None:
    """A letter of ours that a redirect sends back, with headers on top and another Message-ID, is counted and answered by nobody."""
    town = Town(directory=tmp_path)
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    before = len(town.courier.delivered)
    for parcel in town.courier.delivered[:]:
        raw = re.sub(rb"Message-ID: <[^>]+>", b"Message-ID: <rewritten@relay.example>", parcel.raw)
        town.mailbox.deliver(b"Received: from relay.example by mx.pymalta.example\r\n" + raw, received_at=town.clock.at)
    town.run()
    assert (len(codes(town)), len(town.courier.delivered)) == (1, before)
    with town.house.store.read() as work:
        assert [line.facts["verb"] for line in work.journal.lines()].count("loop") == before
    town.stop()


def test_one_sender_is_acknowledged_within_a_budget(town: Town) -> None:
    """Twelve reports of one sender at once are twelve cases: three acknowledgements a day, five a week, and every case gets its own in the end."""
    for number in range(12):
        town.write(KIM, f"Report number {number}.")
    town.run()
    sent = [1]
    for _ in range(4 * 21):
        town.pass_time(hours=6)
        sent.append(len([parcel for parcel in town.letters(KIM) if words(parcel).startswith("Thank you for writing")]))
    assert len(codes(town)) == 12
    assert max(later - now for now, later in zip(sent, sent[3:], strict=False)) <= 3
    assert max(later - now for now, later in zip(sent, sent[27:], strict=False)) <= 5
    with town.house.store.read() as work:
        assert all(stored.columns.acknowledged_at for stored in work.tickets.load_many(work.tickets.all_ids()))


def test_the_fuse(found: Callable[..., Town]) -> None:
    """Above the fuse sending pauses and people are told by an alarm; when the hour is over everything goes, once."""
    town = found("[limits]\nmails_per_hour = 10\n")
    for number in range(6):
        town.write(f"kim{number}@reporter.example", f"Report number {number}.")
    town.run()
    assert len(town.courier.delivered) == 10
    with town.house.store.read() as work:
        assert "fuse" in [alarm.kind for alarm in work.alarms.standing()]
    for _ in range(8):
        town.pass_time(minutes=31)
    sent = Counter((parcel.recipient, parcel.message_id) for parcel in town.courier.delivered)
    assert set(sent.values()) == {1}
    assert [len(town.letters(f"kim{number}@reporter.example")) for number in range(6)] == [1] * 6
    assert subjects(town, ANA).count("New report") == 6


# ---- commands ------------------------------------------------------------------------------------------------------------------------


def test_a_command_mail_delivered_twice(town: Town) -> None:
    """The same command mail in another folder, or again under another Message-ID, sends the reporter nothing a second time."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    notice = town.letters(ANA)[0]
    town.order("ana", "[reply]\nThank you for telling us.", answers=notice)
    assert len(town.letters(KIM)) == 2
    told = words(town.order("ana", "[reply]\nThank you for telling us.", answers=notice))
    assert len(town.letters(KIM)) == 2
    assert "Sent to the reporter: no" in told


def test_nothing_that_erases_can_be_said_by_mail() -> None:
    """No verb erases, no effect of the playbook does, and whoever carries decisions out does not know the way to."""
    assert not [name for name in VERBS if re.search("eras|delet|purge|destroy|forget|redact", name)]
    for place in ("playbook", "jobs", "clerk.py"):
        for path in [HOUSE / place] if place.endswith(".py") else (HOUSE / place).rglob("*.py"):
            assert "erasure" not in path.read_text()


def test_somebody_who_left_commands_nothing(town: Town) -> None:
    """Who is not active any more is answered nothing and changes nothing, with a token and a proof from before; the team sees the mail."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    notice = town.letters(BEN)[0]
    town.stop()
    path = town.directory / "config.toml"
    path.write_text(path.read_text().replace('address = "ben@pymalta.example"', 'address = "ben@pymalta.example"\nactive = false'))
    town.start()
    proof = f"{AUTHSERV}; dmarc=pass header.from=pymalta.example"
    town.write(BEN, "[take]\n[reply]\nGo away.", answers=notice, proof=proof)
    town.run()
    assert (len(town.letters(BEN)), len(town.letters(KIM))) == (1, 1)
    assert subjects(town, ANA)[-1] == "Somebody else wrote"
    assert "Lead: nobody" in words(town.order("carla", "[status]"))


def test_quotes_are_hidden_and_nothing_is_lost(town: Town) -> None:
    """A notice shows what is new; the case and the inbox keep the whole mail, signature and quote included, to the byte."""
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    receipt = town.letters(KIM)[0]
    quoted = "".join(f"> {line}\n" for line in words(receipt).splitlines())
    text = f"It was on Sunday.\n\nOn Mon, 23 Nov 2026, PyMalta <info@pymalta.example> wrote:\n{quoted}\n-- \nKim, sent from a train"
    town.write(KIM, text, answers=receipt)
    town.run()
    told = words(town.letters(ANA)[-1])
    assert "It was on Sunday." in told
    assert not [hidden for hidden in ("Thank you for writing", "from a train") if hidden in told]
    with town.house.store.read() as work:
        followup = work.messages.of_ticket(work.tickets.all_ids()[0])[-1]
        assert followup.inbox_id is not None
        assert work.inbox.raw(followup.inbox_id) == mail(KIM, text, number=2, answers=receipt, at=town.clock.at)
    assert "from a train" in str(followup.facts["text"])


# ---- clocks --------------------------------------------------------------------------------------------------------------------------


def test_deadlines_count_from_the_servers_receipt(town: Town) -> None:
    """Neither the Date header nor the moment at which maild came to look moves a deadline."""
    town.run()
    raw = mail(KIM, "Somebody shouted at me.", at=MONDAY - timedelta(days=2000))
    town.mailbox.deliver(raw, received_at=MONDAY)
    town.clock.move_on(timedelta(hours=50))
    town.run()
    text = words(town.letters(ANA)[0])
    assert "Received: Monday 23 November 2026, 09:00" in text
    assert "Answer the reporter by: Monday 30 November 2026, 09:00" in text


def test_ladders_survive_restarts(tmp_path: Path, reader: Reader) -> None:
    """Stopped and started again before every look, maild climbs each step of the week once, as if it had never been stopped."""
    climbed = []
    for stops in (False, True):
        directory = tmp_path / str(stops)
        directory.mkdir()
        town = Town(directory=directory, reader=reader)
        town.write(KIM, "Somebody shouted at me.")
        town.run()
        for _ in range(29):
            if stops:
                town.stop()
                town.start()
            town.pass_time(hours=6)
        climbed.append(sorted((parcel.recipient, read(parcel)["Subject"].partition("] ")[2]) for parcel in town.courier.delivered))
        town.stop()
    assert climbed[0] == climbed[1]
    assert climbed[0].count(("dora@pymalta.example", "Deadline missed")) == 1
