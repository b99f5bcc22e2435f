"""The words for reports in person and for facts of a conference: rows of the vocabulary."""

from maild.playbook.presentations import MINOR, SPOKEN, STOPPED
from maild.playbook.support import BASES, ITEMS, OUTSIDE, STATUSES
from maild.playbook.values import EVENT, TEXT, one_of
from maild.playbook.verb import Verb

ROWS = (
    Verb(
        name="record",
        keys={"event": EVENT},
        text=True,
        effect="Makes a case of a report that you took in person: the text below is what the person said,"
        " and what stands below a line “-- my notes --” are your own remarks.",
        example="[record event=pycon-2026]",
    ),
    Verb(
        name="presentation",
        value=one_of(MINOR, STOPPED, SPOKEN),
        keys={"talk": TEXT, "grounds": one_of("repeated", "serious", "minor")},
        text=True,
        effect="Records a minor problem in a presentation, after which one of us speaks to the presenter; that it was stopped;"
        " or that the presenter was spoken to.",
        example="[presentation:minor]",
    ),
    Verb(
        name="support",
        value=one_of(*ITEMS),
        subvalue=one_of(*STATUSES),
        text=True,
        effect="Records what the reporter wants or does not want, and what became of it; what was declined is not raised again.",
        example="[support:escort=wanted]",
    ),
    Verb(
        name="contacted",
        value=one_of(*OUTSIDE),
        keys={"basis": one_of(*BASES)},
        text=True,
        effect="Records that one of us told somebody outside the team, and on what basis.",
        example="[contacted:police basis=consent]",
    ),
)
"""In the order in which they are told."""
