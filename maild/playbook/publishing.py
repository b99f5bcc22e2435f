"""What must not stand in a report that everybody may read (product.md section 9): whatever could be known from a case.

Nothing here judges a sentence. It looks for names, numbers, days and words in a row, and what it finds has to be written another way:
to publish a name is worse than to write a paragraph twice. Takes time linear in all texts together.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from maild.playbook.leaks import COMPARED_WORDS, OVERLAP
from maild.playbook.people import Role, alphabets, fold, words
from maild.playbook.policy import Policy
from maild.playbook.presentations import LEAST_WORDS
from maild.playbook.ticket import Ticket

Run = tuple[str, ...]

SHORTEST_PART = 3
"""Letters of a part of a name that is looked for by itself; in writings of other letters two are a whole name."""

COUNTED_WITHIN = 3
"""Words from a number to what it counts, both among them."""

SHOWN_WORDS = 12
"""Words of a longer run that are shown to whoever wrote it."""

WEEKDAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays"
    " mon tue tues wed weds thu thur thurs fri sat sun".split()
)
MONTHS = frozenset(
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
VERBS_TOO = frozenset({"march", "may"})
"""Months that are other words as well: only beside a day they are a date."""

BETWEEN = frozenset({"of", "the"})
"""What may stand between a day and its month."""

FEW = frozenset("one two three four five six seven eight nine ten eleven twelve single lone both couple few several".split())
"""Words that say how many; figures do as well."""

COUNTABLE = frozenset(
    "incident incidents report reports case cases complaint complaints violation violations ban bans warning warnings reprimand"
    " reprimands expulsion expulsions victim victims reporter reporters respondent respondents".split()
)
"""What nobody may count but the report itself, which knows how many are too few to be told."""

BEFALLEN = frozenset("banned expelled warned reprimanded harassed assaulted accused reported".split())
"""What befell so many of whatever stands between: `two people were banned`."""

FILLERS = str.maketrans(dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0", " "))
"""Letters and signs of Unicode that show nothing."""

HE_OR_SHE = frozenset("he him his himself she her hers herself".split())

_DAY = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?")
_NUMBER = re.compile(r"\d{4,}")
_DATE = re.compile(
    r"\b[0-9]{1,4}([/.-])[0-9]{1,2}\1[0-9]{1,4}\b|\b[0-9]{1,2}/[0-9]{1,2}\b|\b[0-9]{1,2}\.[0-9]{1,2}\.(?![0-9])|\b[0-9]{1,2}(?:st|nd|rd|th)\b"
)
_TIME = re.compile(
    r"\b[0-9]{1,2}[:h][0-9]{2}\b|\b[0-9]{1,2}\.[0-5][0-9]\b|\b[0-9]{1,2}(?:[.:][0-9]{2})? ?(?:[ap]m\b|[ap]\.m)|\bpm\b|\bo['’]?clock\b"
    r"|\b(?:noon|midnight)\b|\b(?:half|quarter) (?:past|to) [a-z]{3,6}\b"
)

NAMED = "is a name or a part of one, or stands in an address"
CALLED = "is what we call a case"
TITLED = "is the title of a presentation"
COUNTED = "is a number of four digits or more"
DAY = "is a day of the week"
DATE = "is a date"
TIME = "is a time of day"
SEX = "says whether somebody is a man or a woman"
COUNTS = "says how many there were"
MIXED = "has letters of more than one alphabet"
KEPT = "stands in something that was written about a case"


def visible(text: str) -> str:
    """What is read of a text. Marks of direction could show a name backwards that is looked for forwards; fillers are letters to no eye."""
    return "".join(one for one in text.translate(FILLERS) if unicodedata.category(one) != "Cf")


@dataclass(frozen=True)
class _Said:
    """A text as it is searched."""

    text: str

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def words(self) -> list[str]:
        return words(self.text)

    @cached_property
    def all(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def runs(self) -> frozenset[Run]:
        """All runs of words up to the longest that is looked for."""
        return frozenset(run for length in range(1, OVERLAP + 1) for run in self.of(length))

    def of(self, length: int) -> Iterator[Run]:
        """The runs of so many words, in order."""
        return zip(*(self.words[start:] for start in range(length)), strict=False)


def not_publishable(
    text: str, *, known: str, tickets: Iterable[Ticket], texts: Iterable[str], policy: Policy, own: str = ""
) -> Iterator[str]:
    """Why this text must not be published, a sentence for each word or run of words.

    `tickets` are all that are kept, whatever became of them, and `texts` all that was ever written about them. `known` is what a report says
    that tells of nobody (`every_tier`): what stands there is no hit. `own` is the part that people wrote: numbers of cases are told by the rest alone.
    """
    said, harmless, cases = _Said(text), _Said(known), [thread for ticket in tickets for thread in ticket.threads]
    for hit, reason in dict.fromkeys(_hits(said, harmless, cases, policy)):
        yield f"“{hit}” {reason}"
    for run in dict.fromkeys(_counts(_Said(own).words)):
        if run not in harmless.runs:
            yield f"“{' '.join(run)}” {COUNTS}"
    for stretch in dict.fromkeys(_stretches(said, harmless, (*texts, *(one for case in cases for one in _written(case))))):
        yield f"“{' '.join(stretch[:SHOWN_WORDS])}{' …' if len(stretch) > SHOWN_WORDS else ''}” {KEPT}"


def _hits(said: _Said, harmless: _Said, cases: list[Ticket], policy: Policy) -> Iterator[tuple[str, str]]:
    phrases: dict[Run, str] = {}
    for reason, looked_for in ((TITLED, _titles(cases)), (CALLED, _codes(cases)), (NAMED, _names(cases, policy))):
        phrases |= {run[:OVERLAP]: reason for run in looked_for}
    for length in range(1, OVERLAP + 1):
        yield from ((" ".join(run), phrases[run]) for run in said.of(length) if run in phrases and run not in harmless.runs)
    for pattern, reason in ((_NUMBER, COUNTED), (_DATE, DATE), (_TIME, TIME)):
        passed = {match[0] for match in pattern.finditer(harmless.folded)}
        yield from ((match[0], reason) for match in pattern.finditer(said.folded) if match[0] not in passed)
    for found, reason in ((WEEKDAYS, DAY), (HE_OR_SHE, SEX), (MONTHS - VERBS_TOO, DATE)):
        yield from ((word, reason) for word in said.words if word in found and word not in harmless.all)
    yield from ((" ".join(run), DATE) for run in _days(said.words) if run not in harmless.runs)
    yield from ((word, MIXED) for word in dict.fromkeys(said.words) if not word.isascii() and len(alphabets(word)) > 1)


def _days(said: list[str]) -> Iterator[Run]:
    """A day beside its month, in either order."""
    near = [word for word in said if word not in BETWEEN]
    for run in pairwise(near):
        if any(month in MONTHS and _DAY.fullmatch(day) for month, day in (run, run[::-1])):
            yield run


def _counts(said: list[str]) -> Iterator[Run]:
    """A number with what it counts: beside it, or with a word or two between."""
    for at, word in enumerate(said):
        if word in FEW or (word.isdecimal() and len(word) < len("1000")):
            next_words = said[at + 1 : at + 4]
            ends = (n for n, one in enumerate(next_words, 2) if one in BEFALLEN or (n <= COUNTED_WITHIN and one in COUNTABLE))
            yield from (tuple(said[at : at + end]) for end in [*ends][:1])


def _parts(name: str) -> Iterator[Run]:
    """What of a name is looked for: all of it, and each part that is long enough."""
    said = tuple(words(name))
    if len(said) > 1:
        yield said
    yield from ((part,) for part in said if len(part) >= SHORTEST_PART or not part.isascii())


def _address(address: str) -> Iterator[Run]:
    """The same of an address: all of it, and what stands before the @, also written as one word."""
    local = address.partition("@")[0]
    if "@" in address:
        yield tuple(words(address))
    yield from _parts(local)
    yield from _parts("".join(words(local)))


def _names(cases: Iterable[Ticket], policy: Policy) -> Iterator[Run]:
    for person in policy.people:
        yield from _parts(person.name)
        for called in (person.address, *person.aliases, person.handle if person.role is not Role.FALLBACK else ""):
            yield from _address(called)
    for event in policy.conferences:
        yield from _address(event.contact)
        for one in event.representatives:
            yield from _parts(one.partition(",")[0])
    for space in policy.spaces:
        yield from _address(space.contact)
    for case in cases:
        yield from _on(case)


def _on(case: Ticket) -> Iterator[Run]:
    """The same of everybody on a case."""
    filed = [(one.name, one.address, one.contact) for one in [case.reporter] if one]
    for name, *addresses in (*((one.name, one.address) for one in case.people), *filed):
        yield from _parts(name)
        for address in addresses:
            yield from _address(address)


def _codes(cases: Iterable[Ticket]) -> Iterator[Run]:
    for case in cases:
        yield tuple(words(case.code))
        yield from _parts(case.reference)


def _titles(cases: Iterable[Ticket]) -> Iterator[Run]:
    titles = (tuple(words(one.talk)) for case in cases for one in case.presentations)
    return (title for title in titles if len(title) >= LEAST_WORDS)


def _written(case: Ticket) -> Iterator[str]:
    """What people wrote that stands on the case itself."""
    yield from (text for made in case.resolutions for text in (made.text, made.label))
    yield from (made.value for made in case.determinations.values())


def _stretches(said: _Said, harmless: _Said, texts: Iterable[str]) -> Iterator[Run]:
    """What of a text stands in others, as long as five words in a row or more."""
    ours = [*said.of(OVERLAP)]
    wanted = {*ours} - harmless.runs
    found = {run for text in texts for run in _shared(text, wanted)} if wanted else frozenset[Run]()
    end = start = -1
    for at, run in enumerate(ours):
        if run not in found:
            continue
        if at > end:
            if end > start:
                yield tuple(said.words[start:end])
            start = at
        end = at + OVERLAP
    if end > start:
        yield tuple(said.words[start:end])


def _shared(text: str, wanted: set[Run]) -> Iterator[Run]:
    # Runs are made only where one of ours begins: nearly nowhere, and to make them all is most of the work.
    first, said = {run[0] for run in wanted}, words(text)[:COMPARED_WORDS]
    yield from (run for at, word in enumerate(said) if word in first and (run := tuple(said[at : at + OVERLAP])) in wanted)
