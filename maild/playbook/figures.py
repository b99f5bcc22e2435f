"""The numbers of a transparency report for machines: JSON, and a table for a spreadsheet. The same numbers are the same bytes."""

import csv
import json
from collections.abc import Iterator
from math import inf

from maild.playbook.differences import Numbers, total
from maild.playbook.tables import TABLES, cells_of

PLAIN = ("scope", "title", "first_month", "last_month", "attendance", "ack_24h", "answer_1w", "still_open", "k")
"""What is told as it stands, in this order."""


def as_json(numbers: Numbers) -> str:
    """numbers.json."""
    return json.dumps(numbers, indent=2, ensure_ascii=False) + "\n"


def as_csv(numbers: Numbers) -> str:
    """numbers.csv: part, name, value. A band stands as its two ends, for a spreadsheet would make a day of `1-4`."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerows([("part", "name", "value"), *_rows(numbers)])
    return "".join(lines)


class _Lines(list[str]):
    """A file that is kept in hand."""

    def write(self, line: str) -> None:
        self.append(line)


def _rows(numbers: Numbers) -> Iterator[tuple[str, str, str]]:
    yield from (("report", name, _shown(numbers[name])) for name in PLAIN)
    least, most = total(numbers)
    yield "incidents", "at least", str(least)
    yield "incidents", "at most", "" if most == inf else str(most)
    for table in TABLES:
        yield from ((table, cell, str(count)) for cell, count in cells_of(numbers, table).items())


def _shown(fact: object) -> str:
    """A value of one cell. Words that begin like a formula would be reckoned by whoever opens them."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    words = "" if fact is None else str(fact)
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words
