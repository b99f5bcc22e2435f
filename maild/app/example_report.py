"""The letters about a transparency report that never was: what `maild letters preview` shows of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from maild.playbook import disclosure, reporting
from maild.playbook.deadlines import MORNING
from maild.playbook.decide import numbered
from maild.playbook.effects import Send
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Letter
from maild.playbook.policy import Conference, Policy
from maild.playbook.releases import Draft

WORDS = """Transparency report: {title}

No reports were received.

What we learned and changed

The way to reach us stands on the back of every badge now.
"""
"""The words around the numbers are templates of their own: `maild report` shows them."""


def report_letters(event: Conference, policy: Policy) -> Iterator[Letter]:
    """The draft of the first week, and the release."""
    scene = Scene(
        now=datetime.combine(event.end + timedelta(days=reporting.DRAFTED), MORNING, policy.zone),
        policy=policy,
        fresh=Fresh(b"r" * 32),
    )
    words = {name: WORDS.format(title=event.name) for name in ("report.md", "report.html", "report.txt", "numbers.json", "numbers.csv")}
    draft = Draft(report=event.slug, title=event.name, numbers={}, learned="", files=words)
    first, second = (to.handle for to in disclosure.releasers(frozenset(), policy)[:2])
    owed = reporting.letters(reporting.Owed(event=event, days=reporting.DRAFTED), draft, scene)
    for effect in numbered((*owed, *reporting.released(draft, scene, by=(first, second))), scene):
        if isinstance(effect, Send):
            yield effect.letter
