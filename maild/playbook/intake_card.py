"""The intake card: one page for whoever takes a report in person (playbook, "In-person reports" and "Presentations"). It holds no case."""

from collections.abc import Iterable, Mapping

from maild.playbook.entry import Fact
from maild.playbook.letters import Kind, Letter, Recipient


def intake_card(
    to: Recipient, *, token: str, event: str = "", representatives: Iterable[Mapping[str, Fact]] = (), security: str = ""
) -> Letter:
    """The card for one of the staff: `event` by its name, `representatives` with name and contact (which may be empty), and how to reach
    the security of the venue; each may be missing."""
    facts: dict[str, Fact] = {"event": event, "representatives": [dict(one) for one in representatives], "security": security}
    return Letter(kind=Kind.INTAKE_CARD, to=to, facts=facts, token=token)
