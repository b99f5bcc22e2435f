"""Honouring what a reporter asked for: no contact, no name, and who shall not know of it. Before the first notice where the report says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from maild.playbook.deadlines import Duty, acknowledge_clock
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import clock_facts
from maild.playbook.ticket import Ticket
from maild.playbook.wishes import Wish, Wished, meant, wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a mail asks for, held against the people there are."""

    entries: tuple[Entry, ...] = ()
    out: Mapping[str, str] = field(default_factory=dict)
    """Who shall not know of the case, as if they had stepped back."""

    @property
    def no_contact(self) -> bool:
        """Whether nothing may be sent to the reporter."""
        return any(entry.facts["wish"] == Wish.NO_CONTACT.value for entry in self.entries)

    @property
    def facts(self) -> dict[str, Fact]:
        """What a notice of the mail says of it."""
        unknown = [name for entry in self.entries for name in _unknown(entry)]
        plain = [str(entry.facts["wish"]) for entry in self.entries if entry.facts["wish"] != Wish.NOT_TO.value]
        return {"asked": plain, "asked_out": sorted(self.out), "asked_unknown": unknown}


NOTHING = Asked()


def asked(mail: Mail, scene: Scene, ticket: Ticket | None = None) -> Asked:
    """What the reporter asks for with their report, or with this mail on the thread of their `ticket`.

    On a thread, a mail whose address is disowned by its own domain asks for nothing: the one it is about might write it.
    """
    if ticket is not None and mail.disowned:
        return NOTHING
    # All of a report is read, as it is for names; the Subject of an answer is that of the first mail.
    said = wishes(mail.new_text if ticket else f"{mail.subject}\n{mail.text}", mail.command_text)
    entries = tuple(_entry(one, mail, scene, ticket) for one in said)
    ours = (meant(name, scene.policy.everybody) for one in said for name in one.names)
    return Asked(entries=entries, out=dict.fromkeys(sorted(frozenset[str]().union(*ours)), "recused"))


def _entry(one: Wished, mail: Mail, scene: Scene, ticket: Ticket | None) -> Entry:
    facts: dict[str, Fact] = {"wish": one.wish.value}
    if one.wish is Wish.CONTACT and ticket is not None and ticket.no_contact and ticket.acknowledged_at is None:
        facts["acknowledge"] = clock_facts(acknowledge_clock(mail.received_at, scene.policy.clocks))[Duty.ACKNOWLEDGE.value]
    if unknown := [name for name in one.names if not meant(name, scene.policy.everybody)]:
        facts["unknown"] = list(unknown)
    return Entry(what=What.WISHED, at=scene.now, by="reporter", facts=facts)


def _unknown(entry: Entry) -> Iterable[str]:
    unknown = entry.facts.get("unknown")
    return map(str, unknown) if isinstance(unknown, list) else ()
