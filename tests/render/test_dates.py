"""Days in the languages of the letters."""

from datetime import datetime

import pytest

from maild.dates import NAMES, day, moment

DAYS = [
    ("2026-11-23T09:30", "en", "Monday 23 November 2026, 09:30"),
    ("2026-11-23T09:30", "mt", "it-Tnejn 23 ta' Novembru 2026, 09:30"),
    ("2026-12-01T00:05", "mt", "it-Tlieta 1 ta' Diċembru 2026, 00:05"),
    ("2026-06-10T23:59", "mt", "l-Erbgħa 10 ta' Ġunju 2026, 23:59"),
    ("2026-01-01T12:00", "mt", "il-Ħamis 1 ta' Jannar 2026, 12:00"),
    ("2026-05-01T12:00", "mt", "il-Ġimgħa 1 ta' Mejju 2026, 12:00"),
    ("2026-08-15T12:00", "mt", "is-Sibt 15 ta' Awwissu 2026, 12:00"),
    ("2026-02-08T12:00", "mt", "il-Ħadd 8 ta' Frar 2026, 12:00"),
    ("2026-02-08T12:00", "de", "Sunday 8 February 2026, 12:00"),
]


@pytest.mark.parametrize(("at", "language", "said"), DAYS, ids=[f"{language} {at}" for at, language, _ in DAYS])
def test_a_moment(at, language, said):
    """With article and month as one writes them; in English where a language has no names here."""
    assert moment(datetime.fromisoformat(at), language) == said
    assert day(datetime.fromisoformat(at), language) == said.rpartition(",")[0]


@pytest.mark.parametrize("language", NAMES)
def test_no_day_is_missing(language):
    """Seven days, twelve months."""
    assert (len(set(NAMES[language].days)), len(set(NAMES[language].months))) == (7, 12)
