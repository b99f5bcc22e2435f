"""Text as HTML: each shape of a line, and nothing that was markup before."""

import time

import pytest

from maild.page import MOST_MARKED_LINES, page_of

QUOTE = '<blockquote dir="auto" style="margin:0">'
BAR = '<span aria-hidden="true">| </span>'
TAG = '<span style="font-family:monospace,monospace">[take]</span>'

PAGES = [
    ("One.", "<p>One.</p>", "a paragraph"),
    ("One.\nTwo.\n\nThree.\n", "<p>One.<br>\nTwo.</p>\n<p>Three.</p>", "lines and paragraphs"),
    ("Cases:\n* one\n* two\nand more", "<p>Cases:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>and more</p>", "a list between lines"),
    ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>", "a list that counts"),
    ("3. three", '<ol start="3">\n<li>three</li>\n</ol>', "one that goes on counting"),
    ("2026. It was", "<p>2026. It was</p>", "a year is no item"),
    ("*bold* and 1.5", "<p>*bold* and 1.5</p>", "nor is a star or a number without a blank"),
    ("| a\n|\n|  b", f"{QUOTE}{BAR}a<br>\n{BAR}<br>\n{BAR}\N{NO-BREAK SPACE}b</blockquote>", "words of others"),
    ("|a|b|", "<p>|a|b|</p>", "a table that somebody drew is no quote"),
    ("<b>&amp;\"'", "<p>&lt;b&gt;&amp;amp;\"'</p>", "markup is text"),
    ("a  b   c", "<p>a \N{NO-BREAK SPACE}b \N{NO-BREAK SPACE} c</p>", "blanks stay"),
    ("Answer with [take].", f"<p>Answer with {TAG}.</p>", "a tag"),
    ("* [take]", f"<ul>\n<li>{TAG}</li>\n</ul>", "a tag in a list"),
    ("| [take]", f"{QUOTE}{BAR}[take]</blockquote>", "no tag where others speak"),
    ("[1] [Ana] [take\nnow]", "<p>[1] [Ana] [take<br>\nnow]</p>", "other brackets"),
    ("* [take\n* now]", "<ul>\n<li>[take</li>\n<li>now]</li>\n</ul>", "a bracket that is never closed"),
    ("", "<p></p>", "nothing"),
]


@pytest.mark.parametrize(("text", "html", "why"), PAGES, ids=[why for *_, why in PAGES])
def test_a_text_as_a_page(text, html, why):
    """Each line tells by its beginning what it is."""
    assert page_of(text, tags=True) == html


def test_a_letter_that_leaves_the_team_has_no_tags():
    """There, what stands in brackets is what somebody wrote."""
    assert page_of("Answer with [take].", tags=False) == "<p>Answer with [take].</p>"


def test_an_endless_quote_does_not_grow_much():
    """A mail of line ends only is not made thirty times as large."""
    text = "\n".join(["|"] * (MOST_MARKED_LINES + 1))
    assert BAR not in page_of(text, tags=True)
    assert len(page_of(text, tags=True)) < 5 * len(text)
    assert BAR in page_of(text[:-2], tags=True)


@pytest.mark.parametrize("piece", ["[a", "[", "* ", "1. ", "|\n\n", "<", "\n\n", "  "])
def test_no_text_takes_long(piece):
    """A hundred times as much takes about a hundred times as long."""
    page_of(piece * 100, tags=True)
    before = time.monotonic()
    page_of(piece * 100_000, tags=True)
    assert time.monotonic() - before < 2
