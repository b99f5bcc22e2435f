"""A town for every test, and one reader child for all of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maild.mail.reading import Reader
from tests.town import Town, on_postgresql, reader_child


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """One real reader child."""
    reader = reader_child()
    yield reader
    reader.close()


@pytest.fixture
def found(tmp_path: Path, reader: Reader) -> Iterator[Callable[..., Town]]:
    """Founds towns, with configuration of their own; all are closed after the test."""
    towns: list[Town] = []

    def found(extra: str = "") -> Town:
        towns.append(Town(directory=tmp_path, reader=reader, extra=extra))
        return towns[-1]

    yield found
    for town in towns:
        town.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, found: Callable[..., Town]) -> Town:
    """A town as shipped, on each back end."""
    return found("" if request.param == "sqlite" else on_postgresql(request.getfixturevalue("postgresql_url")))
