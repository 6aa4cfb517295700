"""What this machine's own mariadb-dump and server write, sound and cut short."""

import gzip
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.model.moments import millis
from nexoaudit.model.verification import Verification
from nexoaudit.sandbox.server import Server, server
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About

pytestmark = pytest.mark.mariadb

SCHEMA = Path(__file__).parent / "data" / "schema.sql"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with server(options=["--log-bin=mysql-bin", "--binlog-format=ROW", "--server-id=7"]) as made:
        run("mariadb", made, "--comments", stdin=SCHEMA.read_bytes())
        yield made


def run(program: str, running: Server, *options: str, stdin: bytes = b"") -> bytes:
    command = [
        program,
        "--no-defaults",
        f"--socket={running.socket}",
        f"--user={running.user}",
        "--default-character-set=utf8mb4",
        *options,
    ]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


def check(path: Path, kind: str = "database") -> Verification:
    return verify(
        path,
        About(kind, millis(NOW), "name", ZoneInfo("UTC"), datetime.now(UTC)),
        sidecar=None,
        expects_sidecar=False,
    )


def dumped(path: Path, running: Server, *options: str) -> Verification:
    command = [
        "mariadb-dump",
        "--no-defaults",
        f"--socket={running.socket}",
        f"--user={running.user}",
        "--routines",
        "--events",
        "--triggers",
        *options,
    ]
    made = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "TZ": "UTC"}
    ).stdout
    path.write_bytes(gzip.compress(made))
    return check(path)


@pytest.mark.parametrize(
    "options",
    [
        ["shop"],
        ["--single-transaction", "--quick", "--master-data=2", "shop"],
        ["--single-transaction", "--master-data=1", "--gtid", "shop"],
        ["--skip-extended-insert", "--complete-insert", "shop"],
        ["--hex-blob", "--replace", "shop"],
        ["--skip-opt", "shop"],
        ["--skip-dump-date", "shop"],
        ["--skip-comments", "shop"],
        ["--databases", "shop"],
        ["--no-create-info", "shop"],
        ["--insert-ignore", "--complete-insert", "shop"],
        ["--hex-blob", "--skip-extended-insert", "--skip-add-locks", "shop"],
        ["--skip-quote-names", "--skip-tz-utc", "--skip-set-charset", "shop"],
        ["--add-drop-database", "--databases", "shop"],
        ["--no-autocommit", "--order-by-primary", "--flush-privileges", "shop"],
        ["--skip-comments", "--skip-extended-insert", "--hex-blob", "shop"],
        ["--apply-slave-statements", "--master-data=1", "shop"],
    ],
)
def test_dumps_of_every_manner_are_sound(tmp_path: Path, shop: Server, options: list[str]) -> None:
    found = dumped(tmp_path / "db.sql.gz", shop, *options)
    assert found.problems == ()
    manifest = dict(found.manifest)
    data_only = "--no-create-info" in options
    assert manifest["tables"] == (3 if data_only else 4)
    assert (manifest["rows"], manifest["rows.users"]) == (7, 3)
    assert (manifest["triggers"], manifest["routines"], manifest["events"]) == (1, 2, 1)
    assert manifest["views"] == (0 if data_only else 1)
    assert ("position" in manifest) == any("master-data" in option for option in options)
    assert bool(found.content_ms) == (not {"--skip-dump-date", "--skip-comments"} & set(options))


def test_a_dump_without_rows_is_whole(tmp_path: Path, shop: Server) -> None:
    found = dumped(tmp_path / "db.sql.gz", shop, "--no-data", "shop")
    manifest = dict(found.manifest)
    assert (found.problems, manifest["tables"], manifest["rows"]) == ((), 4, 0)


def test_whole_server_and_nothing_but_users(tmp_path: Path, shop: Server) -> None:
    found = dumped(tmp_path / "all.sql.gz", shop, "--all-databases")
    assert found.problems == ()
    assert dict(found.manifest)["rows.shop.users"] == 3
    run("mariadb", shop, "--execute=CREATE DATABASE bare")
    assert dumped(tmp_path / "bare.sql.gz", shop, "bare").problems == ("dump.no_tables",)


def test_a_compact_dump_proves_nothing(tmp_path: Path, shop: Server) -> None:
    found = dumped(tmp_path / "db.sql.gz", shop, "--compact", "shop")
    assert found.problems == ("dump.unprovable",)
    assert dict(found.manifest)["rows.users"] == 3


def test_a_dump_that_died_at_a_broken_view(tmp_path: Path, shop: Server) -> None:
    statements = "CREATE DATABASE torn; USE torn; CREATE TABLE a (i INT); CREATE TABLE z (i INT); \
        CREATE VIEW b AS SELECT i FROM z; DROP TABLE z"
    run("mariadb", shop, f"--execute={statements}")
    command = f"mariadb-dump --no-defaults --socket={shop.socket} --user={shop.user} %s torn | gzip"
    for options, problem in (("", "dump.no_trailer"), ("--force", "dump.left_out")):
        made = subprocess.run(command % options, shell=True, capture_output=True, check=True).stdout
        path = tmp_path / "torn.sql.gz"
        path.write_bytes(made)
        assert check(path).problems == (problem,)


def test_a_dumper_without_the_right_to_see_routines(tmp_path: Path, shop: Server) -> None:
    run(
        "mariadb",
        shop,
        "--execute=CREATE USER lesser; \
        GRANT SELECT, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON shop.* TO lesser",
    )
    command = f"mariadb-dump --no-defaults --socket={shop.socket} --user=lesser -R shop | gzip"
    made = subprocess.run(command, shell=True, capture_output=True, check=True)
    assert b"insufficient privileges" in made.stderr
    path = tmp_path / "db.sql.gz"
    path.write_bytes(made.stdout)
    assert "dump.left_out" in check(path).problems


def test_a_binary_log_while_it_is_written_and_after(tmp_path: Path, shop: Server) -> None:
    logs = shop.data
    first = sorted(logs.glob("mysql-bin.0*"))[-1].name
    for flush, state in ((False, (1, 0)), (True, (0, 1))):
        if flush:
            run("mariadb", shop, "--execute=FLUSH BINARY LOGS")
        path = tmp_path / first
        path.write_bytes((logs / first).read_bytes())
        found = check(path, "binlog")
        assert (found.problems, found.recorded) == ((), "self")
        manifest = dict(found.manifest)
        assert (manifest["in_use"], manifest["closed"], manifest["server_id"]) == (*state, 7)
