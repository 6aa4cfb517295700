"""An audit that reads several copies at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nexoaudit.evidence import millis
from nexoaudit.state.file import read_state

LONG = 40 << 30
"""Bytes of a sparse file whose read outlasts the test."""

AUDIT = """\
import signal
import sys
from datetime import datetime
from nexoaudit.cli.main import main
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    now = datetime.fromisoformat(sys.argv[2])
    sys.exit(main(["audit", "--config", sys.argv[1]], clock=lambda: now))
"""


@pytest.fixture
def wide(site):
    """A site whose audits read two copies at once, however little there is to read."""
    site.config.write_text(site.config.read_text() + "\n[auditor]\nworkers = 2\n")
    return site


def facts(state):
    return {
        key: [copy._replace(verified_ms=0, seen_ms=0) for copy in held]
        for key, held in state.copies.items()
    }


def test_what_is_found_does_not_depend_on_the_number_of_readers(site):
    site.dump(1, text="-- MariaDB dump half of it")
    one = site.audit().state
    site.config.write_text(site.config.read_text() + "\n[auditor]\nworkers = 2\n")
    two = site.audit(reread=True)
    assert two.verified == 8
    assert facts(one) == facts(two.state)


def test_the_installed_command_reads_with_processes_of_its_own(wide):
    command = [Path(sys.executable).with_name("nexoaudit"), "audit", "--config", wide.config]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "8 read now." in run.stdout
    assert run.stderr == ""
    state = read_state(wide.root / "state/state.json")
    problems = {p for held in state.copies.values() for copy in held for p in copy.problems}
    assert problems <= {"time.future"}  # the clock is the machine's


@pytest.mark.parametrize("asked", ["ctrl-c", "terminate"])
def test_an_audit_that_is_asked_to_end_keeps_what_it_read_and_leaves_nothing(wide, tmp_path, asked):
    oldest = wide.root / "local" / "db_20261112_020000.sql.gz"
    with oldest.open("wb") as file:
        file.truncate(LONG)
    wide.date(oldest, wide.now.replace(day=12))
    program = tmp_path / "audit.py"
    program.write_text(AUDIT)
    run = subprocess.Popen(
        [sys.executable, program, wide.config, wide.now.isoformat()],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: len(opened_by(run.pid, oldest)) == 1)
    time.sleep(0.5)  # the others are read by now, or soon: both are right
    os.killpg(run.pid, signal.SIGINT) if asked == "ctrl-c" else run.terminate()
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (
        130,
        "\nnexoaudit: interrupted; what was done so far is kept\n",
    )
    wait_for(lambda: not members(run.pid))
    state = read_state(wide.root / "state/state.json")
    verified = [copy for held in state.copies.values() for copy in held if copy.verified_ms]
    oldest.unlink()
    assert verified
    assert wide.audit().verified == 8 - len(verified)
    assert millis(wide.now) >= state.heartbeat_ms


def wait_for(what):
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def members(session):
    """Return the living processes of a session."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(process.name))
    return found


def opened_by(session, path):
    """Return the processes of a session that have `path` open."""
    found = []
    for pid in members(session):
        try:
            names = [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if str(path) in names:
            found.append(pid)
    return found
