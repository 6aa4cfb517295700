"""What the proof of continuity adds to a replay of binary logs.

The steps of a point-in-time drill against `mariadb-binlog | mariadb` of the same logs into the same
kind of server, with no proof. CPU seconds are of all processes together, the servers included.
"""

import argparse
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.drill.logs import Log
from nexoaudit.drill.point_in_time import Start, Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.formats.scanner import scan
from nexoaudit.model.binlog import Position, log_number
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill
from nexoaudit.model.location import Location
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

LOGGING = ("--log-bin=mysql-bin", "--binlog-format=ROW", "--server-id=7", "--max-binlog-size=16M")
TARGET_PERCENT = 10
PROOF = ("logs", "check")
"""The steps of a drill that a replay without a proof does not have."""
SCHEMA = (
    "CREATE DATABASE bench CHARACTER SET utf8mb4",
    "USE bench",
    "CREATE TABLE hits (id INT PRIMARY KEY AUTO_INCREMENT, userid INT, n INT, body VARCHAR(120),"
    " created DATETIME, KEY (userid))",
    "INSERT INTO hits (userid, n, body, created) SELECT seq % 5000, 0,"
    " CONCAT('Línea ', seq, REPEAT('x', 30)), '2026-11-01' + INTERVAL seq SECOND"
    " FROM seq_1_to_100000",
    "CREATE PROCEDURE visit(IN many INT) BEGIN DECLARE i INT DEFAULT 0; WHILE i < many DO"
    " INSERT INTO hits (userid, n, body, created) VALUES (i % 5000, 1, CONCAT('visit ', i), NOW());"
    " UPDATE hits SET n = n + 1 WHERE id = 1 + i % 100000; SET i = i + 1; END WHILE; END",
)
ROUND = (
    "CALL visit(1000)",
    "UPDATE hits SET n = n + 1 WHERE id % 10 = {digit}",
    "INSERT INTO hits (userid, n, body, created) SELECT userid, n, body, created FROM hits"
    " WHERE id BETWEEN {digit} * 3000 + 1 AND {digit} * 3000 + 3000",
)
"""About 2.8 MB of logs: 2,000 small transactions and two large ones."""


class Taken(NamedTuple):
    """What one way took, in seconds."""

    wall: float
    cpu: float


def make(folder: Path, megabytes: int) -> Position:
    """Write a dump, and about so many megabytes of binary logs that follow it; return its place."""
    with server(options=LOGGING) as source, source.connect() as session:
        for statement in SCHEMA:
            ask(session, statement)
        program = process.find("mariadb-dump", "mariadb-client")
        dump = folder / "d.sql"
        argv = [program, "--no-defaults", f"--socket={source.socket}", "--user=root"]
        argv += ["--single-transaction", "--master-data=2", f"--result-file={dump}", "bench"]
        assert process.run(argv, deadline_s=600).returncode == 0
        found = scan([dump.read_bytes()])
        log, _, offset = found.position.rpartition(":")
        start = Position("d.sql", log, int(offset), found.gtid)
        size = digit = 0
        while size < megabytes * 1_000_000:
            for statement in ROUND:
                ask(session, statement.format(digit=digit))
            digit = (digit + 1) % 10
            logs = [path for path in source.data.glob("mysql-bin.0*") if path.name >= log]
            size = sum(path.stat().st_size for path in logs) - start.offset
        time.sleep(1.1)  # a moment between two transactions
        ask(session, "UPDATE hits SET n = 0 WHERE id = 1")
        ask(session, "FLUSH BINARY LOGS")
        for path in sorted(logs):
            shutil.copy(path, folder)
    return start


@contextmanager
def timed(taken: list[Taken], running: Server | None = None) -> Iterator[None]:
    """Append what is done inside; of a server that runs on, what it takes meanwhile."""
    begin, before = time.perf_counter(), _cpu(running)
    yield
    taken.append(Taken(time.perf_counter() - begin, _cpu(running) - before))


