"""Scenarios: a folder of mails in, and the mails maild sends for them, through the real jobs.

    NN-name/
        steps.toml      `story`, one sentence; `steps`, what happens, in order
        config.toml     only what differs from the common config.toml beside the folders
        1.eml, 2.eml    what comes in, as the receiving server hands it over
        expected/       every letter that leaves: kim-2.eml is the second one that kim@… gets

A step is a mail (`"1.eml"`, `"1.eml in Junk"`; `"1.eml unread"` comes while maild is down), time (`"6 hours"`; `"26 hours away"` is time in which maild is
down, and starts it at the end), or a word to the outgoing server: `"refuse kim@reporter.example 550"`,
`"accept kim@reporter.example"`. A mail that comes in may hold something of a letter that left before it: `{{ana-1 Message-ID}}` (any header),
`{{ana-1 quoted}}` (its text behind `> `), `{{ana-1 returned}}` (the whole letter), `{{ana-1 code}}` (the first code name in it) and
`{{ana-1 confirm}}` (the code of a [confirm]). `{{filler 100000}}` is so many bytes of base64, so that no large file has to be kept.

In an expected mail `*` stands for anything within a line. Chance is the same each time, so only tokens and what is made of a key need it.
Expected mails are written for reading: decoded, without their MIME headers; parts besides the text are named at the end.

`python -m tests.scenarios.folders` writes the expected mails anew (of the folders it is given, or of all); `git diff` then shows what people would notice.
"""

import hashlib
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import unified_diff
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from maild.mail.reading import Reader
from maild.ports import Answer, Outcome, Parcel
from tests.town import MONDAY, Town, read, reader_child, words

HERE = Path(__file__).parent
FOLDERS = {path.parent.name: path.parent for path in sorted(HERE.glob("*/steps.toml"))}

TICK = timedelta(minutes=30)
"""maild looks at every half hour of the day while time passes: what counts from a whole hour is done at its very moment."""

PLACE = re.compile(rb"\{\{(\S+) (\S+)\}\}")
WRITTEN = {"confirm": re.compile(r"\[confirm:([a-z2-7]{26})\]"), "code": re.compile(r"\[(?:show:)?([a-z]+-[a-z]+)\]")}

MIME = frozenset({"mime-version", "content-type", "content-transfer-encoding"})
VOLATILE = re.compile(r"\b[a-z2-7]{26}(?:\.[0-9a-f]{32})?(?![a-z0-9])|(?<=<case\.)[0-9a-f]+(?=\.)|\b[0-9a-f]{64}\b")
"""Tokens, the seal of our own mails, the number of a row and the journal's anchor: new in every run."""


