"""HTML to the text a reader would have seen, line by line; quoted passages become `> ` lines, so that one set of rules finds them.

selectolax's lexbor reads the HTML as browsers do. Nothing is fetched, and nothing of the markup survives.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MARKUP_LIMIT = 1_000_000
"""Characters of HTML that are read."""
_TAGS_LIMIT = 20_000
"""`<` that are read: 20,000 elements inside each other cost lexbor 0.4 s, and that grows with the square."""
_RUN_LIMIT = 1_000
"""Characters between two `<`: 150,000 attributes in one tag cost lexbor 68 s. The `>` of a `<wbr>` ends such a tag; in text it is nothing."""
_HARMLESS_LENGTH = 20_000
"""HTML too short to hurt by either."""
_RUN = re.compile(rf"([^<]{{{_RUN_LIMIT}}})|[^<]++")
_DEPTH_LIMIT = 10
"""Levels of `> `: 10,000 quotes inside each other would make every line 20 kB long."""

DIVIDER = "_" * 32
"""The line Outlook writes in plain text above the mail it answers; every divider that only the markup shows becomes this line."""
SIGNATURE = "-- "
"""The line above a signature (RFC 3676 section 4.3), written where only the markup marks one."""

_TARGET_LENGTH = 200
"""Characters of a link that is shown; longer ones only tell who follows whom."""
_EMOJI_LENGTH = 8
"""Characters of an image's alternative text that are shown: a face, not the name of a logo."""

