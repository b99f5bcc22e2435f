"""The words of what comes after a sanction was decided; rows of the vocabulary."""

from collections.abc import Mapping

from maild.playbook.values import APPEAL, DATE, SANCTION, TASK
from maild.playbook.verb import Verb

APPEALS: Mapping[str, frozenset[str]] = {
    "upheld": frozenset({"sanction", "anyway"}),
    "changed": frozenset({"sanction", "until", "anyway"}),
    "reversed": frozenset({"sanction", "anyway"}),
}
"""How an appeal can end, with the keys and words that go with it."""

ROWS = (
    Verb(
        name="done",
        value=TASK,
        effect="Records that something a sanction left to do is done: it is in force, changed, or access is restored.",
        example="[done:T1]",
    ),
    Verb(
        name="lift",
        value=SANCTION,
        text=True,
        effect="Ends a sanction now; the text below says why and stays in the team.",
        example="[lift:S1]",
    ),
    Verb(
        name="extend",
        value=SANCTION,
        keys={"until": DATE},
        words=("permanent",),
        needs=("until", "permanent"),
        text=True,
        effect="Makes a sanction end later, or never; the text below says why and stays in the team.",
        example="[extend:S1 until=2027-05-31]",
    ),
    Verb(
        name="appeal",
        value=APPEAL,
        keys={"sanction": SANCTION, "until": DATE},
        words=("anyway",),
        bare="sanction",
        fits=APPEALS,
        text=True,
        effect="Answers an appeal, with “upheld”, “changed” (and until=) or “reversed”: the text below goes to the person. [appeal:S1] records one.",
        example="[appeal:upheld S1]",
    ),
)
