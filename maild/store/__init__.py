"""Rows: everything maild knows, in SQLite or PostgreSQL. Knows neither the mail format nor the network."""

from maild.store.alarms import Alarm
from maild.store.arrivals import Taken
from maild.store.columns import columns_for
from maild.store.consents import Consent
from maild.store.engine import CLOSED
from maild.store.erasure import erase
from maild.store.inbox import QUARANTINE, AlreadyFiled, Quarantined, State, Waiting
from maild.store.invariants import broken, mended, violated
from maild.store.letters import Letter, Settled
from maild.store.locks import DaemonLock
from maild.store.messages import Earlier, StoredMessage
from maild.store.outbox import LettersMoved, MessageIdTaken
from maild.store.people import Person, Seen
from maild.store.sealed import Destroyed, SealBroken, Sources
from maild.store.sending import UNBUDGETED, Claimed, ClaimLost
from maild.store.store import Store, has_schema, is_sealed, open_store
from maild.store.tickets import CodeTaken, Columns, ReferenceTaken, Stored, Tickets
from maild.store.tokens import BOUNCE, CHALLENGE, REPORTER, THREAD, Token, hashed
from maild.store.work import Work

__all__ = [
    "BOUNCE",
    "CHALLENGE",
    "CLOSED",
    "QUARANTINE",
    "REPORTER",
    "THREAD",
    "UNBUDGETED",
    "Alarm",
    "AlreadyFiled",
    "ClaimLost",
    "Claimed",
    "CodeTaken",
    "Columns",
    "Consent",
    "DaemonLock",
    "Destroyed",
    "Earlier",
    "Letter",
    "LettersMoved",
    "MessageIdTaken",
    "Person",
    "Quarantined",
    "ReferenceTaken",
    "SealBroken",
    "Seen",
    "Settled",
    "Sources",
    "State",
    "Store",
    "Stored",
    "StoredMessage",
    "Taken",
    "Tickets",
    "Token",
    "Waiting",
    "Work",
    "broken",
    "columns_for",
    "erase",
    "has_schema",
    "hashed",
    "is_sealed",
    "mended",
    "open_store",
    "violated",
]
