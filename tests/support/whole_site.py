"""The backups of one small system, and what its owner asks of it."""

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest
from tarred import Entry, tar

from nexoaudit.drill.files import Task
from nexoaudit.drill.system import Part, Plan
from nexoaudit.drill.terms import Terms
from nexoaudit.model.copy import Copy
from nexoaudit.model.drilling import Drilling, Reconcile
from nexoaudit.model.location import Location

DUMP = """\
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t10.11.19-MariaDB
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `config` (`name` varchar(20) PRIMARY KEY, `value` text) DEFAULT CHARSET=utf8mb4;
INSERT INTO `config` VALUES ('motd','welcome'),('rate','100%');
CREATE TABLE `attachments` (`path` varchar(90), `size` int) DEFAULT CHARSET=utf8mb4;
INSERT INTO `attachments` VALUES ('2026/a.pdf',1),('b ñ.pdf',1),(NULL,0);
-- Dump completed on 2026-11-20  2:00:09
"""
FILES = (
    Entry("site/uploads/2026/a.pdf", b"a"),
    Entry("site/uploads/b ñ.pdf", b"b"),
    Entry("site/api/index.php", b"<?php"),
)
CONFIG = (
    Entry("etc/mysql/conf.d/site.cnf", b"[mysqld]\ncharacter-set-server = utf8mb4\n"),
    Entry("etc/site/accounts.sql", b"CREATE USER app@localhost;\nGRANT SELECT ON *.* TO app;\n"),
    Entry("etc/site/name", b"shop"),
)
PLANT = "UPDATE config SET value = :nonce WHERE name = 'motd' AND '100%' LIKE '100%'"
NAMED = Reconcile("SELECT path FROM attachments", "uploads")

PHP = """<?php
$db = new PDO(
    'mysql:unix_socket=' . getenv('NEXOAUDIT_SOCKET') . ';dbname=' . getenv('NEXOAUDIT_DATABASE'),
    getenv('NEXOAUDIT_USER')
);
$name = file_get_contents(getenv('NEXOAUDIT_CONFIG') . '/etc/site/name');
$said = $db->query("SELECT value FROM config WHERE name = 'motd'")->fetchColumn();
is_file(getenv('NEXOAUDIT_FILES') . '/api/index.php') or exit(4);
echo "$name says $said\\n";
"""


def php() -> str:
    """Return the path of php; skip the test where there is none."""
    found = shutil.which("php")
    if found is None:
        pytest.skip("php is not installed")
    return found


class WholeSite:
    """Its newest backups, below one directory that the sandbox's user may enter."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.location = Location("disk", str(root))
        self.put("d.sql.gz", gzip.compress(DUMP.encode(), 1))
        self.put("f.tar.gz", gzip.compress(tar(FILES), 1))
        self.put("c.tar.gz", gzip.compress(tar(CONFIG), 1))

    def put(self, name: str, data: bytes | str) -> Path:
        path = self.root / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def php(self, text: str = PHP) -> tuple[str, ...]:
        """Return a health command in PHP."""
        return php(), str(self.put("health.php", text))

    def shell(self, text: str) -> tuple[str, ...]:
        """Return a health command that a shell runs."""
        return "/bin/sh", str(self.put("health.sh", text))

    def copy(self, name: str) -> Copy:
        return Copy("disk", name, "full", name, 1_763_600_400_000, "name", 1, 0, True, 0)

    def plan(self, health: tuple[str, ...] = (), **asked: Any) -> Plan:
        """Return the plan of a drill of all of it."""
        wanted = Drilling(health, **{"plant": PLANT, "reconcile": (NAMED,), **asked})
        parts = (
            Part("database", self.location, self.copy("d.sql.gz"), Terms()),
            Part("config", self.location, self.copy("c.tar.gz"), task=Task("config")),
            Part("files", self.location, self.copy("f.tar.gz")),
        )
        return Plan(parts, wanted)
