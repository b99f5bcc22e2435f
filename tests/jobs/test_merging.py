"""Acknowledgements to one person that the budgets hold: one letter instead of several, in time, and each case knows of it."""

from datetime import timedelta

import pytest

from maild.clerk import ticket_of
from maild.jobs.delivery import AT_ONCE
from maild.playbook.deadlines import Duty
from maild.playbook.ticket import Ticket
from maild.ports import Parcel
from maild.store import letters
from maild.store.letters import State
from tests.town import AUTHSERV, Town, read, words

KIM = "kim@reporter.example"

BOUNCE = """
--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reporter.example

Final-Recipient: rfc822; kim@reporter.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <{}>
--b--
"""


def five_reports(town: Town) -> None:
    """Kim writes five times in five minutes: three acknowledgements in a day fit the budget, two have to wait for twenty hours."""
    for number in range(5):
        town.write(KIM, f"It happened again: {number}.", proof=f"{AUTHSERV}; dmarc=pass header.from=reporter.example")
        town.run()
        town.clock.move_on(timedelta(minutes=1))
    for _ in range(3):
        town.pass_time(hours=1)
    assert len(town.letters(KIM)) == 3


def cases(town: Town) -> list[Ticket]:
    """All cases, the oldest first."""
    with town.house.store.read() as work:
        return sorted(map(ticket_of, work.tickets.load_many(work.tickets.all_ids())), key=lambda ticket: ticket.received_at)


def merged(town: Town) -> Parcel:
    """The letter that answers the last two of the five."""
    five_reports(town)
    town.pass_time(hours=17)
    assert len(town.letters(KIM)) == 4
    return town.letters(KIM)[-1]


def test_what_waited_is_answered_in_one_letter(town: Town) -> None:
    """Twenty hours after the first of those that wait, one letter names both; then the day's clocks of both cases stop."""
    letter = merged(town)
    told, names = words(letter), [ticket.reference for ticket in cases(town)]
    assert [name for name in names if name in told] == names[3:]
    assert all(ticket.acknowledged_at and not ticket.running(Duty.ACKNOWLEDGE) for ticket in cases(town))
    assert all(ticket.acknowledged_at - ticket.received_at < timedelta(hours=24) for ticket in cases(town) if ticket.acknowledged_at)
    for _ in range(8):
        town.pass_time(hours=1)
    assert [read(parcel)["Subject"] for parcel in town.letters(KIM)].count(read(letter)["Subject"]) == 1


def test_an_answer_to_it_belongs_to_one_of_its_cases(town: Town) -> None:
    """What the reporter answers opens no new case."""
    letter = merged(town)
    town.write(KIM, "And there is a log of the second one.", answers=letter)
    town.run()
    assert len(cases(town)) == 5
    assert "there is a log" in words(town.letters("ana@pymalta.example")[-1])


def test_what_is_asked_in_answer_to_it_holds_for_all_that_it_names(town: Town) -> None:
    """Nothing more is sent to the reporter about either report; each team reads what is asked, and the other reports are left alone."""
    letter = merged(town)
    before = len(town.letters("ana@pymalta.example"))
    town.write(KIM, "[no-contact]\nPlease leave me alone.", answers=letter)
    town.run()
    assert [ticket.no_contact for ticket in cases(town)] == [False, False, False, True, True]
    told = [read(parcel)["Subject"] + words(parcel) for parcel in town.letters("ana@pymalta.example")[before:]]
    assert [any(ticket.code in one and "asks for no contact" in one for one in told) for ticket in cases(town)] == [
        *[False] * 3,
        True,
        True,
    ]
    assert sum("Please leave me alone." in one for one in told) == 1


