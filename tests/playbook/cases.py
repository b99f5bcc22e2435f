"""An organisation, its people, and one small world in which mails come, time passes and letters arrive or do not.

`World` does with decisions what maild does with them, in memory: it keeps tickets, texts and tokens, and looks up a mail's thread.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from maild.playbook import disclosure
from maild.playbook.decide import arrived, numbered, passed, settled
from maild.playbook.decide.delivery import Fate
from maild.playbook.effects import Append, Await, File, Keep, Open, Send, Spend, Withhold
from maild.playbook.entry import Entry, What
from maild.playbook.events import Bounced, Found, Mail, Said, Scene, Sort, Thread, Waiting
from maild.playbook.fresh import Fresh
from maild.playbook.guidelines import Elsewhere
from maild.playbook.history import fold
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind, Letter
from maild.playbook.people import Person, Role
from maild.playbook.policy import Conference, Policy
from maild.playbook.saying import said_in
from maild.playbook.ticket import Reporter, Ticket

PYCON = Conference(
    slug="pycon-2026",
    name="PyCon Malta 2026",
    start=date(2026, 11, 27),
    end=date(2026, 11, 28),
    representatives=("Ana Abela, 555-0101", "Ben Müller-Borg, 555-0102"),
    security="The porter, 555-0100",
)
"""A conference at the end of the week in which a world begins."""

MALTA = ZoneInfo("Europe/Malta")

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""When a world begins: ten o'clock in Malta."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)

ANA = Person(handle="ana", name="Ana Abela", address="ana@staff.example", role=Role.STAFF, aliases=("anabel", "a.abela@club.example"))
BEN = Person(handle="ben", name="Ben Müller-Borg", address="ben@staff.example", role=Role.STAFF)
CARLA = Person(handle="carla", name="Carla Zoë Camilleri", address="carla@staff.example", role=Role.STAFF)
DORA = Person(handle="dora", name="Dora Debono", address="dora@board.example", role=Role.BOARD)
FELIX = Person(handle="fallback", name="Felix Farrugia", address="felix@outside.example", role=Role.FALLBACK)
TEAM = ("ana", "ben", "carla")

KIM = "kim@reporter.example"

SEPARATOR = "=== please write above this line ==="

PROOF = "dmarc=pass"
"""What a mail host says of a mail whose sender's domain is proven."""

ALL_FIVE = '[determine violation=yes who="Robin Example" ongoing=no safety=no]\nRobin talked over the speaker.\n'
"""All five determinations, as staff write them."""

NO_VIOLATION = "[determine violation=no who=nobody ongoing=no safety=no]\nIt was a misreading of the programme.\n"

HANDLES = {person.address: person.handle for person in (ANA, BEN, CARLA, DORA, FELIX)}


def policy(*people: Person, **changes: object) -> Policy:
    """The organisation of these tests."""
    values = {"organisation": "Example Club", "mailbox": "info@club.example", "zone": MALTA, "separator": SEPARATOR}
    return Policy(people=people or (ANA, BEN, CARLA, DORA, FELIX), **{**values, **changes})


def malta(year: int, month: int, day: int, hour: int = 0, minute: int = 0, **more: int) -> datetime:
    """A moment by the clock on the wall in Malta."""
    return datetime(year, month, day, hour, minute, tzinfo=MALTA, **more).astimezone(UTC)


_numbers = count(1)


def mail(text: str = "Somebody shouted at me.", sender: str = KIM, **changes: object) -> Mail:
    """A mail that a person wrote; `text` is what is new in it, with nothing quoted."""
    number = next(_numbers)
    values = {
        "inbox_id": number,
        "received_at": MONDAY,
        "sort": Sort.HUMAN,
        "sort_reason": "a person wrote it",
        "answerable": True,
        "unanswerable_because": "",
        "name": "",
        "address": sender,
        "strict_sender": sender,
        "subject": "At the meetup",
        "text": text,
        "new_text": text,
        "command_text": text,
        "message_id": f"{number:04}@mail.example",  # none of which stands in another
    }
    values["answer_to"] = changes.get("strict_sender", sender)  # the two differ only where a header is doubtful
    return Mail(**{**values, **changes})


def ticket(*entries: Entry, **changes: object) -> Ticket:
    """A ticket by itself, without a world around it."""
    values = {"id": 1, "code": "quiet-harbour", "reference": "R-7K3QF", "received_at": MONDAY, "reporter": reporter()}
    return fold(Ticket(**{**values, **changes}), entries)


def reporter(address: str = KIM, name: str = "Kim") -> Reporter:
    """Who filed a report."""
    return Reporter(name=name, address=address, language="en", message_id="1@mail.example")


