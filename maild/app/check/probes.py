"""The probes of `maild check`: each looks at one thing by itself and says what it found. None changes anything, none waits for a daemon.

The database is opened to read, the mailbox with EXAMINE, and the SMTP server is asked up to RCPT TO and told no more.
"""

import pwd
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from maild.app.check.clock import Reading, clock_finding, date_in
from maild.app.check.finding import Finding, fault, note, ok
from maild.app.house import House
from maild.app.keyfile import read_key
from maild.app.transparency import unknown_events
from maild.errors import MaildError
from maild.mail.identity import bounce_address
from maild.ports import Answer, Parcel
from maild.store import has_schema, is_sealed
from maild.transport.imap import ImapMailbox, ImapSettings
from maild.transport.smtp import SmtpCourier, SmtpSettings
from maild.transport.survey import ImapSurvey

LATEST = 20
"""Mails at the end of the folder whose moments of arrival are compared with our clock."""
_LOST_EVENT = (
    "there are cases of the event {slug}, which no [[event]] is called: they are in no report about an event, and nobody is told when one is"
    " owed. Put its table back, with this slug, and keep it until its report is released."
)
_HEAD = 4 * 1024
"""Bytes fetched of each of them: nobody reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The probes of one house. What they learn of other clocks is kept for the last of them."""

    house: House
    readings: list[Reading] = field(default_factory=list)

    def run(self) -> Iterator[Finding]:
        """Every probe in turn, whatever became of the others."""
        probes: dict[str, Callable[[], Iterator[Finding]]] = {
            "config": self._config,
            "templates": self._templates,
            "key": self._key,
            "database": self._database,
            "imap": self._imap,
            "smtp": self._smtp,
            "clock": self._clock,
        }
        said: dict[str, str] = {}
        for about, probe in probes.items():
            try:
                yield from probe()
            except MaildError as error:
                first = said.setdefault(str(error), about)
                yield fault(about, str(error)) if first == about else note(about, f"not looked at, for what is said of {first} above.")
            except OSError as error:
                yield fault(
                    about, f"this user may not look at it ({error.strerror}); run maild check as root or as the user that runs maild."
                )

    def _config(self) -> Iterator[Finding]:
        yield from (note("config", sentence) for sentence in self.house.config.warnings)
        yield ok("config", "no mistakes.")

    def _templates(self) -> Iterator[Finding]:
        faults = self.house.templates.faults()
        yield from (fault("templates", sentence) for sentence in faults)
        if not faults:
            yield ok("templates", "every letter can be written.")

    def _key(self) -> Iterator[Finding]:
        database = self.house.config.database
        if database.key is not None:
            yield ok("key", f"the credential of {database.key.key} holds one of {len(self.house.key)} bytes.")
        elif database.key_file.exists() or (sealed := self._sealed()):
            read_key(database.key_file)
            yield _owned(database.key_file, beside=database.file)
        elif sealed is None:
            yield note("key", f"{database.key_file} is not there; whether one is missed, the database below has to tell.")
        else:
            yield note("key", f"{database.key_file} is not there yet; the first `maild run` makes it.")

    def _sealed(self) -> bool | None:
        """Whether the database was made with a key; None where it does not tell, of which `_database` says why."""
        try:
            url = self.house.config.database.opened_url()
            return has_schema(url) and is_sealed(url)
        except MaildError:
            return None

    def _database(self) -> Iterator[Finding]:
        if not has_schema(self.house.config.database.opened_url()):
            yield note("database", "there is none yet; the first `maild run` makes it.")
            return
        with self.house.store.read() as work:
            lost = unknown_events(work, self.house.policy)
        yield ok("database", f"{self.house.store.kind} answers, its tables are of this version, and the key opens it.")
        yield from (note("database", _LOST_EVENT.format(slug=slug)) for slug in lost)

    def _imap(self) -> Iterator[Finding]:
        mailbox = ImapSurvey(self.house.imap_settings)
        try:
            yield from self._mailbox(mailbox)
        finally:
            mailbox.close()

    def _mailbox(self, mailbox: ImapSurvey) -> Iterator[Finding]:
        imap = self.house.config.imap
        folder = mailbox.select(imap.folder)
        latest = mailbox.latest(folder, count=LATEST, size_limit=_HEAD)
        self.readings.extend(
            Reading(source="the IMAP server", theirs=one.received_at, earliest=None, latest=self.house.clock()) for one in latest
        )
        yield ok("imap", f"{_way(self.house.imap_settings)}: login accepted, folder {imap.folder} open, {folder.exists} mails in it.")
        yield from _junk(mailbox, configured=imap.junk)
        yield from self._after()

    def _after(self) -> Iterator[Finding]:
        """What is to become of a stored mail: asked of the folder as the daemon opens it, and nothing is done."""
        imap = self.house.config.imap
        if imap.after == "keep":
            return
        mailbox = ImapMailbox(replace(self.house.imap_settings, read_only=False))
        try:
            mailbox.select(imap.folder)
            refusal = mailbox.put_away([], folder=imap.done_folder if imap.after == "move" else None)
        finally:
            mailbox.close()
        yield fault("imap", refusal) if refusal else ok("imap", f'the server can do what after = "{imap.after}" asks for.')

    def _smtp(self) -> Iterator[Finding]:
        courier = SmtpCourier(self.house.smtp_settings)
        try:
            before = self.house.clock()
            answer = courier.offer(_never_sent(self.house))
            theirs = date_in(courier.greeting)
            if theirs is not None:
                self.readings.append(Reading(source="the SMTP server", theirs=theirs, earliest=before, latest=self.house.clock()))
            yield _accepted(answer, self.house.smtp_settings)
        finally:
            courier.close()

    def _clock(self) -> Iterator[Finding]:
        yield clock_finding(self.readings)


