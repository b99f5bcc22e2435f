"""A mail from staff: a note, or commands. All commands of a mail apply or none does, safety and recusal excepted; one answer.

Commands are tried first; only what would succeed and is not proven is asked back, once for the whole mail.
"""

from collections.abc import Iterable
from dataclasses import replace

from maild.playbook import commands as grammar
from maild.playbook import notices
from maild.playbook.commands import Command, Fault, Level
from maild.playbook.decide.acts import ACTS, alarm
from maild.playbook.decide.answering import answer, challenge, outcome
from maild.playbook.decide.desk import Desk, Done, Refused, Result, Tried
from maild.playbook.decide.lookups import LOOKUPS
from maild.playbook.effects import Append, Await, Effect, File, Journal, Keep, Spend
from maild.playbook.entry import Entry, What
from maild.playbook.events import Found, Mail, Scene, Thread
from maild.playbook.people import Person
from maild.playbook.ticket import Ticket

UNKNOWN_CASE = "There is no case of that name that you can see."
"""Said of a case that does not exist and of one that the asker is kept out of: the same words (behaviour 40)."""

NO_CASE = "This mail is about no case; put [case:its-code-name] in front, or answer a mail that is about it."

ALWAYS = frozenset({"urgent", "recuse"})
"""Take effect even where the rest of the mail is refused or unproven (product.md principles 7 and 8)."""


