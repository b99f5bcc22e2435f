"""The rows of the vocabulary about the conduct of a person at a conference (playbook, "Warnings" and "Expulsion")."""

from maild.playbook.conduct import DISCRETION, GUIDELINES
from maild.playbook.values import DATE, EVENT, PERSON, TEXT, WARNING, one_of
from maild.playbook.verb import Level, Verb

ROWS = (
    Verb(
        name="warn",
        value=PERSON,
        keys={"event": EVENT, "name": TEXT},
        text=True,
        effect="Records a verbal warning that one of the staff gave, with the text below; any of you may.",
        example="[warn:P1]",
    ),
    Verb(
        name="withdraw-warning",
        value=WARNING,
        text=True,
        effect="Takes a warning back: it stays on record and counts no more; the text below says why.",
        example="[withdraw-warning:W1]",
    ),
    Verb(
        name="stop-instruction",
        value=PERSON,
        keys={"by": one_of("target", "staff", "other"), "name": TEXT},
        text=True,
        effect="Records that the person was told to stop, by whoever they troubled, by staff or by somebody else.",
        example="[stop-instruction:P1 by=target]",
    ),
    Verb(
        name="offence",
        value=one_of("serious", "intentional"),
        keys={"of": PERSON, "at": DATE, "name": TEXT},
        bare="of",
        text=True,
        effect="Records a single offence that was serious, or obviously intentional.",
        example="[offence:serious P1]",
    ),
    Verb(
        name="expel",
        value=PERSON,
        keys={"ground": one_of(*GUIDELINES, DISCRETION)},
        needs=("ground",),
        text=True,
        effect="Expels the person from the event of the case until it ends; with “discretion”, the text below says why.",
        example="[expel:P1 ground=third-warning]",
    ),
    Verb(
        name="history",
        value=PERSON,
        level=Level.LOOKUP,
        effect="Answers you with the warnings, sanctions and cases of the person that you may see.",
        example="[history:P1]",
    ),
)
"""In the order in which `[help]` prints them."""
