"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SEEN = """
CREATE VIEW seen AS
SELECT people.handle AS handle, tickets.id AS ticket_id
FROM people CROSS JOIN tickets
WHERE people.active = 1 AND NOT EXISTS (
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
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
        "CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
    ),
}


def upgrade() -> None:
    """Make every table, the view and the triggers of the journal."""
    _journal()
    _keys()
    _people()
    _slots()
    _tickets()
    _alarms()
    _entries()
    _inbox()
    _outbox()
    _recusals()
    _messages()
    _parcels()
    _raws()
    _sources()
    _tokens()
    _token_uses()
    op.execute(SEEN)
    for trigger in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(trigger)


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("n", WIDE, autoincrement=False, nullable=False),
        sa.Column("at", WIDE, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_journal"),
        sqlite_strict=True,
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=True),
        sa.Column("made_at", WIDE, nullable=False),
        sa.Column("destroyed_at", WIDE, nullable=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sqlite_strict=True,
    )
    op.create_index("ix_keys_ticket_id", "keys", ["ticket_id"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Integer, nullable=False),
        sa.Column("address_index", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("handle", name="pk_people"),
        sqlite_strict=True,
    )


def _slots() -> None:
    op.create_table(
        "slots",
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("taken_at", WIDE, nullable=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="pk_slots"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("key_id", WIDE, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("received_at", WIDE, nullable=False),
        sa.Column("opened_at", WIDE, nullable=False),
        sa.Column("next_at", WIDE, nullable=True),
        sa.Column("urgent", sa.Integer, nullable=False),
        sa.Column("lead", sa.Text, nullable=True),
        sa.Column("acknowledge_due_at", WIDE, nullable=True),
        sa.Column("acknowledged_at", WIDE, nullable=True),
        sa.Column("respond_due_at", WIDE, nullable=True),
        sa.Column("answered_at", WIDE, nullable=True),
        sa.Column("closed_at", WIDE, nullable=True),
        sa.Column("told_at", WIDE, nullable=True),
        sa.Column("survivor_id", WIDE, nullable=True),
        sa.Column("erased_at", WIDE, nullable=True),
        sa.Column("reporter_index", sa.LargeBinary, nullable=True),
        sa.Column("reporter_domain_index", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_tickets_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("code", name="uq_tickets_code"),
        sa.UniqueConstraint("reference", name="uq_tickets_reference"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_tickets_next_at",
        "tickets",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_open",
        "tickets",
        ["opened_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_tickets_opened_at", "tickets", ["opened_at"])
    op.create_index(
        "ix_tickets_reporter_index",
        "tickets",
        ["reporter_index"],
        sqlite_where=sa.text("reporter_index IS NOT NULL"),
        postgresql_where=sa.text("reporter_index IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_untold", "tickets", ["opened_at"], sqlite_where=sa.text("told_at IS NULL"), postgresql_where=sa.text("told_at IS NULL")
    )


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=True),
        sa.Column("raised_at", WIDE, nullable=False),
        sa.Column("told_at", WIDE, nullable=True),
        sa.Column("cleared_at", WIDE, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_alarms_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_alarms_house",
        "alarms",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("ticket_id IS NULL AND cleared_at IS NULL"),
        postgresql_where=sa.text("ticket_id IS NULL AND cleared_at IS NULL"),
    )
    op.create_index(
        "uq_alarms_ticket",
        "alarms",
        ["kind", "ticket_id"],
        unique=True,
        sqlite_where=sa.text("ticket_id IS NOT NULL AND cleared_at IS NULL"),
        postgresql_where=sa.text("ticket_id IS NOT NULL AND cleared_at IS NULL"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("ticket_id", WIDE, autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", WIDE, nullable=False),
        sa.Column("by_", sa.Text, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_entries_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "n", name="pk_entries"),
        sqlite_strict=True,
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("key_id", WIDE, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("size", WIDE, nullable=False),
        sa.Column("truncated", sa.Integer, nullable=False),
        sa.Column("silent", sa.Integer, nullable=False),
        sa.Column("folder_role", sa.Text, nullable=False),
        sa.Column("received_at", WIDE, nullable=False),
        sa.Column("taken_at", WIDE, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", WIDE, nullable=True),
        sa.Column("settled_at", WIDE, nullable=True),
        sa.Column("kind", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("ticket_id", WIDE, nullable=True),
        sa.Column("seed", sa.LargeBinary, nullable=True),
        sa.Column("error", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_inbox_key_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_inbox_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("digest", name="uq_inbox_digest"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_inbox_astray",
        "inbox",
        ["kind"],
        sqlite_where=sa.text("state = 'FILED' AND ticket_id IS NULL"),
        postgresql_where=sa.text("state = 'FILED' AND ticket_id IS NULL"),
    )
    op.create_index(
        "ix_inbox_new", "inbox", ["received_at", "id"], sqlite_where=sa.text("state = 'NEW'"), postgresql_where=sa.text("state = 'NEW'")
    )
    op.create_index(
        "ix_inbox_quarantined",
        "inbox",
        ["received_at"],
        sqlite_where=sa.text("state = 'QUARANTINED'"),
        postgresql_where=sa.text("state = 'QUARANTINED'"),
    )
    op.create_index(
        "ix_inbox_ticket_id",
        "inbox",
        ["ticket_id"],
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_tried",
        "inbox",
        ["attempts"],
        sqlite_where=sa.text("state = 'NEW' AND attempts > 0"),
        postgresql_where=sa.text("state = 'NEW' AND attempts > 0"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("key_id", WIDE, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=True),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("handle", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("size", WIDE, nullable=False),
        sa.Column("made_at", WIDE, nullable=False),
        sa.Column("next_at", WIDE, nullable=False),
        sa.Column("latest_at", WIDE, nullable=True),
        sa.Column("alarm_at", WIDE, nullable=False),
        sa.Column("settled_at", WIDE, nullable=True),
        sa.Column("noted_at", WIDE, nullable=True),
        sa.Column("bounced_at", WIDE, nullable=True),
        sa.Column("merged_into", WIDE, nullable=True),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("recipient_index", sa.LargeBinary, nullable=True),
        sa.Column("domain_index", sa.LargeBinary, nullable=True),
        sa.Column("message_index", sa.LargeBinary, nullable=True),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_outbox_key_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_outbox_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("message_index", name="uq_outbox_message_index"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_outbox_alarm_at",
        "outbox",
        ["alarm_at"],
        sqlite_where=sa.text("state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
        postgresql_where=sa.text("state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
    )
    op.create_index(
        "ix_outbox_domain",
        "outbox",
        ["domain_index", "turn"],
        sqlite_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank > 0"),
        postgresql_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank > 0"),
    )
    op.create_index(
        "ix_outbox_latest_at",
        "outbox",
        ["latest_at"],
        sqlite_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND latest_at IS NOT NULL"),
        postgresql_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND latest_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_made_at",
        "outbox",
        ["made_at"],
        sqlite_where=sa.text("state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
        postgresql_where=sa.text("state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
    )
    op.create_index(
        "ix_outbox_merged_into",
        "outbox",
        ["merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_next_at",
        "outbox",
        ["rank", "next_at"],
        sqlite_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
        postgresql_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
    )
    op.create_index(
        "ix_outbox_recipient",
        "outbox",
        ["recipient_index", "made_at"],
        sqlite_where=sa.text("rank > 0"),
        postgresql_where=sa.text("rank > 0"),
    )
    op.create_index(
        "ix_outbox_sending", "outbox", ["id"], sqlite_where=sa.text("state = 'SENDING'"), postgresql_where=sa.text("state = 'SENDING'")
    )
    op.create_index(
        "ix_outbox_sent_at", "outbox", ["settled_at"], sqlite_where=sa.text("state = 'SENT'"), postgresql_where=sa.text("state = 'SENT'")
    )
    op.create_index("ix_outbox_ticket_id", "outbox", ["ticket_id"])
    op.create_index(
        "ix_outbox_turn",
        "outbox",
        ["rank", "turn", "made_at"],
        sqlite_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
        postgresql_where=sa.text("state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
    )
    op.create_index(
        "ix_outbox_unnoted",
        "outbox",
        ["id"],
        sqlite_where=sa.text("noted_at IS NULL AND ticket_id IS NOT NULL AND state IN ('SENT', 'FAILED', 'MERGED')"),
        postgresql_where=sa.text("noted_at IS NULL AND ticket_id IS NOT NULL AND state IN ('SENT', 'FAILED', 'MERGED')"),
    )


def _recusals() -> None:
    op.create_table(
        "recusals",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=False),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", WIDE, nullable=False),
        sa.Column("lifted_at", WIDE, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_recusals_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recusals"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_recusals_standing",
        "recusals",
        ["ticket_id", "handle", "kind"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", WIDE, autoincrement=False, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=False),
        sa.Column("inbox_id", WIDE, nullable=True),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("at", WIDE, nullable=False),
        sa.Column("message_index", sa.LargeBinary, nullable=True),
        sa.Column("sender_index", sa.LargeBinary, nullable=True),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_messages_inbox_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_messages_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_messages_message_index",
        "messages",
        ["message_index"],
        sqlite_where=sa.text("message_index IS NOT NULL"),
        postgresql_where=sa.text("message_index IS NOT NULL"),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id"])


def _parcels() -> None:
    op.create_table(
        "parcels",
        sa.Column("outbox_id", WIDE, autoincrement=False, nullable=False),
        sa.Column("parcel", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_parcels_outbox_id"),
        sa.PrimaryKeyConstraint("outbox_id", name="pk_parcels"),
        sqlite_strict=True,
    )


def _raws() -> None:
    op.create_table(
        "raws",
        sa.Column("inbox_id", WIDE, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_raws_inbox_id"),
        sa.PrimaryKeyConstraint("inbox_id", name="pk_raws"),
        sqlite_strict=True,
    )


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("uidvalidity", WIDE, autoincrement=False, nullable=False),
        sa.Column("uid", WIDE, autoincrement=False, nullable=False),
        sa.Column("inbox_id", WIDE, nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_sources_inbox_id"),
        sa.PrimaryKeyConstraint("account", "folder", "uidvalidity", "uid", name="pk_sources"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sources_inbox_id", "sources", ["inbox_id"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("ticket_id", WIDE, nullable=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("outbox_id", WIDE, nullable=True),
        sa.Column("inbox_id", WIDE, nullable=True),
        sa.Column("issued_at", WIDE, nullable=False),
        sa.Column("expires_at", WIDE, nullable=True),
        sa.Column("revoked_at", WIDE, nullable=True),
        sa.Column("used_at", WIDE, nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_tokens_inbox_id"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_tokens_outbox_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_tokens_ticket_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tokens_ticket_id_holder", "tokens", ["ticket_id", "holder"])


def _token_uses() -> None:
    op.create_table(
        "token_uses",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("command_hash", sa.LargeBinary, nullable=False),
        sa.Column("used_at", WIDE, nullable=False),
        sa.ForeignKeyConstraint(["token_hash"], ["tokens.hash"], name="fk_token_uses_token_hash"),
        sa.PrimaryKeyConstraint("token_hash", "command_hash", name="pk_token_uses"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
