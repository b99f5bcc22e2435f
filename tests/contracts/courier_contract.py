"""What every `Courier` keeps, whatever it is made of: `class TestThisOne(CourierContract)` with a fixture `rig`."""

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from maild.errors import CourierAway
from maild.ports import Answer, Courier, Offer, Outcome, Parcel
from tests.servers.sink import Arrived

SENDER = "info@pymalta.test"
REFUSED = "rita@else.test"
LATER = "lars@else.test"
SLOW = "slavo@else.test"
SILENT = "silja@else.test"
TIME_LIMIT = 10.0
"""Seconds for anything here that a server must notice or a thread must end."""


class Rig(Protocol):
    """A courier and the server behind it, which refuses REFUSED (5xx) and LATER (4xx) and leaves RCPT for SLOW and the dot for SILENT
    unanswered.
    """

    courier: Courier

    def arrived(self, count: int) -> Sequence[Arrived]:
        """All mails that came, once there are `count`."""

    def connections(self) -> int:
        """How many connections the server has seen so far."""

    def hang_up(self) -> None:
        """The server ends connections that lie idle."""

    def wait_for_silence(self) -> None:
        """Return when the server has got what it leaves unanswered."""

    def die(self) -> None:
        """The server is away, at once."""

    def revive(self) -> None:
        """The server is back."""


def parcel(recipient: str = "ana@else.test", *, body: bytes = b"Hello\r\n", sender: str = SENDER, number: int = 1) -> Parcel:
    """A small mail."""
    message_id = f"<{number}@pymalta.test>"
    head = f"Message-ID: {message_id}\r\nFrom: {SENDER}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nSubject: {number}\r\n\r\n"
    return Parcel(message_id=message_id, envelope_sender=sender, recipient=recipient, raw=head.encode() + body)


def send(courier: Courier, parcel: Parcel) -> Answer:
    """Offer and send."""
    offer = courier.offer(parcel)
    return offer if isinstance(offer, Answer) else offer.send()


def refused(offered: Offer | Answer) -> Answer:
    """The answer of a server that does not want this parcel."""
    assert isinstance(offered, Answer)
    return offered


def agreed(offered: Offer | Answer) -> Offer:
    """The offer of a server that would take this parcel."""
    assert not isinstance(offered, Answer)
    return offered


