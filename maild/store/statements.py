"""INSERT, the statement that is said most often, and in two dialects at once."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

DIALECTS = {"sqlite": sqlite.dialect(paramstyle="named"), "postgresql": postgresql.dialect(paramstyle="pyformat")}  # type: ignore[no-untyped-call]


class Insertion:
    """INSERT of whole rows into one table, compiled once: SQLAlchemy takes three times as long to work it out each time anew.

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
        # Of an INSERT SQLAlchemy asks the rowcount too late for psycopg, unless it is told to keep it.
        options = {"preserve_rowcount": True}
        return connection.exec_driver_sql(self._sql[connection.dialect.name], values, execution_options=options).rowcount
