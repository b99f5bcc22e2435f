"""From what a person answers to a configuration file: the example, cut down to what was answered and what is worth looking at.

Nothing is checked here. Whoever writes a draft reads it again by `load_config`, whose sentences are the only ones there are.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from maild.config.example import Entry, Section, sections
from maild.config.names import is_loopback
from maild.config.providers import PROVIDERS, Provider
from maild.config.tables import RESERVED_HANDLES

PASSWORD_FILE = "mailbox.password"
"""Beside the configuration: one password, for both ways."""
CLIENT_SECRET_FILE = "client.secret"
"""The same for the secret of an application."""

SHORTEST_HANDLE, LONGEST_HANDLE = 2, 24
"""Letters of a handle that is made of a name; room is left for a number."""

WORTH_A_LOOK = frozenset(
    {
        ("organisation", "guide_url"),
        ("organisation", "help_lines"),
        ("staff", "aliases"),
        ("staff", "active"),
        ("imap", "ca_file"),
        ("imap", "junk"),
        ("imap", "since"),
        ("smtp", "ca_file"),
        ("smtp", "plus_addressing"),
        ("authentication", "authserv_id"),
        ("authentication", "form"),
        ("digest", "weekday"),
        ("digest", "time"),
        ("letters", "templates"),
    }
)
"""Keys that stand in a draft with their defaults, in a comment, where nothing was answered."""

TLS_OF_PORT: Mapping[object, str] = {993: "implicit", 143: "starttls", 465: "implicit", 587: "starttls", 25: "starttls"}
"""What is spoken on the usual ports (RFC 8314 section 7.3, RFC 3207), but on this machine at 143 and 25, where nobody listens in."""

HEAD = """\
# The configuration of maild, written by `maild init`. Every other key, with its default: config.example.toml.
#
# Remove the # in front of a key to change it. Then: maild check, and restart maild.
# A relative path starts at the directory of this file. Passwords never stand in this file.
"""

_UNMARKED = str.maketrans(
    {"ħ": "h", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ŋ": "n"}
)
"""Small letters of Latin alphabets that Unicode does not take apart."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody by name and address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What was said of the way to a server of one's own; 0 and empty where nothing was."""

    port: int = 0
    tls: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `maild init` asks for. `server` and `username` count where the provider does not settle them; so do `client_id` and `tenant`.

    `password_command` prints the password at each login; where it is empty, a file holds it.
    `imap` and `smtp` count for a server of one's own that listens elsewhere than servers do.
    """

    organisation: str
    mailbox: str
    provider: str
    server: str
    username: str
    client_id: str
    tenant: str
    staff: tuple[Named, ...]
    board: tuple[Named, ...]
    fallback: Named
    timezone: str
    state_directory: str
    runtime_directory: str
    password_command: str = ""
    imap: Way = Way()
    smtp: Way = Way()

    @property
    def consent(self) -> bool:
        """Whether maild logs in by access tokens."""
        return self.host.consent == "needed" or (self.host.consent == "possible" and bool(self.client_id))

    @property
    def secret_file(self) -> str:
        """The file beside the configuration that a secret goes into; empty where there is none."""
        if self.consent:
            return CLIENT_SECRET_FILE if self.host.application == "client_secret_file" else ""
        return "" if self.password_command else PASSWORD_FILE

    @property
    def host(self) -> Provider:
        """What is known of the mail host."""
        return PROVIDERS[self.provider]

    @property
    def on_this_machine(self) -> bool:
        """Whether mail never leaves the machine on its way to the server: no TLS is needed, and no login to send."""
        return "host" not in self.host.imap and is_loopback(self.server)


def drafted(answers: Answers) -> str:
    """The text of a configuration file."""
    rows = _rows(answers)
    tables = (_table(section, rows.get(name, [])) for name, section in sections().items())
    return "\n\n".join([HEAD, *filter(None, tables)])


def _rows(answers: Answers) -> dict[str, list[Row]]:
    """The values of every table."""
    places = {"state_directory": answers.state_directory, "runtime_directory": answers.runtime_directory}
    staff, board = handles_of(answers.staff, board=answers.board)
    return {
        "organisation": [{"name": answers.organisation, "mailbox": answers.mailbox, "timezone": answers.timezone}],
        "fallback": [_person(answers.fallback)],
        "staff": [{"handle": handle, **_person(one)} for handle, one in zip(staff, answers.staff, strict=True)],
        "board": [{"handle": handle, **_person(one)} for handle, one in zip(board, answers.board, strict=True)],
        "imap": [_imap(answers)],
        "smtp": [_smtp(answers)],
        "oauth": [_oauth(answers)] if answers.consent else [],
        "authentication": [answers.host.authentication],
        "run": [{key: place for key, place in places.items() if place}],
    }


def _person(one: Named) -> dict[str, str]:
    return {"name": one.name, "address": one.address}


def _oauth(answers: Answers) -> Row:
    known_by = {"tenant": answers.tenant, "client_secret_file": CLIENT_SECRET_FILE}
    application = answers.host.application
    return {"provider": answers.provider, "client_id": answers.client_id} | ({application: known_by[application]} if application else {})


def _imap(answers: Answers) -> Row:
    return {"host": answers.server, **imap_way(answers), **_login(answers)}


def _smtp(answers: Answers) -> Row:
    way = smtp_way(answers)
    return {"host": answers.server, **way, **({} if way["tls"] == "none" else _login(answers))}


def imap_way(answers: Answers) -> Row:
    """What `[imap]` says of port and TLS, and of the host where the provider settles it."""
    return _way(answers, answers.imap, elsewhere=answers.host.imap, here=143)


def smtp_way(answers: Answers) -> Row:
    """The same for `[smtp]`."""
    return _way(answers, answers.smtp, elsewhere=answers.host.smtp, here=25)


def _way(answers: Answers, said: Way, *, elsewhere: Row, here: int) -> Row:
    """What was said, else what is usual for that port in that place; a provider has settled it."""
    if answers.provider != "own":
        return elsewhere
    if answers.on_this_machine:
        port: object = said.port or here
        tls = "none" if port == here else TLS_OF_PORT.get(port, "none")
    else:
        port = said.port or elsewhere["port"]
        tls = TLS_OF_PORT.get(port, "implicit")
    return {"tls": said.tls or tls, "port": port}


def _login(answers: Answers) -> Row:
    if answers.consent:
        return {"auth": "xoauth2", "username": answers.username}
    if answers.password_command:
        return {"username": answers.username, "password_command": answers.password_command}
    return {"username": answers.username, "password_file": PASSWORD_FILE}


def _table(section: Section, rows: Sequence[Row]) -> str:
    """A table as often as there are rows, the first with its sentences; without rows, what of it is worth a look, or nothing."""
    first = "\n".join(line for entry in section.entries for line in _lines(entry, rows[0] if rows else {}))
    if not first:
        return ""
    others = ("\n".join(f"{key} = {literal(value)}" for key, value in row.items()) for row in rows[1:])
    tables = "\n".join(f"{section.header}\n{keys}\n" for keys in (first, *others))
    return f"{section.comment}\n{tables}".lstrip("\n")


def _lines(entry: Entry, row: Row) -> Iterator[str]:
    if entry.key in row:
        yield f"{entry.sentence}\n{entry.key} = {literal(row[entry.key])}"
    elif (entry.table, entry.key) in WORTH_A_LOOK:
        yield f"{entry.sentence}\n# {entry.key} = {entry.value}"


def literal(value: object) -> str:
    """A text, a number or a flag as TOML writes it: as JSON does, but for one character (TOML 1.0, String)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def handles_of(staff: Sequence[Named], *, board: Sequence[Named]) -> tuple[list[str], list[str]]:
    """A handle for everybody: the first name in plain letters, with a number where it is taken. Who is in both, by address, has one."""
    taken = [*RESERVED_HANDLES]
    for one in staff:
        taken.append(_free(_handle(one), taken=taken))
    of_staff = taken[len(RESERVED_HANDLES) :]
    in_both = {one.address.casefold(): handle for one, handle in zip(staff, of_staff, strict=True)}
    of_board: list[str] = []
    for one in board:
        of_board.append(in_both.pop(one.address.casefold(), "") or _free(_handle(one), taken=taken + of_board))
    return of_staff, of_board


def _handle(one: Named) -> str:
    """The first word of the name, else of the address, that Latin letters can be made of."""
    for words in (one.name, one.address.partition("@")[0]):
        for word in words.split():
            if len(handle := _plain(word)) >= SHORTEST_HANDLE:
                return handle
    return "person"


def _plain(word: str) -> str:
    """The letters and digits of a word as ASCII has them; nothing where it begins with a digit, which no handle may."""
    taken_apart = unicodedata.normalize("NFKD", word.lower().translate(_UNMARKED))
    plain = re.sub("[^a-z0-9]", "", taken_apart)[:LONGEST_HANDLE]
    return "" if plain[:1].isdigit() else plain


def _free(handle: str, *, taken: Sequence[str]) -> str:
    number = 2
    free = handle
    while free in taken:
        free, number = f"{handle}-{number}", number + 1
    return free
