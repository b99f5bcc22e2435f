"""One tag, read with the vocabulary: a command; a fault, with every mistake in it told at once; or no tag at all."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from maild.playbook.slips import hyphened, quoted
from maild.playbook.syntax import Tag, asks_for_alarm, parse_tag
from maild.playbook.values import CODE, Kind, folded, nearest, unquoted
from maild.playbook.vocabulary import MEANT, VERBS, Level, Verb

SHOWN_CHARACTERS = 200
"""How much of what was written is repeated in an answer; a tag may hold ten times as much."""

SHOWN_MISTAKES = 5
"""How many mistakes of one tag are told at once; a tag of a thousand unknown words is not answered with a thousand sentences."""

ORDINARY = frozenset(
    "attachment caution cid code edited external facebook file ftp gif http https icon image inline instagram linkedin link logo mailto"
    " omitted photo picture quote redacted removed sic signature snip snipped sticker tel trimmed twitter uri url video warning www"
    " youtube".split()
)
"""First words of what mail clients, gateways and quoting people leave alone on a line in brackets; never meant for maild."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One tag, understood. Names and choices are in their canonical spelling; references are upper-case, dates ISO, codes lower-case."""

    verb: str
    value: str | None = None
    subvalue: str | None = None
    """What stands after `=` in `[verb:value=value]`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    text: str = ""
    """The free text below, up to the next command line; inner lines exactly as written."""
    written: str
    """The tag as it was written, on one line, for the answer."""

    @property
    def level(self) -> Level:
        """How much proof of the sender it needs."""
        return VERBS[self.verb].level


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One tag that was meant and cannot be carried out as it is written."""

    written: str
    sentence: str
    """What is wrong and how it is written, for the person who wrote it."""
    nearest: str | None = None
    """The nearest valid spelling of the whole tag; None where it would be a guess at what was decided."""
    verb: str | None = None
    """The verb, where that much is certain."""
    sought: tuple[Kind, ...] = ()
    """What was looked for in vain, such as a person: whoever answers may know which there are."""
    urgent: bool = False
    """The tag asks for the safety alarm all the same: `[urgent]`, or `safety=yes` (product.md principle 7)."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One value, key or word of a tag: its canonical reading, or what is wrong with it."""

    name: str
    value: str | None = None
    problem: str = ""
    spelled: str | None = None
    """How this part is written correctly; None where nobody can tell."""
    kind: Kind | None = None
    """The kind of its value, where that is what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Review:
    """A tag held against its row of the vocabulary."""

    row: Verb
    heads: Sequence[_Part]
    """The verb, or the verb with its value; then what stands after the value's `=`."""
    parts: Sequence[_Part]
    misfits: Sequence[str]

    @property
    def problems(self) -> list[str]:
        return [part.problem for part in (*self.heads, *self.parts) if part.problem] + list(self.misfits)

    @property
    def sought(self) -> tuple[Kind, ...]:
        """The kinds of values that it needs and does not have; a stray word may be the rest of the first."""
        strays = self.row.value is not None and any(part.problem and part.kind is None for part in self.parts)
        kinds = [self.row.value if strays else None, *(part.kind for part in (*self.heads, *self.parts))]
        return tuple(kind for kind in kinds if kind is not None)

    @property
    def spelled(self) -> str | None:
        """The whole tag in its correct spelling, or None where some of it is beyond that."""
        heads, parts = [part.spelled for part in self.heads], [part.spelled for part in self.parts]
        if self.misfits or None in heads or None in parts:
            return None
        return "[" + "".join(filter(None, heads)) + "".join(f" {spelled}" for spelled in parts) + "]"

    @property
    def sentence(self) -> str:
        below = ", with the text on the lines below" if self.row.text else ""
        return " ".join([*self.problems[:SHOWN_MISTAKES], f"It is written {self.row.syntax}{below}."])


def read_tag(inside: str) -> Command | Fault | None:
    """What stands between two brackets: a command, a fault, or None where it is no tag. The text below is for the caller to add."""
    tag = parse_tag(inside)
    if tag is None:
        return None
    item = _read(tag)
    return replace(item, nearest=_mended(inside)) if isinstance(item, Fault) and item.nearest is None else item


