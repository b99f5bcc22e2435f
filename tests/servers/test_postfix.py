"""The Postfix that other tests stand on does what it says."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from maild.errors import LoginRefused
from maild.ports import Outcome
from maild.transport.smtp import SmtpCourier, SmtpSettings
from tests.contracts.courier_contract import parcel, send
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix, living
from tests.servers.scripted_smtp import ScriptedSmtp
from tests.servers.sink import Sink
from tests.servers.tls import Authority, Certificate

RAW = b"Message-ID: <1@else.test>\r\nFrom: ana@pymalta.test\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nSubject: x\r\n\r\nHello\r\n"
RunPostfix = Callable[..., Postfix]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def eventually(condition: Callable[[], Any]) -> Any:
    """What the condition gives, once that is something."""
    deadline = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_start_and_stop(run_postfix: RunPostfix) -> None:
    """It starts within a second, and after `stop` or `kill` no process of it lives."""
    seconds = []
    for end in ("stop", "kill", "stop"):
        begun = time.monotonic()
        postfix = run_postfix()
        seconds.append(time.monotonic() - begun)
        group = postfix.pid
        assert len(living(group)) > 1
        getattr(postfix, end)()
        assert living(group) == set()
    assert min(seconds) < 1  # of three: this machine may be busy


def test_side_by_side(run_postfix: RunPostfix, sink: Sink) -> None:
    """Several run at once and know nothing of each other."""
    first, second = run_postfix(relay_port=sink.port), run_postfix(relay_port=sink.port)
    first.submit(RAW, "ana@pymalta.test", ["ben@else.test"])
    second.stop()
    assert sink.wait_for(1)[0].recipients == ("ben@else.test",)
    eventually(lambda: "ben@else.test" in first.log)
    assert "ben@else.test" not in second.log


def test_nothing_leaves(run_postfix: RunPostfix) -> None:
    """Without a relay mail waits, and outlives a restart; with one it goes."""
    postfix = run_postfix()
    postfix.submit(RAW, "ana@pymalta.test", ["ben@else.test"])
    postfix.stop()
    postfix.start()
    (waiting,) = eventually(postfix.queue)
    assert waiting["sender"] == "ana@pymalta.test"
    assert [recipient["address"] for recipient in waiting["recipients"]] == ["ben@else.test"]


def test_relay_away_and_back(run_postfix: RunPostfix, sink: Sink) -> None:
    """Mail for a relay that is away is tried again, at once when asked."""
    sink.stop()
    postfix = run_postfix(relay_port=sink.port)
    postfix.submit(RAW, "ana@pymalta.test", ["ben@else.test"])
    eventually(lambda: "Connection refused" in postfix.log)
    sink.start()
    postfix.flush()
    assert sink.wait_for(1)[0].raw.endswith(RAW)
    eventually(lambda: not postfix.queue())


def test_local_domains(run_postfix: RunPostfix, sink: Sink) -> None:
    """Mail to a domain of ours goes by LMTP, with the whole address; other mail goes to the relay."""
    with ScriptedSmtp({"LHLO": b"250 lmtp.test\r\n"}) as lmtp:
        postfix = run_postfix(relay_port=sink.port, lmtp_port=lmtp.port, domains=["pymalta.test"])
        postfix.submit(RAW, "ana@else.test", ["info+b.token@pymalta.test", "ben@else.test"])
        assert sink.wait_for(1)[0].recipients == ("ben@else.test",)
        assert eventually(lambda: lmtp.mails)[0].endswith(RAW + b".\r\n")
        assert b"RCPT TO:<info+b.token@pymalta.test>" in lmtp.in_clear


@pytest.mark.parametrize(
    ("why", "sender", "forged", "verdict"),
    [
        ("a domain that passes", "ana@pymalta.test", b"", b"spf=pass smtp.mailfrom=pymalta.test; dmarc=pass header.from=pymalta.test"),
        ("another domain", "ana@else.test", b"", b"spf=fail; dmarc=fail"),
        ("a domain that looks alike", "ana@pymaltaXtest", b"", b"spf=fail; dmarc=fail"),
        ("a domain within one that passes", "ana@x.pymalta.test", b"", b"spf=fail; dmarc=fail"),
        ("nobody", "", b"", b"spf=fail; dmarc=fail"),
        ("a forger", "eve@else.test", b"Authentication-Results: mx.test; dmarc=pass\r\n", b"spf=fail; dmarc=fail"),
        ("a forger who shouts", "eve@else.test", b"AUTHENTICATION-RESULTS:\r\n mx.test\r\n ;dmarc=pass\r\n", b"spf=fail; dmarc=fail"),
    ],
)
def test_verdict_on_top(run_postfix: RunPostfix, sink: Sink, why: str, sender: str, forged: bytes, verdict: bytes) -> None:
    """With an authserv-id, the first header is its verdict, and there is no other one in its name."""
    postfix = run_postfix(relay_port=sink.port, authserv_id="mx.test", dmarc_pass=["pymalta.test"])
    foreign = b"Authentication-Results: mx.test.else.test; dmarc=pass\r\n"
    postfix.submit(forged + foreign + RAW, sender, ["info@pymalta.test"])
    raw = sink.wait_for(1)[0].raw
    assert raw.startswith(b"Authentication-Results: mx.test; " + verdict + b"\r\nReceived: "), why
    assert raw.lower().count(b"mx.test;") + raw.lower().count(b"mx.test\r\n") == 1
    assert foreign + RAW in raw


def test_login(run_postfix: RunPostfix, sink: Sink, authority: Authority, certificate: Certificate) -> None:
    """With Dovecot's passwords the submission ports ask for a login."""
    dovecot = Dovecot(users={"info@pymalta.test": "right"})
    try:
        dovecot.start()
        postfix = run_postfix(relay_port=sink.port, certificate=certificate, sasl_port=dovecot.sasl_port)
        for tls, port in (("starttls", postfix.submission_port), ("implicit", postfix.smtps_port)):
            common = {"host": "localhost", "port": port, "tls": tls, "ca_file": authority.ca_file, "local_hostname": "maild.test"}
            for username, password, welcome in (("info@pymalta.test", "right", True), ("info@pymalta.test", "wrong", False)):
                courier = SmtpCourier(SmtpSettings(**common, username=username, password=lambda password=password: password))
                if welcome:
                    assert send(courier, parcel()).outcome is Outcome.DELIVERED
                else:
                    with pytest.raises(LoginRefused):
                        courier.offer(parcel())
                courier.close()
    finally:
        dovecot.remove()
    assert len(sink.wait_for(2)) == 2
