"""The lines with which mail programs open what is not new: attributions, header blocks, dividers."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from maild.mail.quoting import words
from maild.mail.quoting.lines import Line, next_written
from maild.mail.quoting.words import LABELS, Label

ATTRIBUTION_LINES = 5
"""An attribution is wrapped over at most this many lines."""
HEADER_LINES = 14
"""A quoted header block, wrapped addresses and blank lines included, is looked for within this many lines."""
NAME_WORDS = 6
"""The writer of a mail is named in at most this many words, an address included."""
NAME_WIDTH = 120
"""The same in characters, the verb included."""
LABEL_WIDTH = 30
"""No label of a header line is longer than this."""

_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"(?<![\d./-])\d{1,2}[:.h]\d{2}(?![\d./-])")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)|(?<!\d)\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2}")
_OFFSET = re.compile(r"\b(?:GMT|UTC)[+-]\d")
_VERBS = "|".join(map(re.escape, sorted(words.WROTE, reverse=True)))
_VERB = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)|{'|'.join(map(re.escape, words.WROTE_JOINED))}", re.IGNORECASE)
_VERB_BEGINS = re.compile(rf"(?<!\w)(?:{_VERBS}|{'|'.join(map(re.escape, words.HAS))})(?!\w)", re.IGNORECASE)
_STAMPED = re.compile(r"[>)] ?\[[^\[\]]{6,40}\]\W?\Z")
"""How mutt's users like it: `* Ana <ana@example.org> [2026-05-03 9:42]:`."""
_SENDER_WROTE = re.compile(rf"[>)\]] ?(?:{_VERBS})\W*\Z", re.IGNORECASE)
_ARROWED = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?: ?[ap]\.?m\.?)? ?>>>\Z", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]{1,40}\)")
"""`Ana Borg (she/her)`."""
_TITLE = re.compile(r"[-—_=]{4,}+[^-—_=][^\n]{0,60}?[-—_=]{4,}+")
QUOTE_BY_NAME = re.compile(r"[^\W_]{1,12}>|\|")
"""`Ana> her words`, as Emacs quotes, and `| her words`."""
_DECORATION = "-–—_=*#~"
_DECORATIONS = tuple(_DECORATION)
COLONS = (":", "：")


def attribution_length(lines: Sequence[Line], at: int, *, unsure: bool = False) -> int:
    """How many lines from `at` on say who wrote what follows, and when; 0 where none begins there. `unsure`: or may say so."""
    joined, shortest = "", 0
    for count, line in enumerate(_wrapped(lines, at), 1):
        joined = f"{joined} {line.bare}".strip()
        if is_attribution(joined, below=next_written(lines, at + count, within=3), unsure=unsure):
            if joined.endswith(COLONS):
                return count
            shortest = shortest or count
    return shortest


def is_arrowed(lines: Sequence[Line], at: int) -> bool:
    """Between arrows, as GroupWise writes it above text that it does not mark: `>>> Ana <ana@example.org> 3/5/2026 9:42 >>>`."""
    line = lines[at]
    if not line.raw.startswith(">>> "):
        return False
    if line.bare.endswith(">>>"):
        named = "@" in line.bare or (line.bare[:1].isalpha() and _ARROWED.search(line.bare))
        return bool(named and _DATE.search(line.bare))
    below = next_written(lines, at + 1, within=3)
    return below is not None and not below.quoted and is_attribution(line.bare, below=below)


def _wrapped(lines: Sequence[Line], at: int) -> Iterator[Line]:
    """The lines that may be one wrapped attribution."""
    dated = begins_dated(lines[at].bare) or begins_named(lines[at].bare)
    if not dated and "@" not in lines[at].bare:
        return
    open_brackets = 0
    for index, line in enumerate(lines[at : at + (ATTRIBUTION_LINES if dated else 2)], at):
        if index > at and _starts_anew(lines, index, inside=open_brackets > 0):
            return
        open_brackets += line.bare.count("<") - line.bare.count(">")
        yield line


def _starts_anew(lines: Sequence[Line], at: int, *, inside: bool) -> bool:
    """The line cannot be a continuation of the one before; `inside`: an angle bracket is still open."""
    before, line = lines[at - 1], lines[at]
    if not line.bare:
        return at + 1 == len(lines) or not lines[at + 1].bare.startswith("<")
    if line.quoted != before.quoted and not inside:
        return True
    return before.bare.endswith((".", "!", "?")) or (line.bare[0].isupper() and begins_dated(line.bare))


def begins_dated(bare: str) -> bool:
    """A date may stand at the beginning: a digit in the first two words, or a word such as `On` and a digit later."""
    if _DIGIT.search(bare) is None:
        return False
    first = bare[:80].lstrip(_DECORATION + " ").split(None, 2)[:2]
    return _DIGIT.search("".join(first)) is not None or "".join(first[:1]).casefold() in words.OPENERS


