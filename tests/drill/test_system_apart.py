"""The test restore of a whole system, and everything that it must not touch or leave behind."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from whole_site import DUMP, WholeSite

from nexoaudit.drill.system import Plan
from nexoaudit.model.drill import Drill
from nexoaudit.sandbox import private
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import Server, server

pytestmark = pytest.mark.mariadb

Restore = Callable[[Plan], Drill]


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
    whole_site: WholeSite, restore_system: Restore, production: Server, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o777)
    outside.chmod(0o777)
    harm = HARM.format(socket=production.socket, outside=outside / "harm")
    command = whole_site.php(harm)
    dump = DUMP.replace(
        "CREATE TABLE `config`",
        "CREATE DATABASE IF NOT EXISTS `shop`;\nUSE `shop`;\nDROP TABLE IF EXISTS `config`;\n"
        f"\\! touch {outside}/escaped\nCREATE TABLE `config`",
        1,
    )
    whole_site.put("d.sql.gz", gzip.compress(dump.encode()))
    before = position(production)
    result = restore_system(whole_site.plan(command))
    assert {"drill.client_command", "drill.names_schema", "drill.not_served"} <= set(
        result.problems
    )
    assert position(production) == before
    assert list(outside.iterdir()) == []


def test_the_harm_would_be_done_outside(production: Server, whole_site: WholeSite) -> None:
    """The twin: without the sandbox the same command writes."""
    before = position(production)
    harm = HARM.format(socket=production.socket, outside="/dev/null")
    subprocess.run(whole_site.php(harm), check=True, timeout=60)
    assert position(production) != before


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


def test_killed_with_kill_9_nothing_runs_on(whole_site: WholeSite, short: Path) -> None:
    room = short / "room"
    room.mkdir()
    room.chmod(0o777)
    support = str(Path(__file__).parents[1] / "support")
    command = [sys.executable, "-c", OWNER, str(whole_site.root), str(room), support]
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


def test_two_at_once_do_not_meet(whole_site: WholeSite, short: Path) -> None:
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
