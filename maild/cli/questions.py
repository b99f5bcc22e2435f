"""What `maild init` asks, each question with its reason, for somebody who is no administrator; and how an answer becomes part of a draft.

Whether an answer is right, the configuration says: each one is tried in a draft that is filled up with `BLANK`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from maild.app.founding import complaints
from maild.config.draft import TLS_OF_PORT, Answers, Named, Way, drafted, imap_way, smtp_way
from maild.config.kinds import nearest
from maild.config.providers import PROVIDERS

BLANK = Answers(
    organisation="Not yet",
    mailbox="info@mailbox.invalid",
    provider="own",
    server="localhost",
    username="info",
    client_id="",
    tenant="",
    staff=(Named(name="Staff", address="staff@team.invalid"),),
    board=(Named(name="Board", address="board@team.invalid"),),
    fallback=Named(name="Fallback", address="fallback@outside.invalid"),
    timezone="",
    state_directory="",
    runtime_directory="",
)
"""Takes the place of what was not answered yet, and cannot be wrong."""

BY_DOMAIN = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), "google"),
    **dict.fromkeys(("outlook.com", "hotmail.com", "live.com"), "microsoft"),
}
"""Domains of which everybody knows who runs them."""

SEEN = re.compile(r", see line [0-9]+$")
"""The end of a sentence that points into a file which nobody has seen yet."""


class Nonsense(Exception):
    """An answer that cannot be meant; its text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One of the things to know. `put` adds an answer to the draft; of `several` answers each is put by itself, after `emptied`.

    An empty `default` means that there is none, or where it is `optional`, that no answer is one. One that is not `needed` may be
    left out without a word where nobody can be asked. Nobody is asked where `asked` is false: then an option or the default counts.
    """

    flag: str
    prompt: str
    why: str
    put: Callable[[Answers, str], Answers]
    default: Callable[[Answers], str] = field(default=lambda answers: "")
    applies: Callable[[Answers], bool] = field(default=lambda answers: True)
    asked: Callable[[Answers], bool] = field(default=lambda answers: True)
    several: bool = False
    needed: bool = True
    optional: bool = False
    emptied: Callable[[Answers], Answers] = field(default=lambda answers: answers)

    def tried(self, answers: Answers, text: str) -> Answers:
        """The draft with this answer. Raises `Nonsense` with what the configuration says to it."""
        draft = self.put(answers, text.strip())
        problems = complaints(drafted(draft))
        if problems:
            raise Nonsense("; ".join(dict.fromkeys(map(_reason, problems))))
        return draft


def _reason(problem: str) -> str:
    """A sentence of the configuration without line and key, which mean nothing before there is a file."""
    return SEEN.sub("", problem.split(": ", 2)[-1])


def named(text: str) -> Named:
    """Somebody, written as `Name <address>`, or without the angle brackets. Raises `Nonsense`."""
    name, _, address = text.replace("<", " <").rpartition(" ")
    name, address = name.strip(' "\t'), address.strip("<>")
    if "@" in name:
        raise Nonsense("one person at a time, please")
    if not name or "@" not in address:
        raise Nonsense("write the name and the address, like Ana Borg <ana@example.org>")
    return Named(name=name, address=address)


def _domain(answers: Answers) -> str:
    return answers.mailbox.rpartition("@")[2].lower()


def _put_provider(answers: Answers, text: str) -> Answers:
    word = text.lower()
    if word not in PROVIDERS:
        near = nearest(word, choices=PROVIDERS)
        raise Nonsense(f"must be one of {', '.join(PROVIDERS)}{f' (did you mean {near}?)' if near else ''}")
    host = PROVIDERS[word]
    # Until they are asked for, the application and the directory at the provider have to be something.
    client_id, tenant = ("not-yet", _domain(answers)) if host.consent == "needed" else ("", "")
    server = host.server.format(domain=_domain(answers))
    return replace(answers, provider=word, server=server, username=answers.mailbox, client_id=client_id, tenant=tenant)


def _username(answers: Answers) -> str:
    """Mailboxes on the machine itself are its accounts, which are called by what stands before the @."""
    return answers.mailbox.partition("@")[0] if answers.on_this_machine else answers.mailbox


def _unusual(way: Way) -> bool:
    """Whether the port does not tell how it is spoken on."""
    return bool(way.port) and way.port not in TLS_OF_PORT


TLS_WHY = (
    "The port does not tell how the way to it is kept from listeners: implicit is TLS from the first byte, starttls after a few words in the"
    " clear, none on this machine only."
)

PROVIDER_LINES = "\n".join(f"  {word:<10} {host.title}" for word, host in PROVIDERS.items())

MAILBOX = (
    Question(
        flag="--address",
        prompt="Address for reports",
        why=(
            "Reports are mailed to this address, and maild answers from it. It has to be a mailbox of its own that people do not read:"
            " no group, no list, no forwarding."
        ),
        put=lambda answers, text: replace(answers, mailbox=text, username=text),
    ),
    Question(
        flag="--name",
        prompt="Name of the organisation",
        why="Letters to reporters are signed with it.",
        put=lambda answers, text: replace(answers, organisation=text),
        default=_domain,
    ),
    Question(
        flag="--provider",
        prompt="Provider",
        why=f"Who runs that mailbox decides on servers and ports, so you need not know them.\n{PROVIDER_LINES}",
        put=_put_provider,
        default=lambda answers: BY_DOMAIN.get(_domain(answers), ""),
    ),
    Question(
        flag="--server",
        prompt="Mail server",
        why="maild fetches mail from it (IMAP) and hands letters over to it (SMTP). localhost is this machine.",
        put=lambda answers, text: replace(answers, server=text),
        default=lambda answers: answers.server,
        applies=lambda answers: bool(answers.host.server),
    ),
    Question(
        flag="--imap-tls",
        prompt="TLS of IMAP",
        why=TLS_WHY,
        put=lambda answers, text: replace(answers, imap=replace(answers.imap, tls=text.lower())),
        default=lambda answers: str(imap_way(answers)["tls"]),
        applies=lambda answers: answers.provider == "own",
        asked=lambda answers: _unusual(answers.imap),
    ),
    Question(
        flag="--smtp-tls",
        prompt="TLS of SMTP",
        why=TLS_WHY,
        put=lambda answers, text: replace(answers, smtp=replace(answers.smtp, tls=text.lower())),
        default=lambda answers: str(smtp_way(answers)["tls"]),
        applies=lambda answers: answers.provider == "own",
        asked=lambda answers: _unusual(answers.smtp),
    ),
    Question(
        flag="--username",
        prompt="User name",
        why="The mail server knows the mailbox by this name when maild logs in.",
        put=lambda answers, text: replace(answers, username=text),
        default=_username,
        applies=lambda answers: answers.provider == "own",
    ),
    Question(
        flag="--client-id",
        prompt="Application (client) ID",
        why=(
            "Microsoft lets no program in by a password. Register an application there once (docs/operating.md, Access tokens, says how);"
            " its page shows this ID, which is no secret."
        ),
        put=lambda answers, text: replace(answers, client_id=text),
        applies=lambda answers: answers.host.consent == "needed",
    ),
    Question(
        flag="--client-id",
        prompt="Client ID",
        why=(
            "Google lets maild in by an app password: then press Enter here. Where your administrator forbids those, make an OAuth client"
            " (docs/hosting.md, Google Workspace, says how), and type in its ID, which is no secret."
        ),
        put=lambda answers, text: replace(answers, client_id=text),
        applies=lambda answers: answers.host.consent == "possible",
        optional=True,
        needed=False,
    ),
    Question(
        flag="--tenant",
        prompt="Directory (tenant)",
        why="Microsoft has to know whose application it is: the ID on the same page, or your domain.",
        put=lambda answers, text: replace(answers, tenant=text),
        default=_domain,
        applies=lambda answers: answers.host.application == "tenant",
    ),
)


def _put_command(answers: Answers, text: str) -> Answers:
    if not text:
        raise Nonsense("must not be empty")
    return replace(answers, password_command=text)


PASSWORD_COMMAND = Question(
    flag="--password-command",
    prompt="Password command",
    why="It is run at each login and prints the password.",
    put=_put_command,
)
"""Never asked: a password is typed in, unless an option says so."""

PEOPLE = (
    Question(
        flag="--staff",
        prompt="Staff",
        why=(
            "These people answer reports, each from a private address. Name at least two: a report about one of them is kept from"
            " that person and goes to the others. Write them like Ana Borg <ana@example.org>, one at a time; an empty line ends the list."
        ),
        put=lambda answers, text: replace(answers, staff=(*answers.staff, named(text))),
        several=True,
        emptied=lambda answers: replace(answers, staff=()),
    ),
    Question(
        flag="--board",
        prompt="Board",
        why=(
            "These people get a weekly digest without names, and hear of it when a deadline is missed. Somebody of staff may be"
            " named here again. An empty line ends the list."
        ),
        put=lambda answers, text: replace(answers, board=(*answers.board, named(text))),
        several=True,
        optional=True,
        emptied=lambda answers: replace(answers, board=()),
    ),
    Question(
        flag="--fallback",
        prompt="Fallback contact",
        why="A report that mentions everybody of staff and board goes to this one person outside, like Felix Vella <felix@example.org>.",
        put=lambda answers, text: replace(answers, fallback=named(text)),
    ),
)
