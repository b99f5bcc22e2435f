"""The only double of a courier. It passes the contract of the real one."""

import threading
from dataclasses import dataclass

from maild.errors import CourierAway, MaildError
from maild.ports import Answer, Offer, Outcome, Parcel
from maild.transport.smtp.envelope import check

SILENCE = Answer(outcome=Outcome.UNCERTAIN, code=0, text="The server went away without an answer to the final dot.")
"""As `on_dot`: the call ends like this when it is interrupted or the server dies, and not before."""


class MemoryCourier:
    """Keeps what it delivers in `delivered`, in order, and does as it is told.

    `fault` is raised by every `offer`; `on_rcpt` and `on_dot` are the answers to certain recipients (`SILENCE` as well).
    """

    def __init__(self) -> None:
        self.delivered: list[Parcel] = []
        self.fault: MaildError | None = None
        self.on_rcpt: dict[str, Answer] = {}
        self.on_dot: dict[str, Answer] = {}
        self.connections = 0
        self.waiting = threading.Event()
        """Set when a call waits for an answer that does not come."""
        self._connected = False
        self._stopping = False
        self._silence_over = threading.Event()
        self._open: _MemoryOffer | None = None

    def offer(self, parcel: Parcel) -> Offer | Answer:
        """See `Courier.offer`."""
        check(parcel)
        self._open = None
        if self._stopping or self.fault is not None:
            raise self.fault or CourierAway("maild stops.")
        self.connections += not self._connected
        self._connected = True
        refusal = self.on_rcpt.get(parcel.recipient)
        if refusal is SILENCE:
            self._wait()
            raise CourierAway("The server went away.")
        if refusal is not None:
            return refusal
        self._open = _MemoryOffer(parcel=parcel, courier=self)
        return self._open

    def redeem(self, offer: "_MemoryOffer") -> Answer:
        """What `Offer.send` does here."""
        if self._open is not offer or self._stopping or not self._connected:
            return Answer(outcome=Outcome.DEFERRED, code=0, text="The offer had lapsed; nothing was sent.")
        self._open = None
        answer = self.on_dot.get(offer.parcel.recipient, Answer(outcome=Outcome.DELIVERED, code=250, text="OK"))
        if answer is SILENCE:
            self._wait()
        if answer.outcome is Outcome.DELIVERED:
            self.delivered.append(offer.parcel)
        return answer

    def hang_up(self) -> None:
        """Lose the connection, as a server ends one that lies idle or dies; what waits for an answer ends without."""
        self._connected = False
        self._silence_over.set()

    def interrupt(self) -> None:
        """See `Courier.interrupt`."""
        self._stopping = True
        self._silence_over.set()

    def close(self) -> None:
        """See `Courier.close`."""
        self._connected = self._stopping = False
        self._open = None

    def _wait(self) -> None:
        self._silence_over.clear()
        self.waiting.set()
        self._silence_over.wait()
        self.waiting.clear()
        self._connected = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _MemoryOffer:
    parcel: Parcel
    courier: MemoryCourier

    def send(self) -> Answer:
        """See `Offer.send`."""
        return self.courier.redeem(self)
