"""Tokens: what a reply has to carry to belong to a ticket. Only their SHA-256 is stored: they are random, so it needs no key."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, text, update

from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, token_uses, tokens
from maild.store.statements import insert_unless_there

THREAD = "thread"
CHALLENGE = "challenge"
BOUNCE = "bounce"
REPORTER = "reporter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that is valid now. `inbox_id` is, of a challenge, the mail whose commands wait for it."""

    hash: bytes
    ticket_id: int | None
    holder: str
    purpose: str
    outbox_id: int | None
    inbox_id: int | None
    issued_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


_HASH = tokens.c.hash == bindparam("token")
_VALID = and_(tokens.c.revoked_at.is_(None), or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("now")))
_UNUSED = tokens.c.used_at.is_(None)
_INSERT = insert(tokens)
_FIND = select(tokens).where(_HASH, _VALID)
_MARK_USED = update(tokens).where(_HASH, _UNUSED).values(used_at=bindparam("now"))
_IS_CHALLENGE = text(f"tokens.purpose = '{CHALLENGE}'")  # not bound: only a constant makes SQLite use a partial index
_SPEND = _MARK_USED.where(_VALID, _IS_CHALLENGE)
_USE = insert_unless_there(token_uses)
_REVOKE = (
    update(tokens)
    .where(tokens.c.ticket_id == bindparam("ticket"), tokens.c.holder == bindparam("who"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_OPEN_CHALLENGES = select(func.count()).where(tokens.c.holder == bindparam("who"), _IS_CHALLENGE, _UNUSED, _VALID)


def hashed(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens within one transaction."""

    connection: Connection

    def issue(
        self,
        token: str,
        *,
        ticket_id: int | None,
        holder: str,
        purpose: str,
        now: datetime,
        expires_at: datetime | None,
        outbox_id: int | None = None,
        inbox_id: int | None = None,
    ) -> None:
        """Make a token valid until `expires_at`; None, and the reporter's thread whatever is said, is for ever."""
        lasting = purpose == THREAD and holder == REPORTER
        row = {"hash": hashed(token), "ticket_id": ticket_id, "holder": holder, "purpose": purpose, "outbox_id": outbox_id}
        row |= {"inbox_id": inbox_id, "issued_at": micros(now), "expires_at": None if lasting else micros(expires_at)}
        self.connection.execute(_INSERT, row)

    def find(self, token: str, *, now: datetime) -> Token | None:
        """The token, where it is one of ours, not expired and not revoked."""
        row = self.connection.execute(_FIND, {"token": hashed(token), "now": micros(now)}).one_or_none()
        if row is None:
            return None
        return _token(row)

    def use(self, token_hash: bytes, *, command_hash: bytes, now: datetime) -> bool:
        """Note that these commands were carried by this token; false where they were before (a replay)."""
        use = {"token_hash": token_hash, "command_hash": command_hash, "used_at": micros(now)}
        self.connection.execute(_MARK_USED, {"token": token_hash, "now": micros(now)})
        return bool(self.connection.execute(_USE, use).rowcount)

    def spend(self, token: str, *, now: datetime) -> bool:
        """Answer a challenge, once; false where it is unknown, expired, revoked or answered."""
        return bool(self.connection.execute(_SPEND, {"token": hashed(token), "now": micros(now)}).rowcount)

    def revoke(self, ticket_id: int, *, holder: str, now: datetime) -> None:
        """None of this person's tokens for this ticket is valid from now on."""
        self.connection.execute(_REVOKE, {"ticket": ticket_id, "who": holder, "now": micros(now)})

    def open_challenges(self, holder: str, *, now: datetime) -> int:
        """How many challenges this person has not answered yet."""
        return self.connection.execute(_OPEN_CHALLENGES, {"who": holder, "now": micros(now)}).scalar_one()


def _token(row: AnyRow) -> Token:
    return Token(
        hash=row.hash,
        ticket_id=row.ticket_id,
        holder=row.holder,
        purpose=row.purpose,
        outbox_id=row.outbox_id,
        inbox_id=row.inbox_id,
        issued_at=moment(row.issued_at),
        expires_at=moment(row.expires_at),
        used_at=moment(row.used_at),
    )
