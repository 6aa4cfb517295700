"""Replays that are not what was asked for, by programs in the place of mariadb-binlog."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from logged import Made

from nexoaudit import process
from nexoaudit.drill import box

pytestmark = pytest.mark.mariadb


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what puts a program in the place of mariadb-binlog; `real` is the true one."""
    real = process.find("mariadb-binlog", "mariadb-client")
    folder = Path(tempfile.mkdtemp(prefix="nx"))
    folder.chmod(0o755)

    def put(body: str) -> None:
        path = folder / "mariadb-binlog"
        path.write_text(f"#!/bin/bash\nreal={real}\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    yield put
    shutil.rmtree(folder)


UNTIL = "${@/--stop-position=*/--stop-position=%s}"
WITHOUT_A_LOG = 'for a; do shift; [[ $a == */000004 ]] || set -- "$@" "$a"; done; exec $real "$@"'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('exec $real "$@"', ""),
        ("exit 0", "drill.replay_nothing"),
        (f'exec $real "{UNTIL % 999_999}"', "drill.replay_beyond"),
        (f'exec $real "{UNTIL % 5}"', "drill.replay_short"),
        (WITHOUT_A_LOG, "drill.replay_short"),
        ('$real "$@"; exec $real "$@"', "drill.replay_failed"),
        ('exec $real "$@" | grep -v "^BINLOG"', "drill.replay_failed"),
        ("""exec $real "$@" | sed "/^BINLOG/,/^'/d" """, "drill.replay_short"),
        ('$real "$@"; echo it broke >&2; exit 1', "drill.replay_failed"),
        ('TZ=Asia/Tokyo exec $real "$@"', ""),
    ],
)
def test_a_replay_that_is_not_what_was_asked_for(
    made: Made, instead: Callable[[str], None], body: str, reason: str
) -> None:
    instead(body)
    drill = made.drill(pick=lambda count: count - 3)
    assert (drill.outcome, drill.reason) == ("fail" if reason else "pass", reason), drill.detail


def test_a_reader_that_hangs_is_stopped(
    made: Made, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LEAST_DEADLINE_S", 2.0)
    instead("exec sleep 4321")
    drill = made.drill(rto_s=0)
    assert (drill.outcome, drill.reason) == ("fail", "drill.rto_exceeded")
    assert not running(b"4321")


def running(word: bytes) -> bool:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return any(word in line.split(b"\0") for line in found)
