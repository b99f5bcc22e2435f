"""A whole maild in this process: the real house on a database file, with the two networks played by fakes and a clock by hand.

The jobs run when the test says so and in this thread, so a test can stop between any two of them.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from maild.app import House
from maild.config import load_config
from maild.errors import CourierAway
from maild.mail.identity import Own
from maild.mail.reading import Reader
from maild.ports import Parcel
from tests.fakes_courier import MemoryCourier
from tests.fakes_mailbox import MemoryMailbox

MAILBOX = "info@pymalta.example"
AUTHSERV = "mx.pymalta.example"
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

CONFIG = f"""\
[organisation]
name = "PyMalta"
mailbox = "{MAILBOX}"
[fallback]
name = "Felix Fenech"
address = "felix@elsewhere.example"
[[staff]]
handle = "ana"
name = "Ana Borg"
address = "ana@pymalta.example"
[[staff]]
handle = "ben"
name = "Ben Vella"
address = "ben@pymalta.example"
[[staff]]
handle = "carla"
name = "Carla Grech"
address = "carla@pymalta.example"
[[board]]
handle = "dora"
name = "Dora Camilleri"
address = "dora@pymalta.example"
[imap]
host = "127.0.0.1"
tls = "none"
username = "info"
password_env = "MAILD_TEST_PASSWORD"
[smtp]
host = "127.0.0.1"
tls = "none"
[authentication]
authserv_id = "{AUTHSERV}"
"""


def after(word: str) -> str:
    """The configuration of a town that flags or moves what it has taken in."""
    return CONFIG.replace("[smtp]", f'after = "{word}"\n[smtp]')


def on_postgresql(url: str) -> str:
    """The configuration of a town whose rows are in this PostgreSQL."""
    return f'[database]\nurl = "{url}"\n'


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move_on(self, span: timedelta) -> None:
        """Let time pass."""
        self.at += span


@dataclass(slots=True, kw_only=True)
class Town:
    """One maild with everybody around it."""

    directory: Path
    reader: Reader | None = None
    config: str = CONFIG
    extra: str = ""
    seed: Callable[[], bytes] | None = None
    """In place of randomness, where names and tokens are to be the same each time."""
    clock: HandClock = field(default_factory=HandClock)
    mailbox: MemoryMailbox = field(default_factory=MemoryMailbox)
    courier: MemoryCourier = field(default_factory=MemoryCourier)
    house: House = field(init=False)
    _written: int = 0

    def __post_init__(self) -> None:
        path = self.directory / "config.toml"
        if not path.exists():
            (self.directory / "state").mkdir(mode=0o700)
            path.write_text(self.config + f'[run]\nstate_directory = "state"\nruntime_directory = "run"\n{self.extra}')
        self.start()

    def start(self) -> None:
        """Start maild, as after a stop or a crash."""
        self.house = House(config=load_config(self.directory / "config.toml"), clock=self.clock)  # type: ignore[arg-type]
        self.house.__dict__["mailbox"] = self.mailbox
        self.house.__dict__["courier"] = self.courier
        if self.reader is not None:
            self.house.__dict__["reader"] = self.reader
        self.house.prepare()
        if self.seed is not None:
            for name in ("intake", "casework", "reminders", "digest", "watch"):
                self.house.__dict__[name] = replace(getattr(self.house, name), seed=self.seed)
            self.house.__dict__["delivery"] = replace(self.house.delivery, chance=lambda: 0.5)
        self.house.sync_people()
        self.house.digest.begin()
        self.house.delivery.recover()

    def stop(self) -> None:
        """Let go of the database; the fakes and a borrowed reader live on."""
        for name in ("mailbox", "courier", *(["reader"] if self.reader is not None else [])):
            self.house.__dict__.pop(name, None)
        self.house.close()

    def run(self) -> None:
        """Let every job work until nothing is left to do at this moment."""
        jobs: tuple[Callable[[], object], ...] = (self.house.intake.run, self.house.casework.run, self.house.reminders.run, self._deliver)
        busy = True
        while busy:
            done = [bool(job()) for job in jobs]
            busy = any(done)

    def _deliver(self) -> bool:
        before = len(self.courier.delivered)
        try:
            while self.house.delivery.run():
                pass
        except CourierAway:
            return False
        return len(self.courier.delivered) != before

    def pass_time(self, **span: float) -> None:
        """Let time pass, then let maild work."""
        self.clock.move_on(timedelta(**span))
        self.house.digest.run()
        self.house.watch.run()
        self.run()

    def write(self, sender: str, text: str, *, answers: Parcel | None = None, subject: str = "", proof: str = "", **headers: str) -> None:
        """Somebody writes to the mailbox. `answers` is the letter of ours it answers; `proof` an Authentication-Results value."""
        self._written += 1
        self.mailbox.deliver(
            mail(sender, text, number=self._written, answers=answers, subject=subject, proof=proof, at=self.clock.at, **headers),
            received_at=self.clock.at,
        )

    def order(self, handle: str, text: str, *, answers: Parcel | None = None) -> Parcel:
        """A member of staff answers their latest letter, or the one given, from a proven address; the answer to them comes back."""
        address = f"{handle}@pymalta.example"
        proof = f"{AUTHSERV}; dmarc=pass header.from=pymalta.example"
        self.write(address, text, answers=answers or self.letters(address)[-1], proof=proof)
        before = len(self.courier.delivered)
        self.run()
        return next(parcel for parcel in self.courier.delivered[before:] if parcel.recipient == address)

    def letters(self, address: str) -> list[Parcel]:
        """What was delivered to somebody, in order."""
        return [parcel for parcel in self.courier.delivered if parcel.recipient == address]


def reader_child() -> Reader:
    """A real reader of this town's mail; it is for whoever asks to close it."""
    return Reader(Own(mailbox=MAILBOX, separator="=== please write above this line ===", authserv_id=AUTHSERV))


def mail(
    sender: str,
    text: str,
    *,
    number: int = 1,
    answers: Parcel | None = None,
    subject: str = "",
    proof: str = "",
    at: datetime = MONDAY,
    **headers: str,
) -> bytes:
    """A mail as the receiving server hands it over."""
    lines = [f"Return-Path: <{sender}>"]
    lines += [f"Authentication-Results: {proof}"] if proof else []
    lines += [
        f"Received: from out.example by {AUTHSERV}; {at:%a, %d %b %Y %H:%M:%S} +0000",
        f"From: {sender}",
        f"To: {MAILBOX}",
        f"Subject: {subject or ('Re: ' + read(answers)['Subject'] if answers else 'Something happened')}",
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <mail-{number}@{sender.rpartition('@')[2]}>",
    ]
    lines += [f"In-Reply-To: <{answers.message_id}>", f"References: <{answers.message_id}>"] if answers else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", *textwrap.dedent(text).strip("\n").split("\n"), ""]).encode()


def read(parcel: Parcel | None) -> EmailMessage:
    """A letter of ours, read by the standard library."""
    assert parcel is not None
    return message_from_bytes(parcel.raw, policy=policy.default)  # type: ignore[return-value]


def words(parcel: Parcel) -> str:
    """The text of a letter of ours."""
    return read(parcel).get_body(("plain",)).get_content()  # type: ignore[union-attr]
