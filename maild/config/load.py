"""From a file to a `Config`, or to the list of everything that is wrong with it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from maild.config.lines import find_lines
from maild.config.model import Config
from maild.config.names import zone_named
from maild.config.sentences import Fault, faults_of, spoken
from maild.config.servers import files_in
from maild.config.surroundings import Surroundings
from maild.config.syntax import read_text, read_toml
from maild.config.tables import RUNTIME, STATE, Organisation
from maild.config.team import team_faults
from maild.errors import ConfigInvalid


def load_config(path: Path, *, environ: Mapping[str, str] = os.environ) -> Config:
    """Read a configuration file.

    Relative paths in it start at its own directory. `$STATE_DIRECTORY` and `$RUNTIME_DIRECTORY`, as systemd sets them, are the
    defaults of the keys of that name. Raises `ConfigInvalid` with every problem of the file, one line each.
    """
    text = read_text(path)
    raw = read_toml(text, file=path.name)
    world = Surroundings(environ=environ, directory=path.absolute().parent, zone=_zone(raw))
    try:
        config, faults = Config.model_validate(_with_places(raw, world=world), context=world), [*team_faults(raw)]
    except ValidationError as error:
        config, faults = None, [*(_as_written(fault, raw) for fault in faults_of(error)), *team_faults(raw)]
    if config is None or faults:
        raise ConfigInvalid(spoken(faults, lines=find_lines(text), file=path.name))
    return config


def _as_written(fault: Fault, raw: Mapping[str, Any]) -> Fault:
    """The fault at its place in the file, where a single table stands for a list of one."""
    single = fault.path[:2] == ("fallback", 0) and not isinstance(raw.get("fallback"), list)
    return replace(fault, path=("fallback", *fault.path[2:])) if single else fault


def _zone(raw: Mapping[str, Any]) -> tzinfo:
    """The organisation's time zone, before anything else is known to be right: the days of the file are days of that zone."""
    name = _table(raw, "organisation").get("timezone", Organisation.model_fields["timezone"].default)
    return zone_named(name) or UTC


def _with_places(raw: Mapping[str, Any], *, world: Surroundings) -> dict[str, Any]:
    """The tables, with this machine's directories where the file names none, and the files of the database in them."""
    state = world.environ.get("STATE_DIRECTORY", str(STATE)).partition(":")[0]  # systemd.exec(5): several stand between colons
    runtime = world.environ.get("RUNTIME_DIRECTORY", str(RUNTIME)).partition(":")[0]
    run = {"state_directory": state, "runtime_directory": runtime} | _table(raw, "run")
    database = files_in(world.directory / str(run["state_directory"])) | _table(raw, "database")
    filled = {"run": run, "database": database}
    return filled | {name: table for name, table in raw.items() if name not in filled or not isinstance(table, dict)}


def _table(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A table of the file; an empty one where something else stands in its place."""
    table = raw.get(name)
    return table if isinstance(table, dict) else {}
