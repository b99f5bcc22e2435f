"""Quarantine on the command line: which mails raised an error, and what the person who runs maild does with one of them."""

from collections.abc import Callable, Sequence

from maild.app.house import House
from maild.store import Work
from maild.store.inbox import Quarantined


def quarantined(house: House) -> Sequence[Quarantined]:
    """What is in quarantine, the oldest first."""
    with house.store.read() as work:
        return work.inbox.quarantined()


def source(house: House, number: int) -> bytes | None:
    """The bytes of one mail as it came; None where none of that number is in quarantine."""
    with house.store.read() as work:
        return work.inbox.raw(number) if _there(work, number) else None


def retry(house: House, number: int) -> bool:
    """Have it read again, as if it had just come; false where none of that number is in quarantine. A running daemon does it within a minute."""
    return _carry_out(house, number, "quarantine-retry", lambda work: work.inbox.release(number))


def discard(house: House, number: int) -> bool:
    """Take it out of quarantine without making a case of it; its bytes are kept. False where none of that number is in quarantine."""
    return _carry_out(house, number, "quarantine-discard", lambda work: work.inbox.discard(number, now=house.clock()))


def _carry_out(house: House, number: int, verb: str, act: Callable[[Work], bool]) -> bool:
    """Do it once, together with its line of the journal."""
    with house.store.begin() as work:
        done = _there(work, number) and act(work)
        if done:
            work.journal.append([{"verb": verb, "by": "operator", "ticket": None, "mail": number}], now=house.clock())
        return done


def _there(work: Work, number: int) -> bool:
    """Asked here, because a number may be larger than any that the database can be asked for."""
    return number in {row.id for row in work.inbox.quarantined()}
