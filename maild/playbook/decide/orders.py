"""A mail from one of us: a note, or commands. All commands of a mail apply or none does, safety and recusal excepted; one answer.

Commands are tried first; only what would succeed and is not proven is asked back, once for the whole mail.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from maild.playbook import commands as grammar
from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command, Fault, Level
from maild.playbook.decide.answering import answer, challenge, copies, with_outcomes
from maild.playbook.decide.desk import Desk, Result
from maild.playbook.decide.guiding import with_guidelines
from maild.playbook.decide.lookups import UNKNOWN_CASE
from maild.playbook.decide.moves import noted
from maild.playbook.decide.noting import noted_at_once, still_asked, to_the_team, unnoted
from maild.playbook.decide.opening import NOBODY, open_ticket
from maild.playbook.decide.recording import arranged, records
from maild.playbook.decide.taking_down import announced, keep_report, kept_as
from maild.playbook.decide.trying import only_always, rings, tried
from maild.playbook.effects import Append, Await, Effect, File, Journal, Keep, Open, Send, Spend, Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Found, Mail, Scene, Thread, Waiting
from maild.playbook.people import Person, Role
from maild.playbook.ticket import Ticket

NOTED = "Kept as an internal note and shared with the case team. To write to the reporter, put [reply] above your text."

NOTED_ALONE = "Kept as an internal note; nobody else works on this case. To write to the reporter, put [reply] above your text."

NOT_READ = (
    "There are tags in your mail, and none of them was carried out: they stand below or between quoted text. Please write them above it. "
)
"""Said of tags that stand where none are read."""

DIFFER = "The plain text and the HTML of your mail hold different commands, so none was carried out. Send it as plain text, please."

NOT_DONE = "Not carried out."

DIRECT = "You answered the reporter directly. It is filed here; write [answered] if it counts as the answer to them."

NOT_IN_A_COPY = "Tags do nothing in a mail that goes to the reporter; send them to us alone."

AGAIN = "These words came before and were dealt with then; nothing was done a second time. To have it done again, answer a newer mail."

NOT_ALONE = "Not done, because another command of this mail was refused."

TOO_MANY = (
    "Your mail needs your [confirm], and you were not asked for it, because {count} other mails in your name still wait for theirs."
    " Confirm one of them, or wait until they lapse; then send your tags again as an answer to this mail."
    " If those mails are not yours, tell the team that somebody writes in your name."
)
"""Said once so many questions are open that one more would only help somebody who writes in a name that is not theirs."""

KEPT_AS_NOTE = " Your mail was kept as an internal note and shared with the case team."

UNASKED = frozenset({"case", "help", "note"})
"""Verbs that are nothing to ask back: they bind nobody, and tell nothing of a case."""


def on_case(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """A mail from one of the case team on the case's thread."""
    desk = desk_of(mail, scene, person, thread, ticket)
    return ordered(desk, reading_of(mail)) if commands(mail) else noted_by(desk, remark=_unread(mail) + _kept_where(desk))


def _kept_where(desk: Desk) -> str:
    return NOTED if disclosure.others(desk.case, desk.scene.policy, desk.person) else NOTED_ALONE


def _unread(mail: Mail) -> str:
    return NOT_READ if grammar.read(mail.new_text).has_commands else ""


