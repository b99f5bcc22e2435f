"""The body a person reads: which parts make it up, HTML as lines, flowed text, names of attachments, the language."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.markup import DIVIDER, MARKUP_LIMIT, to_text
from maild.mail.parts import Part, parameters, parts_of
from maild.mail.text import ATTACHMENTS_LIMIT, TEXT_LIMIT, body_of, language_of, markup_of, text_of, unflowed

HTML = {
    "paragraphs stand apart": ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
    "divisions are lines": ("<div>One.</div><div>Two.</div>", "One.\nTwo."),
    "an empty division with a break is an empty line": ("<div>One.</div><div><br></div><div>Two.</div>", "One.\n\nTwo."),
    "a break at the end of a block adds nothing": ("<div>One.<br></div><div>Two.</div>", "One.\nTwo."),
    "white space is one space": ("<div>a \n\t b<b> c </b> d</div>", "a b c d"),
    "a no-break space is a space": ("<div>a&nbsp;b</div>", "a b"),
    "entities are letters": ("<p>1 &lt; 2 &amp; 3 &eacute; &#8364;</p>", "1 < 2 & 3 é €"),
    "preformatted lines stay": ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
    "lists": ("<ul><li>one<li>two</ul>", "* one\n* two"),
    "rows and cells": ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    "what is not shown is not read": (
        "<head><title>t</title></head><style>x</style><script>y</script><p style='display: none'>z <b>z</b></p><p>shown</p>",
        "shown",
    ),
    "what Outlook hides": ("<p style='mso-hide:all'>hidden</p>shown", "shown"),
    "comments are nothing": ("<!--[if mso]>x<![endif]-->shown", "shown"),
    "a quote": ("<p>New.</p><blockquote type=cite>Old.<br>Older.</blockquote>", "New.\n\n> Old.\n> Older."),
    "a quote in a quote": ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n>"),
    "an answer between quotes": ("<blockquote>a</blockquote><div>Mine.</div><blockquote>b</blockquote>", "> a\n\nMine.\n\n> b"),
    "an indented passage is no quote": ("<blockquote style='margin:0 0 0 40px;border:none;padding:0'>a</blockquote>", "a"),
    "a border on the left makes it one": ("<blockquote style='border:none;border-left:solid #ccc 1pt'>a</blockquote>", "> a"),
    "Gmail's attribution belongs to the quote": (
        "<div>New.</div><div class='gmail_quote'><div class='gmail_attr'>On Monday Ben wrote:</div><blockquote>Old.</blockquote></div>",
        "New.\n> On Monday Ben wrote:\n\n> Old.",
    ),
    "Gmail's forward is no quote": (
        "<div class='gmail_quote'><div class='gmail_attr'>---------- Forwarded message ---------</div>Passed on.</div>",
        "---------- Forwarded message ---------\nPassed on.",
    ),
    "Yahoo's quote": ("New.<div class='yahoo_quoted'><div>On Monday Ben wrote:</div>Old.</div>", "New.\n> On Monday Ben wrote:\n> Old."),
    "GMX's quote": ("New.<div name='quote'>Old.</div>", "New.\n> Old."),
    "Thunderbird's attribution": ("New.<div class='moz-cite-prefix'>On Monday Ben wrote:</div>", "New.\n> On Monday Ben wrote:"),
    "Outlook's divider by its name": ("New.<div id='divRplyFwdMsg'>From: Ben</div>Old.", f"New.\n{DIVIDER}\nFrom: Ben\nOld."),
    "Outlook's divider by its style": (
        "New.<div style='border:none;border-top:solid #E1E1E1 1.0pt'>From: Ben</div>Old.",
        f"New.\n{DIVIDER}\nFrom: Ben\nOld.",
    ),
    "two marks of one divider": ("New.<div id=appendonsend></div><hr id=stopSpelling>Old.", f"New.\n{DIVIDER}\n\nOld."),
    "Word's paragraphs are lines": ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
    "a paragraph without margin is a line": ("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a\nb"),
    "a signature the markup shows": ("<div>New.</div><div class='gmail_signature'>Ana</div>", "New.\n-- \nAna"),
    "a signature above a quote": ("New.<div class='moz-signature'>Ana</div><blockquote>Old.</blockquote>", "New.\n-- \nAna\n\n> Old."),
    "words below a signature keep it": ("<div id='AppleMailSignature'>Ana</div><div>New.</div>", "Ana\nNew."),
    "a signature that has its line": ("New.<pre class='moz-signature'>-- \nAna</pre>", "New.\n\n--\nAna"),
    "where a link leads": ("See <a href='https://x.example/p'>this post</a>.", "See this post <https://x.example/p>."),
    "a link that says it": ("<a href='https://x.example/'>x.example</a> <a href='mailto:a@b.example'>Ana</a>", "x.example Ana"),
    "a face": ("Hello <img alt='😀'><img alt='The logo of a company'>", "Hello 😀"),
    "tags that are never closed": ("<div><b>a<p>b", "a\n\nb"),
    "no HTML at all": ("just words", "just words"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("html", "text"), HTML.values(), ids=HTML)
def test_html_is_read_as_it_is_shown(html: str, text: str) -> None:
    """The lines are those a reader sees; quotes, dividers and signatures are marked as in plain text."""
    assert to_text(html).strip("\n") == text


GROWING: dict[str, Callable[[int], str]] = {
    "elements inside each other": lambda n: "<div>" * n,
    "quotes inside each other": lambda n: "<blockquote>x" * n,
    "attributes in one tag": lambda n: "<a " + " ".join(f"a{i}" for i in range(n)) + ">",
    "attributes that look like tags": lambda n: "<a " + " ".join(f"a{i}<" for i in range(n)) + ">",
    "formatting inside each other": lambda n: "<font size=1>" * n + "<p>x" * n,
    "lists inside each other": lambda n: "<ul><li>" * n,
    "text without an end": lambda n: "x" * n * 10,
    "entities": lambda n: "&amp;" * n,
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_hostile_html_is_bounded(grow: Callable[[int], str]) -> None:
    """A megabyte of the worst HTML costs seconds at most, and gives text."""
    html = grow(200_000)
    started = time.process_time()
    text = to_text(html)
    assert time.process_time() - started < 5
    assert len(text) <= 2 * MARKUP_LIMIT


def test_a_word_is_not_torn_by_the_bounds() -> None:
    """Where long text is broken for safety, nothing is lost and nothing added."""
    words = "word " * 30_000
    assert to_text(f"<p>{words}</p>").strip() == words.strip()


@given(st.text(st.sampled_from("<>/ab \"'=&;#!-p"), max_size=60))
def test_any_html_gives_text(html: str) -> None:
    """Whatever the tags, reading them ends and gives text."""
    to_text(html).encode("utf-8")


FLOWED = [
    ("a \nb", False, "a b", "a soft line end"),
    ("a\nb", False, "a\nb", "a hard one"),
    ("a \nb", True, "ab", "DelSp: the space belongs to the line end"),
    ("> a \n> b\nc", False, "> a b\nc", "inside a quote"),
    ("> a \n>> b", False, "> a \n>> b", "never across depths"),
    (" >a", False, ">a", "space-stuffing"),
    ("a \n-- \nb", False, "a \n-- \nb", "a signature line does not flow"),
    ("-- \nb", False, "-- \nb", "and nothing flows into it"),
]


@pytest.mark.parametrize(("text", "delsp", "read", "why"), FLOWED, ids=[why for *_, why in FLOWED])
def test_flowed_text(text: str, delsp: bool, read: str, why: str) -> None:
    """RFC 3676, line by line."""
    assert unflowed(text, delsp=delsp) == read, why


def tree(*lines: str) -> Part:
    return parts_of("\n".join(lines).encode())


def test_a_part_with_a_name_is_an_attachment() -> None:
    """Text that the writer attached is listed, not shown."""
    text, attachments = body_of(
        tree(
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "",
            "Shown.",
            "--b",
            "Content-Disposition: attachment; filename=a.txt",
            "",
            "Attached.",
            "--b--",
        )
    )
    assert text == "Shown."
    assert [(one.name, one.type, one.size) for one in attachments] == [("a.txt", "text/plain", 9)]


def test_the_charset_of_html_may_stand_inside() -> None:
    """HTML without a label is read under the one in its meta element."""
    part = parts_of(b"Content-Type: text/html\n\n<meta charset='koi8-r'><p>\xf0\xd2\xc9\xd7\xc5\xd4</p>")
    assert text_of(part).strip() == "Привет"


def test_the_html_alternative_alone() -> None:
    """The other alternative can be read too, for comparing commands."""
    both = tree(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "",
        "Plain.",
        "--b",
        "Content-Type: text/html",
        "",
        "<p>Rich.</p>",
        "--b--",
    )
    assert body_of(both) == ("Plain.", ())
    assert markup_of(both).strip() == "Rich."


APPLE = """\
Content-Type: multipart/alternative; boundary=a

