"""A letter of each kind about a case that never was: what `maild letters preview` shows.

The playbook itself writes them, from a small invented story, so they know exactly what the real ones know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from maild.app.example_report import report_letters
from maild.playbook import disclosure, tally
from maild.playbook.decide import arrived, numbered, passed, settled
from maild.playbook.decide.delivery import Fate
from maild.playbook.decide.merging import Unsent, merged
from maild.playbook.decide.summary import held_summary, report_summary
from maild.playbook.effects import Append, Effect, Merge, Open, Send
from maild.playbook.events import Found, Mail, Scene, Sort, Thread
from maild.playbook.fresh import Fresh
from maild.playbook.history import fold
from maild.playbook.letters import Kind, Letter
from maild.playbook.occasions import Family, Occasion, letters
from maild.playbook.people import Person, Role
from maild.playbook.policy import HOUR, Clocks, Conference, Limits, Policy, Space
from maild.playbook.tally import Standing
from maild.playbook.ticket import Ticket

START = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

PEOPLE = (
    Person(handle="ana", name="Ana Ash", address="ana@staff.example", role=Role.STAFF),
    Person(handle="ben", name="Ben Birch", address="ben@staff.example", role=Role.STAFF),
    Person(handle="dora", name="Dora Dale", address="dora@board.example", role=Role.BOARD),
    Person(handle="fallback", name="Fiona Fern", address="fiona@outside.example", role=Role.FALLBACK),
)

REPORT = """At the meetup last Thursday somebody called Robin talked over me all
through my short talk. I asked Robin to stop and only got a laugh."""

DECISION = """[determine violation=yes who="Robin Sample" ongoing=no safety=no]
Robin interrupted the speaker several times, also after being asked to stop.
[resolve:private-reprimand]"""

ASKED = """[person:P1 name="Robin Sample" role=respondent address=robin@away.example]
[write:P1]
We would like to hear how you saw the meetup of last week.

Ana"""

TOLD = """[resolve:private-reprimand]
[write:P1]
Please leave others their turn to speak.

Ana"""

BANNED = """[determine violation=yes who="Robin Sample" ongoing=no safety=no]
Robin interrupted the speaker several times, also after being asked to stop.
[person:P1 address=robin@away.example]
[resolve:ban spaces=forum permanent]
[write:P1]
Please stay out of the forum from today on.

Ana"""

APPEALED = """[appeal:changed S1 until={until}]
We have looked at it again: you may come back sooner.

Ben"""

SPACES = (Space(slug="forum", name="The forum", contact="moderators@forum.example"),)

RECORD = """[record event=pycon]
contact: Kim Example, kim@home.example
may we write to them: yes
account: Robin talked over me all through my short talk, and laughed when I asked him to stop.
-- my notes --
Kim spoke to me at the front desk and was calm."""

CONFERENCE = Conference(
    slug="pycon",
    name="PyCon Malta",
    start=START.date() - timedelta(days=1),
    end=START.date(),
    representatives=("Ana Ash, at the front desk", "Ben Birch, 555-0199"),
    security="555-0100",
)

HOUSE_OF_DIGEST: Mapping[str, object] = {
    "quarantined": 0,
    "unsent": 0,
    "failed": 0,
    "alarms": [],
    "reports": [],
    "journal": {"number": 4711, "hash": "a3f1" * 16},
}


def example_policy(policy: Policy) -> Policy:
    """This organisation with invented people and the playbook's own deadlines."""
    return replace(policy, people=PEOPLE, clocks=Clocks(), limits=Limits(), spaces=SPACES, approvals=1)


def examples(policy: Policy) -> dict[Kind, Letter]:
    """A letter of each kind by an `example_policy`, in the order of the kinds."""
    found: dict[Kind, Letter] = {}
    made = (
        _of_a_case(policy),
        _of_a_sanction(policy),
        _when_late(policy),
        _of_many(policy),
        _of_no_case(policy),
        _at_a_conference(policy),
        report_letters(CONFERENCE, policy),
    )
    for letter in chain(*made):
        found.setdefault(letter.kind, letter)
    return {kind: found[kind] for kind in Kind}


