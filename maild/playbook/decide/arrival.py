"""A mail came: is it a report, something on a known thread, a command mail, a delivery report, or mail that no person wrote?

Filters decide about answers and never about intake: whatever comes becomes a ticket, part of one, or a held item that a person
sees. Only a letter of our own that came back is merely counted.
"""

from dataclasses import replace

from maild.playbook.decide import onlookers, orders, threaded
from maild.playbook.decide.bounced import came_back
from maild.playbook.decide.numbering import numbered
from maild.playbook.decide.opening import open_ticket
from maild.playbook.effects import Effect, File, Journal
from maild.playbook.events import Mail, Scene, Sort
from maild.playbook.people import Role
from maild.playbook.wishes import left_out


def arrived(mail: Mail, scene: Scene) -> tuple[Effect, ...]:
    """What is to be done about a mail. The letters come with their tokens."""
    return numbered(_arrived(mail, scene), scene)


def _arrived(mail: Mail, scene: Scene) -> tuple[Effect, ...]:
    if mail.sort is Sort.LOOP:
        return (File(kind="loop", reason=mail.sort_reason), Journal(verb="loop", by="maild"))
    if mail.bounced:
        return came_back(mail)
    if scene.waiting is not None and scene.person is not None:
        return orders.confirmed(scene.waiting, scene, scene.person)
    if scene.thread is not None:
        return threaded.on_thread(mail, scene, scene.thread)
    if scene.person is not None and onlookers.releases(mail, scene.person):
        return onlookers.release(mail, scene, scene.person)
    if scene.person is not None and scene.person.role is Role.STAFF and mail.by_hand and _commands(mail):
        return orders.without_case(mail, scene, scene.person)
    return open_ticket(mail, scene)


def _commands(mail: Mail) -> bool:
    """Whether a new mail of staff holds commands: one that only wishes, as reporters may, is a report of theirs."""
    return orders.commands(replace(mail, command_text=left_out(mail.command_text)))