--a

Plain.
--a
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/html

<p>Rich.</p>
--m
Content-Type: application/pdf; name=scan.pdf

x
--m
Content-Type: text/html

<p>More.</p>
--m--
--a--
"""

OF_ALTERNATIVES = {
    "a picture of the HTML": (
        "multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p>R</p>\n--r\nContent-Type: image/png\n\nx\n--r--",
        ["image/png"],
    ),
    "an invitation": ("text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR", ["text/calendar"]),
    "a form for phones": ("text/x-amp-html\n\n<html amp4email>", []),
    "a form for watches": ("text/watch-html\n\n<p>R</p>", []),
    "a named file": ("text/html; name=page.html\nContent-Disposition: attachment\n\n<p>R</p>", ["text/html"]),
    "nothing": ("text/html\n\n ", []),
}


@pytest.mark.parametrize(("second", "types"), OF_ALTERNATIVES.values(), ids=OF_ALTERNATIVES)
def test_the_same_in_another_form_is_no_attachment(second: str, types: list[str]) -> None:
    """What says the same as the text that is shown was not attached by anybody; whatever stands beside it was."""
    part = parts_of(f"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nPlain.\n--b\nContent-Type: {second}\n--b--\n".encode())
    text, attachments = body_of(part)
    assert (text, [one.type for one in attachments]) == ("Plain.", types)


def test_alternatives_deep_inside() -> None:
    """Apple Mail puts the files into the richer alternative, between pieces of HTML; a signature stands around all of it."""
    text, attachments = body_of(parts_of(APPLE.encode()))
    assert (text, [one.name for one in attachments]) == ("Plain.", ["scan.pdf"])
    around = f"Content-Type: multipart/signed; boundary=s\n\n--s\n{APPLE}\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--\n"
    assert [one.type for one in body_of(parts_of(around.encode()))[1]] == ["application/pdf", "application/pgp-signature"]


def test_alternatives_that_are_all_empty() -> None:
    """Nothing said in several ways is nothing."""
    assert body_of(tree("Content-Type: multipart/alternative; boundary=b", "", "--b", "", " ", "--b--"))[0] == ""


def test_long_bodies_are_cut_and_long_lists_too() -> None:
    """No more text and attachments are read than anybody wants to see."""
    assert len(body_of(parts_of(b"Subject: x\n\n" + b"words " * 400_000))[0]) == TEXT_LIMIT
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: image/png\n\nx\n" * 400 + b"--b--\n"
    assert len(body_of(parts_of(many))[1]) == ATTACHMENTS_LIMIT


@pytest.mark.parametrize(
    ("encoding", "encoded", "size"),
    [("base64", "QUJD\nREU=\n", 5), ("base64", "QUI=", 2), ("quoted-printable", "=41b", 2), ("7bit", "abc", 3), ("", "abc", 3)],
)
def test_sizes_of_attachments(encoding: str, encoded: str, size: int) -> None:
    """A size is that of the decoded bytes, also where nothing was decoded."""
    assert tree("Content-Type: image/png", f"Content-Transfer-Encoding: {encoding}", "", encoded).size == size


PARAMETERS = [
    ('text/plain; charset="utf-8"', {"charset": "utf-8"}, "quoted"),
    ("text/plain; charset=utf-8 ; format = flowed", {"charset": "utf-8", "format": "flowed"}, "spaces"),
    ("a/b; name=two words.txt; x=y", {"name": "two words.txt", "x": "y"}, "spaces without quotes"),
    (r'a/b; name="a\"b\\c"', {"name": 'a"b\\c'}, "quoted pairs"),
    (r'a/b; name="C:\dir\f.txt"', {"name": r"C:\dir\f.txt"}, "backslashes of a path"),
    ("a/b; name=x; name=y", {"name": "x"}, "the first of a name"),
    ("a/b; name*0=a; name*1=b", {"name": "ab"}, "pieces"),
    ("a/b; name*1=b; name*0=a", {"name": "ab"}, "pieces out of order"),
    ("a/b; name*=utf-8''%C3%A9", {"name": "é"}, "percent-encoded"),
    ("a/b; name*0*=iso-8859-1'de'%E9; name*1=a", {"name": "éa"}, "pieces, the first percent-encoded"),
    ("a/b; name*=nonsense", {"name": "nonsense"}, "percent-encoded without a charset"),
    ("a/b; name=plain; name*=utf-8''b%C3%A9", {"name": "bé"}, "the encoded form is preferred (RFC 6266 section 4.3)"),
    ('a/b; name="without an end', {"name": "without an end"}, "a quote without an end"),
    ("a/b; ; =x; name", {}, "nonsense"),
    ("", {}, "nothing"),
]


@pytest.mark.parametrize(("value", "read", "why"), PARAMETERS, ids=[why for *_, why in PARAMETERS])
def test_parameters(value: str, read: dict[str, str], why: str) -> None:
    """Parameters of MIME headers, also those that break the rules."""
    assert parameters(value) == read, why


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I was there and he said that it was not for me.", "en"),
        ("Jien kont hemm meta qal li ma rridx, u din mhux sewwa għax hija ħażina.", "mt"),
        ("Hi, somebody followed me to my room.", "en"),
        ("Ieri filghaxija kont hemm u wiehed qalli xi haga hazina. Jien ma weġibtx ghax kont mbezzgha.", "mt"),
        ("Bonġu, xi ħadd segwieni sal-kamra.", ""),
        ("Xi ħadd għajjat miegħi waqt il-laqgħa.", "mt"),
        ("Bongu, xi hadd segwieni sal-kamra.", ""),
        ("I met him in Ħaġar Qim, in Għaxaq and in Ħamrun.", ""),
        ("It was at Ħaġar Qim that he followed me, and then in Għaxaq and the bus to Ħamrun.", "en"),
        ("Ich war dort und er hat mich beleidigt.", ""),
        ("Buna ziua, va scriu din partea echipei. Din pacate ma doare, ta, din nou, si li se pare normal.", ""),
        ("Het was een man van de organisatie, is dat of was dat normaal? Dan is het niet of ook wel.", ""),
        ("Jeg var i salen, og der var to mænd, som sagde at jeg ikke have noget at gøre der.", ""),
        ("To był on i to było straszne, i nie wiem co robić.", ""),
        ("kien kien kien kien", ""),
        ("the", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    """English and Maltese are told by their little words; where those are few, nothing is claimed."""
    assert language_of(text) == language
