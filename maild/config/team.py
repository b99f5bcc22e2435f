"""Checks across tables: who is who, and which names are taken.

They look at the file's own values and pass over whatever has the wrong shape, so that a mistake elsewhere never hides one here.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from maild.config.kinds import nearest
from maild.config.lines import KeyPath
from maild.config.sentences import Fault

Named = tuple[KeyPath, str]
"""A text of the file, and where it stands."""

TEAM = ("staff", "board")


def team_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong between the tables of a file."""
    yield from _nobody_active(raw)
    yield from _loops(raw)
    yield from _fallback_inside(raw)
    both = _in_both(raw)
    yield from _doubles(_texts(raw, *TEAM, key="handle"), what="handle", both=both)
    yield from _doubles(_addresses(raw), what="address", both=both)
    outside = ((path, _folded(address)) for path, address in _texts(raw, "fallback", key="address"))
    yield from _doubles(outside, what="address")
    yield from _doubles(_texts(raw, "space", key="slug"), what="slug")
    yield from _doubles(_texts(raw, "event", key="slug"), what="slug")
    yield from _unknown_spaces(raw)
    yield from _unknown_staff(raw)


def _rows(raw: Mapping[str, Any], table: str) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """The elements of a list of tables; a single table counts as one."""
    rows = raw.get(table)
    if isinstance(rows, dict):
        yield (table,), rows
    for position, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield (table, position), row


def _texts(raw: Mapping[str, Any], *tables: str, key: str) -> Iterator[Named]:
    for table in tables:
        for path, row in _rows(raw, table):
            if isinstance(row.get(key), str):
                yield (*path, key), row[key].strip()


def _folded(address: str) -> str:
    return address.strip().casefold()


def _addresses(raw: Mapping[str, Any]) -> Iterator[Named]:
    """The addresses of the team, those among the aliases too, in one spelling."""
    for path, address in _texts(raw, *TEAM, key="address"):
        yield path, _folded(address)
    for path, row in _team(raw):
        for position, alias in enumerate(_list(row, "aliases")):
            if "@" in alias:
                yield (*path, "aliases", position), _folded(alias)


def _list(row: Mapping[str, Any], key: str) -> list[str]:
    values = row.get(key)
    return [value if isinstance(value, str) else "" for value in values] if isinstance(values, list) else []


def _in_both(raw: Mapping[str, Any]) -> frozenset[tuple[KeyPath, KeyPath]]:
    """The pairs of entries that are one person, of staff and of the board: the same handle and the same address."""
    found: dict[str, dict[tuple[str, str], KeyPath]] = {table: {} for table in TEAM}
    for path, row in _team(raw):
        found[str(path[0])].setdefault((str(row.get("handle", "")).strip(), _folded(str(row.get("address", "")))), path)
    staff, board = (found[table] for table in TEAM)
    return frozenset((path, board[person]) for person, path in staff.items() if person in board)


def _team(raw: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    for table in TEAM:
        yield from _rows(raw, table)


def _doubles(named: Iterator[Named], *, what: str, both: Set[tuple[KeyPath, KeyPath]] = frozenset()) -> Iterator[Fault]:
    """The same name in two entries; an entry may say its own twice, and so may the two entries of one person."""
    first: dict[str, KeyPath] = {}
    for path, name in named:
        if name in first and first[name][:2] != path[:2] and (first[name][:2], path[:2]) not in both:
            yield Fault(path, f"this {what} is taken ({_rule(what, first[name], path)})", see=first[name])
        first.setdefault(name, path)


def _rule(what: str, first: KeyPath, second: KeyPath) -> str:
    if first[0] == second[0]:
        return f"each {what} belongs to one entry"
    return "somebody who is staff and board has the same handle and address in both"


def _nobody_active(raw: Mapping[str, Any]) -> Iterator[Fault]:
    rows = [row for _, row in _rows(raw, "staff")]
    if rows and all(row.get("active") is False for row in rows):
        yield Fault(("staff",), "nobody is active (at least one entry needs active = true)")


def _unplussed(address: str) -> str:
    """An address without what follows a plus, which reaches the same mailbox where plus-addressing is on."""
    local, _, domain = _folded(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _loops(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Letters to the mailbox itself would come back as reports."""
    mailboxes = {_unplussed(address) for _, address in _texts(raw, "organisation", key="mailbox")}
    people = (*_addresses(raw), *_texts(raw, "fallback", key="address"))
    for path, address in (*people, *_texts(raw, "space", "event", key="contact")):
        if _unplussed(address) in mailboxes:
            yield Fault(path, "is the mailbox itself (write a private address)")


def _fallback_inside(raw: Mapping[str, Any]) -> Iterator[Fault]:
    team = {address: path for path, address in _addresses(raw)}
    for path, address in _texts(raw, "fallback", key="address"):
        if _folded(address) in team:
            yield Fault(path, "is in the team (the fallback contact must be somebody outside it)", see=team[_folded(address)])


def _unknown_spaces(raw: Mapping[str, Any]) -> Iterator[Fault]:
    known = [slug for _, slug in _texts(raw, "space", key="slug")]
    for path, row in _rows(raw, "event"):
        for position, slug in enumerate(_list(row, "spaces")):
            if slug and slug not in known:
                yield Fault((*path, "spaces", position), f"no [[space]] has this slug{_known(slug, known)}")


def _unknown_staff(raw: Mapping[str, Any]) -> Iterator[Fault]:
    known = [handle for _, handle in _texts(raw, "staff", key="handle")]
    for path, row in _rows(raw, "event"):
        for position, handle in enumerate(_list(row, "staff")):
            if handle and handle not in known:
                yield Fault((*path, "staff", position), f"no [[staff]] has this handle{_known(handle, known)}")


def _known(slug: str, known: list[str]) -> str:
    near = nearest(slug, choices=known)
    return f" (did you mean {near}?)" if near else f" (known: {', '.join(known) or 'none'})"
