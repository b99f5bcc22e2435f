"""Which schema a database has, asked without Alembic."""

from sqlalchemy import Connection, inspect, text

from maild.errors import SchemaMismatch

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every revision of the schema, oldest first; the last is the one this program speaks."""
OLDER = "The database is older than this program: stop maild, run `maild db upgrade`."
NEWER = "The database was made by a newer maild: run that one."


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None where nobody made its tables."""
    known = inspect(connection).has_table("alembic_version")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None


def check_revision(connection: Connection) -> None:
    """Compare the schema of a database with the one this program speaks. Raises `SchemaMismatch`."""
    revision = revision_of(connection)
    if revision != REVISIONS[-1]:
        raise SchemaMismatch(OLDER if revision is None or revision in REVISIONS else NEWER)
