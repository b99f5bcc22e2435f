"""What the story looks like on a terminal and in a file."""

import io
import os

import pytest

from maild.demo.show import WIDEST, Show, printable, show_on


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(*, width: int = 40, colours: bool = False, **mail: str) -> str:
    out = io.StringIO()
    Show(out=out, colours=colours, width=width).mail("A letter", way="Ana → Ben", **mail)
    return out.getvalue()


def test_a_mail_stands_behind_a_bar():
    """Heading and way, the Subject, then every line of the text, empty ones too."""
    assert printed(subject="Hello", text="One\n\nTwo\n") == "\n┌ A letter  Ana → Ben\n│ Subject: Hello\n│\n│ One\n│\n│ Two\n"


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("short", ["short"]),
        ("a line that is too long for a narrow terminal", ["a line that is too long for a narrow", "terminal"]),
        ("> a quoted line that is too long for this one", ["> a quoted line that is too long for", "> this one"]),
        ("| a quoted line that is too long for this one", ["| a quoted line that is too long for", "| this one"]),
        ("  * an item that is too long for a line of it", ["  * an item that is too long for a", "    line of it"]),
        ("resolve:private-reprimand and-some-more-of-it", ["resolve:private-reprimand", "and-some-more-of-it"]),
        ("x" * 50, ["x" * 38, "x" * 12]),
        (">", [">"]),
    ],
)
def test_long_lines_wrap(line, lines):
    """Quotes and lists keep their front, words stay whole where they can."""
    shown = printed(subject="Hello", text=line).splitlines()[4:]
    assert shown == [f"│ {one}" for one in lines]


def test_nothing_is_wider_than_the_page():
    """Whatever a mail holds, no line passes the width."""
    shown = printed(width=60, subject="word " * 30, text="word " * 100 + "\n> " + "x" * 200)
    assert max(map(len, shown.splitlines())) <= 60


def test_one_line_says_enough():
    """In brief a mail is one line, cut where it is too long."""
    out = io.StringIO()
    Show(out=out, colours=False, width=50).brief("A reminder", way="PyMalta → Ana", subject="[quiet-harbour] Nobody has taken this case")
    assert out.getvalue() == "· A reminder  PyMalta → Ana: [quiet-harbour] …\n"


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        pytest.param(Terminal(), {"TERM": "xterm"}, True, id="a terminal"),
        pytest.param(Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True, id="NO_COLOR is there and empty: not meant"),
        pytest.param(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param(Terminal(), {"TERM": "dumb"}, False, id="a terminal without colours"),
        pytest.param(io.StringIO(), {"TERM": "xterm"}, False, id="a file"),
    ],
)
def test_colours_are_for_terminals(stream, environ, coloured, monkeypatch):
    """Colours only where somebody looks and wants them."""
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    show = show_on(stream)
    show.wrong("careful")
    show.chapter("One")
    assert ("\033[" in stream.getvalue()) is coloured


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("250", WIDEST)])
def test_the_page_is_as_wide_as_the_terminal_at_most(columns, width, monkeypatch):
    """A hundred columns at most, fewer where the terminal has fewer."""
    monkeypatch.setenv("COLUMNS", columns)
    assert show_on(Terminal()).width == width


def test_a_file_gets_the_whole_width(monkeypatch):
    """What is piped into a file does not depend on a terminal."""
    monkeypatch.setenv("COLUMNS", "30")
    with open(os.devnull, "w") as out:
        assert show_on(out).width == WIDEST


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve → ✓\nnext", "naïve → ✓\nnext"),
        ("a\tb", "a b"),
        ("\033[2J\a\r", "\ufffd[2J\ufffd\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
    ],
)
def test_a_mail_cannot_act_on_the_terminal(text, shown):
    """Control characters and changes of direction are shown as what they are."""
    assert printable(text) == shown


def test_lines_of_its_own_stand_as_they_are():
    """Tables and paths are not wrapped; other words are."""
    out = io.StringIO()
    show = Show(out=out, colours=False, width=20)
    show.lines("a table  that   is wide")
    show.say("a sentence that is long")
    show.again("the same to Ben")
    assert out.getvalue() == "\na table  that   is wide\n\na sentence that is\nlong\n└ the same to Ben\n"
