"""All of `maild check`, one finding after the other, as they are made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maild.app.check.clock import Reading, clock_finding
from maild.app.check.finding import Finding, Grade, Setting, fault
from maild.app.check.judge import TRIP, Present, judge
from maild.app.check.probes import Inspection
from maild.app.check.trip import Trip
from maild.app.house import House
from maild.errors import MaildError
from maild.transport.smtp import SmtpCourier
from maild.transport.survey import ImapSurvey

NEEDED = frozenset({"key", "database", "imap", "smtp"})
"""What has to be in order before a mail is sent: without our key no daemon would know it for ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One run of `maild check`. `patience` is how many seconds a mail to ourselves may take; `tell` hears what is being waited for."""

    house: House
    round_trip: bool
    patience: float
    tell: Callable[[str], None]

    def run(self) -> Iterator[Finding | Setting]:
        """Findings as they are made, then the settings that would be better. Raises nothing that a server can cause."""
        faulty = set()
        for finding in Inspection(house=self.house).run():
            faulty |= {finding.about} if finding.grade is Grade.FAULT else set()
            yield finding
        if not self.round_trip:
            return
        database = self.house.config.database
        if faulty & NEEDED or (database.key is None and not database.key_file.exists()):
            yield fault(TRIP, _not_tried(faulty & NEEDED))
            return
        yield from self._trip()

    def _trip(self) -> Iterator[Finding | Setting]:
        mailbox, courier = ImapSurvey(self.house.imap_settings), SmtpCourier(self.house.smtp_settings)
        readings: list[Reading] = []
        trip = Trip(house=self.house, mailbox=mailbox, courier=courier, patience=self.patience, tell=self.tell, readings=readings)
        try:
            judged = judge(trip.run(), _present(self.house))
            yield from judged.findings
            yield from [clock_finding(readings)] if readings else []
            yield from judged.settings
        except MaildError as error:
            yield fault(TRIP, str(error))
        finally:
            courier.close()
            mailbox.close()


def _not_tried(faulty: set[str]) -> str:
    if faulty:
        return f"not tried: first mend what is said above of {', '.join(sorted(faulty))}."
    return "not tried: without the key file a daemon would take our mails for reports; `maild run` makes it at its first start."


def _present(house: House) -> Present:
    config = house.config
    return Present(
        authserv_id=config.authentication.authserv_id,
        form=house.form,
        plus_addressing=config.smtp.plus_addressing,
        folder=config.imap.folder,
        junk=config.imap.junk,
        poll_seconds=config.imap.poll_seconds.total_seconds(),
    )
