"""The tables. Clear columns hold ids, moments, states, code names, sizes, counts, handles and blind indexes; all else is sealed bytes.

Moments are microseconds since the epoch, because SQLite's STRICT tables know no dates; row ids are made before INSERT, 63 bits and
growing, so that rows lie in the order of their making. Raw mails and parcels have tables of their own: SQLite writes a whole row
again when one of its columns changes, and a mail of 25 MiB changes its state three times.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    column,
    literal_column,
    table,
    text,
)
from sqlalchemy.schema import SchemaItem

REVISIONS = ("0001", "0002", "0003")
"""Every revision of the schema, oldest first; the last is the one this program speaks. Stands here so that Alembic need not be
imported to compare it."""
OLDER = "The database is older than this program: stop maild, run `maild db upgrade`."
NEWER = "The database was made by a newer maild: run that one."

AnyRow = Row[*tuple[Any, ...]]
"""A row of a query, whose columns the mappers know by name."""

ONE: ColumnElement[int] = literal_column("1")
"""What a question selects that only asks whether there is such a row."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

WIDE = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite's STRICT tables know the word INTEGER only, and make the row id of it."""


def _table(name: str, *columns: SchemaItem, rowid: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=rowid)


def _id(name: str = "id") -> Column[int]:
    return Column(name, WIDE, primary_key=True, autoincrement=False)


