"""A transparency report of each tier; `python -m tests.render.every_report` writes the golden files anew."""

from dataclasses import replace
from pathlib import Path

from maild.playbook.incidents import OUTCOMES, RESOLUTIONS, Incident
from maild.playbook.policy import Conference
from maild.playbook.scopes import scope_of
from maild.playbook.transparency import numbers
from maild.render import Templates
from tests.playbook.cases import PYCON, policy

HERE = Path(__file__).parent / "reports"

BIG, SMALL = (
    replace(PYCON, attendance=183),
    Conference(slug="meetup", name="*Mela* & <Merħba>", start=PYCON.start, end=PYCON.end, attendance=31),
)

POLICY = policy(conferences=(BIG, SMALL), guide_url="https://club.example/guide")

LEARNED = (
    "We have a quiet room now; <b>everybody</b> may use it.\n\n* It is on the ground floor.\n* It has a #door [that](http://closes).\n"
)


def incidents(count: int) -> list[Incident]:
    """So many, the same each time: two thirds violations, all sorts of resolutions, one acknowledged late, one still open."""
    return [
        Incident(
            acknowledged=number != 3,
            answered=True,
            open=number == 7,
            safety=False,
            outcome=OUTCOMES[number % 3 // 2],
            resolution=RESOLUTIONS[number % 5 if number < 20 else number % 3],
        )
        for number in range(count)
    ]


REPORTS = {
    "none": (0, "pycon-2026", ""),
    "one": (1, "pycon-2026", ""),
    "four": (4, "pycon-2026", LEARNED),
    "five": (5, "pycon-2026", ""),
    "nine": (9, "pycon-2026", ""),
    "ten": (10, "pycon-2026", ""),
    "thirty": (30, "pycon-2026", LEARNED),
    "none-of-few-people": (0, "meetup", ""),
    "one-of-few-people": (1, "meetup", ""),
    "thirty-of-few-people": (30, "meetup", ""),
    "half-a-year": (9, "2026-h2", ""),
}
"""How many incidents, of what, and what was learned."""


def files(name: str) -> dict[str, str]:
    """The files of one report."""
    count, scope, learned = REPORTS[name]
    told = numbers(incidents(count), scope_of(scope, POLICY), earlier=())
    return dict(Templates(POLICY).report(told, learned))


def golden(name: str) -> str:
    """All files of a report in one."""
    return "\n".join(f"===== {file}\n{text}" for file, text in files(name).items())


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for old in HERE.glob("*.txt"):
        old.unlink()
    for one in REPORTS:
        (HERE / f"{one}.txt").write_bytes(golden(one).encode())
