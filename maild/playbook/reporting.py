"""After each conference a transparency report is owed (playbook, "Public statements"; row P54): the draft, the reminders, the missed deadline.

"No reports" is a report too, so an event without a single case owes one. maild drafts and reminds; people agree, and publish it themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from maild.playbook import disclosure
from maild.playbook.deadlines import MORNING, in_zone
from maild.playbook.effects import Alarm, Effect, Journal, Send
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.letters import Attachment, Kind, Letter, Recipient
from maild.playbook.policy import DAY, Conference, Policy
from maild.playbook.releases import TYPES, Agreement, Draft

DRAFTED = 7
"""Days after the event on which the board has the draft."""

REMINDED = (14, 21, 28)
"""Days on which it is reminded."""

DUE = 30
"""Days after which the report had to be out (product.md section 7)."""

WHILE_HINDERED = 7
"""From then on it is told every day (product.md section 7), but where something hinders it that is not in their hands every so many days."""

NOBODY_MAY_RELEASE = "nobody-may-release"
"""The alarm of a report from whose cases everybody is kept out."""

BEGAN = "transparency-began"
"""The slot that is taken once, with the first look at the calendar: from then on reports are owed."""

LAPSES = 30 * DAY
"""An event that ended so long before maild began owes nothing: nobody promised it anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A letter about a report that is due, so many days after the event."""

    event: Conference
    days: int

    @property
    def slot(self) -> str:
        """Its appointment: once each, whatever happens in between."""
        return f"{self.event.slug}/{self.event.end.isoformat()}/{self.days}"

    @property
    def step(self) -> str:
        """What it says: here is the draft, do not forget it, or the deadline was missed."""
        return "missed" if self.days >= DUE else "draft" if self.days < REMINDED[0] else "reminder"


def owed(policy: Policy, now: datetime, *, began: datetime) -> Iterator[Owed]:
    """For each event the latest letter that has come due, as long as the report is not released. `began` is when maild did."""
    local = now.astimezone(policy.zone)
    for event in policy.conferences:
        since = (local.date() - event.end).days - (local.time() < MORNING)
        if since >= DRAFTED and in_zone(datetime.combine(event.end, time()), policy) + LAPSES > began:
            yield Owed(event=event, days=_latest(since))


def _latest(since: int) -> int:
    """The last of the days with a letter that is not after this one."""
    return since if since >= DUE else max(days for days in (DRAFTED, *REMINDED) if days <= since)


def due_by(event: Conference, policy: Policy) -> datetime:
    """When its report has to be out."""
    return in_zone(datetime.combine(event.end + DUE * DAY, MORNING), policy)


def letters(one: Owed, draft: Draft, scene: Scene) -> tuple[Effect, ...]:
    """The letters that are due, with the report as it would be published now, and the line of the journal."""
    if one.days > DUE and draft.hinders and (one.days - DUE) % WHILE_HINDERED:
        return ()
    to, policy = disclosure.report_board(draft.out, scene.policy), scene.policy
    due: dict[str, Fact] = {"due": due_by(one.event, policy).isoformat()}
    journal = Journal(verb=f"transparency-{one.step}", by="maild", facts={"report": draft.report, "days": one.days})
    # Where nobody may know of it the operator has to: a deadline is not missed in silence.
    alarm = () if to else (Alarm(kind=NOBODY_MAY_RELEASE),)
    return (*(_draft(each, draft, scene, one.step, due) for each in to), *alarm, journal)


def to_the_others(draft: Draft, scene: Scene, *, by: str) -> tuple[Send, ...]:
    """The same to whoever else may release it, once one of them has agreed to it."""
    others = (to for to in disclosure.releasers(draft.out, scene.policy) if to.handle != by)
    return tuple(_draft(to, draft, scene, "agreed", {"agreed_by": by}) for to in others)


def released(draft: Draft, scene: Scene, *, by: tuple[str, str]) -> tuple[Send, ...]:
    """The files of a release to everybody who may release it, to be published by people."""
    facts: dict[str, Fact] = {"report": draft.report, "title": draft.title, "by": list(by)}
    return tuple(_with_files(Kind.TRANSPARENCY_RELEASED, to, facts, draft) for to in disclosure.releasers(draft.out, scene.policy))


def agreed(draft: Draft, policy: Policy) -> Agreement | None:
    """What a second person would release: these very files, to which somebody agreed who still may."""
    may = {to.handle for to in disclosure.releasers(draft.out, policy)}
    return draft.standing if draft.standing and draft.standing.by in may else None


def is_for_one(draft: Draft, policy: Policy) -> bool:
    """Whether fewer people may release it than it takes."""
    return len(disclosure.releasers(draft.out, policy)) < disclosure.AT_LEAST


def _draft(to: Recipient, draft: Draft, scene: Scene, step: str, more: dict[str, Fact]) -> Send:
    standing, latest = agreed(draft, scene.policy), draft.latest
    facts: dict[str, Fact] = {
        "step": step,
        "report": draft.report,
        "title": draft.title,
        "text": draft.files["report.txt"],
        "learned": bool(draft.learned),
        "hinders": list(draft.hinders),
        "hits": list(draft.hits),
        "agreed_by": standing.by if standing else "",
        "agreed_before": latest.by if latest and draft.out_of_date else "",
        "own": standing is not None and standing.by == to.handle,
        "alone": is_for_one(draft, scene.policy),
        "due": None,
    }
    return _with_files(Kind.TRANSPARENCY_DRAFT, to, {**facts, **more}, draft)


def _with_files(kind: Kind, to: Recipient, facts: dict[str, Fact], draft: Draft) -> Send:
    return Send(letter=Letter(kind=kind, to=to, facts=facts, attachments=files(draft)))


def files(draft: Draft) -> tuple[Attachment, ...]:
    """The files of a report, to go with a letter."""
    return tuple(Attachment(name=name, type=TYPES[name[name.rindex(".") :]], text=text) for name, text in draft.files.items())


def told(events: Iterable[Conference], now: datetime, policy: Policy) -> list[Fact]:
    """What the digest says of the reports that are owed."""
    dues = [(one, due_by(one, policy)) for one in events]
    return [{"report": one.slug, "event": one.name, "due": due.isoformat(), "missed": due <= now} for one, due in dues]
