"""Letters for whoever writes or reads their templates: which there are, and what each looks like."""

from dataclasses import replace

from maild.app.examples import example_policy, examples
from maild.app.house import House
from maild.playbook.letters import Kind, Letter
from maild.render import Rendered, Templates


def templates(house: House) -> Templates:
    """The letters of this organisation, told of invented people."""
    return Templates(example_policy(house.policy), override=house.config.letters.templates)


def in_languages(house: House, kind: Kind) -> list[str]:
    """The languages that a letter is written in, that of the configuration first."""
    return sorted(templates(house).languages(kind), key=lambda language: (language != house.policy.language, language))


def preview(house: House, kind: Kind, *, language: str) -> tuple[Letter, Rendered]:
    """A letter of this kind about a case that never was. Raises `TemplateBroken`."""
    letter = replace(examples(example_policy(house.policy))[kind], language=language)
    return letter, templates(house).preview(letter)