class CourierContract:
    @pytest.mark.parametrize(
        ("why", "body"),
        [
            ("an ordinary text", b"Hello\r\n\r\nKind regards\r\n"),
            ("an empty body", b""),
            ("letters beyond ASCII as they are", "Għażiż Ċensu\r\n".encode()),
            ("every byte above ASCII", bytes(range(128, 256)) + b"\r\n"),
            ("lines that are or begin with dots", b".\r\n..\r\n.x\r\n. \r\n...\r\n"),
            ("a lone dot first and last", b".\r\nmiddle\r\n.\r\n"),
            ("the words of another mail", b"\r\n.\r\nMAIL FROM:<a@else.test>\r\nRCPT TO:<b@else.test>\r\nDATA\r\nQUIT\r\n"),
            ("blanks at the ends of lines", b"  \r\n\t\r\n x \r\n"),
            ("more than a socket takes in one go", b"." * 70 + b"\r\n" + (b"x" * 900 + b"\r\n") * 6_000),
        ],
    )
    def test_bytes_and_envelope(self, rig: Rig, why: str, body: bytes) -> None:
        """What was offered is what arrives, byte for byte, from this sender, for this recipient only."""
        sent = parcel(body=body)
        answer = send(rig.courier, sent)
        assert (answer.outcome, answer.code) == (Outcome.DELIVERED, 250), why
        (arrived,) = rig.arrived(1)
        assert (arrived.sender, arrived.recipients) == (SENDER, ("ana@else.test",)), why
        assert arrived.raw == sent.raw, why

    def test_empty_sender(self, rig: Rig) -> None:
        """A mail may have no envelope sender: nobody gets a bounce of it."""
        assert send(rig.courier, parcel(sender="")).outcome is Outcome.DELIVERED
        assert rig.arrived(1)[0].sender == ""

    def test_nothing_is_sent_by_an_offer(self, rig: Rig) -> None:
        """Between `offer` and `send` the outbox row is committed; until then nothing leaves."""
        offer = agreed(rig.courier.offer(parcel(number=1)))
        agreed(rig.courier.offer(parcel(number=2))).send()
        assert [mail.raw for mail in rig.arrived(1)] == [parcel(number=2).raw]
        assert offer.send().outcome is Outcome.DEFERRED
        assert len(rig.arrived(1)) == 1

    @pytest.mark.parametrize("next_one", ["ben@else.test", REFUSED, LATER])
    def test_an_offer_lapses_with_the_next_one(self, rig: Rig, next_one: str) -> None:
        """An offer that was followed by another one is not sent any more, whatever came of the other one."""
        offer = agreed(rig.courier.offer(parcel(number=1)))
        rig.courier.offer(parcel(next_one, number=2))
        assert offer.send().outcome is Outcome.DEFERRED
        assert send(rig.courier, parcel(number=3)).outcome is Outcome.DELIVERED
        assert [mail.raw for mail in rig.arrived(1)] == [parcel(number=3).raw]

    def test_an_offer_is_good_for_one_mail(self, rig: Rig) -> None:
        """An offer that was sent cannot be sent again."""
        offer = agreed(rig.courier.offer(parcel()))
        assert [offer.send().outcome, offer.send().outcome] == [Outcome.DELIVERED, Outcome.DEFERRED]
        assert len(rig.arrived(1)) == 1

    def test_one_connection(self, rig: Rig) -> None:
        """Two parcels go over one connection, in order."""
        for number in (1, 2):
            assert send(rig.courier, parcel(number=number)).outcome is Outcome.DELIVERED
        assert {mail.raw for mail in rig.arrived(2)} == {parcel(number=1).raw, parcel(number=2).raw}
        assert rig.connections() == 1

    @pytest.mark.parametrize(
        ("why", "recipient", "outcome", "class_"),
        [
            ("5xx: trying again will not help", REFUSED, Outcome.FAILED, 5),
            ("4xx: a later attempt may succeed", LATER, Outcome.DEFERRED, 4),
        ],
    )
    def test_refusal(self, rig: Rig, why: str, recipient: str, outcome: Outcome, class_: int) -> None:
        """A refused recipient is an answer about this parcel; the next one goes, over the same connection."""
        answer = refused(rig.courier.offer(parcel(recipient)))
        assert (answer.outcome, answer.code // 100) == (outcome, class_), why
        assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED
        assert len(rig.arrived(1)) == rig.connections() == 1

    @pytest.mark.parametrize("recipient", [REFUSED, LATER])
    def test_answers_name_nobody(self, rig: Rig, recipient: str) -> None:
        """The text of an answer is one short line without the address, though servers like to repeat that."""
        text = refused(rig.courier.offer(parcel(recipient))).text
        assert recipient not in text
        assert recipient.partition("@")[0] not in text
        assert 0 < len(text) <= 200
        assert text.isprintable()

    def test_away_and_back(self, rig: Rig) -> None:
        """A server that is away is no fault of the parcel's; when it is back, the same courier finds it."""
        rig.die()
        for _ in range(2):
            with pytest.raises(CourierAway):
                rig.courier.offer(parcel())
        rig.revive()
        assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED

    @pytest.mark.parametrize("number", [1, 2])
    def test_idle_connection_ended_by_the_server(self, rig: Rig, number: int) -> None:
        """That a server ends an idle connection is normal, and nobody is told."""
        for _ in range(number):
            assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED
        rig.hang_up()
        assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED
        assert rig.connections() == 2

    def test_server_gone_between_offer_and_send(self, rig: Rig) -> None:
        """A connection that ends before the final dot: surely not sent."""
        offer = agreed(rig.courier.offer(parcel()))
        rig.die()
        assert offer.send().outcome is Outcome.DEFERRED
        rig.revive()
        assert send(rig.courier, parcel(number=2)).outcome is Outcome.DELIVERED
        assert [mail.raw for mail in rig.arrived(1)] == [parcel(number=2).raw]

    def test_server_gone_in_the_dot(self, rig: Rig, thread: ThreadPoolExecutor) -> None:
        """A connection that ends after the final dot: nobody knows; and the courier can go on."""
        offer = agreed(rig.courier.offer(parcel(SILENT)))
        sending = thread.submit(offer.send)
        rig.wait_for_silence()
        rig.die()
        assert sending.result(TIME_LIMIT).outcome is Outcome.UNCERTAIN
        rig.revive()
        assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED

    def test_interrupt_in_an_offer(self, rig: Rig, thread: ThreadPoolExecutor) -> None:
        """`interrupt` ends an `offer` under way at once; nothing was sent."""
        offering = thread.submit(rig.courier.offer, parcel(SLOW))
        rig.wait_for_silence()
        rig.courier.interrupt()
        with pytest.raises(CourierAway):
            offering.result(TIME_LIMIT)

    def test_interrupt_in_the_dot(self, rig: Rig, thread: ThreadPoolExecutor) -> None:
        """`interrupt` ends a `send` under way at once; after the final dot nobody knows."""
        offer = agreed(rig.courier.offer(parcel(SILENT)))
        sending = thread.submit(offer.send)
        rig.wait_for_silence()
        rig.courier.interrupt()
        assert sending.result(TIME_LIMIT).outcome is Outcome.UNCERTAIN

    def test_interrupted_until_closed(self, rig: Rig) -> None:
        """After `interrupt` no call begins anything; after `close` the courier works again."""
        offer = agreed(rig.courier.offer(parcel()))
        rig.courier.interrupt()
        assert offer.send().outcome is Outcome.DEFERRED
        with pytest.raises(CourierAway):
            rig.courier.offer(parcel())
        rig.courier.close()
        assert send(rig.courier, parcel(number=2)).outcome is Outcome.DELIVERED
        assert [mail.raw for mail in rig.arrived(1)] == [parcel(number=2).raw]

    def test_interrupt_before_anything(self, rig: Rig) -> None:
        """`interrupt` may come before the first call."""
        rig.courier.interrupt()
        with pytest.raises(CourierAway):
            rig.courier.offer(parcel())

    def test_close_twice(self, rig: Rig) -> None:
        """`close` may come at any time, any number of times; what was offered lapses."""
        rig.courier.close()
        offer = agreed(rig.courier.offer(parcel()))
        rig.courier.close()
        rig.courier.close()
        assert offer.send().outcome is Outcome.DEFERRED
        assert send(rig.courier, parcel()).outcome is Outcome.DELIVERED

    @pytest.mark.parametrize(
        ("why", "wrong"),
        [
            ("a lone LF could hide a final dot from us and not from the server", {"raw": b"Subject: x\r\n\r\na\n.\n\r\n"}),
            ("a lone CR as well", {"raw": b"Subject: x\r\n\r\na\r.\r\r\n"}),
            ("CR CR LF holds a lone CR", {"raw": b"Subject: x\r\r\n\r\n"}),
            ("LF CR is no line end", {"raw": b"Subject: x\n\r\r\n"}),
            ("without a line end the dot would not be alone", {"raw": b"Subject: x\r\n\r\na"}),
            ("no bytes are no mail", {"raw": b""}),
            ("a mail needs a recipient", {"recipient": ""}),
            ("a line end begins a new command", {"recipient": "a@else.test>\r\nRCPT TO:<b@else.test"}),
            ("an angle bracket ends the address", {"recipient": "a@else.test> SIZE=1"}),
            ("so it does in the sender", {"envelope_sender": "a@else.test>"}),
            ("and opens another one", {"envelope_sender": "<a@else.test"}),
            ("a blank begins an option", {"recipient": "a b@else.test"}),
            ("a NUL ends a C string", {"recipient": "a\0@else.test"}),
            ("an unprintable character has no business here", {"recipient": "a\u202e@else.test"}),
        ],
    )
    def test_wrongly_composed(self, rig: Rig, why: str, wrong: dict[str, str | bytes]) -> None:
        """A parcel that could say more than one mail to a server is refused before anything is said (P-31)."""
        with pytest.raises(ValueError, match=r"^An envelope address|^A parcel"):
            rig.courier.offer(dataclasses.replace(parcel(), **wrong))
        assert rig.connections() == 0, why
