"""The story: who writes what, how time passes, and which letters have to come of it.

People write by SMTP as any mail program does; what maild makes of it is seen in their mailboxes. Each step waits for its letters.
"""

import smtplib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from itertools import pairwise
from time import monotonic

from maild.demo.servers import LOOPBACK, Delivered
from maild.demo.show import Show
from maild.demo.stage import ANA, BEN, DESK, DORA, KIM, SAM, Person, Stage, by_address
from maild.mail.message import Message
from maild.mail.parse import parse
from maild.playbook.letters import Kind

PATIENCE = 10.0
"""Seconds in which the letters of a step have to come."""

HEADINGS = {
    Kind.RECEIPT: "The acknowledgement",
    Kind.NEW_REPORT: "The notice of a new report",
    Kind.OUTCOME: "The outcome",
    Kind.ANSWER: "What became of the commands",
    Kind.REMINDER: "A reminder",
    Kind.MISSED: "Word to the board",
    Kind.HOLDING: "The holding letter",
    Kind.DIGEST: "The weekly digest",
}
"""What a letter is, in plain words; the others are called by their names."""

Letter = tuple[Kind, Person]
"""Which letter, to whom."""

FIRST_REPORT = """\
Hello,

at the meetup last Thursday somebody called Robin talked over me all through my
short talk, and afterwards made jokes about my accent. I asked Robin once to
stop and only got a laugh. I do not need anything right now, I would just like
somebody to know, because I want to come again.

Thank you
Kim
"""

SECOND_REPORT = """\
Hello,

in the chat somebody keeps answering beginners with "just read the manual" and
worse. It puts new people off. I can send you links if that helps.

Sam
"""

ONE_MAIL = """\
[take]
[determine violation=yes who="Robin Example" ongoing=no safety=no]
Robin interrupted the speaker several times and mocked how they speak, also
after being asked to stop. Two people in the first row confirm it.
[resolve:private-reprimand]
[reply]
Thank you for asking for it to stop. Nobody should have to do that during a
talk. We would be glad to see you at the next meetup.
"""


class NotSeen(Exception):
    """A step of the story did not happen; says which letters did not come."""


@dataclass(slots=True, kw_only=True)
class Teller:
    """Tells what happens on the stage: prints every mail in the order in which they were delivered."""

    stage: Stage
    show: Show
    patience: float = PATIENCE
    _place: int = 0
    _texts: set[tuple[str, str]] = field(default_factory=set)

    def awaits(self, *letters: Letter) -> dict[Letter, Delivered]:
        """Print mails until these letters have come. Raises `NotSeen`."""
        self._texts.clear()
        missing, come = set(letters), dict[Letter, Delivered]()
        until = monotonic() + self.patience
        while missing:
            fresh = self.stage.host.after(self._place, seconds=until - monotonic())
            if not fresh:
                raise NotSeen(self._excuse(missing))
            letter = self.tell(fresh[0])
            if letter:
                come[letter] = fresh[0]
            missing.discard(letter)
        return come

    def follow(self, *, seconds: float) -> bool:
        """Print what comes next, a line each; false where nothing came in time."""
        fresh = self.stage.host.after(self._place, seconds=seconds)
        self._place += len(fresh)
        for mail in fresh:
            heading, way, message = self._seen(mail)
            self.show.brief(heading, way=way, subject=message.subject)
        return bool(fresh)

    def tell(self, mail: Delivered) -> Letter | None:
        """Print one mail in full; the answer is which letter it was, where it is one of maild's."""
        self._place += 1
        heading, way, message = self._seen(mail)
        if (heading, message.text) in self._texts:
            self.show.again(f"another of the same to {by_address(mail.recipient).name}")
        else:
            self.show.mail(heading, way=way, subject=message.subject, text=message.text)
        self._texts.add((heading, message.text))
        kind = self.stage.kind_of(message.message_id)
        return (Kind(kind), by_address(mail.recipient)) if kind else None

    def _seen(self, mail: Delivered) -> tuple[str, str, Message]:
        """What a mail is in plain words, from whom to whom it goes, and its words."""
        message, to = self.read(mail), by_address(mail.recipient)
        kind = self.stage.kind_of(message.message_id)
        heading = HEADINGS.get(Kind(kind), kind.replace("-", " ").capitalize()) if kind else "A mail"
        writer = message.sender.name or message.sender.address if message.sender else "somebody"
        return heading, f"{writer} → {to.name} <{to.address}>", message

    def read(self, mail: Delivered) -> Message:
        """A mail as maild reads it."""
        return parse(mail.raw, own=self.stage.house.own)

    def _excuse(self, missing: Collection[Letter]) -> str:
        names = sorted(f"{kind.value} to {to.name}" for kind, to in missing)
        return f"Not seen within {self.patience:.0f} s: {', '.join(names)}."

    def send(self, writer: Person, *, subject: str, text: str, answers: Message | None = None) -> None:
        """Send a mail to the organisation, as an ordinary mail program does."""
        self.stage.sent[writer.handle] += 1
        mail = EmailMessage(policy=SMTP)
        mail["From"] = formataddr((writer.name, writer.address))
        mail["To"] = formataddr((DESK.name, DESK.address))
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.time)
        mail["Message-ID"] = f"<{self.time:%Y%m%d%H%M%S}.{self.stage.sent[writer.handle]}.{writer.address}>"
        if answers:
            mail["In-Reply-To"] = f"<{answers.message_id}>"
            mail["References"] = " ".join(f"<{one}>" for one in (*answers.references, answers.message_id))
        mail.set_content(text)
        with smtplib.SMTP(LOOPBACK, self.stage.host.smtp_port) as wire:
            wire.login(writer.address, self.stage.password)
            wire.send_message(mail)

    @property
    def time(self) -> datetime:
        """The story's local time."""
        return self.stage.clock().astimezone(self.stage.zone)

    def wait(self, span: timedelta) -> None:
        """Let time pass, as the clock on the wall shows it."""
        self.stage.until(self.time + span)

    def now(self, text: str) -> None:
        """Say what time it is, and what that means."""
        self.show.say(f"{self.time:%A %-d %B, %H:%M}. {text}")


