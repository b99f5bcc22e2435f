"""What several verbs share: where the configuration is, and how a moment is shown."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from maild.app import House

DEFAULT_CONFIG = Path("/etc/maild/config.toml")

ConfigPath = Annotated[Path, typer.Option("--config", "-c", envvar="MAILD_CONFIG", help="The configuration file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def examples(*lines: str) -> str:
    """What stands below the help of a verb: lines that typer leaves as they are."""
    return "\b\nFor example:\n" + "\n".join(f"  {line}" for line in lines)


def house_of(path: Path) -> "House":
    """The house of a configuration. Raises `ConfigInvalid`."""
    from maild.app import House
    from maild.config import load_config

    return House(config=load_config(path))


def shown(moment: datetime | None, house: "House") -> str:
    """A moment in the organisation's own time, to the minute."""
    return f"{moment.astimezone(house.policy.zone):%Y-%m-%d %H:%M}" if moment else "-"


def printable(text: str) -> str:
    """Text from outside for a terminal: control and bidirectional characters cannot act there (security.md P-37)."""
    return "".join(letter if letter in "\n\t" or (letter.isprintable()) else "\ufffd" for letter in text)
