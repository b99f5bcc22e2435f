"""The documents say what is there: links, commands, keys, tags, tables, log lines, held against the code they speak of."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from maild import cli
from maild.config import Config
from maild.config.providers import PROVIDERS
from maild.config.sentences import table_at
from maild.playbook.commands import VERBS, Command, help_rows, read
from maild.playbook.ticket import TURNS, No, State, Turn
from maild.playbook.wishes import wishes
from maild.render import shipped_templates
from tests.town import Town, reader_child, words
from tests.town import mail as written
from tests.town import read as letter

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
STAFF, FLOW, OPERATING, HOSTING, TROUBLES = (
    ROOT / "docs" / f"{name}.md" for name in ("staff", "flow", "operating", "hosting", "troubleshooting")
)

README_LINES = 200

UNWELCOME = re.compile(r"\b(?:WTD|offenders?|harassers?|perpetrators?|bad actors?|victims?)\b", re.IGNORECASE)

# Spelt like keys of our configuration, and words of PostgreSQL and Microsoft.
OTHERS = {"synchronous_commit", "pg_dump", "offline_access"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


@cache
def blocks(page: Path) -> tuple[str, ...]:
    """The code blocks of a page, fenced or indented."""
    text = page.read_text()
    fenced = re.findall(r"(?ms)^```\w*\n(.*?)^```$", text)
    bare = re.sub(r"(?ms)^```.*?^```$", "", text)
    return (*fenced, *("\n".join(line[4:] for line in found.splitlines()) for found in re.findall(r"(?m)(?:^ {4}.*\n)+", bare)))


@cache
def prose(page: Path) -> str:
    """A page without its code blocks and comments."""
    text = re.sub(r"(?ms)^```.*?^```$|<!--.*?-->", "", page.read_text())
    return re.sub(r"(?m)^ {4}\S.*$", "", text)


def spans(page: Path) -> list[str]:
    """What stands between back quotes."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def code(page: Path) -> Iterator[str]:
    """Code of a page, piece by piece: each span, each line of a block."""
    yield from spans(page)
    for block in blocks(page):
        yield from block.splitlines()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", page.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_link_leads_somewhere(page):
    """A link to a file leads to one, and an anchor to a heading of it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.is_file(), target
        assert not anchor or anchor in anchors(there), target


@pytest.fixture(scope="module")
def program() -> Any:
    """The command line of maild, as typer builds it: a tree of commands with their options."""
    cli.install()
    return typer.main.get_command(cli.app)


def called(page: Path) -> Iterator[list[str]]:
    """The words of each call of maild that a page shows."""
    for piece in code(page):
        for found in re.findall(r"(?:^|[;&|] *)(?:/opt/maild/bin/)?maild( [a-z-][\w.-]*(?: [\w<>.-]+)*)", piece.partition("#")[0].strip()):
            yield found.split()


@each_page
def test_every_command_exists(page, program):
    """Each `maild …` that a page shows is a command with these options."""
    for call in called(page):
        command = program
        while call and not call[0].startswith("-") and hasattr(command, "commands"):
            assert call[0] in command.commands, call
            command = command.commands[call.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        assert {word for word in call if word.startswith("-") and word != "-"} <= options, call  # `-` is standard input


def test_every_verb_is_told_of():
    """The README, or a page for those who set it up or run it, speaks of each command."""
    told = {call[0] for page in (ROOT / "README.md", HOSTING, OPERATING) for call in called(page)} | {"demo"}
    assert set(cli.VERBS) - told == set()


@each_page
def test_every_make_target_exists(page):
    """Each `make …` that a page shows is in the Makefile."""
    targets = set(re.findall(r"(?m)^([a-z-]+):.*##", (ROOT / "Makefile").read_text()))
    asked = {target for piece in code(page) for target in re.findall(r"^make ([a-z-]+)", piece.strip())}
    assert asked <= targets


def keys() -> dict[str, set[str]]:
    """The keys of each table of the configuration; tests/config holds the example against the same."""
    return {name: set(table.model_fields) for name in Config.model_fields if (table := table_at((name,)))}


def status_fields() -> list[str]:
    """The names that `maild status` gives."""
    tree = ast.parse((ROOT / "maild/app/report.py").read_text())
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)]
    return [*(key.value for each in found for key in each.keys if isinstance(key, ast.Constant)), "wrong"]


@each_page
def test_every_key_exists(page):
    """What is spelt like a key of the configuration is one, and so is what is spelt like a table."""
    tables = keys()
    known = set().union(*tables.values()) | set(status_fields()) | OTHERS
    for span in spans(page):
        name = span.partition(" = ")[0]
        table, _, key = name.rpartition(".")
        if table in tables:
            assert key in tables[table], span
        elif re.fullmatch(r"(?!test_)[a-z]+(?:_[a-z]+)+", name):
            assert name in known, span
        elif re.fullmatch(r"\[\[[a-z]+\]\]", span):
            assert span.strip("[]") in tables
    for key, place in re.findall(r"`(\w+)`\s(?:in|of)\s`\[+(\w+)\]+`", prose(page)):
        assert key in tables[place], key


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page) if re.match(r"\[[a-z]+\]\n[a-z]+ = ", block)])
def test_every_piece_of_configuration_is_toml(block):
    """What is shown of a configuration has known tables and keys."""
    for table, values in tomllib.loads(block).items():
        assert set(values) <= keys()[table]


def tags(page: Path) -> Iterator[str]:
    """Every tag that a page shows to be written, on a line of its own as a mail would hold it."""
    tables = {f"[{name}]" for name in keys()}
    for span in spans(page):
        if re.match(r"\[[a-z-]+[]: ]", span) and span not in tables and "…" not in span:
            yield span
    for block in blocks(page):
        if "(" not in block and not re.match(r"\[[a-z]+\]\n[a-z]+ = ", block):
            yield from (line for line in block.splitlines() if line.startswith("["))


@each_page
def test_every_tag_can_be_sent_as_it_stands(page):
    """Each tag that a page shows reads back as a command without a fault, or as something that reporters may ask for."""
    for tag in tags(page):
        if wishes(tag, tag):
            continue
        commands = read(tag).commands
        assert commands, tag
        assert all(isinstance(command, Command) for command in commands), tag


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cell by cell."""
    below = page.read_text().partition(f"\n{heading}\n")[2]
    rows = re.search(r"(?m)^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", below)
    assert rows, heading
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in rows[1].splitlines()]


