"""`[event:SLUG]` and `[space:SLUG]`: where it happened. Rules of conferences hold for what happened at one (playbook, "At conferences")."""

from collections.abc import Mapping

from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.entry import What


def event(command: Command, desk: Desk) -> Tried:
    """It happened at a conference or meetup of the configuration."""
    return _placed(command, desk, {one.slug: one.name for one in desk.scene.policy.conferences})


def space(command: Command, desk: Desk) -> Tried:
    """It happened in a space of the configuration."""
    return _placed(command, desk, {one.slug: one.name for one in desk.scene.policy.spaces})


def _placed(command: Command, desk: Desk, known: Mapping[str, str]) -> Tried:
    kind, slug = command.verb, command.value or ""
    if slug not in known:
        return Refused(sentence=unknown(slug, kind=kind, known=known))
    after = desk.note(What.PLACED, {kind: slug})
    return Done(desk=after, sentence=f"Recorded: it happened {'at' if kind == 'event' else 'in'} {known[slug]}.")


def unknown(slug: str, *, kind: str, known: Mapping[str, str]) -> str:
    """Why an event or a space cannot be meant, with those that can."""
    choices = f"it can be {' or '.join(known)}" if known else f"the configuration has no [[{kind}]]"
    return f"There is no {kind} {slug}; {choices}."