def _wide(name: str, *, null: bool = False) -> Column[int]:
    """A moment, an id of another table, or a number a server made up."""
    return Column(name, WIDE, nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _word(name: str, *, null: bool = False, unique: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, unique=unique)


def _blob(name: str, *, null: bool = False, unique: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null, unique=unique)


def _of(name: str, target: str, *, null: bool = False) -> Column[int]:
    return Column(name, WIDE, ForeignKey(target), nullable=null)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


keys = _table(
    "keys",
    _id(),
    _wide("ticket_id", null=True),  # no foreign key: tickets already point here, and erasing must never wait for an order
    _wide("made_at"),
    _wide("destroyed_at", null=True),
    _blob("wrapped", null=True),
    Index("ix_keys_ticket_id", "ticket_id"),
)

tickets = _table(
    "tickets",
    _id(),
    _of("key_id", "keys.id"),
    _word("code", unique=True),
    _word("reference", unique=True),
    _word("state"),
    _count("version"),
    _wide("received_at"),
    _wide("opened_at"),
    _wide("next_at", null=True),
    _count("urgent"),
    _word("lead", null=True),
    _wide("acknowledge_due_at", null=True),
    _wide("acknowledged_at", null=True),
    _wide("respond_due_at", null=True),
    _wide("answered_at", null=True),
    _wide("closed_at", null=True),
    _wide("told_at", null=True),
    _wide("survivor_id", null=True),
    _wide("erased_at", null=True),
    _blob("reporter_index", null=True),
    _blob("reporter_domain_index", null=True),
    Index("ix_tickets_opened_at", "opened_at"),
    _partial("ix_tickets_next_at", "next_at", where="next_at IS NOT NULL"),
    _partial("ix_tickets_untold", "opened_at", where="told_at IS NULL"),
    _partial("ix_tickets_closed_at", "closed_at", where="closed_at IS NOT NULL"),
    _partial("ix_tickets_open", "opened_at", where="closed_at IS NULL"),
    _partial("ix_tickets_reporter_index", "reporter_index", where="reporter_index IS NOT NULL"),
)

entries = _table(
    "entries",
    Column("ticket_id", WIDE, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _word("what"),
    _wide("at"),
    _word("by_"),
    _blob("facts"),
)

inbox = _table(
    "inbox",
    _id(),
    _of("key_id", "keys.id"),
    _word("account"),
    _word("state"),
    _blob("digest", unique=True),
    _wide("size"),
    _count("truncated"),
    _count("silent"),
    _word("folder_role"),
    _wide("received_at"),
    _wide("taken_at"),
    _count("attempts"),
    _wide("retry_at", null=True),
    _wide("settled_at", null=True),
    _word("kind", null=True),
    _word("reason", null=True),
    _of("ticket_id", "tickets.id", null=True),
    _blob("seed", null=True),
    _blob("error", null=True),
    _partial("ix_inbox_new", "received_at", "id", where="state = 'NEW'"),
    _partial("ix_inbox_tried", "attempts", where="state = 'NEW' AND attempts > 0"),
    _partial("ix_inbox_quarantined", "received_at", where="state = 'QUARANTINED'"),
    _partial("ix_inbox_ticket_id", "ticket_id", where="ticket_id IS NOT NULL"),
    _partial("ix_inbox_astray", "kind", where="state = 'FILED' AND ticket_id IS NULL"),
)

raws = _table("raws", Column("inbox_id", WIDE, ForeignKey("inbox.id"), primary_key=True, autoincrement=False), _blob("raw"))

sources = _table(
    "sources",
    Column("account", Text, primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", WIDE, primary_key=True, autoincrement=False),
    Column("uid", WIDE, primary_key=True, autoincrement=False),
    _of("inbox_id", "inbox.id"),
    Index("ix_sources_inbox_id", "inbox_id"),
    rowid=False,
)

messages = _table(
    "messages",
    _id(),
    _of("ticket_id", "tickets.id"),
    _of("inbox_id", "inbox.id", null=True),
    _word("relation"),
    _wide("at"),
    _blob("message_index", null=True),
    _blob("sender_index", null=True),
    _blob("facts"),
    Index("ix_messages_ticket_id", "ticket_id"),
    _partial("ix_messages_message_index", "message_index", where="message_index IS NOT NULL"),
)

outbox = _table(
    "outbox",
    _id(),
    _of("key_id", "keys.id"),
    _of("ticket_id", "tickets.id", null=True),
    _word("letter"),
    _word("role"),
    _word("handle", null=True),
    _word("state"),
    _word("phase", null=True),
    _count("rank"),
    _count("turn"),
    _count("attempts"),
    _wide("size"),
    _wide("made_at"),
    _wide("next_at"),
    _wide("latest_at", null=True),
    _wide("alarm_at"),
    _wide("settled_at", null=True),
    _wide("noted_at", null=True),
    _wide("bounced_at", null=True),
    _wide("merged_into", null=True),
    _count("code"),
    _blob("recipient_index", null=True),
    _blob("domain_index", null=True),
    _blob("message_index", null=True, unique=True),
    _blob("answer", null=True),
    _partial("ix_outbox_next_at", "next_at", where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')"),
    _partial("ix_outbox_free", "made_at", "id", where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank = 0"),
    _partial("ix_outbox_turn", "rank", "turn", "made_at", "id", where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND rank > 0"),
    _partial("ix_outbox_domain", "domain_index", "rank", "turn", where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND turn > 0"),
    _partial("ix_outbox_latest_at", "latest_at", where="state IN ('PENDING', 'DEFERRED', 'UNCERTAIN') AND latest_at IS NOT NULL"),
    _partial("ix_outbox_alarm_at", "alarm_at", where="state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')"),
    _partial("ix_outbox_sending", "made_at", where="state = 'SENDING'"),
    _partial("ix_outbox_sent_at", "settled_at", where="state = 'SENT'"),
    _partial("ix_outbox_failed_at", "settled_at", where="state = 'FAILED'"),
    _partial("ix_outbox_recipient", "recipient_index", where="rank > 0"),
    _partial(
        "ix_outbox_unnoted", "made_at", "id", where="noted_at IS NULL AND ticket_id IS NOT NULL AND state IN ('SENT', 'FAILED', 'MERGED')"
    ),
    _partial("ix_outbox_merged_into", "merged_into", where="merged_into IS NOT NULL"),
    Index("ix_outbox_ticket_id", "ticket_id"),
)

parcels = _table("parcels", Column("outbox_id", WIDE, ForeignKey("outbox.id"), primary_key=True, autoincrement=False), _blob("parcel"))

people = _table(
    "people",
    Column("handle", Text, primary_key=True),
    _word("role"),
    _count("active"),
    _blob("address_index"),
)

recusals = _table(
    "recusals",
    _id(),
    _of("ticket_id", "tickets.id"),
    _word("handle"),
    _word("kind"),
    _wide("at"),
    _wide("lifted_at", null=True),
    Index("ix_recusals_ticket_id", "ticket_id"),
    _partial("uq_recusals_standing", "ticket_id", "handle", "kind", where="lifted_at IS NULL", unique=True),
)

seen = table("seen", column("handle", Text()), column("ticket_id", WIDE))
"""The view through which every question for a person goes: who may see which ticket."""

tokens = _table(
    "tokens",
    Column("hash", LargeBinary, primary_key=True),
    _of("ticket_id", "tickets.id", null=True),
    _word("holder"),
    _word("purpose"),
    _of("outbox_id", "outbox.id", null=True),
    _of("inbox_id", "inbox.id", null=True),
    _wide("issued_at"),
    _wide("expires_at", null=True),
    _wide("revoked_at", null=True),
    _wide("used_at", null=True),
    Index("ix_tokens_ticket_id_holder", "ticket_id", "holder"),
    _partial("ix_tokens_challenge", "holder", where="purpose = 'challenge'"),
    rowid=False,
)

token_uses = _table(
    "token_uses",
    Column("token_hash", LargeBinary, ForeignKey("tokens.hash"), primary_key=True),
    Column("command_hash", LargeBinary, primary_key=True),
    _wide("used_at"),
    rowid=False,
)

slots = _table(
    "slots",
    Column("job", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    _wide("taken_at"),
    _blob("seed"),
    rowid=False,
)

journal = _table(
    "journal",
    _id("n"),
    _wide("at"),
    _word("body"),
    _blob("hash"),
)

alarms = _table(
    "alarms",
    _id(),
    _word("kind"),
    _of("ticket_id", "tickets.id", null=True),
    _wide("raised_at"),
    _wide("told_at", null=True),
    _wide("cleared_at", null=True),
    _partial("ix_alarms_standing", "kind", where="cleared_at IS NULL"),
    _partial("uq_alarms_house", "kind", where="ticket_id IS NULL AND cleared_at IS NULL", unique=True),
    _partial("uq_alarms_ticket", "kind", "ticket_id", where="ticket_id IS NOT NULL AND cleared_at IS NULL", unique=True),
)

consents = _table(
    "consents",
    Column("client_index", LargeBinary, primary_key=True),
    _wide("granted_at"),
    _wide("renewed_at"),
    _blob("refresh_token"),
    rowid=False,
)
