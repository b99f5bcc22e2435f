"""Two people decide: a sanction waits, with all that its mail would send, until somebody else approves it (`approvals = 2`)."""

from collections.abc import Iterator
from dataclasses import replace

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command
from maild.playbook.deadlines import Duty
from maild.playbook.decide import reporters
from maild.playbook.decide.acts import ACTS
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.moves import led
from maild.playbook.decide.resolving import concerned
from maild.playbook.entry import What
from maild.playbook.proposals import Proposal, command_facts

TWO_PEOPLE = frozenset({"vacation", "ban", "public-reprimand"})
"""Resolutions that take two people where the organisation wants that."""

DECISIONS = frozenset({"resolve", "expel", "extend"})

TOGETHER = DECISIONS | {"reply", "write"}
"""What waits with such a decision: the other decisions of its mail, and the letters that go with them."""

NOTHING_WAITS = "No proposal waits on this case."


def waits(command: Command, desk: Desk) -> bool:
    """Whether a command is, or goes with, a decision that takes a second person: such a resolution, or a sanction made longer."""
    if desk.scene.policy.approvals < 2 or command.verb not in TOGETHER:
        return False
    return any(one.verb in ("expel", "extend") or (one.verb == "resolve" and one.value in TWO_PEOPLE) for one in desk.beside)


def propose(command: Command, desk: Desk) -> Tried:
    """Tried with all that waits with it already, so that what is approved later can be carried out; nothing of it happens now."""
    mine = any(ticket_id == desk.case.id and entry.what is What.PROPOSED for ticket_id, entry in desk.entries)
    before = desk.case.proposal.commands if mine and desk.case.proposal else ()
    made = _carried_out((*before, command), desk)
    if isinstance(made, Refused):
        return made
    number = desk.case.proposal.id if mine and desk.case.proposal else f"A{desk.case.proposals + 1}"
    fixed = _fixed(command, desk)
    after = led(desk).note(What.PROPOSED, {"id": number, "command": command_facts(fixed)})
    replaced = desk.case.proposal.id if desk.case.proposal and not mine else ""
    return Done(desk=after, sentence=" ".join(_proposed(command, after, number, replaced=replaced)))


def _fixed(command: Command, desk: Desk) -> Command:
    """The command with whom it concerns now: who is respondent may change before it is approved, and the approving mail is on any thread."""
    if command.verb == "reply":
        thread = reporters.addressed(command, desk)
        return command if isinstance(thread, Refused) else replace(command, keys={**command.keys, "to": thread.reference})
    to = concerned(command, desk.case) if command.verb == "resolve" else ()
    return replace(command, keys={**command.keys, "to": ",".join(to)}) if to else command


def _proposed(command: Command, desk: Desk, number: str, *, replaced: str) -> Iterator[str]:
    if command.verb not in DECISIONS:
        yield f"It waits with the proposal {number}; nothing is sent before that is approved."
        return
    yield f"Proposed as {number}: {_named(command)}. Nothing is decided and nothing is sent before somebody else of the team approves it."
    if replaced:
        yield f"It takes the place of {replaced}."
    if desk.case.running(Duty.RESPOND):
        yield "The week for answering the reporter runs on."


def _named(command: Command) -> str | None:
    return {"expel": f"to expel {command.value}", "extend": f"to extend {command.value}"}.get(command.verb, command.value)


def _carried_out(commands: tuple[Command, ...], desk: Desk) -> Tried:
    """The desk after these commands, as if they stood in one mail; the first refusal is that of all."""
    after, sentences = desk, list[str]()
    for number, command in enumerate(commands, 1):
        made = ACTS[command.verb](command, replace(after, commands=commands, later=commands[number:]))
        if isinstance(made, Refused):
            return made
        after = made.desk
        sentences.append(made.sentence)
    return Done(desk=replace(after, commands=desk.commands, later=desk.later), sentence=" ".join(sentences))


def approve(command: Command, desk: Desk) -> Tried:
    """What somebody else proposed, carried out to the letter."""
    proposal = _proposal(command, desk)
    if isinstance(proposal, Refused):
        return proposal
    if refusal := _unclean(proposal, desk):
        return Refused(sentence=refusal)
    # The words were checked when they were proposed, and two people have read them: what was noted since is no reason to hold them.
    checked = tuple(replace(one, words=(*one.words, "anyway")) for one in proposal.commands)
    agreed = replace(desk.note(What.APPROVED, {"id": proposal.id}), proposed_by=proposal.by)
    made = _carried_out(checked, agreed)
    if isinstance(made, Refused):
        stop = f"To stop it: [object:{proposal.id}] and the reason below it."
        return replace(made, sentence=f"{proposal.id} cannot be carried out as it was proposed: {made.sentence} {stop}")
    return Done(desk=replace(made.desk, proposed_by=""), sentence=f"{proposal.id} is approved. {made.sentence}")


def object_(command: Command, desk: Desk) -> Tried:
    """What somebody else proposed, stopped."""
    proposal = _proposal(command, desk)
    if isinstance(proposal, Refused):
        return proposal
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it: say why, for the one who proposed it.")
    after = desk.note(What.OBJECTED, {"id": proposal.id, "text": command.text})
    return Done(desk=after, sentence=f"{proposal.id} is stopped; nothing of it was decided or sent.")


def _proposal(command: Command, desk: Desk) -> Proposal | Refused:
    """What waits, if the writer may have a say in it and has read no other text than the one that waits."""
    waiting = desk.case.proposal
    if waiting is None:
        return Refused(sentence=_nothing_waits(desk), mendable=False)
    line = f"[{command.verb}:{waiting.id}]"
    if command.value is not None and command.value != waiting.id:
        return Refused(sentence=f"{command.value} does not wait; {waiting.id} does. Read it, and write {line}.")
    if command.value is None and desk.case.proposals > 1:
        return Refused(sentence=f"There was more than one proposal, so say which you have read: {line}.")
    if waiting.by == desk.person.handle:
        return Refused(sentence=_own(desk), mendable=False)
    return waiting


def _unclean(proposal: Proposal, desk: Desk) -> str:
    """Why this is no decision of two people who may both know of the case; empty where it is."""
    by = desk.scene.policy.person(proposal.by)
    if by is not None and disclosure.may_know(desk.case, by):
        return ""
    lines = " ".join(one.written for one in proposal.commands if one.verb in DECISIONS)
    who = f"{proposal.id} is by {proposal.by}, who works on this case no more."
    return f"{who} Propose it yourself, and somebody else approves it: {lines}"


def _nothing_waits(desk: Desk) -> str:
    """Said where nothing waits: of what was carried out before, with the lines that end it."""
    if not desk.case.proposals:
        return NOTHING_WAITS
    running = [one.id for one in desk.case.sanctions if one.running(desk.scene.now)]
    ends = f" To end what is in force: {' or '.join(f'[lift:{one}]' for one in running)}." if running else ""
    return f"No proposal waits on this case any more: A{desk.case.proposals} was approved or stopped before.{ends}"


def _own(desk: Desk) -> str:
    others = " or ".join(to.handle for to in disclosure.others(desk.case, desk.scene.policy, desk.person))
    return (
        f"You proposed it, so somebody else has to say this: {others or 'nobody else works on this case'}."
        " To change it, send the changed one: it takes the place of the first."
    )


PROPOSALS = {"approve": approve, "object": object_}
"""The commands of the second person."""
