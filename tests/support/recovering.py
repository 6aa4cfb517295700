"""A shop with binary logs, its backups, and a box in which the runbook of its recovery is run."""

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pymysql
import pytest
from pymysql.err import IntegrityError
from small_site import NOW

from nexoaudit import process
from nexoaudit.runbook.book import write
from nexoaudit.runbook.quoting import literal
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server

BINLOG = """
[component.binlog]
kind = "binlog"
schedule = "0 * * * *"
[[component.binlog.series]]
pattern = "binlog/mysql-bin.{number}"
keep = "7d"
locations = ["local", "offsite"]
sidecar = false
"""
FAILURE = """
[scenario.server-failure]
rpo = "24h"
rto = "4h"
destroys = ["data", "server"]
"""
CONFIG = """
[component.config]
kind = "config"
schedule = "on-change"
[[component.config.series]]
pattern = "config_{time:%Y%m%d_%H%M%S}.tar.gz"
keep = "365d"
locations = ["local", "offsite"]
"""
SHOP = (
    "CREATE DATABASE shop",
    "USE shop",
    "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)) CHARSET utf8mb4",
    "CREATE TABLE `it's ``odd``; -- $(x)` (id INT PRIMARY KEY, userid INT,"
    " FOREIGN KEY (userid) REFERENCES users (id)) CHARSET utf8mb4",
    "CREATE TABLE emptied (id INT)",
    "INSERT INTO users SELECT seq, CONCAT('Ñandú 😀 ', seq) FROM seq_1_to_90",
    "INSERT INTO `it's ``odd``; -- $(x)` SELECT seq, seq FROM seq_1_to_30",
    "CREATE VIEW named AS SELECT id, name FROM users",
    "CREATE VIEW `odd 'view'` AS SELECT * FROM named",
    "CREATE TRIGGER stamp BEFORE INSERT ON users FOR EACH ROW SET NEW.name = TRIM(NEW.name)",
    "CREATE PROCEDURE tidy() BEGIN DELETE FROM users WHERE id < 0; SELECT 'a;\n'; END",
    "CREATE SEQUENCE numbers START WITH 7",
    "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO CALL tidy()",
)
PASSWORD = "it's \\ \" $(odd) `ñ`;"
ACCOUNTS = (
    "DELETE FROM mysql.global_priv WHERE user = 'root' AND host <> 'localhost'",
    "FLUSH PRIVILEGES",
    f"CREATE USER app@localhost IDENTIFIED BY {literal(PASSWORD)}",
    "GRANT SELECT ON shop.* TO app@localhost",
    "GRANT UPDATE ON shop.users TO app@localhost",
    "CREATE ROLE clerk",
    "GRANT clerk TO app@localhost",
)
DUMPS = {
    "plain": ("shop",),
    "named": ("--databases", "shop"),
    "users": ("--system=users", "--databases", "blog", "shop"),
    "mysql": ("--databases", "blog", "mysql", "shop"),
}
NEVER = "2030-01-01 00:00:00"
SYSTEMCTL = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$LOG"\n'


@contextmanager
def boxed(root: Path, *, logging: bool = True) -> Iterator["Box"]:
    """Give a place with a server that has nothing in it."""
    options = ["--log-bin=mysql-bin", "--server-id=7", "--binlog-format=ROW"] if logging else []
    with server(options=options) as running:
        yield Box(root, running)


class Box:
    """Where a runbook is run: a server, directories, and a systemctl that only takes notes."""

    def __init__(self, root: Path, running) -> None:
        self.root, self.running = root, running
        root.mkdir()
        self.log = root / "systemctl.log"
        (root / "bin").mkdir()
        for name in ("systemctl", "a2ensite"):
            (root / "bin" / name).write_text(SYSTEMCTL)
            (root / "bin" / name).chmod(0o755)
        (root / "home").mkdir()
        (root / "home/.my.cnf").write_text(f"[client]\nuser=root\nsocket={running.socket}\n")
        self.application = root / "www/the 'site'"
        self.application.mkdir(parents=True, mode=0o755)
        self.machine = root / "machine"
        self.machine.mkdir()

    def run(self, text: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "HOME": str(self.root / "home"),
            "LOG": str(self.log),
            "WORK": str(self.root / "work"),
            "APPLICATION": str(self.application),
            "ROOT": str(self.machine),
            "NEW_ADDRESS": "127.0.0.1",
            "LC_ALL": "C.UTF-8",
            **more,
        }
        script = self.root / "runbook.sh"
        script.write_text(text)
        return subprocess.run(
            ["bash", script], env=env, capture_output=True, text=True, timeout=120, check=False
        )

    def ask(self, query: str, column: int | slice = 0):
        with self.running.connect() as session:
            return [row[column] for row in ask(session, query)]

    def do(self, *statements: str) -> None:
        with self.running.connect() as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def as_app(self, query: str):
        """Ask as the application does."""
        session = pymysql.connect(
            unix_socket=str(self.running.socket), user="app", password=PASSWORD.encode()
        )
        with session, session.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]

    @property
    def said(self) -> list[str]:
        return self.log.read_text().splitlines()