def _read(tag: Tag) -> Command | Fault | None:
    if tag.verb in VERBS:
        return _checked(_arranged(tag))
    return _unknown(tag) if _is_meant(tag) else None


def _mended(inside: str) -> str | None:
    """The tag without a slip that leaves no doubt, in its correct spelling."""
    tag = parse_tag(hyphened(inside))
    return _review(_arranged(quoted(tag))).spelled if tag and tag.verb in VERBS else None


_QUOTED = re.compile(r'"[^"]*"')
_TOKEN = re.compile(r"[\w,-]*")
_CODE_NAME = re.compile(r"[a-z]+-[a-z]+")


def shown(text: str) -> str:
    """What was written, cut to what fits a sentence."""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def _arranged(tag: Tag) -> Tag:
    """The tag with its value where the verb wants it: `[assign ana]` and `[reply: anyway]` can only mean one thing."""
    row = VERBS[tag.verb]
    takes_value = row.value is not None
    if row.bare:
        tag = replace(tag, pieces=tuple(_keyed(row, name, raw) for name, raw in tag.pieces))
        tag = _turned(row, tag)
    if tag.value is not None and not takes_value:
        return replace(tag, value=None, subvalue=None, pieces=((tag.value, tag.subvalue), *tag.pieces))
    if tag.value is None and takes_value and tag.pieces and tag.pieces[0][1] is None:
        return replace(tag, value=tag.pieces[0][0], pieces=tag.pieces[1:])
    return tag


def _turned(row: Verb, tag: Tag) -> Tag:
    """The tag the right way round: `[appeal:S1 upheld]`."""
    choice = next((name for name, raw in tag.pieces if raw is None and row.value and folded(name) in row.value.choices), None)
    if choice is None or tag.value is None or row.keys[row.bare].read(tag.value) is None:
        return tag
    return replace(tag, value=choice, pieces=((row.bare, tag.value), *(piece for piece in tag.pieces if piece != (choice, None))))


def _keyed(row: Verb, name: str, raw: str | None) -> tuple[str, str | None]:
    """A word that stands alone, behind the key that it is for."""
    return (row.bare, name) if raw is None and row.keys[row.bare].read(name) is not None else (name, raw)


def _checked(tag: Tag) -> Command | Fault:
    row = VERBS[tag.verb]
    if row.never_refused:
        return Command(verb=row.name, written=tag.written, text=tag.written[1 + len(row.name) : -1].lstrip(" :=!."))
    review = _review(tag)
    if review.problems:
        alarms = asks_for_alarm(f"{tag.written} {review.spelled}")
        return Fault(
            written=tag.written, sentence=review.sentence, nearest=review.spelled, verb=row.name, sought=review.sought, urgent=alarms
        )
    return Command(
        verb=row.name,
        value=review.heads[0].value,
        subvalue=review.heads[-1].value if len(review.heads) > 1 else None,
        keys={part.name: part.value for part in review.parts if part.value is not None},
        words=tuple(part.name for part in review.parts if part.value is None),
        written=tag.written,
    )


def _review(tag: Tag) -> _Review:
    row = VERBS[tag.verb]
    heads = _heads(row, tag)
    parts = [_part(row, name, raw) for name, raw in tag.pieces]
    return _Review(row=row, heads=heads, parts=parts, misfits=tuple(_misfits(row, kind=heads[0].value, parts=parts)))


def _heads(row: Verb, tag: Tag) -> list[_Part]:
    if row.value is None or (tag.value is None and not row.value_needed):
        return [_Part(name=row.name, spelled=row.name)]
    value = _valued(row.value, tag.value or "", name=row.name, sign=":")
    if row.subvalue is not None:
        return [value, _valued(row.subvalue, tag.subvalue or "", name="", sign="=", title=f"{row.name}:{value.value or row.value.hint}")]
    if tag.subvalue is not None:
        return [value, _Part(name="", problem=f"“{shown(tag.subvalue)}” has no place after the value of [{row.name}:…].")]
    return [value]


def _part(row: Verb, written: str, raw: str | None) -> _Part:
    name = folded(written)
    if raw is None and name in row.words:
        return _Part(name=name, spelled=name)
    kind = row.keys.get(name) or row.seldom.get(name)
    if kind is not None:
        return _valued(kind, raw or "", name=name, sign="=")
    close = nearest(name, row.words if raw is None else tuple(row.keys))
    return _Part(
        name=name,
        problem=f"[{row.name}] does not know “{shown(unquoted(written))}{'' if raw is None else '='}”.",
        spelled=_part(row, close, raw).spelled if close else None,
    )


