"""The rules of each kind of resolution (product.md section 5), and the sanctions that a vacation and a ban make."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from maild.playbook import leaks
from maild.playbook.commands import Command
from maild.playbook.deadlines import in_zone
from maild.playbook.decide.desk import Desk
from maild.playbook.decide.lines import anew
from maild.playbook.decide.writing import reasons
from maild.playbook.entry import What
from maild.playbook.policy import Policy
from maild.playbook.sanctions import EVERYWHERE, Sanction, sanction_facts

MEASURES = frozenset({"private-reprimand", "public-reprimand", "vacation", "ban", "apology"})
"""Resolutions that are about a person who did something."""

SANCTIONS = frozenset({"vacation", "ban"})
"""Those that keep a person out of spaces until they end."""

VACATION_DAYS = 7
"""How long a vacation is where nothing is said: "take a week off" (playbook line 90)."""

LONGEST_VACATION = 90
"""Days; what is longer is a ban."""

PREPARED = "The text is kept with the case and was not published: whether it ever is, is for people to decide."

FOR_OTHER = 'It needs a label and text below it, for example [resolve:other label="moderated talk"] and a line that says what was decided.'

NO_TEXT = "It needs text below it: the words that people may publish. Nothing is published by maild."

EXAMPLE = timedelta(days=28)
"""How far ahead the end of a ban lies in an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A resolution as it is asked for: the command, whom it concerns, and the desk it is tried at."""

    command: Command
    to: tuple[str, ...]
    desk: Desk

    @property
    def policy(self) -> Policy:
        """The organisation's own decisions."""
        return self.desk.scene.policy

    @property
    def spaces(self) -> tuple[str, ...]:
        """The spaces it names, each once."""
        named = self.command.keys.get("spaces", "").split(",")
        return tuple(dict.fromkeys(slug for slug in named if slug))


def objections(wanted: Wanted) -> Iterator[str]:
    """Why this kind of resolution cannot be made so, each with the fix."""
    yield from _RULES.get(wanted.command.value or "", _nothing_more)(wanted)


def _nothing_more(wanted: Wanted) -> Iterator[str]:
    return iter(())


def _other(wanted: Wanted) -> Iterator[str]:
    if not wanted.command.keys.get("label") or leaks.blank(wanted.command.text):
        yield FOR_OTHER


def _public_reprimand(wanted: Wanted) -> Iterator[str]:
    if leaks.blank(wanted.command.text):
        yield NO_TEXT
    # Wherever the event stands in the mail: a statement about a conference is not made by naming the conference below it.
    if (wanted.desk.case.event or any(one.verb == "event" for one in wanted.desk.beside)) and "board-approved" not in wanted.command.keys:
        line = f"{wanted.command.written[:-1]} board-approved=yes]"
        yield f"Staff make no public statement about a person at a conference. Where the board has agreed to one, write {line}."
    if held := tuple(reasons(wanted.command.text, wanted.desk)):
        yield f"This text may not become public: {'; '.join(held)}. Say it in other words."


def _vacation(wanted: Wanted) -> Iterator[str]:
    yield from _unknown_spaces(wanted)
    days = int(wanted.command.keys.get("days", VACATION_DAYS))
    if days > LONGEST_VACATION:
        until = _local_day(wanted) + timedelta(days=days)
        line = f"[resolve:ban spaces={','.join(wanted.spaces) or EVERYWHERE} until={until.isoformat()}]"
        yield f"A vacation lasts {LONGEST_VACATION} days at most; what is longer is a ban, such as {line}."


def _ban(wanted: Wanted) -> Iterator[str]:
    yield from _unknown_spaces(wanted)
    until, permanent = wanted.command.keys.get("until"), "permanent" in wanted.command.words
    later = anew(wanted.command, without="permanent", until=(_local_day(wanted) + EXAMPLE).isoformat())
    if (until is not None) == permanent:
        yield f"Say how long, with one of the two: {later} or {anew(wanted.command, 'permanent', without='until')}."
    elif until is not None and date.fromisoformat(until) <= _local_day(wanted):
        yield f"until={until} does not lie ahead; give a later day, such as {later}."


