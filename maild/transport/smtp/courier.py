"""The life of maild's SMTP connections, seen from the thread that delivers: kept, found dead, opened anew, broken off."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from maild.errors import CourierAway, LoginRefused
from maild.ports import Answer, Offer, Outcome, Parcel
from maild.transport.smtp import envelope
from maild.transport.smtp.wire import SmtpSettings, Wire

BREAK_OFF_AGAIN: Final = 0.05
"""Seconds between two attempts to break off one call."""

_T = TypeVar("_T")


class SmtpCourier:
    """A `Courier` on aiosmtplib. All methods but `interrupt` are called from one thread at a time.

    After `interrupt` the call under way and every later one end at once: `offer` with `CourierAway`, `send` with DEFERRED where the
    final dot is not out yet and UNCERTAIN where it is. `close` lifts that; the courier can be used again then.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._runner: asyncio.Runner | None = None
        self._task: asyncio.Task[Any] | None = None
        self._wire: Wire | None = None
        self._open: _SmtpOffer | None = None
        self._suspect: str | None = None
        self._stopping = threading.Event()

    def offer(self, parcel: Parcel) -> Offer | Answer:
        """See `Courier.offer`. An earlier offer that was not sent lapses. Raises `ValueError` for a parcel that maild composed wrongly."""
        envelope.check(parcel)
        return self._run(lambda: self._offer(parcel))

    @property
    def greeting(self) -> str:
        """What the server said first on the connection that is open; empty without one. Some name themselves and the time there."""
        return self._wire.greeting if self._wire is not None else ""

    def interrupt(self) -> None:
        """See `Courier.interrupt`."""
        self._stopping.set()
        if (runner := self._runner) is not None:
            with contextlib.suppress(RuntimeError):  # closed in the meantime
                runner.get_loop().call_soon_threadsafe(self._break_off)

    def close(self) -> None:
        """See `Courier.close`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            with runner:
                runner.run(self._leave())
        self._stopping.clear()

    def _run(self, step: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        if self._runner is None:
            runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
            runner.get_loop()  # made here, lest `interrupt` make it in its own thread
            self._runner = runner
        try:
            return self._runner.run(self._breakable(step))
        except asyncio.CancelledError:
            raise CourierAway(f"{self._settings.peer} was left in mid-conversation because maild stops.") from None

    async def _breakable(self, step: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        self._task = asyncio.current_task()
        try:
            if self._stopping.is_set():
                raise asyncio.CancelledError
            return await step()
        except BaseException:
            if self._wire is not None:
                self._wire.cut()
            raise
        finally:
            self._task = None

    def _break_off(self) -> None:
        if self._task is not None:
            self._task.cancel()
            # Until Python 3.12 `wait_for` swallows a cancellation that meets the awaited answer, hence again until the task is over.
            asyncio.get_running_loop().call_later(BREAK_OFF_AGAIN, self._break_off)

    async def _offer(self, parcel: Parcel) -> "_SmtpOffer | Answer":
        wire, refusal = await self._mail(parcel)
        refusal = refusal or await self._rcpt(wire, parcel)
        if refusal is not None:
            await wire.reset()
            return refusal
        self._open = _SmtpOffer(parcel=parcel, wire=wire, redeem=self._send)
        return self._open

    async def _mail(self, parcel: Parcel) -> tuple[Wire, Answer | None]:
        """MAIL FROM on the kept connection or, where the server has closed that meanwhile, on a new one."""
        if (wire := await self._kept()) is not None:
            # LoginRefused: the access token it was opened with has ended, and a new connection has a new one.
            with contextlib.suppress(CourierAway, LoginRefused):
                return wire, await wire.mail(parcel)
            wire.cut()
        self._wire = wire = await Wire.open(self._settings)
        return wire, await wire.mail(parcel)

    async def _kept(self) -> Wire | None:
        wire, lapsed = self._wire, self._open
        self._open = None
        if wire is None or not wire.alive:
            return None
        if time.monotonic() - wire.used_at > self._settings.max_age:
            await wire.quit()
            return None
        if lapsed is not None:
            await wire.reset()
        return wire

    async def _rcpt(self, wire: Wire, parcel: Parcel) -> Answer | None:
        """RCPT TO. A recipient on whom the conversation breaks twice running is DEFERRED, lest it hold up everybody else's mail."""
        suspect, self._suspect = self._suspect, parcel.message_id
        try:
            refusal = await wire.rcpt(parcel)
        except CourierAway as away:
            if suspect != parcel.message_id:
                raise
            return Answer(outcome=Outcome.DEFERRED, code=0, text=str(away))
        self._suspect = None
        return refusal

    def _send(self, offer: "_SmtpOffer") -> Answer:
        if self._open is not offer:
            return Answer(outcome=Outcome.DEFERRED, code=0, text="The offer had lapsed; nothing was sent.")
        self._open = None
        try:
            return self._run(lambda: offer.wire.post(offer.parcel))
        except CourierAway as away:
            outcome = Outcome.UNCERTAIN if offer.wire.past_dot else Outcome.DEFERRED
            return Answer(outcome=outcome, code=0, text=str(away))

    async def _leave(self) -> None:
        if self._wire is not None:
            await self._wire.quit()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SmtpOffer:
    parcel: Parcel
    wire: Wire
    redeem: "Callable[[_SmtpOffer], Answer]"

    def send(self) -> Answer:
        """See `Offer.send`."""
        return self.redeem(self)
