"""The words staff may write in brackets: one row a verb, with its value, its keys, its words and what it does.

This is product.md section 6 as a table. The grammar reads tags with it, `[help]` prints it, docs/staff.md is tested against it.
What a command may do in a given state of a ticket is not said here: that is decided, not parsed.
"""

import re
from collections.abc import Mapping

from maild.playbook import attending_words, conduct_words, sanction_words
from maild.playbook.values import (
    ADDRESS,
    CODE,
    CONFIRMATION,
    DATE,
    EVENT,
    HANDLE,
    NUMBER,
    PERSON,
    PERSONS,
    PROPOSAL,
    REFERENCE,
    REPORT,
    SLUGS,
    SPACE,
    TEXT,
    WHO,
    YES_NO_UNKNOWN,
    one_of,
)
from maild.playbook.verb import Level, Verb

__all__ = ["KINDS", "MEANT", "ROLES", "VERBS", "Level", "Verb", "help_rows"]


KINDS: Mapping[str, frozenset[str]] = {
    "nothing": frozenset({"silent"}),
    "private-reprimand": frozenset({"to", "silent"}),
    "public-reprimand": frozenset({"to", "board-approved", "silent"}),
    "vacation": frozenset({"to", "spaces", "days", "silent"}),
    "ban": frozenset({"to", "spaces", "until", "permanent", "silent"}),
    "apology": frozenset({"to", "public", "private", "silent"}),
    "other": frozenset({"to", "label", "silent"}),
}
"""Every kind of resolution (playbook, "Initial receipt") with the keys and words that go with it."""

TO_ONE = {"to": REFERENCE}
"""Which of several reporters a tag is about."""

ROLES = ("reporter", "affected", "witness", "respondent", "presenter", "representative", "support")
"""What a person can be on a case (product.md section 5)."""

