"""What keeps a drill from its end, as it is told: outcome, step, reason, and what to do."""

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from disk_site import DUMP, DiskSite

from nexoaudit import process
from nexoaudit.cli.main import main
from nexoaudit.drill import box
from nexoaudit.sandbox import memory
from nexoaudit.sandbox.watch import Limits

pytestmark = pytest.mark.mariadb

FILES = """
[component.files]
kind = "uploads"
schedule = "0 2 * * *"
[[component.files.series]]
pattern = "files_{time:%Y%m%d_%H%M%S}.tar"
keep = "30d"
locations = ["local"]
"""
ASSERT = """
[[component.database.assert]]
name = "somebody"
sql = "{sql}"
must = "{must}"
"""
Run = Callable[..., tuple[int, list[str]]]


class Trouble(NamedTuple):
    """What is wrong, and what is said of it."""

    arrange: Callable[["Place"], None]
    code: int
    """The exit code: 2 is `fail`, 3 is `unverified`."""
    step: str
    """The step that did not pass, as it is called."""
    said: str
    """The sentence."""
    detail: str
    """The beginning of the words about this very case."""


class Place(NamedTuple):
    """The site, and what a test may change around it."""

    site: DiskSite
    folder: Path
    patch: pytest.MonkeyPatch

    def program(self, name: str, script: str) -> None:
        """Put another program of that name before the real one."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        self.patch.setenv("PATH", f"{self.folder}:{os.environ['PATH']}")

    def dump(self, *statements: str) -> None:
        """Let the newest dump do more at its end."""
        text = DUMP.format(number=7, stamp="2026-11-20  2:00:04")
        more = "".join(f"{statement};\n" for statement in statements)
        self.site.dump(0, text=text.replace("-- Dump completed", f"{more}-- Dump completed"))

    def demand(self, sql: str, must: str) -> None:
        """Let the owner demand something."""
        config = self.site.config
        config.write_text(config.read_text() + ASSERT.format(sql=sql, must=must))


def no_server(place: Place) -> None:
    place.patch.setattr(process.shutil, "which", lambda *_, **__: None)


def dying_server(place: Place) -> None:
    real = process.find("mariadbd", "mariadb-server-core")
    # What makes the data directory, and asks for the version, needs a real one.
    place.program(
        "mariadbd",
        f'case "$*" in *--bootstrap*|*--version*) exec {real} "$@";; esac\n'
        "echo '[ERROR] the table of privileges is damaged' >&2; exit 7",
    )


def full_before(place: Place) -> None:
    usage = shutil.disk_usage("/")._replace(free=1 << 20)
    place.patch.setattr(shutil, "disk_usage", lambda _: usage)


def full_meanwhile(place: Place) -> None:
    place.patch.setattr(box, "LIMITS", Limits(free_bytes=1 << 62))


def little_memory(place: Place) -> None:
    told = place.folder / "meminfo"
    told.write_text("MemAvailable:   2048 kB\n")
    place.patch.setattr(memory, "MEMINFO", told)


def of_mysql(place: Place) -> None:
    text = DUMP.format(number=7, stamp="2026-11-20  2:00:04").partition("--\n")[2]
    text = text.replace("10.11.19-MariaDB", "8.0.36").replace(
        "!40101 SET NAMES", "!50503 SET NAMES"
    )
    text = text.replace(") ENGINE=InnoDB", ") ENGINE=InnoDB COLLATE=utf8mb4_0900_ai_ci")
    head = "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n"
    place.site.dump(0, text=head + text)


def too_late(place: Place) -> None:
    place.patch.setattr(box, "MOST_RTOS", 0)
    place.patch.setattr(box, "LEAST_DEADLINE_S", 0.001)


TROUBLES = {
    "no mariadbd": Trouble(
        no_server,
        3,
        "start the sandbox",
        "a program it needs is not installed: install it",
        "mariadbd is not installed: run `apt-get install mariadb-server-core mariadb-client`",
    ),
    "mariadbd dies": Trouble(
        dying_server,
        3,
        "start the sandbox",
        "the sandbox did not work: mend what it says, and drill again",
        "the private server did not start: the table of privileges is damaged",
    ),
    "disk full before": Trouble(
        full_before,
        3,
        "start the sandbox",
        "the disk is too full for a test restore: make room",
        "/",  # which disk, what is free there, what is needed
    ),
    "disk full meanwhile": Trouble(
        full_meanwhile,
        3,
        "restore",
        "the disk is too full for a test restore: make room",
        "",
    ),
    "little memory": Trouble(
        little_memory,
        3,
        "start the sandbox",
        "too little memory is free for a test restore: drill at a quieter time",
        "2 MiB of memory are available, a test restore needs 384 MiB",
    ),
    "too late": Trouble(
        too_late,
        2,
        "restore",
        "the test restore took longer than the RTO: see which step took the time",
        "stopped after",
    ),
    "no engine": Trouble(
        lambda place: place.dump(
            "SET sql_mode='NO_ENGINE_SUBSTITUTION'", "CREATE TABLE t (a INT) ENGINE=SPIDER"
        ),
        3,
        "restore",
        "the dump asks for a storage engine or plugin that the sandbox lacks: drill where it is",
        "error 1286: Unknown storage engine 'SPIDER'",
    ),
    "of MySQL": Trouble(
        of_mysql,
        3,
        "restore",
        "the dump comes from another or a newer server than the one here:"
        " drill where such a one is",
        "error 1273: Unknown collation: 'utf8mb4_0900_ai_ci'",
    ),
    "a question of wrong syntax": Trouble(
        lambda place: place.demand("SELECT id FORM users", "true"),
        3,
        "check",
        "what its owner demands could not be asked: correct the question",
        "somebody: error 1064",
    ),
    "a question for no table": Trouble(
        lambda place: place.demand("SELECT id FROM clients", "true"),
        3,
        "check",
        "what its owner demands could not be asked: correct the question",
        "somebody: error 1146",
    ),
    "a question without an answer": Trouble(
        lambda place: place.demand("SELECT id FROM users WHERE id < 0", "true"),
        2,
        "check",
        "what its owner demands of every restore does not hold",
        "somebody: the answer is not one value",
    ),
}


@pytest.fixture
def place(site: DiskSite, short: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("COLUMNS", "200")
    rooms = short / "rooms"
    rooms.mkdir()
    rooms.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    return Place(site, short, monkeypatch)


@pytest.fixture
def run(place: Place, capfd: Any) -> Run:
    def run(kind: str, arrange: Callable[[Place], None]) -> tuple[int, list[str]]:
        with place.patch.context() as patch:
            arrange(place._replace(patch=patch))
            place.site.audit()
            argv = ["drill", kind, "--config", str(place.site.config)]
            code = main(argv, clock=lambda: place.site.now)
        assert list((place.folder / "rooms").iterdir()) == []
        return code, [line.strip() for line in capfd.readouterr().out.splitlines()]

    return run


def test_the_site_before_all_trouble_comes_back(run: Run) -> None:
    code, said = run("database", lambda place: place.demand("SELECT 1", "true"))
    assert code == 0
    assert said[0].startswith("✔ ok  database drill of database")


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_is_told_with_its_step_and_what_to_do(run: Run, name: str) -> None:
    trouble = TROUBLES[name]
    code, said = run("database", trouble.arrange)
    assert code == trouble.code, said
    word = {2: "✖ fail", 3: "? unverified"}[code]
    assert said[0].startswith(word), said
    steps = [line for line in said if word in line][1:]
    assert [line.split("  ")[0] for line in steps] == [trouble.step], said
    assert trouble.said in said
    assert any(line.startswith(trouble.detail) for line in said[said.index(trouble.said) :]), said[
        5:
    ]


def test_a_disk_that_fills_while_files_are_unpacked_is_unverified(run: Run) -> None:
    def arrange(place: Place) -> None:
        place.site.config.write_text(place.site.config.read_text() + FILES)
        path = place.site.root / "local/files_20261120_020000.tar"
        with tarfile.open(path, "w") as made:
            made.addfile(tarfile.TarInfo("a"), io.BytesIO())
        place.site.date(path, place.site.now.replace(hour=3))
        words = "tar: a: Cannot write: No space left on device"
        place.program("tar", f"cat > /dev/null; echo '{words}' >&2; exit 2")

    code, said = run("files", arrange)
    assert code == 3
    assert said[0].startswith("? unverified")
    assert [line.split("  ")[0] for line in said[1:] if "? unverified" in line] == ["restore"]
    assert "the disk is too full for a test restore: make room" in said
    assert any("was full before all files were there: free some" in line for line in said)


@pytest.mark.unprivileged
def test_a_directory_that_may_not_be_written_to_is_unverified(run: Run, place: Place) -> None:
    closed = place.folder / "closed"
    closed.mkdir(mode=0o500)
    code, said = run("database", lambda p: p.patch.setattr(tempfile, "tempdir", str(closed)))
    assert code == 3
    assert said[0].startswith("? unverified")
    assert any(line.startswith("start the sandbox") for line in said if "? unverified" in line)
    assert any(str(closed) in line and "Permission denied" in line for line in said)


def test_a_question_that_writes_is_refused_before_anything_is_run(place: Place, capfd: Any) -> None:
    place.demand("DELETE FROM users", "empty")
    argv = ["drill", "database", "--config", str(place.site.config)]
    assert main(argv, clock=lambda: place.site.now) == 2
    said = capfd.readouterr().err
    assert "component.database.assert.0.sql: expected one SELECT such as" in said
    assert "found 'DELETE FROM users'" in said
