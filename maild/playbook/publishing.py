"""What must not stand in a report that everybody may read: whatever could be known from a case, looked for before anybody is asked twice."""

from collections.abc import Iterable, Iterator

from maild.playbook.policy import Policy
from maild.playbook.ticket import Ticket


def not_publishable(text: str, *, known: str, tickets: Iterable[Ticket], texts: Iterable[str], policy: Policy) -> Iterator[str]:
    """Why this text must not be published, a sentence for each word or run of words; `known` is what a report says that tells of nobody."""
    yield from ()
