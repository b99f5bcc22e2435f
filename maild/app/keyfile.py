"""The key file: 32 random bytes that everything in the database is sealed with. Whoever loses it has lost the database."""

import base64
import os
from pathlib import Path

from maild.errors import KeyFileInvalid

KEY_BYTES = 32


def read_key(path: Path) -> bytes:
    """The key. Raises `KeyFileInvalid` where the file is missing, readable by others, or not a key of ours."""
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except FileNotFoundError as error:
        raise KeyFileInvalid(
            f"The key file {path} does not exist, and the database cannot be read without it: copy it from its backup, or from the other host."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileInvalid(
            f"The key file {path} cannot be read; it has to belong to the user that runs maild, with mode 0600."
        ) from error
    if mode & 0o077:
        raise KeyFileInvalid(f"The key file {path} can be read by others; run: chmod 600 {path}")
    return decoded(text, of=f"The key file {path}")


def decoded(text: str, *, of: str) -> bytes:
    """The key that is written so. Raises `KeyFileInvalid` with a sentence about that place."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise KeyFileInvalid(f"{of} is damaged; restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyFileInvalid(f"{of} does not hold a key of {KEY_BYTES} bytes; restore it from its backup.")
    return key


def make_key(path: Path) -> bytes:
    """Make a key file that only we can read: whole and durable before anything is sealed with it, or not there at all."""
    key = os.urandom(KEY_BYTES)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return key
