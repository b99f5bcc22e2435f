"""The cheapest honest pipeline: the same promise with nothing but the standard library, in one thread and as little code as it takes.

    python -m bench.floor IMAP_PORT USER PASSWORD SMTP_PORT DATABASE

Fetch 50, read header and text of each mail, commit ticket, message, event and the finished acknowledgement (WAL, synchronous=FULL), send
it, and record with the next commit that it went. So every acknowledgement has a durable commit before it, and a crash repeats one at most.
What it does without: encryption, threading, a journal, tokens, notices to staff, budgets, hostile mail, servers that go away.
"""

import imaplib
import smtplib
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import formatdate, parseaddr

BATCH = 50
MAILBOX = "info@pymalta.test"

TABLES = """
create table ticket(id integer primary key, subject text not null, sender text not null, state text not null, opened_at integer not null);
create table message(
  id integer primary key, ticket_id integer not null references ticket, message_id text not null unique, body text not null, raw blob not null
);
create table event(id integer primary key, ticket_id integer not null references ticket, what text not null, at integer not null);
create table outbox(
  id integer primary key, ticket_id integer not null references ticket, recipient text not null, parcel blob not null, sent_at integer
);
create index message_ticket on message(ticket_id);
create index outbox_due on outbox(id) where sent_at is null;
"""
OPEN = "insert into ticket(subject, sender, state, opened_at) values(?, ?, 'new', ?)"
ACKNOWLEDGEMENT = """\
From: {mailbox}\r
To: {recipient}\r
Subject: We have received your report (R-{ticket})\r
Date: {date}\r
Message-ID: <{ticket}.ack@pymalta.test>\r
In-Reply-To: <{message_id}>\r
References: <{message_id}>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
\r
Hello,\r
\r
we have received your report; its reference is R-{ticket}. Somebody will write to you within a week.\r
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An acknowledgement that is committed and may go out."""

    row: int
    recipient: str
    parcel: bytes


def run(*, imap_port: int, user: str, password: str, smtp_port: int, database: str) -> None:
    """Acknowledge every mail of the INBOX once."""
    with sqlite3.connect(database, isolation_level=None) as connection, smtplib.SMTP("127.0.0.1", smtp_port) as courier:
        _prepare(connection)
        courier.ehlo()
        sent: int | None = None
        for raw in _mails(imap_port, user, password):
            receipt = _file(connection, raw, sent)
            courier.sendmail(MAILBOX, [receipt.recipient], receipt.parcel)
            sent = receipt.row
        _record_sent(connection, sent)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    connection.executescript(TABLES)


def _mails(port: int, user: str, password: str) -> Iterator[bytes]:
    with imaplib.IMAP4("127.0.0.1", port) as mailbox:
        mailbox.login(user, password)
        mailbox.select("INBOX", readonly=True)
        uids = mailbox.uid("SEARCH", "ALL")[1][0].split()
        for start in range(0, len(uids), BATCH):
            wanted = b",".join(uids[start : start + BATCH]).decode()
            yield from (part[1] for part in mailbox.uid("FETCH", wanted, "(UID INTERNALDATE BODY.PEEK[])")[1] if isinstance(part, tuple))


def _file(connection: sqlite3.Connection, raw: bytes, sent: int | None) -> Receipt:
    mail = message_from_bytes(raw)
    message_id, sender = str(mail["Message-ID"]).strip("<> "), parseaddr(str(mail["From"]))[1]
    body, now = _text(mail), int(time.time())
    connection.execute("begin immediate")
    _record_sent(connection, sent)
    ticket = connection.execute(OPEN, (str(mail["Subject"]), sender, now)).lastrowid
    connection.execute("insert into message(ticket_id, message_id, body, raw) values(?, ?, ?, ?)", (ticket, message_id, body, raw))
    connection.execute("insert into event(ticket_id, what, at) values(?, 'opened', ?)", (ticket, now))
    parcel = ACKNOWLEDGEMENT.format(mailbox=MAILBOX, recipient=sender, ticket=ticket, message_id=message_id, date=formatdate(now)).encode()
    row = connection.execute("insert into outbox(ticket_id, recipient, parcel) values(?, ?, ?)", (ticket, sender, parcel)).lastrowid
    connection.execute("commit")
    return Receipt(row=row, recipient=sender, parcel=parcel)


def _record_sent(connection: sqlite3.Connection, row: int | None) -> None:
    connection.execute("update outbox set sent_at = ? where id = ?", (int(time.time()), row))


def _text(mail: Message) -> str:
    """The first part of text there is, plain if possible."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    part = next((part for part in parts if part.get_content_subtype() == "plain"), parts[0])
    return part.get_payload(decode=True).decode(part.get_content_charset("utf-8"), "replace")


if __name__ == "__main__":
    run(imap_port=int(sys.argv[1]), user=sys.argv[2], password=sys.argv[3], smtp_port=int(sys.argv[4]), database=sys.argv[5])
