"""The intake card: one page for whoever takes a report in person (playbook, "In-person reports" and "Presentations"). It holds no case."""

from collections.abc import Iterable, Mapping

from maild.playbook.entry import Fact
from maild.playbook.letters import Kind, Letter, Recipient


def intake_card(
    to: Recipient,
    *,
    token: str = "",
    event: str = "",
    slug: str = "",
    representatives: Iterable[Mapping[str, Fact]] = (),
    security: str = "",
) -> Letter:
    """The card for one of the staff; each of the rest may be missing.

    `event` is its name, `slug` the word that tags use for it; `representatives` have a name and a contact, which may be empty; `security`
    is how to reach that of the venue.
    """
    facts: dict[str, Fact] = {"event": event, "slug": slug, "representatives": [dict(one) for one in representatives], "security": security}
    return Letter(kind=Kind.INTAKE_CARD, to=to, facts=facts, token=token)
