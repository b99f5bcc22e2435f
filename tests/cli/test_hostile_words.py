"""What hostile people write goes the whole way: mail, child, database, letters, log, terminal (security.md P-34 to P-39)."""

import ast
import csv
import json
import logging
import re
import sys
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

import maild
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.parse import parse
from maild.playbook.figures import as_csv
from maild.playbook.scopes import Scope
from maild.playbook.transparency import numbers
from maild.store import violated
from tests.cli.conftest import Run
from tests.hostile import CANARY, CONTROLS, EVALUATED, MARKUP, NAMES, STATEMENTS, TEMPLATES
from tests.letters.test_html import ATTRIBUTES, STYLES, Page
from tests.town import MAILBOX, Town, read

ROOT = Path(maild.__file__).parent
MAILS = 40
"""Mails over which all of it is spread; each has one or more of everything."""
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no terminal and no log may get: control characters but tab and line end, and what turns the direction of text."""
ELEMENTS = frozenset("html head meta title body p br ul ol li blockquote span h1 h2 table tr th td code".split())


def share(number: int, whole: Sequence[str]) -> Sequence[str]:
    """The part of a list that this mail holds."""
    return whole[number::MAILS]


def quoted(name: str) -> bytes:
    """A file name as a hostile mailer writes it: in quotes, with raw bytes inside."""
    return b'"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "").encode("utf-8", "replace") + b'"'


def one_line(text: str) -> bytes:
    return re.sub(r"[\r\n]", " ", text).encode()


def hostile_mail(number: int, *, html: bool) -> bytes:
    """A mail full of it; with `html` its words are in HTML alone."""
    words = [*share(number, TEMPLATES), *share(number, STATEMENTS), *share(number, MARKUP), *share(number, CONTROLS)]
    body = "".join(f"<p>{word}</p>\r\n" for word in words) if html else "\r\n".join(words)
    lines = [
        f"From: {STATEMENTS[number]} <kim{number}@reporter{number}.example>".encode().replace(b"\0", b""),
        b"To: " + MAILBOX.encode(),
        b"Subject: " + one_line(CONTROLS[number] + TEMPLATES[number] + STATEMENTS[-number]),
        b"Message-ID: <" + one_line(STATEMENTS[number]).replace(b" ", b"_") + b"@reporter.example>",
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed; boundary=b",
        b"",
        b"--b",
        b"Content-Type: text/" + (b"html" if html else b"plain") + b"; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"",
        body.encode(),
    ]
    for name in share(number, NAMES):
        lines += [
            b"--b",
            b"Content-Type: text/html; name=x",
            b"Content-Disposition: attachment; filename=" + quoted(name),
            b"",
            b"<script>",
        ]
    return b"\r\n".join([*lines, b"--b--", b""])


HOSTILE = [hostile_mail(number, html=html) for html in (False, True) for number in range(MAILS)]


def files(folder: Path) -> set[str]:
    """What lies in a folder, without what SQLite puts beside its file while it is open."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))}


@pytest.fixture
def after(town: Town, caplog: pytest.LogCaptureFixture) -> Town:
    """The town when all of it has been filed, told and answered."""
    caplog.set_level(logging.DEBUG)
    before, tables = files(town.directory), tables_of(town)
    for number, raw in enumerate(HOSTILE):
        town.mailbox.deliver(raw, received_at=town.clock.at)
        if number % 8 == 7:  # more of them within ten minutes would be told in a summary
            town.run()
            town.clock.move_on(timedelta(minutes=11))
    assert files(town.directory) == before, "P-34: a file was made"
    assert tables_of(town) == tables, "P-38: a table came or went"
    assert not Path("/tmp/maild-was-here").exists()
    return town


def tables_of(town: Town) -> list[str]:
    return sorted(inspect(town.house.store._writer.engine).get_table_names())


def test_they_are_as_many_as_asked_for() -> None:
    """The figures of security.md, without doubles, and each of them is in some mail."""
    everything = (TEMPLATES, MARKUP, NAMES, CONTROLS, STATEMENTS)
    assert [len(set(one)) for one in everything] == [200, 150, 300, 200, 200]
    assert all(sorted(word for number in range(MAILS) for word in share(number, one)) == sorted(one) for one in everything)


def test_the_whole_way(after: Town, then: Run, caplog: pytest.LogCaptureFixture) -> None:
    """Every mail is a case; nothing of it is markup, a template, a file, a statement or a control character anywhere."""
    with after.house.store.read() as work:
        codes = [work.tickets.load(one).code for one in work.tickets.all_ids()]
        assert violated(work, now=after.clock.at) == []
    assert len(codes) == len(HOSTILE)
    check_letters(after)
    assert CANARY not in caplog.text
    assert ACTS.search(caplog.text) is None, "P-37: the log"
    check_terminal(then, codes)
    assert then("journal", "verify").code == 0


