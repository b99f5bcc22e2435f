"""Mails in, mails out: each folder here is a story, and every letter of it is what a person gets (see `tests/scenarios/folders.py`)."""

from pathlib import Path

import pytest

from maild.mail.reading import Reader
from tests.scenarios.folders import FOLDERS, difference, expected, play


@pytest.mark.parametrize("name", FOLDERS)
def test_a_story(name: str, tmp_path: Path, reader: Reader) -> None:
    """The letters of a story are the expected ones, no more and no fewer."""
    found = difference(expected(FOLDERS[name]), play(FOLDERS[name], directory=tmp_path, reader=reader))
    if found:
        pytest.fail(found, pytrace=False)


WANTED = {"ana-1.eml": "Subject: [*] New report\nDate: *\n\nHello\n"}

DIFFERENCES = [
    ("the same letter with another code name", {"ana-1.eml": "Subject: [calm-bay] New report\nDate: today\n\nHello\n"}, ""),
    ("another word", {"ana-1.eml": "Subject: [calm-bay] New report\nDate: today\n\nGoodbye\n"}, "-Hello\n+Goodbye\n"),
    (
        "another word beside a wildcard",
        {"ana-1.eml": "Subject: [calm-bay] New note\nDate: today\n\nHello\n"},
        "+Subject: [calm-bay] New note\n",
    ),
    ("a line more", {"ana-1.eml": "Subject: [calm-bay] New report\nDate: today\n\nHello\nGoodbye\n"}, "+Goodbye\n"),
    ("a letter that is missing", {}, "+++ it is missing"),
    (
        "an additional letter",
        {**WANTED, "kim-1.eml": "Subject: Hello\n"},
        "--- nothing\n+++ as it is now\n@@ -0,0 +1 @@\n+Subject: Hello\n",
    ),
]


@pytest.mark.parametrize(("found", "told"), [pytest.param(found, told, id=case) for case, found, told in DIFFERENCES])
def test_a_difference_is_told(found: dict[str, str], told: str) -> None:
    """Only what a wildcard stands for may differ; what differs is shown as a diff."""
    diff = difference(WANTED, found)
    assert told in diff
    assert bool(diff) == bool(told)