def entry(what: What, at: datetime = MONDAY, by: str = "ana", **facts: object) -> Entry:
    """One thing that happened."""
    return Entry(what=what, at=at, by=by, facts=facts)


@dataclass(frozen=True)
class Decision:
    """What was decided, and ways to look at it."""

    effects: tuple

    def all(self, sort: type) -> list:
        """The effects of one sort."""
        return [effect for effect in self.effects if isinstance(effect, sort)]

    @property
    def letters(self) -> list[Letter]:
        """All letters, in order."""
        return [effect.letter for effect in self.all(Send)]

    def to(self, handle: str) -> list[Kind]:
        """Which letters somebody gets."""
        return [letter.kind for letter in self.letters if letter.to.handle == handle]

    def who(self, kind: Kind) -> list[str]:
        """Who gets a letter of this kind."""
        return sorted(letter.to.handle for letter in self.letters if letter.kind is kind)

    def letter(self, kind: Kind, handle: str | None = None) -> Letter:
        """The first letter of a kind, to anybody or to one."""
        return next(letter for letter in self.letters if letter.kind is kind and handle in (None, letter.to.handle))

    @property
    def answer(self) -> dict:
        """What the answer to a mail from one of us knows."""
        return dict(self.letter(Kind.ANSWER).facts)

    @property
    def sentences(self) -> list[str]:
        """What the answer says of each command."""
        return [result["sentence"] for result in self.answer["results"]]

    @property
    def ok(self) -> bool:
        """Whether every command was carried out."""
        return self.answer["errors"] == 0 and bool(self.answer["results"])

    @property
    def file(self) -> File:
        """What became of the mail."""
        (only,) = self.all(File)
        return only

    @property
    def entries(self) -> list[Entry]:
        """All entries of all tickets."""
        return [one for effect in self.effects if isinstance(effect, Open | Append) for one in effect.entries]

    @property
    def happened(self) -> list[What]:
        """What happened, without the particulars."""
        return [one.what for one in self.entries]


