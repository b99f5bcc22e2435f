"""A letter's words as HTML: made of the plain text, so that no letter is written twice and both say the same.

Our texts have few shapes, and each line tells its own: `| ` stands before words of others, `* ` and `1. ` before the items of a list;
an empty line parts paragraphs. Everything is escaped, so nothing that anybody wrote is ever markup. No colour is set: the reader's own
hold, in the dark too. Nothing is remote, and no address becomes a link that was none.

What comes back quoted in an answer has to be found as surely as the plain text is. So the bars stay (some mail programs quote
`<blockquote>` without a mark), only screen readers pass over them; and tags are a `<span>`, because Thunderbird writes `<code>` and
`<b>` of what somebody copies as `|[take]|` and `*[take]*`.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

BAR = "| "
"""Stands before each line of somebody else's words."""

MOST_MARKED_LINES = 2_000
"""Quoted lines whose bars screen readers are told to pass over. Stops: a mail of line ends only that grows to thirty times its size."""

_ITEM = re.compile(r"\* |(\d{1,3})\. ")
_TAG = re.compile(r"\[[a-z][^\[\]\n]*+\]")
_TYPED = r'<span style="font-family:monospace,monospace">\g<0></span>'
_MARKED = '<span aria-hidden="true">| </span>'
_QUOTE = '<blockquote dir="auto" style="margin:0">'
_NEXT = "<br>\n"


def page_of(text: str, *, tags: bool) -> str:
    """The paragraphs, lists and quotes of a text. With `tags`, what stands in brackets outside of a quote looks like something to type."""
    # HTML makes one space of many; the columns of a pasted table are words too.
    words = escape(text.strip("\n"), quote=False).replace("  ", " \N{NO-BREAK SPACE}")
    return "\n".join(block for paragraph in words.split("\n\n") for block in _blocks(paragraph, tags=tags))


def _blocks(paragraph: str, *, tags: bool) -> Iterator[str]:
    for shape, run in groupby(paragraph.split("\n"), key=_shape):
        lines = list(run)
        if shape == "quote":
            yield _quote(lines)
        else:
            block = f"<p>{_NEXT.join(lines)}</p>" if shape == "paragraph" else _list(shape, lines)
            yield _TAG.sub(_TYPED, block) if tags else block


def _shape(line: str) -> str:
    if line.startswith("|"):
        return "quote" if line.startswith(BAR) or line == "|" else "paragraph"
    item = _ITEM.match(line)
    return "paragraph" if item is None else "ol" if item[1] else "ul"


def _list(shape: str, lines: list[str]) -> str:
    first = lines[0].partition(".")[0]
    start = f' start="{first}"' if shape == "ol" and first != "1" else ""
    return f"<{shape}{start}>\n" + "\n".join(f"<li>{line.partition(' ')[2]}</li>" for line in lines) + f"\n</{shape}>"


def _quote(lines: list[str]) -> str:
    mark = _MARKED if len(lines) <= MOST_MARKED_LINES else BAR
    return _QUOTE + _NEXT.join(f"{mark}{line[len(BAR) :]}" for line in lines) + "</blockquote>"
