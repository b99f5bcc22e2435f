"""A small organisation and what happens to its cases: every letter here is made by the playbook itself, never by hand."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from maild.playbook.decide import arrived, numbered, passed, settled
from maild.playbook.decide.delivery import Fate
from maild.playbook.effects import Append, Await, Effect, Open, Send
from maild.playbook.events import Found, Mail, Said, Scene, Sort, Thread, Waiting
from maild.playbook.fresh import Fresh
from maild.playbook.history import fold
from maild.playbook.letters import Kind, Letter
from maild.playbook.people import Person, Role
from maild.playbook.policy import Conference, Notices, Policy, Space
from maild.playbook.ticket import Ticket

START = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""A Monday morning, 09:30 in Malta."""

HOUR = timedelta(hours=1)

PEOPLE = (
    Person(handle="ana", name="Ana Borg", address="ana@staff.example", role=Role.STAFF),
    Person(handle="ben", name="Ben Vella", address="ben@staff.example", role=Role.STAFF),
    Person(handle="cleo", name="Cleo Żammit", address="cleo@staff.example", role=Role.STAFF),
    Person(handle="dora", name="Dora Grech", address="dora@board.example", role=Role.BOARD),
    Person(handle="emil", name="Emil Sant", address="emil@board.example", role=Role.BOARD),
    Person(handle="fallback", name="Fiona Farrugia", address="fiona@outside.example", role=Role.FALLBACK),
)

POLICY = Policy(
    organisation="PyMalta",
    mailbox="info@pymalta.example",
    zone=ZoneInfo("Europe/Malta"),
    people=PEOPLE,
    guide_url="https://pymalta.example/reporting",
    help_lines="Supportline, in confidence: 179\nOutside Malta: 116 006",
    separator="=== please write above this line ===",
)

TWO_PEOPLE = replace(POLICY, approvals=2, spaces=(Space(slug="forum", name="The forum"),))
"""One in which a sanction takes two people."""

CONFERENCE = replace(
    POLICY,
    conferences=(
        Conference(
            slug="pycon-2026",
            name="PyCon Malta 2026",
            start=date(2026, 11, 21),
            end=date(2026, 11, 24),
            representatives=("Ana Borg, at the front desk", "Ben Vella, 555-0102"),
            security="The porter, 555-0100",
        ),
    ),
)
"""One whose conference is on."""

MINIMAL = replace(POLICY, notices=Notices.MINIMAL)
BARE = replace(POLICY, guide_url="", help_lines="")
"""An organisation that has configured as little as it may."""

REPORT = """Hi all,

at the meetup last night somebody I do not know followed me from room to room.
I asked him to stop. He laughed.

Kim"""


