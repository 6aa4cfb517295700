"""`check_backup_checksum --path`: real bytes against the checksum files beside them."""

import hashlib
import os
from datetime import UTC, datetime

import pytest

from nexoaudit_checks import _path_checksum

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a backup with a good checksum file, or another one."""

    def build(day, *, line="{digest}  {name}\n", minutes=600, sidecar_minutes=600, data=None):
        path = tmp_path / f"db_202611{day:02}_020000.sql.gz"
        path.write_bytes(f"dump of day {day}".encode() if data is None else data)
        moment = NOW.timestamp() - minutes * 60
        os.utime(path, (moment, moment))
        if line is not None:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            sidecar = path.with_name(path.name + ".sha256")
            sidecar.write_text(line.format(digest=digest, name=path.name))
            moment = NOW.timestamp() - sidecar_minutes * 60
            os.utime(sidecar, (moment, moment))
        return path

    return build


@pytest.fixture
def checksum(check, tmp_path):
    def run(*argv, pattern="*.sql.gz"):
        return check("checksum", None, "--path", f"{tmp_path}/{pattern}", *argv)

    return run


def damage(path):
    """Change one bit, and not the time of modification."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_sound_copies(checksum, make):
    for day in (18, 19, 20):
        make(day)
    for pattern in ("*.sql.gz", "*"):
        said = checksum(pattern=pattern)
        assert (said.code, said.line) == (
            0,
            "BACKUP CHECKSUM OK - 3 of 3 copies match their checksum,"
            " newest db_20261120_020000.sql.gz"
            " | copies=3 failed=0 sound=3 unread=0",
        )


HEALTHY = {
    "binary mark": "{digest} *{name}\n",
    "absolute path elsewhere": "{digest}  /mnt/original/backups/{name}\n",
    "windows": "{digest}  {name}\r\n",
    "bsd": "SHA256 ({name}) = {digest}\n",
    "bare": "{digest}\n",
    "upper case": "{digest}  {name}\n",
}


@pytest.mark.parametrize("kind", HEALTHY)
def test_healthy_twins_stay_green(checksum, make, kind):
    make(20, line=HEALTHY[kind])
    assert checksum().code == 0


@pytest.mark.parametrize("line", [HEALTHY["absolute path elsewhere"], HEALTHY["bare"]])
def test_the_copy_is_read_and_not_the_file_that_is_named(checksum, make, tmp_path, line):
    path = make(20, line=line.replace("/mnt/original/backups", str(tmp_path / "original")))
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / path.name).write_bytes(path.read_bytes())
    damage(path)
    said = checksum()
    assert (said.code, said.line) == (
        2,
        "BACKUP CHECKSUM CRITICAL - db_20261120_020000.sql.gz:"
        " its bytes are not those of the checksum beside it"
        " | copies=1 failed=1 sound=0 unread=0",
    )


FAULTS = {
    "sidecar missing": (
        None,
        1,
        "WARNING - {name}: the checksum file that belongs beside it is missing",
        "failed=0",
    ),
    "sidecar of rubbish": (
        "certainly no digest\n",
        2,
        "CRITICAL - {name}: the checksum file beside it is empty or unusable",
        "failed=1",
    ),
    "sidecar empty": (
        "",
        2,
        "CRITICAL - {name}: the checksum file beside it is empty or unusable",
        "failed=1",
    ),
    "sidecar names another file": (
        "{digest}  other.sql.gz\n",
        1,
        "WARNING - {name}: the checksum file beside it names another file",
        "failed=0",
    ),
    "sidecar of another file": (
        "0" * 64 + "  other.sql.gz\n",
        2,
        "CRITICAL - {name}: its bytes are not those of the checksum beside it",
        "failed=1",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(checksum, make, fault):
    line, code, text, failed = FAULTS[fault]
    make(19)
    name = make(20, line=line).name
    said = checksum()
    assert (said.code, said.line) == (
        code,
        f"BACKUP CHECKSUM {text.format(name=name)} | copies=2 {failed} sound=1 unread=0",
    )


def test_a_failure_leads_and_the_rest_is_counted(checksum, make):
    make(18, line=None)
    damage(make(17))
    damage(make(16))
    said = checksum("-v")
    assert said.code == 2
    assert said.text.splitlines() == [
        "BACKUP CHECKSUM CRITICAL - db_20261117_020000.sql.gz:"
        " its bytes are not those of the checksum beside it, and 2 more"
        " | copies=3 failed=2 sound=0 unread=0",
        "[failed] db_20261117_020000.sql.gz: its bytes are not those of the checksum beside it",
        "[failed] db_20261116_020000.sql.gz: its bytes are not those of the checksum beside it",
        "[warning] db_20261118_020000.sql.gz: the checksum file that belongs beside it is missing",
    ]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), 2),
        (("-w", "0"), 1),
        (("-w", "1", "-c", "2"), 1),
        (("-w", "2", "-c", "3"), 0),
        (("-c", "1"), 2),
        (("-c", "0"), 2),
    ],
)
def test_limits(checksum, make, argv, code):
    damage(make(19))
    damage(make(20))
    assert checksum(*argv).code == code


