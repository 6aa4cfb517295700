"""What each check says of a state: the whole line and the exit code."""

import pytest

from nexoaudit.model.policy import ON_CHANGE, Component, Expect, Login
from nexoaudit.model.server import Schema, Server
from nexoaudit.model.sighting import Sweep
from nexoaudit.model.state import Change

UNCONFIGURED = Component("code", "code", ON_CHANGE)


def lacks(component, days, build):
    """Choose the copies of a component of the newest days."""
    return lambda copy: (
        copy.component == component and copy.time_ms > build.now_ms - days * build.DAY
    )


AGE = {
    "one component": (
        ("database",),
        0,
        "BACKUP AGE OK - database: newest 2026-11-20 02:00, 10h old"
        " | components=1 database_age=36000s;90000;176400 oldest=36000s problems=0",
    ),
    "three": (
        ("database", "mirror", "shop"),
        0,
        "BACKUP AGE OK - 3 components on time, oldest database 10h"
        " | components=3 database_age=36000s;90000;176400 mirror_age=36000s;90000;176400"
        " oldest=36000s problems=0 shop_age=36000s;90000;176400",
    ),
}


@pytest.mark.parametrize("case", AGE)
def test_age_of_healthy_components(check, site, case):
    names, code, line = AGE[case]
    said = check("age", site(*names))
    assert (said.code, said.line, said.errors) == (code, line, "")


def test_age_leads_with_the_worst_and_names_the_others(check, site, without, build):
    state = site("database", "mirror", "shop", "code", "wiki", code=UNCONFIGURED)
    state = without(state, lacks("mirror", 1, build))
    state = without(state, lacks("shop", 3, build))
    state = without(state, lacks("wiki", 400, build))
    said = check("age", state)
    assert (said.code, said.line) == (
        2,
        "BACKUP AGE CRITICAL - shop: newest 2026-11-17 02:00, 3d 10h old;"
        " due since 2026-11-18 02:00, 3 missed. Also failed: wiki. Also not configured: code."
        " Also warning: mirror. 1 of 5 on time"
        " | components=5 database_age=36000s;90000;176400 mirror_age=122400s;90000;176400"
        " oldest=295200s problems=4 shop_age=295200s;90000;176400",
    )


def test_age_warning(check, site, without, build):
    said = check("age", without(site("database", "mirror"), lacks("mirror", 1, build)))
    assert (said.code, said.line) == (
        1,
        "BACKUP AGE WARNING - mirror: newest 2026-11-19 02:00, 34h old;"
        " due since 2026-11-20 02:00, 1 missed. 1 of 2 on time"
        " | components=2 database_age=36000s;90000;176400 mirror_age=122400s;90000;176400"
        " oldest=122400s problems=1",
    )


def test_an_unverified_component_is_unknown_and_never_hides_a_failure(check, site, without, build):
    config = build.database(id="config", kind="config", schedule=ON_CHANGE)
    state = site("database", "config", config=config)
    said = check("age", state)
    assert (said.code, said.line) == (
        3,
        "BACKUP AGE UNKNOWN - config: set `watch` to the files whose change asks for a backup."
        " 1 of 2 on time | components=2 config_age=36000s database_age=36000s;90000;176400"
        " oldest=36000s problems=1",
    )
    said = check("age", without(state, lacks("database", 3, build)))
    assert (said.code, said.line) == (
        2,
        "BACKUP AGE CRITICAL - database: newest 2026-11-17 02:00, 3d 10h old;"
        " due since 2026-11-18 02:00, 3 missed. Also unverified: config"
        " | components=2 config_age=36000s database_age=295200s;90000;176400"
        " oldest=295200s problems=2",
    )


def test_unconfigured_components_are_listed(check, site):
    state = site(
        "code", "database", "system", code=UNCONFIGURED, system=UNCONFIGURED._replace(id="system")
    )
    for name, good, numbers in (
        ("age", "on time", "database_age=36000s;90000;176400 oldest=36000s problems=2"),
        ("copies", "with enough copies", "database_copies=3 fewest=3 points=10 problems=2 short=0"),
        ("retention", "complete", "database_missing=0 kept=22 missing=0 problems=2"),
    ):
        said = check(name, state)
        assert (said.code, said.line) == (
            3,
            f"BACKUP {name.upper()} UNKNOWN - code: no backup location is configured for it."
            f" Also not configured: system. 1 of 3 {good} | components=3 {numbers}",
        )


