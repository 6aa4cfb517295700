import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nexoaudit.errors import SandboxError
from nexoaudit.sandbox.query import LOST, QueryError, ask
from nexoaudit.sandbox.server import Server, server
from nexoaudit.sandbox.space import SpaceError
from nexoaudit.sandbox.watch import ExcessError, Limits, OverdueError, occupied, watched

pytestmark = pytest.mark.mariadb

MIB = 1 << 20


@pytest.fixture
def running(short: Path) -> Iterator[Server]:
    with server(parent=short) as started:
        yield started


def is_alive(running: Server) -> bool:
    with running.connect() as session:
        return ask(session, "SELECT 1") == [(1,)]


def test_a_server_within_its_limits_lives(running: Server) -> None:
    with watched(running, Limits(seconds=600)) as watch:
        watch.check()
        assert is_alive(running)
    assert is_alive(running)


@pytest.mark.parametrize(
    ("limits", "kind", "says"),
    [
        (Limits(seconds=0), OverdueError, r"^stopped after 0 seconds$"),
        (
            Limits(memory_bytes=MIB),
            ExcessError,
            r"^stopped when its server took \d+ MiB of memory$",
        ),
        (Limits(disk_bytes=MIB), ExcessError, r"0 MiB of SQL had grown to \d+ MiB on disk$"),
        (Limits(free_bytes=1 << 62), SpaceError, r"^stopped when .* had \d+ MiB free: free some"),
    ],
)
def test_one_beyond_a_limit_is_killed_with_the_reason(
    running: Server, limits: Limits, kind: type[SandboxError], says: str
) -> None:
    with watched(running, limits) as watch:
        for _ in range(2):
            with pytest.raises(kind, match=says):
                watch.check()
        with pytest.raises(SandboxError):
            is_alive(running)


def test_more_sql_may_grow_to_more(running: Server) -> None:
    with watched(running, Limits(disk_bytes=0)) as watch:
        watch.fed = 1 << 30
        watch.check()
        watch.fed = 1
        with pytest.raises(ExcessError):
            watch.check()


def test_a_statement_without_end_is_ended(running: Server) -> None:
    with running.connect() as session, watched(running, Limits(seconds=0.5)) as watch:
        with pytest.raises(QueryError) as refused:
            ask(session, "SELECT SLEEP(100000)")
        assert refused.value.number in LOST
        with pytest.raises(OverdueError):
            watch.check()


def test_files_without_a_name_count_too(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "named").write_bytes(b"x" * MIB)
    before = occupied(tmp_path, os.getpid())
    assert before >= MIB
    with (tmp_path / "open").open("wb", buffering=0) as file:
        file.write(b"x" * MIB)
        os.fsync(file)
        (tmp_path / "open").unlink()
        assert occupied(tmp_path, os.getpid()) >= before + MIB
    assert occupied(tmp_path, os.getpid()) < before + MIB
