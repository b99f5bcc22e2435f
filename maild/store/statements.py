"""The statements that are said for every mail: compiled once, when they are first said. SQLAlchemy takes three times as long to look its
own work up, and a tenth of our start would go into the dialect that nobody speaks here."""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect, Table

PARAMSTYLES = {"sqlite": "named", "postgresql": "pyformat"}
KEEP_ROWCOUNT = {"preserve_rowcount": True}
"""SQLAlchemy asks for it too late for psycopg, unless it is told to keep it."""


class Compiled:
    """A statement that is always the same text: any but one with an IN over a list."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._said: dict[str, tuple[str, dict[str, Any]]] = {}

    def __call__(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Say it with these values."""
        name = connection.dialect.name
        if name not in self._said:
            compiled = self._statement.compile(dialect=_dialect(name))
            self._said[name] = str(compiled), compiled.params
        sql, fixed = self._said[name]
        return connection.exec_driver_sql(sql, fixed | values, execution_options=KEEP_ROWCOUNT)


class Insertion:
    """INSERT of whole rows into one table. `unless_there` leaves alone what breaks a unique constraint, and 0 tells that it did;
    `instead` names the columns that a row with the same primary key gets from the new one."""

    def __init__(self, table: Table, *, unless_there: bool = False, instead: Sequence[str] = ()) -> None:
        self._table, self._unless_there, self._instead = table, unless_there, instead
        self._blank: dict[str, Any] = dict.fromkeys(table.c.keys())
        self._said: dict[str, str] = {}

    def __call__(self, connection: Connection, *rows: dict[str, Any]) -> int:
        """Insert rows; columns that are not named become NULL. The answer is how many were inserted."""
        name = connection.dialect.name
        if name not in self._said:
            self._said[name] = self._sql(name)
        filled = [self._blank | row for row in rows]
        values = filled[0] if len(filled) == 1 else filled
        return connection.exec_driver_sql(self._said[name], values, execution_options=KEEP_ROWCOUNT).rowcount

    def _sql(self, name: str) -> str:
        statement = _spoken(name).insert(self._table)
        if self._unless_there:
            statement = statement.on_conflict_do_nothing()
        if self._instead:
            new = {column: statement.excluded[column] for column in self._instead}
            statement = statement.on_conflict_do_update(index_elements=self._table.primary_key, set_=new)
        return str(statement.compile(dialect=_dialect(name)))


@lru_cache
def _dialect(name: str) -> Dialect:
    made: Dialect = _spoken(name).dialect(paramstyle=PARAMSTYLES[name])
    return made


def _spoken(name: str) -> Any:
    return import_module(f"sqlalchemy.dialects.{name}")
