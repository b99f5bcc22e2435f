"""Days and moments in the languages of the letters; English where there is no other way of writing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What days of the week (Monday first) and months are called, and what stands between a day and its month."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    of: str


_ENGLISH = Names(
    days=tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    months=tuple("January February March April May June July August September October November December".split()),
    of=" ",
)
NAMES: Mapping[str, Names] = {
    "en": _ENGLISH,
    "mt": Names(
        days=tuple("it-Tnejn it-Tlieta l-Erbgħa il-Ħamis il-Ġimgħa is-Sibt il-Ħadd".split()),
        months=tuple("Jannar Frar Marzu April Mejju Ġunju Lulju Awwissu Settembru Ottubru Novembru Diċembru".split()),
        of=" ta' ",
    ),
}


def day(local: datetime, language: str) -> str:
    """A day: "Monday 23 November 2026", "it-Tnejn 23 ta' Novembru 2026"."""
    names = NAMES.get(language, _ENGLISH)
    return f"{names.days[local.weekday()]} {local.day}{names.of}{names.months[local.month - 1]} {local.year}"


def moment(local: datetime, language: str) -> str:
    """A day and its time: "Monday 23 November 2026, 09:30"."""
    return f"{day(local, language)}, {local:%H:%M}"


def month(written: str, language: str) -> str:
    """A month that is written 2026-11: "November 2026"."""
    year, _, number = written.partition("-")
    return f"{NAMES.get(language, _ENGLISH).months[int(number) - 1]} {year}"
