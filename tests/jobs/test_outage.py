"""PostgreSQL goes away at the worst moment: a mail server has taken a letter, and nobody has written that down yet."""

from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from maild.errors import PassesByItself
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
