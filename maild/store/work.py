"""One transaction, and what can be done in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from maild.store.alarms import Alarms
from maild.store.consents import Consents
from maild.store.engine import away
from maild.store.inbox import Inbox
from maild.store.journal import Journal
from maild.store.keys import Keys
from maild.store.locks import Locks
from maild.store.marks import Marks
from maild.store.messages import Messages
from maild.store.outbox import Outbox
from maild.store.people import People
from maild.store.releases import Releases
from maild.store.sealed import Keyring
from maild.store.sending import Ending
from maild.store.slots import Slots
from maild.store.tickets import Tickets
from maild.store.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One transaction: everything done through it happens together or not at all."""

    connection: Connection
    keys: Keys
    ending: Ending
    inbox: Inbox
    tickets: Tickets
    messages: Messages
    marks: Marks
    outbox: Outbox
    tokens: Tokens
    people: People
    slots: Slots
    journal: Journal
    alarms: Alarms
    consents: Consents
    releases: Releases

    @contextmanager
    def unit(self) -> Iterator[None]:
        """One mail's share of a batch (a SAVEPOINT): what raises inside undoes this share only, and goes on to the caller."""
        # SQLAlchemy's own savepoints take three times as long, and there is one for each mail.
        with away():
            self.connection.exec_driver_sql("SAVEPOINT unit")
            try:
                yield
            except BaseException:
                self.keys.forget()
                self.journal.forget()
                if not self.connection.invalidated:  # with the connection everything is undone
                    self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
                raise
            finally:
                if not self.connection.invalidated:
                    self.connection.exec_driver_sql("RELEASE SAVEPOINT unit")


def work_on(connection: Connection, *, keyring: Keyring, locks: Locks) -> Work:
    """Everything that can be done in the transaction of this connection."""
    keys = Keys(connection=connection, keyring=keyring)
    ending = Ending()
    tokens = Tokens(connection=connection)
    outbox = Outbox(connection=connection, keys=keys, locks=locks, ending=ending)
    return Work(
        connection=connection,
        keys=keys,
        ending=ending,
        inbox=Inbox(connection=connection, keys=keys),
        tickets=Tickets(connection=connection, keys=keys),
        messages=Messages(connection=connection, keys=keys),
        marks=Marks(connection=connection, keys=keys),
        outbox=outbox,
        tokens=tokens,
        people=People(connection=connection, keys=keys, tokens=tokens, outbox=outbox),
        slots=Slots(connection=connection, keys=keys),
        journal=Journal(connection=connection),
        alarms=Alarms(connection=connection, keys=keys),
        consents=Consents(connection=connection, keys=keys),
        releases=Releases(connection=connection, keys=keys),
    )