_ROWS = (
    Verb(
        name="note",
        text=True,
        level=Level.NOTE,
        effect="The text below stays inside: an internal note, copied to the case team.",
        example="[note]",
    ),
    Verb(
        name="reply",
        words=("anyway",),
        seldom=TO_ONE,
        text=True,
        effect="The text below goes to the reporter as a letter; “anyway” sends one that was held back for its words.",
        example="[reply]",
    ),
    Verb(name="take", level=Level.NOTE, effect="You lead the case.", example="[take]"),
    Verb(name="assign", value=HANDLE, effect="The staff member you name leads the case.", example="[assign:ana]"),
    Verb(name="drop", effect="You no longer lead the case.", example="[drop]"),
    Verb(
        name="determine",
        words=("what",),
        keys={"violation": one_of("yes", "no", "cannot-tell"), "who": WHO, "ongoing": YES_NO_UNKNOWN, "safety": YES_NO_UNKNOWN},
        text=True,
        effect="Records one or more of the five determinations; with “what”, the text below tells what happened.",
        example="[determine what violation=yes who=P1 ongoing=no safety=no]",
    ),
    Verb(
        name="explain",
        words=("anyway",),
        keys={"until": DATE},
        seldom=TO_ONE,
        needs=("until",),
        text=True,
        effect="The text below tells the reporter why there is no resolution yet; the one-week clock runs again until the date.",
        example="[explain until=2026-12-01]",
    ),
    Verb(
        name="resolve",
        value=one_of(*KINDS),
        keys={"to": PERSONS, "label": TEXT, "spaces": SLUGS, "days": NUMBER, "until": DATE, "board-approved": one_of("yes")},
        words=("silent", "permanent", "public", "private"),
        fits=KINDS,
        effect="Resolves the case; the reporter gets the outcome letter, unless you add “silent”. “other” takes a label and the text below,"
        " “public-reprimand” the text that people may publish.",
        example="[resolve:private-reprimand to=P1]",
    ),
    Verb(name="told", value=PERSON, effect="Records that the person was told by other means.", example="[told:P1]"),
    Verb(name="answered", seldom=TO_ONE, effect="Records that the reporter was answered by other means.", example="[answered]"),
    Verb(
        name="recuse",
        value=HANDLE,
        value_needed=False,
        level=Level.ALWAYS,
        effect="You, or the staff member you name, receive nothing more of the case, at once; no reason is asked.",
        example="[recuse]",
    ),
    Verb(name="unrecuse", value=HANDLE, effect="Ends the recusal of another staff member.", example="[unrecuse:ana]"),
    Verb(
        name="not-a-report",
        value=one_of("enquiry", "spam", "test"),
        effect="Takes the mail out of deadlines, escalations and counts; nothing is deleted.",
        example="[not-a-report:enquiry]",
    ),
    Verb(name="report", effect="Makes a case of a held message.", example="[report]"),
    Verb(
        name="urgent",
        text=True,
        never_refused=True,
        level=Level.ALWAYS,
        effect="Alarms everybody who may see the case, again and again until somebody takes it.",
        example="[urgent]",
    ),
    Verb(name="close", effect="Closes the case, when nothing is left to do.", example="[close]"),
    Verb(name="reopen", effect="Opens a closed case again.", example="[reopen]"),
    Verb(
        name="status",
        value=CODE,
        value_needed=False,
        level=Level.LOOKUP,
        effect="Answers you with the state of the case, its deadlines and what is still open.",
        example="[status]",
    ),
    Verb(
        name="show",
        value=CODE,
        value_needed=False,
        level=Level.LOOKUP,
        effect="Answers you with the history of the case.",
        example="[show]",
    ),
    Verb(
        name="list",
        value=one_of("open", "mine", "overdue", "held"),
        level=Level.LOOKUP,
        effect="Answers you with a list: the open cases, those you lead, those past a deadline, or the held messages.",
        example="[list:open]",
    ),
    Verb(name="help", level=Level.LOOKUP, effect="Answers you with this list.", example="[help]"),
    Verb(
        name="confirm",
        value=CONFIRMATION,
        value_needed=False,
        level=Level.LOOKUP,
        effect="Confirms that the commands we asked you about are yours.",
        example="[confirm:abcdefghijklmnopqrstuvwxyz]",
    ),
    Verb(
        name="case",
        value=CODE,
        level=Level.LOOKUP,
        effect="Says which case the tags after it are about, in a mail that answers none of ours.",
        example="[case:quiet-harbour]",
    ),
    Verb(
        name="person",
        value=PERSON,
        keys={"name": TEXT, "role": one_of(*ROLES), "address": ADDRESS},
        needs=("name", "role", "address"),
        effect="Puts a person on the case, or adds what is known of them.",
        example='[person:P1 name="Robin Example" role=respondent]',
    ),
    Verb(
        name="write",
        value=PERSON,
        words=("anyway",),
        text=True,
        effect="The text below goes to that person as a letter; “anyway” sends one that was held back for its words.",
        example="[write:P1]",
    ),
    Verb(
        name="approve",
        value=PROPOSAL,
        value_needed=False,
        effect="Where decisions take two people: carries out what somebody else proposed, with the very text they wrote.",
        example="[approve]",
    ),
    Verb(
        name="object",
        value=PROPOSAL,
        value_needed=False,
        text=True,
        effect="Where decisions take two people: stops what somebody else proposed; the text below says why.",
        example="[object]",
    ),
    Verb(
        name="event",
        value=EVENT,
        effect="Says at which conference or meetup it happened.",
        example="[event:pycon-2026]",
    ),
    Verb(
        name="space",
        value=SPACE,
        effect="Says in which space it happened.",
        example="[space:forum]",
    ),
    *sanction_words.ROWS,
    *attending_words.ROWS,
    *conduct_words.ROWS,
    Verb(
        name="merge",
        value=CODE,
        effect="Makes the case you name part of this one: one incident, several reports. Each reporter keeps a thread of their own.",
        example="[merge:quiet-harbour]",
    ),
    Verb(name="split", value=CODE, value_needed=False, effect="Undoes that, as long as nothing was resolved since.", example="[split]"),
    Verb(
        name="release",
        value=REPORT,
        text=True,
        effect="Agrees to the transparency report as it is, with what stands below as what you learned or changed; a second person’s releases it.",
        example="[release:pycon-2026]",
    ),
)

VERBS: Mapping[str, Verb] = {row.name: row for row in _ROWS}
"""Every verb of this release, in the order `[help]` prints them."""

_DATE = re.compile(r"until=[0-9-]{10}")

MEANT: Mapping[str, str] = {
    **dict.fromkeys(("nothing", "reprimand", *KINDS), "resolve"),
    **dict.fromkeys(("violation", "who", "ongoing", "safety"), "determine"),
    **dict.fromkeys(("enquiry", "spam", "test"), "not-a-report"),
    **dict.fromkeys(("open", "mine", "overdue", "held"), "list"),
    **dict.fromkeys(("answer", "letter", "respond", "response", "send"), "reply"),
    **dict.fromkeys(("comment", "internal", "memo"), "note"),
    **dict.fromkeys(("alarm", "danger", "emergency"), "urgent"),
    **dict.fromkeys(("commands", "tags"), "help"),
    "conflict": "recuse",
    "delay": "explain",
    "ticket": "case",
}
"""What people write who know what they want and not how it is called, and the verb they mean.

`answer` must be here: by its letters alone it is nearest to `[answered]`, which ends a duty instead of fulfilling it.
"""


def help_rows(until: str = "") -> tuple[tuple[str, str], ...]:
    """An example of each tag and what it does, in one sentence, for the answer to `[help]`; `until` is a date that works now."""
    return tuple((_DATE.sub(f"until={until}", row.example) if until else row.example, row.effect) for row in VERBS.values())
