"""Restores to a moment beside others: as another user, two at once, and killed half-way."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from become import become
from logged import live

from nexoaudit.live.snapshot import observe_snapshot
from nexoaudit.model.policy import Login
from nexoaudit.state.snapshots import encode_snapshot

__all__ = ["become"]  # a fixture of its own file
pytestmark = pytest.mark.mariadb

SUPPORT = str(Path(__file__).parents[1] / "support")
OWNER = """
import sys
sys.path[:0] = [sys.argv[1]]
from datetime import UTC, datetime
from pathlib import Path
from logged import logs_in, position_of, start_of
from nexoaudit.drill.point_in_time import Wish, drill_point_in_time
from nexoaudit.drill.terms import Terms
from nexoaudit.model.location import Location
from nexoaudit.state.snapshots import decode_snapshot
import json
import os
folder, room = Path(sys.argv[2]), Path(sys.argv[3])
dump = folder / "d.sql"
found = drill_point_in_time(
    start_of(dump, position_of(dump.read_bytes())), Location("disk", str(folder)), logs_in(folder),
    Terms(rto_s=3600), component="binlog", now=datetime(2100, 1, 1, tzinfo=UTC), parent=room,
    wish=Wish(snapshot=decode_snapshot(json.loads((folder / "snapshot").read_text()))),
)
print(found.outcome, found.problems, found.measure("exact_tables"), found.detail)
"""
SWEEPER = """
import sys
from pathlib import Path
from nexoaudit.sandbox.private import sweep
sys.exit(sweep(Path(sys.argv[1])))
"""
TRANSACTIONS = 100
"""Of 80 KB each: much more than the pipe holds that mariadb-binlog writes to."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A dump, logs, and what the live server held after them; everybody may read it."""
    with tempfile.TemporaryDirectory(prefix="nx") as top:
        made = Path(top) / "made"
        with live() as site:
            dump = site.dump("--master-data=2", "shop")
            insert = "INSERT INTO shop.users (name) SELECT REPEAT('x', 70) FROM seq_1_to_1000"
            site.run(*[insert] * TRANSACTIONS)
            site.traffic(2)
            login = Login("root", str(site.running.socket))
            found = observe_snapshot("database", login, ("shop",), site.moment, within_s=60)
            site.copy_logs(made)
        (made / "d.sql").write_bytes(dump)
        (made / "snapshot").write_text(json.dumps(encode_snapshot(found)))
        for path in (Path(top), made, *made.iterdir()):
            path.chmod(0o755)
        yield made


def programs(room: Path) -> set[str]:
    """Return the names of the programs that work below `room`."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "cmdline").read_bytes()
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        if f"={room}/".encode() in about:
            found.add(name)
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.mark.parametrize("user", ["ourselves", "another"])
def test_killed_with_kill_9_in_the_midst_of_a_replay(
    folder: Path, short: Path, user: str, become: Callable[[str, Path], list[str]]
) -> None:
    words = become(user, short)
    command = [*words, sys.executable, "-c", OWNER, SUPPORT, str(folder), str(short)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        wait_for(lambda: "mariadb-binlog" in programs(short) or owner.poll() is not None)
        owner.send_signal(signal.SIGSTOP)
        assert programs(short) == {"mariadb-binlog", "mariadbd"}
        assert list(short.glob("*/room/data/shop/users.ibd"))
        owner.send_signal(signal.SIGKILL)
        said, _ = owner.communicate()
    assert said == b""
    wait_for(lambda: not programs(short))
    assert list(short.iterdir())
    swept = subprocess.run([*words, sys.executable, "-c", SWEEPER, str(short)], check=False)
    assert swept.returncode == 1
    assert list(short.iterdir()) == []


def test_two_at_once_do_not_meet(
    folder: Path, short: Path, become: Callable[[str, Path], list[str]]
) -> None:
    """One of them as another user, where that can be had."""
    words = become("another", short) if os.geteuid() == 0 else []
    command = [sys.executable, "-c", OWNER, SUPPORT, str(folder), str(short)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as one,
        subprocess.Popen([*words, *command], stdout=subprocess.PIPE) as other,
    ):
        said = [each.communicate(timeout=120)[0] for each in (one, other)]
    assert said == [b"pass () 2 \n"] * 2
    assert list(short.iterdir()) == []
