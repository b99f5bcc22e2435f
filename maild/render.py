"""The one door to Jinja2: a letter's facts go in, its words come out.

One folder a letter and language: `templates/KIND/LANGUAGE/{subject.txt,text.txt,html.html}`. Where there is no `html.html`, the HTML is made
of the text (`page`) inside `parts/frame.html`; `parts/LANGUAGE/` holds what several letters include. An operator's own directory comes
first, file by file, so that one letter can be changed without copying the rest; a letter that fails there goes out as shipped.

Two things hold in every template, whoever wrote it. A fact that it asks for and nobody gave is an error. And what `{{ … }}` prints is one
clean line, unless a filter made a block of it: no name, Subject or file name from outside can begin a line of a letter of ours.
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
    pass_context,
)
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from maild import dates, log
from maild.errors import TemplateBroken
from maild.lines import BLOCKS, one_line, prose
from maild.page import page_of
from maild.playbook.differences import Numbers
from maild.playbook.figures import as_csv, as_json
from maild.playbook.letters import INSIDE, LEAVING, Kind, Letter
from maild.playbook.policy import Policy

DEFAULT_LANGUAGE = "en"
"""The language in which every letter exists."""

EVERY_LETTER_KNOWS = frozenset({"reference", "to", "language"})

FRAME = "parts/frame.html"
"""What stands around the words of every letter in HTML."""

REPORT = ("report/en/report.md", "report/en/report.html", "report/en/report.txt")
"""The templates of a transparency report, in the order in which people are given its files."""

REPORT_WORDS = "report/en/words.txt"
"""The sentences that all three share."""

_PLACE = re.compile(r"parts/frame\.html|parts/[a-z-]+/[a-z-]+\.txt|([a-z-]+)/[a-z-]+/(?:subject\.txt|text\.txt|html\.html)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter in words: one line of subject, plain text with LF line ends, and the same in HTML."""

    subject: str
    text: str
    html: str


def shipped_templates() -> Path:
    """Where the templates lie that came with maild: inside an installed wheel, or at the top of a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "_templates"
    return installed if installed.is_dir() else here.parent / "templates"


class Templates:
    """All letters of one organisation; `override` is the operator's own directory."""

    def __init__(self, policy: Policy, *, override: Path | None = None) -> None:
        self._shipped = _Shelf(policy, shipped_templates())
        self._own = _Shelf(policy, override, shipped_templates()) if override else self._shipped

    def letter(self, letter: Letter) -> Rendered:
        """A letter in words. Raises `jinja2.TemplateError` where a shipped template is broken, which a test finds first."""
        if self._own is self._shipped:
            return self._shipped.letter(letter)
        try:
            return self._own.letter(letter)
        except Exception as error:  # noqa: BLE001 (a mistake in the operator's wording must not cost anybody a letter)
            log.broken(f"the template of {letter.kind.value}", error)
            return self._shipped.letter(letter)

    def preview(self, letter: Letter) -> Rendered:
        """The same for whoever writes the template: a mistake in it is told, with file and line. Raises `TemplateBroken`."""
        try:
            return self._own.letter(letter)
        except Exception as error:
            raise TemplateBroken(f"{_place_of(error)}: {_mistake(error)}.") from error

    def report(self, numbers: Numbers, learned: str) -> Mapping[str, str]:
        """The files of a transparency report, in their order; the same for the same numbers. `learned` is what people wrote, or empty."""
        try:
            return self._own.report(numbers, learned)
        except Exception as error:  # noqa: BLE001 (as above; where ours is broken too, it raises again)
            log.broken("the template of the transparency report", error)
            return self._shipped.report(numbers, learned)

    def told_of_nobody(self, every_tier: Iterable[Numbers]) -> str:
        """All words that the shipped templates have for such numbers: what they say is not known from any case."""
        return "\n".join({text: None for numbers in every_tier for text in self._shipped.report(numbers, "").values()})

    def languages(self, kind: Kind) -> dict[str, bool]:
        """The languages that a letter is written in, each with whether the operator's own directory has a say in it."""
        return self._own.languages(kind)

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the templates, a sentence each with file and line: broken, missing, misnamed, or asking for what no letter knows."""
        return tuple(self._own.faults(known=self._shipped.asked_for()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The templates of a letter in one language; `html` where somebody wrote it apart from the text."""

    language: str
    subject: Template
    text: Template
    html: Template | None
    frame: Template


