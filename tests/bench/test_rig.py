"""What the figures stand on: the reports are what they should be, the floor does its work, lost and doubled acknowledgements are seen."""

import sqlite3
from contextlib import closing
from email import message_from_bytes
from email.policy import default

import imapclient
import pytest

from bench.figures import Run, fill, floor_run
from bench.floor import MAILBOX
from bench.programs import floor
from bench.reports import Report, reports
from bench.sink import PATIENCE, Sink, Taken
from bench.wire import Wire
from tests.servers.dovecot import Account

SOME = 20


def test_the_same_seed_makes_the_same_reports():
    """Two rounds, and two machines, measure with the same mails."""
    assert list(reports(SOME, to=MAILBOX)) == list(reports(SOME, to=MAILBOX))
    assert list(reports(SOME, to=MAILBOX)) != list(reports(SOME, to=MAILBOX, seed=2))


def test_every_report_is_from_somebody_else():
    """No budget for one sender is in the way, and no two mails answer to one Message-ID."""
    made = list(reports(200, to=MAILBOX))
    assert len({report.sender for report in made}) == len({report.message_id for report in made}) == 200


def test_reports_come_in_all_shapes():
    """Among two hundred there is every kind of mail, and each has a text and tells of itself what is true."""
    made = list(reports(200, to=MAILBOX))
    parsed = [message_from_bytes(report.raw, policy=default) for report in made]
    assert {mail.get_content_type() for mail in parsed} == {"text/plain", "text/html", "multipart/alternative", "multipart/mixed"}
    assert sum(mail["In-Reply-To"] is not None for mail in parsed) in range(5, 50)
    assert sum(not mail.get_body().get_content().isascii() for mail in parsed) in range(10, 100)
    assert [mail["From"].addresses[0].addr_spec for mail in parsed] == [report.sender for report in made]
    assert [mail["Message-ID"] for mail in parsed] == [f"<{report.message_id}>" for report in made]
    assert sum(len(report.raw) for report in made) / 200 == pytest.approx(10_000, rel=0.5)


def test_the_floor_acknowledges_every_report_once(account: Account):
    """Twenty mails in a real Dovecot become twenty acknowledgements, in order, none lost and none double."""
    made = list(reports(SOME, to=MAILBOX))
    fill(account, made)
    run = floor_run(account, made)
    assert (run.lost, run.doubled) == (0, 0)
    assert [one.in_reply_to for one in run.acknowledgements] == [report.message_id for report in made]
    assert run.steady_rate > run.rate > 0
    assert run.cpu > 0


def test_the_floor_keeps_what_it_promises(account: Account, tmp_path):
    """Every acknowledgement has its mail, its ticket and its event in the database, and is recorded as sent."""
    made = list(reports(SOME, to=MAILBOX))
    fill(account, made)
    with Sink() as sink:
        assert floor(account, smtp_port=sink.port, home=tmp_path).wait(PATIENCE) == 0
    with closing(sqlite3.connect(tmp_path / "floor.sqlite")) as connection:
        counts = [connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("ticket", "message", "event", "outbox")]
        (unsent,) = connection.execute("select count(*) from outbox where sent_at is null").fetchone()
    assert (counts, unsent) == ([SOME] * 4, 0)


def taken(report: Report, *, at: float, recipient: str | None = None) -> Taken:
    return Taken(at=at, recipient=recipient or report.sender, in_reply_to=report.message_id)


def test_lost_and_doubled_acknowledgements_are_counted():
    """One that never came and one that came twice are told apart, although their number is right."""
    first, second = reports(2, to=MAILBOX)
    run = Run(reports=[first, second], begun=0.0, acknowledgements=[taken(first, at=1.0), taken(first, at=2.0)], cpu=0.0)
    assert (run.lost, run.doubled) == (1, 1)


def test_the_wire_tells_when_dovecot_spoke(account: Account):
    """A mail that arrives while the client is in IDLE is noted before the client hears of it."""
    with Wire(account.server.port) as wire, imapclient.IMAPClient("127.0.0.1", wire.port, ssl=False, timeout=10) as client:
        client.login(account.user, account.password)
        client.select_folder("INBOX")
        client.idle()
        wire.wait_for_idle()
        account.deliver(next(reports(1, to=MAILBOX)).raw)
        assert (1, b"EXISTS") in client.idle_check(timeout=10)
        assert 1 in wire.exists
        client.idle_done()
