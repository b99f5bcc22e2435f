"""The body a person reads: which parts make it up, and their text."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from maild.mail import charset, markup, tnef, uuencode
from maild.mail.message import Attachment
from maild.mail.parts import Part, file_name

TEXT_LIMIT = 1_000_000
"""Characters of a body that are read; the raw bytes are always kept."""
ATTACHMENTS_LIMIT = 200
"""Attachments that are listed."""

_FORMS = frozenset({"text/x-amp-html", "text/watch-html", "text/richtext"})
"""Forms of a text that are never shown here: for mail programs that run scripts, for watches, for the nineties."""

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_LANGUAGE_LENGTH = 4_000
"""Characters that tell a language."""
_SURE = 3
"""Different little words of a language that have to be there: one that occurs ten times may belong to another language."""
_LITTLE_WORDS = {
    "en": "the and to of was that it he she they with for not have this from were my me".split(),
    "mt": "li ta dan din kien kienet mhux jien għal fuq meta għax minn qal qalet u hija huwa ma lil dwar f b biex wara hemm".split(),
}
_UNMISTAKABLE = {
    "en": frozenset("the and he she you they with not this that from were my to i somebody".split()),
    "mt": frozenset(
        "xi hadd kien kienet mhux jien qal qalet hija huwa lil dwar biex wara hemm ghal ghax kont konna ghandi tieghi mieghi waqt grazzi".split()
    ),
}
"""Those that hardly any other language has: Romanian is full of `din` and `ta`, Italian of `ma`, Dutch of `is` and `of`."""
_WORD = re.compile(r"[^\W\d_]+")
_MALTESE_WORD = re.compile("[a-zàċèġħìòùż]*[ħġ]")
"""A word, but no name of a place, with a letter that no other language of Europe has: it counts as a little word."""


def body_of(root: Part) -> tuple[str, tuple[Attachment, ...]]:
    """The text of the body and everything that is not part of it.

    text/plain is preferred where it is present and not empty: plain text holds no tricks. RFC 2046 section 5.1.4 would prefer the last.
    """
    shown = list(_shown(root))
    body = {id(leaf) for leaf in chain((leaf for leaf, _ in shown), _alternatives(root))}
    attached = [part for part in _leaves(root) if id(part) not in body]
    packed = [tnef.contents(part.octets) for part in attached if _is_packed(part)]
    text = "\n".join(text.strip("\n") for _, text in shown if text.strip()) or "\n".join(map(_packed_text, packed))
    inside = ((one.name, one.size) for one in chain.from_iterable(one.attachments for one in packed))
    inline = ((one.name, len(one.octets)) for one in uuencode.taken_out(text[:TEXT_LIMIT])[1])
    listed = chain(map(_attachment, attached), (_unpacked(name, size) for name, size in chain(inside, inline)))
    return text[:TEXT_LIMIT], tuple(islice(listed, ATTACHMENTS_LIMIT))


def _is_packed(part: Part) -> bool:
    return part.type in _TNEF or part.name.lower() == "winmail.dat"


def _packed_text(packed: tnef.Contents) -> str:
    told = charset.visible(packed.text) or markup.to_text(charset.visible(charset.decode(packed.markup, "")))
    return told.strip("\n")


def _unpacked(name: str, size: int) -> Attachment:
    """A file that stood in another, or in the text: nobody said of what type it is."""
    return Attachment(name=file_name(name), type="application/octet-stream", size=size)


def markup_of(root: Part) -> str:
    """The text of the HTML leaves alone: what somebody may be shown instead of the plain text."""
    return "\n".join(text_of(part) for part in _leaves(root) if part.type == "text/html" and _is_text(part))


_Leaf = tuple[Part, str]


def _shown(part: Part) -> Iterator[_Leaf]:
    """The leaves a mail program would show one under the other, with their texts."""
    kind, _, subtype = part.type.partition("/")
    if not part.inside:
        yield from [(part, text_of(part))] if _is_text(part) else []
    elif subtype == "alternative":
        yield from _alternative(part)
    elif subtype in ("related", "signed", "report", "appledouble"):
        yield from _shown(part.inside[0])
    elif kind == "multipart" and subtype != "encrypted":
        yield from chain.from_iterable(map(_shown, part.inside))


def _alternative(part: Part) -> list[_Leaf]:
    """The plain one if it says anything, else the richest that does."""
    plain = [inner for inner in part.inside if inner.type == "text/plain"]
    rich = [inner for inner in reversed(part.inside) if inner.type != "text/plain"]
    choices = (list(_shown(inner)) for inner in (*plain, *rich))
    return next((choice for choice in choices if any(text.strip() for _, text in choice)), [])


def _alternatives(part: Part) -> Iterator[Part]:
    """The texts of which one is shown and the others say the same in another form: nothing that somebody attached."""
    leaves = _leaves(part) if part.type == "multipart/alternative" else ()
    yield from (leaf for leaf in leaves if _is_text(leaf) or leaf.type in _FORMS)
    if part.type.startswith("multipart/") and part.type != "multipart/alternative":
        yield from chain.from_iterable(map(_alternatives, part.inside))


def _is_text(part: Part) -> bool:
    """A leaf that is part of the body and no attachment."""
    readable = part.type in ("text/plain", "text/html", "text/enriched") or part.type.startswith("multipart/")
    return readable and part.disposition != "attachment" and not (part.name and part.disposition)


def _leaves(part: Part) -> Iterator[Part]:
    """Every part that is no multipart; a message inside the message is one."""
    if part.inside and part.type.startswith("multipart/"):
        yield from chain.from_iterable(map(_leaves, part.inside))
    else:
        yield part


def _attachment(part: Part) -> Attachment:
    """A message that was attached goes by its subject."""
    subject = part.inside[0].fields.shown("subject")[:100] if part.inside and part.type == "message/rfc822" else ""
    return Attachment(name=part.name or (f"{subject}.eml" if subject else ""), type=part.type, size=part.size)


def text_of(part: Part) -> str:
    """The text of one leaf, with LF line ends, format=flowed and HTML undone."""
    octets = part.octets[: 4 * TEXT_LIMIT]
    label = part.parameters.get("charset", "")
    if part.type == "text/html":
        told = None if label else _META_CHARSET.search(octets[:2048])
        return markup.to_text(charset.visible(charset.decode(octets, told[1].decode("ascii") if told else label)))
    text = charset.visible(charset.decode(octets, label))
    if part.parameters.get("format", "").lower() == "flowed":
        return unflowed(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    return text


def unflowed(text: str, *, delsp: bool) -> str:
    """Lines that end in a space joined to the next one of the same quote depth (RFC 3676 section 4); a signature line stays alone."""
    out: list[list[str]] = []
    flowing: int | None = None
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth, words = len(line) - len(bare), bare.removeprefix(" ")
        signs = words == markup.SIGNATURE
        flows = words.endswith(" ") and not signs
        words = words[:-1] if flows and delsp else words
        if flowing == depth and not signs:
            out[-1].append(words)
        else:
            out.append([">" * depth + " ", words] if depth else [words])
        flowing = depth if flows else None
    return "\n".join(map("".join, out))


def language_of(text: str) -> str:
    """`mt` or `en` where the commonest little words of one clearly prevail; empty where they do not."""
    words = _WORD.findall(text[:_LANGUAGE_LENGTH])
    seen = Counter(word.lower() if word.isascii() else word for word in words)
    sure = {language: seen.keys() & unmistakable for language, unmistakable in _UNMISTAKABLE.items()}
    sure["mt"] |= {word for word in seen if not word.isascii() and _MALTESE_WORD.match(word)}
    scores = {language: sum(seen[word] for word in {*little, *sure[language]}) for language, little in _LITTLE_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > 2 * min(scores.values()) and len(sure[best]) >= _SURE else ""