def _owned(path: Path, *, beside: Path | None) -> Finding:
    """The database and its key belong to one user: the one that runs maild."""
    owner = path.stat().st_uid
    if beside is not None and beside.exists() and beside.stat().st_uid != owner:
        names = [_user(uid) for uid in (owner, beside.stat().st_uid)]
        return fault("key", f"{path} belongs to {names[0]} and the database to {names[1]}; run: chown {names[1]} {path}")
    return ok("key", f"{path} is there, and only {_user(owner)} can read it.")


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _junk(mailbox: ImapSurvey, *, configured: str) -> Iterator[Finding]:
    """The folder of suspected spam: reports end up there, too."""
    if configured == "off":
        yield note("imap", 'the Junk folder is not watched (junk = "off"): a report that a filter puts there reaches nobody.')
        return
    name = mailbox.junk() if configured == "auto" else configured
    if name is None:
        yield note("imap", "no Junk folder was found: if the mail host has one, name it in [imap] junk.")
        return
    mailbox.select(name)
    yield ok("imap", f"Junk folder {name} is watched too.")


def _way(settings: ImapSettings | SmtpSettings) -> str:
    trusted = "without TLS, on this machine" if settings.tls == "none" else "TLS, certificate trusted"
    return f"{settings.host}:{settings.port}, {trusted}"


def _never_sent(house: House) -> Parcel:
    """A letter to ourselves with the envelope of a real one, which is offered and taken back before DATA."""
    sender = house.config.organisation.mailbox
    envelope = bounce_address(sender, "check") if house.config.smtp.plus_addressing else sender
    return Parcel(message_id="check@maild.invalid", envelope_sender=envelope, recipient=sender, raw=b"Subject: check\r\n\r\n\r\n")


def _accepted(answer: object, settings: SmtpSettings) -> Finding:
    if isinstance(answer, Answer):
        return fault(
            "smtp",
            f"{settings.peer} does not take a letter from the mailbox to itself ({answer.code} {answer.text});"
            " this login has to be allowed to send as organisation.mailbox, and that has to be a real mailbox.",
        )
    login = "login accepted" if settings.username else "no login wanted"
    return ok("smtp", f"{_way(settings)}: {login}, the mailbox may send.")
