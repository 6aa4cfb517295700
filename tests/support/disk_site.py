"""One small site with real files."""

import gzip
import hashlib
import os
from datetime import timedelta

from small_site import NOW

from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.session import open_session
from nexoaudit.policy.load import load

CONFIG = """\
[site]
name = "example"
timezone = "UTC"
state_dir = "{root}/state"
demonstration = true    # both directories lie on one device

[location.local]
path = "{root}/local"
failure_domain = "server"
[location.offsite]
path = "{root}/offsite"
medium = "remote"
failure_domain = "elsewhere"
offsite = true
transfer = "30 4 * * *"

[component.database]
kind = "database"
schedule = "0 2 * * *"
grace = "1h"
since = 2026-11-17
[[component.database.series]]
pattern = "db_{{time:%Y%m%d_%H%M%S}}.sql.gz"
keep = "30d"
locations = ["local", "offsite"]
"""

DUMP = """\
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t10.11.19-MariaDB

/*!40101 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (
  `id` int(11) NOT NULL
) ENGINE=InnoDB;

INSERT INTO `users` VALUES
(1),
({number});

-- Dump completed on {stamp}
"""


class DiskSite:
    """One site below `root`; times are days before NOW."""

    def __init__(self, root):
        self.root = root
        self.now = NOW
        self.config = root / "site.toml"
        self.config.write_text(CONFIG.format(root=root))
        for name in ("local", "offsite"):
            (root / name).mkdir()
        for day in (3, 2, 1, 0):
            self.dump(day)
            self.dump(day, "offsite")

    def dump(self, day, location="local", text=None, sidecar=True):
        moment = NOW.replace(hour=2) - timedelta(days=day)
        if text is None:
            stamp = f"{moment:%Y-%m-%d}  2:00:04"
            text = DUMP.format(number=day + 10, stamp=stamp)
        path = self.root / location / f"db_{moment:%Y%m%d_%H%M%S}.sql.gz"
        path.write_bytes(gzip.compress(text.encode(), mtime=0) if text else b"")
        self.date(path, moment + timedelta(seconds=5))
        if sidecar:
            self.sidecar(path)
        return path

    def sidecar(self, path):
        beside = path.with_name(path.name + ".sha256")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        beside.write_bytes(f"{digest}  /elsewhere/".encode() + os.fsencode(path.name) + b"\n")
        self.date(beside, NOW - timedelta(hours=9))

    @staticmethod
    def date(path, moment):
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    def session(self):
        return open_session(load(self.config), lambda: self.now)

    def audit(self, **options):
        with self.session() as session:
            return audit(session, Unwatched(), **options)
