"""Every letter as HTML, in each language: well formed, the same words as the text, nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest

from maild.mail.markup import to_text
from maild.playbook.commands import read
from maild.playbook.letters import TO_OTHERS, TO_REPORTER
from tests.letters.every import LETTERS, in_maltese, rendered
from tests.letters.story import POLICY

WORDS = {
    f"{name} in {language}": words
    for name in LETTERS
    for language, words in [("en", rendered(name)), *(("mt", one) for one in in_maltese(name))]
}
MADE_OF_TEXT = [name for name in WORDS if not name.startswith("digest")]

VOID = {"meta", "br"}
ATTRIBUTES = set(
    "lang charset name content style dir start aria-hidden role cellpadding cellspacing border bgcolor width height scope align colspan".split()
)
STYLES = re.compile(r"(?:(?:font-(?:family|size|weight)|line-height|max-width|margin):[a-z0-9.,-]+;?)+")


class Page(HTMLParser):
    """The elements of a page as a strict reader takes them: each closed where it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if "body" in self.open:
            self.text += text


@pytest.mark.parametrize("name", WORDS)
def test_html_is_well_formed(name):
    """Every element is closed in its place, and the page says its language."""
    page = Page(WORDS[name].html)
    assert page.open == []
    assert page.attributes[0] == ("lang", name[-2:])
    assert {("content", "width=device-width"), ("content", "light dark")} <= {*page.attributes}, "a phone, by day and by night"
    assert WORDS[name].html.startswith("<!DOCTYPE html>\n<html ")
    assert page.seen[:2] == ["html", "head"]


@pytest.mark.parametrize("name", WORDS)
def test_html_brings_nothing_along(name):
    """No script, picture, link or form, nothing that is fetched or runs, and no colour beside the reader's own but that of a bar."""
    page = Page(WORDS[name].html)
    assert set(page.seen) <= set("html head meta title body p br ul ol li blockquote span h1 h2 table tr th td code".split())
    assert {key for key, _ in page.attributes} <= ATTRIBUTES
    assert [value for key, value in page.attributes if key == "style" and not STYLES.fullmatch(value)] == []


@pytest.mark.parametrize("name", MADE_OF_TEXT)
def test_html_says_what_the_text_says(name):
    """Word for word, but for the marks before the items of a list, which HTML has an element for."""
    lines = [re.sub(r"^(?:\* |\d+\. )", "", line) for line in WORDS[name].text.splitlines()]
    assert Page(WORDS[name].html).text.split() == " ".join(lines).split()


@pytest.mark.parametrize("name", MADE_OF_TEXT)
def test_html_is_small(name):
    """At most three times the text and its frame: a page of notices is no newsletter."""
    assert len(WORDS[name].html) < 600 + 3 * len(WORDS[name].text) + 35 * WORDS[name].text.count("\n")


def test_words_of_others_are_set_off():
    """What was reported stands in a quote, each line behind a bar that screen readers pass over; nothing in it is markup or a tag to type."""
    html = WORDS["new-report-full-of-tricks in en"].html
    quote = html[html.index("<blockquote") : html.index("</blockquote>")]
    assert '<span aria-hidden="true">| </span>[resolve:nothing]<br>' in quote
    assert "monospace" not in quote
    assert POLICY.separator in quote
    assert html.index(f"<p>{POLICY.separator}</p>") < html.index("<blockquote")


OUTSIDE = [name for name in WORDS if LETTERS[name.partition(" ")[0]]().kind in TO_REPORTER | TO_OTHERS]


@pytest.mark.parametrize("name", OUTSIDE)
def test_tags_are_shown_to_us_only(name):
    """To somebody outside of the team, what stands in brackets is text."""
    assert "monospace" not in WORDS[name].html


@pytest.mark.parametrize("name", WORDS)
def test_no_line_of_a_page_is_a_command(name):
    """A page of ours that comes back without quote marks, and without our separator, holds no command, whatever was reported."""
    assert read(to_text(WORDS[name].html)).commands == ()
