"""The database jobs: the daily dump and the hourly binary logs."""

import shutil
import tempfile
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError
from nexoaudit_demo import archive, disk
from nexoaudit_demo.live import BACKUP_USER, CLIENT_PACKAGE, DATABASE, Live
from nexoaudit_demo.settings import environment
from nexoaudit_demo.yard import Yard

KEPT_LOGS = 168
"""Binary logs of seven days."""

PASSWORD = "BACKUP_USER_PASSWORD_PLACEHOLDER"
CREDENTIALS = "etc/nexosupport/backup.cnf"

_KEEP_DAYS = 30
_TAKES_S = 7
"""How long a dump seems to take; its trailer has the end."""
_FLAGS = ("--single-transaction", "--quick", "--routines", "--triggers", "--events")


def credentials(yard: Yard, moment: int) -> None:
    """Write the file that lets the mended job log in."""
    text = f"[client]\nuser = {BACKUP_USER}\npassword = {PASSWORD}\n"
    disk.put(yard.places.root / CREDENTIALS, text, moment, 0o600)


def database(yard: Yard, live: Live, moment: int) -> Path:
    """Make the dump of `moment` with its digest, delete the old ones, and return its path."""
    name = f"nexosupport_db_{yard.calendar.stamp(moment)}.sql.gz"
    path = yard.new(f"database/{name}", moment)
    end = moment + _TAKES_S
    complaint = write(yard, live, path, end)
    yard.finish(path, end, absolute=True)
    if not yard.as_guide:
        yard.say(moment + 1, "Starting database backup...")
    yard.say(end, *complaint, f"Database backup successful: {name}")
    yard.prune("database", "nexosupport_db_*.sql.gz", _KEEP_DAYS, end + 1)
    yard.prune("database", "nexosupport_db_*.sha256", _KEEP_DAYS, end + 1)
    live.forget_logs(KEPT_LOGS)
    return path


def write(yard: Yard, live: Live, path: Path, end: int) -> list[str]:
    """Write a dump that ends at `end` to `path` and return what mariadb-dump complained about.

    Raise DemoError when a mended job fails; the guide's does not notice.
    """
    local = yard.calendar.local(end).strftime("%Y-%m-%d %H:%M:%S")
    with tempfile.TemporaryFile() as stderr:
        handle = process.start(
            [
                *(process.find("faketime", "faketime"), "-f", local),
                process.find("mariadb-dump", CLIENT_PACKAGE),
                *_login(yard),
                f"--socket={live.socket}",
                "--default-character-set=utf8mb4",
                *_FLAGS,
                "--lock-tables=false" if yard.as_guide else "--master-data=2",
                DATABASE,
            ],
            env=environment(yard.calendar),
            stdout=process.PIPE,
            stderr=stderr,
        )
        try:
            if handle.stdout is None:
                raise DemoError("mariadb-dump has no output")
            archive.gzip(handle.stdout, path)
            failed = handle.wait() != 0
        finally:
            process.stop(handle)
        stderr.seek(0)
        text = stderr.read().decode(errors="replace")
    if failed and not yard.as_guide:
        raise DemoError(f"mariadb-dump failed: {text.strip()}")
    return text.replace("mariadb-dump:", "mysqldump:").splitlines()


def _login(yard: Yard) -> list[str]:
    if yard.as_guide:
        return ["--no-defaults", f"--user={BACKUP_USER}", f"--password={PASSWORD}"]
    return [f"--defaults-file={yard.places.root / CREDENTIALS}"]


def binary_log(yard: Yard, live: Live, moment: int) -> None:
    """Let the hour end and copy its binary log, as the hourly job does.

    The mended job leaves the active log alone, keeps the times of the others and deletes the old
    ones; the guide's does neither.
    """
    live.move_to(moment)
    held = live.logs(KEPT_LOGS)
    index = yard.new("binlog/mysql-bin.index", moment)
    names = "".join(f"/var/log/mysql/{path.name}\n" for path in held)
    disk.put(index, names, moment, yard.mode)
    _copy(yard, held[-2], moment)
    if yard.as_guide:
        _copy(yard, held[-1], moment)
        for path in held:  # a plain `cp` renews every time
            disk.date(index.with_name(path.name), moment)
    else:
        for path in index.parent.glob("mysql-bin.[0-9]*"):
            if path.name < held[0].name:
                disk.remove(path, moment)
    disk.date(index.parent, moment)
    yard.say(moment + 1, f"Binary log backup completed at {yard.calendar.stamp(moment)}")


def _copy(yard: Yard, log: Path, moment: int) -> None:
    path = yard.places.backups / "binlog" / log.name
    shutil.copyfile(log, path)
    path.chmod(yard.mode)
    disk.date(path, moment)