_UNSEEN_TAGS = frozenset("head style script title template noscript object iframe svg math select option button textarea".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_APART = frozenset("p h1 h2 h3 h4 h5 h6 ul ol pre blockquote dl hr".split())
_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_INDENTED = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_TIGHT = re.compile(r"margin(?:-bottom)?\s*:\s*0", re.IGNORECASE)
_OUTLOOK_RULE = re.compile(r"border-top\s*:\s*solid\s+[#a-z0-9]+\s+1\.0pt", re.IGNORECASE)
_DIVIDER_IDS = ("appendonsend", "divrply", "divrpf", "stopspelling", "zwchr", "olk_src_body", "mail-editor-reference-message")
_QUOTE_CLASSES = ("gmail_attr", "moz-cite-prefix", "yahoo_quoted")
_FORWARD = re.compile(r"\s*-----")
"""How the line above a forwarded mail begins: what is passed on is no quote."""
_SIGNATURES = ("gmail_signature", "moz-signature", "applemailsignature", "ms-outlook-mobile-signature")


def to_text(html: str) -> str:
    """The text of an HTML body: one line a block, `> ` before quoted lines, `DIVIDER` and `SIGNATURE` where the markup shows them."""
    page = _Page()
    _walk(LexborHTMLParser(_tamed(html)).root, page)
    return page.text()


def _tamed(html: str) -> str:
    """HTML that no parser spends more than linear time on."""
    html = html[:MARKUP_LIMIT]
    if len(html) < _HARMLESS_LENGTH:
        return html
    if html.count("<") > _TAGS_LIMIT:
        html = "<".join(html.split("<", _TAGS_LIMIT)[:_TAGS_LIMIT])
    return _RUN.sub(lambda run: f"{run[1]}<wbr>" if run[1] else run[0], html)


def _walk(top: LexborNode | None, page: "_Page") -> None:
    """Enter and leave every element in order; without recursion, because nothing limits how deep HTML nests."""
    node, entering, level = top, True, 0
    while node is not None:
        (page.enter if entering else page.leave)(node)
        if entering and node.child is not None:
            node, level = node.child, level + 1
        elif entering:
            entering = False
        elif level == 0:
            return
        elif node.next is not None:
            node, entering = node.next, True
        else:
            node, level = node.parent, level - 1


class _Page:
    """The lines written so far, and what is open around the place where the next word goes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._open: list[str] = []
        self._depth = self._unseen = self._pre = 0
        self._signature = (0, 0)

    def text(self) -> str:
        """Everything written; a signature is marked where nothing but quotes follows it."""
        self._end_line()
        start, end = self._signature
        follows = any(line.strip() and not line.startswith(">") for line in self._lines[end:])
        if end > start and not follows and not self._lines[start].startswith("--"):
            self._lines.insert(start, SIGNATURE)
        return "\n".join(self._lines)

    def enter(self, node: LexborNode) -> None:
        """Begin an element, or write a text."""
        tag = node.tag or ""
        if tag.startswith("-"):
            self._open.append("")
            self._write(node.text_content or "" if tag == "-text" and not self._unseen else "")
            return
        meaning = "unseen" if self._unseen else _meaning(tag, node.attributes)
        if meaning == "quote" and tag == "div" and _FORWARD.match(node.text()[:200]):
            meaning = ""
        self._open.append(meaning)
        self._unseen += meaning == "unseen"
        if not self._unseen:
            self._begin(tag, meaning, node)

    def _begin(self, tag: str, meaning: str, node: LexborNode) -> None:
        self._break(tag, meaning)
        self._depth += meaning == "quote"
        self._pre += tag == "pre"
        if meaning == "divider":
            self._divide()
        elif meaning == "signature":
            self._signature = (len(self._lines), 0)
        elif tag == "br":
            self._end_line(always=True)
        elif tag == "li":
            self._line.append("* ")
        elif tag in ("td", "th") and self._line:
            self._line.append(" ")
        elif tag == "img":
            shown = node.attributes.get("alt") or ""
            self._write(shown if len(shown) <= _EMOJI_LENGTH else "")

    def leave(self, node: LexborNode) -> None:
        """End an element."""
        tag, meaning = node.tag or "", self._open.pop()
        if self._unseen:
            self._unseen -= meaning == "unseen"
            return
        if tag == "a":
            self._write(_target(node))
        if meaning or tag in _BLOCKS:
            self._end_line()
        self._depth -= meaning == "quote"
        self._pre -= tag == "pre"
        if tag in _APART and meaning != "tight":
            self._gap()
        if meaning == "signature":
            self._signature = (self._signature[0], len(self._lines))

    def _break(self, tag: str, meaning: str) -> None:
        if meaning or tag in _BLOCKS:
            self._end_line()
        if tag in _APART and meaning != "tight":
            self._gap()

    def _write(self, text: str) -> None:
        if self._pre:
            *whole, text = text.replace("\r", "").split("\n")
            for line in whole:
                self._line.append(line)
                self._end_line(always=True)
        else:
            text = _SPACES.sub(" ", text)
            if not self._line or self._line[-1].endswith(" "):
                text = text.lstrip(" ")
        if text:
            self._line.append(text)

    def _end_line(self, *, always: bool = False) -> None:
        if self._line or always:
            self._lines.append(self._prefix() + "".join(self._line).replace("\xa0", " ").rstrip())
            self._line.clear()

    def _prefix(self) -> str:
        return "> " * min(self._depth, _DEPTH_LIMIT)

    def _gap(self) -> None:
        """An empty line, unless there is one."""
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._prefix().rstrip())

    def _divide(self) -> None:
        if DIVIDER not in self._lines[-3:]:
            self._lines.append(self._prefix() + DIVIDER)


def _meaning(tag: str, attributes: dict[str, str | None]) -> str:
    """What an element says beyond its tag: `quote`, `divider`, `signature`, `unseen`, `tight` (a paragraph that is a line), or nothing."""
    if tag in _UNSEEN_TAGS:
        return "unseen"
    if not attributes:
        return "quote" if tag == "blockquote" else ""
    style = attributes.get("style") or ""
    if _UNSEEN.search(style):
        return "unseen"
    if tag == "blockquote":
        return "" if _INDENTED.search(style) and "border-left" not in style else "quote"
    name = f"{attributes.get('id') or ''} {attributes.get('class') or ''} ".lower()
    if name.startswith(_DIVIDER_IDS) or _OUTLOOK_RULE.search(style):
        return "divider"
    if any(mark in name for mark in _QUOTE_CLASSES) or attributes.get("name") == "quote":
        return "quote"
    if any(mark in name for mark in _SIGNATURES):
        return "signature"
    return "tight" if tag == "p" and (" mso" in f" {name}" or _TIGHT.search(style)) else ""


def _target(link: LexborNode) -> str:
    """Where a link leads, if its text does not say so: what somebody was sent to may be what a report is about."""
    target = link.attributes.get("href") or ""
    told = link.text().strip()
    _, web, place = target.partition("://")
    worth = told and web and target.startswith("http") and len(target) <= _TARGET_LENGTH
    return f" <{target}>" if worth and place.rstrip("/") not in told else ""
