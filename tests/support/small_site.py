"""A small site's policy and state, built value by value."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nexoaudit.model.copy import Assurance, Copy
from nexoaudit.model.disk import Disk
from nexoaudit.model.location import Location
from nexoaudit.model.manifest import History, Manifest, Total
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Component, Policy, Scenario, Series, Site
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import State

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = 3_600_000
DAY = 24 * HOUR
KEEP_DAYS = 10


def ms(moment: datetime) -> int:
    return millis(moment)


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