@dataclass(slots=True, kw_only=True)
class Play:
    """One scenario as it is played."""

    folder: Path
    town: Town
    seen: int = 0
    letters: dict[str, Parcel] = field(default_factory=dict)

    def step(self, step: str) -> None:
        """Let one thing happen, and let maild do what follows from it."""
        match step.split():
            case [mail, "unread"]:
                self._deliver(mail, "INBOX")
            case [mail, *where] if mail.endswith(".eml"):
                self._deliver(mail, where[-1] if where else "INBOX")
                self.town.run()
            case ["refuse", recipient, code]:
                outcome = Outcome.FAILED if code.startswith("5") else Outcome.DEFERRED
                self.town.courier.on_rcpt[recipient] = Answer(outcome=outcome, code=int(code), text="refused by the scenario")
            case ["accept", recipient]:
                del self.town.courier.on_rcpt[recipient]
            case [number, unit]:
                self._wait(_span(number, unit))
            case [number, unit, "away"]:
                self.town.pass_time(seconds=_span(number, unit).total_seconds())
            case _:
                raise ValueError(f"{self.folder.name}: {step!r} is no step")
        self._collect()

    def _deliver(self, mail: str, folder: str) -> None:
        raw = PLACE.sub(self._filled, (self.folder / mail).read_bytes()).replace(b"\n", b"\r\n")
        self.town.mailbox.deliver(raw, received_at=self.town.clock.at, folder=folder)

    def _wait(self, span: timedelta) -> None:
        until = self.town.clock.at + span
        while (at := self.town.clock.at) < until:
            self.town.pass_time(seconds=min(TICK - (at - MONDAY) % TICK, until - at).total_seconds())

    def _collect(self) -> None:
        for parcel in self.town.courier.delivered[self.seen :]:
            name = parcel.recipient.partition("@")[0]
            number = next(number for number in count(1) if f"{name}-{number}" not in self.letters)
            self.letters[f"{name}-{number}"] = parcel
        self.seen = len(self.town.courier.delivered)

    def _filled(self, place: re.Match[bytes]) -> bytes:
        if place[1] == b"filler":
            return b"\n".join([b"QUJD" * 19] * (int(place[2]) // 77))
        parcel, what = self.letters[place[1].decode()], place[2].decode()
        match what:
            case "quoted":
                return "\n".join(f"> {line}".rstrip() for line in words(parcel).splitlines()).encode()
            case "returned":
                return parcel.raw.replace(b"\r\n", b"\n")
            case "confirm" | "code":
                written = f"{read(parcel)['Subject']}\n{words(parcel)}"
                return WRITTEN[what].search(written)[1].encode()  # type: ignore[index]
        return read(parcel)[what].encode()


def _span(number: str, unit: str) -> timedelta:
    return timedelta(**{unit if unit.endswith("s") else f"{unit}s": int(number)})


def play(folder: Path, *, directory: Path, reader: Reader) -> dict[str, str]:
    """Every letter that left, by file name, as expected mails are written."""
    script = tomllib.loads((folder / "steps.toml").read_text())
    seeds = (hashlib.sha256(f"{folder.name} {number}".encode()).digest() for number in count())
    town = Town(directory=directory, reader=reader, config=config(folder), seed=lambda: next(seeds))
    try:
        played = Play(folder=folder, town=town)
        for step in script["steps"]:
            played.step(step)
    finally:
        town.stop()
    return {f"{name}.eml": shown(parcel) for name, parcel in played.letters.items()}


def config(folder: Path) -> str:
    """The common configuration with what differs in this folder."""
    own = folder / "config.toml"
    tables = tomllib.loads((HERE / "config.toml").read_text())
    for name, table in (tomllib.loads(own.read_text()) if own.exists() else {}).items():
        tables[name] = {**tables.get(name, {}), **table} if isinstance(table, dict) else table
    return "\n".join(line for name, table in tables.items() for line in toml(name, table)) + "\n"


def toml(name: str, table: dict[str, object] | list[dict[str, object]]) -> Iterator[str]:
    """A table, or each of an array of tables, as TOML: JSON's texts, numbers, flags and lists are TOML's too."""
    for one in table if isinstance(table, list) else [table]:
        yield f"[[{name}]]" if isinstance(table, list) else f"[{name}]"
        yield from (f"{key} = {_value(value)}" for key, value in one.items())


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def shown(parcel: Parcel) -> str:
    """A letter as a person would look at it, with `*` for what is new in every run; that it has HTML goes without saying."""
    mail = read(parcel)
    head = [f"{name}: {value}" for name, value in mail.items() if name.lower() not in MIME]
    leaves = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    others = [] if leaves == ["text/plain", "text/html"] else [f"[parts: {', '.join(leaves)}]"]
    text = "\n".join([*head, "", words(parcel).replace("\r\n", "\n").rstrip("\n"), *others, ""])
    return VOLATILE.sub("*", text)


def expected(folder: Path) -> dict[str, str]:
    """The expected mails of a folder."""
    return {path.name: path.read_text() for path in (folder / "expected").glob("*.eml")}


def difference(wanted: dict[str, str], found: dict[str, str]) -> str:
    """What differs, letter by letter; empty where nothing does."""
    return "".join(_difference(name, wanted.get(name, ""), found.get(name, "")) for name in sorted(wanted.keys() | found.keys()))


def _difference(name: str, wanted: str, found: str) -> str:
    lines = wanted.splitlines(keepends=True)
    patterns = {re.compile(re.escape(line).replace(r"\*", ".*")): line for line in lines if "*" in line}

    def as_wanted(line: str) -> str:
        return next((wildcard for pattern, wildcard in patterns.items() if pattern.fullmatch(line)), line)

    titles = f"expected/{name}" if wanted else "nothing", "as it is now" if found else "it is missing"
    return "".join(unified_diff(lines, [as_wanted(line) for line in found.splitlines(keepends=True)], *titles))


def rewrite(folder: Path, reader: Reader) -> None:
    """Write the expected mails of a folder; those that are right already stay as they are, with the `*` somebody put there."""
    with TemporaryDirectory() as directory:
        found = play(folder, directory=Path(directory), reader=reader)
    old = expected(folder)
    shutil.rmtree(folder / "expected", ignore_errors=True)
    (folder / "expected").mkdir()
    for name, text in found.items():
        right = name in old and not _difference(name, old[name], text)
        (folder / "expected" / name).write_text(old[name] if right else text)


if __name__ == "__main__":
    child = reader_child()
    for one in sys.argv[1:] or FOLDERS:
        rewrite(FOLDERS[one], child)
    child.close()
