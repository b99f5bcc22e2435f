"""`maild demo`: a short story with a real daemon and servers of its own, for newcomers."""

from typing import Annotated

import typer

NEEDED = ("aiosmtpd", "pymap")
"""The packages of the extra `demo`."""

EXAMPLES = (
    "maild demo",
    "maild demo --once > story.txt",
)


def command(
    once: Annotated[bool, typer.Option("--once", help="End after the story; exit status 0 only if all of it happened.")] = False,
) -> None:
    """Play a short story with a real daemon on this machine, then stay up for your own mail program."""
    import signal
    import sys
    from importlib.util import find_spec
    from io import TextIOWrapper

    from maild.errors import OperatorMustAct

    if not all(map(find_spec, NEEDED)):
        raise OperatorMustAct("The demo needs two packages more: pipx install 'maild[demo]'")

    from maild.demo.run import run

    # Whoever ends the demo by `kill` wants its directory gone too; and a shell starts what it puts into the background deaf to SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if isinstance(sys.stdout, TextIOWrapper):
        # Terminals without our arrows and bars show question marks instead.
        sys.stdout.reconfigure(errors="replace")
    raise typer.Exit(run(sys.stdout, once=once))