def outside_answer(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """Staff wrote to the reporter directly, with a copy to the mailbox: filed, and the writer is asked whether it counts."""
    wanted = reading_of(mail).commands
    desk = desk_of(mail, scene, person, thread, ticket).note(What.OUTSIDE_ANSWER)
    desk = only_always(desk, wanted, [NOT_IN_A_COPY] * len(wanted))
    done = Result(ok=True, written="", sentence="Answered the reporter directly.", ticket_id=ticket.id, text=mail.new_text)
    return (
        *_carried_out(desk, relation="outside-answer"),
        *copies(replace(desk, results=(done, *desk.results))),
        answer(desk, remark=DIRECT),
        _file(desk, "staff answered the reporter directly"),
        *_spent(desk),
    )


def without_case(mail: Mail, scene: Scene, person: Person, *, out: Mapping[str, str] = NOBODY) -> tuple[Effect, ...]:
    """A mail with commands from one of us that is new, or answers a letter about no single case, such as a summary.

    `out` are those who must not know of what it may speak of.
    """
    desk, reading = desk_of(mail, scene, person, scene.thread, None), arranged(reading_of(mail))
    if records(reading) and (out or person.role is not Role.STAFF):
        return open_ticket(mail, scene, out=out)  # nothing they report may get lost, and it is theirs
    named = any(isinstance(one, Command) and one.verb == "case" and desk.named(one.value or "") for one in reading.commands)
    if any(map(rings, reading.commands)) and not named:
        # An alarm has to ring for somebody: one about no case, or none the writer can see, becomes a case of its own.
        return _recorded_at_once(desk, reading) or open_ticket(mail, scene, alarm=person, proven=bool(desk.proof), out=out)
    return ordered(desk, reading, keep=not out)


def _recorded_at_once(desk: Desk, reading: grammar.Reading) -> tuple[Effect, ...]:
    """What becomes of a mail that makes its own case to ring an alarm for; nothing where that would wait for a question or be refused."""
    after = tried(desk, reading)
    waits = after.opened is None or _to_be_asked(desk, reading.commands) or not all(result.ok for result in after.results)
    return () if waits else _done(desk, reading, after)


def confirmed(waiting: Waiting, scene: Scene, person: Person) -> tuple[Effect, ...]:
    """The answer to a challenge: the commands that waited are carried out, as proven by this mail's way back."""
    reading, ticket = reading_of(waiting.mail), waiting.thread.ticket if waiting.thread else None
    reading = reading if ticket else arranged(reading)
    desk = Desk(scene=scene, mail=waiting.mail, person=person, ticket=ticket, proof="your confirmation", may_decide=True)
    # What always takes effect did so when the question was asked.
    left = tuple(one for one in reading.commands if not (isinstance(one, Command) and one.level is Level.ALWAYS))
    reading = unnoted(replace(reading, commands=left))  # the team has the notes
    return (*_done(desk, reading, tried(desk, reading)), Spend(token=waiting.token, words="", challenge=True))


def unknown_case(mail: Mail, scene: Scene, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """Somebody who is kept out of a case wrote on its thread: they get what anybody gets whose mail is about no case."""
    blind = replace(scene, thread=None)
    if commands(mail):
        return without_case(mail, blind, person, out=ticket.withheld)
    desk = desk_of(mail, blind, person, None, None)
    return (answer(desk, remark=UNKNOWN_CASE), _file(desk, "from somebody who is kept out of the case"))


def duplicate(mail: Mail, scene: Scene, thread: Thread, person: Person) -> tuple[Effect, ...]:
    """The same words under the same token a second time: nothing is done (behaviour 38)."""
    desk = desk_of(mail, scene, person, thread, thread.ticket)
    return (*_kept(desk, "duplicate"), answer(desk, remark=AGAIN), _file(desk, "a second delivery of a command mail"))


def commands(mail: Mail) -> bool:
    """Whether a mail holds commands, be it only in the one of its two alternatives that is not read."""
    return reading_of(mail).has_commands or mail.commands_differ


def reading_of(mail: Mail) -> grammar.Reading:
    """The commands of a mail: those in its Subject, where it answers nothing, and those in its new text."""
    reading = grammar.read(mail.command_text)
    return reading if mail.references else replace(reading, commands=(*grammar.read_subject(mail.subject), *reading.commands))


def desk_of(mail: Mail, scene: Scene, person: Person, thread: Thread | None, ticket: Ticket | None) -> Desk:
    """The desk before the first command of a mail."""
    theirs = thread is not None and thread.found is Found.TOKEN and thread.holder == person.handle
    proof = " and ".join(filter(None, ("the token in your mail" if theirs else "", mail.proof)))
    return Desk(scene=scene, mail=mail, person=person, ticket=ticket, proof=proof, may_decide=theirs and bool(mail.proof))


def noted_by(desk: Desk, *, remark: str) -> tuple[Effect, ...]:
    """The mail is kept as a note of its writer, who is told so."""
    desk = noted(desk, desk.mail.new_text)
    return (
        *_carried_out(desk, relation="note"),
        *copies(desk),
        answer(desk, remark=remark),
        _file(desk, "an internal note"),
        *_spent(desk),
    )


def ordered(desk: Desk, reading: grammar.Reading, *, keep: bool = True) -> tuple[Effect, ...]:
    """The commands are carried out, asked back or refused. `keep`: a report in it becomes a case, whatever becomes of its commands."""
    if desk.mail.commands_differ:
        safe = keep_report(desk, reading) if keep else desk
        kept = only_always(safe, reading.commands, [NOT_DONE] * len(reading.commands))
        return _concluded(kept, "its two alternatives hold different commands", remark=" ".join(filter(None, (DIFFER, kept_as(kept)))))
    after = tried(desk, reading)
    if all(result.ok for result in after.results) and _to_be_asked(desk, reading.commands):
        return _asked_back(desk, reading, after)
    return _done(desk, reading, after, keep=keep)


def _to_be_asked(desk: Desk, wanted: Iterable[Command | Fault]) -> bool:
    """Whether the writer has to confirm these (security.md, "Who may command")."""
    levels = {one.level for one in wanted if isinstance(one, Command) and one.verb not in UNASKED} - {Level.ALWAYS}
    return bool(levels) and not (desk.may_decide if Level.DECISION in levels else desk.proof)


def _done(desk: Desk, reading: grammar.Reading, after: Desk, *, keep: bool = True) -> tuple[Effect, ...]:
    """All of it or, where something was refused, only what always takes effect."""
    if all(result.ok for result in after.results):
        return _concluded(with_outcomes(with_guidelines(after)), "commands carried out")
    refusals = [NOT_ALONE if result.ok else result.sentence for result in after.results]
    again = any(result.mendable for result in after.results if not result.ok)
    kept = only_always(keep_report(desk, reading) if keep else desk, reading.commands, refusals)
    shown = tuple(replace(told, held=was.held) for told, was in zip(kept.results, after.results, strict=True))
    return _concluded(replace(kept, results=shown), "commands refused", again=again, remark=kept_as(kept))


def _concluded(desk: Desk, reason: str, *, remark: str = "", again: bool = False, relation: str = "command") -> tuple[Effect, ...]:
    spent = _spent(desk) if desk.touched and desk.scene.waiting is None else ()
    told = answer(desk, remark=remark, again=again)
    return (*_carried_out(desk, relation=relation), *copies(desk), told, _file(desk, reason), *spent)


def _asked_back(desk: Desk, reading: grammar.Reading, after: Desk) -> tuple[Effect, ...]:
    """The question whether to do what `after` is after."""
    wanted = reading.commands
    if desk.scene.open_challenges >= desk.scene.policy.limits.open_challenges:
        return _not_asked(desk, wanted)
    token = desk.scene.fresh.token("challenge")
    kept = only_always(keep_report(noted_at_once(desk, reading), reading), wanted, [""] * len(wanted))
    kept = kept.note(What.CHALLENGED) if kept.ticket else kept
    until = desk.scene.now + desk.scene.policy.limits.challenge_life
    return (
        *_carried_out(kept),
        *copies(kept),
        Await(token=token, holder=desk.person.handle, ticket_id=kept.ticket.id if kept.ticket else None, until=until),
        challenge(kept, token, until, note=to_the_team(desk, reading), wanted=still_asked(reading, after.results)),
        _file(kept, "commands wait for a confirmation"),
        *_spent(desk),
    )


def _not_asked(desk: Desk, wanted: tuple[Command | Fault, ...]) -> tuple[Effect, ...]:
    if desk.ticket is None and any(isinstance(one, Command) and one.verb == "record" for one in wanted):
        return open_ticket(desk.mail, desk.scene)  # whoever wrote it: a report is not left lying
    kept, remark = only_always(desk, wanted, [NOT_DONE] * len(wanted)), TOO_MANY.format(count=desk.scene.open_challenges)
    if kept.seen and not leaks.blank(desk.mail.new_text):
        # No entry: the words of a [reply] would be a note's then, which must not leave, when they are sent again.
        shared = notices.told_of_note(kept.case, desk.mail.new_text, desk.person, desk.scene.policy, proven=bool(desk.proof))
        kept, remark = kept.also(*shared), remark + KEPT_AS_NOTE
    return _concluded(kept, "too many mails wait for a confirmation", remark=remark, relation="note")


def _carried_out(desk: Desk, *, relation: str = "command") -> tuple[Effect, ...]:
    """The entries, the mail itself, and what else the commands ask for; nothing of it to those whom the same mail keeps out."""
    before = {ticket.id: ticket for ticket in _read(desk)}
    appended = [_written(desk, one, before) for one in desk.touched]
    journal = [Journal(verb=entry.what.value, by=entry.by, ticket_id=one, facts=_told(entry)) for one, entry in desk.entries]
    out = {(effect.ticket_id, effect.handle) for effect in desk.effects if isinstance(effect, Withhold)}
    rest = (
        effect for effect in desk.effects if not (isinstance(effect, Send) and (effect.letter.ticket_id, effect.letter.to.handle) in out)
    )
    return (*appended, *_kept(desk, relation), *journal, *rest)


def _written(desk: Desk, ticket_id: int, before: Mapping[int, Ticket]) -> Open | Append:
    entries = tuple(_of(desk, ticket_id))
    if ticket_id == desk.opened:
        return Open(ticket=desk.touched[ticket_id], entries=entries, told=announced(desk))
    return Append(ticket=before[ticket_id], entries=entries)


def _told(entry: Entry) -> Mapping[str, Fact]:
    """What the journal says of an entry besides its name: whether its writer insisted, and no text of anybody."""
    return {name: entry.facts[name] for name in ("insisted",) if name in entry.facts}


def _of(desk: Desk, ticket_id: int) -> Iterable[Entry]:
    return (entry for one, entry in desk.entries if one == ticket_id)


def _kept(desk: Desk, relation: str) -> tuple[Keep, ...]:
    on_desk = (desk.ticket.id,) if desk.ticket else ()
    cases = (one.id for one in desk.touched.values() if one.merged_into is None)
    return tuple(Keep(ticket_id=one, relation=relation, by=desk.person.handle) for one in dict.fromkeys((*cases, *on_desk)))


def _read(desk: Desk) -> Iterable[Ticket]:
    """The tickets as they were read, before any command."""
    for ticket in desk.scene.cases.values():
        yield from ticket.threads
    if desk.thread is not None and desk.thread.ticket is not None:
        yield from desk.thread.ticket.threads
    if desk.scene.waiting is not None and desk.scene.waiting.opened is not None:
        yield from desk.scene.waiting.opened.threads


def _spent(desk: Desk) -> tuple[Spend, ...]:
    """The same mail delivered twice acts once; one that changed nothing may be sent again as it is."""
    token = desk.thread.token if desk.thread else ""
    return (Spend(token=token, words=desk.mail.command_text),) if token else ()


def _file(desk: Desk, reason: str) -> File:
    return File(kind="command", reason=reason, ticket_id=desk.ticket.id if desk.ticket else None)