def _cpu(running: Server | None) -> float:
    """Return the CPU seconds of this process, of its children that ended, and of a server."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(item.ru_utime + item.ru_stime for item in used)
    if running is not None:
        fields = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / 100
    return total


def plain(folder: Path, start: Position, taken: list[Taken]) -> int:
    """Replay without a proof; return the rows that are there afterwards."""
    logs = " ".join(log.copy.path for log in logs_in(folder))
    with server() as running:
        with running.connect() as session:
            ask(session, "CREATE DATABASE bench")
        client = f"mariadb --no-defaults --socket={running.socket} --user=root"
        load = f"{client} --init-command='SET autocommit=0' bench < d.sql"
        assert process.run(["sh", "-c", load], deadline_s=600, cwd=folder).returncode == 0
        options = f"--verify-binlog-checksum --start-position={start.offset}"
        script = f"mariadb-binlog --no-defaults {options} {logs} | {client} --binary-mode"
        with timed(taken, running):
            result = process.run(["sh", "-c", script], deadline_s=600, cwd=folder)
        assert result.returncode == 0, result.stderr
        with running.connect("bench") as session:
            return int(ask(session, "SELECT COUNT(*) FROM hits")[0][0])


def drill(folder: Path, start: Position, taken: list[Taken], whole: list[Taken]) -> Drill:
    """Drill to the last moment there is; take the time of what the replay and its proof take."""
    size = (folder / "d.sql").stat().st_size
    copy = Copy("disk", "database", "full", "d.sql", 0, "name", size, 0, True, 0)
    disk = Location("disk", str(folder))
    with timed(whole):
        result = drill_point_in_time(
            Start(disk, copy, start),
            disk,
            logs_in(folder),
            Terms(),
            component="binlog",
            wish=Wish(pick=lambda count: count - 1),
            now=datetime.now(UTC),
        )
    assert result.outcome == "pass", result
    steps = {step.name: step.duration_ms / 1000 for step in result.steps}
    taken.append(Taken(sum(steps[name] for name in (*PROOF, "replay")), 0.0))
    return result


def logs_in(folder: Path) -> list[Log]:
    """Return the binary logs in a directory, in order."""
    found = []
    for path in sorted(folder.glob("mysql-bin.0*")):
        status = path.stat()
        ms = status.st_mtime_ns // 1_000_000
        copy = Copy("disk", "binlog", "full", path.name, ms, "mtime", status.st_size, ms, True, 0)
        found.append(Log(log_number(path.name), copy))
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=65, help="binary logs (default: 65)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (default: 3)")
    args = parser.parse_args(argv)
    theirs: list[Taken] = []
    ours: list[Taken] = []
    whole: list[Taken] = []
    proofs: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        start = make(folder, args.megabytes)
        for _ in range(args.rounds):
            rows = plain(folder, start, theirs)
            result = drill(folder, start, ours, whole)
            measured = dict(result.measures)
            assert measured["rows"] == rows, (measured, rows)
            proofs.append(sum(s.duration_ms / 1000 for s in result.steps if s.name in PROOF))
    base, cpu = (statistics.median(item[at] for item in theirs) for at in (0, 1))
    proven = statistics.median(item.wall for item in ours)
    percent = (proven / base - 1) * 100
    print(
        f"point in time, {result.measure('replayed_bytes') / 1e6:.0f} MB of ROW logs,"
        f" {measured['transactions']} transactions: mariadb-binlog | mariadb {base:.2f} s"
        f" (CPU {cpu:.2f} s), with the proof {proven:.2f} s = {percent:+.0f} %"
        f" (target: at most +{TARGET_PERCENT} %), of which reading the logs and asserting both"
        f" sides {statistics.median(proofs):.2f} s; the whole drill"
        f" {statistics.median(item.wall for item in whole):.2f} s"
        f" (CPU {statistics.median(item.cpu for item in whole):.2f} s)"
    )
    return int(percent > TARGET_PERCENT)


if __name__ == "__main__":
    sys.exit(main())