def play(teller: Teller) -> None:
    """Tell the whole story. Raises `NotSeen` at the first step that does not happen."""
    notice = _report_arrives(teller)
    _staff_resolve(teller, notice)
    received_at = _second_report(teller)
    _nobody_answers(teller, received_at)
    _digest(teller)


def _report_arrives(teller: Teller) -> Message:
    teller.show.chapter("1. A report arrives")
    teller.now("Kim writes to the organisation, from an ordinary mail program.")
    teller.send(KIM, subject="The meetup on Thursday", text=FIRST_REPORT)
    came = teller.awaits((Kind.RECEIPT, KIM), (Kind.NEW_REPORT, ANA), (Kind.NEW_REPORT, BEN))
    teller.show.say(_acknowledged(teller, came[Kind.RECEIPT, KIM]))
    return teller.read(came[Kind.NEW_REPORT, ANA])


def _acknowledged(teller: Teller, receipt: Delivered) -> str:
    """How long it took from the mail server's "250 OK" for the report to the receipt in the reporter's mailbox, and on what."""
    reports = [mail.moment for mail in teller.stage.host.after(0, seconds=0) if mail.recipient == DESK.address]
    stored = teller.stage.diary.after(reports[-1], event="taken_in")
    decided = teller.stage.diary.after(stored, event="filed")
    spans = [1000 * (end - start) for start, end in pairwise((reports[-1], stored, decided, receipt.moment))]
    reading = "start the reading process (the first mail waits for that), read and decide" if len(reports) == 1 else "read and decide"
    return (
        f"Acknowledged in {sum(spans):.0f} ms: {spans[0]:.0f} ms until the mail was safe in the database, {spans[1]:.0f} ms to {reading},"
        f" {spans[2]:.0f} ms until the letter lay in the reporter's mailbox."
    )


def _staff_resolve(teller: Teller, notice: Message) -> None:
    teller.show.chapter("2. Staff take the case, determine and resolve it, all in one mail")
    teller.wait(timedelta(minutes=40))
    teller.now("Ana answers the notice. The lines in brackets are commands; only what stands below [reply] will reach Kim.")
    teller.send(ANA, subject=f"Re: {notice.subject}", text=f"{ONE_MAIL}\n{_quoted(notice)}", answers=notice)
    teller.awaits((Kind.OUTCOME, KIM), (Kind.ANSWER, ANA))


def _quoted(message: Message) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in message.text.strip("\n").split("\n"))
    return f"On Monday, {DESK.name} <{DESK.address}> wrote:\n\n{lines}\n"


def _second_report(teller: Teller) -> datetime:
    teller.show.chapter("3. Another report, and nobody answers")
    teller.wait(timedelta(minutes=15))
    teller.now("Sam writes. This time everybody of the staff is away.")
    received_at = teller.time
    teller.send(SAM, subject="Tone in the chat", text=SECOND_REPORT)
    came = teller.awaits((Kind.RECEIPT, SAM), (Kind.NEW_REPORT, ANA), (Kind.NEW_REPORT, BEN))
    teller.show.say(_acknowledged(teller, came[Kind.RECEIPT, SAM]))
    return received_at


REMINDED: tuple[Letter, ...] = ((Kind.REMINDER, ANA), (Kind.REMINDER, BEN))
STEPS: tuple[tuple[int, str, tuple[Letter, ...]], ...] = (
    (4, "Four hours, and nobody has taken the case.", REMINDED),
    (72, "Three days.", REMINDED),
    (144, "Six days.", REMINDED),
    (156, "Twelve hours are left of the week; now the board hears of it.", ((Kind.MISSED, DORA),)),
    (166, "Two hours are left. Sam should not wait in silence.", ((Kind.HOLDING, SAM), *REMINDED)),
    (168, "The week is over. A missed deadline cannot go unnoticed.", ((Kind.MISSED, DORA), *REMINDED)),
)
"""Hours after the second report, what that means, and the letters that come of it."""


def _nobody_answers(teller: Teller, received_at: datetime) -> None:
    for hours, words, letters in STEPS:
        # Hours on the clock on the wall, as people count a week; a minute more, because maild counts from the server's receipt.
        teller.wait(received_at + timedelta(hours=hours, minutes=1) - teller.time)
        teller.now(words)
        teller.awaits(*letters)


def _digest(teller: Teller) -> None:
    teller.show.chapter("4. The week in numbers")
    teller.now("On Mondays the board gets a digest: numbers, ages and code names, nothing else.")
    teller.awaits((Kind.DIGEST, DORA))
