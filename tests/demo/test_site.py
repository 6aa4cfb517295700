"""A mended site is what the guide describes: every name, count, time, digest and byte."""

import gzip
import hashlib
import re
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.errors import DemoError
from nexoaudit.sandbox.server import Server, server
from nexoaudit_demo.site import Plan, build

pytestmark = pytest.mark.mariadb

ZONE = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZONE)
FIRST = date(2026, 11, 15)
ROWS = 2000
DAYS = [FIRST + timedelta(days=number) for number in range(9)]
UNWANTED = {"cache", "tmp", "sessions", "logs", "vendor", ".git"}
STAMP = re.compile(r"\d{8}_\d{6}")


class Audit:
    """What a caller sees after the jobs of each day."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.moments: list[datetime] = []
        self.too_new: list[tuple[datetime, Path]] = []

    def __call__(self, moment: datetime) -> None:
        self.moments.append(moment)
        limit = moment.timestamp()
        for path in self.root.rglob("*"):
            if path.lstat().st_mtime > limit:
                self.too_new.append((moment, path))


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    seen = Audit(tmp_path_factory.mktemp("demo") / "site")
    build(Plan(seen.root, NOW, rows=ROWS, first_day=FIRST), after_jobs=seen)
    return seen


@pytest.fixture(scope="module")
def site(audit: Audit) -> Path:
    return audit.root


@pytest.fixture(scope="module")
def backups(site: Path) -> Path:
    return site / "var/backups/nexosupport"


def names(directory: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in directory.glob(pattern))


def moment_of(name: str) -> datetime:
    found = STAMP.search(name)
    assert found
    return datetime.strptime(found[0], "%Y%m%d_%H%M%S").replace(tzinfo=ZONE)


def text_of(dump: Path) -> str:
    return gzip.decompress(dump.read_bytes()).decode(errors="surrogateescape")


def members(path: Path) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        yield from archive


def test_the_caller_sees_each_day_as_it_was(audit: Audit) -> None:
    mornings = [datetime(d.year, d.month, d.day, 5, 15, tzinfo=ZONE) for d in DAYS[:-1]]
    assert audit.moments == [*mornings, NOW]
    assert audit.too_new == []


def test_each_component_has_the_points_its_retention_leaves(backups: Path) -> None:
    def stamps(directory: str, suffix: str) -> list[str]:
        return [STAMP.findall(name)[0] for name in names(backups / directory, f"*{suffix}")]

    def expected(hour: str, days: list[int]) -> list[str]:
        return sorted(f"{NOW.date() - timedelta(days=ago):%Y%m%d}_{hour}" for ago in days)

    assert stamps("database", ".sql.gz") == expected("020000", list(range(9)))
    assert stamps("files", ".tar.gz") == expected("023000", list(range(91)))
    assert stamps("logs", ".tar.gz") == expected("033000", list(range(1, 91, 7)))
    assert stamps("system", ".tar.gz") == expected("050000", [1, 8, 15, 22, 29])
    assert len(stamps("config", ".tar.gz")) == 10
    assert len(names(backups / "logs", "*.tar.gz")) == 13
    assert len(names(backups / "binlog", "mysql-bin.[0-9]*")) == 168


def test_the_names_are_those_of_the_guide(backups: Path) -> None:
    assert names(backups, "*") == [
        *("binlog", "config", "database", "files", "incremental", "logs", "system")
    ]
    at = r"\d{8}_\d{6}"
    for directory, pattern in {
        "database": rf"nexosupport_db_{at}\.sql\.gz(\.sha256)?",
        "binlog": r"mysql-bin\.(\d{6}|index)",
        "files": rf"nexosupport_files_{at}\.tar\.gz(\.sha256)?",
        "config": rf"config_{at}\.tar\.gz(\.sha256)?",
        "logs": rf"nexosupport_logs_{at}\.tar\.gz(\.sha256)?",
        "system": rf"nexosupport_system_{at}\.tar\.gz(\.sha256)?",
        "incremental": "current|previous",
    }.items():
        for name in names(backups / directory, "*"):
            assert re.fullmatch(pattern, name), name


def test_every_archive_is_whole_and_has_a_true_digest_beside_it(backups: Path) -> None:
    archives = sorted(backups.rglob("*.gz"))
    assert subprocess.run(["gzip", "-t", *archives], check=False).returncode == 0
    assert {path.name + ".sha256" for path in archives} == {p.name for p in backups.rglob("*.sha*")}
    for path in archives:
        digest, named = path.with_name(path.name + ".sha256").read_text().rstrip("\n").split("  ")
        assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
        is_absolute = path.parent.name in {"database", "config"}
        assert named == (str(path) if is_absolute else path.name)
        late = path.stat().st_mtime - moment_of(path.name).timestamp()
        assert 0 < late < 60


def test_every_dump_is_complete_and_says_when_and_where(backups: Path) -> None:
    logs = set(names(backups / "binlog", "mysql-bin.[0-9]*"))
    for path in sorted((backups / "database").glob("*.sql.gz")):
        text = text_of(path)
        last = text.rstrip("\n").rpartition("\n")[2]
        ended = re.fullmatch(r"-- Dump completed on (\S+) +(\S+)", last)
        assert ended
        end = datetime.fromisoformat(f"{ended[1]} {ended[2]:0>8}").replace(tzinfo=ZONE)
        assert end - moment_of(path.name) == timedelta(seconds=7)
        position = re.search(r"^-- CHANGE MASTER TO MASTER_LOG_FILE='([^']+)'", text, re.MULTILINE)
        assert position
        assert position[1] in logs or moment_of(path.name).date() <= date(2026, 11, 16)


def test_the_newest_dump_holds_the_whole_schema(backups: Path) -> None:
    text = text_of(max((backups / "database").glob("*.sql.gz")))
    assert len(re.findall("^CREATE TABLE", text, re.MULTILINE)) == 16
    assert len(re.findall("VIEW `", text)) >= 2
    assert len(re.findall(" TRIGGER ", text)) == 2
    assert len(re.findall(" (FUNCTION|PROCEDURE) `", text)) >= 2
    assert "EVENT `purge_old_sessions`" in text
    assert text.count("FOREIGN KEY") == 15
    assert "pingüino" in text
    assert "🎉" in text


def rows_of(running: Server, database: str) -> dict[str, int]:
    with running.connect(database).cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (database,),
        )
        tables = [str(row[0]) for row in cursor.fetchall()]
        counted = {}
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")
            counted[table] = int(cursor.fetchall()[0][0])
        return counted


def plain(dump: str) -> list[str]:
    return [line for line in dump.split("\n") if line and not line.startswith("--")]


def test_a_dump_and_its_binary_logs_lead_to_the_next_dump(backups: Path) -> None:
    older, newer = sorted((backups / "database").glob("*.sql.gz"))[-2:]
    positions = [
        re.search(r"LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)", text_of(path))
        for path in (older, newer)
    ]
    assert positions[0]
    assert positions[1]
    logs = [
        path
        for path in sorted((backups / "binlog").glob("mysql-bin.[0-9]*"))
        if positions[0][1] <= path.name < positions[1][1]
    ]
    assert len(logs) == 24
    events = subprocess.run(
        [
            *("mariadb-binlog", "--no-defaults", "--verify-binlog-checksum"),
            *(f"--start-position={positions[0][2]}", *logs),
        ],
        capture_output=True,
        check=True,
    ).stdout
    with server() as running:
        client = ["mariadb", "--no-defaults", f"--socket={running.socket}", "--user=root"]
        script = b"CREATE DATABASE nexosupport COLLATE utf8mb4_unicode_ci; USE nexosupport;\n"
        script += gzip.decompress(older.read_bytes())
        subprocess.run([*client, "--binary-mode"], input=script, check=True)
        subprocess.run([*client, "--binary-mode"], input=events, check=True)
        again = subprocess.run(
            [
                *("mariadb-dump", "--no-defaults", f"--socket={running.socket}", "--user=root"),
                *("--single-transaction", "--default-character-set=utf8mb4"),
                *("--routines", "--triggers", "--events", "nexosupport"),
            ],
            capture_output=True,
            check=True,
        ).stdout.decode(errors="surrogateescape")
        held = rows_of(running, "nexosupport")
    assert plain(again) == plain(text_of(newer))
    assert 0.95 * ROWS <= sum(held.values()) - held["stored_files"] <= 1.01 * ROWS
    assert all(held.values())


def test_the_binary_logs_are_an_unbroken_chain_of_hours(backups: Path) -> None:
    logs = sorted((backups / "binlog").glob("mysql-bin.[0-9]*"))
    numbers = [int(path.name[-6:]) for path in logs]
    assert numbers == list(range(numbers[0], numbers[0] + 168))
    last_hour = NOW.replace(minute=0)
    for distance, path in enumerate(reversed(logs)):
        assert path.stat().st_mtime == (last_hour - timedelta(hours=distance)).timestamp()
    read = subprocess.run(
        ["mariadb-binlog", "--no-defaults", str(logs[-1])],
        env={"TZ": "Europe/Madrid", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    ).stdout.decode(errors="replace")
    times = re.findall(r"^#(\d{6} +\d+:\d+:\d+) server id 1 ", read, re.MULTILINE)
    assert times[0] == "261123  7:00:00"
    assert times[-1] == "261123  8:00:00"
    assert times == sorted(times)
    assert f"Rotate to mysql-bin.{numbers[-1] + 1:06}" in read
    listed = (backups / "binlog/mysql-bin.index").read_text().split()
    assert [Path(name).name for name in listed[:-1]] == [path.name for path in logs]


def test_a_file_archive_has_what_it_should_and_nothing_else(backups: Path) -> None:
    path = max((backups / "files").glob("*.tar.gz"))
    top = path.name.removesuffix(".tar.gz")
    found = {member.name: member for member in members(path)}
    inside = {name.removeprefix(top + "/") for name in found if name != top}
    assert all(name == top or name.startswith(top + "/") for name in found)
    assert not UNWANTED & {name.partition("/")[0] for name in inside}
    assert {
        "lib/config.php",
        "modules/mfa/config.php",
        "admin/tool/users/config.php",
        "theme/custom/config.php",
        "modules/informes/cache/plantilla.html",
        "uploads/2026/logs/lectura del contador.txt",
    } <= inside
    assert sum(name.startswith("uploads/") for name in inside) > 200
    assert any("ñ" in name for name in inside)
    assert all(member.mtime <= moment_of(path.name).timestamp() for member in found.values())
    assert found[f"{top}/lib/config.php"].mode == 0o640


def test_file_archives_grow_with_the_uploads(backups: Path) -> None:
    oldest, *_, newest = sorted((backups / "files").glob("*.tar.gz"))
    then = {member.name.partition("/")[2] for member in members(oldest)}
    now = {member.name.partition("/")[2] for member in members(newest)}
    assert then < now


def test_the_configuration_is_backed_up_after_its_last_change(site: Path, backups: Path) -> None:
    path = max((backups / "config").glob("*.tar.gz"))
    found = {member.name: member for member in members(path)}
    assert {
        "var/www/nexosupport/lib/config.php",
        "etc/php/8.2/apache2/php.ini",
        "etc/apache2/sites-available/nexosupport.conf",
        "etc/cron.d/nexosupport-backup",
        "etc/ssl/certs/nexosupport.pem",
        "etc/ssl/private/nexosupport.key",
    } <= set(found)
    for name, member in found.items():
        assert (site / name).stat().st_mtime == member.mtime
        assert member.mtime < moment_of(path.name).timestamp()
    assert (site / "etc/ssl/private/nexosupport.key").stat().st_mode & 0o077 == 0


def test_the_certificate_was_valid_all_the_time(site: Path) -> None:
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-enddate", "-in", site / "etc/ssl/certs/nexosupport.pem"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "2027" in shown


def test_a_system_archive_holds_database_files_and_configuration(backups: Path) -> None:
    for path in (backups / "system").glob("*.tar.gz"):
        with tarfile.open(path) as archive:
            found = set(archive.getnames())
            (dump,) = (name for name in found if name.endswith(".sql.gz"))
            content = archive.extractfile(dump)
            assert content
            assert b"-- Dump completed on " in gzip.decompress(content.read())[-60:]
        assert {"var/www/nexosupport/index.php", "etc/ssl/certs/nexosupport.pem"} <= found


def test_the_incremental_generations_share_what_did_not_change(backups: Path) -> None:
    current, previous = backups / "incremental/current", backups / "incremental/previous"
    assert (current / "index.php").samefile(previous / "index.php")
    now = {path.relative_to(current) for path in current.rglob("*")}
    then = {path.relative_to(previous) for path in previous.rglob("*")}
    assert then < now
    assert not UNWANTED & {path.parts[0] for path in now}


def test_offsite_is_what_the_last_transfer_found(site: Path, backups: Path) -> None:
    offsite = site / "offsite/nexosupport"

    def files(root: Path) -> dict[Path, Path]:
        return {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}

    here, there = files(backups), files(offsite)
    only_here = {str(path) for path in here.keys() - there.keys()}
    only_there = {str(path) for path in there.keys() - here.keys()}
    logs = sorted(path.name for path in (backups / "binlog").glob("mysql-bin.[0-9]*"))
    assert only_here == {f"binlog/{name}" for name in logs[-4:]}
    assert only_there == {f"binlog/mysql-bin.{int(logs[0][-6:]) - n:06}" for n in range(1, 5)}
    for path in here.keys() & there.keys() - {Path("binlog/mysql-bin.index")}:
        assert there[path].read_bytes() == here[path].read_bytes()
        assert there[path].stat().st_mtime == here[path].stat().st_mtime
        assert not there[path].samefile(here[path])
    one, other = (offsite / "incremental" / name / "index.php" for name in ("current", "previous"))
    assert one.samefile(other)


def test_the_code_is_deployed_from_a_repository_that_has_it(site: Path) -> None:
    def git(*arguments: str, at: str = "var/www/nexosupport") -> str:
        command = ["git", "-c", "safe.directory=*", "-C", str(site / at), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert git("status", "--porcelain") == ""
    assert git("rev-parse", "HEAD") == git("rev-parse", "main", at="srv/git/nexosupport.git")
    assert git("log", "-1", "--format=%cs") == "2026-11-03"
    assert len(git("tag").split()) == 5


def test_nobody_else_can_read_the_backups(backups: Path) -> None:
    for directory in backups.iterdir():
        assert directory.stat().st_mode & 0o007 == 0
        for path in directory.glob("*.*"):
            assert path.stat().st_mode & 0o777 == 0o640


def test_the_log_tells_every_job_in_order(site: Path) -> None:
    lines = (site / "var/log/nexosupport-backup.log").read_text().splitlines()
    dates = [line[1:20] for line in lines]
    assert dates == sorted(dates)
    for day in DAYS:
        name = f"nexosupport_db_{day:%Y%m%d}_020000.sql.gz"
        assert f"[{day} 02:00:07] Database backup successful: {name}" in lines
        assert f"[{day} 04:30:05] Off-site rsync completed" in lines


def test_the_job_scripts_are_there_to_be_read(site: Path) -> None:
    scripts = sorted((site / "usr/local/bin").glob("nexosupport-*.sh"))
    assert len(scripts) == 9
    for script in scripts:
        assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
        assert script.name in (site / "etc/cron.d/nexosupport-backup").read_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"now": NOW.replace(tzinfo=None)}, "needs a time zone"),
        ({"rows": 10}, "at least 1000 rows"),
        ({"timezone": "Nowhere"}, "no time zone"),
        ({"first_day": date(2026, 11, 24)}, "first day must lie within"),
        ({"first_day": date(2025, 11, 24)}, "first day must lie within"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    plan = Plan(tmp_path, NOW)._replace(**change)  # type: ignore[arg-type]
    with pytest.raises(DemoError, match=message):
        build(plan)
    assert list(tmp_path.iterdir()) == []


def test_a_site_is_not_built_over_another(site: Path) -> None:
    with pytest.raises(DemoError, match="holds a site already"):
        build(Plan(site, NOW))
