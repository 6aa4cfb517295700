"""Fixtures for every test: a small site's policy and state, built value by value."""

import gzip
import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.session import open_session
from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.disk import Disk
from nexoaudit.model.manifest import History, Manifest, Total
from nexoaudit.model.policy import Component, Location, Policy, Scenario, Series, Site
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import State
from nexoaudit.policy.load import load

# The checkout may belong to another user than the one who runs the tests: store nothing in it.
settings.register_profile("suite", database=None, deadline=None)
settings.register_profile("long", database=None, deadline=None, max_examples=20_000)
settings.load_profile("suite")

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = 3_600_000
DAY = 24 * HOUR
KEEP_DAYS = 10


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def daily(hour: int, minute: int, *, back: int = 45, ahead: int = 2) -> tuple[int, ...]:
    """Return the daily slots around NOW."""
    first = NOW.replace(hour=hour, minute=minute)
    return tuple(ms(first + timedelta(days=n)) for n in range(-back, ahead + 1))


def database(**changes: Any) -> Component:
    series = Series(
        "full", "db_{time:%Y%m%d_%H%M%S}.sql.gz", ("local", "offsite"), 86400 * KEEP_DAYS
    )
    component = Component(
        "database", "database", "0 2 * * *", grace_s=3600, rpo_s=86400, series=(series,)
    )
    return component._replace(**changes)


def dump(day: int, location: str = "local", **changes: Any) -> Copy:
    """Return a sound dump of 02:00, `day` days before NOW's."""
    moment = NOW.replace(hour=2) - timedelta(days=day)
    copy = Copy(
        location,
        "database",
        "full",
        f"db_{moment:%Y%m%d_%H%M%S}.sql.gz",
        ms(moment),
        "name",
        1000,
        ms(moment) + 5000,
        finished=True,
        seen_ms=ms(moment) + 60_000,
        verified_ms=ms(moment) + 120_000,
        sha256=f"{day:064x}",
        recorded="sidecar",
        assurance=Assurance.READABLE,
        content_ms=ms(moment) + 4000,
    )
    return copy._replace(**changes)


def dumps(location: str, days: range = range(KEEP_DAYS + 1)) -> list[Copy]:
    return [dump(day, location) for day in sorted(days, reverse=True)]


def manifest(day: int, **changes: Any) -> Manifest:
    """Return what the dump of `day` days before NOW's holds."""
    copy = dump(day)
    facts = {"database": "shop", "engine": "MariaDB", "rows": 1200, "tables": 2, "triggers": 1}
    counts = {"users": 200, "tickets": 1000}
    held = Manifest("local", copy.path, copy.time_ms, copy.sha256, 1000, 9000, facts, counts)
    return held._replace(**changes)


def history(**changes: Any) -> History:
    """Return the history of dumps of which nothing was ever lost, the first of them confirmed."""
    series = [manifest(day) for day in range(KEEP_DAYS, 0, -1)]
    totals = tuple(Total(item.time_ms, item.total, item.bytes) for item in series)
    whole = History(manifest(0), manifest(1), totals, confirmed=True)
    return whole._replace(**changes)


def disk(location: str, name: str, size: int, percent: int) -> Disk:
    """Return what a location lies on: a disk of its own with room."""
    return Disk(
        location,
        ms(NOW),
        "complete",
        mount=f"/{location}",
        fstype="ext4",
        size=size,
        free=size * percent // 100,
        percent=percent,
        inodes_percent=90,
        disks=(name,),
    )


def state(copies: list[Copy] | None = None, **changes: Any) -> State:
    """Return a healthy site's state at NOW, with other copies or fields where given."""
    held = [*dumps("local"), *dumps("offsite")] if copies is None else copies
    holdings: dict[tuple[str, str, str], list[Copy]] = {}
    for copy in sorted(held, key=lambda item: item.time_ms):
        holdings.setdefault((copy.component, copy.series, copy.location), []).append(copy)
    policy = Policy(
        Site("example"),
        (
            Location("local", "/backups", "disk", "server"),
            Location("offsite", "/offsite", "remote", "elsewhere", True, "30 4 * * *"),
        ),
        (database(),),
        (Scenario("site-disaster", 86400, 28800, ("server",)),),
    )
    base = State(
        policy=policy,
        copies={key: tuple(value) for key, value in holdings.items()},
        slots={"database": daily(2, 0)},
        transfers={"offsite": daily(4, 30)},
        sweeps={name: Sweep(name, ms(NOW), "complete") for name in ("local", "offsite")},
        failures={},
        drills=(),
        changes={},
        jobs={},
        disks={
            "local": disk("local", "sdb", 200 * 10**9, 60),
            "offsite": disk("offsite", "sdc", 10**12, 80),
        },
        started_ms=ms(NOW) - 60 * DAY,
        heartbeat_ms=ms(NOW),
        config_path="/etc/nexoaudit/nexoaudit.toml",
        config_sha256="c" * 64,
        ledger_size=100,
        ledger_root="0" * 64,
        version="0.1.0",
        histories={("database", "full"): history()},
    )
    return base._replace(**changes)


