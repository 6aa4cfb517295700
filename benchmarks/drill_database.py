"""Database drills against `zcat | mariadb` into a server that is set as the guide sets it."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from _production import production
from _site import GUIDE, load_by_guide, make_dump
from _watching import Taken, measured, own_mib

from nexoaudit.drill.contents import drill_contents
from nexoaudit.drill.database import drill_database
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.sandbox.server import server

SMALL = 30
"""Megabytes of SQL: a client that takes more memory for ten times as much is not flat."""
STARTS = 5


class Run(NamedTuple):
    """One restore: its loading alone, and all of it."""

    loading_s: float
    taken: Taken


def guide(dump: Path) -> Run:
    with measured() as taken, server(throwaway=False, options=GUIDE) as running:
        begin = time.perf_counter()
        load_by_guide(running, dump)
        taken.seconds = time.perf_counter() - begin
    return Run(taken.seconds, taken)


def drill(dump: Path, how: Callable[..., Drill]) -> tuple[Run, Drill]:
    copy = Copy("disk", "database", "full", dump.name, 0, "name", 0, 0, True, 0)
    with measured() as taken:
        result = how(Location("disk", str(dump.parent)), copy, Terms(), now=datetime.now(UTC))
    assert result.outcome == "pass", result
    restore = next(step for step in result.steps if step.name == "restore")
    return Run(restore.duration_ms / 1000, taken), result


def compare(dump: Path, rounds: int) -> None:
    """Print how long each way takes, and what of the machine."""
    theirs, ours, poured = [], [], []
    for _ in range(rounds):
        theirs.append(guide(dump))
        ours.append(drill(dump, drill_database))
        poured.append(drill(dump, drill_contents))
    plain, fast = (dict(done[0][1].measures) for done in (ours, poured))
    assert plain["content"] == fast["content"], "the contents differ"
    assert plain["rows"] == fast["poured"]
    base_s = median(run.loading_s for run in theirs)
    base_cpu_s = median(run.taken.cpu_s for run in theirs)
    say(f"zcat | mariadb, the guide's server: {base_s:.1f} s; {base_cpu_s:.1f} s of processor time")
    for name, done, target in (("drill", ours, 1.2), ("fast", poured, 1.6)):
        mine = [run for run, _ in done]
        loading_s = median(run.loading_s for run in mine)
        whole_s = median(run.taken.seconds for run in mine)
        cpu_s = median(run.taken.cpu_s for run in mine)
        memory_mib = max(run.taken.server_mib for run in mine)
        say(f"{name}, loading: {loading_s:.1f} s, {base_s / loading_s:.2f} times (target {target})")
        say(f"{name}, all that is judged, too: {whole_s:.1f} s, {base_s / whole_s:.2f} times")
        say(f"{name}, processor time of all: {cpu_s:.1f} s, {base_cpu_s / cpu_s:.2f} times less")
        say(f"{name}, memory of its server: {memory_mib} MiB (target: below 250)")
    say(f"equal checksums of {plain['rows']} rows, whichever way they came in")


def memory(large: Path, small: Path) -> None:
    """Print what the client takes, each in a process of its own."""
    for name in ("plain", "fast"):
        asked = [
            int(subprocess.check_output([sys.executable, __file__, "--own", name, str(path)]))
            for path in (small, large)
        ]
        say(f"client, {name}: {asked[0]} MiB for {SMALL} MB, {asked[1]} MiB for all (target: flat)")


def starts() -> None:
    """Print how long a sandbox takes to be there."""
    taken = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        with server():
            taken.append(time.perf_counter() - begin)
    say(f"clone and start of a sandbox: {median(taken):.2f} s (target 1)")


def neighbours(dump: Path) -> None:
    """Print how long the users of a production server wait while something is restored."""
    beside = {
        "nothing": lambda: time.sleep(10),
        "zcat | mariadb": lambda: guide(dump),
        "a drill": lambda: drill(dump, drill_database),
        "a fast drill": lambda: drill(dump, drill_contents),
    }
    with production() as serve:
        for name, what in beside.items():
            middle, worst = serve(what)
            say(f"production beside {name}: p50 {middle:.2f} ms, p99 {worst:.2f} ms")


PARTS: dict[str, Callable[[Path, Path, int], None]] = {
    "starts": lambda _large, _small, _rounds: starts(),
    "compare": lambda large, _small, rounds: compare(large, rounds),
    "memory": lambda large, small, _rounds: memory(large, small),
    "neighbours": lambda large, _small, _rounds: neighbours(large),
}


def say(line: str) -> None:
    print(f"database drill: {line}", flush=True)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"all, or some of: {', '.join(PARTS)}")
    parser.add_argument("--megabytes", type=int, default=300, help="SQL to restore (default: 300)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (default: 3)")
    parser.add_argument("--own", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.own:
        name, path = args.own
        drill(Path(path), drill_contents if name == "fast" else drill_database)
        print(own_mib())
        return
    with tempfile.TemporaryDirectory() as directory:
        large, small = Path(directory) / "large.sql.gz", Path(directory) / "small.sql.gz"
        say(f"{make_dump(large, args.megabytes) / 1e6:.0f} MB of SQL")
        make_dump(small, SMALL)
        for name in args.parts or PARTS:
            PARTS[name](large, small, args.rounds)


if __name__ == "__main__":
    sys.exit(main())