def test_the_table_of_tags_is_the_vocabulary():
    """The page for staff has each tag that there is, as `[help]` tells it, and no other."""
    assert table(STAFF, "## All tags") == [[f"`{example}`", effect] for example, effect in help_rows()]


def test_the_longer_forms_are_those_of_the_vocabulary():
    """Where a tag takes more than its example shows, the page has its whole form."""
    written = next(block for block in blocks(STAFF) if "(anyway)" in block)
    assert written.splitlines() == [verb.syntax for verb in VERBS.values() if verb.syntax != verb.example]


def test_the_table_of_states_is_the_table():
    """The drawing for developers is the table that tickets go by."""

    def cell(state: State, turn: Turn) -> str:
        to = TURNS[state][turn]
        return "✗" if isinstance(to, No) else "·" if to is state else to.value

    assert table(FLOW, "## States of a ticket") == [[turn.value, *(cell(state, turn) for state in State)] for turn in Turn]
    assert f"| What happens | {' | '.join(state.value for state in State)} |" in FLOW.read_text()


@pytest.mark.parametrize("page", [FLOW, *sorted((ROOT / "docs/decisions").glob("*.md"))], ids=lambda page: page.stem)
def test_every_path_exists(page):
    """A module that is named is there, seen from the top or from maild/."""
    named = {span for span in spans(page) if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|toml|txt))", span)}
    places = (ROOT, ROOT / "maild", ROOT / "maild/playbook/decide", ROOT / "templates/receipt/en")
    made_up = {"templates/NAME/en/"}
    assert [path for path in named - made_up if not any((place / path).exists() for place in places)] == []


def log_lines() -> Iterator[str]:
    """The format of each log line that something in maild writes."""
    used = {name for path in (ROOT / "maild").rglob("*.py") for name in re.findall(r"\blog\.(\w+)\(", path.read_text())}
    for function in ast.parse((ROOT / "maild/log.py").read_text()).body:
        if isinstance(function, ast.FunctionDef) and function.name in used:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log."):
                    yield ast.literal_eval(node.args[0])


@pytest.mark.parametrize("line", sorted(set(log_lines())))
def test_every_log_line_is_explained(line):
    """The operator's page has each log line, with words in capitals for what differs."""
    written = {span for row in table(OPERATING, "## Log lines") for span in re.findall(r"`([^`]+)`", row[0])}
    form = re.sub(r"%[.\d]*[a-z]", "[A-Z]+", re.sub(r"([.()])(?!\d)", r"\\\1", line))
    assert any(re.fullmatch(form, span) for span in written)


def test_no_log_line_is_explained_twice():
    """Two rows for one line would tell two things of it."""
    rows = [row[0] for row in table(OPERATING, "## Log lines")]
    assert sorted(set(rows)) == sorted(rows)