def dump_of(box, *options):
    argv = [process.find("mariadb-dump", "mariadb-client"), "--no-defaults", "--user=root"]
    argv += [f"--socket={box.running.socket}", "--single-transaction", "--routines", "--events"]
    argv += ["--triggers", "--master-data=2", *(options or ("shop",))]
    result = process.run(argv, deadline_s=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


class Backups(NamedTuple):
    """Dumps of the shop, what happened after them, and when that was."""

    dumps: dict[str, bytes]
    """`plain`; `named`, with CREATE DATABASE and USE; `users`, with accounts and a second database;
    `mysql`, with the server's own tables."""
    logs: dict[str, bytes]
    """Those that are closed; the first is that of the dumps."""
    made: datetime

    def put(self, site, kind="plain", places=("local", "offsite")):
        """Lay them where the jobs do."""
        site.config.write_text(site.config.read_text() + BINLOG)
        site.now = self.made + timedelta(minutes=15)
        for place in places:
            self.dump(site, place, kind)
            self.copy(site, place)

    def dump(self, site, place, kind="plain"):
        """Lay the dump where its job does."""
        at = self.made - timedelta(minutes=1)
        path = site.root / place / f"db_{at:%Y%m%d_%H%M%S}.sql.gz"
        path.write_bytes(gzip.compress(self.dumps[kind], mtime=0))
        site.date(path, self.made)
        site.sidecar(path)

    def copy(self, site, place):
        """Lay the logs where their job does."""
        folder = site.root / place / "binlog"
        folder.mkdir(exist_ok=True)
        for name, data in self.logs.items():
            (folder / name).write_bytes(data)
            site.date(folder / name, self.made + timedelta(minutes=1))


def live(box, *, dumps=("plain",)):
    """Make the shop in a box with a log, dumps of it, and what happened since."""
    box.do(*SHOP, "CREATE DATABASE blog", "CREATE TABLE blog.posts (id INT)")
    box.do("INSERT INTO blog.posts VALUES (1), (2)", *ACCOUNTS)
    found = {kind: dump_of(box, *DUMPS[kind]) for kind in dumps}
    for change in (
        "INSERT INTO shop.users VALUES (91, ' Later ')",
        "DELETE FROM shop.users WHERE id = 90",
        "INSERT INTO shop.users VALUES (92, 'Last')",
    ):
        box.do(change, "FLUSH BINARY LOGS")
    return Backups(found, closed(box), datetime.now(UTC))


def closed(box):
    """Return the logs that are closed, by name: what the hourly job copies."""
    logs = sorted(box.running.data.glob("mysql-bin.0*"))[:-1]
    return {log.name: log.read_bytes() for log in logs}


FILES = ("etc/php/php.ini", "etc/app.key", "etc/cron.d/sync")


def write_config(site, **more):
    """Write a backup of the configuration: of `FILES`, and of other paths with what is in them."""
    site.config.write_text(site.config.read_text() + CONFIG)
    texts = {name: f"of {name}\n" for name in FILES} | more
    for place in ("local", "offsite"):
        path = site.root / place / f"config_{NOW.replace(hour=3):%Y%m%d_%H%M%S}.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name, text in texts.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(text.encode()), 0o644
                member.mode = 0o600 if name.endswith("key") else 0o644
                tar.addfile(member, io.BytesIO(text.encode()))
        site.date(path, NOW.replace(hour=3))
        site.sidecar(path)


def settings(password=PASSWORD):
    """Return the settings of the application, as PHP has them."""
    told = password.replace("\\", "\\\\").replace("'", "\\'")
    return (
        "<?php\n$CFG->dbhost = 'localhost';\n$CFG->dbname = 'shop';\n"
        f"$CFG->dbuser    = 'app';\n$CFG->dbpass = '{told}';\n"
    )


def book(site, name):
    with site.session() as session:
        state = session.publish()
    scenario = {item.id: item for item in state.policy.scenarios}[name]
    return write(state, scenario, site.now, ZoneInfo("UTC"))


def burn(site):
    """Take away what the disaster destroys."""
    for name in ("local", "offsite"):
        (site.root / name).rename(site.root / f"{name}-burnt")


def assert_whole(box):
    """Assert that everything of the database is as it was after its last transaction."""
    users = box.ask("SELECT CONCAT(id, ' ', name) FROM shop.users WHERE id > 88 ORDER BY id")
    assert users == ["89 Ñandú 😀 89", "91 Later", "92 Last"]
    assert box.ask("SELECT COUNT(*) FROM shop.`it's ``odd``; -- $(x)`") == [30]
    assert box.ask("SELECT COUNT(*) FROM shop.`odd 'view'`") == [91]
    assert box.ask("SELECT COUNT(*) FROM shop.emptied") == [0]
    assert box.ask("SELECT shop.one()") == [1]
    assert box.ask("SELECT NEXTVAL(shop.numbers)") == [7]
    for kind, column in (("triggers", "trigger"), ("events", "event"), ("routines", "routine")):
        found = box.ask(
            f"SELECT {column}_name FROM information_schema.{kind}"
            f" WHERE {column}_schema = 'shop' ORDER BY 1"
        )
        assert found == {"triggers": ["stamp"], "events": ["nightly"]}.get(kind, ["one", "tidy"])
    with pytest.raises(IntegrityError, match="foreign key"):
        box.do("INSERT INTO shop.`it's ``odd``; -- $(x)` VALUES (1000, 1000)")
    assert box.ask("SHOW DATABASES LIKE 'shop_restored'") == []


def assert_files(box):
    """Assert that the files of the newest archive are there, as they were."""
    www = box.application
    assert (www / "uploads/a.bin").read_bytes() == bytes(range(256)) * 40
    assert (www / "uploads/it's $(odd) ñ.txt").read_text() == "odd\n"
    assert (www / "lib/config.php").read_text() == "<?php $day = 0;\n"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (www / "uploads").iterdir()}
    assert (modes["a.bin"], modes["it's $(odd) ñ.txt"]) == (0o640, 0o600)
