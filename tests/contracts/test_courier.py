"""The contract of couriers on the double, and on the real one against a recording sink and against Postfix."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from maild.errors import CourierAway
from maild.ports import Answer, Outcome
from maild.transport.smtp import SmtpCourier, SmtpSettings
from tests.contracts.courier_contract import LATER, REFUSED, SILENT, SLOW, TIME_LIMIT, CourierContract
from tests.fakes_courier import SILENCE, MemoryCourier
from tests.servers.postfix import Postfix
from tests.servers.sink import Arrived, Sink, Trouble


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def to(port: int) -> SmtpCourier:
    """A courier to a server on loopback, without TLS."""
    return SmtpCourier(
        SmtpSettings(host="127.0.0.1", port=port, tls="none", username=None, password=str, ca_file=None, local_hostname="maild.test")
    )


class MemoryRig:
    def __init__(self) -> None:
        self.courier = MemoryCourier()
        self.courier.on_rcpt = {
            REFUSED: Answer(outcome=Outcome.FAILED, code=550, text="no such person"),
            LATER: Answer(outcome=Outcome.DEFERRED, code=450, text="try later"),
            SLOW: SILENCE,
        }
        self.courier.on_dot = {SILENT: SILENCE}

    def arrived(self, count: int) -> Sequence[Arrived]:
        assert len(self.courier.delivered) >= count
        return [
            Arrived(sender=parcel.envelope_sender, recipients=(parcel.recipient,), options=(), raw=parcel.raw)
            for parcel in self.courier.delivered
        ]

    def connections(self) -> int:
        return self.courier.connections

    def hang_up(self) -> None:
        self.courier.hang_up()

    def wait_for_silence(self) -> None:
        assert self.courier.waiting.wait(TIME_LIMIT)

    def die(self) -> None:
        self.courier.fault = CourierAway("away")
        self.courier.hang_up()

    def revive(self) -> None:
        self.courier.fault = None


class SinkRig:
    def __init__(self, sink: Sink) -> None:
        sink.on_rcpt(REFUSED, f"550 5.1.1 <{REFUSED}>: no such person")
        sink.on_rcpt(LATER, f"450 4.2.0 <{LATER}>: try later")
        sink.on_rcpt(SLOW, Trouble.HANG)
        sink.on_dot(SILENT, Trouble.HANG)
        self._sink = sink
        self.courier = to(sink.port)
        self.arrived = sink.wait_for
        self.hang_up = sink.hang_up
        self.die = sink.stop
        self.revive = sink.start

    def connections(self) -> int:
        return self._sink.connections

    def wait_for_silence(self) -> None:
        assert self._sink.waiting.wait(TIME_LIMIT)


class SilentPolicy:
    """A policy server that Postfix asks and that never answers; that it is asked tells how far a mail has come."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._askers: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        self.service = f"check_policy_service inet:127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for each in (self._listener, *self._askers):
            each.close()

    def _listen(self) -> None:
        while True:
            try:
                asker, _ = self._listener.accept()
            except OSError:
                return
            self._askers.append(asker)
            self.asked.set()


class PostfixRig:
    def __init__(self, postfix: Postfix, *, sink: Sink, policy: SilentPolicy) -> None:
        self._postfix, self._sink, self._policy = postfix, sink, policy
        self.courier = to(postfix.port)
        self._starts = 1
        self.die = postfix.kill

    def arrived(self, count: int) -> Sequence[Arrived]:
        return [
            Arrived(sender=mail.sender, recipients=mail.recipients, options=mail.options, raw=without_trace(mail.raw))
            for mail in self._sink.wait_for(count)
        ]

    def connections(self) -> int:
        # Each start of Postfix ends with one connection that only looks whether it is up.
        deadline = time.monotonic() + TIME_LIMIT
        while self._postfix.log.count(": lost connection after CONNECT ") < self._starts:
            assert time.monotonic() < deadline
        return self._postfix.log.count(": connect from ") - self._starts

    def hang_up(self) -> None:
        self.die()
        self.revive()

    def wait_for_silence(self) -> None:
        assert self._policy.asked.wait(TIME_LIMIT)

    def revive(self) -> None:
        self._postfix.start()
        self._starts += 1


def without_trace(raw: bytes) -> bytes:
    """The mail without the `Received:` that Postfix sets on top."""
    assert raw.startswith(b"Received:")
    return raw[raw.index(b"Message-ID:") :]


class TestMemoryCourier(CourierContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


class TestSmtpCourierOnASink(CourierContract):
    @pytest.fixture
    def rig(self) -> Iterator[SinkRig]:
        with Sink() as sink:
            rig = SinkRig(sink)
            yield rig
            rig.courier.close()


class TestSmtpCourierOnPostfix(CourierContract):
    @pytest.fixture
    def rig(self, run_postfix: Callable[..., Postfix]) -> Iterator[PostfixRig]:
        policy = SilentPolicy()
        refusals = f"inline:{{ {{{REFUSED} = 550 5.1.1 no such person}}, {{{LATER} = 450 4.2.0 try later}}, {{{SLOW} = ask}} }}"
        main = {
            "smtpd_recipient_restrictions": f"check_recipient_access {refusals}",
            "smtpd_end_of_data_restrictions": f"check_recipient_access inline:{{ {{{SILENT} = ask}} }}",
            "smtpd_restriction_classes": "ask",
            "ask": policy.service,
        }
        with Sink() as sink:
            rig = PostfixRig(run_postfix(relay_port=sink.port, main=main), sink=sink, policy=policy)
            yield rig
            rig.courier.close()
            policy.close()
