"""How `maild init` comes by its answers: from options, from a person at a terminal, or from a default."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import typer

from maild.cli.questions import MAILBOX, PASSWORD_COMMAND, PEOPLE, Nonsense, Question
from maild.config.draft import Answers
from maild.config.secret import Secret
from maild.errors import SecretUnreadable

PASSWORD_WAYS = ("--password-file", "--password-command", "--password-stdin")
SECRET_WAYS = ("--client-secret-file", "--password-stdin")
"""The options by which a secret comes, the usual one first."""

PASSWORD_WHY = (
    "maild needs the password of the mailbox to read it and to send. It goes into a file of its own that nobody else can read."
    " You will not see what you type."
)
PASSWORD_WHY_AT = {
    "google": " At Google it is an app password: 16 letters from myaccount.google.com/apppasswords, where 2-Step Verification has to be on."
}

SECRET_WHY = "The page that shows the client ID shows a client secret, too. It is kept as a password is. You will not see what you type."

ADVISED = 78
"""Columns of what is explained."""


class Refused(Exception):
    """What was given cannot be used, and nobody is there to ask; its text is the sentence. Status 2, as for every slip in a command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """One run of the questions. `given` are the options by their names, `ways` those that say where a secret is to be had; `asks` says
    whether somebody is there to answer."""

    given: Mapping[str, Sequence[str]]
    ways: Mapping[str, str]
    asks: bool

    def conducted(self, answers: Answers) -> tuple[Answers, str | None]:
        """All answers, and the secret for `secret_file` where there is to be one. Raises `Refused`, and `typer.Abort` where the person gave up."""
        missing = [] if self.asks else self._missing(answers)
        if missing:
            raise Refused(f"there is nobody to ask here, so give {' and '.join(missing)} too (maild init --help says what they mean)")
        answers = self._through(MAILBOX, answers)
        way = self._way(answers)
        if way == PASSWORD_COMMAND.flag:
            answers = _taken(PASSWORD_COMMAND, answers, [self.ways[way]])
        secret = self._secret(answers, way) if answers.secret_file else None
        return self._through(PEOPLE, answers), secret

    def agreed(self, config: Path) -> None:
        """Have the person say yes before anything is written. Raises `typer.Abort` where that is no."""
        if self.asks:
            typer.confirm(f"\nWrite {config}?", default=True, abort=True)

    def _missing(self, answers: Answers) -> list[str]:
        """The options without which there is no configuration."""
        missing = []
        for question in (*MAILBOX, *PEOPLE):
            if not question.applies(answers):
                continue
            (text, *_) = self.given.get(question.flag, [question.default(answers)])
            if not text and question.needed and question.flag not in self.given:
                missing.append(question.flag)
            elif question in MAILBOX:  # what is given decides on what has to be
                with suppress(Nonsense):
                    answers = question.put(answers, text)
        possible = _ways(answers)
        return missing if self.ways.keys() & possible or not possible else [*missing, possible[0]]

    def _through(self, questions: Sequence[Question], answers: Answers) -> Answers:
        for question in questions:
            if question.applies(answers):
                answers = self._put(question, answers)
        return answers

    def _put(self, question: Question, answers: Answers) -> Answers:
        given = self.given.get(question.flag)
        if given is None and not (self.asks and question.asked(answers)):
            given = [question.default(answers)]
        if given is not None:
            return _taken(question, answers, given)
        _explain(question.why)
        return _several(question, answers) if question.several else _one(question, answers)

    def _way(self, answers: Answers) -> str | None:
        """The one option that says where the secret is to be had; None where there is none."""
        possible = _ways(answers)
        for way in self.ways:
            if way not in possible:
                raise Refused(
                    f"{way} is not for this login (use {possible[0]})" if possible else f"{way}: no password works there (leave it out)"
                )
        used = [way for way in possible if way in self.ways]
        if len(used) > 1:
            raise Refused(f"{used[1]} stands beside {used[0]} (keep one of them)")
        return used[0] if used else None

    def _secret(self, answers: Answers, way: str | None) -> str:
        if way == "--password-stdin":
            return _of_line(sys.stdin.readline())
        if way:
            return _of_file(Path(self.ways[way]), flag=way)
        _explain(SECRET_WHY if answers.consent else PASSWORD_WHY + PASSWORD_WHY_AT.get(answers.provider, ""))
        prompt = "Client secret" if answers.consent else "Password"
        while not (secret := typer.prompt(prompt, default="", show_default=False, hide_input=True)):
            _disagree("it cannot be empty")
        return str(secret)


def _ways(answers: Answers) -> Sequence[str]:
    """The options by which the secret of this login may come; none where it has none."""
    if answers.consent:
        return SECRET_WAYS if answers.secret_file else ()
    return PASSWORD_WAYS


def _taken(question: Question, answers: Answers, given: Sequence[str]) -> Answers:
    """What stands in an option, every time that it does."""
    answers = question.emptied(answers)
    for text in given:
        if text.strip() or not question.optional:
            try:
                answers = question.tried(answers, text)
            except Nonsense as reason:
                raise Refused(f"{question.flag}: {reason}") from None
    return answers


def _one(question: Question, answers: Answers) -> Answers:
    """Ask until there is an answer that can be used."""
    default = question.default(answers)
    while True:
        text = typer.prompt(question.prompt, default=default, show_default=bool(default))
        try:
            return question.tried(answers, text)
        except Nonsense as reason:
            _disagree(str(reason))


def _several(question: Question, answers: Answers) -> Answers:
    """Ask until an empty line ends the list."""
    answers, number = question.emptied(answers), 1
    while True:
        text = typer.prompt(f"{question.prompt} {number}", default="", show_default=False)
        if not text.strip() and (number > 1 or question.optional):
            return answers
        try:
            answers, number = question.tried(answers, text), number + 1
        except Nonsense as reason:
            _disagree(str(reason))


def _of_file(path: Path, *, flag: str) -> str:
    try:
        return Secret(key=flag, file=path, environ=os.environ).reveal()
    except SecretUnreadable as error:
        raise Refused(str(error)) from None


def _of_line(line: str) -> str:
    password = line.rstrip("\r\n")
    if not password:
        raise Refused("--password-stdin: the first line of standard input is empty")
    return password


def _explain(why: str) -> None:
    typer.echo(
        "\n" + "\n".join(fill(line, ADVISED, subsequent_indent=" " * 13 if line.startswith(" ") else "") for line in why.splitlines())
    )


def _disagree(reason: str) -> None:
    typer.echo(f"  That cannot be used: {reason}.")
