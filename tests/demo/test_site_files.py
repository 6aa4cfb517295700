"""A demonstration site's archives, trees, off-site copies, code and jobs."""

import gzip
import os
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from demo_site import DAYS, NOW, moment_of

from nexoaudit.errors import DemoError
from nexoaudit_demo.archive import WEB
from nexoaudit_demo.site import Plan, build

pytestmark = pytest.mark.mariadb


UNWANTED = {"cache", "tmp", "sessions", "logs", "vendor", ".git"}


def members(path: Path) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        yield from archive


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_web_server_could_read_the_settings_in_the_tree(backups: Path) -> None:
    for generation in ("current", "previous"):
        found = (backups / "incremental" / generation / "lib/config.php").stat()
        assert (found.st_uid, found.st_mode & 0o777) == (WEB.number, 0o640)


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