def check_letters(town: Town) -> None:
    """P-34 to P-36: text and a page of our own elements; templates stand there as they were written; the reporters get none of it."""
    notices = [parcel for parcel in town.courier.delivered if parcel.recipient.endswith("@pymalta.example")]
    told = ""
    for parcel in town.courier.delivered:
        parts = [part for part in read(parcel).walk() if not part.is_multipart()]
        assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
        text, html = (part.get_content() for part in parts)
        told += text if parcel in notices else ""
        check_page(Page(html))
        assert EVALUATED not in text
        assert (CANARY in text) <= (parcel in notices)
    flat = " ".join(told.split())
    assert [one for one in TEMPLATES if " ".join(one.split()) not in flat] == [], "P-36: evaluated, or lost"


def check_page(page: Page) -> None:
    assert set(page.seen) <= ELEMENTS
    assert {key for key, _ in page.attributes} <= ATTRIBUTES
    assert all(STYLES.fullmatch(value or "") for key, value in page.attributes if key == "style")


def check_terminal(then: Run, codes: list[str]) -> None:
    """P-37 and P-38: what the commands print, and what they make of words that are no code."""
    printed = [then(*words).out for words in (("tickets", "--all"), ("status",), ("log",), ("held", "list"))]
    printed += [then("show", code).out for code in codes[::5]]
    assert CANARY in "".join(printed)
    assert [text for text in printed if ACTS.search(text)] == []
    for statement in STATEMENTS[:10]:
        ended = then("show", statement)
        assert (ended.code, ended.out, ACTS.search(ended.err)) == (1, "", None)


def test_inspect_prints_nothing_that_acts(maild: Run, tmp_path: Path) -> None:
    """P-37: neither as text nor as JSON."""
    paths = [tmp_path / f"{number}.eml" for number in range(len(HOSTILE))]
    for path, raw in zip(paths, HOSTILE, strict=True):
        path.write_bytes(raw)
    for form in ((), ("--json",)):
        ended = maild("inspect", *form, *paths)
        assert (ended.code, ended.err) == (0, "")
        assert ACTS.search(ended.out) is None
    assert len(ended.out.splitlines()) == len(HOSTILE)
    assert {tuple(json.loads(line)["attachments"]) for line in ended.out.splitlines()}


touched: list[str] = []
watching = threading.Event()


def watch(event: str, _arguments: tuple[object, ...]) -> None:
    """Audit hook: what of the world outside is touched while somebody watches."""
    if watching.is_set() and event.startswith(("socket.", "open", "os.", "subprocess.", "shutil.", "ctypes.", "urllib.")):
        touched.append(event)


@pytest.fixture(scope="module")
def watched() -> None:
    """A hook stays for good, so it is set once."""
    sys.addaudithook(watch)


def read_all() -> list[Message]:
    watching.set()
    try:
        return [parse(raw, own=Own(mailbox=MAILBOX)) for raw in HOSTILE]
    finally:
        watching.clear()


@pytest.mark.usefixtures("watched")
def test_reading_touches_nothing() -> None:
    """P-34 and P-35: no file is opened, no address asked, nothing is fetched and nothing run, whatever a mail holds."""
    read_all()  # what is imported late is imported now
    touched.clear()
    messages = read_all()
    assert touched == []
    names = [attachment.name for message in messages for attachment in message.attachments]
    assert len(names) == 2 * len(NAMES)
    assert [name for name in names if "/" in name or "\\" in name or len(name) > 255 or "\0" in name or "\n" in name] == []


SAYS_SQL = {"text", "literal_column", "exec_driver_sql"}
MADE_OF_CONSTANTS = {
    "fresh: statement",
    "fresh: where",
    "inbox: f\"'{state}'\"",
    "statements: self._said[name]",
    "statements: sql",
    "tokens: f\"tokens.purpose = '{CHALLENGE}'\"",
}
"""What is put together of constants of the program: statements that SQLAlchemy compiled, and names of states."""


def test_statements_are_constants() -> None:
    """P-38: what is sent to a database as words is written in the program; a value is always bound."""
    odd = set()
    for path in (ROOT / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and called(node.func) in SAYS_SQL and not is_constant(node.args[0]):
                odd.add(f"{path.stem}: {ast.unparse(node.args[0])}")
    assert odd == MADE_OF_CONSTANTS


def called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def is_constant(said: ast.expr) -> bool:
    if isinstance(said, ast.IfExp):
        return is_constant(said.body) and is_constant(said.orelse)
    return isinstance(said, ast.Constant)


def test_no_cell_is_a_formula() -> None:
    """P-39: one module writes for spreadsheets, and the only words in it are the title of an event."""
    writers = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Import)
        and {"csv", "openpyxl", "xlsxwriter", "pandas"} & {name.name.partition(".")[0] for name in node.names}
    }
    assert {Path(one).name for one in writers} == {"figures.py"}
    day = date(2026, 11, 27)
    for sign in "=+-@":
        scope = Scope(name="fair", title=f"{sign}1+1", kind="event", start=day, end=day, attendance=100)
        cells = [cell for row in csv.reader(as_csv(numbers((), scope, earlier=())).splitlines()) for cell in row]
        assert f"'{sign}1+1" in cells
        assert [cell for cell in cells if cell.startswith(tuple("=+-@"))] == []