def _valued(kind: Kind, raw: str, *, name: str, sign: str, title: str = "") -> _Part:
    """A value that is there and is one of its kind; an equals sign in it tells that its own value was forgotten: `[… name= role=…]`."""
    bare, title = unquoted(raw), title or name
    if not bare or "=" in _QUOTED.sub("", raw):
        return _Part(name=name, problem=f"“{title}{sign}” has no value: write {kind.meant}.", kind=kind)
    value = kind.read(raw)
    if value is not None:
        return _Part(name=name, value=value, spelled=f"{name}{sign}{raw}")
    close = nearest(bare, kind.choices) or kind.near(bare)
    return _Part(
        name=name,
        problem=f"“{title}{sign}” cannot be “{shown(bare)}”: write {kind.meant}.",
        spelled=f"{name}{sign}{close}" if close else None,
        kind=kind,
    )


def _misfits(row: Verb, *, kind: str | None, parts: Sequence[_Part]) -> Iterator[str]:
    """What is wrong with the tag although each of its parts is right."""
    if row.needs and not any(part.problem or part.name in row.needs for part in parts):
        yield f"[{row.name}] alone says nothing: it needs {' or '.join(row.needs)}."
    twice = [name for name, times in Counter(part.name for part in parts if part.value is not None).items() if times > 1]
    yield from (f"“{name}=” stands more than once." for name in twice)
    if kind is not None and kind in row.fits:
        strange = [part.name for part in parts if not part.problem and part.name not in row.fits[kind]]
        yield from (f"“{name}” does not go with [{row.name}:{kind}]." for name in dict.fromkeys(strange))


def _unknown(tag: Tag) -> Fault:
    """A verb that is none: answered with the nearest one, whose row also tells what else is wrong with the tag."""
    meant = _as_meant(tag)
    if meant is None:
        sentence = f"[{tag.name}] is no tag of ours; [help] lists them all."
        return Fault(written=tag.written, sentence=sentence, urgent=asks_for_alarm(tag.written))
    review = _review(_arranged(meant))
    return Fault(
        written=tag.written,
        sentence=f"[{tag.name}] is no tag of ours. {review.sentence}",
        nearest=review.spelled,
        urgent=review.row.never_refused or asks_for_alarm(f"{tag.written} {review.spelled}"),
    )


def _as_meant(tag: Tag) -> Tag | None:
    """The tag with the verb it was meant to have: `[spam]` is a value without its verb, `[violation=yes]` a key without its own."""
    verb = MEANT.get(tag.verb) or nearest(tag.verb, tuple(VERBS)) or ("case" if _CODE_NAME.fullmatch(tag.verb) else None)
    if verb is None:
        return None
    kind = VERBS[verb].value
    rest = tag.pieces if tag.value is None else ((tag.value, tag.subvalue), *tag.pieces)
    if tag.verb in VERBS[verb].keys:
        return replace(tag, verb=verb, value=None, subvalue=None, pieces=((tag.verb, tag.value), *tag.pieces))
    if kind is not None and (tag.verb in kind.choices or kind is CODE):
        return replace(tag, verb=verb, value=tag.verb, subvalue=None, pieces=rest)
    return replace(tag, verb=verb)


def _is_meant(tag: Tag) -> bool:
    """Whether a person meant an unknown verb as a command, rather than a mail client, a banner or plain prose putting it there.

    Prose has several bare words, a banner stands in capitals, and what clients leave there is known by its first word.
    """
    bare = sum(raw is None for _, raw in tag.pieces)
    is_banner = tag.name.isupper() and tag.value is None
    if tag.verb in ORDINARY:
        return False
    if nearest(tag.verb, tuple(VERBS)) or (not is_banner and tag.verb in MEANT):
        return bare <= 1 or bare < len(tag.pieces)
    is_like_a_tag = len(tag.verb) > 2 and not bare and _TOKEN.fullmatch(unquoted(tag.value or ""))
    return bool(is_like_a_tag) and not is_banner
