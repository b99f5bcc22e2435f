"""Every error maild raises on purpose, in one tree that is split by who has to act.

`str(error)` is one sentence for that person: it names the thing, the reason and the fix. Facts stand as attributes; the
cause, where there is one, is chained with `raise … from`. No sentence ever holds an address, a subject or text of a mail.
"""

from collections.abc import Sequence


class MaildError(Exception):
    """The root: something maild knows about and has a sentence for."""


class OperatorMustAct(MaildError):
    """Waiting does not help: the person who runs maild has to change something."""


class ConfigInvalid(OperatorMustAct):
    """The configuration file has mistakes; all of them are listed (exit status 78, EX_CONFIG)."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class SecretUnreadable(OperatorMustAct):
    """A password, token or key file is missing, empty or unreadable."""


class KeyFileInvalid(OperatorMustAct):
    """The key file is missing while the database needs it, damaged, or another one than the database was made with."""


class SchemaMismatch(OperatorMustAct):
    """The database is older (run `maild db upgrade`) or newer (run that newer maild) than this program."""


class DatabaseUnsafe(OperatorMustAct):
    """The database would not keep what it promises (journal mode, synchronous, synchronous_commit)."""


class AlreadyRunning(OperatorMustAct):
    """Another maild has this SQLite database open."""


class TemplateBroken(OperatorMustAct):
    """A letter of the operator's own cannot be written; the shipped one goes out in its place."""


class LoginRefused(OperatorMustAct):
    """A mail server, or PostgreSQL, does not accept the name and password (or token)."""


class ConsentGone(LoginRefused):
    """The provider of access tokens does not accept the consent of the mailbox's owner any more."""


class ConsentMissing(LoginRefused):
    """Nobody has consented yet: the installation is not finished."""


class CertificateRefused(OperatorMustAct):
    """A server's certificate does not prove its name, or the server offers no TLS at all."""


class PassesByItself(MaildError):
    """The world is in the way for now: back off and try again; nothing is lost meanwhile."""


class MailboxAway(PassesByItself):
    """The IMAP server does not answer, broke off, or overran a deadline."""


class CourierAway(PassesByItself):
    """The SMTP server does not answer or turned us away before MAIL FROM; says nothing about any single letter."""


class TokenAway(PassesByItself):
    """The provider of access tokens does not answer, or with nonsense."""


class StoreAway(PassesByItself):
    """The database does not answer for now, or its disk is full."""


class TicketChanged(PassesByItself):
    """The ticket moved on between reading and writing; decide once more."""


class MailAtFault(MaildError):
    """One mail is the problem: quarantine it, go on with its neighbours."""


class Unreadable(MailAtFault):
    """The reader child died on a message, ran out of its limits, or said it cannot be read."""


class GuardTripped(MailAtFault):
    """A finished parcel does not hold exactly the headers that were set (header injection); it must not leave."""