def _apology(wanted: Wanted) -> Iterator[str]:
    if ("public" in wanted.command.words) == ("private" in wanted.command.words):
        yield f"Say which: {anew(wanted.command, 'private', without='public')} or {anew(wanted.command, 'public', without='private')}."


_RULES: Mapping[str, Callable[[Wanted], Iterator[str]]] = {
    "other": _other,
    "public-reprimand": _public_reprimand,
    "vacation": _vacation,
    "ban": _ban,
    "apology": _apology,
}


def _unknown_spaces(wanted: Wanted) -> Iterator[str]:
    known = [space.slug for space in wanted.policy.spaces]
    listed = f"{', '.join(known)}, or {EVERYWHERE} for every space" if known else f"{EVERYWHERE} (the configuration names no [[space]] yet)"
    unknown = [slug for slug in wanted.spaces if slug not in (*known, EVERYWHERE)]
    if not wanted.spaces:
        line = anew(wanted.command, spaces=(known or [EVERYWHERE])[0])
        yield f"Say from which spaces, such as {line}; known: {listed}."
    elif unknown:
        yield f"There is no space called {' or '.join(unknown)}; known: {listed}."
    elif EVERYWHERE in wanted.spaces and len(wanted.spaces) > 1:
        yield f"{EVERYWHERE} stands for every space already: write spaces={EVERYWHERE}, or name the spaces."


def _local_day(wanted: Wanted) -> date:
    return wanted.desk.scene.now.astimezone(wanted.policy.zone).date()


def _until(wanted: Wanted) -> datetime | None:
    """The end of the last day of a sanction, in the organisation's own time; None for a permanent one."""
    keys = wanted.command.keys
    if "permanent" in wanted.command.words:
        return None
    days = timedelta(days=int(keys.get("days", VACATION_DAYS)))
    last = date.fromisoformat(keys["until"]) if "until" in keys else _local_day(wanted) + days
    return in_zone(datetime.combine(last, time(23, 59, 59)), wanted.policy)


def sanctioned(wanted: Wanted, *, by: tuple[str, ...]) -> tuple[Desk, tuple[Sanction, ...]]:
    """The desk with the sanctions of this resolution, one for each person; the same one said again stands as it is."""
    desk, made = wanted.desk, list[Sanction]()
    for ref in wanted.to if wanted.command.value in SANCTIONS else ():
        number = f"S{len(desk.case.sanctions) + 1}"
        kind, until = str(wanted.command.value), _until(wanted)
        new = Sanction(id=number, kind=kind, person=ref, spaces=wanted.spaces, start=desk.scene.now, until=until, by=by)
        known = next((one for one in desk.case.sanctions if _terms(one) == _terms(new)), None)
        desk = desk if known else desk.note(What.SANCTIONED, sanction_facts(new))
        made.append(known or new)
    return desk, tuple(made)


def _terms(sanction: Sanction) -> tuple[str, str, frozenset[str], datetime | None]:
    """What makes two sanctions the same, whenever they were imposed and by whom."""
    return sanction.kind, sanction.person, frozenset(sanction.spaces), sanction.until


def said(sanctions: Iterable[Sanction], policy: Policy) -> Iterator[str]:
    """Each sanction in a sentence."""
    for one in sanctions:
        end = f"until {one.until.astimezone(policy.zone).date().isoformat()}" if one.until else "for good"
        yield f"{one.id}: {one.person} is kept out of {places(one.spaces, policy)} {end}."


def places(slugs: Iterable[str], policy: Policy) -> str:
    """The names of these spaces, or of the event of an expulsion; one that is configured no longer is called by its short name."""
    names = {one.slug: one.name for one in policy.conferences} | {one.slug: one.name for one in policy.spaces}
    return ", ".join("every space" if slug == EVERYWHERE else names.get(slug, slug) for slug in slugs)
