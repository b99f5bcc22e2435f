"""`[record]`: a case out of what somebody of the staff was told in person (playbook, "In-person reports"; rows P10, P13, P15, P22, P24).

Whoever wrote it down is no reporter and stays in the team. The person who spoke gets a letter only where they said that they may be written to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command, Reading, strip_commands
from maild.playbook.deadlines import acknowledge_clock, respond_clock, take_clock
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.moves import kept_out
from maild.playbook.decide.placing import unknown
from maild.playbook.effects import Effect, Send
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.history import clock_facts
from maild.playbook.letters import Kind
from maild.playbook.people import mentioned, normalise, owns
from maild.playbook.record_form import PERMISSION, Form, read_form
from maild.playbook.ticket import RECEIPT_MADE, Ticket

EMPTY = "There was no text below it: write what the person said, as they said it."

ONE_EACH = "One mail holds one [record]: send this one in a mail of its own."

IN_PERSON = "it was taken down in person"
"""Why there is no acknowledgement by mail."""

ACKNOWLEDGED = "The reporter gets a receipt."

NO_ADDRESS = "The reporter is sent nothing, because it holds no address of theirs."

NOT_PERMITTED = f"The reporter is sent nothing, because it does not say “{PERMISSION}: yes”."

OURS = "The reporter is sent nothing, because the address is one of our own."


def records(reading: Reading) -> bool:
    """Whether a mail holds a [record]."""
    return any(_is_record(one) for one in reading.commands)


def arranged(reading: Reading) -> Reading:
    """The commands of a mail that is about no case, as they are meant: [record] first, since the others act on the case it makes.

    What stands above it is the statement where nothing stands below it: then it is in the Subject, or at the end.
    """
    before = next((number for number, one in enumerate(reading.commands) if _is_record(one) or one.verb == "case"), len(reading.commands))
    found = reading.commands[before] if before < len(reading.commands) else None
    if not isinstance(found, Command) or not _is_record(found):
        return reading
    note = reading.note
    if leaks.blank(found.text) and not leaks.blank(note):
        found, note = replace(found, text=note), ""
    rest = (*reading.commands[:before], *reading.commands[before + 1 :])
    return replace(reading, note=note, commands=(found, *rest))


def _is_record(one: object) -> bool:
    return isinstance(one, Command) and one.verb == "record"


def record(command: Command, desk: Desk) -> Tried:
    """A new case of this statement, on the desk for what else the mail says of it. Nothing is asked for that was not volunteered."""
    form = read_form(command.text)
    if form.empty:
        return Refused(sentence=EMPTY)
    if desk.opened is not None:
        return Refused(sentence=ONE_EACH)
    after = _opened(desk, form, command)
    named = _named(desk, form)
    after = kept_out(after, named) if named else after
    receipt = notices.to_reporter(after.case, Kind.RECORD_RECEIPT, {"event": notices.event_name(after.case, desk.scene.policy)})
    told = _told(after, form)
    said = (_to_reporter(form, desk), *_unknown_event(command, desk), *_kept_from(named), *_not_volunteered(form))
    return Done(desk=after.also(*told, *(Send(letter=one) for one in receipt)), sentence=" ".join(("It is a case now.", *said)))


def _opened(desk: Desk, form: Form, command: Command) -> Desk:
    scene, mail = desk.scene, desk.mail
    blank = Ticket(
        id=mail.inbox_id,
        code=scene.fresh.code(scene.name_try),
        reference=scene.fresh.reference(scene.name_try),
        received_at=mail.received_at,
    )
    address = form.address if not _silent_because(form, desk) else ""
    opened = _entry(
        desk, What.OPENED, name=form.name, address=address, receipt=RECEIPT_MADE if address else IN_PERSON, clocks=_clocks(desk)
    )
    contact = "" if address else form.address
    recorded = _entry(desk, What.RECORDED, text=form.statement, contact=contact, given=list(form.fields))
    placed = [_entry(desk, What.PLACED, event=slug) for slug in _event(command, desk)]
    notes = [] if leaks.blank(form.notes) else [_entry(desk, What.NOTE, text=form.notes, proven=bool(desk.proof))]
    return replace(desk, ticket=blank, opened=blank.id).enter(opened, *placed, recorded, *notes)


def _entry(desk: Desk, what: What, **facts: Fact) -> Entry:
    return Entry(what=what, at=desk.scene.now, by=desk.person.handle, facts=facts)


def _clocks(desk: Desk) -> dict[str, Fact]:
    """Both clocks of the playbook, as of any report (P34), and the one until somebody has taken it."""
    start, policy = desk.mail.received_at, desk.scene.policy
    take = take_clock(start, urgent=False, clocks=policy.clocks)
    return clock_facts(acknowledge_clock(start, policy.clocks), respond_clock(start, policy), take)


def _silent_because(form: Form, desk: Desk) -> str:
    """Why the person who spoke is not written to; empty where they are."""
    policy = desk.scene.policy
    if not form.address:
        return NO_ADDRESS
    if not form.permitted:
        return NOT_PERMITTED
    ours = owns(desk.person, form.address) or normalise(form.address) == normalise(policy.mailbox)
    return OURS if ours else ""


def _to_reporter(form: Form, desk: Desk) -> str:
    return _silent_because(form, desk) or ACKNOWLEDGED


def _event(command: Command, desk: Desk) -> Iterator[str]:
    slug = command.keys.get("event", "")
    if desk.scene.policy.conference(slug):
        yield slug


def _unknown_event(command: Command, desk: Desk) -> Iterator[str]:
    """A misspelt event loses no report."""
    slug, known = command.keys.get("event", ""), {one.slug: one.name for one in desk.scene.policy.conferences}
    if slug and slug not in known:
        example = f" Say which with [event:{next(iter(known))}]." if known else ""
        yield f"{unknown(slug, kind='event', known=known)}{example}"


def _named(desk: Desk, form: Form) -> Mapping[str, str]:
    """Those of us whom the statement or the notes name, and who is kept out for it as by any report; never who wrote it down."""
    policy, mail = desk.scene.policy, desk.mail
    attached = (str(one.get("name", "")) for one in mail.attachments)
    text = "\n".join((strip_commands(mail.new_text), strip_commands(mail.subject), *attached))
    named = dict.fromkeys(sorted(mentioned(text, policy.everybody)), "hold")
    told = {one.handle: "party" for one in policy.everybody if owns(one, form.address)}
    return {handle: why for handle, why in {**named, **told}.items() if handle != desk.person.handle}


def _kept_from(named: Mapping[str, str]) -> Iterator[str]:
    held = [handle for handle, why in named.items() if why == "hold"]
    if held:
        lift = " ".join(f"[unrecuse:{handle}]" for handle in held)
        yield f"Kept from {', '.join(held)}, because it names them; if that is a mistake, write {lift}."


def _not_volunteered(form: Form) -> Iterator[str]:
    if form.missing:
        yield f"Not volunteered: {', '.join(form.missing)}. That is fine; leave it where they would rather not say."


def _told(desk: Desk, form: Form) -> tuple[Effect, ...]:
    """The notice of it to the others of its team."""
    facts: dict[str, Fact] = {
        "by": desk.person.name,
        "proven": bool(desk.proof),
        "text": form.statement,
        "notes": form.notes,
        "not_said": list(form.missing),
        "attachments": list(desk.mail.attachments),
        "withheld": notices.named_ones(desk.case, desk.scene.policy),
        "event": notices.event_name(desk.case, desk.scene.policy),
    }
    to = disclosure.others(desk.case, desk.scene.policy, desk.person)
    return notices.about(desk.case, Kind.NEW_RECORD, to, facts, desk.scene.policy)
