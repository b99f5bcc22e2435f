"""What is wrong with a configuration, in sentences that an operator can act on. None of them repeats a value of the file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from maild.config.kinds import nearest
from maild.config.lines import KeyPath
from maild.config.model import Config

PASSWORD_WORDS = ("password", "passwd", "pass", "secret", "token", "client_secret")
BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
ONE_IS_ENOUGH = frozenset({"fallback"})
"""Lists of tables that are written as a single one by most."""
LONGEST_KEY = 60
"""Characters of a key that a sentence repeats: a key may be quoted and hold anything."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place of the file; `see` is the other place, where it takes two."""

    path: KeyPath
    reason: str
    see: KeyPath = ()


def spoken(faults: Iterable[Fault], *, lines: Mapping[KeyPath, int], file: str) -> tuple[str, ...]:
    """One line each, in the order of the file: `config.toml:LINE: table.key: reason (fix)`."""
    placed = sorted(((line_of(fault.path, lines=lines), fault) for fault in faults), key=itemgetter(0))
    return tuple(f"{file}:{line}: {where(fault.path)}: {_reason(fault, lines=lines)}" for line, fault in placed)


def line_of(path: KeyPath, *, lines: Mapping[KeyPath, int]) -> int:
    """The line of a key; of the table around it where the key is missing; of the file's beginning where that is missing too."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def where(path: KeyPath) -> str:
    """A key as the file would name it: `staff.address` (the line tells which one)."""
    return ".".join(_plain(part) for part in path if isinstance(part, str))


def _plain(key: str) -> str:
    return key if BARE.fullmatch(key) else ascii(key[:LONGEST_KEY])


def _reason(fault: Fault, *, lines: Mapping[KeyPath, int]) -> str:
    return f"{fault.reason}, see line {line_of(fault.see, lines=lines)}" if fault.see else fault.reason


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """What pydantic found, in our words."""
    for detail in error.errors(include_url=False):
        if detail["type"] != "default_factory_not_called":  # the port of a tls that is wrong itself
            yield _fault(detail)


def _fault(detail: ErrorDetails) -> Fault:
    path, context = detail["loc"], detail.get("ctx", {})
    match detail["type"]:
        case "refused":
            return Fault(_aside(path, key=context["at"]), context["reason"])
        case "missing":
            return Fault(path, _missing(path))
        case "extra_forbidden":
            return Fault(path, _unknown(path))
        case "model_type":
            return Fault(path, _no_table(path, listed=isinstance(detail["input"], list)))
        case "tuple_type":
            return Fault(path, _no_list(path))
        case _:
            return Fault(path, "is not valid")


def _aside(path: KeyPath, *, key: str) -> KeyPath:
    """The place of `key` in the same table, or in the table at `path`."""
    if not key:
        return path
    return (*path, key) if len(path) == 1 else (*path[:-1], key)


def _missing(path: KeyPath) -> str:
    if len(path) == 1:
        return f"is missing (add {_header(path)}; config.example.toml shows it)"
    return f"is missing (add it to {_header(path[:-1])}; config.example.toml says what it means)"


def _no_table(path: KeyPath, *, listed: bool) -> str:
    header = _header(path)
    return f"stands once only (write {header}, one bracket)" if listed else f"must be a table (write {header} and its keys below)"


def _no_list(path: KeyPath) -> str:
    if table_at(path) is None:
        return 'must be a list, like ["one", "two"]'
    return f"is a list of tables (write {_header(path)}, two brackets)"


def _unknown(path: KeyPath) -> str:
    key = str(path[-1])
    known = _keys(path[:-1])
    if key.lower() in PASSWORD_WORDS:
        stem = "client_secret" if path[:1] == ("oauth",) else "password"
        return f"a password does not stand in this file (use {stem}_file, {stem}_env, {stem}_command or {stem}_credential)"
    if elsewhere := [_header((table,)) for table in Config.model_fields if key in _keys((table,))]:
        return f"unknown key here (it belongs to {' or '.join(elsewhere)})"
    if near := nearest(key, choices=known):
        return f"unknown {'key' if path[:-1] else 'table'} (did you mean {near if path[:-1] else _header((near,))}?)"
    return f"unknown {'key' if path[:-1] else 'table'} (known here: {', '.join(known)})"


def _keys(path: KeyPath) -> list[str]:
    table = table_at(path)
    return list(table.model_fields) if table else []


def table_at(path: KeyPath) -> type[BaseModel] | None:
    """The table, or the kind of table of a list of them, that stands at a path of known keys."""
    table: type[BaseModel] | None = Config
    for key in path:
        if isinstance(key, str):
            table = _table_in(table.model_fields[key].annotation) if table else None
    return table


def _table_in(annotation: object) -> type[BaseModel] | None:
    return next((kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _header(path: KeyPath) -> str:
    """The line that opens the table at a path: [imap], [[staff]]."""
    name = str(path[0])
    field = Config.model_fields[name]
    return f"[[{name}]]" if get_args(field.annotation) and name not in ONE_IS_ENOUGH else f"[{name}]"