def test_limits_are_in_the_performance_data(checksum, make):
    make(20)
    said = checksum("-w", "0", "-c", "1")
    assert said.line.endswith(" | copies=1 failed=0;0;1 sound=1 unread=0")


@pytest.mark.parametrize("data", [b"", bytes.fromhex("1f8b08000000000000030300") + bytes(8)])
def test_an_empty_file_is_a_failure_though_its_digest_is_right(checksum, make, data):
    make(20, data=data)
    said = checksum()
    assert said.code == 2
    assert said.line.startswith(
        "BACKUP CHECKSUM CRITICAL - db_20261120_020000.sql.gz: it holds nothing | "
    )


def test_a_file_being_written_is_neither_fault_nor_copy(checksum, make):
    make(20, line=None, minutes=2)
    said = checksum()
    assert (said.code, said.line) == (
        3,
        "BACKUP CHECKSUM UNKNOWN - db_20261120_020000.sql.gz is still being written",
    )
    make(19)
    said = checksum()
    assert (said.code, said.line) == (
        0,
        "BACKUP CHECKSUM OK - 1 of 1 copies match their checksum, newest db_20261119_020000.sql.gz"
        " | copies=1 failed=0 sound=1 unread=0",
    )


def test_a_checksum_file_being_written_is_no_fault_either(checksum, make):
    make(19)
    make(20, line="", sidecar_minutes=2)
    assert checksum().code == 0


def test_a_time_in_the_future_does_not_excuse_a_missing_sidecar(checksum, make):
    make(20, line=None, minutes=-600)
    assert checksum().code == 1


def test_what_there_is_no_time_for_is_unknown_with_its_number(checksum, make, monkeypatch):
    for day in range(11, 21):
        make(day)
    make(21, line=None)
    damage(make(22))
    # the newest three are read, with two looks at the clock each, then time is up
    ticks = iter([0.0, *[1.0] * 6, *[100.0] * 100])
    monkeypatch.setattr(_path_checksum, "monotonic", lambda: next(ticks))
    said = checksum("-v")
    assert said.code == 2
    first, _, left, _ = said.text.splitlines()
    assert first == (
        "BACKUP CHECKSUM CRITICAL - db_20261122_020000.sql.gz:"
        " its bytes are not those of the checksum beside it, and 2 more"
        " | copies=12 failed=1 sound=2 unread=8"
    )
    assert left == (
        "[unverified] 8 of 12 copies not read within 7 s, newest of them db_20261118_020000.sql.gz"
    )


def test_the_time_is_up_a_second_before_the_deadline(command, make, tmp_path):
    # 200 GB of nothing take longer to read than three seconds.
    path = make(20)
    os.truncate(path, 200 * 1024**3)
    said = command("checksum", "--path", f"{tmp_path}/*.sql.gz", "-t", "2")
    assert (said.code, said.errors) == (3, "")
    assert said.line == (
        "BACKUP CHECKSUM UNKNOWN - 1 of 1 copies not read within 1 s,"
        " newest of them db_20261120_020000.sql.gz | copies=1 failed=0 sound=0 unread=1"
    )


@pytest.mark.unprivileged
def test_what_may_not_be_read_is_unverified_with_the_reason(checksum, make):
    make(19).chmod(0)
    said = checksum()
    assert (said.code, said.line) == (
        3,
        "BACKUP CHECKSUM UNKNOWN - db_20261119_020000.sql.gz: it cannot be read"
        " (Permission denied) | copies=1 failed=0 sound=0 unread=0",
    )
    path = make(20)
    path.with_name(path.name + ".sha256").chmod(0)
    assert "db_20261120_020000.sql.gz: the checksum file beside it cannot be read" in (
        checksum().line
    )


def test_nothing_matches(checksum, tmp_path):
    said = checksum()
    assert (said.code, said.line) == (
        3,
        f"BACKUP CHECKSUM UNKNOWN - no file matches {tmp_path}/*.sql.gz",
    )


def test_a_pipe_beside_a_backup_is_no_checksum_file(checksum, make):
    path = make(20, line=None)
    os.mkfifo(path.with_name(path.name + ".sha256"))
    assert checksum().code == 1
