"""What a reporter asks for on one thread and is asked of us: it holds on their other threads of the case, and of cases one letter was about."""

from collections.abc import Iterator
from dataclasses import replace

from maild.playbook import notices
from maild.playbook.decide import wishing
from maild.playbook.decide.keeping import hidden, withholding
from maild.playbook.decide.wishing import Asked
from maild.playbook.effects import Append, Effect, Journal, Withdraw
from maild.playbook.entry import Entry, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import fold
from maild.playbook.joining import facing
from maild.playbook.people import normalise
from maild.playbook.ticket import Ticket


def same(one: str, other: str) -> bool:
    """Whether these are one address."""
    return bool(one) and normalise(one) == normalise(other)


def filed(address: str, thread: Ticket) -> bool:
    """Whether the report of this thread came from this address."""
    return thread.reporter is not None and same(address, thread.reporter.address)


def wished_too(mail: Mail, scene: Scene, thread: Ticket, wishes: Asked) -> tuple[Entry, ...]:
    """What is asked on one thread of a case by somebody who filed another of its reports, too, is asked of us and not of a thread."""
    return wishing.asked(mail, scene, thread).entries if wishes.entries and filed(mail.address, thread) else ()


def wished_beside(mail: Mail, scene: Scene, case: Ticket, wishes: Asked) -> Iterator[Effect]:
    """The same on another case, where the mail answers a letter that was about both. Its team reads what is asked, and no word of the mail:

    that is with the case whose thread it is, and may speak of it to people who must know nothing of that one.
    """
    theirs = [one for one in case.threads if filed(mail.address, one)]
    if not (wishes.entries and theirs):
        return
    reasons = {handle: why for handle, why in wishes.out.items() if case.withheld.get(handle, "hold") == "hold"}
    entries = {one.id: (*wished_too(mail, scene, one, wishes), *withholding(one, reasons, scene)) for one in case.threads}
    after, *joined = (fold(one, entries[one.id]) for one in case.threads)
    after = replace(after, joined=tuple(joined))
    about = facing(after, next(one for one in after.threads if one.id == theirs[0].id))
    wordless = replace(mail, subject="", text="", new_text="", attachments=(), copied_to=())
    told = notices.told_of_message(about, wordless, scene.policy, "followup", wishes.facts, by="reporter")
    yield from (Append(ticket=one, entries=entries[one.id]) for one in case.threads if entries[one.id])
    yield from hidden(case, reasons)
    yield from notices.on_thread(told, theirs[0])
    yield from notices.too_few_left(case, after, scene.policy, told=told)
    yield from (Journal(verb=What.WISHED.value, by="reporter", ticket_id=one.id) for one in theirs)
    yield from (Withdraw(ticket_id=one.id, handle="reporter") for one in theirs if wishes.no_contact)
