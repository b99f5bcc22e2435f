"""A report in a mail of staff that is not carried out: asked back, refused, or not understood. It is a case at once, so that none is lost.

Such a case is *unconfirmed*: its team reads it and its clocks run, and the person who spoke is written to only once it is confirmed, by the
answer to the question or by a `[record]` on its thread. Refuse decisions, never facts (product.md principle 1).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from maild.playbook import leaks
from maild.playbook.commands import VERBS, Command, Fault, Level, Reading
from maild.playbook.decide.desk import Desk
from maild.playbook.decide.recording import taken_down
from maild.playbook.record_form import Form, read_form

TELLS = frozenset({"note", "record", "warn", "stop-instruction", "offence"})
"""Verbs below which somebody may have written what happened; where a verb takes no text, any text below it may be that."""

ELSEWHERE = frozenset({"case", "confirm"})
"""Verbs that say what a mail is about, and nothing of what happened."""

KEPT = (
    "What you wrote is kept all the same: it is the case {code} now, not confirmed. Answer this mail with your tags, mended;"
    " [record] and the text once more confirms it. If it is no report, answer with [not-a-report:enquiry]."
)


def keep_report(desk: Desk, reading: Reading) -> Desk:
    """The desk with a case of the report that this mail holds, beside what is on it; the same where it holds none, or was kept before."""
    if desk.scene.waiting is not None and desk.scene.waiting.opened is not None:
        return desk
    found = next(_records(reading), None)
    if found is not None:
        form = read_form(found.text)
        after = taken_down(desk, form, found.keys.get("event", ""), _beside(desk, reading, found), tell=announced(desk))
    elif _tells(desk, reading):
        after = taken_down(desk, Form(statement=desk.mail.new_text.strip(), notes=""), "", (), tell=announced(desk))
    else:
        return desk
    return replace(after, ticket=desk.ticket or after.ticket)


def _records(reading: Reading) -> Iterator[Command]:
    """Each record in which something is written down."""
    for one in reading.commands:
        if isinstance(one, Command) and one.verb == "record" and not read_form(one.text).empty:
            yield one


def _beside(desk: Desk, reading: Reading, record: Command) -> Iterator[str]:
    """What else the mail says to the team of the same case, which is a note."""
    if desk.ticket is None:
        yield reading.note
    below = reading.commands[reading.commands.index(record) + 1 :]
    for one in takewhile(lambda one: one.verb not in ("case", "record"), below):
        if _may_tell(one):
            yield one.text


def _tells(desk: Desk, reading: Reading) -> bool:
    """Whether a mail about no case, whose commands name none either, may tell what happened."""
    if desk.ticket is not None or any(one.verb == "case" for one in reading.commands):
        return False
    acts = [one for one in reading.commands if _may_tell(one)]
    texts = [reading.note, *(one.text for one in acts)] if acts or desk.mail.commands_differ else []
    return not all(map(leaks.blank, texts))


def _may_tell(one: Command | Fault) -> bool:
    row = VERBS.get(one.verb or "")
    return row is None or one.verb in TELLS or not (row.text or row.level is Level.LOOKUP or one.verb in ELSEWHERE)


def announced(desk: Desk) -> bool:
    """Whether a case that this mail makes is told of by letters of its own; beyond some in an hour a summary tells of it."""
    return bool(desk.proof) or desk.scene.recent_reports < desk.scene.policy.limits.notices_before_summary


def kept_as(desk: Desk) -> str:
    """What the writer is told where nothing but the report itself was kept; empty where none was."""
    return KEPT.format(code=desk.made.code) if desk.made else ""