@dataclass(slots=True, kw_only=True)
class _Story:
    """One case and every letter about it so far."""

    policy: Policy
    number: int = 1
    now: datetime = START
    ticket: Ticket | None = None
    letters: list[Letter] = field(default_factory=list)
    units: int = 0

    def reports(self, **changes: object) -> "_Story":
        scene = self._scene()
        return self._happened(arrived(_mail(self.policy.language, inbox_id=self.number, received_at=self.now, **changes), scene), scene)

    def writes(self, text: str) -> "_Story":
        scene = self._scene(thread=Thread(ticket=self.ticket, found=Found.MESSAGE_ID, holder="reporter"))
        return self._happened(arrived(_mail(self.policy.language, received_at=self.now, text=text, new_text=text), scene), scene)

    def orders(self, text: str, *, by: Person = PEOPLE[0], proof: str = "dmarc=pass") -> "_Story":
        thread = Thread(ticket=self.ticket, found=Found.TOKEN, token="t" * 26, holder=by.handle)
        scene = self._scene(thread=thread, person=by)
        return self._happened(arrived(_order(by, text, proof=proof, at=self.now), scene), scene)

    def fate(self, kind: Kind, *, accepted: bool, handle: str = "") -> "_Story":
        scene = self._scene()
        fate = Fate(letter=kind.value, role="person" if handle else "reporter", handle=handle, accepted=accepted, at=self.now)
        return self._happened(settled(self.case, fate, scene), scene)

    def time_passes(self, hours: float) -> "_Story":
        self.now += hours * HOUR
        scene = self._scene()
        return self._happened(passed(self.case, scene), scene)

    @property
    def case(self) -> Ticket:
        assert self.ticket is not None
        return self.ticket

    def _scene(self, **changes: object) -> Scene:
        self.units += 1
        plain = Scene(now=self.now, policy=self.policy, fresh=Fresh(bytes([self.number, self.units]) * 16))
        return replace(plain, **changes)  # type: ignore[arg-type]

    def _happened(self, effects: Iterable[Effect], scene: Scene) -> "_Story":
        for effect in numbered(tuple(effects), scene):
            if isinstance(effect, Open | Append):
                self.ticket = fold(effect.ticket, effect.entries)
            elif isinstance(effect, Send):
                self.letters.append(effect.letter)
        return self


def _of_a_case(policy: Policy) -> list[Letter]:
    story = _Story(policy=policy).reports().fate(Kind.RECEIPT, accepted=True)
    story.orders("[take]\n[reply]\nThank you for telling us. Which talk was it?\n\nAna")
    story.orders("I will call the venue tomorrow.").writes("It was the second talk.\n\nKim")
    story.orders(f"[explain until={story.now + timedelta(days=6):%Y-%m-%d}]\nWe are waiting for an answer of the venue.")
    story.orders(ASKED).orders(DECISION, proof="").orders(DECISION).orders(TOLD).fate(Kind.RECEIPT, accepted=False)
    return [
        *story.letters,
        *_of_conduct(policy),
        *_Story(policy=policy).reports().orders("[urgent]").orders("[recuse:ben]").orders("[recuse]").letters,
    ]


def _of_conduct(policy: Policy) -> list[Letter]:
    """A third warning, so that the guideline for an expulsion is met."""
    day = START.date()
    event = Conference(slug="pycon-malta", name="PyCon Malta", start=day, end=day + timedelta(days=2))
    story = _Story(policy=replace(policy, conferences=(event,)), number=6).reports().orders("[event:pycon-malta]")
    for _ in range(3):
        story.orders('[warn:P1 name="Robin Sample"]\nRobin was told that this breaks our rules.')
    return story.letters


def _of_a_sanction(policy: Policy) -> list[Letter]:
    story = _Story(policy=policy).reports().fate(Kind.RECEIPT, accepted=True).orders(BANNED)
    story.fate(Kind.OUTCOME, accepted=True).fate(Kind.DECISION, accepted=True, handle="P1").orders("[appeal:S1]\nRobin wrote to us.")
    until = f"{story.now + timedelta(days=30):%Y-%m-%d}"
    return story.orders(APPEALED.format(until=until), by=PEOPLE[1]).time_passes(24 * 24).time_passes(24 * 8).letters


