"""Reading TOML, and saying in plain words where it breaks off."""

import re
import tomllib
from pathlib import Path
from typing import Any

from maild.config.lines import END, tokens
from maild.errors import ConfigInvalid

LARGEST_FILE = 2**18
"""Bytes: a configuration is a few pages; more is a database or a mailbox named by mistake."""

LONGEST_LINE = 4096
"""Characters: tomllib takes the square of a key's dots (5 s for 40,000 characters)."""

LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)$")

TWICE = "this key or table is there twice (keep one)"
UNCLOSED_TEXT = "a text is not closed (it ends with the quotes it begins with)"
BACKSLASH = r"a backslash in a text (write two, or put the text in single quotes: 'C:\mail')"
UNSEEN = "a character that cannot be seen (type the line anew)"
NO_STATEMENT = "this is neither a comment nor key = value nor [table]"

NO_VALUE = "Invalid value"
CURLY = tuple("\u201c\u201d\u201e\u2018\u2019")
"""What a word processor makes of quotes."""
FLAGS = frozenset({"yes", "no", "on", "off", "true", "false"})
"""What people write for a flag, in any letters."""

PLAIN_WORDS = {
    "Cannot declare": TWICE,
    "Cannot mutate immutable namespace": TWICE,
    "Cannot overwrite a value": TWICE,
    "Cannot redefine namespace": TWICE,
    "Duplicate inline table key": TWICE,
    'Expected \'"""\'': UNCLOSED_TEXT,
    "Expected \"'''\"": UNCLOSED_TEXT,
    'Expected "\'"': UNCLOSED_TEXT,
    "Expected '=' after a key": "a key without = and a value",
    "Expected ']' at the end": "the name of a table is not closed (write ])",
    "Expected ']]' at the end": "the name of a table is not closed (write ]])",
    "Expected newline or end of document": "something is left over after the value (one key to a line; texts stand in quotes)",
    "Found invalid character": UNSEEN,
    "Illegal character '\\n'": UNCLOSED_TEXT,
    "Illegal character": UNSEEN,
    "Invalid hex value": BACKSLASH,
    "Invalid initial character": "no key where one should stand (letters, digits, - and _)",
    "Invalid statement": NO_STATEMENT,
    NO_VALUE: "no value that TOML knows (texts stand in quotes)",
    "Unclosed array": "a list is not closed (write ] and a comma between its elements)",
    "Unclosed inline table": "a table in braces is not closed on its line (write })",
    "Unescaped '\\'": BACKSLASH,
    "Unterminated string": UNCLOSED_TEXT,
}
"""How tomllib's messages begin, and what they mean to somebody who has never heard of a namespace."""


def read_text(path: Path) -> str:
    """The text of a configuration file, with plain line ends. Raises `ConfigInvalid` where there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ConfigInvalid([f"{path}: there is no such file (make it by `maild init`, or name another by --config)"]) from None
    except OSError as error:
        raise ConfigInvalid([f"{path}: cannot be read ({error.strerror})"]) from error
    if len(raw) > LARGEST_FILE:
        raise ConfigInvalid([f"{path}: is larger than {LARGEST_FILE} bytes (is this the right file?)"])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigInvalid([f"{path.name}:{line}: a character that is not UTF-8 (save the file as UTF-8)"]) from None


def read_toml(text: str, *, file: str) -> dict[str, Any]:
    """The tables of a text. Raises `ConfigInvalid` with the line at which it stops being TOML, and never with its words."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise ConfigInvalid([f"{file}:{number}: a line of more than {LONGEST_LINE} characters (break it up)"])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _line(text, message=str(error))
        value = text.split("\n")[at - 1].partition("=")[2].partition("#")[0].strip()
        problem = f"{file}:{at}: {_in_plain_words(str(error), value=value)}"
    except RecursionError:
        problem = f"{file}: lists or tables are nested too deeply"
    raise ConfigInvalid([problem])


def _line(text: str, *, message: str) -> int:
    """The line that tomllib tells, or that of the last thing in the text: what was opened there is never closed."""
    told = LINE.search(message)
    return int(told[1]) if told else max(token.line for token in tokens(text) if token.mark not in ("\n", END))


def _in_plain_words(message: str, *, value: str) -> str:
    """`value` is what stands after the = in that line; no sentence repeats it."""
    if message.startswith(NO_VALUE) and value.startswith(CURLY):
        return 'curly quotes (type straight ones, ")'
    if message.startswith(NO_VALUE) and value.lower() in FLAGS:
        return "a flag is true or false (in small letters, without quotes)"
    return next((words for beginning, words in PLAIN_WORDS.items() if message.startswith(beginning)), "this is not TOML")
