"""`python -m bench`: print the figures, one JSON line each. README.md beside this file says how to read them."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from statistics import median, quantiles

from bench.figures import Run, fill, floor_run, maild_run, quiet
from bench.floor import MAILBOX
from bench.reports import reports
from tests.servers.dovecot import Dovecot

Pair = tuple[Run, Run]
"""A run of maild and the run of the floor just before it."""


def main() -> None:
    """Take all figures. Ends with 1 where an acknowledgement was lost or doubled."""
    wanted = _arguments()
    if shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        sys.exit("make bench needs Dovecot: run `make test-deps`")
    server = Dovecot()
    try:
        server.start()
        rounds = _rounds(server, wanted)
        _print_throughput(rounds)
        _print_quiet(server, wanted, most=max(ours.memory for ours, _ in rounds))
    finally:
        server.remove()
    if any(run.lost or run.doubled for pair in rounds for run in pair):
        sys.exit("acknowledgements were lost or doubled: the figures mean nothing")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--mails", type=int, default=1000, help="how many lie in the mailbox for the throughput (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program has its turn (%(default)s)")
    parser.add_argument("--single", type=int, default=60, help="how many come one by one for the latency (%(default)s)")
    parser.add_argument("--idle", type=float, default=60.0, help="for how many seconds nothing comes (%(default)s)")
    return parser.parse_args()


def _rounds(server: Dovecot, wanted: argparse.Namespace) -> list[Pair]:
    account, mails = server.account(), list(reports(wanted.mails, to=MAILBOX))
    fill(account, mails)
    pairs = []
    for _ in range(wanted.rounds):
        theirs = floor_run(account, mails)
        pairs.append((maild_run(account, mails), theirs))
    return pairs


def _print_throughput(rounds: Sequence[Pair]) -> None:
    def tell(measure: str, unit: str, of: Callable[[Run], float]) -> None:
        _print(measure, median(of(ours) for ours, _ in rounds), unit, median(of(ours) / of(theirs) for ours, theirs in rounds))

    tell("throughput", "mails/s", lambda run: run.rate)
    tell("throughput without the start", "mails/s", lambda run: run.steady_rate)
    tell("cpu", "s/1000 mails", lambda run: run.cpu * 1000 / len(run.reports))
    _print("throughput of the floor", median(theirs.rate for _, theirs in rounds), "mails/s", 1.0)
    _print("acknowledgements lost", sum(ours.lost for ours, _ in rounds), "mails")
    _print("acknowledgements doubled", sum(ours.doubled for ours, _ in rounds), "mails")


def _print_quiet(server: Dovecot, wanted: argparse.Namespace, *, most: float) -> None:
    calm = quiet(server.account(), mails=list(reports(wanted.single, to=MAILBOX, seed=2)), idle_seconds=wanted.idle)
    milliseconds = [latency * 1000 for latency in calm.latencies]
    _print("latency, median", median(milliseconds), "ms")
    _print("latency, 95th percentile", quantiles(milliseconds, n=20)[-1], "ms")
    _print("memory", max(most, calm.memory), "MB")
    _print("idle cpu", calm.idle_cpu, "s/min")
    _print("idle writes", calm.idle_writes, "files")


def _print(measure: str, value: float, unit: str, ratio: float | None = None) -> None:
    line = {"measure": measure, "value": round(value, 4), "unit": unit, "ratio": ratio and round(ratio, 3)}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
