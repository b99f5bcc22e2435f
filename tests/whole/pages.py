"""What the pages tell people to type, read from the pages themselves."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

FENCED = re.compile(r"(?ms)^```sh\n(.*?)^```$")
INDENTED = re.compile(r"(?m)(?:^ {4}.*\n)+")


def section(page: str, heading: str) -> str:
    """What stands on a page between `## heading` and the next one."""
    found = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", (ROOT / page).read_text())
    assert found, f"{page} has no section {heading}"
    return found[1]


def commands(page: str, heading: str) -> list[str]:
    """Each command of the grey boxes of a section in order, as it stands there; what goes on after a backslash at the end is one command."""
    return [command for box in boxes(section(page, heading)) for command in lines(box)]


def boxes(text: str) -> list[str]:
    """The grey boxes: fenced as `sh`, or set in by four blanks."""
    return FENCED.findall(text) or [re.sub(r"(?m)^ {4}", "", box) for box in INDENTED.findall(text)]


def lines(box: str) -> Iterator[str]:
    """The commands of a box. A command has ended where the shell would not ask for more: no backslash at its end."""
    command = ""
    for line in box.splitlines():
        command += line
        if line.endswith("\\"):
            command += "\n"
            continue
        if command:
            yield command
        command = ""
