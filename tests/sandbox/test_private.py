import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nexoaudit.sandbox import private

OWNER = """
import sys, time
from pathlib import Path
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server
with server(parent=Path(sys.argv[1])) as running:
    with running.connect() as session:
        ask(session, "CREATE DATABASE personal_data")
    print((running.directory / "pid").read_text().strip(), flush=True)
    time.sleep(600)
"""

SWEEPER = """
import sys
from pathlib import Path
from nexoaudit.sandbox.private import sweep
print(sweep(Path(sys.argv[1])))
"""


def gone(pid: int) -> bool:
    """Wait for the end of a process that nobody has to wait for."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_a_directory_is_private_and_goes(short: Path) -> None:
    with private.directory(parent=short) as room:
        assert stat.S_IMODE(room.stat().st_mode) == 0o700
        assert stat.S_IMODE(room.parent.stat().st_mode) == 0o700
        (room / "data").mkdir()
        (room / "data" / "row").write_text("secret")
    assert list(short.iterdir()) == []


def test_a_sweep_leaves_the_living_alone(short: Path) -> None:
    with private.directory(parent=short) as room:
        (room / "row").write_text("secret")
        assert private.sweep(short) == 0
        assert (room / "row").exists()


def test_a_sweep_leaves_what_is_not_ours(short: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "keep").write_text("")
    (short / (private.PREFIX + "link")).symlink_to(target)
    (short / (private.PREFIX + "file")).write_text("")
    (short / "other").mkdir()
    assert private.sweep(short) == 0
    assert (target / "keep").exists()
    assert len(list(short.iterdir())) == 3


def test_a_sweep_removes_the_rest_of_a_removal_cut_short(short: Path) -> None:
    (short / (private.PREFIX + "rest") / "room" / "data").mkdir(parents=True)
    assert private.sweep(short) == 1
    assert list(short.iterdir()) == []


def test_a_sweep_removes_what_lost_its_room_but_not_its_lock(short: Path) -> None:
    outer = short / (private.PREFIX + "rest")
    outer.mkdir()
    (outer / "lock").touch()
    assert private.sweep(short) == 1
    assert list(short.iterdir()) == []


def test_a_sweep_removes_what_was_never_locked_once_it_is_old(short: Path) -> None:
    young, old, other = (short / f"nexoaudit-{name}" for name in ("new-a", "new-b", "other"))
    for made in (young, old, other):
        (made / "room").mkdir(parents=True)
        (made / "lock").touch()
    for made in (old, other):
        os.utime(made, (time.time() - 1000, time.time() - 1000))
    assert private.sweep(short) == 1
    assert sorted(short.iterdir()) == [young, other]


def test_a_sweep_of_nowhere_is_quiet(short: Path) -> None:
    assert private.sweep(short / "absent") == 0


@pytest.mark.mariadb
@pytest.mark.parametrize("user", ["ourselves", "another"])
def test_killed_with_kill_9_leaves_no_server_and_no_data(
    short: Path, user: str, become: Callable[[str, Path], list[str]]
) -> None:
    prefix = become(user, short)
    with subprocess.Popen(
        [*prefix, sys.executable, "-c", OWNER, str(short)], stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        server_pid = int(owner.stdout.readline())
        assert list(short.glob(private.PREFIX + "*/room/data/personal_data"))
        owner.send_signal(signal.SIGKILL)
    assert gone(server_pid)
    assert list(short.iterdir())
    swept = subprocess.run(
        [*prefix, sys.executable, "-c", SWEEPER, str(short)], capture_output=True, check=True
    )
    assert swept.stdout == b"1\n"
    assert list(short.iterdir()) == []


@pytest.mark.mariadb
def test_a_server_whose_parent_died_while_it_started_is_swept_too(short: Path) -> None:
    """The kernel kills it only when the death signal was set in time."""
    outer = short / (private.PREFIX + "late")
    room = outer / "room"
    room.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)", f"--datadir={room}/data"]
    ) as stray:
        while b"datadir" not in Path(f"/proc/{stray.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        assert private.sweep(short) == 1
        assert stray.wait(timeout=10) == -signal.SIGKILL
    assert list(short.iterdir()) == []
