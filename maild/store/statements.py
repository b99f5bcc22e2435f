"""The statements that are said for every mail: compiled once, in both dialects. SQLAlchemy takes three times as long to look its own work up."""

from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite

DIALECTS = {"sqlite": sqlite.dialect(paramstyle="named"), "postgresql": postgresql.dialect(paramstyle="pyformat")}  # type: ignore[no-untyped-call]
KEEP_ROWCOUNT = {"preserve_rowcount": True}
"""SQLAlchemy asks for it too late for psycopg, unless it is told to keep it."""


class Compiled:
    """A statement that is always the same text: any but one with an IN over a list."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = {name: statement.compile(dialect=dialect) for name, dialect in DIALECTS.items()}
        self._sql = {name: str(one) for name, one in compiled.items()}
        self._fixed = {name: one.params for name, one in compiled.items()}

    def __call__(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Say it with these values."""
        name = connection.dialect.name
        return connection.exec_driver_sql(self._sql[name], self._fixed[name] | values, execution_options=KEEP_ROWCOUNT)


class Insertion:
    """INSERT of whole rows into one table.

    PostgreSQL's INSERT compiles for SQLite as well, which took the ON CONFLICT clause over from it.
    """

    def __init__(self, table: Table, *, unless_there: bool = False) -> None:
        statement = postgresql.insert(table)
        if unless_there:
            statement = statement.on_conflict_do_nothing()
        self._blank: dict[str, Any] = dict.fromkeys(table.c.keys())
        self._sql = {name: str(statement.compile(dialect=dialect)) for name, dialect in DIALECTS.items()}

    def __call__(self, connection: Connection, *rows: dict[str, Any]) -> int:
        """Insert rows; columns that are not named become NULL. The answer is how many were inserted.

        `unless_there` leaves alone what breaks a unique constraint, and 0 tells that it did.
        """
        filled = [self._blank | row for row in rows]
        values = filled[0] if len(filled) == 1 else filled
        return connection.exec_driver_sql(self._sql[connection.dialect.name], values, execution_options=KEEP_ROWCOUNT).rowcount
