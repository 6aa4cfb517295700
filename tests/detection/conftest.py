"""A demonstration site, built and audited once; each test breaks a copy of its own."""

import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.drills import drill, targets
from nexoaudit.auditor.session import open_session
from nexoaudit.cli.demo import CONFIG, audit_day
from nexoaudit.policy.load import load
from nexoaudit_checks import age, auditor, binlog, checksum, content, copies, retention, schedule
from nexoaudit_demo.faults import plant
from nexoaudit_demo.site import Plan, build

ZONE = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZONE)
CHECKS = {
    "age": age.main,
    "checksum": checksum.main,
    "copies": copies.main,
    "retention": retention.main,
    "schedule": schedule.main,
    "content": content.main,
    "binlog": binlog.main,
    "auditor": auditor.main,
}


class Answer(NamedTuple):
    """What a check said."""

    code: int
    line: str


class Site:
    """A site below `root`, and the auditor of it."""

    def __init__(self, root):
        self.root = root
        self.config = root / CONFIG
        self.now = NOW

    def plant(self, fault):
        return plant(self.root, fault, now=self.now)

    def session(self):
        return open_session(load(self.config), lambda: self.now)

    def audit(self):
        self.now += timedelta(minutes=5)
        with self.session() as session:
            return audit(session, Unwatched()).state

    def drill(self, kind="database"):
        with self.session() as session:
            (target,) = targets(session.recall(), (kind,))
            return drill(session, target)

    def poll(self, capfd, *arguments):
        found = {}
        for name, main in CHECKS.items():
            state = str(self.root / "state/state.json")
            code = main(["--state", state, *arguments], now=self.now)
            found[name] = Answer(code, capfd.readouterr().out.splitlines()[0])
        return found


def _make(root):
    plan = Plan(root, NOW, rows=1500, first_day=date(2026, 11, 12))
    build(plan, after_jobs=lambda moment: audit_day(plan, moment))
    return root


@pytest.fixture(scope="session")
def healthy_root(tmp_path_factory):
    return _make(tmp_path_factory.mktemp("healthy") / "site")


@pytest.fixture
def site(healthy_root, tmp_path):
    """Return a copy of the healthy site that this test may break."""
    root = tmp_path / "site"
    subprocess.run(["cp", "-a", healthy_root, root], check=True)
    config = root / CONFIG
    config.write_text(config.read_text().replace(str(healthy_root), str(root)))
    site = Site(root)
    site.audit()
    return site


@pytest.fixture(scope="session")
def document():
    return Path(__file__).parents[2] / "docs" / "detection.md"
