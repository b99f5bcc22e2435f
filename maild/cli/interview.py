"""How `maild init` comes by its answers: from options, from a person at a terminal, or from a default."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import typer

from maild.cli.questions import MAILBOX, PEOPLE, Nonsense, Question
from maild.config.draft import Answers
from maild.config.secret import Secret
from maild.errors import SecretUnreadable

PASSWORD_FLAG = "--password-file"

PASSWORD_WHY = (
    "maild needs the password of the mailbox to read it and to send. It goes into a file of its own that nobody else can read."
    " You will not see what you type."
)
PASSWORD_WHY_AT = {
    "google": " At Google it is an app password: 16 letters from myaccount.google.com/apppasswords, where 2-Step Verification has to be on."
}


ADVISED = 78
"""Columns of what is explained."""


class Refused(Exception):
    """What was given cannot be used, and nobody is there to ask; its text is the sentence. Status 2, as for every slip in a command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """One run of the questions. `given` are the options by their names; `asks` says whether somebody is there to answer."""

    given: Mapping[str, Sequence[str]]
    password_file: Path | None
    password_stdin: bool
    asks: bool

    def conducted(self, answers: Answers) -> tuple[Answers, str | None]:
        """All answers, and the password where there is to be one. Raises `Refused`, and `typer.Abort` where the person gave up."""
        missing = [] if self.asks else self._missing(answers)
        if missing:
            raise Refused(f"there is nobody to ask here, so give {' and '.join(missing)} too (maild init --help says what they mean)")
        answers = self._through(MAILBOX, answers)
        password = None if answers.host.consent else self._password(answers)
        return self._through(PEOPLE, answers), password

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
            if not text and question.flag not in self.given:
                missing.append(question.flag)
            elif question in MAILBOX:  # what is given decides on what has to be
                with suppress(Nonsense):
                    answers = question.put(answers, text)
        if not (answers.host.consent or self.password_file or self.password_stdin):
            missing.append(PASSWORD_FLAG)
        return missing

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

    def _password(self, answers: Answers) -> str:
        if self.password_file and self.password_stdin:
            raise Refused("--password-stdin stands beside --password-file (keep one of them)")
        if self.password_file:
            return _of_file(self.password_file)
        if self.password_stdin:
            return _of_line(sys.stdin.readline())
        _explain(PASSWORD_WHY + PASSWORD_WHY_AT.get(answers.provider, ""))
        while not (password := typer.prompt("Password", default="", show_default=False, hide_input=True)):
            _disagree("it cannot be empty")
        return str(password)


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


def _of_file(path: Path) -> str:
    try:
        return Secret(key=PASSWORD_FLAG, file=path, environ=os.environ).reveal()
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
