"""`[record]`: a case out of what somebody of the staff was told in person (playbook, "In-person reports"; rows P10, P13, P15, P22, P24).

Whoever wrote it down is no reporter and stays in the team. The person who spoke gets a letter only where they said that they may be written to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command, Reading, strip_commands
from maild.playbook.deadlines import acknowledge_clock, respond_clock, take_clock
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.lookups import UNKNOWN_CASE
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

UNCONFIRMED = "whoever took it down in person has not confirmed it yet"
"""The same, of one that is said to have been."""

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
    form, slug = read_form(command.text), command.keys.get("event", "")
    if form.empty:
        return Refused(sentence=EMPTY)
    if (made := _made_before(desk)) is not None:
        return _confirmed(form, slug, replace(desk, ticket=made))
    if desk.opened is not None:
        return Refused(sentence=ONE_EACH)
    after = _opened(desk, form, slug)
    named = _named(desk, form)
    after = kept_out(after, named) if named else after
    said = (*_unknown_event(slug, desk), *_kept_from(named), *_not_volunteered(form))
    sentence = " ".join(("It is a case now.", _to_reporter(form, desk), *said))
    return Done(desk=after.also(*_told(after, form), *_receipt(after.case, desk)), sentence=sentence)


def taken_down(desk: Desk, form: Form, slug: str, beside: Iterable[str], *, tell: bool) -> Desk:
    """The desk with a case of what nobody has confirmed yet. `beside` is what else was written to the team, and `tell` whether it is told."""
    form = replace(form, notes="\n\n".join(one for one in (form.notes, *beside) if not leaks.blank(one)))
    after = _opened(desk, form, slug, confirmed=False)
    named = _named(desk, form)
    after = kept_out(after, named) if named else after
    return after.also(*_told(after, form)) if tell else after


def _made_before(desk: Desk) -> Ticket | None:
    """The case that was made of this very mail when it was asked back, or the one on the desk that waits to be confirmed."""
    opened = desk.scene.waiting.opened if desk.scene.waiting else None
    made = desk.touched.get(opened.id, opened) if opened else desk.ticket
    return made if opened or (made and any(one.unconfirmed for one in made.threads)) else None


def _confirmed(form: Form, slug: str, desk: Desk) -> Tried:
    """The case on the desk becomes the record that it is; what was written down since is added to it."""
    if desk.seen is None:
        return Refused(sentence=UNKNOWN_CASE, mendable=False)
    own = desk.mail.inbox_id
    thread = next((one for one in desk.case.threads if one.unconfirmed and (one.id == own or not desk.scene.waiting)), None)
    if thread is None:
        return Done(desk=desk, sentence="It was confirmed before.")
    known = thread.id == own
    facts = {**_spoke(form, desk), "text": "" if known else form.statement, "given": list(form.fields)}
    after = desk.note_on(thread, What.RECORDED, facts)
    if not known:
        after = after.enter(*_placed(slug, desk), *_notes(form, desk))
        named = {handle: why for handle, why in _named(desk, form).items() if handle not in {*thread.withheld, *thread.cleared}}
        after = kept_out(after, named) if named else after
    receipt = _receipt(after.touched[thread.id], desk)
    return Done(desk=after.also(*receipt), sentence=f"It is confirmed. {_to_reporter(form, desk)}")


def _receipt(thread: Ticket, desk: Desk) -> Iterator[Send]:
    """The acknowledgement to the person who spoke, where they may be written to and it was not set aside meanwhile."""
    if thread.working:
        facts: dict[str, Fact] = {"event": notices.event_name(thread, desk.scene.policy)}
        yield from (Send(letter=one) for one in notices.to_reporter(thread, Kind.RECORD_RECEIPT, facts))


def _opened(desk: Desk, form: Form, slug: str, *, confirmed: bool = True) -> Desk:
    scene, mail = desk.scene, desk.mail
    blank = Ticket(
        id=mail.inbox_id,
        code=scene.fresh.code(scene.name_try),
        reference=scene.fresh.reference(scene.name_try),
        received_at=mail.received_at,
    )
    spoke = _spoke(form, desk) if confirmed else {"name": form.name, "address": "", "contact": form.address, "receipt": UNCONFIRMED}
    what = What.RECORDED if confirmed else What.TAKEN_DOWN
    opened = _entry(desk, What.OPENED, clocks=_clocks(desk), **{name: spoke[name] for name in ("name", "address", "receipt")})
    recorded = _entry(desk, what, text=form.statement, contact=spoke["contact"], given=list(form.fields))
    return replace(desk, ticket=blank, opened=blank.id).enter(opened, *_placed(slug, desk), recorded, *_notes(form, desk))


def _spoke(form: Form, desk: Desk) -> dict[str, Fact]:
    """Who told it, and whether they may be written to."""
    address = form.address if not _silent_because(form, desk) else ""
    contact, receipt = "" if address else form.address, RECEIPT_MADE if address else IN_PERSON
    return {"name": form.name, "address": address, "contact": contact, "receipt": receipt}


def _placed(slug: str, desk: Desk) -> Iterator[Entry]:
    if desk.scene.policy.conference(slug):
        yield _entry(desk, What.PLACED, event=slug)


def _notes(form: Form, desk: Desk) -> Iterator[Entry]:
    if not leaks.blank(form.notes):
        yield _entry(desk, What.NOTE, text=form.notes, proven=bool(desk.proof))


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


def _unknown_event(slug: str, desk: Desk) -> Iterator[str]:
    """A misspelt event loses no report."""
    known = {one.slug: one.name for one in desk.scene.policy.conferences}
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
        "unconfirmed": desk.case.unconfirmed,
    }
    to = disclosure.others(desk.case, desk.scene.policy, desk.person)
    return notices.about(desk.case, Kind.NEW_RECORD, to, facts, desk.scene.policy)
