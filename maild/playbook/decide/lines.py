"""Tags as a refusal shows them, to be copied."""

from maild.playbook.commands import Command


def anew(command: Command, *words: str, without: str = "", **keys: str) -> str:
    """A command as it would be right: with these words and keys, and without that one."""
    said = [word for word in dict.fromkeys((*command.words, *words)) if word != without]
    set_to = {key: value for key, value in {**command.keys, **keys}.items() if key != without}
    value = f":{command.value}" if command.value else ""
    parts = (*(f"{key}={_shown(one)}" for key, one in set_to.items()), *said)
    return f"[{' '.join((command.verb + value, *parts))}]"


def _shown(value: str) -> str:
    return f'"{value}"' if " " in value else value
