"""Every log line there is, as a function: an allow-list. None holds an address, a name, a subject, a text or a token.

Code names, ids, counts, spans and the class and place of an exception may be logged; its message may not, because foreign
exceptions carry the values they stumbled over (security.md F11).
"""

import logging
import traceback
from collections.abc import Iterable
from pathlib import Path

from maild.errors import MaildError

_log = logging.getLogger("maild")

GAGGED = ("aiosmtplib", "asyncio", "imapclient", "mailparser", "schedule", "sqlalchemy", "alembic", "mail.log", "py.warnings")
"""Foreign loggers that would print what they handle."""


def gag_foreign_loggers() -> None:
    """Let no library write to the log: what maild wants to say it says itself."""
    for name in GAGGED:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


def place_of(error: BaseException) -> str:
    """The class of an exception and where it was raised, without its message: "KeyError at scene.py:120"."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def sentence_of(error: BaseException) -> str:
    """What may be said of an error: the sentence of one of ours, the class and place of any other."""
    return str(error) if isinstance(error, MaildError) else place_of(error)


def started(version: str, *, database: str) -> None:
    """The daemon runs."""
    _log.info("maild %s started on %s", version, database)


def refused(sentence: str) -> None:
    """maild does not start, or ends, because somebody has to mend something."""
    _log.error("%s", sentence)


def stopping(reason: str) -> None:
    """The daemon was asked to stop."""
    _log.info("stopping: %s", reason)


def unchanged() -> None:
    """SIGHUP came, which asks other daemons to read their configuration anew."""
    _log.warning("SIGHUP: nothing is read anew; restart maild for a changed configuration")


def stopped(seconds: float) -> None:
    """The daemon has stopped."""
    _log.info("stopped after %.1f s", seconds)


def warned(sentence: str) -> None:
    """Something in the configuration works, and is probably not what was meant."""
    _log.warning("configuration: %s", sentence)


def trouble(where: str, error: BaseException, *, retry_in: float) -> None:
    """A thread could not do its work for now and tries again."""
    _log.warning("%s: %s (next try in %.0f s)", where, sentence_of(error), retry_in)


def recovered(where: str) -> None:
    """A thread works again."""
    _log.info("%s: works again", where)


def broken(where: str, error: BaseException) -> None:
    """Something raised that nobody expected; its place is told, its message is not."""
    _log.error("%s: %s", where, place_of(error))


def taken_in(count: int, folder_role: str) -> None:
    """Mails were committed to the inbox."""
    _log.info("taken in: %d from %s", count, folder_role)


def not_put_away(sentence: str) -> None:
    """The mail server does not flag or move what was taken in."""
    _log.warning("not put away: %s", sentence)


def filed(kind: str, *, code: str, letters: int) -> None:
    """A mail was decided on and filed."""
    _log.info("filed: %s %s, %d letters", kind, code or "without a case", letters)


def filed_elsewhere() -> None:
    """Another daemon filed the mail first."""
    _log.info("filed by another daemon")


def decided_again() -> None:
    """A case moved on between reading and writing."""
    _log.debug("decided again: the case moved on meanwhile")


def unreadable(*, attempt: int, error: BaseException) -> None:
    """The reader child did not survive a mail."""
    _log.warning("a mail could not be read (attempt %d): %s", attempt, sentence_of(error))


def quarantined(error: BaseException) -> str:
    """A mail raised and was set aside; the answer is what was said of it."""
    what = sentence_of(error) if isinstance(error, MaildError) else " < ".join(_places(error))
    _log.error("quarantined a mail: %s", what)
    return what


def _places(error: BaseException) -> Iterable[str]:
    yield place_of(error)
    frames = traceback.extract_tb(error.__traceback__)
    yield from (f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-6:-1]))


def guard_tripped(letter: str) -> None:
    """A letter's Subject would have broken its headers and was replaced."""
    _log.error("the Subject of a letter (%s) was replaced: it would have broken the headers", letter)


def sent(letter: str, code: int) -> None:
    """A mail server took a letter."""
    _log.info("sent: %s (%d)", letter, code)


def not_sent(letter: str, outcome: str, code: int) -> None:
    """A mail server did not take a letter."""
    _log.warning("not sent: %s, %s (%d)", letter, outcome, code)


def stepped(duty: str, rung: str, code: str) -> None:
    """A step of a ladder was climbed."""
    _log.info("deadline: %s %s %s", code, duty, rung)


def unsendable(letter: str) -> None:
    """A letter's envelope or bytes are such that it could not even be offered."""
    _log.error("a letter (%s) cannot be sent: its address or its bytes are not fit for SMTP", letter)


def digest_sent(week: str, letters: int) -> None:
    """The weekly digest was put into the outbox."""
    _log.info("digest %s: %d letters", week, letters)


def occasion(family: str, letters: int) -> None:
    """Letters that the calendar of an event asks for were put into the outbox."""
    _log.info("event %s: %d letters", family, letters)


def alarm(kind: str) -> None:
    """An alarm was raised."""
    _log.error("alarm: %s", kind)


def invariant(name: str) -> None:
    """One of the three invariants does not hold."""
    _log.error("invariant broken: %s", name)


def anchor(number: int, digest: str) -> None:
    """The journal's head, for a later check against truncation."""
    _log.info("journal anchor: %d %s", number, digest)