def mail(**changes: object) -> Mail:
    """A report by Kim, or what else a mail may be."""
    plain = Mail(
        inbox_id=0x5EED,
        received_at=START,
        sort=Sort.HUMAN,
        sort_reason="no sign of a machine",
        answerable=True,
        unanswerable_because="",
        name="Kim Reporter",
        address="kim@home.example",
        strict_sender="kim@home.example",
        answer_to="kim@home.example",
        subject="The meetup",
        text=REPORT,
        new_text=REPORT,
        command_text=REPORT,
        message_id="first@home.example",
        language="en",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def written(text: str, **changes: object) -> dict[str, object]:
    """What a mail holds whose only text this is."""
    return {"text": text, "new_text": text, "command_text": text, **changes}


@dataclass(slots=True, kw_only=True)
class Story:
    """One case, its organisation, and every letter so far; `tick` moves the clock on."""

    policy: Policy = POLICY
    now: datetime = START
    ticket: Ticket | None = None
    said: list[Said] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    """Those of the last event."""
    effects: tuple[Effect, ...] = ()
    units: int = 0
    summed: tuple[Ticket, ...] = ()
    """The cases of a letter about many."""

    def tick(self, hours: float) -> "Story":
        self.now += hours * HOUR
        return self

    def scene(self, **changes: object) -> Scene:
        self.units += 1
        known = {ticket.code: ticket for ticket in [self.ticket] if ticket}
        said = {self.ticket.id: tuple(self.said)} if self.ticket else {}
        plain = Scene(now=self.now, policy=self.policy, fresh=Fresh(bytes([self.units]) * 32), cases=known, said=said)
        return replace(plain, **changes)  # type: ignore[arg-type]

    def happened(self, effects: Iterable[Effect], scene: Scene) -> "Story":
        """Take what was decided for done."""
        self.effects = numbered(tuple(effects), scene)
        for effect in self.effects:
            if isinstance(effect, Open | Append):
                self.ticket = fold(effect.ticket, effect.entries)
        self.letters = [effect.letter for effect in self.effects if isinstance(effect, Send)]
        return self

    def comes(self, **changes: object) -> "Story":
        """A mail that opens a case."""
        scene = self.scene()
        came = mail(received_at=self.now, **changes)
        self.said.append(Said(relation="report", by="reporter", at=self.now, text=came.text))
        self.happened(arrived(came, scene), scene)
        return self

    def writes(self, found: Found = Found.MESSAGE_ID, **changes: object) -> "Story":
        """Another mail on the thread of the case, by the reporter where nothing else is said."""
        scene = self.scene(thread=Thread(ticket=self.ticket, found=found, holder="reporter"))
        return self.happened(arrived(mail(received_at=self.now, **changes), scene), scene)

    def orders(
        self,
        text: str,
        by: str = "ana",
        *,
        proof: str = "dmarc=pass",
        token: bool = True,
        listed: tuple[Ticket, ...] = (),
        below: str = "",
    ) -> "Story":
        """An answer of one of the team to a notice on the case; `below` is what they wrote below something that may be a quote."""
        person = self.policy.person(by)
        assert person is not None
        thread = Thread(ticket=self.ticket, found=Found.TOKEN if token else Found.MESSAGE_ID, token="t" * 26, holder=by)
        scene = self.scene(person=person, thread=thread, listed=listed)
        came = self.from_staff(person, text, proof=proof)
        return self.happened(arrived(replace(came, new_text=text + below), scene), scene)

    def answers_directly(self, text: str, by: str = "ana") -> "Story":
        """Staff wrote to the reporter, with a copy to the mailbox."""
        person = self.policy.person(by)
        assert person is not None
        thread = Thread(ticket=self.ticket, found=Found.MESSAGE_ID)
        came = self.from_staff(person, text, proof="", copied_to=("kim@home.example",))
        scene = self.scene(person=person, thread=thread)
        return self.happened(arrived(came, scene), scene)

    def from_staff(self, person: Person, text: str, *, proof: str = "dmarc=pass", **changes: object) -> Mail:
        return mail(
            **written(text),
            inbox_id=0xC0DE,
            received_at=self.now,
            name=person.name,
            address=person.address,
            strict_sender=person.address,
            answer_to=person.address,
            subject="Re: [quiet-harbour] New report",
            message_id="answer@staff.example",
            references=("notice@pymalta.example",),
            proof=proof,
            **changes,
        )

    def asks(self, text: str, by: str, cases: Iterable[Ticket]) -> "Story":
        """An answer of one of us to a letter about no single case."""
        person = self.policy.person(by)
        assert person is not None
        known = {ticket.code: ticket for ticket in cases}
        thread = Thread(ticket=None, found=Found.TOKEN, token="t" * 26, holder=by)
        scene = self.scene(person=person, thread=thread, cases=known, listed=tuple(known.values()))
        return self.happened(arrived(self.from_staff(person, text), scene), scene)

    def confirms(self, text: str, by: str = "ana") -> "Story":
        """The commands of a mail that nothing proves, and the confirmation of their challenge."""
        self.orders(text, by, proof="")
        token = next(effect.token for effect in self.effects if isinstance(effect, Await))
        person = self.policy.person(by)
        assert person is not None
        thread = Thread(ticket=self.ticket, found=Found.TOKEN, token="t" * 26, holder=by)
        waiting = Waiting(mail=self.from_staff(person, text, proof=""), thread=thread, token=token)
        scene = self.scene(person=person, waiting=waiting)
        return self.happened(arrived(self.from_staff(person, "[confirm]", proof=""), scene), scene)

    def accepted(self, kind: Kind) -> "Story":
        """The mail server took the letter to the reporter."""
        return self.fate(kind, accepted=True)

    def fate(self, kind: Kind, *, accepted: bool, role: str = "reporter", handle: str = "") -> "Story":
        assert self.ticket is not None
        scene = self.scene()
        fate = Fate(letter=kind.value, role=role, handle=handle, accepted=accepted, at=self.now)
        return self.happened(settled(self.ticket, fate, scene), scene)

    def time_passes(self, hours: float) -> "Story":
        """The ladders are climbed after so many hours."""
        assert self.ticket is not None
        scene = self.tick(hours).scene()
        return self.happened(passed(self.ticket, scene), scene)

    def letter(self, kind: Kind, to: str = "") -> Letter:
        """The letter of this kind of the last event, to the first person or to this one."""
        found = next(one for one in self.letters if one.kind is kind and to in ("", one.to.handle))
        TOLD.append((found, self))
        return found


TOLD: list[tuple[Letter, Story]] = []
"""Each letter that a test has asked for, and the story as it stood then or, where it went on, later."""


def story_of(letter: Letter) -> Story:
    """A copy of the story that a letter belongs to, as it stood when the letter was written."""
    return copy(next(story for told, story in TOLD if told is letter))