def on_case(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """A mail from one of the case team on the case's thread."""
    if thread.spent:
        return _spent(mail, scene, thread, ticket, person)
    desk = Desk(scene=scene, mail=mail, person=person, ticket=ticket, proven=_token_is_theirs(thread, person))
    reading = grammar.read(mail.command_text)
    if not reading.has_commands:
        return _noted(desk)
    return _ordered(desk, reading, thread)


def without_case(mail: Mail, scene: Scene, person: Person, thread: Thread) -> tuple[Effect, ...]:
    """A mail from staff that answers a letter about no single case, such as a summary."""
    desk = Desk(scene=scene, mail=mail, person=person, ticket=None, proven=_token_is_theirs(thread, person))
    return _ordered(desk, grammar.read(mail.command_text), thread)


def without_thread(mail: Mail, scene: Scene, person: Person) -> tuple[Effect, ...]:
    """A new mail from staff with commands in its text or Subject: no token stands for it, so all but [help] is asked back."""
    desk = Desk(scene=scene, mail=mail, person=person, ticket=None, proven=False)
    reading = grammar.read(mail.command_text)
    return _ordered(desk, replace(reading, commands=_commands(desk)), None)


def confirmed(mail: Mail, scene: Scene) -> tuple[Effect, ...]:
    """The answer to a challenge: the commands that waited are carried out, as proven by this mail's way back."""
    waiting, person = scene.waiting, scene.person
    if waiting is None or person is None:
        raise ValueError("nothing waits to be confirmed")
    ticket = waiting.thread.ticket if waiting.thread else None
    desk = Desk(scene=scene, mail=waiting.mail, person=person, ticket=ticket, proven=True)
    reading = grammar.read(waiting.mail.command_text)
    effects = _concluded(_tried(desk, replace(reading, commands=_commands(desk))), proof="your confirmation")
    return (*effects, Spend(token=waiting.token, words="", challenge=True))


def outside_answer(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """Staff wrote to the reporter directly, with a copy to the mailbox: filed, and the writer is asked whether it counts."""
    entry = Entry(what=What.OUTSIDE_ANSWER, at=scene.now, by=person.handle)
    desk = Desk(scene=scene, mail=mail, person=person, ticket=ticket, proven=False)
    asked = "You answered the reporter directly. It is filed here; write [answered] if it counts as the answer to them."
    return (
        Append(ticket=ticket, entries=(entry,)),
        Keep(ticket_id=ticket.id, relation="outside-answer", by=person.handle),
        *answer(desk, remark=asked),
        Journal(verb="outside-answer", by=person.handle, ticket_id=ticket.id),
        File(kind="followup", reason="staff answered the reporter directly", ticket_id=ticket.id),
    )


def unknown_case(mail: Mail, scene: Scene, person: Person) -> tuple[Effect, ...]:
    """Somebody who is kept out of a case wrote on its thread: they are told what everybody is told of a case that does not exist."""
    reading = grammar.read(mail.command_text)
    desk = Desk(scene=scene, mail=mail, person=person, ticket=None, proven=False)
    results = tuple(Result(ok=False, written=command.written, sentence=UNKNOWN_CASE) for command in reading.commands)
    return answer(replace(desk, results=results), remark="" if results else UNKNOWN_CASE)


def from_onlooker(mail: Mail, scene: Scene, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """The board, or the contact outside, wrote on a case they watch: a note for the team; only the team acts."""
    desk = Desk(scene=scene, mail=mail, person=person, ticket=ticket, proven=False)
    if not grammar.read(mail.command_text).has_commands:
        return _noted(desk)
    return (
        *_noted(desk, answered=False),
        *answer(desk, remark="Only the case team can act on a case; your mail was kept as a note for them."),
    )


def _token_is_theirs(thread: Thread, person: Person) -> bool:
    return thread.found is Found.TOKEN and thread.holder == person.handle


def _noted(desk: Desk, *, answered: bool = True) -> tuple[Effect, ...]:
    mail, ticket, policy = desk.mail, desk.case, desk.scene.policy
    entry = Entry(what=What.NOTE, at=desk.scene.now, by=desk.person.handle, facts={"text": mail.new_text, "proven": desk.proven})
    remark = (
        f"{_unread(mail)}Kept as an internal note and shared with the case team. To write to the reporter, put [reply] above your text."
    )
    return (
        Append(ticket=ticket, entries=(entry,)),
        Keep(ticket_id=ticket.id, relation="note", by=desk.person.handle),
        *notices.told_of_note(ticket, mail.new_text, desk.person, policy, proven=desk.proven),
        *(answer(desk, remark=remark) if answered else ()),
        Journal(verb="note", by=desk.person.handle, ticket_id=ticket.id),
        File(kind="command", reason="an internal note", ticket_id=ticket.id),
    )


def _unread(mail: Mail) -> str:
    """What to say of tags that stood where none are read."""
    if not grammar.read(mail.new_text).has_commands:
        return ""
    return "There are tags in your mail, and none of them was carried out: they stand below or between quoted text. Please write them above it. "


def _spent(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    desk = Desk(scene=scene, mail=mail, person=person, ticket=ticket, proven=False)
    remark = "These very words came before and were acted on then; nothing was done a second time."
    return (
        Keep(ticket_id=ticket.id, relation="duplicate", by=person.handle),
        *answer(desk, remark=remark),
        File(kind="command", reason="a second delivery of a command mail", ticket_id=ticket.id),
    )


def _ordered(desk: Desk, reading: grammar.Reading, thread: Thread | None) -> tuple[Effect, ...]:
    if desk.mail.commands_differ:
        return _not_read(desk)
    tried = _tried(desk, reading)
    if all(result.ok for result in tried.results) and _to_be_asked(reading, desk):
        return _asked_back(desk, tried, reading)
    spend = (Spend(token=thread.token, words=desk.mail.command_text),) if thread and thread.token else ()
    return (*_concluded(tried, proof=_proof(desk, reading)), *spend)


def _not_read(desk: Desk) -> tuple[Effect, ...]:
    remark = "The plain text and the HTML of your mail hold different commands, so none was carried out. Send it as plain text, please."
    return (*_filed(desk), *answer(desk, remark=remark), _file(desk, "its two alternatives hold different commands"))


def _to_be_asked(reading: grammar.Reading, desk: Desk) -> bool:
    levels = {command.level for command in reading.commands if isinstance(command, Command)}
    if levels <= {Level.ALWAYS} or {command.verb for command in reading.commands if isinstance(command, Command)} == {"help"}:
        return False
    # Without the token the sender is only claimed; with it, a decision still needs a proof of the sending domain.
    return not desk.proven or (Level.DECISION in levels and not desk.mail.proof)


def _proof(desk: Desk, reading: grammar.Reading) -> str:
    if not desk.proven:
        return "nothing beyond your address"
    return f"the token in your mail and {desk.mail.proof}" if desk.mail.proof else "the token in your mail"


def _tried(desk: Desk, reading: grammar.Reading) -> Desk:
    """The desk after all commands in written order; what is refused leaves it as it was."""
    desk = replace(desk, outcome_follows=_outcome_follows(reading.commands))
    if reading.has_commands and reading.note.strip() and desk.ticket is not None:
        desk = _with_note(desk, reading.note)
    for command in reading.commands:
        desk = _one(desk, command)
    return desk


def _with_note(desk: Desk, text: str) -> Desk:
    shared = notices.told_of_note(desk.case, text, desk.person, desk.scene.policy, proven=desk.proven)
    return desk.note(What.NOTE, {"text": text, "proven": desk.proven}).also(*shared)


def _outcome_follows(commands: Iterable[Command | Fault]) -> bool:
    return any(isinstance(one, Command) and one.verb == "resolve" and "silent" not in one.words for one in commands)


def _one(desk: Desk, command: Command | Fault) -> Desk:
    tried = _try(command, desk)
    after = tried.desk if isinstance(tried, Done) else desk
    result = Result(ok=isinstance(tried, Done), written=command.written, sentence=tried.sentence)
    return replace(after, results=(*desk.results, result))


def _try(command: Command | Fault, desk: Desk) -> Tried:
    if isinstance(command, Fault):
        return Refused(sentence=_with_nearest(command))
    if command.verb == "case":
        return _turned_to(command, desk)
    if command.verb in LOOKUPS:
        return LOOKUPS[command.verb](command, desk)
    if command.verb == "confirm":
        return Refused(sentence="Nothing waits for your confirmation; it may have been confirmed already, or waited too long.")
    if desk.ticket is None:
        return Refused(sentence=NO_CASE)
    if desk.person.handle in desk.ticket.withheld:
        return Refused(sentence=UNKNOWN_CASE)
    return ACTS[command.verb](command, desk)


def _with_nearest(fault: Fault) -> str:
    if fault.nearest is None or fault.nearest in fault.sentence:
        return fault.sentence
    return f"{fault.sentence} Did you mean {fault.nearest}?"


def _turned_to(command: Command, desk: Desk) -> Tried:
    ticket = desk.scene.cases.get((command.value or "").lower())
    if ticket is None:
        return Refused(sentence=UNKNOWN_CASE)
    return Done(desk=replace(desk, ticket=ticket), sentence=f"About {ticket.code}:")


def _concluded(tried: Desk, *, proof: str) -> tuple[Effect, ...]:
    """The effects of a mail whose commands were tried: all of them, or only what always takes effect."""
    if all(result.ok for result in tried.results):
        tried = outcome(tried)
        return (*_filed(tried), *tried.effects, *answer(tried, proof=proof), _file(tried, "commands carried out"))
    kept = _only_always(tried)
    return (*_filed(kept), *kept.effects, *answer(kept, proof=proof), _file(kept, "commands refused"))


def _only_always(tried: Desk) -> Desk:
    """The desk with nothing but the safety alarm and the recusals of a mail that is otherwise refused."""
    commands = _commands(tried)
    thread = tried.scene.waiting.thread if tried.scene.waiting else tried.scene.thread
    kept = Desk(scene=tried.scene, mail=tried.mail, person=tried.person, ticket=thread.ticket if thread else None, proven=tried.proven)
    for command in commands:
        done = _if_always(command, kept)
        kept = done.desk if isinstance(done, Done) else kept
    results = tuple(_undone(result, commands) for result in tried.results)
    return replace(kept, results=results, said=tried.said if all(result.ok for result in tried.results) else ())


def _commands(desk: Desk) -> tuple[Command | Fault, ...]:
    body = grammar.read(desk.mail.command_text).commands
    threaded = desk.scene.waiting.thread if desk.scene.waiting else desk.scene.thread
    return body if threaded else (*grammar.read_subject(desk.mail.subject), *body)


def _if_always(command: Command | Fault, desk: Desk) -> Tried:
    if isinstance(command, Command) and command.verb == "case":
        return _turned_to(command, desk)
    if desk.ticket is None or not _always(command):
        return Refused(sentence="")
    return (
        ACTS["recuse"](command, desk) if isinstance(command, Command) and command.verb == "recuse" else Done(desk=alarm(desk), sentence="")
    )


def _always(command: Command | Fault) -> bool:
    if isinstance(command, Fault):
        return command.urgent
    return command.verb in ALWAYS or (command.verb == "determine" and command.keys.get("safety") == "yes")


def _undone(result: Result, commands: Iterable[Command | Fault]) -> Result:
    command = next((one for one in commands if one.written == result.written), None)
    if not result.ok or (isinstance(command, Command) and _always(command)):
        return result
    return replace(result, ok=False, sentence="Not done, because another command of this mail was refused.")


def _asked_back(desk: Desk, tried: Desk, reading: grammar.Reading) -> tuple[Effect, ...]:
    token = desk.scene.fresh.token("challenge")
    kept = _only_always(tried)
    until = desk.scene.now + desk.scene.policy.limits.challenge_life
    ticket_id = desk.ticket.id if desk.ticket else None
    return (
        *_filed(kept),
        *kept.effects,
        Await(token=token, holder=desk.person.handle, ticket_id=ticket_id, until=until),
        challenge(desk, token, until, [command.written for command in reading.commands]),
        _file(desk, "commands wait for a confirmation"),
    )


def _filed(desk: Desk) -> tuple[Effect, ...]:
    by_ticket: dict[int, list[Entry]] = {}
    for ticket_id, entry in desk.entries:
        by_ticket.setdefault(ticket_id, []).append(entry)
    before = {ticket.id: ticket for ticket in _tickets(desk)}
    appended = [Append(ticket=before[one], entries=tuple(entries)) for one, entries in by_ticket.items()]
    kept = [Keep(ticket_id=desk.ticket.id, relation="command", by=desk.person.handle)] if desk.ticket else []
    journal = [Journal(verb=entry.what.value, by=desk.person.handle, ticket_id=one) for one, entry in desk.entries]
    return (*appended, *kept, *journal)


def _tickets(desk: Desk) -> Iterable[Ticket]:
    yield from desk.scene.cases.values()
    for thread in (desk.scene.thread, desk.scene.waiting.thread if desk.scene.waiting else None):
        if thread is not None and thread.ticket is not None:
            yield thread.ticket


def _file(desk: Desk, reason: str) -> File:
    return File(kind="command", reason=reason, ticket_id=desk.ticket.id if desk.ticket else None)
