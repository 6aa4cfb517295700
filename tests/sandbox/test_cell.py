"""A command that is shut in: what it may do, and all that it may not."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nexoaudit import process
from nexoaudit.sandbox import cell, jail, private
from nexoaudit.sandbox.account import unprivileged
from nexoaudit.sandbox.cell import IsolationError, Said

ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


@pytest.fixture
def room(short: Path) -> Iterator[Path]:
    with private.directory(unprivileged(), short) as made:
        yield made


Run = Callable[..., Said]


@pytest.fixture
def run(room: Path) -> Run:
    """Return a function that runs a line of shell, shut in."""
    owner = unprivileged()
    if owner is not None:
        found = room.stat()
        owner = process.Account(found.st_uid, found.st_gid)

    def shut_in(line: str, **more: Any) -> Said:
        options = {"account": owner, "rooms": [room], "env": ENV, "deadline_s": 30, **more}
        return cell.run(["/bin/sh", "-c", line], **options)

    return shut_in


def test_it_says_how_it_ended(run: Run) -> None:
    said = run("echo yes; echo no >&2; exit 7")
    assert (said.code, said.output, said.errors) == (7, b"yes\n", b"no\n")
    assert said.took_ms > 0
    assert run("exec /nowhere").code == 127


def test_it_may_write_to_its_room_and_nowhere_else(run: Run, room: Path, short: Path) -> None:
    short.chmod(0o777)
    said = run(f"echo 1 > {room}/mine; touch {short}/out /tmp/out /var/tmp/out /dev/shm/out")
    assert (room / "mine").read_text() == "1\n"
    assert said.errors.count(b"Read-only file system") == 4
    assert not (short / "out").exists()


def test_it_is_nobody_and_has_no_rights(run: Run) -> None:
    said = run("id -u; grep -E 'Cap(Prm|Eff|Amb)|NoNewPrivs' /proc/self/status; nice")
    uid, *rest = said.output.decode().split("\n")
    assert int(uid) != 0
    assert int(uid) == os.geteuid() or os.geteuid() == 0
    assert [line.split()[-1] for line in rest[:4]] == ["0" * 16] * 3 + ["1"]
    assert rest[4] == "19"


def test_its_environment_is_what_was_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "geheim")
    assert b"geheim" not in run("env").output


def test_it_reaches_no_network_but_its_own_loopback(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        script = (
            "import socket,threading\n"
            "s = socket.create_server(('127.0.0.1', 8080))\n"
            "threading.Thread(target=lambda: s.accept()[0].sendall(b'own'), daemon=True).start()\n"
            "print(socket.create_connection(('127.0.0.1', 8080)).recv(3).decode())\n"
            f"for where in (('127.0.0.1', {port}), ('192.0.2.1', 80)):\n"
            "    try: socket.create_connection(where, 2); print('out')\n"
            "    except OSError as error: print(error.strerror)\n"
        )
        said = run(f'{sys.executable} -I -S -c "$CODE"', env={**ENV, "CODE": script})
        assert said.output == b"own\nConnection refused\nNetwork is unreachable\n", said.errors
        socket.create_connection(("127.0.0.1", port)).close()  # the twin: from outside it is there


def test_it_reaches_no_server_by_its_socket(run: Run, room: Path, short: Path) -> None:
    script = (
        "import socket,sys\n"
        "for path in sys.argv[1:]:\n"
        "    try: socket.socket(socket.AF_UNIX).connect(path); print('in')\n"
        "    except OSError as error: print(error.strerror)\n"
    )
    theirs, ours = short / "theirs", short / "ours"
    shared = Path(tempfile.mkdtemp(dir=short))
    shared.chmod(0o1777)
    listening = []
    for path in (theirs / "s", ours / "s", shared / "s", room / "s"):
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(path.parent.stat().st_mode | 0o055)
        listening.append(socket.socket(socket.AF_UNIX))
        listening[-1].bind(str(path))
        listening[-1].listen()
        path.chmod(0o777)
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0{short}")
    abstract.listen()
    paths = f"{theirs}/s {ours}/s {shared}/s {room}/s"
    line = f'{sys.executable} -I -S -c "$CODE" {paths}'
    said = run(line, env={**ENV, "CODE": script}, servers=[ours])
    lines = said.output.decode().splitlines()
    assert lines[0] == "No such file or directory", said
    assert (lines[1], lines[3]) == ("in", "in")
    assert lines[2] in {"Connection refused", "Socket operation on non-socket"}
    assert run(f"ls {shared}").output == b"s\n"
    for one in (*listening, abstract):
        one.close()


def test_it_sees_no_process_of_others(run: Run) -> None:
    said = run(f"kill -0 {os.getpid()}; ls /proc | grep -c '^[0-9]'")
    assert b"No such process" in said.errors
    assert int(said.output) < 10


def test_it_cannot_undo_what_shuts_it_in(run: Run, short: Path) -> None:
    said = run(f"unshare -Urm sh -c 'umount /run; mount -o remount,rw /; touch {short}/out'")
    assert said.code != 0
    assert not (short / "out").exists()


def test_what_takes_too_long_is_stopped_with_all_it_started(run: Run) -> None:
    said = run("sleep 7654 & setsid sleep 7654 & exec sleep 7654", deadline_s=0.5)
    assert said.code is None
    for _ in range(500):
        if b"7654" not in b"".join(commands()):
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")


def commands() -> Iterator[bytes]:
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield found.read_bytes()
        except OSError:
            continue


def test_what_it_leaves_running_ends_with_it(run: Run) -> None:
    assert run("sleep 8765 > /dev/null 2>&1 & echo done").output == b"done\n"
    assert b"8765" not in b"".join(commands())


def test_a_flood_of_words_is_cut(run: Run) -> None:
    said = run("head -c 3000000 /dev/zero; echo end >&2")
    assert (said.code, len(said.output), said.errors) == (0, cell.KEPT, b"end\n")


def test_it_starts_from_any_thread(run: Run) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(run("echo yes").output))
    thread.start()
    thread.join()
    assert found == [b"yes\n"]


def test_where_it_cannot_be_shut_in_nothing_is_run(run: Run, room: Path) -> None:
    with pytest.raises(IsolationError, match="absent cannot be closed off: No such file"):
        run(f"touch {room}/ran", rooms=[room, room / "absent"])
    assert list(room.iterdir()) == []


def test_it_dies_when_it_is_orphaned_before_it_runs(room: Path) -> None:
    """The helper alone, killed: what it started is in a world of processes that ends with it."""
    spec = {"command": ["/bin/sleep", "9876"], "rooms": [str(room)], "hidden": []}
    command = [sys.executable, "-I", "-S", jail.__file__, json.dumps(spec)]
    with subprocess.Popen(command, env=ENV) as helper:
        until = time.monotonic() + 30
        while not any(said.startswith(b"/bin/sleep\x009876") for said in commands()):
            assert time.monotonic() < until
            assert helper.poll() is None
            time.sleep(0.01)
        helper.send_signal(signal.SIGKILL)
    for _ in range(500):
        if not any(said.startswith(b"/bin/sleep\x009876") for said in commands()):
            break
        time.sleep(0.01)
    else:
        raise AssertionError("it still runs")


def test_sockets_in_a_directory_of_everybody_are_hidden_one_by_one(short: Path) -> None:
    short.chmod(short.stat().st_mode | stat.S_ISVTX)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short / "s"))
        listening.listen()
        hidden = list(cell.hidden([short / "room"]))
    assert str(short / "s") in hidden
    assert str(short) not in hidden
