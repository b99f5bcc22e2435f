"""The one statement that has to be said in two dialects at once."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql


def insert_unless_there(table: Table) -> postgresql.Insert:
    """INSERT that leaves alone what breaks a unique constraint; its `rowcount` tells which it was.

    PostgreSQL's INSERT compiles for SQLite as well, which took the ON CONFLICT clause over from it. Of an INSERT SQLAlchemy asks the
    rowcount too late for psycopg, unless it is told to keep it.
    """
    return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
