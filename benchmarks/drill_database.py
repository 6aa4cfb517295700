"""A database drill against `zcat | mariadb` into a server that is set as the guide sets it."""

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from nexoaudit import process
from nexoaudit.drill.database import drill_database
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

GUIDE = ("--log-bin=mysql-bin", "--binlog-format=ROW", "--server-id=1", "--max-binlog-size=100M")
BYTES_PER_MESSAGE = 290
DATABASE = "bench"

SCHEMA = (
    f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
    f"USE {DATABASE}",
    "CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80), mail VARCHAR(80),"
    " timecreated BIGINT, UNIQUE KEY (mail), KEY (timecreated))",
    "CREATE TABLE messages (id INT PRIMARY KEY AUTO_INCREMENT, userid INT NOT NULL,"
    " subject VARCHAR(200), body TEXT, created DATETIME, digest VARBINARY(32), KEY (created),"
    " FOREIGN KEY (userid) REFERENCES users (id))",
    "CREATE VIEW newest AS SELECT id, subject FROM messages ORDER BY created DESC LIMIT 10",
)
ROWS = (
    "INSERT INTO users (name, mail, timecreated) SELECT CONCAT('Ñandú 😀 ', seq),"
    " CONCAT('user', seq, '@example.org'), 1700000000 + seq FROM seq_1_to_{users}",
    "INSERT INTO messages (userid, subject, body, created, digest) SELECT 1 + seq % {users},"
    " CONCAT('It''s \"no\" good; ', seq),"
    " REPEAT(CONCAT('Línea con ''comillas''; ', seq, '\\n'), 5),"
    " FROM_UNIXTIME(1700000000 + seq), UNHEX(SHA2(seq, 256)) FROM seq_1_to_{messages}",
)


def make_dump(path: Path, megabytes: int) -> int:
    """Write a dump of about so many megabytes of SQL to `path`; return its true size in bytes."""
    messages = megabytes * 1_000_000 // BYTES_PER_MESSAGE
    with server() as source:
        with source.connect() as session:
            for statement in (*SCHEMA, *ROWS):
                ask(session, statement.format(users=messages // 4, messages=messages))
        program = process.find("mariadb-dump", "mariadb-client")
        plain = path.with_suffix("")
        options = ["--single-transaction", "--routines", "--events", f"--result-file={plain}"]
        argv = [program, "--no-defaults", f"--socket={source.socket}", "--user=root"]
        result = process.run([*argv, *options, DATABASE], deadline_s=3600)
        assert result.returncode == 0, result.stderr
    with gzip.open(path, "wb", compresslevel=6) as packed, plain.open("rb") as text:
        while block := text.read(1 << 20):
            packed.write(block)
    return plain.stat().st_size


def rows(running: Server) -> int:
    with running.connect(DATABASE) as session:
        tables = ("users", "messages")
        return sum(int(ask(session, f"SELECT COUNT(*) FROM {table}")[0][0]) for table in tables)


def guide(dump: Path) -> tuple[float, int]:
    """Return the seconds of `zcat | mariadb`, and the rows that it restored."""
    with server(throwaway=False, options=GUIDE) as running:
        with running.connect() as session:
            ask(session, f"CREATE DATABASE {DATABASE}")
        client = f"mariadb --no-defaults --socket={running.socket} --user=root {DATABASE}"
        begin = time.perf_counter()
        result = process.run(["sh", "-c", f"zcat '{dump}' | {client}"], deadline_s=3600)
        seconds = time.perf_counter() - begin
        assert result.returncode == 0, result.stderr
        return seconds, rows(running)


def drill(dump: Path) -> tuple[float, float, int]:
    """Return the seconds of the restore and of the whole drill, and the rows it counted."""
    copy = Copy("disk", "database", "full", dump.name, 0, "name", 0, 0, True, 0)
    disk = Location("disk", str(dump.parent))
    result = drill_database(disk, copy, Terms(), now=datetime.now(UTC))
    assert result.outcome == "pass", result
    restore = next(step for step in result.steps if step.name == "restore")
    counted = dict(result.measures)["rows"]
    assert isinstance(counted, int)
    return restore.duration_ms / 1000, result.duration_ms / 1000, counted


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=120, help="SQL to restore (default: 120)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (default: 3)")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as directory:
        dump = Path(directory) / "bench.sql.gz"
        size = make_dump(dump, args.megabytes)
        theirs, ours, whole = [], [], []
        for _ in range(args.rounds):
            seconds, expected = guide(dump)
            restore, total, counted = drill(dump)
            assert counted == expected
            theirs.append(seconds)
            ours.append(restore)
            whole.append(total)
    base, restored, drilled = map(statistics.median, (theirs, ours, whole))
    print(
        f"database drill, {size / 1e6:.0f} MB of SQL, {expected} rows: zcat | mariadb {base:.2f} s,"
        f" restore {restored:.2f} s = {base / restored:.2f} times faster (target 1.15),"
        f" whole drill with counts and checks {drilled:.2f} s = {base / drilled:.2f} times"
    )


if __name__ == "__main__":
    sys.exit(main())