PLACEHOLDER = r"[A-Z]{3,}"
"""What stands for something that differs, in a sentence that a page quotes."""


Spelling = tuple[str, ...]
"""A text of the source: what stands between the places that are filled in when the program runs."""


def spelt(node: ast.AST) -> Spelling:
    """How a piece of the source is spelt; what is no text is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return tuple(re.split(r"%[.\d]*[sdf]", text))
        case ast.JoinedStr(values=parts):
            return joined(map(spelt, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return joined((spelt(left), spelt(right)))
    return ("", "")


def joined(spellings: Iterable[Spelling]) -> Spelling:
    """Spellings one after the other."""
    whole = [""]
    for first, *rest in spellings:
        whole[-1] += first
        whole += rest
    return tuple(whole)


@cache
def texts() -> frozenset[Spelling]:
    """Every text in maild; docstrings are none, because nobody is shown them."""
    found = set()
    for path in (ROOT / "maild").rglob("*.py"):
        tree = ast.parse(path.read_text())
        silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        kinds = ast.Constant | ast.JoinedStr | ast.BinOp
        found |= {spelt(node) for node in ast.walk(tree) if isinstance(node, kinds) and id(node) not in silent}
    return frozenset(spelling for spelling in found if "".join(spelling))


@cache
def sentences() -> frozenset[Spelling]:
    """The texts that say something, or only put two others together. A single word is none: any sentence could be made of those."""
    return frozenset(
        spelling for spelling in texts() if (len(spelling) > 1 if worded(spelling) else len(spelling) == 3) or " " in spelling[0]
    )


def worded(spelling: Spelling) -> bool:
    """Whether it has words of its own."""
    return re.search(r"[a-z]{4}", "".join(spelling)) is not None


@cache
def is_said(sentence: str) -> bool:
    """Whether the program can say this: a text of its source, with placeholders or other texts of its source where something is filled in."""
    if re.fullmatch(rf"[^a-z]*{PLACEHOLDER}[^a-z]*", sentence):
        return True
    return any(is_so_spelt(sentence, spelling, words=worded(spelling)) for spelling in sentences())


def is_so_spelt(sentence: str, spelling: Spelling, *, words: bool) -> bool:
    """Whether a sentence is spelt so; `words`: a single word may be filled in, too."""
    first, *rest = spelling
    if not rest:
        return sentence == first
    if not (sentence.startswith(first) and sentence.endswith(rest[-1])):
        return False
    ends = [found.start() for found in re.finditer(f"(?={re.escape(rest[0])})", sentence) if found.start() > len(first)]
    left = [end for end in ends if is_so_spelt(sentence[end:], tuple(rest), words=words)]
    filled = (sentence[len(first) : end] for end in left)
    return any(is_said(text) or (words and (text,) in texts()) for text in filled)


def quoted(page: Path) -> list[str]:
    """The sentences of the program that a page quotes, a line each."""
    return re.findall(r"(?m)^> (.+)$", page.read_text())


@pytest.mark.parametrize("sentence", quoted(TROUBLES))
def test_every_sentence_that_is_explained_is_said(sentence):
    """What the page for troubles quotes stands in the source of maild, word by word."""
    assert is_said(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("The IMAP server HOST:PORT refuses to log in.", id="other words"),
        pytest.param("The IMAP server HOST:PORT refuses the login; check [imap] username and password.", id="the end is missing"),
        pytest.param("One mail is the problem: quarantine it, go on with its neighbours.", id="a docstring"),
        pytest.param("FILE and of course many other words", id="words beside a placeholder"),
    ],
)
def test_a_sentence_that_nothing_says_is_found_out(sentence):
    """The test above can fail: by other words, by an end that is missing, by what only programmers read."""
    assert not is_said(sentence)


def test_the_page_for_troubles_says_how_mail_without_an_answer_is_filed(town, caplog):
    """What no person wrote, what is spam, and a command of staff: the log says of each what the page tells people to look for."""
    for headers in ({"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}):
        town.write("kim@reporter.example", "Here is our news.", **headers)
    town.mailbox.deliver(written("lea@reporter.example", "Buy now."), received_at=town.clock.at, folder="Junk")
    town.write("ana@pymalta.example", "[help]")
    with caplog.at_level("INFO"):
        town.run()
    filed = {found[1] for record in caplog.records if (found := re.match(r"filed: (\w+)", record.getMessage()))}
    assert filed == set(re.findall(r'"filed: (\w+)"', TROUBLES.read_text()))


def test_no_sentence_is_explained_twice():
    """Whoever searches the page finds one place; an alarm is named by the status and by the log."""
    found = quoted(TROUBLES)
    assert len(found) > 90
    assert sorted(set(found)) == sorted(found)


def test_every_question_of_init_can_be_typed_as_the_page_for_hosting_does():
    """Each kind of mail host has its `maild init`, and so has consent where it can take the place of a password. tests/cli types them."""
    shown = [block for block in blocks(HOSTING) if "maild init" in block]
    consents = [word for word, host in PROVIDERS.items() if host.consent == "possible"]
    assert sorted(re.findall(r"--provider (\w+)", " ".join(shown))) == sorted([*PROVIDERS, *consents])


def test_every_alarm_is_explained():
    """The operator's page has the alarms that the mail about them has words for."""
    meant = (shipped_templates() / "parts/en/words.txt").read_text().partition("set alarms = {")[2].partition("}")[0]
    assert {row[0].strip("`") for row in table(OPERATING, "## Alarms")} == set(re.findall(r'"([a-z-]+)": "', meant))


