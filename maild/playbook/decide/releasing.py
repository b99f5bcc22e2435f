"""`[release:REPORT]`: two people agree to the same bytes, and a transparency report is released (product.md section 9; rules T11, T15).

maild publishes nothing. Whoever is kept out of a case that is counted in a report is answered as of one that does not exist.
"""

from datetime import datetime

from maild.playbook import disclosure, leaks, reporting
from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.effects import Agree, Journal, Release
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.people import one_person
from maild.playbook.releases import Agreement, Draft

UNKNOWN = "There is no report called {name} that you can release."

PERIODS = "A period is written YEAR, YEAR-h1 or YEAR-h2."
"""With no year in it: nobody can tell from the answer of which there is a report."""

ONE_EACH = "One mail holds one [release:{name}]: send the other one in a mail of its own."

OWN_TEXT = "Your text cannot stand in a report: {hits}. Mend it, and send all of it again below [release:{name}]."

SHIPPED = (
    "The words around the numbers cannot stand in a report: {hits}. Whoever runs maild has to mend them; then send [release:{name}] again."
)

TOO_EARLY = "{hinders} Send [release:{name}] again once nothing is in the way."

TWICE = (
    "You agreed to this very text before. Somebody else has to agree to it as well; they have it, with the line to copy: [release:{name}]."
)

ALREADY = (
    "It is released: {first} and {second} agreed to this very text, on {day}. For a correction, write below [release:{name}] all of what"
    " you learned or changed, as it should stand there; two of you have to agree to it again."
)

UNREAD = (
    "{first} agreed to another text after the letter that you answer was written, or after you wrote. You have that text in a newer letter:"
    " read it, and answer that one with [release:{name}]."
)
"""Two people agree to the same bytes only where the second can have read them."""

ELSEWHERE = (
    "It cannot be released with these words. Ask somebody else who may release it to write them anew, below [release:{name}]; what is in"
    " the way stands in their letters."
)
"""Said where the words are from a case that the writer is kept out of: which words they are would tell who is on it."""

STEPPED_OUT = "A mail with [recuse] releases nothing: send [release:{name}] in a mail of its own."
"""What is counted was looked up before; a mail that keeps its own writer out of some of it is no agreement to it."""

ALONE = (
    "You agreed to this very text before, and nobody else may release it: another contact outside the team has to be named in the"
    " configuration, as one more “fallback”."
)

AGREED = (
    "This is the first agreement to the report about {title}, with {learned}. Somebody else has to agree to the same: everybody who may"
    " gets its text."
)

NOBODY_ELSE = (
    "This is the first agreement to the report about {title}, with {learned}. Nobody else may release it: another contact outside the team"
    " has to be named in the configuration, as one more “fallback”."
)

INSTEAD = " What {by} agreed to before is something else, and counts no more."

CORRECTION = " It corrects what was released on {day}."

RELEASED = (
    "The report about {title} is released: {first} and you agree to the same text. Its files go to everybody who may release it. Please"
    " publish them yourselves; maild publishes nothing."
)


def release(command: Command, desk: Desk) -> Tried:
    """The first or the second agreement to a report as it is now, or why there is none."""
    name, scene = command.value or "", desk.scene
    draft = scene.drafts.get(name)
    if draft is None or not _may(draft.out, desk):
        return Refused(sentence=f"{UNKNOWN.format(name=name)}{_known(desk)}")
    if any(isinstance(one, Agree | Release) for one in desk.effects):
        return Refused(sentence=ONE_EACH.format(name=name))
    if any(one.verb == "recuse" for one in desk.commands):
        return Refused(sentence=STEPPED_OUT.format(name=name))
    if refusal := _hindered(draft, desk, own=not leaks.blank(command.text)):
        return refusal
    standing = reporting.agreed(draft, scene.policy)
    return _second(draft, standing, desk) if standing else _first(draft, desk)


