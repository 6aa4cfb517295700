"""What check_backup_restore says: the whole line and the exit code."""

import pytest

from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Span
from nexoaudit.model.policy import Scenario

HOUR = 3_600_000
DECLARED = (("decision", 1800), ("dns", 900), ("provisioning", 7200))
DISASTER = Scenario("site-disaster", 86400, 28800, ("data", "server"), DECLARED)


@pytest.fixture
def drilled(site, build):
    """Return a function that gives a site and its drills."""

    def make(*names, scenario=DISASTER, database=None, played=None, **measures):
        ago = build.now_ms - 10 * build.DAY
        known = {"measured_ms": Span(HOUR), "guide_ms": Span(HOUR), "locations": "offsite"}
        known |= {"loses_ms": Span(8 * HOUR)} | measures
        drills = [
            Drill("database", name, ago, 60_000, "pass", point_ms=ago - 9 * HOUR)._replace(
                **(database or {})
            )
            for name in names
        ]
        whole = Drill("scenario", "", ago, HOUR, "pass", scenario="site-disaster")
        whole = whole._replace(measures=tuple(sorted(known.items())), **(played or {}))
        scenarios = () if scenario is None else (scenario,)
        state = site(*names)
        policy = state.policy._replace(scenarios=scenarios)
        return state._replace(policy=policy, drills=(*drills, *([whole] if scenarios else [])))

    return make


def test_all_came_back(check, drilled):
    said = check("restore", drilled("database"))
    assert (said.code, said.line) == (
        0,
        "BACKUP RESTORE OK - 2 restored in time, slowest site-disaster 3h 45m |"
        " site-disaster_age=864000s site-disaster_rpo=28800s site-disaster_rto=13500s;;28800"
        " components=1 database_age=864000s database_rpo=32400s database_rto=60s;;14400"
        " most_lost=32400s oldest=864000s problems=0 slowest=13500s",
    )


def test_one_component_alone(check, drilled):
    said = check("restore", drilled("database"), "--component", "database")
    assert (said.code, said.line) == (
        0,
        "BACKUP RESTORE OK - database: restored 2026-11-10 12:00 in 1m of 4h | components=1"
        " database_age=864000s database_rpo=32400s database_rto=60s;;14400 most_lost=32400s"
        " oldest=864000s problems=0 slowest=60s",
    )


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        (
            {"database": {"outcome": "fail", "reason": "drill.no_trailer", "detail": "cut"}},
            2,
            "CRITICAL - database: the test restore of 2026-11-10 12:00 failed:"
            " the dump has no end: it was cut off while it was made (cut). 1 of 2 restored in time",
        ),
        (
            {"database": {"outcome": "unverified", "reason": "drill.no_space", "detail": "full"}},
            3,
            "UNKNOWN - database: the test restore of 2026-11-10 12:00 could not be run:"
            " the disk is too full for a test restore: make room (full). 1 of 2 restored in time",
        ),
        (
            {"database": {"duration_ms": 5 * HOUR}},
            2,
            "CRITICAL - database: restored 2026-11-10 12:00 in 5h, longer than 4h."
            " 1 of 2 restored in time",
        ),
        (
            {"played": {"outcome": "fail", "reason": "scenario.nothing_outside", "detail": "x"}},
            2,
            "CRITICAL - site-disaster: the drill of 2026-11-10 12:00 failed:"
            " nothing to restore lies outside what it destroys (x)."
            " Also unverified: no recovery ever succeeded in a test:"
            " run `nexoaudit drill scenario --all`. 1 of 2 restored in time",
        ),
        (
            {"scenario": DISASTER._replace(declared=DECLARED[:1])},
            3,
            "UNKNOWN - site-disaster: restored 2026-11-10 12:00 in 1h, but nobody says how long"
            " this takes: provisioning, dns; add it to `declared` of [scenario.site-disaster]."
            " 1 of 2 restored in time",
        ),
        (
            {"measured_ms": Span(6 * HOUR)},
            2,
            "CRITICAL - site-disaster: back in 8h 45m (6h measured 2026-11-10 12:00,"
            " 2h 45m declared), longer than 8h. 1 of 2 restored in time",
        ),
        (
            {"scenario": None},
            3,
            "UNKNOWN - no scenario is configured: say in a [scenario.ID] what a disaster destroys"
            " and how soon the site must be back",
        ),
    ],
)
def test_what_is_not_well(check, drilled, changes, code, said):
    found = check("restore", drilled("database", **changes))
    assert (found.code, found.line.split(" | ")[0]) == (code, f"BACKUP RESTORE {said}")


def test_overdue(check, drilled, build):
    state = drilled("database", database={"started_ms": build.now_ms - 40 * build.DAY})
    found = check("restore", state)
    assert (found.code, found.line.split(" | ")[0]) == (
        1,
        "BACKUP RESTORE WARNING - database: last restored 2026-10-11 12:00, 40d ago."
        " 1 of 2 restored in time",
    )


def test_never_restored_is_unknown(check, drilled):
    found = check("restore", drilled("database")._replace(drills=()))
    assert (found.code, found.line) == (
        3,
        "BACKUP RESTORE UNKNOWN - database: never restored: run `nexoaudit drill`."
        " Also unverified: no recovery ever succeeded in a test:"
        " run `nexoaudit drill scenario --all`, site-disaster | components=1 problems=2",
    )


def test_limits_are_ages(check, drilled):
    found = check("restore", drilled("database"), "-w", "9d", "-c", "11d")
    assert found.code == 1
    assert check("restore", drilled("database"), "-w", "11d", "-c", "12d").code == 0


def test_seven_components_and_scenarios_stay_within_the_line(check, drilled):
    found = check("restore", drilled(*(f"component-{n}" for n in range(7))))
    assert found.code == 0
    assert len(found.line.encode()) < 1023
