"""Receipts that leave one after the other: the answer to one and the dot of the next share a commit, and nothing is lost by it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from maild.errors import CourierAway
from maild.ports import Answer, Offer, Parcel
from maild.store import Letter
from tests.fakes_courier import MemoryCourier
from tests.town import Town, on_postgresql

CROWD = 4
SECOND = "kim1@reporter.example"


class Killed(BaseException):
    """The end of the process, as far as anything in it can tell."""


class Interrupted(MemoryCourier):
    """Does something when the second letter of the crowd is offered, once."""

    def __init__(self, at_second: Callable[[], None]) -> None:
        super().__init__()
        self.at_second: Callable[[], None] | None = at_second

    def offer(self, parcel: Parcel) -> Offer | Answer:
        if parcel.recipient == SECOND and self.at_second is not None:
            then, self.at_second = self.at_second, None
            then()
        return super().offer(parcel)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each back end."""
    return "" if request.param == "sqlite" else on_postgresql(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def crowded(tmp_path: Path, reader: Any, database: str) -> Iterator[Callable[[MemoryCourier], Town]]:
    """A town in which a crowd of receipts waits to be sent."""
    towns: list[Town] = []

    def crowded(courier: MemoryCourier) -> Town:
        towns.append(Town(directory=tmp_path, reader=reader, courier=courier, extra=database))
        for number in range(CROWD):
            towns[0].write(f"kim{number}@reporter.example", f"This is report number {number}.")
        towns[0].house.intake.run()
        towns[0].house.casework.run()
        return towns[0]

    yield crowded
    for town in towns:
        town.stop()


def receipts(town: Town) -> list[Letter]:
    with town.house.store.read() as work:
        letters = [letter for ticket_id in work.tickets.all_ids() for letter in work.outbox.of_ticket(ticket_id)]
    return [letter for letter in letters if letter.letter == "receipt"]


def arrived(town: Town) -> Counter[str]:
    return Counter(parcel.recipient for parcel in town.courier.delivered if parcel.recipient.startswith("kim"))


def once_each() -> Counter[str]:
    return Counter(f"kim{number}@reporter.example" for number in range(CROWD))


def test_a_crowd_costs_one_commit_a_letter(crowded: Callable[[MemoryCourier], Town]) -> None:
    """The first letter's dot, then a commit for each answer; and the dot of each is on disk before its DATA."""
    town = crowded(MemoryCourier())
    commits: list[str] = []
    event.listen(town.house.store._writer, "commit", lambda connection: commits.append("commit"))
    redeem = town.courier.redeem

    def seen(offer: Any) -> Answer:
        if offer.parcel.recipient.startswith("kim"):
            with town.house.store.begin() as work:
                sending = work.connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE state = 'SENDING' AND phase = 'dot'").scalar()
            assert sending == 1
            commits[-1:] = ["DATA"]
        return redeem(offer)

    town.courier.redeem = seen  # type: ignore[method-assign]
    town.house.delivery.run()
    first = commits.index("DATA")
    assert commits[first - 1 : first + 2 * CROWD - 1] == ["commit", *["DATA", "commit"] * (CROWD - 1), "DATA"]
    assert arrived(town) == once_each()


def test_a_server_that_goes_away_in_between(crowded: Callable[[MemoryCourier], Town]) -> None:
    """The next letter was not even offered: it is due at once, without an attempt counted, and goes out once."""

    def away() -> None:
        raise CourierAway("The server went away.")

    town = crowded(Interrupted(away))
    with suppress(CourierAway):
        town.house.delivery.run()
    assert sorted((letter.state.value, letter.attempts) for letter in receipts(town)) == [("PENDING", 0)] * (CROWD - 1) + [("SENT", 1)]
    town.run()
    assert arrived(town) == once_each()


def test_a_stop_in_between(crowded: Callable[[MemoryCourier], Town]) -> None:
    """Whoever stops maild leaves nothing uncertain behind."""
    town = crowded(MemoryCourier())
    redeem = town.courier.redeem

    def stopping(offer: Any) -> Answer:
        town.house.stop.set()
        return redeem(offer)

    town.courier.redeem = stopping  # type: ignore[method-assign]
    town.house.delivery.run()
    assert sorted((letter.state.value, letter.attempts) for letter in receipts(town)) == [("PENDING", 0)] * (CROWD - 1) + [("SENT", 1)]


def test_a_death_in_between(crowded: Callable[[MemoryCourier], Town]) -> None:
    """One letter waits for a quarter of an hour, because nobody knows; none is lost, and none goes out twice."""

    def killed() -> None:
        raise Killed

    town = crowded(Interrupted(killed))
    with suppress(Killed):
        town.house.delivery.run()
    town.stop()
    town.courier.hang_up()
    town.start()
    town.run()
    assert arrived(town) == once_each() - Counter([SECOND])
    town.pass_time(minutes=20)
    assert arrived(town) == once_each()