def _may(out: frozenset[str], desk: Desk) -> bool:
    return any(to.handle == desk.person.handle for to in disclosure.releasers(out, desk.scene.policy))


def _known(desk: Desk) -> str:
    known = [name for name, out in desk.scene.reports.items() if _may(out, desk)]
    return f" It can be {' or '.join(known)}. {PERIODS}" if known else f" {PERIODS}"


def _hindered(draft: Draft, desk: Desk, *, own: bool) -> Refused | None:
    """Why this text cannot be released by the writer now. `own`: part of it is theirs."""
    name, policy = draft.report, desk.scene.policy
    standing = reporting.agreed(draft, policy)
    if done := draft.released:
        told = {"first": _called(done.by, desk), "second": _called(done.second, desk), "day": _day(done.released_at, desk.scene)}
        return Refused(sentence=ALREADY.format(name=name, **told), mendable=False)
    if hits := draft.hits_for(desk.person.handle):
        return Refused(sentence=(OWN_TEXT if own or draft.learned else SHIPPED).format(name=name, hits="; ".join(hits)))
    if draft.hinders:
        return Refused(sentence=TOO_EARLY.format(name=name, hinders=" ".join(draft.hinders)), mendable=False)
    if standing and _is_writer(standing.by, desk):
        return Refused(sentence=(ALONE if reporting.is_for_one(draft, policy) else TWICE).format(name=name), mendable=False)
    if standing and _read_at(desk) < standing.at:
        return Refused(sentence=UNREAD.format(name=name, first=_called(standing.by, desk)), mendable=False)
    if standing and draft.hits:
        return Refused(sentence=ELSEWHERE.format(name=name), mendable=False)
    return None


def _is_writer(handle: str, desk: Desk) -> bool:
    """Whether this is the writer of the mail, under whatever handle the configuration has them."""
    first = desk.scene.policy.person(handle)
    return first is not None and one_person(first, desk.person)


def _read_at(desk: Desk) -> datetime:
    """The latest moment of which the writer can have read something."""
    written = desk.thread.written_at if desk.thread else None
    return min(written or desk.mail.received_at, desk.mail.received_at)


def _first(draft: Draft, desk: Desk) -> Done:
    scene, by, latest = desk.scene, desk.person.handle, draft.latest
    made = Agreement(report=draft.report, by=by, at=scene.now, numbers=draft.numbers, learned=draft.learned, files=draft.files)
    letters = reporting.to_the_others(draft, scene, by=by)
    sentence = (AGREED if letters else NOBODY_ELSE).format(title=draft.title, learned=_learned(draft))
    if latest and latest.released_at:
        sentence += CORRECTION.format(day=_day(latest.released_at, scene))
    elif latest and draft.out_of_date:
        sentence += INSTEAD.format(by="you" if latest.by == by else _called(latest.by, desk))
    return Done(desk=desk.also(Agree(agreement=made), *letters, _line("report-agreed", draft, by)), sentence=sentence)


def _second(draft: Draft, first: Agreement, desk: Desk) -> Done:
    assert first.id is not None
    by = desk.person.handle
    letters = reporting.released(draft, desk.scene, by=(first.by, by))
    after = desk.also(Release(row=first.id, second=by), *letters, _line("report-released", draft, by))
    return Done(desk=after, sentence=RELEASED.format(title=draft.title, first=_called(first.by, desk)))


def _learned(draft: Draft) -> str:
    return "what you learned or changed" if draft.learned else "no words of your own"


def _called(handle: str, desk: Desk) -> str:
    person = desk.scene.policy.person(handle)
    return person.name if person else handle


def _day(at: datetime | None, scene: Scene) -> str:
    return (at or scene.now).astimezone(scene.policy.zone).date().isoformat()


def _line(verb: str, draft: Draft, by: str) -> Journal:
    facts: dict[str, Fact] = {"report": draft.report, "digest": draft.digest}
    return Journal(verb=verb, by=by, facts=facts)
