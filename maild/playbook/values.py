"""The kinds of values that stand in tags: how each is shown, described and read, and how near a misspelling is to a known name."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

LONGEST_NAME = 24
"""Characters beyond which no misspelling is looked for: a name of a thousand letters would have half a million near spellings."""

LONG_NAME = 7
"""Letters from which on two slips of the finger are forgiven, below it one: two of `note`'s four letters make any word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What may stand as a value: how a syntax line shows it, how a sentence describes it, and how it is read.

    `read` takes the value as written, quotation marks included, and gives its canonical form, or None where it is no such value.
    """

    hint: str
    meant: str
    read: Callable[[str], str | None]
    choices: tuple[str, ...] = ()
    near: Callable[[str], str | None] = lambda bare: None
    """What a value that cannot be read was meant as, where there is no doubt."""


def folded(name: str) -> str:
    """A verb, key, word or choice as the grammar compares it: lower case, `_` as `-`."""
    return name.lower().replace("_", "-")


def unquoted(raw: str) -> str:
    """A value without its quotation marks."""
    return raw.replace('"', "").strip()


_YEAR_FIRST = re.compile(r"([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,189}")  # what a letter can go to (mail.identity.is_address)
_ITEM = re.compile(r'"([^"]*)"|([^",]+)')
_REF = re.compile(r"P[1-9][0-9]{0,2}")
_REFERENCE = re.compile(r"R-[2-9A-HJ-NP-Z]{5}")
_PROPOSAL = re.compile(r"A[1-9][0-9]{0,2}")
_WARNING = re.compile(r"W[1-9][0-9]{0,2}")
_SANCTION = re.compile(r"S[1-9][0-9]{0,2}")
_TASK = re.compile(r"T[1-9][0-9]{0,2}")


def parse_date(value: str) -> date | None:
    """A date written year-month-day, or None. No other order is guessed: 01/02 is two different days to two readers."""
    match = _ISO_DATE.fullmatch(value.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _likely_date(bare: str) -> str | None:
    """The one day that a date in another order can be: 2026/12/1 or 31.12.2026, but not 01/02/2026."""
    if first := _YEAR_FIRST.fullmatch(bare):
        return _read_date("-".join(first.groups()))
    if last := _YEAR_LAST.fullmatch(bare):
        one, other, year = last.groups()
        days = {day for day in (_read_date(f"{year}-{one}-{other}"), _read_date(f"{year}-{other}-{one}")) if day}
        return days.pop() if len(days) == 1 else None
    return None


def person_refs(value: str) -> tuple[str, ...]:
    """The references in a list such as `P1,P2`, each once; empty where the value is anything else, such as a name."""
    items = [item.strip().upper() for item in value.split(",") if item.strip()]
    return tuple(dict.fromkeys(items)) if all(map(_REF.fullmatch, items)) else ()


def one_of(*choices: str, shown: tuple[str, ...] = ()) -> Kind:
    """One of a few words. `shown` are those a person is told of, where that is not all of them."""

    def read(raw: str) -> str | None:
        choice = folded(unquoted(raw))
        return choice if choice in choices else None

    listed = shown or choices
    return Kind(hint="|".join(listed), meant=" or ".join(listed), read=read, choices=choices)


def token(pattern: str, *, hint: str, meant: str) -> Kind:
    """One word of a fixed form, compared and kept in lower case; an underscore that it may not hold was meant as a hyphen."""

    def read(raw: str) -> str | None:
        word = unquoted(raw).lower()
        return next((one for one in (word, folded(word)) if compiled.fullmatch(one)), None)

    compiled = re.compile(pattern)
    return Kind(hint=hint, meant=meant, read=read)


def _read_date(raw: str) -> str | None:
    day = parse_date(unquoted(raw))
    return day.isoformat() if day else None


def _read_person(raw: str) -> str | None:
    refs = person_refs(unquoted(raw))
    return refs[0] if len(refs) == 1 else None


def _read_proposal(raw: str) -> str | None:
    number = unquoted(raw).upper()
    return number if _PROPOSAL.fullmatch(number) else None


def _read_sanction(raw: str) -> str | None:
    number = unquoted(raw).upper()
    return number if _SANCTION.fullmatch(number) else None


def _read_task(raw: str) -> str | None:
    number = unquoted(raw).upper()
    return number if _TASK.fullmatch(number) else None


def _read_appeal(raw: str) -> str | None:
    return _read_sanction(raw) or JUDGEMENT.read(raw)


def _read_event(raw: str) -> str | None:
    """Anything: which events there are is not for the grammar to know, and a report is not refused over the name of one."""
    return folded(unquoted(raw)) or None


def _read_warning(raw: str) -> str | None:
    number = unquoted(raw).upper()
    return number if _WARNING.fullmatch(number) else None


def _read_reference(raw: str) -> str | None:
    reference = unquoted(raw).upper()
    return reference if _REFERENCE.fullmatch(reference) else None


def _read_persons(raw: str) -> str | None:
    return ",".join(person_refs(unquoted(raw))) or None


def _read_who(raw: str) -> str | None:
    """References and quoted names, with commas between them; a comma in a name becomes a semicolon, lest it makes two people of one.

    A bare word that is no reference is refused: a misspelt `unknown` must not become a respondent of that name.
    """
    bare = unquoted(raw).lower()
    if bare in WHO.choices:
        return bare
    items = [(quoted.strip(" ,;"), word.strip()) for quoted, word in _ITEM.findall(raw)]
    if any(word and not person_refs(word) for _, word in items):
        return None
    read = [_read_persons(quoted or word) or quoted.replace(",", ";") for quoted, word in items if quoted or word]
    return ",".join(dict.fromkeys(read)) or None


def _read_address(raw: str) -> str | None:
    address = unquoted(raw)
    return address if _ADDRESS.fullmatch(address) else None


CODE = token(r"[a-z0-9-]+", hint="CODE", meant="the code name of a case, such as quiet-harbour")
HANDLE = token(r"[a-z0-9][a-z0-9._-]*", hint="NAME", meant="the short name of a staff member, such as ana")
CONFIRMATION = token(r"[a-z2-7]{26}", hint="CODE", meant="the 26 letters and digits from our question")
NUMBER = token(r"[1-9][0-9]{0,2}", hint="NUMBER", meant="a number such as 7")
SLUGS = token(r"[a-z0-9,-]+", hint="SPACE,SPACE|all", meant="short names of spaces with commas between them, or all")
EVENT = Kind(hint="EVENT", meant="the short name of a conference or meetup, such as pycon-2026", read=_read_event)
REPORT = Kind(
    hint="REPORT",
    meant="the short name of a conference such as pycon-2026, or a period such as 2026 or 2026-h1",
    read=_read_event,
)
SPACE = token(r"[a-z0-9-]+", hint="SPACE", meant="the short name of a space, such as forum")
DATE = Kind(hint="YEAR-MONTH-DAY", meant="a date as year-month-day, such as 2026-12-01", read=_read_date, near=_likely_date)
PERSON = Kind(hint="P1", meant="the reference of one person on the case, such as P1", read=_read_person)
PERSONS = Kind(hint="P1,P2", meant="references of people on the case, such as P1 or P1,P2", read=_read_persons)
WARNING = Kind(hint="W1", meant="the number of a warning, such as W1", read=_read_warning)
REFERENCE = Kind(hint="R-7K3QF", meant="the reference of one reporter, such as R-7K3QF", read=_read_reference)
PROPOSAL = Kind(hint="A1", meant="the number of a proposal, such as A1", read=_read_proposal)
SANCTION = Kind(hint="S1", meant="the number of a sanction, such as S1", read=_read_sanction)
TASK = Kind(hint="T1", meant="the number of a task, such as T1", read=_read_task)
JUDGEMENT = one_of("upheld", "changed", "reversed")
APPEAL = Kind(
    hint=f"S1|{JUDGEMENT.hint}",
    meant=f"the number of a sanction, such as S1, or {JUDGEMENT.meant}",
    read=_read_appeal,
    choices=JUDGEMENT.choices,
)
ADDRESS = Kind(hint="ADDRESS", meant="one e-mail address, such as name@example.org", read=_read_address)
TEXT = Kind(hint='"TEXT"', meant="some text in quotation marks", read=unquoted)
YES_NO_UNKNOWN = one_of("yes", "no", "unknown")
WHO = Kind(
    hint='P1,"NAME"|unknown|nobody',
    meant='references such as P1 or P1,P2, names or descriptions in quotation marks such as "the man in red", or unknown, or nobody',
    read=_read_who,
    choices=("unknown", "nobody"),
)


def nearest(word: str, names: tuple[str, ...]) -> str | None:
    """The name that `word` is a misspelling of: a letter too many, too few, wrong or swapped, two such in long words; or None."""
    index = _misspellings(names)
    return next((index[slip] for slip in _with_letters_left_out(folded(word)) if slip in index), None)


@cache
def _misspellings(names: tuple[str, ...]) -> Mapping[str, str]:
    """Two words within a slip of each other share a spelling with letters left out, so one look into a dictionary tells."""
    return {slip: name for name in reversed(names) for slip in _with_letters_left_out(name)}


def _with_letters_left_out(word: str) -> Iterator[str]:
    """The word itself, then without one letter, then (when it is long) without two."""
    yield word
    if 2 < len(word) <= LONGEST_NAME:
        shorter = [word[:i] + word[i + 1 :] for i in range(len(word))]
        yield from shorter
        if len(word) >= LONG_NAME:
            yield from (slip[:i] + slip[i + 1 :] for first, slip in enumerate(shorter) for i in range(first, len(slip)))
