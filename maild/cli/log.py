"""`maild log`: what was done, from the journal, in words and without contents."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maild.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

if TYPE_CHECKING:
    from maild.app import House

EXAMPLES = (
    "maild log",
    'maild log --since "3 days" | grep quiet-harbour',
    "maild log --since 2026-11-20 --json",
)

SENTENCES: Mapping[str, str] = {
    "opened": "a report came in",
    "held": "came in and is held until somebody has looked",
    "released": "made a report by {by}",
    "dismissed": "set aside as no report by {by}",
    "wrote": "the reporter wrote again",
    "followup": "the reporter wrote again",
    "third-party": "somebody else wrote",
    "automatic": "an automatic answer came in",
    "outside-answer": "{by} answered the reporter directly",
    "note": "a note by {by}",
    "letter": "{by} wrote to the reporter",
    "explained": "{by} explained to the reporter why it takes longer",
    "taken": "taken or assigned by {by}",
    "dropped": "{by} gave back the lead",
    "determined": "{by} determined",
    "person": "{by} named somebody on the case",
    "resolved": "resolved by {by}",
    "told": "{by} recorded that the respondent was told",
    "answered": "{by} recorded that the reporter was answered by other means",
    "withheld": "{by} kept somebody out of it",
    "cleared": "{by} let somebody in again",
    "urgent": "{by} rang the safety alarm",
    "closed": "closed by {by}",
    "reopened": "reopened by {by}",
    "challenged": "{by} was asked to confirm commands",
    "wished": "the reporter asked something of us: no contact, no name, or that somebody hear nothing",
    "accepted": "accepted by the mail server",
    "accepted-receipt": "acknowledged (accepted by the mail server)",
    "accepted-too-large": "acknowledged, with a request to send less (accepted by the mail server)",
    "accepted-merged-receipt": "acknowledged together with others (accepted by the mail server)",
    "accepted-reply": "the reply left (accepted by the mail server)",
    "accepted-explanation": "the explanation left (accepted by the mail server)",
    "accepted-outcome": "the outcome letter left (accepted by the mail server)",
    "written": "{by} wrote to somebody else on the case",
    "insisted": "{by} insisted on a letter that was held for its words",
    "telling": "a letter about the decision is for the respondent",
    "reached": "the letter about the decision reached the respondent",
    "reached-decision": "the letter about the decision left for the respondent (accepted by the mail server)",
    "unreached": "a letter to somebody else on the case did not arrive",
    "unreached-decision": "the letter about the decision could not be delivered to the respondent",
    "unreached-to-person": "a letter to somebody else on the case could not be delivered",
    "heard": "somebody else on the case wrote",
    "sanctioned": "{by} imposed a sanction",
    "proposed": "{by} proposed a decision that takes a second person",
    "approved": "{by} approved what was proposed",
    "objected": "{by} objected to what was proposed",
    "taken-down": "a report that {by} is said to have taken down in person; not confirmed yet",
    "placed": "{by} wrote down where it happened",
    "recorded": "{by} wrote down what somebody reported in person",
    "presentation": "{by} wrote down what was done about a presentation",
    "support": "{by} wrote down what the reporter wants or does not want",
    "contacted": "{by} wrote down that somebody outside was told",
    "event-representatives": "staff were told that an event has too few representatives",
    "event-card": "staff got the card on how to take a report in person",
    "event-send-in": "staff were asked for what they have not sent in yet",
    "joined": "{by} made another report part of it",
    "parted": "{by} made a report a case of its own again",
    "merged": "{by} made it part of another case",
    "split": "{by} made it a case of its own again",
    "woken": "it goes on with the case that it is part of",
    "tasked": "somebody was asked to carry out a sanction, or to end it",
    "confirmed": "{by} confirmed that a sanction is carried out or over",
    "lifted": "{by} lifted a sanction",
    "extended": "{by} changed the end of a sanction",
    "ended": "a sanction ended",
    "sanction-week": "it was told that a sanction ends within a week",
    "sanction-day": "it was told that a sanction ends within a day",
    "sanction-end": "it was told that a sanction is over, and access to restore",
    "task-undone": "staff were reminded that a sanction is not confirmed to be carried out, or over",
    "noticed": "a step of a sanction's ladder was climbed",
    "appealed": "{by} recorded an appeal",
    "judged": "{by} decided an appeal",
    "accepted-record-receipt": "acknowledged to who had told it in person (accepted by the mail server)",
    "accepted-appeal-result": "the result of an appeal left for the reporter (accepted by the mail server)",
    "warned": "{by} put a verbal warning on record",
    "warning-withdrawn": "{by} withdrew a warning",
    "stop-instruction": "{by} put on record that somebody was told to stop",
    "offence": "{by} put a serious or intentional offence on record",
    "guideline": "the team was told that a guideline for an expulsion is met",
    "expelled": "{by} expelled somebody from an event",
    "merged-receipt": "its acknowledgement goes out with others in one letter",
    "lost": "a letter could not be delivered",
    "bounced": "a letter came back",
    "step": "a step of a ladder was climbed",
    "breached": "a deadline was missed",
    "loop": "a letter of our own came back and was left alone",
    "digest": "the weekly digest was written",
    "held-summary": "staff were told of what is held: {count}",
    "report-summary": "staff were told of new reports: {count}",
    "quarantined": "{count} in quarantine, staff were told",
    "quarantine-retry": "{by} had a mail in quarantine read again",
    "quarantine-discard": "{by} discarded a mail in quarantine",
}
"""What a verb of the journal means, but for the steps of ladders."""

DUTIES = {
    "acknowledge": "acknowledge",
    "respond": "answer the reporter",
    "take": "take the case",
    "take-urgent": "take the urgent case",
    "speak": "speak to the presenter",
    "support": "arrange what the reporter wants",
    "appeal": "answer the appeal",
}

RUNGS = {
    "lead": "the lead was reminded to {duty}",
    "lead-again": "the lead was reminded again to {duty}",
    "staff": "staff were reminded to {duty}",
    "board": "the board was told that it is late to {duty}",
    "holding": "the reporter was told that it takes longer; staff were reminded to {duty}",
    "breach": "the deadline to {duty} was missed; staff and board were told",
}

LADDERS = {f"{duty}-{rung}": words.format(duty=deed) for duty, deed in DUTIES.items() for rung, words in RUNGS.items()}

WORDS = {**SENTENCES, **LADDERS}

Since = Annotated[str, typer.Option("--since", help='From when on: a date, a moment, or a span such as "3 days" or "12 h". Else today.')]


def command(since: Since = "", config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Tell what was done today, a line each, by code name and without contents; exit status 1 where the journal was tampered with."""
    import json

    from maild.app.journal import told
    from maild.cli.options import house_of, printable

    house = house_of(config)
    lines, broken = told(house, since=_moment(since, house))
    form = "%Y-%m-%d %H:%M" if since else "%H:%M"
    for line in lines:
        words = f"{line.at.astimezone(house.policy.zone):{form}} {line.code + ': ' if line.code else ''}{sentence(line.facts)}"
        typer.echo(json.dumps({"at": line.at.isoformat(), "code": line.code, **line.facts}) if as_json else printable(words))
    if not lines and not as_json:
        typer.echo("Nothing was done.")
    if broken is not None:
        typer.echo(f"maild: line {broken} of the journal was changed, moved or removed; do not trust what stands from there on.", err=True)
        raise typer.Exit(1)


def sentence(facts: Mapping[str, Any]) -> str:
    """A line of the journal in words; its verb where there are none."""
    verb = str(facts["verb"])
    return WORDS.get(verb, verb).format_map({"by": facts.get("by", ""), "count": facts.get("count", "")})


def _moment(since: str, house: "House") -> datetime:
    """Midnight of today where nothing is said."""
    from maild.app.journal import since_when

    found = since_when(since, house)
    if found is None:
        raise typer.BadParameter(
            'write a date like 2026-11-20, a moment like 2026-11-20T09:00, or a span like "3 days"', param_hint="--since"
        )
    return found
