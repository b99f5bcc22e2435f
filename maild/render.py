"""The one door to Jinja2: a letter's facts go in, its words come out.

One folder a letter and language: `templates/KIND/LANGUAGE/{subject.txt,text.txt,html.html}`; `html.html` may be missing. An operator's own
directory comes first, file by file, so that one letter can be changed without copying the rest. Names are strict: a fact a
template asks for and nobody gave is an error, in a test and not in a mail.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from maild.playbook.entry import Fact
from maild.playbook.letters import Kind, Letter
from maild.playbook.policy import Policy

DEFAULT_LANGUAGE = "en"
"""The language in which every letter exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter in words: one line of subject, plain text with LF line ends, and HTML where the letter has it."""

    subject: str
    text: str
    html: str | None


def shipped_templates() -> Path:
    """Where the templates lie that came with maild: inside an installed wheel, or at the top of a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "_templates"
    return installed if installed.is_dir() else here.parent / "templates"


class Templates:
    """All letters of one organisation."""

    def __init__(self, policy: Policy, *, override: Path | None = None) -> None:
        places = [path for path in (override, shipped_templates()) if path is not None]
        # Templates come from root-owned files only; the sandbox is for a mistake in one of them (security.md P-36).
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(path) for path in places]),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._policy = policy
        self._environment.filters |= {"local": self._local, "day": self._day, "quoted": quoted}
        self._known: dict[str, Fact] = {
            "organisation": policy.organisation,
            "mailbox": policy.mailbox,
            "guide_url": policy.guide_url,
            "help_lines": policy.help_lines,
            "separator": policy.separator,
            "fallback": {"name": policy.fallback.name, "address": policy.fallback.address},
            "names": {person.handle: person.name for person in policy.people},
            "timezone": policy.zone.key,
        }
        self._find = lru_cache(maxsize=None)(self._load)

    def letter(self, letter: Letter) -> Rendered:
        """A letter in words. Raises `jinja2.TemplateError` where a template is broken, which `maild check` finds first."""
        facts = {**self._known, **letter.facts, "code": letter.code, "reference": letter.reference, "to": letter.to.name}
        subject, text, html = self._find(letter.kind.value, letter.language or self._policy.language)
        return Rendered(
            subject=" ".join(subject.render(facts).split()),
            text=text.render(facts).strip("\n") + "\n",
            html=html.render(facts) if html else None,
        )

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the templates, a sentence each: a letter that is missing, a file that is no template."""
        return tuple(fault for kind in Kind if (fault := self._fault(kind.value)))

    def _fault(self, kind: str) -> str:
        try:
            self._find(kind, self._policy.language)
        except TemplateSyntaxError as error:
            return f"{error.filename}:{error.lineno}: {error.message}"
        except TemplateNotFound as error:
            return f"templates: {error.name} is missing"
        return ""

    def _load(self, kind: str, language: str) -> tuple[Template, Template, Template | None]:
        folder = next(
            (f"{kind}/{one}" for one in (language, DEFAULT_LANGUAGE) if self._has(f"{kind}/{one}/text.txt")), f"{kind}/{DEFAULT_LANGUAGE}"
        )
        html = f"{folder}/html.html"
        return (
            self._environment.get_template(f"{folder}/subject.txt"),
            self._environment.get_template(f"{folder}/text.txt"),
            self._environment.get_template(html) if self._has(html) else None,
        )

    def _has(self, name: str) -> bool:
        try:
            self._environment.get_template(name)
        except TemplateNotFound:
            return False
        return True

    def _local(self, moment: str) -> str:
        """A stored moment in the organisation's own time: "Monday 23 November 2026, 09:30"."""
        local = datetime.fromisoformat(moment).astimezone(self._policy.zone)
        return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"

    def _day(self, moment: str) -> str:
        local = datetime.fromisoformat(moment).astimezone(self._policy.zone)
        return f"{local:%A} {local.day} {local:%B %Y}"


def quoted(text: str) -> str:
    """Text of somebody else, set off so that no mail program and no reader takes it for ours."""
    return "\n".join(f"| {line}".rstrip() for line in text.strip("\n").split("\n"))
