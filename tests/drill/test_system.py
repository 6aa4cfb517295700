"""The test restore of a whole system: each fault beside the healthy one."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tarred import Entry, tar
from whole_site import CONFIG, DUMP, FILES, NAMED, WholeSite

from nexoaudit.drill.system import Plan, drill_system
from nexoaudit.model.drill import Drill
from nexoaudit.model.policy import Reconcile
from nexoaudit.sandbox import cell, memory, private
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

pytestmark = pytest.mark.mariadb

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TRUE = ("/bin/true",)


@pytest.fixture
def site(short: Path) -> WholeSite:
    (short / "backups").mkdir()
    return WholeSite(short / "backups")


Restore = Callable[[Plan], Drill]


@pytest.fixture
def restore(short: Path) -> Restore:
    """Return a function that drills a plan, and checks that nothing stays."""
    (short / "room").mkdir()

    def drill(plan: Plan) -> Drill:
        result = drill_system(plan, now=NOW, parent=short / "room")
        assert list((short / "room").iterdir()) == []
        return result

    return drill


def steps(drill: Drill) -> dict[str, str]:
    return {step.name: step.outcome for step in drill.steps}


def test_a_system_comes_back_and_serves(site: WholeSite, restore: Restore) -> None:
    result = restore(site.plan(site.php()))
    assert (result.outcome, result.problems, result.detail) == ("pass", (), "")
    assert set(steps(result).values()) == {"pass"}
    assert list(steps(result)) == [
        "sandbox", "restore", "count", "check", "sandbox.files",
        "read.config", "restore.config", "check.config",
        "read.files", "restore.files", "check.files",
        "unsaved", "reconcile", "plant", "serve",
    ]  # fmt: skip
    assert result.measure("serving") == 1
    assert result.measure("health_ms") > 0
    assert (result.measure("reconciled"), result.measure("tables")) == (2, 2)
    assert (result.measure("files"), result.measure("files.restored_files")) == (6, 3)
    assert [(one.part, one.path) for one in result.used] == [
        ("database", "d.sql.gz"),
        ("config", "c.tar.gz"),
        ("files", "f.tar.gz"),
    ]
    assert all(len(one.sha256) == 64 for one in result.used)


@pytest.mark.parametrize(
    ("script", "deadline_s", "reason", "detail"),
    [
        ("echo welcome", 60, "drill.not_served", "8 bytes were answered"),
        ("echo 'Fatal error: password=geheim' >&2; exit 3", 60, "drill.health_failed", "exit code"),
        ("sleep 600 & setsid sleep 600", 1, "drill.health_hangs", "stopped after 1 seconds"),
        ("exit 125", 60, "drill.health_failed", "exit code 125"),
    ],
)
def test_an_application_that_does_not_answer_fails(
    site: WholeSite, restore: Restore, script: str, deadline_s: int, reason: str, detail: str
) -> None:
    result = restore(site.plan(site.shell(script), deadline_s=deadline_s))
    assert (result.outcome, result.problems) == ("fail", (reason,))
    assert result.detail.startswith(detail)
    assert "geheim" not in result.detail
    assert (steps(result)["serve"], result.measure("serving")) == ("fail", 0)


def test_without_a_command_the_rest_counts(site: WholeSite, restore: Restore) -> None:
    result = restore(site.plan(reconcile=()))
    assert (result.outcome, result.reason) == ("pass", "drill.no_reconcile")
    assert set(result.problems) == {"drill.no_reconcile", "drill.no_health"}
    assert steps(result)["serve"] == steps(result)["reconcile"] == "unverified"
    assert (result.measure("serving"), len(result.used)) == (0, 3)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ("UPDATE config SET valu = :nonce", "Unknown column 'valu'"),
        ("UPDATE config SET value = :nonce WHERE name = 'gone'", "the statement changed no row"),
    ],
)
def test_a_nonce_that_cannot_be_planted_is_unverified(
    site: WholeSite, restore: Restore, plant: str, said: str
) -> None:
    result = restore(site.plan(TRUE, plant=plant))
    assert (result.outcome, result.reason) == ("unverified", "drill.not_planted")
    assert result.detail.startswith(said)
    assert "serve" not in steps(result)


def test_a_file_that_a_row_names_must_come_back(site: WholeSite, restore: Restore) -> None:
    rows = DUMP.replace("(NULL,0)", "('2026/late.pdf',1),('../api/index.php',1),('2026',1)")
    site.put("d.sql.gz", gzip.compress(rows.encode()))
    result = restore(site.plan())
    assert (result.outcome, result.reason) == ("fail", "drill.file_missing")
    assert result.detail == "2026/late.pdf, ../api/index.php, 2026"
    assert result.measure("reconciled") == 2


@pytest.mark.parametrize("asked", ["nothing", "path, size"])
def test_a_question_that_cannot_be_asked_is_unverified(
    site: WholeSite, restore: Restore, asked: str
) -> None:
    question = Reconcile(f"SELECT {asked} FROM attachments")
    result = restore(site.plan(reconcile=(question, NAMED)))
    assert (result.outcome, result.reason) == ("unverified", "drill.not_asked")
    assert result.measure("reconciled") == 2


@pytest.mark.parametrize(
    ("left", "saved", "said"),
    [
        ((), (), "accounts and grants, the default character set of the database, the config"),
        (CONFIG[:1], (), "accounts and grants"),
        (CONFIG[:1], ("accounts",), ""),
        (CONFIG[1:], (), "the default character set of the database, the configuration of"),
    ],
)
def test_what_is_in_no_backup_is_named(
    site: WholeSite,
    restore: Restore,
    left: tuple[Entry, ...],
    saved: tuple[str, ...],
    said: str,
) -> None:
    site.put("c.tar.gz", gzip.compress(tar([Entry("etc/site/else", b"x"), *left])))
    result = restore(site.plan()._replace(saved=frozenset(saved)))
    assert result.outcome == ("fail" if said else "pass")
    assert ("drill.unsaved" in result.problems) == bool(said)
    assert result.detail.startswith(said)


def test_a_dump_that_makes_its_database_says_its_character_set(
    site: WholeSite, restore: Restore
) -> None:
    made = DUMP.replace(
        "CREATE TABLE `config`",
        "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\nUSE `shop`;\n"
        "CREATE TABLE `config`",
        1,
    )
    site.put("d.sql.gz", gzip.compress(made.encode()))
    site.put("c.tar.gz", gzip.compress(tar([Entry("my.cnf", b"[mysqld]\n"), CONFIG[1]])))
    assert "drill.unsaved" not in restore(site.plan()).problems


def test_a_part_without_a_backup_fails(site: WholeSite, restore: Restore) -> None:
    plan = site.plan(TRUE)
    without = plan._replace(parts=plan.parts[:2])
    result = restore(without)
    assert (result.outcome, result.reason, result.detail) == ("fail", "drill.part_missing", "files")
    result = restore(plan._replace(parts=plan.parts[1:]))
    assert (result.outcome, result.detail) == ("fail", "database")
    assert "check.files" in steps(result)
    result = restore(plan._replace(parts=(), left_out=("shop-2",)))
    assert result.detail == "database, config, files"
    assert "drill.part_left_out" in result.problems


def test_a_broken_part_fails_and_the_others_are_restored(site: WholeSite, restore: Restore) -> None:
    site.put("d.sql.gz", gzip.compress(DUMP.replace("INSERT", "INSERTED").encode()))
    site.put("f.tar.gz", gzip.compress(tar(FILES))[:-20])
    result = restore(site.plan(TRUE))
    assert result.outcome == "fail"
    assert {"drill.load_failed", "drill.unreadable"} <= set(result.problems)
    assert steps(result)["read.files"] == "fail"
    assert steps(result)["check.config"] == "pass"
    assert "serve" not in steps(result)


def test_what_cannot_be_run_here_is_unverified(
    site: WholeSite, restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise cell.IsolationError("namespaces of its own are refused: Operation not permitted")

    monkeypatch.setattr(cell, "run", refused)
    result = restore(site.plan(TRUE))
    assert (result.outcome, result.reason) == ("unverified", "drill.no_isolation")
    monkeypatch.setattr(memory, "NEEDED", 1 << 60)
    monkeypatch.setattr(memory.require, "__defaults__", (1 << 60,))
    result = restore(site.plan(TRUE))
    assert (result.outcome, result.reason) == ("unverified", "drill.no_memory")


# Production stands beside it


@pytest.fixture
def production() -> Iterator[Server]:
    """A server as production has one, whose binary log shows every write."""
    options = ["--log-bin=mysql-bin", "--binlog-format=ROW"]
    with server(options=options) as running:
        with running.connect() as session:
            ask(session, "CREATE DATABASE shop")
            ask(session, "CREATE TABLE shop.config (name VARCHAR(20), value TEXT)")
            ask(session, "CREATE USER app@localhost")
            ask(session, "GRANT ALL ON *.* TO app@localhost")
        running.directory.chmod(0o755)
        running.directory.parent.chmod(0o755)
        yield running


def position(running: Server) -> Any:
    with running.connect() as session:
        return ask(session, "SHOW MASTER STATUS")


HARM = """<?php
foreach (['{socket}', '/run/mysqld/mysqld.sock'] as $socket) {{
    try {{
        $db = new PDO("mysql:unix_socket=$socket;dbname=shop", 'app');
        $db->exec("INSERT INTO config VALUES ('harm', 'done')");
    }} catch (PDOException $refused) {{}}
}}
@file_put_contents('{outside}', 'harm');
"""


def test_production_is_never_written_to(
    site: WholeSite, restore: Restore, production: Server, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o777)
    outside.chmod(0o777)
    harm = HARM.format(socket=production.socket, outside=outside / "harm")
    command = site.php(harm)
    dump = DUMP.replace(
        "CREATE TABLE `config`",
        "CREATE DATABASE IF NOT EXISTS `shop`;\nUSE `shop`;\nDROP TABLE IF EXISTS `config`;\n"
        f"\\! touch {outside}/escaped\nCREATE TABLE `config`",
        1,
    )
    site.put("d.sql.gz", gzip.compress(dump.encode()))
    before = position(production)
    result = restore(site.plan(command))
    assert {"drill.client_command", "drill.names_schema", "drill.not_served"} <= set(
        result.problems
    )
    assert position(production) == before
    assert list(outside.iterdir()) == []


def test_the_harm_would_be_done_outside(production: Server, site: WholeSite) -> None:
    """The twin: without the sandbox the same command writes."""
    before = position(production)
    harm = HARM.format(socket=production.socket, outside="/dev/null")
    subprocess.run(site.php(harm), check=True, timeout=60)
    assert position(production) != before


# Killed


OWNER = """
import sys
sys.path[:0] = [sys.argv[3]]
from datetime import UTC, datetime
from pathlib import Path
from whole_site import WholeSite
from nexoaudit.drill.system import drill_system
site = WholeSite(Path(sys.argv[1]))
plan = site.plan(site.shell("sleep 4321 & exec sleep 4322"))
drill_system(plan, now=datetime(2026, 11, 20, 3, 0, tzinfo=UTC), parent=Path(sys.argv[2]))
"""


def owned_by(room: Path) -> list[str]:
    """Return the programs that have to do with the restored data below `room`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes()
            about = said + (process / "environ").read_bytes()
        except OSError:
            continue
        if f"={room}/".encode() in about:
            found.append(said.decode(errors="replace"))
    return found


