"""`maild inspect`: what it says of each kind of mail, and of what is none; without any configuration."""

import json
import os
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from maild.mail.reading import Reader
from tests.cli.conftest import Run


def test_inspect(maild: Run, tmp_path: Path) -> None:
    """How a mail is read, for people and for programs; the paths may come on standard input."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"From: Kim <kim@reporter.example>\r\nSubject: x\r\n\r\nHelp.\r\n\r\n[take]\r\n")
    seen = maild("inspect", path)
    assert (seen.code, seen.err) == (0, "")
    assert "kind                   report" in seen.out
    assert "commands               [take]" in seen.out
    told = [json.loads(line) for line in maild("inspect", "--json", "-", stdin=f"{path}\n\n{path}\n").out.splitlines()]
    assert [one["from"] for one in told] == ["kim@reporter.example"] * 2


@pytest.mark.parametrize("word", ["True", "False", "None"])
def test_inspect_shows_words_as_they_are(maild: Run, tmp_path: Path, word: str) -> None:
    """A Subject is a text, whatever it says; whether a mail is answered is yes or no."""
    path = tmp_path / "mail.eml"
    path.write_bytes(f"From: Kim <kim@reporter.example>\r\nSubject: {word}\r\n\r\nHelp.\r\n".encode())
    seen = maild("inspect", path).out
    assert f"subject                {word}\n" in seen
    assert "answered               yes\n" in seen


def test_inspect_of_more(maild: Run, tmp_path: Path) -> None:
    """Attachments, proofs, answers and bounces are shown too; a mail without text has none."""
    answer, empty = tmp_path / "answer.eml", tmp_path / "empty.eml"
    answer.write_bytes(
        b"From: a@b.example\r\nIn-Reply-To: <x@y.example>\r\nAuthentication-Results: mx.example; spf=pass\r\n"
        b"Received: from out.example by mx.example; Mon, 23 Nov 2026 08:00:00 +0000\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nYes.\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b--\r\n"
    )
    empty.write_bytes(b"From: a@b.example\r\nAuto-Submitted: auto-replied\r\n\r\n")
    seen = maild("inspect", answer, empty)
    assert seen.code == 0
    for line in ("followup", "a.png (image/png, 1 bytes)", "mx.example: spf=pass", "automatic", "the header Auto-Submitted", "(none)"):
        assert line in seen.out


def mails(name: str) -> Path:
    return next((Path(__file__).parents[1] / "mails").glob(f"{name}-*.eml"))


SHOWN = {
    "a report": (
        "0001",
        ["kind                   report", "why                    no sign of a machine", "answered               yes", "(the same)"],
    ),
    "HTML alone": ("0002", ["somebody followed me to the bus.", "answered               yes"]),
    "winmail.dat": (
        "0036",
        [
            "attached               winmail.dat (application/ms-tnef, 374 bytes)\n",
            " " * 22 + " At the bus stop.jpg (application/octet-stream, 64 bytes)\n",
            "He followed me to the bus",
        ],
    ),
    "an invitation": ("0028", ["meet.ics (text/calendar, 30 bytes)"]),
    "an automatic answer": ("0040", ["kind                   automatic", "not answered because   the header Auto-Submitted"]),
    "mail of a list": ("0044", ["kind                   bulk", "not answered because   the header list-id"]),
    "a delivery report": (
        "0070",
        ["kind                   bounce", "failed                 lea.borg@visitor.example, failed, for good, 5.1.1"],
    ),
    "a late one": ("0071", ["delayed, for now"]),
    "an answer with commands": (
        "0090",
        ["kind                   followup", "commands               [take]", "New text:\n[take]\nI will call"],
    ),
    "proofs": ("0100", ["authentication         mail.pymalta.example: dmarc=pass\n" + " " * 23 + "mail.pymalta.example: dkim=pass"]),
    "a forward": ("0106", ["New text:\nDan wasalli", "Passed on with it:\n-- \nLea\n\nBegin forwarded message:", "go to breakfast."]),
    "two senders": ("0023", ["not answered because   From is not one plain mailbox"]),
}


def test_inspect_says_what_and_why(maild: Run) -> None:
    """The kind with its reason, whether it is answered and why not, and what each kind of mail has to tell; no configuration is there."""
    seen = maild("inspect", *(mails(name) for name, _ in SHOWN.values()))
    assert (seen.code, seen.err) == (0, "")
    told = seen.out.split("file   ")[1:]
    assert len(told) == len(SHOWN)
    missing = {what: [line for line in lines if line not in shown] for (what, (_, lines)), shown in zip(SHOWN.items(), told, strict=True)}
    assert {what: lines for what, lines in missing.items() if lines} == {}


def test_inspect_of_an_empty_file(maild: Run, tmp_path: Path) -> None:
    """It is a mail in which nothing stands: taken in, and nobody is there to be answered."""
    path = tmp_path / "empty.eml"
    path.touch()
    seen = maild("inspect", path)
    assert (seen.code, seen.err) == (0, "")
    assert "kind                   report\n" in seen.out
    assert "not answered because   From is not one plain mailbox\n" in seen.out


def test_inspect_of_a_mail_that_kills_the_child(maild: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the daemon files in the end: what the headers tell."""
    monkeypatch.setattr(Reader, "command", lambda _: [sys.executable, "-I", "-c", ""])
    told = json.loads(maild("inspect", "--json", mails("0001")).out)
    assert (told["error"], told["from"], told["text"]) == (None, "lea.borg@visitor.example", "")
    assert told["defects"] == ["the reader child died on it; read from its headers only"]


@pytest.mark.parametrize(("path", "why"), [("a\0b", "embedded null byte"), ("/dev/zero", "more than 100 MiB are no mail")])
def test_inspect_of_what_is_no_mail(maild: Run, path: str, why: str) -> None:
    """Neither a path with a NUL nor a device without an end hurts."""
    seen = maild("inspect", "-", stdin=f"{path}\n")
    assert (seen.code, seen.out) == (1, "")
    assert seen.err.endswith(f" cannot be read: {why}\n")


def test_inspect_of_a_name_that_is_no_text(tmp_path: Path, maild: Run) -> None:
    """A file name is bytes: it is read, and told as Python writes such names."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.eml"
    Path(os.fsdecode(path)).write_bytes(b"Subject: x\r\n\r\nHelp.\r\n")
    told = json.loads(maild("inspect", "--json", "-", stdin=TextIOWrapper(BytesIO(path + b"\n"))).out)
    assert (told["file"], told["text"]) == (os.fsdecode(path), "Help.")
    assert "caf\ufffd.eml" in maild("inspect", os.fsdecode(path)).out


def test_inspect_of_what_cannot_be_read(maild: Run, tmp_path: Path) -> None:
    """A sentence on standard error for people, in the answer for programs; the others are read all the same."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"Subject: x\r\n\r\nHelp.\r\n")
    seen = maild("inspect", tmp_path / "none.eml", path, tmp_path)
    assert seen.code == 1
    assert "Help." in seen.out
    assert seen.err.splitlines() == [
        f"maild: {tmp_path}/none.eml cannot be read: No such file or directory",
        f"maild: {tmp_path} cannot be read: Is a directory",
    ]
    told = maild("inspect", "--json", tmp_path / "none.eml")
    assert (told.code, told.err) == (1, "")
    assert json.loads(told.out)["error"].endswith("No such file or directory")
