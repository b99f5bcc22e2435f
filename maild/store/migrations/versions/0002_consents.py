"""Consents to read and send mail, by which access tokens are renewed. This copy never changes."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary

revision = "0002"
down_revision = "0001"

WIDE = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "consents",
        Column("client_index", LargeBinary, primary_key=True),
        Column("granted_at", WIDE, nullable=False),
        Column("renewed_at", WIDE, nullable=False),
        Column("refresh_token", LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