def test_killed_with_kill_9_nothing_runs_on(site: WholeSite, short: Path) -> None:
    room = short / "room"
    room.mkdir()
    room.chmod(0o777)
    support = str(Path(__file__).parents[1] / "support")
    command = [sys.executable, "-c", OWNER, str(site.root), str(room), support]
    with subprocess.Popen(command) as owner:
        until = time.monotonic() + 60
        while not any("4322" in said for said in owned_by(room)):
            assert time.monotonic() < until
            assert owner.poll() is None
            time.sleep(0.02)
        assert any("mariadbd" in said for said in owned_by(room))
        owner.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while owned_by(room):
        assert time.monotonic() < until, owned_by(room)
        time.sleep(0.02)
    assert list(room.iterdir())
    assert private.sweep(room) == 2
    assert list(room.iterdir()) == []


ORDINARY = OWNER.replace('site.shell("sleep 4321 & exec sleep 4322")', "site.php()").replace(
    "drill_system(plan", "found = drill_system(plan"
)


def test_an_ordinary_user_can_do_all_of_it(short: Path) -> None:
    """With namespaces of one's own; where the kernel refuses them, the drill says so."""
    room = short / "ordinary"
    room.mkdir()
    room.chmod(0o777)
    user = []
    if os.geteuid() == 0:
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    made = subprocess.run([*user, "unshare", "-Urnm", "true"], check=False, timeout=60)
    support = str(Path(__file__).parents[1] / "support")
    script = ORDINARY.rstrip() + "\nprint(found.outcome, found.problems, found.measure('serving'))"
    command = [*user, sys.executable, "-c", script, str(room), str(room), support]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    if made.returncode == 0:
        assert said == "pass () 1\n"
    else:
        assert said == "unverified ('drill.no_isolation',) 0\n"
    assert not list(room.glob("nexoaudit-*"))


def test_two_at_once_do_not_meet(site: WholeSite, short: Path) -> None:
    room = short / "room"
    room.mkdir()
    support = str(Path(__file__).parents[1] / "support")
    owner = OWNER.replace('"sleep 4321 & exec sleep 4322"', '"true"').replace(
        "drill_system(plan", "print(drill_system(plan"
    )
    owner = owner.rstrip() + ".problems)"
    others = []
    for name in ("one", "two"):
        (short / name).mkdir()
        command = [sys.executable, "-c", owner, str(short / name), str(room), support]
        others.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    for other in others:
        said, _ = other.communicate(timeout=120)
        assert said == b"('drill.not_served',)\n"
    assert list(room.iterdir()) == []