def begins_named(bare: str) -> bool:
    """A name, then that its bearer wrote, then a date: `Ana Borg wrote on 3 May 2026`, `Ana Borg hat am 3.5.2026 geschrieben`."""
    if _DIGIT.search(bare) is None:
        return False
    verb = _VERB_BEGINS.search(bare[:NAME_WIDTH])
    if verb is None or _VERB.search(bare) is None:
        return False
    return _is_name(bare[: verb.start()].split()) and begins_dated(bare[verb.end() :].lstrip("( "))


def _is_name(named: list[str]) -> bool:
    """Neither `he` nor `my boss`: a name has a capital letter where its script has them."""
    if not 0 < len(named) <= NAME_WORDS or named[-1].casefold() in words.PEOPLE:
        return False
    return "@" in named[-1] or not (named[0][0].islower() or named[-1][0].islower())


def is_attribution(joined: str, *, below: Line | None, unsure: bool = False) -> bool:
    """Is this whole line, unwrapped, an attribution? `below`: the next written line; a quote mark or our separator settles a doubt."""
    text = joined.strip(_DECORATION + " ")
    closed = text.endswith(COLONS)
    if not (closed or "@" in text or _OFFSET.search(text)):
        return False
    followed = below is not None and (below.quoted or below.ours or QUOTE_BY_NAME.match(below.bare) is not None)
    named = unsure or followed or "@" in text
    if _is_form_with_verb(text, closed=closed, followed=followed) and names_a_writer(text) and (named or _writer_has_a_capital(text)):
        return True
    if closed and followed and "@" in text and text.casefold().startswith(words.CITES):
        return True
    if closed and followed and _STAMPED.search(text) and _DATE.search(text) and _TIME.search(text):
        return True
    if closed and (followed or "@" in text) and begins_named(text) and (_DATE.search(text) or _TIME.search(text)):
        return True
    if begins_dated(text) and _is_form_without_verb(text, closed=closed, followed=followed, unsure=unsure):
        return unsure or not closed or not _is_sentence(text)
    return below is not None and below.ours and closed and ("@" in text or _TIME.search(text) is not None)


def _is_form_with_verb(text: str, *, closed: bool, followed: bool) -> bool:
    """`On 3 May 2026 at 9:42, Ana wrote:`, `Am 3.5.2026 um 9:42 schrieb Ana:`, `Ana <ana@example.org> wrote:`."""
    dated, timed = _DATE.search(text) is not None, _TIME.search(text) is not None
    if "@" in text and _SENDER_WROTE.search(text):
        return closed or (dated and timed)
    if dated and timed:
        return "@" in text or (closed and begins_dated(text))
    return closed and (dated or timed) and ("@" in text or followed) and begins_dated(text)


def _is_form_without_verb(text: str, *, closed: bool, followed: bool, unsure: bool) -> bool:
    """`2026-05-03 9:42 GMT+01:00 Ana <ana@example.org>:` and its kin."""
    if _DATE.search(text) is None:
        return False
    timed = _TIME.search(text) is not None
    if offset := _OFFSET.search(text):
        named = text[offset.end() :].lstrip("0123456789:").split()
        return (unsure or "@" in text or followed or _is_full_name(named)) and not text.endswith("<")
    if "@" in text and (closed or text.endswith(">")):
        return timed or followed
    return followed and closed and timed


def _is_full_name(named: list[str]) -> bool:
    """Two words or more with a capital each: `Ana Borg`, and not `in the bar`."""
    return len(named) > 1 and all(word[:1].isupper() for word in named)


def names_a_writer(text: str) -> bool:
    """A verb of writing stands last, or inside a line that ends in a colon, and no `he` or `she` stands beside it."""
    verb = _last_verb(text)
    if verb is None or _is_sentence(text):
        return False
    return text.endswith(COLONS) or not any(map(str.isalnum, text[verb.end() :]))


@lru_cache(maxsize=16)
def _last_verb(text: str) -> re.Match[str] | None:
    """The last verb of writing. Each line is asked for it several times in a row, and a long one takes 0.3 ms."""
    return next(reversed(list(_VERB.finditer(text))), None)


def _is_sentence(text: str) -> bool:
    """Beside the verb stands `he` or its kin: somebody tells a story."""
    verb = _last_verb(text)
    if verb is None:
        return False
    beside = *text[: verb.start()].split()[-1:], *text[verb.end() :].split()[:1]
    return any(word.strip(",.:：") in words.PEOPLE for word in beside) or text[: verb.start()].rstrip().endswith(words.PEOPLE_JOINED)


