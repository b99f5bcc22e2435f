"""What `maild init` puts on the disk: configuration, password, key, database; each whole or not at all, and nothing of yours is overwritten."""

import os
import pwd
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from maild.app.house import House
from maild.config import Config, load_config
from maild.config.draft import CLIENT_SECRET_FILE, PASSWORD_FILE
from maild.errors import ConfigInvalid

ZONES = "/zoneinfo/"
"""What stands before the name of a time zone in the link /etc/localtime (localtime(5))."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs maild, where root sets it up."""

    uid: int
    gid: int


def account_of(name: str) -> Account | None:
    """The account that files are made for: None where they stay ours, because we are not root or there is no such account."""
    if os.geteuid():
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def zone_of_this_machine(link: Path = Path("/etc/localtime")) -> str:
    """The name of the time zone that this machine is set to; empty where it has none that people live by."""
    try:
        name = os.readlink(link).partition(ZONES)[2]
    except OSError:
        return ""
    return "" if name.partition("/")[0] in ("Etc", "UTC", "UCT", "Universal", "Zulu") else name


def complaints(text: str) -> tuple[str, ...]:
    """Every sentence that maild would have for this configuration, were it installed with its secret; none where it is good."""
    with tempfile.TemporaryDirectory(prefix="maild-init-") as directory:
        for secret in (PASSWORD_FILE, CLIENT_SECRET_FILE):
            (Path(directory) / secret).touch(mode=0o600)
        path = Path(directory) / "config.toml"
        path.write_bytes(_encoded(text))
        try:
            load_config(path)
        except ConfigInvalid as error:
            return error.problems
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where things lie now; `kept` is what was there before, by its new names."""

    secret: Path | None
    key: Path
    kept: tuple[Path, ...]


def establish(text: str, *, config: Path, secret: tuple[str, str] | None, account: Account | None) -> Placed:
    """Write the secret, if there is one (its file's name, and itself), and the configuration, and make what the first start would:
    key and database, unless they are there.

    The secret is first and the configuration next: whoever finds a configuration finds it complete. No signal comes between.
    Raises `OSError` where the directory is no place for them, and `OperatorMustAct` where key and database do not fit.
    """
    config = config.absolute()
    config.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    place = config.parent / secret[0] if secret else None
    kept: list[Path] = []
    with _undisturbed():
        if place and secret:
            kept += _put(place, f"{secret[1]}\n", mode=0o600, owner=account)
        readers = Account(os.geteuid(), account.gid) if account else None
        kept += _put(config, text, mode=0o640 if account else 0o600, owner=readers)
        key = _prepare(load_config(config), account=account)
    return Placed(secret=place, key=key, kept=tuple(kept))


def _encoded(text: str) -> bytes:
    """Bytes that were typed and are no UTF-8 come through as they are: reading them has a sentence for that."""
    return text.encode("utf-8", "surrogateescape")


def _prepare(config: Config, *, account: Account | None) -> Path:
    """Key and database as the first start makes them, where there are none; what is new belongs to the account. The key file."""
    state, key = config.run.state_directory, config.database.key_file
    before = {state, *state.iterdir()} if state.exists() else set()
    with closing(House(config=config)) as house:
        house.prepare()
    if account:
        for path in {state, *state.iterdir()} - before:
            os.chown(path, account.uid, account.gid)
    return key


def _put(path: Path, text: str, *, mode: int, owner: Account | None) -> list[Path]:
    """A file, whole and durable; what was there with other contents is kept beside it, by the name that is answered."""
    content = _encoded(text)
    earlier = [] if not path.exists() or path.read_bytes() == content else [_kept(path)]
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if owner:
                os.fchown(handle, owner.uid, owner.gid)
            os.fchmod(handle, mode)
            os.fsync(handle)
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    return earlier


def _kept(path: Path) -> Path:
    """A second name for a file, which stays when the first goes to another."""
    names = (path.with_name(f"{path.name}.bak{number if number > 1 else ''}") for number in count(1))
    other = next(name for name in names if not name.exists())
    os.link(path, other)
    return other


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
