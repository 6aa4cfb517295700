"""The guide's site as policy has it, its clock, and drills that went one way or another."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.model.drill import Drill, Step
from nexoaudit.model.fact import Size, Span
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Expect, Policy, Scenario, Series, Site

ZONE = ZoneInfo("Europe/Madrid")
DAY_S = 86400
DECLARED = (("decision", 1800), ("dns", 900), ("provisioning", 2700))
HOUR = 3_600_000


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a moment on the site's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def _series(pattern: str, days: int, name: str = "full") -> tuple[Series, ...]:
    return (Series(name, pattern, ("local", "vault"), days * DAY_S),)


def guide_policy(name: str = "NexoSupport Example", *, demonstration: bool = False) -> Policy:
    """Return a policy with the guide's components and one that has no location."""
    policy = Policy(
        site=Site(name, "Europe/Madrid", demonstration=demonstration),
        locations=(
            Location("local", "/var/backups/nexosupport", "disk", "server"),
            Location(
                "vault", "/mnt/vault/nexosupport", "cloud", "region-2", True, "30 4 * * *", 7200
            ),
        ),
        components=(
            Component(
                "database", "database", "0 2 * * *", "02:00-04:30", rpo_s=DAY_S,
                series=_series("db_{time}.sql.gz", 30), expect=Expect(tables=("users",)),
            ),
            Component(
                "binlog", "binlog", "0 * * * *", rpo_s=DAY_S,
                series=_series("mysql-bin.*", 7, "incremental"),
            ),
            Component(
                "uploads", "uploads", "30 2 * * *", rpo_s=DAY_S,
                series=_series("files_{time}.tar.gz", 90),
            ),
            Component(
                "config", "config", "on-change", series=_series("config_{time}.tar.gz", 365),
                watch=("/etc/php",), expect=Expect(paths=("etc/ssl/certs/*.pem",)),
            ),
            Component("code", "code", "on-change", repository="/srv/git/nexosupport.git"),
            Component("logs", "logs", "30 3 * * 0", series=_series("logs_{time}.tar.gz", 90)),
            Component(
                "system", "system", "0 2 * * 0", parts=("database", "uploads", "config"),
                keep_s=28 * DAY_S, grace_s=14400,
            ),
            Component("mail", "logs", "0 5 * * *"),
        ),
        scenarios=(
            Scenario("data-corruption", DAY_S, 7200, (), DECLARED),
            Scenario("server-failure", DAY_S, 14400, ("server",), DECLARED),
            Scenario("site-disaster", DAY_S, 28800, ("server", "site"), DECLARED),
        ),
    )  # fmt: skip
    since_ms = evidence.millis(at(2026, 10, 20))
    return policy._replace(
        components=tuple(item._replace(since_ms=since_ms) for item in policy.components)
    )


def database_drill(start: datetime, outcome: str = "pass", seconds: int = 41) -> Drill:
    """Return a database restore whose steps add up."""
    failed = outcome != "pass"
    return Drill(
        "database", "database", evidence.millis(start), seconds * 1000, outcome,
        "drill.no_trailer" if failed else "", "the last line is not the trailer" if failed else "",
        "vault", "db_x.sql.gz", evidence.millis(start - timedelta(hours=1)), "ab" * 32,
        (
            Step("sandbox", 2100),
            Step("restore", (seconds - 5) * 1000, "fail" if failed else "pass"),
            Step("count", 1900),
            Step("check", 1000),
        ),
        (
            ("definers", ""),
            ("raw_bytes", Size(51_200_000)),
            ("rows", 200_000),
            ("rows.messages", 120_000),
            ("tables", 15),
        ),
        ("drill.no_trailer",) if failed else (),
    )  # fmt: skip


def scenario_drill(name: str, start: datetime) -> Drill:
    """Return the drill of a scenario that went well, from what lies off-site."""
    measures = (
        ("guide_ms", Span(1_300_000)),
        ("locations", "vault"),
        ("loses_ms", Span(7_200_000)),
        ("measured_ms", Span(1_000_000)),
    )
    return Drill(
        "scenario", "", evidence.millis(start), 1_000_000, "pass", scenario=name,
        steps=(Step("restore:database", 900_000), Step("restore:uploads", 100_000)),
        measures=measures,
    )  # fmt: skip
