"""The ledger of transparency reports: who agreed to which files, and when they were released. This copy never changes."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

revision = "0005"
down_revision = "0004"

WIDE = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "releases",
        Column("id", WIDE, primary_key=True, autoincrement=False),
        Column("report", Text, nullable=False),
        Column("agreed_at", WIDE, nullable=False),
        Column("agreed_by", Text, nullable=False),
        Column("released_at", WIDE, nullable=True),
        Column("released_by", Text, nullable=True),
        Column("body", LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_releases_report", "releases", ["report", "id"])
