"""`maild run`: the daemon, in the foreground."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

if TYPE_CHECKING:
    from maild.app import House

EXAMPLES = (
    "maild run",
    "maild run --config ./config.toml",
)


def command(
    config: ConfigPath = DEFAULT_CONFIG,
    log_form: Annotated[
        Literal["text", "json"] | None, typer.Option("--log", help="How log lines are written, instead of what the configuration says.")
    ] = None,
) -> None:
    """Run the daemon in the foreground until SIGTERM or Ctrl-C; a second Ctrl-C ends it at once."""
    import gc
    import os
    import time

    # What is loaded now stays: it is left out of every search for rubbish, now and later, which is a tenth of the work under load.
    gc.disable()

    # Every moment inside is UTC; the C library must not have another opinion (libraries.md, schedule).
    os.environ["TZ"] = "UTC"
    time.tzset()

    from maild.app.life import in_journal, write_log
    from maild.cli import sentences_of, status_of
    from maild.cli.options import house_of
    from maild.errors import MaildError
    from maild.log import refused

    form = log_form or "text"
    write_log(form)
    try:
        house = house_of(config)
        form = log_form or house.config.run.log
        write_log(form)
        _serve(house)
    except (MaildError, OSError) as error:
        if form == "text" and not in_journal():  # somebody is there to read it
            raise
        for sentence in sentences_of(error):
            refused(sentence)
        raise typer.Exit(status_of(error)) from None


def _serve(house: "House") -> None:
    """Be the daemon until somebody ends it."""
    import gc

    from maild import log
    from maild.app.life import lock_of, unseen, unwritable
    from maild.app.waiting import await_database
    from maild.daemon import run

    for sentence in filter(None, (*house.config.warnings, *unwritable(house), unseen(house.config))):
        log.warned(sentence)
    if not await_database(house):
        return
    with lock_of(house):
        gc.freeze()
        gc.enable()
        run(house)
