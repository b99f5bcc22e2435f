"""`maild run`: the daemon, in the foreground."""

from typing import Annotated, Literal

import typer

from maild.cli.options import DEFAULT_CONFIG, ConfigPath

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

    from maild import log
    from maild.app.life import lock_of, unseen, write_log
    from maild.app.waiting import await_database
    from maild.cli.options import house_of
    from maild.daemon import run

    house = house_of(config)
    write_log(house.config, form=log_form)
    for sentence in filter(None, (*house.config.warnings, unseen(house.config))):
        log.warned(sentence)
    if not await_database(house):
        return
    with lock_of(house):
        gc.freeze()
        gc.enable()
        run(house)
