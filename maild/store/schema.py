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
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    column,
    literal_column,
    table,
)
from sqlalchemy.schema import SchemaItem

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


keys = _table(
    "keys",
    _id(),
    _wide("ticket_id", null=True),  # no foreign key: tickets already point here, and erasing must never wait for an order
    _wide("made_at"),
    _wide("destroyed_at", null=True),
    _blob("wrapped", null=True),
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
)

raws = _table("raws", Column("inbox_id", WIDE, ForeignKey("inbox.id"), primary_key=True, autoincrement=False), _blob("raw"))

sources = _table(
    "sources",
    Column("account", Text, primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", WIDE, primary_key=True, autoincrement=False),
    Column("uid", WIDE, primary_key=True, autoincrement=False),
    _of("inbox_id", "inbox.id"),
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
)

marks = _table(
    "marks",
    Column("mark", LargeBinary, primary_key=True),
    Column("ticket_id", WIDE, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("ref", Text, primary_key=True),
    rowid=False,
)
"""The blind index of who is on which case: the same person on another case has the same mark."""

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
)

consents = _table(
    "consents",
    Column("client_index", LargeBinary, primary_key=True),
    _wide("granted_at"),
    _wide("renewed_at"),
    _blob("refresh_token"),
    rowid=False,
)

releases = _table(
    "releases",
    _id(),
    _word("report"),
    _wide("agreed_at"),
    _word("agreed_by"),
    _wide("released_at", null=True),
    _word("released_by", null=True),
    _blob("body"),
)
"""The ledger of transparency reports: numbers and files of each agreement, sealed for the house; an event's short name is in the configuration."""