def test_every_field_of_the_status_is_explained():
    """The operator's page has each name that `maild status --json` gives, in its order."""
    assert [row[0].strip("`") for row in table(OPERATING, "## What `maild status` says")] == status_fields()


def test_the_readme_is_short():
    """A newcomer reads it to its end, and learns in ten lines what this is and for whom."""
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) < README_LINES
    assert "for communities and conferences" in " ".join(lines[:10])


@each_page
def test_words_are_fair_and_calm(page):
    """People written about are respondents, and nothing is shouted."""
    assert UNWELCOME.findall(page.read_text()) == []
    assert "!" not in re.sub(r"`[^`]*`|!\[", "", prose(page))


REPORT = """\
At the meetup last Thursday somebody called Robin talked over me all
through my short talk. I asked Robin to stop and only got a laugh.
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with one report in it; its clock stands on the Monday before the date in the page for staff."""
    reader = reader_child()
    town = Town(directory=tmp_path, reader=reader)
    town.write("Kim Example <kim@example.org>", REPORT, subject="The meetup last Thursday")
    town.run()
    yield town
    town.stop()
    reader.close()


def test_the_notice_of_the_readme_is_the_notice(town):
    """What the README shows of a staff mail is how one begins, but for its code name and reference."""
    shown = next(block for block in blocks(ROOT / "README.md") if block.startswith("Subject: "))
    (notice,) = town.letters("ana@pymalta.example")
    sent = f"Subject: {letter(notice)['Subject']}\n\n{words(notice)}".replace("\r\n", "\n")
    code_name = re.search(r"\[([a-z-]+)\]", sent)[1]
    assert re.sub(r"R-\w{5}", "R-7K3QF", sent.replace(code_name, "quiet-harbour")).startswith(shown)


def mails(page: Path) -> list[str]:
    """The mails of staff that a page shows."""
    return [block for block in blocks(page) if re.match(r"\[[a-z-]+[]: ]", block) and "(anyway)" not in block]


def test_the_mail_of_the_readme_does_what_the_readme_says(town):
    """One mail determines, decides, writes to the reporter and records the lead, on the day of the report."""
    (mail,) = mails(ROOT / "README.md")
    answer = words(town.order("ana", mail))
    assert "✗" not in answer
    assert "Sent to the reporter: yes" in answer
    assert "led by Ana" in answer
    assert "glad to see you at the next meetup" in words(town.letters("kim@example.org")[-1])


def test_the_mails_of_the_page_for_staff_work(town):
    """A volunteer who copies them one after the other, the explanation before the decision, has every one carried out."""
    take, reply, determine, resolve, explain, write, _record, _release = mails(STAFF)
    sent = {reply: "yes", explain: "yes", resolve: "yes"}
    for mail in (take, reply, determine, explain, write, resolve, "[told:P1]", "[close]"):
        answer = words(town.order("ana", mail))
        assert "✗" not in answer, answer
        assert f"Sent to the reporter: {sent.get(mail, 'no')}" in answer
    assert "is closed" in answer
    (to_respondent,) = town.letters("robin@example.org")
    assert "leave others their turn" in words(to_respondent)


def test_the_record_of_the_page_for_staff_works(town):
    """Copied as it stands, the report in person is a case, and the person who gave permission gets a receipt (P24)."""
    (record,) = [mail for mail in mails(STAFF) if mail.startswith("[record")]
    answer = words(town.order("ana", record))
    assert "✗" not in answer
    assert "Not volunteered" not in answer
    assert "Sent to the reporter: yes, the acknowledgement." in answer
    assert "was written down" in words(town.letters("kim@example.org")[-1])
