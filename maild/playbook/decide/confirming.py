"""What the contact of a space answers: `[done]` alone on a line confirms, and is the only tag of theirs that is read.

A fact of somebody outside: it counts from exactly the address that was asked, on exactly that thread, and changes nothing but the task.
"""

import re

from maild.playbook.entry import Entry, What
from maild.playbook.events import Found, Mail, Scene, Thread
from maild.playbook.people import normalise
from maild.playbook.tasks import Task
from maild.playbook.ticket import Ticket

_DONE = re.compile(r"[-+•·*_ \t]*\[ ?done ?\][*_. \t\r]*", re.IGNORECASE)
"""A line that is this tag, with what clients and people put around it; a `>` before it makes it a quote."""


def task_answered(mail: Mail, thread: Thread, ticket: Ticket) -> Task | None:
    """The task that this mail of its contact is about."""
    asked = next((task for task in ticket.tasks if task.contact and task.token == thread.token), None)
    if asked is None or thread.found is not Found.TOKEN or normalise(mail.strict_sender) != normalise(asked.contact):
        return None
    return asked


def confirmed(mail: Mail, scene: Scene, task: Task) -> tuple[Entry, ...]:
    """The entry that it is done, where the mail says so, its address is not disowned, and it still matters."""
    said = any(_DONE.fullmatch(line.replace("\N{NO-BREAK SPACE}", " ")) for line in mail.command_text.split("\n"))
    if not said or not task.open or mail.disowned or not mail.by_hand:
        return ()
    return (Entry(what=What.CONFIRMED, at=scene.now, by=task.id, facts={"id": task.id}),)