def test_checksum(check, site, spoiled, build):
    state = site("database", "mirror")
    numbers = "database_failed=0 database_unread=0"
    said = check("checksum", state)
    assert (said.code, said.line) == (
        0,
        "BACKUP CHECKSUM OK - 44 of 44 copies sound, 2 components"
        f" | components=2 copies=44 {numbers} failed=0 mirror_failed=0 mirror_unread=0"
        " problems=0 sound=44 unread=0",
    )
    of_mirror = lacks("mirror", 2, build)
    bad = spoiled(state, of_mirror, problems=("sidecar.mismatch",))
    said = check("checksum", bad)
    assert (said.code, said.line) == (
        2,
        "BACKUP CHECKSUM CRITICAL - mirror: mirror/db_20261120_020000.sql.gz at local:"
        " its bytes are not those of the checksum beside it, and 3 more. 1 of 2 sound"
        f" | components=2 copies=44 {numbers} failed=4 mirror_failed=4 mirror_unread=0"
        " problems=1 sound=40 unread=0",
    )
    said = check("checksum", spoiled(state, of_mirror, verified_ms=0, sha256="", assurance=1))
    assert (said.code, said.line) == (
        3,
        "BACKUP CHECKSUM UNKNOWN - mirror: mirror/db_20261120_020000.sql.gz at local"
        " has not been read yet, and 3 more. 1 of 2 sound"
        f" | components=2 copies=44 {numbers} failed=0 mirror_failed=0 mirror_unread=4"
        " problems=1 sound=40 unread=4",
    )


def test_copies(check, site, without, build):
    state = site("database", "mirror")
    said = check("copies", state)
    assert (said.code, said.line) == (
        0,
        "BACKUP COPIES OK - 2 components with enough copies, fewest database 3"
        " | components=2 database_copies=3 fewest=3 mirror_copies=3 points=20 problems=0 short=0",
    )
    newest = lacks("mirror", 1, build)
    said = check("copies", without(state, lambda c: newest(c) and c.location == "offsite"))
    assert (said.code, said.line) == (
        2,
        "BACKUP COPIES CRITICAL - mirror: point 2026-11-20 02:00 has 2 of 3 copies,"
        " 1 of 2 media, 0 of 1 off-site (the live data is one copy); lacking at: offsite (missing)."
        " 1 of 2 with enough copies"
        " | components=2 database_copies=3 fewest=2 mirror_copies=2 points=20 problems=1 short=1",
    )
    older = lambda c: c.component == "mirror" and not newest(c) and c.location == "offsite"  # noqa: E731
    said = check("copies", without(state, older))
    assert (said.code, said.line) == (
        1,
        "BACKUP COPIES WARNING - mirror: 9 of 10 older points have too few copies,"
        " newest of them 2026-11-19 02:00; lacking at: offsite (missing). 1 of 2 with enough copies"
        " | components=2 database_copies=3 fewest=3 mirror_copies=3 points=20 problems=1 short=9",
    )


def test_retention(check, site, without, build):
    state = site("database")
    said = check("retention", state)
    assert (said.code, said.line) == (
        0,
        "BACKUP RETENTION OK - database: local: all 9 points of 10d kept,"
        " offsite: all 9 points of 10d kept"
        " | components=1 database_missing=0 kept=22 missing=0 problems=0",
    )
    gap = {build.dump(day).time_ms for day in (4, 5)}
    said = check("retention", without(state, lambda c: c.time_ms in gap and c.location == "local"))
    assert (said.code, said.line) == (
        2,
        "BACKUP RETENTION CRITICAL - database: local: 2 of 9 points missing,"
        " first 2026-11-15 02:00 | components=1 database_missing=2 kept=20 missing=2 problems=1",
    )


def test_a_location_that_cannot_be_read(check, site, build):
    failed = Sweep("offsite", build.now_ms, "failed", "location.missing")
    state = site("database")._replace(failures={"offsite": failed})
    said = check("copies", state)
    assert (said.code, said.line) == (
        3,
        "BACKUP COPIES UNKNOWN - database: location offsite does not exist;"
        " last listed 2026-11-20 12:00 | components=1 database_copies=3 fewest=3 points=10"
        " problems=1 short=0",
    )


def test_moments_are_in_the_zone_of_the_site(check, site):
    state = site("database")
    policy = state.policy._replace(site=state.policy.site._replace(timezone="America/Lima"))
    said = check("age", state._replace(policy=policy))
    assert "newest 2026-11-19 21:00, 10h old" in said.line


def test_a_component_of_parts_comes_after_the_part_that_failed(check, site, spoiled, build):
    whole = Component("whole", "system", "0 2 * * *", parts=("database", "shop"), expect=Expect())
    state = site("whole", "database", "shop", whole=whole)
    bad = spoiled(state, lacks("shop", 1, build), problems=("sidecar.mismatch",))
    said = check("checksum", bad)
    assert said.code == 2
    assert said.line.startswith(
        "BACKUP CHECKSUM CRITICAL - shop: shop/db_20261120_020000.sql.gz at local:"
        " its bytes are not those of the checksum beside it, and 1 more. Also failed: whole."
        " 1 of 3 sound | "
    )