def test_its_bounce_undoes_each_acknowledgement(town: Town) -> None:
    """Where the one letter comes back, both cases owe their acknowledgement again and staff hear of both; the others are left alone."""
    letter = merged(town)
    report = BOUNCE.format(letter.message_id)
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    town.write("mailer-daemon@reporter.example", report, subject="Undelivered", MIME_Version="1.0", Content_Type=kind)
    before = len(town.letters("ana@pymalta.example"))
    town.run()
    assert [ticket.acknowledged_at is None for ticket in cases(town)] == [False, False, False, True, True]
    assert [ticket.running(Duty.ACKNOWLEDGE) for ticket in cases(town)] == [False, False, False, True, True]
    subjects = [read(parcel)["Subject"] for parcel in town.letters("ana@pymalta.example")[before:]]
    assert [ticket.code in " ".join(subjects) for ticket in cases(town)] == [False, False, False, True, True]


def test_more_than_one_letter_takes_in_are_several_letters(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes in somebody's name a thousand times has them sent a few letters at once, and not hundreds."""
    for number in range(13):
        town.write(KIM, f"It happened again: {number}.", proof=f"{AUTHSERV}; dmarc=pass header.from=reporter.example")
    town.run()
    assert len(town.letters(KIM)) == 1
    monkeypatch.setattr(letters, "_RECEIPTS_WAITING", letters._RECEIPTS_WAITING.limit(4))
    town.pass_time(hours=20)
    assert len(town.letters(KIM)) == 4
    assert all(ticket.acknowledged_at for ticket in cases(town))


def test_what_cannot_be_merged_goes_one_by_one(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the merging costs nobody an acknowledgement."""
    five_reports(town)

    def broken(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("maild.jobs.merging.merged", broken)
    town.pass_time(hours=17)
    assert len(town.letters(KIM)) == 5


def test_letters_that_move_on_meanwhile_are_left_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another daemon sends one of them between the look and the commit: nothing is merged, and nothing is sent twice."""
    five_reports(town)
    town.clock.move_on(timedelta(hours=17))
    store, prepare = town.house.store, town.house.clerk.prepare
    taken: list[int] = []

    def slow(*effects: object, **now: object) -> object:
        with store.begin() as work:
            taken.extend(letter.id for letter in work.outbox.claim(town.clock(), limit=1, receipts_allowed=0))
        return prepare(*effects, **now)  # type: ignore[arg-type]

    merging = town.house.delivery.merge
    with monkeypatch.context() as patched:
        patched.setattr(type(town.house.clerk), "prepare", lambda _, *effects, **now: slow(*effects, **now))
        merging()
    assert len(taken) == 1
    with store.read() as work:
        states = [letter.state for ticket in cases(town) for letter in work.outbox.of_ticket(ticket.id) if letter.letter == "receipt"]
    assert states == [State.SENT] * 3 + [State.SENDING, State.PENDING]
    town.run()
    assert len(town.letters(KIM)) == 4


def test_the_acknowledgement_is_the_first_letter_out(town: Town) -> None:
    """Whatever else waits: the reporter first, then those who have to work on it."""
    town.write("sam@other.example", "Somebody pushed me.")
    town.house.intake.run()
    town.house.casework.run()
    town.write(KIM, "Somebody shouted at me.")
    town.run()
    assert [parcel.recipient for parcel in town.courier.delivered[:3]] == ["sam@other.example", KIM, "ana@pymalta.example"]


def test_an_acknowledgement_overtakes_a_batch_under_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that comes while many notices are being sent is acknowledged after the one that is under way, not after all of them."""
    for number in range(9):
        town.write(f"n{number}@other.example", "Somebody pushed me.")
    town.house.intake.run()
    town.house.casework.run()
    offer = town.courier.offer

    def late(parcel: Parcel) -> object:
        if len(town.courier.delivered) == 12:
            monkeypatch.setattr(town.courier, "offer", offer)
            town.write(KIM, "Somebody shouted at me.")
            town.house.intake.run()
            town.house.casework.run()
        return offer(parcel)

    monkeypatch.setattr(town.courier, "offer", late)
    town.run()
    sent = [parcel.recipient for parcel in town.courier.delivered]
    assert sent.index(KIM) == 13
    assert 13 < len(sent) < AT_ONCE
    assert len(sent) == len({(parcel.recipient, parcel.message_id) for parcel in town.courier.delivered})
