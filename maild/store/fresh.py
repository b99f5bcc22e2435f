"""A fresh database, made as the program knows it; older ones go through the steps of `migrations`, and end up the same (tested).

Apart from the tables because only the first start needs it: a condition for PostgreSQL loads all that SQLAlchemy knows of PostgreSQL.
"""

from typing import Any

from sqlalchemy import Column, Connection, Index, MetaData, PrimaryKeyConstraint, String, Table, insert, text

from maild.store.revision import REVISIONS
from maild.store.schema import alarms, inbox, keys, marks, messages, metadata, outbox, recusals, releases, sources, tickets, tokens

alembic_version = Table(
    "alembic_version", MetaData(), Column("version_num", String(32)), PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
)
"""Where Alembic writes which step was the last."""

SEEN = """
CREATE VIEW seen AS
SELECT people.handle AS handle, tickets.id AS ticket_id
FROM people CROSS JOIN tickets
WHERE people.active = 1 AND tickets.erased_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM recusals
    WHERE recusals.ticket_id = tickets.id AND recusals.handle = people.handle AND recusals.lifted_at IS NULL
)
"""

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER journal_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
        "CREATE TRIGGER journal_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    "postgresql": (
        """CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
        """CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
        FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()""",
    ),
}


def make(connection: Connection) -> None:
    """Make every table with its indexes, the view and the triggers of the journal."""
    INDEXED.create_all(connection, checkfirst=False)
    for statement in (SEEN, *APPEND_ONLY[connection.dialect.name]):
        connection.exec_driver_sql(statement)
    alembic_version.create(connection)
    connection.execute(insert(alembic_version), {"version_num": REVISIONS[-1]})


def _partial(name: str, *columns: Column[Any], where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


INDEXES = (
    Index("ix_keys_ticket_id", keys.c.ticket_id),
    Index("ix_tickets_opened_at", tickets.c.opened_at),
    _partial("ix_tickets_next_at", tickets.c.next_at, where="next_at IS NOT NULL"),
    _partial("ix_tickets_untold", tickets.c.opened_at, where="told_at IS NULL"),
    _partial("ix_tickets_closed_at", tickets.c.closed_at, where="closed_at IS NOT NULL"),
    _partial("ix_tickets_open", tickets.c.opened_at, where="closed_at IS NULL"),
    _partial("ix_tickets_reporter_index", tickets.c.reporter_index, where="reporter_index IS NOT NULL"),
    _partial("ix_inbox_new", inbox.c.received_at, inbox.c.id, where="state = 'NEW'"),
    _partial("ix_inbox_tried", inbox.c.attempts, where="state = 'NEW' AND attempts > 0"),
    _partial("ix_inbox_quarantined", inbox.c.received_at, where="state = 'QUARANTINED'"),
    _partial("ix_inbox_ticket_id", inbox.c.ticket_id, where="ticket_id IS NOT NULL"),
    _partial("ix_inbox_astray", inbox.c.kind, where="state = 'FILED' AND ticket_id IS NULL"),
    Index("ix_sources_inbox_id", sources.c.inbox_id),
    Index("ix_messages_ticket_id", messages.c.ticket_id),
    _partial("ix_messages_message_index", messages.c.message_index, where="message_index IS NOT NULL"),
    _partial("ix_outbox_next_at", outbox.c.next_at, where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
    _partial("ix_outbox_free", outbox.c.made_at, outbox.c.id, where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank = 0"),
    _partial(
        "ix_outbox_turn",
        outbox.c.rank,
        outbox.c.turn,
        outbox.c.made_at,
        outbox.c.id,
        where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank > 0",
    ),
    _partial(
        "ix_outbox_domain",
        outbox.c.domain_index,
        outbox.c.rank,
        outbox.c.turn,
        where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND turn > 0",
    ),
    _partial("ix_outbox_latest_at", outbox.c.latest_at, where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND latest_at IS NOT NULL"),
    _partial("ix_outbox_alarm_at", outbox.c.alarm_at, where="state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
    _partial("ix_outbox_sending", outbox.c.made_at, where="state = 'SENDING'"),
    _partial("ix_outbox_sent_at", outbox.c.settled_at, where="state = 'SENT'"),
    _partial("ix_outbox_failed_at", outbox.c.settled_at, where="state = 'FAILED'"),
    _partial("ix_outbox_recipient", outbox.c.recipient_index, where="rank > 0"),
    _partial(
        "ix_outbox_unnoted",
        outbox.c.made_at,
        outbox.c.id,
        where="noted_at IS NULL AND ticket_id IS NOT NULL AND state IN ('SENT', 'FAILED', 'MERGED')",
    ),
    _partial("ix_outbox_merged_into", outbox.c.merged_into, where="merged_into IS NOT NULL"),
    Index("ix_outbox_ticket_id", outbox.c.ticket_id),
    Index("ix_recusals_ticket_id", recusals.c.ticket_id),
    _partial("uq_recusals_standing", recusals.c.ticket_id, recusals.c.handle, recusals.c.kind, where="lifted_at IS NULL", unique=True),
    Index("ix_marks_ticket_id", marks.c.ticket_id),
    Index("ix_releases_report", releases.c.report, releases.c.id),
    Index("ix_tokens_ticket_id_holder", tokens.c.ticket_id, tokens.c.holder),
    _partial("ix_tokens_challenge", tokens.c.holder, where="purpose = 'challenge'"),
    _partial("ix_alarms_standing", alarms.c.kind, where="cleared_at IS NULL"),
    _partial("uq_alarms_house", alarms.c.kind, where="ticket_id IS NULL AND cleared_at IS NULL", unique=True),
    _partial("uq_alarms_ticket", alarms.c.kind, alarms.c.ticket_id, where="ticket_id IS NOT NULL AND cleared_at IS NULL", unique=True),
)
"""What makes questions quick, and what must be there once only."""

INDEXED = metadata
"""The tables with their indexes: what the steps must come to."""