def _writer_has_a_capital(text: str) -> bool:
    """`9:42, Ana Borg wrote:` names somebody; `9:42 my boss wrote:` and `9:42 Ana wrote again:` tell of it, as does every script without
    capitals: whoever writes so above words without any mark is more likely to go on with a story than to be a mail program."""
    verb = _last_verb(text)
    if verb is None:
        return False
    before, after = reversed(_ASIDE.sub(" ", text[: verb.start()]).split()), text[verb.end() :].split()
    named = after if after and after[0][0].isalpha() else before
    name = [word.strip("\"'“„«(*_,:") for word in takewhile(lambda word: not _DIGIT.search(word), named)]
    return any(word[:1].isupper() for word in name) and not name[0][:1].islower()


def headers_length(lines: Sequence[Line], at: int) -> int:
    """How many lines from `at` on are the header block of a quoted mail; 0 where none begins there."""
    found, end = _headers(lines, at)
    if Label.FROM in found and found & {Label.SENT, Label.SUBJECT} and len(found) >= 3 and _is_of_a_mail(lines[at:end]):
        return end - at
    return _foreign_headers_length(lines, at)


def _is_of_a_mail(block: Sequence[Line]) -> bool:
    """An address, or a date or time with a name that no small letter begins: `Date: I think Tuesday` is somebody's answer to a form."""
    joined = "\n".join(line.bare for line in block)
    if "@" in joined:
        return True
    named = next(
        (line.bare.replace("：", ":").partition(":")[2].strip("*_ \t\u00a0") for line in block if Label.FROM in _labels(line.bare)), ""
    )
    return not (named[:1].islower() or named[:1].isdigit()) and (_DATE.search(joined) is not None or _TIME.search(joined) is not None)


def may_open_headers(lines: Sequence[Line], at: int) -> bool:
    """Somebody's name after a label, and one label more: too few to be sure of a header block."""
    found = _headers(lines, at)[0]
    return Label.FROM in found and len(found) >= (2 if Label.FROM in _labels(lines[at].bare) else 3)


def _headers(lines: Sequence[Line], at: int) -> tuple[set[Label], int]:
    """Which labels stand in the lines from `at` on, and the line after the last of them."""
    found: set[Label] = set()
    end = at
    for index, line in enumerate(lines[at : at + HEADER_LINES], at):
        labels = _labels(line.bare)
        if labels:
            found, end = found | labels, index + 1
        if not found or index - end >= 2:
            break
    return found, end


def _labels(bare: str) -> set[Label]:
    """The label before the first colon, and those after it where somebody put a whole block on one line."""
    names = bare.replace("：", ":").split(":")[:-1]
    if not names or len(names[0]) > LABEL_WIDTH:
        return set()
    first = LABELS.get(names[0].strip("*_| \t").casefold())
    if first is None:
        return set()
    more = (LABELS.get(name.split()[-1].strip("*_").casefold()) for name in names[1:6] if name.strip())
    return {first, *(label for label in more if label is not None and first is Label.FROM)}


def _foreign_headers_length(lines: Sequence[Line], at: int) -> int:
    """Three lines or more with a label each and an address among them, right above our separator: labels we do not know."""
    end = at
    while end < min(at + HEADER_LINES, len(lines)) and ":" in lines[end].bare[:LABEL_WIDTH]:
        end += 1
    if end - at < 3 or not any("@" in line.bare for line in lines[at:end]):
        return 0
    below = next_written(lines, end, within=4)
    return end - at if below is not None and below.ours else 0


def is_original_divider(lines: Sequence[Line], at: int) -> bool:
    """`-----Original Message-----` and its kin; also the `## reply above this line ##` of other programs.

    Between stars or after a hash it is somebody's heading, unless a line of dashes stands above. Between dashes right above a header
    block it is a divider in any language.
    """
    bare = lines[at].bare
    if not _is_decorated(bare):
        return False
    name = _divider_name(bare)
    if any(phrase in name for phrase in words.REPLY_ABOVE):
        return True
    if _TITLE.fullmatch(bare) and at + 1 < len(lines) and headers_length(lines, at + 1):
        return True
    heading = bare[:1] in ("*", "#") and not (at and lines[at - 1].bare and not lines[at - 1].bare.strip(_DECORATION))
    return not heading and name in words.ORIGINAL


def is_forward_divider(bare: str) -> bool:
    """`---------- Forwarded message ---------`, `Begin forwarded message:` and their kin."""
    name = _divider_name(bare)
    return name in words.FORWARD_BEGINS or (_is_decorated(bare) and (name in words.FORWARDED or name.startswith("forwarded by ")))


def _is_decorated(bare: str) -> bool:
    return bare.startswith(_DECORATIONS)


def _divider_name(bare: str) -> str:
    return bare.strip(_DECORATION + "<>|:： \t").casefold()
