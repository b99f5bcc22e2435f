"""The demo from its first line to its last."""

import sys
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TextIO

from maild.app import Clock
from maild.demo.servers import LOOPBACK
from maild.demo.show import Show, show_on
from maild.demo.stage import CAST, Stage, last_words, stage
from maild.demo.story import PATIENCE, NotSeen, Teller, play

WELCOME = """\
maild runs an organisation's Code of Conduct reports by e-mail. Here it runs for real, with mail
servers of its own, on this machine only: no mail leaves it, and nothing stays behind."""

STAYS_UP = """\
Everything is still running. Connect a mail program of your own as any of these people:

  IMAP   %(host)s, port %(imap_port)d, no encryption
  SMTP   %(host)s, port %(smtp_port)d, no encryption, with the same name and password

%(people)s

  The name to log in with is the address; the password of all of them is  %(password)s

Two things to try:

  1. As Ben, answer the latest "Deadline missed" with a line [take] and a line [status].
  2. As Kim, answer "Your message". Ana and Ben are told; no command of Kim's would be obeyed.

To look behind the scenes, in another terminal:

  %(python)s -m maild tickets --config %(config)s

Mails that come from now on are shown here, a line each. Ctrl-C ends it all.
"""

FOREVER = 3600.0
"""Seconds to wait for a mail before waiting for it again."""


def run(
    out: TextIO, *, once: bool, full: Collection[str] = (), patience: float = PATIENCE, present: Callable[[], datetime] | None = None
) -> int:
    """Tell the story, then stay up until Ctrl-C unless `once`. The answer is the exit status: 0 only if every step was seen.

    `full` (mailboxes whose mail is refused), `patience` (seconds for a step) and `present` are for tests.
    """
    show, present = show_on(out), present or Clock()
    show.lines(WELCOME)
    with stage(present=present, full=full) as place:
        teller = Teller(stage=place, show=show, patience=patience)
        try:
            play(teller)
        except NotSeen as error:
            show.wrong(f"{error} The last lines of maild's log:")
            show.lines(last_words(place.diary.lines))
            return 1
        if once:
            show.say("Every step was seen to happen.")
            return 0
        _stay_up(teller, show, present)
    return 0


def _stay_up(teller: Teller, show: Show, present: Callable[[], datetime]) -> None:
    try:
        show.chapter("Now you")
        # What maild would have written between the end of the story and today it writes now.
        teller.stage.until(present())
        show.lines(_directions(teller.stage))
        while True:
            teller.follow(seconds=FOREVER)
    except KeyboardInterrupt:
        show.say("That was maild.")


def _directions(place: Stage) -> str:
    people = "\n".join(f"  {person.address:<22} {person.name:<15} {person.part}" for person in CAST)
    return STAYS_UP % {
        "host": LOOPBACK,
        "imap_port": place.host.imap_port,
        "smtp_port": place.host.smtp_port,
        "people": people,
        "password": place.password,
        "python": sys.executable,
        "config": place.config_file,
    }