def test_details(check, site, without, build, state_file):
    state = without(site("database", "mirror"), lacks("mirror", 1, build))
    said = check("age", state, "-v")
    assert said.text.splitlines()[1:] == [
        "[warning] mirror: newest 2026-11-19 02:00, 34h old; due since 2026-11-20 02:00, 1 missed",
        "[ok] database: newest 2026-11-20 02:00, 10h old",
    ]
    assert check("age", state, "-vv").text.splitlines()[3:] == [
        f"from {state_file} of 2026-11-20 12:00, version 0.1.0, 100 ledger entries,"
        f" root {'0' * 64}, configuration /etc/nexoaudit/nexoaudit.toml"
    ]


def test_only_the_components_asked_for(check, site, without, build):
    state = without(site("database", "mirror", "shop"), lacks("mirror", 3, build))
    assert check("age", state, "--component", "shop").line.startswith(
        "BACKUP AGE OK - shop: newest 2026-11-20 02:00, 10h old | components=1 "
    )
    said = check("age", state, "--component", "shop", "--component", "database")
    assert said.line.startswith("BACKUP AGE OK - 2 components on time, oldest shop 10h | ")


def test_nothing_to_check(check, site, build):
    code = build.database(id="code", kind="code", schedule=ON_CHANGE, repository="/srv/git")
    state = site("database", "code", code=code)
    said = check("checksum", state, "--component", "code")
    assert (said.code, said.line) == (3, "BACKUP CHECKSUM UNKNOWN - nothing to check: code")
    said = check("age", site())
    assert (said.code, said.line) == (
        3,
        "BACKUP AGE UNKNOWN - nothing to check: no component has this control",
    )


def test_code_that_is_saved(check, site, build):
    code = build.database(id="code", kind="code", schedule=ON_CHANGE, repository="/srv/git")
    change = Change("code", build.now_ms, build.now_ms - build.DAY, detail="4f2a1c9", saved=True)
    said = check("age", site("code", code=code)._replace(changes={"code": change}))
    assert (said.code, said.line) == (
        0,
        "BACKUP AGE OK - code: deployed commit 4f2a1c9 of 2026-11-19 12:00 is in the repository"
        " | components=1 problems=0",
    )


def test_content_says_what_is_gone_since_when(check, site, build):
    good = build.history()
    lost = good.newest._replace(counts={"tickets": 1000})
    state = site("database", "shop")
    state = state._replace(
        histories={**state.histories, ("shop", "full"): good._replace(newest=lost)}
    )
    said = check("content", state)
    assert (said.code, said.line) == (
        2,
        "BACKUP CONTENT CRITICAL - shop: db_20261120_020000.sql.gz lacks 1 that were there on"
        " 2026-11-19 02:00: users. 1 of 2 complete"
        " | bytes=18000B complete=0 components=2 database_found=0 database_total=1200 found=1"
        " problems=1 shop_found=1 shop_total=1200 total=2400",
    )
    assert check("content", state, "-c", "1").code == 0


def test_failures_of_the_live_server_are_counted_with_those_of_the_dumps(check, site, build):
    tables = (("tickets", "InnoDB"), ("users", ""))
    seen = Server(
        "shop", "/s", since_ms=1, seen_ms=build.now_ms, engine="MariaDB", version="10.11",
        databases=("shop",),
        schemas=(Schema("shop", "utf8mb4", "utf8mb4_bin", tables, (), (), (), (), ()),),
    )  # fmt: skip
    for counts, found, more in ((None, 1, ""), ({"tickets": 1000}, 3, ", and 2 more |")):
        state = site("shop", shop=build.database(id="shop", live=Login("nexoaudit", "/s")))
        held = build.history()
        newest = held.newest._replace(counts=counts or held.newest.counts)
        state = state._replace(
            servers={"shop": seen}, histories={("shop", "full"): held._replace(newest=newest)}
        )
        said = check("content", state)
        assert said.code == 2
        assert f" found={found} " in said.line
        assert more in said.line


def test_a_first_point_that_nobody_confirmed_is_unknown(check, site, build):
    first = build.history(good=None, series=(), confirmed=False)
    state = site("database")._replace(histories={("database", "full"): first})
    said = check("content", state)
    assert said.code == 3
    assert said.line.startswith(
        "BACKUP CONTENT UNKNOWN - database: db_20261120_020000.sql.gz holds 1,200 rows, and nobody"
        " has said that this is all: look, then `nexoaudit accept database` | "
    )
