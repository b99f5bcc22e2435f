"""Two people agree to one transparency report, byte for byte, before it is released (product.md section 9; rules T11 and T15).

An agreement is to finished files. Where numbers, words or the template are others by now, nobody has agreed to what would be released.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from maild.playbook.entry import Fact

TYPES = {".md": "text/markdown", ".html": "text/html", ".txt": "text/plain", ".json": "application/json", ".csv": "text/csv"}
"""The MIME type of each file of a report, by how its name ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What somebody agreed to, as it was then; and when the second person did, which released it."""

    report: str
    by: str
    at: datetime
    numbers: Mapping[str, Fact]
    learned: str
    """The part of the report that people wrote."""
    files: Mapping[str, str]
    """By file name, in the order in which they are told."""
    second: str = ""
    released_at: datetime | None = None
    id: int | None = None
    """Its row, where it has one."""

    @property
    def digest(self) -> str:
        """Another one where a byte of a file is."""
        return digest(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report as it would be published now, and what stands in the way."""

    report: str
    title: str
    numbers: Mapping[str, Fact]
    learned: str
    files: Mapping[str, str]
    out: frozenset[str] = frozenset()
    """Who is kept out of a case that is counted in it: for them it does not exist."""
    hinders: tuple[str, ...] = ()
    """Sentences that say why it cannot be released yet."""
    hits: tuple[str, ...] = ()
    """Which of its words must not be published and why, a clause each."""
    blind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the hits those for who is kept out of a case, by handle: from the others they could tell whose words stand in it."""
    latest: Agreement | None = field(default=None)
    """What was agreed to last, be it released by now."""

    def hits_for(self, handle: str) -> tuple[str, ...]:
        """The hits that this person may be told."""
        return self.blind.get(handle, self.hits)

    @property
    def standing(self) -> Agreement | None:
        """The agreement of one person to these very files, which a second one would release."""
        return self.latest if self.latest and self.latest.released_at is None and self.latest.digest == self.digest else None

    @property
    def out_of_date(self) -> bool:
        """Whether somebody agreed to something else than this, and nobody released it."""
        return self.latest is not None and self.latest.released_at is None and self.latest.digest != self.digest

    @property
    def released(self) -> Agreement | None:
        """The release of these very files, if it is the last word."""
        return self.latest if self.latest and self.latest.released_at and self.latest.digest == self.digest else None

    @property
    def digest(self) -> str:
        """As that of an agreement to it."""
        return digest(self.files)


def digest(files: Mapping[str, str]) -> str:
    """One text for the bytes of all files and their names."""
    whole = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            written = part.encode("utf-8", "surrogatepass")
            whole.update(len(written).to_bytes(8) + written)
    return whole.hexdigest()