def _when_late(policy: Policy) -> list[Letter]:
    story = _Story(policy=policy).reports().fate(Kind.RECEIPT, accepted=True).orders("[take]")
    late = [letter for hours in (72, 84, 10.5) for letter in story.time_passes(hours).letters]
    return [*late, *_Story(policy=policy).reports(truncated=True).letters]


def _of_many(policy: Policy) -> list[Letter]:
    held = [_Story(policy=policy, number=number).reports(sort=Sort.BULK, sort_reason="List-Id").case for number in (2, 3)]
    stories = [_Story(policy=policy, number=number).reports() for number in (4, 5)]
    scene = stories[0]._scene()
    waiting = [Unsent(outbox_id=one.number, letter=Kind.RECEIPT.value, ticket=one.case) for one in stories]
    made = (*held_summary(held, scene), *report_summary([one.case for one in stories], scene), *merged(waiting, scene))
    return [effect.letter for effect in numbered(made, scene) if isinstance(effect, Send | Merge)]


def _of_no_case(policy: Policy) -> list[Letter]:
    staff, board, fresh = disclosure.all_staff(policy)[0], disclosure.whole_board(policy)[0], Fresh(b"e" * 32)
    slot = tally.weekly_slot(START + 2 * HOUR, policy)
    digest = {**tally.digest(_standings(), slot=slot, now=START, policy=policy), **HOUSE_OF_DIGEST}
    return [
        Letter(kind=Kind.QUARANTINED, to=staff, facts={"count": 1}, token=fresh.token("1")),
        Letter(kind=Kind.DELIVERY_ALARM, to=staff, facts={"alarms": ["unsent-letter"]}, token=fresh.token("2")),
        Letter(kind=Kind.DIGEST, to=board, facts=digest, token=fresh.token("3")),  # type: ignore[arg-type]
    ]


def _at_a_conference(policy: Policy) -> list[Letter]:
    story = _Story(policy=replace(policy, conferences=(CONFERENCE,))).orders(RECORD).orders("[support:escort=wanted]")
    one_left = replace(CONFERENCE, representatives=CONFERENCE.representatives[:1])
    made = (letters(Occasion(family=family, event=one_left, days=0), story._scene()) for family in Family)
    sent = (effect for effects in made for effect in numbered(effects, story._scene()) if isinstance(effect, Send))
    return [*story.letters, *(effect.letter for effect in sent)]


def _standings() -> list[Standing]:
    """Three cases of this week and the last."""
    return [
        _standing("quiet-harbour", "review", days=9, acknowledged=True, answered=False),
        _standing("amber-owl", "acknowledged", days=3, acknowledged=True, answered=False),
        _standing("calm-bay", "resolved", days=6, acknowledged=True, answered=True),
    ]


def _standing(code: str, state: str, *, days: int, acknowledged: bool, answered: bool) -> Standing:
    received = START - timedelta(days=days)
    return Standing(
        code=code,
        state=state,
        received_at=received,
        acknowledge_due_at=received + timedelta(days=1),
        acknowledged_at=received + HOUR if acknowledged else None,
        respond_due_at=received + timedelta(days=7),
        answered_at=received + timedelta(days=4) if answered else None,
    )


def _mail(language: str, **changes: object) -> Mail:
    plain = Mail(
        inbox_id=1,
        received_at=START,
        sort=Sort.HUMAN,
        sort_reason="",
        answerable=True,
        unanswerable_because="",
        name="Kim Example",
        address="kim@home.example",
        strict_sender="kim@home.example",
        answer_to="kim@home.example",
        subject="The meetup last Thursday",
        text=REPORT,
        new_text=REPORT,
        command_text="",
        message_id="report@home.example",
        language=language,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def _order(person: Person, text: str, *, proof: str, at: datetime) -> Mail:
    return replace(
        _mail(""),
        received_at=at,
        name=person.name,
        address=person.address,
        strict_sender=person.address,
        answer_to=person.address,
        text=text,
        new_text=text,
        command_text=text,
        message_id="answer@staff.example",
        references=("notice@staff.example",),
        proof=proof,
    )