class _Shelf:
    """Template directories of which the first that has a file wins."""

    def __init__(self, policy: Policy, *places: Path) -> None:
        self._policy = policy
        self._places = places
        # Templates come from root-owned files only; the sandbox is for a mistake in one of them (security.md P-36).
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(place) for place in places]),
            undefined=StrictUndefined,
            finalize=one_line,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters |= BLOCKS | {
            "local": self._local,
            "day": self._day,
            "person": self._person,
            "month": lambda written: dates.month(written, DEFAULT_LANGUAGE),
            "page": lambda text: page_of(prose(text), tags=False),
        }
        self._environment.globals |= {
            "organisation": policy.organisation,
            "mailbox": policy.mailbox,
            "guide_url": policy.guide_url,
            "help_lines": policy.help_lines,
            "separator": policy.separator,
            "fallback": policy.fallback,
        }
        self._find = lru_cache(maxsize=256)(self._load)

    def letter(self, letter: Letter) -> Rendered:
        found = self._find(letter.kind.value, letter.language or letter.to.language or self._policy.language)
        code = {"code": letter.code} if letter.to.role in INSIDE else {}
        facts = {**letter.facts, **code, "reference": letter.reference, "to": letter.to, "language": found.language}
        subject = " ".join(found.subject.render(facts).split())
        text = found.text.render(facts).strip("\n") + "\n"
        html = found.html.render(facts) if found.html else self._framed(subject, text, letter, found)
        return Rendered(subject=subject, text=text, html=html)

    def report(self, numbers: Numbers, learned: str) -> Mapping[str, str]:
        facts = {**numbers, "learned": learned.strip()}
        words = {file.rpartition("/")[2]: self._environment.get_template(file).render(facts).strip("\n") + "\n" for file in REPORT}
        return {**words, "numbers.json": as_json(numbers), "numbers.csv": as_csv(numbers)}

    def _framed(self, subject: str, text: str, letter: Letter, found: "_Found") -> str:
        body = page_of(text, tags=letter.to.role in INSIDE)
        return found.frame.render(subject=subject, body=body, language=found.language)

    def _load(self, kind: str, language: str) -> "_Found":
        """Subject, text and HTML; in English where there are none in this language."""
        folders = (f"{kind}/{language}", f"{kind}/{DEFAULT_LANGUAGE}")
        subject = self._environment.select_template([f"{folder}/subject.txt" for folder in folders])
        text = self._environment.select_template([f"{folder}/text.txt" for folder in folders])
        written_in = str(text.name).split("/")[1]
        frame = self._environment.get_template(FRAME)
        return _Found(language=written_in, subject=subject, text=text, html=self._html_beside(text), frame=frame)

    def _html_beside(self, text: Template) -> Template | None:
        try:
            html = self._environment.get_template(f"{str(text.name).rpartition('/')[0]}/html.html")
        except TemplateNotFound:
            return None
        # HTML from another directory than the text says something else than the operator's text.
        return html if Path(str(html.filename)).parent == Path(str(text.filename)).parent else None

    def languages(self, kind: Kind) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for file in self._files():
            name, _, rest = file.partition("/")
            if name == kind.value and _PLACE.fullmatch(file):
                language, own = rest.partition("/")[0], any((place / file).is_file() for place in self._places[:-1])
                found[language] = found.get(language, False) or own
        return found

    def asked_for(self) -> dict[str, frozenset[str]]:
        """The facts that each template here asks for."""
        return {file: frozenset(name.name for name in self._names(file)) for file in self._files()}

    def faults(self, *, known: dict[str, frozenset[str]]) -> Iterator[str]:
        files = self._files()
        for file in files:
            yield from self._faults_in(file, files, known)
        wanted = [f"{kind.value}/{DEFAULT_LANGUAGE}/{name}" for kind in Kind for name in ("subject.txt", "text.txt")]
        yield from (f"{file}: is missing" for file in (FRAME, *REPORT, REPORT_WORDS, *wanted) if file not in files)

    def _faults_in(self, file: str, files: list[str], known: dict[str, frozenset[str]]) -> Iterator[str]:
        folder = _folder(file)
        if folder is None:
            yield f"{file}: belongs to no letter; a file is called LETTER/LANGUAGE/subject.txt, text.txt or html.html"
            return
        try:
            path = self._environment.get_template(file).filename
            # What its letter knows, and whatever it includes; a part, what any letter knows.
            shelf = (f"{folder}/", "parts/") if folder else ""
            asked = (names for other, names in known.items() if other.startswith(shelf))
            facts = EVERY_LETTER_KNOWS.union({"code"}, *asked) - ({"code"} if folder in LEAVING else set())
            unknown = [name for name in self._names(file) if name.name not in facts]
            yield from (f"{path}:{name.lineno}: there is nothing called {name.name}" for name in unknown)
            yield from (f"{path}: includes {part}, which is missing" for part in self._parts(file) if part not in files)
        except TemplateSyntaxError as error:
            yield f"{error.filename}:{error.lineno}: {error.message}"
        except (OSError, UnicodeError) as error:
            yield f"{file}: cannot be read ({type(error).__name__})"

    def _files(self) -> list[str]:
        return [file for file in self._environment.list_templates(extensions=["txt", "html", "md"]) if not file.endswith("README.md")]

    def _tree(self, file: str) -> nodes.Template:
        assert self._environment.loader
        return self._environment.parse(self._environment.loader.get_source(self._environment, file)[0])

    def _names(self, file: str) -> Iterator[nodes.Name]:
        """The facts a template asks for, each where it stands first."""
        tree = self._tree(file)
        undeclared = meta.find_undeclared_variables(tree)
        for name in sorted(tree.find_all(nodes.Name), key=lambda name: name.lineno):
            if name.name in undeclared:
                undeclared.remove(name.name)
                yield name

    def _parts(self, file: str) -> list[str]:
        return [part for part in meta.find_referenced_templates(self._tree(file)) if part is not None]

    @pass_context
    def _local(self, context: Context, moment: str) -> str:
        """A stored moment in the organisation's own time and the letter's language: "Monday 23 November 2026, 09:30"."""
        return dates.moment(self._there(moment), context.get("language", DEFAULT_LANGUAGE))

    @pass_context
    def _day(self, context: Context, moment: str) -> str:
        return dates.day(self._there(moment), context.get("language", DEFAULT_LANGUAGE))

    def _there(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment).astimezone(self._policy.zone)

    def _person(self, handle: str) -> str:
        """The name of one of us; whoever has no name here is called what the fact calls them."""
        person = self._policy.person(handle)
        return person.name if person else handle


def _folder(file: str) -> str | None:
    """The letter that a template is of, or the report; empty for what several include, None for what belongs nowhere."""
    if file in (*REPORT, REPORT_WORDS):
        return "report"
    place = _PLACE.fullmatch(file)
    folder = (place[1] or "") if place else None
    return folder if folder in {"", *(kind.value for kind in Kind)} else None


def _place_of(error: Exception) -> str:
    """The file and line of a template where it failed."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith((".txt", ".html"))]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "a template"


def _mistake(error: Exception) -> str:
    """Facts of a preview are invented, so that what the library says of them may be told."""
    if isinstance(error, TemplateNotFound):
        return f"includes {error.name}, which is missing"
    return str(error).rstrip(".") or type(error).__name__
