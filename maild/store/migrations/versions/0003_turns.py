"""The last turn of a domain is found at once, however many receipts wait. This copy never changes."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"

WHERE = text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND turn > 0")


def upgrade() -> None:
    """Make the index anew: SQLite did not look for one rank in an index of those above 0, it went through them all."""
    op.drop_index("ix_outbox_domain", "outbox")
    op.create_index("ix_outbox_domain", "outbox", ["domain_index", "rank", "turn"], sqlite_where=WHERE, postgresql_where=WHERE)
