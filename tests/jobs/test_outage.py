"""PostgreSQL goes away at the worst moment: a mail server has taken a letter, and nobody has written that down yet."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from maild.errors import MaildError, PassesByItself
from maild.ports import Answer
from tests.fakes_courier import MemoryCourier
from tests.servers.postgresql import PostgreSQL
from tests.town import Town, on_postgresql

GONE_FOR = 1.5


class Outage(MemoryCourier):
    """Takes a letter, and then the database stands still for a while, once."""

    def __init__(self, postgresql: PostgreSQL) -> None:
        super().__init__()
        self.postgresql = postgresql
        self.back: Timer | None = None

    def redeem(self, offer: Any) -> Answer:
        answer = super().redeem(offer)
        if self.back is None:
            self.postgresql.stop()
            self.back = Timer(GONE_FOR, self.postgresql.start)
            self.back.start()
        return answer


def test_an_answer_is_not_forgotten(postgresql: PostgreSQL, postgresql_url: str, tmp_path: Path, reader: Any) -> None:
    """The answer is held until it can be recorded: no letter goes out twice, also not in a quarter of an hour, and none is lost."""
    courier = Outage(postgresql)
    town = Town(directory=tmp_path, reader=reader, extra=on_postgresql(postgresql_url), courier=courier)
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.house.intake.run()
    town.house.casework.run()
    with suppress(PassesByItself):
        town.house.delivery.run()
    assert courier.back is not None
    courier.back.join()
    for _ in range(3):  # each connection that was broken is found out once
        with suppress(PassesByItself):
            town.run()
    town.pass_time(minutes=20)
    counted = Counter(parcel.recipient for parcel in courier.delivered)
    assert counted == {"kim@reporter.example": 1, "ana@pymalta.example": 1, "ben@pymalta.example": 1, "carla@pymalta.example": 1}
    town.stop()


class LockedOut(MemoryCourier):
    """Takes a letter, and then the database does not let maild in for a while, once: its password is being changed."""

    def __init__(self, change: Callable[[str], None]) -> None:
        super().__init__()
        self.change = change
        self.back: Timer | None = None

    def redeem(self, offer: Any) -> Answer:
        answer = super().redeem(offer)
        if self.back is None:
            self.change("another")
            self.back = Timer(GONE_FOR, self.change, ["first"])
            self.back.start()
        return answer


def test_an_answer_is_not_forgotten_by_who_is_locked_out(
    postgresql: PostgreSQL, postgresql_url: str, tmp_path: Path, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that refuses the login for a moment is away like any other: no letter goes out twice for it."""
    name = postgresql_url.rpartition("/")[2]
    monkeypatch.setenv("MAILD_TEST_DATABASE", "first")

    def change(password: str) -> None:
        postgresql.give(name, user="desk", password=password)

    change("first")
    extra = on_postgresql(postgresql.url(name, user="desk")) + 'password_env = "MAILD_TEST_DATABASE"\n'
    courier = LockedOut(change)
    town = Town(directory=tmp_path, reader=reader, extra=extra, courier=courier)
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.house.intake.run()
    town.house.casework.run()
    with suppress(MaildError):
        town.house.delivery.run()
    assert courier.back is not None
    courier.back.join()
    for _ in range(3):
        with suppress(MaildError):
            town.run()
    town.pass_time(minutes=20)
    counted = Counter(parcel.recipient for parcel in courier.delivered)
    assert counted == {"kim@reporter.example": 1, "ana@pymalta.example": 1, "ben@pymalta.example": 1, "carla@pymalta.example": 1}
    town.stop()
