"""One poll, cold and whole process: our checks against check_file_age, at 10 and 2,000 copies."""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Policy, Series, Site
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import State
from nexoaudit.state.file import write_state

REFERENCE = "/usr/lib/nagios/plugins/check_file_age"
CHECKS = ("age", "checksum", "copies", "retention", "auditor")
SIZES = (10, 2000)
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PLACES = ("local", "offsite")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args(argv).runs
    if not Path(REFERENCE).exists():
        sys.exit(f"{REFERENCE} is missing: install monitoring-plugins-basic")
    folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-"))
    try:
        report(measure(commands(folder), runs, environment(folder)))
    finally:
        shutil.rmtree(folder)


def commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands by name, after writing the states they read."""
    config = folder / "nexoaudit.toml"
    config.write_text("# not read by any check\n")
    found = {"check_file_age": [REFERENCE, "-w", "9999999", "-c", "9999999", str(config)]}
    for size in SIZES:
        state = folder / f"state-{size}.json"
        write_state(state, site(size, config))
        for check in CHECKS:
            program = Path(sys.executable).with_name(f"check_backup_{check}")
            found[f"{check} {size}"] = [str(program), "-s", str(state)]
    return found


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Python keeps its byte code, as an installation does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def site(size: int, config: Path) -> State:
    """Return a healthy site that holds `size` copies: daily points of databases at two places."""
    now_ms = int(time.time() * 1000)
    names = [f"database{number}" for number in range(1 if size <= 10 else 5)]
    points = size // len(names) // len(PLACES)
    today = now_ms - now_ms % DAY_MS - DAY_MS + 2 * HOUR_MS
    moments = [today - day * DAY_MS for day in reversed(range(points))]
    slots = tuple(today + day * DAY_MS for day in range(-40, 4))
    return State(
        policy=Policy(
            Site("benchmark"),
            (
                Location(PLACES[0], "/backups"),
                Location(PLACES[1], "/offsite", "remote", "elsewhere", True, "30 4 * * *"),
            ),
            tuple(component(name, moments[0], points) for name in names),
        ),
        copies={
            (name, "full", place): tuple(copy(name, place, moment) for moment in moments)
            for name in names
            for place in PLACES
        },
        slots=dict.fromkeys(names, slots),
        transfers={PLACES[1]: tuple(slot + 2 * HOUR_MS for slot in slots)},
        sweeps={place: Sweep(place, now_ms, "complete") for place in PLACES},
        failures={},
        drills=(),
        changes={},
        jobs={},
        started_ms=now_ms - 400 * DAY_MS,
        heartbeat_ms=now_ms,
        config_path=str(config),
        config_sha256=hashlib.sha256(config.read_bytes()).hexdigest(),
        ledger_size=10_000,
        ledger_root="0" * 64,
        version="benchmark",
    )


def component(name: str, first_ms: int, points: int) -> Component:
    series = Series(
        "full", name + "/{time:%Y%m%d_%H%M%S}.sql.gz", PLACES, keep_s=(points + 1) * 86400
    )
    # The jobs' grace spans a day and a half, so that any hour of the day finds a healthy site.
    return Component(
        name, "database", "0 2 * * *", grace_s=130_000, since_ms=first_ms - 1, series=(series,)
    )


def copy(name: str, place: str, moment: int) -> Copy:
    digest = hashlib.sha256(f"{name} {moment}".encode()).hexdigest()
    return Copy(
        place,
        name,
        "full",
        f"{name}/nexosupport_db_{moment}_020000.sql.gz",
        moment,
        "name",
        51_234_567,
        moment + 60_000,
        finished=True,
        seen_ms=moment + 120_000,
        # Read again within the month, as the auditor does in turn.
        verified_ms=max(moment + 180_000, int(time.time() * 1000) - DAY_MS),
        sha256=digest,
        recorded="sidecar",
        assurance=Assurance.READABLE,
        content_ms=moment + 50_000,
    )


def measure(
    programs: dict[str, list[str]], runs: int, env: dict[str, str]
) -> dict[str, list[float]]:
    """Return the seconds of every run; all programs take turns, so that they share all noise."""
    for name, program in programs.items():
        done = subprocess.run(program, env=env, capture_output=True, check=False)
        if done.returncode:
            sys.exit(f"{name}: exit code {done.returncode}: {done.stdout.decode()}")
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            begun = time.perf_counter()
            subprocess.run(program, env=env, stdout=subprocess.DEVNULL, check=True)
            taken[name].append(time.perf_counter() - begun)
    return taken


def report(taken: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(seconds) * 1000 for name, seconds in taken.items()}
    reference = medians["check_file_age"]
    small, large = SIZES
    print(f"check_file_age              {reference:6.1f} ms")
    print(f"{'check':<10} {small:>5} copies {large:>8,} copies   ratio to check_file_age  growth")
    for check in CHECKS:
        few, many = medians[f"{check} {small}"], medians[f"{check} {large}"]
        print(
            f"{check:<10} {few:9.1f} ms {many:12.1f} ms"
            f" {few / reference:12.2f} {many / reference:6.2f} {many / few:13.2f}"
        )


if __name__ == "__main__":
    main()