@dataclass
class World:
    """One organisation as time passes."""

    policy: Policy = field(default_factory=policy)
    now: datetime = MONDAY
    tickets: dict[int, Ticket] = field(default_factory=dict)
    said: dict[int, list[Said]] = field(default_factory=dict)
    tokens: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    asked: dict[str, tuple[str, Mail]] = field(default_factory=dict)
    threads: dict[int, Thread | None] = field(default_factory=dict)
    spent: set[tuple[str, str]] = field(default_factory=set)
    decisions: list[Decision] = field(default_factory=list)
    current: int = 0
    incidents: dict[int, int] = field(default_factory=dict)
    """Of a case that was merged, the case it is part of now."""

    def __post_init__(self) -> None:
        """Mails are numbered anew in each world, so that the same story makes the same letters."""
        global _numbers  # noqa: PLW0603 (whoever makes a mail has no world at hand)
        _numbers = count(1)

    @property
    def case(self) -> Ticket:
        """The case that was opened last."""
        return self.whole(self.tickets[self.current])

    @property
    def letters(self) -> list[Letter]:
        """Every letter ever written."""
        return [letter for decision in self.decisions for letter in decision.letters]

    def whole(self, ticket: Ticket) -> Ticket:
        """A case as it is loaded: the one that it is part of, if it is, and the threads of its other reporters."""
        ticket = self.tickets.get(ticket.id, ticket)
        ticket = self.tickets[ticket.merged_into] if ticket.merged_into else ticket
        return replace(ticket, joined=tuple(self.tickets[one.id] for one in ticket.joins))

    def wait(self, span: timedelta) -> "World":
        """Let time pass; nobody looks at the clock yet."""
        self.now += span
        return self

    def tick(self, span: timedelta = timedelta(0), of: Ticket | None = None) -> Decision:
        """Let time pass, and look at the clocks of one case."""
        self.now += span
        ticket, scene = self._alone(of or self.case)
        return self._carried_out(numbered(passed(ticket, scene), scene))

    def scene(self, **changes: object) -> Scene:
        """What the rules may know now."""
        seed = str(len(self.decisions)).encode().rjust(32, b"0")
        return Scene(now=self.now, policy=self.policy, fresh=Fresh(seed), **changes)

    def report(self, text: str = "Somebody shouted at me.", *, recent: int = 0, **changes: object) -> Decision:
        """A mail that belongs to no case comes in."""
        return self.arrive(mail(text, **{"received_at": self.now, **changes}), recent=recent)

    def held(self, sort: Sort = Sort.AUTOMATIC, **changes: object) -> Decision:
        """A mail comes in that looks as if no person wrote it."""
        return self.report(
            "I am on holiday.", sort=sort, sort_reason="Auto-Submitted", answerable=False, unanswerable_because="it is automatic", **changes
        )

    def staff(
        self, text: str, who: Person = ANA, *, case: Ticket | None = None, proof: str = PROOF, token: str | None = None, **changes: object
    ) -> Decision:
        """One of us answers the newest letter about a case they hold a token of; `token=""` stands for none that is known."""
        known = [one for one, holder in self.tokens.items() if holder == ((case or self.case).id, who.handle)]
        token = token if token is not None else (known[-1] if known else "")
        about = (case or self.case).id if not self.case.joined or case else None
        found = self.current_of(case or self.case)
        thread = Thread(ticket=found, found=Found.TOKEN, token=token, holder=who.handle, about=about) if token else None
        if thread is None:
            thread = Thread(ticket=self.current_of(case or self.case), found=Found.CODE)
        values = {"sender": who.address, "name": who.name, "received_at": self.now, "proof": proof, "references": ("earlier@club.example",)}
        return self.arrive(mail(text, **{**values, **changes}), thread=thread)

    def new_mail(self, text: str, who: Person = ANA, *, proof: str = PROOF, **changes: object) -> Decision:
        """One of us writes a mail that answers nothing."""
        return self.arrive(mail(text, **{"sender": who.address, "name": who.name, "received_at": self.now, "proof": proof, **changes}))

    def on_no_case(self, text: str, who: Person = ANA, *, proof: str = PROOF, **changes: object) -> Decision:
        """One of us answers a letter that is about no single case."""
        thread = Thread(ticket=None, found=Found.TOKEN, token="t" * 26, holder=who.handle)
        values = {"sender": who.address, "received_at": self.now, "proof": proof, "references": ("summary@club.example",)}
        return self.arrive(mail(text, **{**values, **changes}), thread=thread)

    def wrote(
        self, text: str = "There is more.", *, found: Found = Found.TOKEN, sender: str = KIM, of: Ticket | None = None, **changes: object
    ) -> Decision:
        """A mail comes on a case's thread, from its reporter unless somebody else sends it."""
        thread = Thread(ticket=self.whole(of or self.case), found=found, holder="reporter", about=(of or self.case).id)
        return self.arrive(
            mail(text, **{"sender": sender, "received_at": self.now, "references": ("r@club.example",), **changes}), thread=thread
        )

    def confirm(self, who: Person = ANA, *, proof: str = "") -> Decision:
        """Somebody answers the newest question whether a mail was theirs."""
        token, (holder, waiting) = list(self.asked.items())[-1]
        assert holder == who.handle
        del self.asked[token]
        thread = self.threads.get(waiting.inbox_id)
        thread = thread and replace(thread, ticket=self.current_of(thread.ticket))
        answer = mail(f"[confirm:{token}]", sender=who.address, received_at=self.now, proof=proof)
        made = self.tickets.get(waiting.inbox_id)
        opened = self.whole(made) if made else None
        return self.arrive(answer, waiting=Waiting(mail=waiting, thread=thread, token=token, opened=opened))

    def accepted(self, kind: Kind = Kind.RECEIPT, *, role: str = "reporter", of: Ticket | None = None) -> Decision:
        """A mail server took a letter."""
        return self._settled(Fate(letter=kind.value, role=role, accepted=True, at=self.now), of)

    def lost(self, kind: Kind = Kind.RECEIPT, *, role: str = "reporter", of: Ticket | None = None) -> Decision:
        """A letter failed for good, at once or by a bounce."""
        return self._settled(Fate(letter=kind.value, role=role, accepted=False, at=self.now), of)

    def fate(self, kind: Kind, ref: str, *, accepted: bool, of: Ticket | None = None) -> Decision:
        """What became of a letter to somebody else on the case, or on one that is part of another by now."""
        return self._settled(Fate(letter=kind.value, role=disclosure.OUTSIDER, handle=ref, accepted=accepted, at=self.now), of)

    def fate_of(self, ticket: Ticket, kind: Kind, ref: str) -> Decision:
        """A letter to somebody on a case failed that is part of another by now."""
        return self.fate(kind, ref, accepted=False, of=ticket)

    def party(self, text: str, sender: str, *, ref: str = "P1", found: Found = Found.TOKEN, **changes: object) -> Decision:
        """A mail comes on the thread of somebody else on the case."""
        thread = Thread(ticket=self.case, found=found, token="p" * 26, holder=ref if found is Found.TOKEN else "")
        return self.arrive(
            mail(text, **{"sender": sender, "received_at": self.now, "references": ("p@club.example",), **changes}), thread=thread
        )

    def bounce(self, *bounced: Bounced) -> Decision:
        """A delivery report about letters of ours comes in."""
        return self.arrive(mail("undeliverable", sender="mailer-daemon@reporter.example", sort=Sort.BOUNCE, bounced=bounced))

    def arrive(
        self, one: Mail, *, thread: Thread | None = None, waiting: Waiting | None = None, recent: int = 0, **changes: object
    ) -> Decision:
        """Any mail."""
        person = self.policy.by_address(one.strict_sender) if one.strict_sender else None
        if thread is not None and (thread.token, one.command_text) in self.spent:
            thread = replace(thread, spent=True)
        self.threads[one.inbox_id] = thread
        scene = self.scene(
            person=person,
            thread=thread,
            waiting=waiting,
            recent_reports=recent,
            cases={case.code: self.whole(case) for case in self.tickets.values() if person and person.handle not in case.withheld},
            said={key: tuple(texts) for key, texts in self.said.items()},
            elsewhere=tuple(
                Elsewhere(
                    incident=case.merged_into or self.incidents.get(case.id, case.id),
                    ticket=replace(case, joined=tuple(self.tickets[one.id] for one in case.joins)),
                )
                for case in self.tickets.values()
            ),
            listed=tuple(
                self.whole(case)
                for case in self.tickets.values()
                if person and person.handle not in case.withheld and case.merged_into is None
            ),
            **changes,
        )
        effects = arrived(one, scene)
        assert effects == arrived(one, scene)  # a retry is the same to the letter
        return self._carried_out(effects, one)

    def current_of(self, case: Ticket | None) -> Ticket | None:
        """A case as it is now."""
        return self.whole(case) if case else None

    def _settled(self, fate: Fate, of: Ticket | None = None) -> Decision:
        ticket, scene = self._alone(of or self.case)
        return self._carried_out(numbered(settled(ticket, fate, scene), scene))

    def _alone(self, ticket: Ticket) -> tuple[Ticket, Scene]:
        """A ticket with its own clocks and letters, and what may be known of it: the case it is part of."""
        ticket = self.tickets[ticket.id]
        survivor = self.whole(ticket)
        return (ticket, self.scene(survivor=survivor)) if survivor.id != ticket.id else (survivor, self.scene())

    def _carried_out(self, effects: tuple, incoming: Mail | None = None) -> Decision:
        for effect in effects:
            if isinstance(effect, Open | Append):
                assert isinstance(effect, Open) or replace(effect.ticket, joined=()) == self.tickets[effect.ticket.id]
                after = effect.ticket if isinstance(effect, Open) else fold(effect.ticket, effect.entries)
                self.tickets[effect.ticket.id] = replace(after, joined=())
                self.current = effect.ticket.id if isinstance(effect, Open) else self.current
                self._remember(effect)
            elif isinstance(effect, Withhold):
                self.tokens = {one: holder for one, holder in self.tokens.items() if holder != (effect.ticket_id, effect.handle)}
            elif isinstance(effect, Send) and not effect.letter.challenge:
                self.tokens[effect.letter.token] = (effect.letter.ticket_id, effect.letter.to.handle)
            elif isinstance(effect, Await) and incoming:
                self.asked[effect.token] = (effect.holder, incoming)
            elif isinstance(effect, Spend) and not effect.challenge:
                self.spent.add((effect.token, effect.words))
            elif isinstance(effect, Keep) and incoming and effect.relation not in ("command", "note", "duplicate"):
                self._hear(effect.ticket_id, Said(relation=effect.relation, by=effect.by, at=self.now, text=incoming.text))
        decision = Decision(effects)
        self.decisions.append(decision)
        return decision

    def _remember(self, effect: Open | Append) -> None:
        for said in said_in(effect.entries):
            self._hear(effect.ticket.id, said)

    def _hear(self, ticket_id: int, said: Said) -> None:
        self.said.setdefault(ticket_id, []).append(said)


def resolved(*, accepted: bool = True) -> World:
    """A world with a case that Ana resolved."""
    world = World()
    world.report()
    world.accepted()
    assert world.staff(ALL_FIVE + "[resolve:private-reprimand]").ok
    if accepted:
        world.accepted(Kind.OUTCOME)
    return world


def closed() -> World:
    """A world with a case that is closed."""
    world = resolved()
    assert world.staff("[told:P1] [close]").ok
    return world


def leaving(decision: Decision) -> list[Letter]:
    """The letters that leave the team."""
    return [letter for letter in decision.letters if letter.kind in TO_REPORTER | TO_OTHERS]
