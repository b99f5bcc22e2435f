"""The world a configuration is read in."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The environment, the directory of the configuration file, and the organisation's time zone."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    directory: Path = field(default_factory=Path.cwd)
    zone: tzinfo = UTC


def surroundings(context: object) -> Surroundings:
    """The surroundings that a validation was given, or this process's own."""
    return context if isinstance(context, Surroundings) else Surroundings()
