"""Files and directories that the configuration names."""

import shlex
import stat
from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from maild.config.kinds import optional_text, refused
from maild.config.surroundings import surroundings

OTHERS = 0o077
"""The permission bits of group and world: none of them on a file that holds a password or a key."""


def exposure(path: Path, *, mode: int) -> str | None:
    """What is wrong with the permissions of a file that holds a secret, with the command that cures it."""
    if mode & OTHERS:
        return f"{path} can be read by other users (run: chmod 600 {shlex.quote(str(path))})"
    return None


def _mode(path: Path) -> int | None:
    """The file's type and permissions; 0 where nothing is there, None where this process may not look (the reader will see)."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError:
        return None


def place(value: object, reading: ValidationInfo) -> Path | None:
    """A path; a relative one starts at the directory of the configuration file. An empty text means none."""
    text = optional_text(value)
    return surroundings(reading.context).directory / text if text else None


def some_place(value: object, reading: ValidationInfo) -> Path:
    """A path that cannot be left empty."""
    path = place(value, reading)
    if path is None:
        raise refused("must not be empty (leave the key out for its default)")
    return path


def existing_file(value: object, reading: ValidationInfo) -> Path | None:
    """A file that is there."""
    path = place(value, reading)
    mode = None if path is None else _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        raise refused("there is no such file (a relative path starts beside this configuration)")
    return path


def existing_directory(value: object, reading: ValidationInfo) -> Path | None:
    """A directory that is there."""
    path = place(value, reading)
    mode = None if path is None else _mode(path)
    if mode is not None and not stat.S_ISDIR(mode):
        raise refused("there is no such directory (a relative path starts beside this configuration)")
    return path


def secret_file(value: object, reading: ValidationInfo) -> Path | None:
    """A file that is there and that nobody else can read."""
    path = existing_file(value, reading)
    return path if path is None else _unexposed(path)


def key_file(value: object, reading: ValidationInfo) -> Path:
    """A file that nobody else can read, once it is there: the first start makes it."""
    return _unexposed(some_place(value, reading))


def _unexposed(path: Path) -> Path:
    complaint = exposure(path, mode=_mode(path) or 0)
    if complaint:
        raise refused(complaint)
    return path


Place = Annotated[Path, PlainValidator(some_place)]
ExistingFile = Annotated[Path | None, PlainValidator(existing_file)]
ExistingDirectory = Annotated[Path | None, PlainValidator(existing_directory)]
SecretFile = Annotated[Path | None, PlainValidator(secret_file)]
KeyFile = Annotated[Path, PlainValidator(key_file)]
