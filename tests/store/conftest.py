"""A database for each test, on both back ends: a copy of one whose tables were made once."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from maild.store import Store, open_store
from maild.store.upgrade import upgrade
from tests.store.world import KEY, sources


@pytest.fixture(scope="session")
def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with every table and no row."""
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def blank_database(postgresql) -> str:
    """A PostgreSQL database with every table and no row."""
    name = postgresql.create()
    upgrade(postgresql.url(name))
    return name


@pytest.fixture
def sqlite_url(blank_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "maild.db"
    shutil.copyfile(blank_file, path)
    os.chmod(path, 0o600)
    return f"sqlite:///{path}"


@pytest.fixture
def shared_url(postgresql, blank_database: str) -> Iterator[str]:
    """PostgreSQL, which several daemons may share."""
    name = postgresql.create(template=blank_database)
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database with every table and no row, on each back end."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "shared_url")


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    """Opens stores, and closes them when the test is over."""
    with ExitStack() as stack:

        def open_one(url: str, *, key: bytes = KEY) -> Store:
            store = open_store(url, key=key, sources=sources())
            stack.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def store(url: str, opened: Callable[[str], Store]) -> Store:
    """A store on each back end."""
    return opened(url)
