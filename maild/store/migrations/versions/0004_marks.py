"""Who is on which case, as a blind index. Empty at first: who was named before is found once they are named again. This copy never changes."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Text

revision = "0004"
down_revision = "0003"

WIDE = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "marks",
        Column("mark", LargeBinary, primary_key=True),
        Column("ticket_id", WIDE, ForeignKey("tickets.id", name="fk_marks_ticket_id"), primary_key=True, autoincrement=False),
        Column("ref", Text, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_marks_ticket_id", "marks", ["ticket_id"])