_NUMBERS = re.compile(rb"\d+")
_GIANTS = (b"0", b"-1", b"9" * 20, b"9" * 5000, b"1e999", b"18446744073709551616")
_WORDS = (
    b"\xff" * 4,
    b"\xff" * 8,
    b"\0" * 4,
    b"\xff\xff\xff\x7f",
    b"\0" * 7 + b"\x80",
    b"\n",
    b"'",
)


@st.composite
def mutations(draw: st.DrawFn, *samples: bytes) -> bytes:
    """Draw one of the samples after one to four accidents: cuts, flips, copies, giant numbers."""
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 1, 2, 8, 64, 512, 10_000))))
        piece = data[start:end]
        how = draw(st.integers(0, 8))
        if how == 0:
            data = data[:start]
        elif how == 1:
            data = data[start:]
        elif how == 2:
            data = data[:start] + data[end:]
        elif how == 3:
            data = data[:end] + piece + data[end:]
        elif how == 4:
            data = (
                data[:start]
                + bytes(byte ^ 1 << start % 8 for byte in piece[:3])
                + data[start + 3 :]
            )
        elif how == 5:
            word = draw(st.sampled_from(_WORDS))
            data = data[:start] + word + data[start + len(word) :]
        elif how == 6:
            other = draw(st.sampled_from(samples))
            data = data[:start] + other[draw(st.integers(0, len(other))) :]
        elif how == 7 and (number := _NUMBERS.search(data, start)):
            giant = draw(st.sampled_from(_GIANTS))
            data = data[: number.start()] + giant + data[number.end() :]
        else:
            data = data[:start] + draw(st.binary(max_size=40)) + data[start:]
    return data


@pytest.fixture(scope="session")
def mutated() -> Callable[..., st.SearchStrategy[bytes]]:
    """Return what makes a strategy of damaged samples."""
    return mutations


class Build:
    """The builders above, for tests: `build.state()`, `build.dump(1)`, ..."""

    NOW = NOW
    now_ms = ms(NOW)
    HOUR = HOUR
    DAY = DAY
    KEEP_DAYS = KEEP_DAYS
    ms = staticmethod(ms)
    daily = staticmethod(daily)
    database = staticmethod(database)
    dump = staticmethod(dump)
    dumps = staticmethod(dumps)
    manifest = staticmethod(manifest)
    history = staticmethod(history)
    state = staticmethod(state)


@pytest.fixture(scope="session")
def build() -> type[Build]:
    return Build


Replacer = Callable[..., State]


@pytest.fixture(scope="session")
def with_component() -> Replacer:
    """Return a function that gives a state whose only component is changed or another one."""

    def replace(base: State, component: Component) -> State:
        return base._replace(policy=base.policy._replace(components=(component,)))

    return replace


CONFIG = """\
[site]
name = "example"
timezone = "UTC"
state_dir = "{root}/state"

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


@pytest.fixture
def site(tmp_path):
    return DiskSite(tmp_path)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-docs", action="store_true", help="write generated docs anew")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.geteuid() == 0 and item.get_closest_marker("unprivileged"):
        pytest.skip("root may do everything: ./dev runs this as another user")
    if os.geteuid() != 0 and item.get_closest_marker("root"):
        pytest.skip("only root becomes another user")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Turn a skip into a failure where everything is provided: continuous integration."""
    report = yield
    about_rights = "user" in str(report.longrepr)  # who runs the tests is not CI's to provide
    if report.skipped and os.environ.get("CI") and not about_rights:
        report.outcome = "failed"
    return report
