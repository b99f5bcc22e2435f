"""Configurations as files of their own, with the passwords and keys that they name beside them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import Config, load_config

SECRETS = {"imap.password": 0o600, "open.password": 0o644, "open.key": 0o640, "open/maild.key": 0o644}


@pytest.fixture(scope="session")
def good() -> str:
    """The smallest sensible configuration, and the one that the bad ones are made of."""
    return (Path(__file__).parent / "good.toml").read_text()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A directory as an operator's, with files of passwords and keys in it, some of them open to everybody."""
    for name, mode in SECRETS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("correct horse\n")
        path.chmod(mode)
    return tmp_path


@pytest.fixture
def read(desk: Path) -> Callable[..., Config]:
    """Read a text as config.toml of the desk, in an environment of one's own."""

    def read_text(text: str | bytes, **environ: str) -> Config:
        path = desk / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(path, environ=environ)

    return read_text
