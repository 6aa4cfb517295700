"""`-w` and `-c`: what they change, and that they never silently do nothing."""

import pytest

from nexoaudit.model.policy import ON_CHANGE, Component
from nexoaudit.model.state import Change
from nexoaudit.rules import auditor

AGES = [
    # the newest point is 10 h old
    ((), 0),
    (("-w", "11h"), 0),
    (("-w", "10h"), 0),
    (("-w", "9h"), 1),
    (("-c", "9h"), 2),
    (("-w", "9h", "-c", "11h"), 1),
    (("-w", "8h", "-c", "9h"), 2),
    (("-w", "0s"), 1),
    (("-c", "0s"), 2),
    (("--warning=9h", "--critical=9h"), 2),
]


@pytest.mark.parametrize(("argv", "code"), AGES)
def test_age(check, site, argv, code):
    assert check("age", site("database"), *argv).code == code


def test_a_given_age_replaces_the_schedule(check, site, without, build):
    late = without(site("database"), lambda copy: copy.time_ms > build.now_ms - 3 * build.DAY)
    assert check("age", late).code == 2
    said = check("age", late, "-w", "90h", "-c", "7d")
    assert (said.code, said.line) == (
        0,
        "BACKUP AGE OK - database: newest 2026-11-17 02:00, 3d 10h old"
        " | components=1 database_age=295200s;324000;604800 oldest=295200s problems=0",
    )
    said = check("age", late, "-w", "24h")
    assert (said.code, said.line) == (
        1,
        "BACKUP AGE WARNING - database: newest 2026-11-17 02:00, 3d 10h old, over the limit"
        " | components=1 database_age=295200s;86400 oldest=295200s problems=1",
    )


@pytest.mark.parametrize(
    ("argv", "code"), [((), 2), (("-w", "80h"), 0), (("-w", "3d"), 1), (("-c", "3d"), 2)]
)
def test_the_age_of_unsaved_code_is_that_of_its_change(check, site, build, argv, code):
    component = build.database(id="code", kind="code", schedule=ON_CHANGE, repository="/srv/git")
    change = Change("code", build.now_ms, build.now_ms - 75 * build.HOUR, detail="4f2a1c9")
    state = site("code", code=component)._replace(changes={"code": change})
    assert check("age", state, *argv).code == code


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), 2),
        (("-w", "0"), 1),
        (("-c", "0"), 2),
        (("-w", "2", "-c", "4"), 1),
        (("-w", "4", "-c", "9"), 0),
        (("-w", "1", "-c", "3"), 2),
    ],
)
def test_failed_copies(check, site, spoiled, build, argv, code):
    def newest(copy):
        return copy.time_ms > build.now_ms - 2 * build.DAY

    state = spoiled(site("database"), newest, problems=("sidecar.mismatch",))
    assert check("checksum", state, *argv).code == code


def test_tolerated_copies_are_still_told(check, site, spoiled, build):
    state = spoiled(
        site("database"),
        lambda copy: copy.time_ms == build.dump(0).time_ms and copy.location == "local",
        problems=("sidecar.mismatch",),
    )
    said = check("checksum", state, "-c", "1")
    assert (said.code, said.line) == (
        0,
        "BACKUP CHECKSUM OK - database: database/db_20261120_020000.sql.gz failed,"
        " within the limit | components=1 copies=22 database_failed=1 database_unread=0"
        " failed=1 problems=0 sound=21 unread=0",
    )


def test_limits_do_not_excuse_what_is_not_counted(check, site, spoiled, build):
    state = spoiled(site("database"), lambda copy: True, verified_ms=0, sha256="", assurance=1)
    assert check("checksum", state, "-w", "99", "-c", "99").code == 3


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), 2),
        (("-w", "2"), 0),
        (("-w", "3"), 1),
        (("-c", "3"), 2),
        (("-w", "3", "-c", "2"), 1),
        (("-w", "4", "-c", "3"), 2),
    ],
)
def test_copies(check, site, without, argv, code):
    # two copies: the live data and the local one
    state = without(site("database"), lambda copy: copy.location == "offsite")
    assert check("copies", state, *argv).code == code


def test_the_line_names_the_broken_limit(check, site):
    said = check("copies", site("database"), "-c", "4")
    assert (said.code, said.line) == (
        2,
        "BACKUP COPIES CRITICAL - database: point 2026-11-20 02:00 has 3 copies, fewer than 4"
        " | components=1 database_copies=3 fewest=3 points=10 problems=1 short=0",
    )


def test_limits_reach_the_parts_of_a_component(check, site):
    whole = Component("whole", "system", "0 2 * * *", parts=("database", "shop"))
    state = site("whole", "database", "shop", whole=whole)
    assert check("copies", state, "--component", "whole").code == 0
    assert check("copies", state, "--component", "whole", "-c", "4").code == 2


@pytest.mark.parametrize(
    ("argv", "code"),
    [((), 2), (("-w", "2"), 0), (("-w", "1"), 1), (("-c", "1"), 2), (("-w", "1", "-c", "2"), 1)],
)
def test_missing_points(check, site, without, build, argv, code):
    gap = {build.dump(day).time_ms for day in (4, 5)}
    state = without(site("database"), lambda copy: copy.time_ms in gap)
    assert check("retention", state, *argv).code == code


@pytest.mark.parametrize(
    ("argv", "minutes", "code"),
    [
        ((), 15, 0),
        ((), 16, 1),
        ((), 61, 2),
        (("-w", "0s"), 1, 1),
        (("-w", "0s", "-c", "0s"), 1, 2),
        (("-c", "2h"), 61, 1),
        (("-w", "2h", "-c", "3h"), 61, 0),
    ],
)
def test_the_auditors_age(check, site, build, tmp_path, argv, minutes, code):
    config = tmp_path / "nexoaudit.toml"
    config.touch()
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    state = site("database")._replace(
        config_path=str(config),
        config_sha256=digest,
        heartbeat_ms=build.now_ms - minutes * 60_000,
    )
    assert check("auditor", state, *argv).code == code


def test_the_documented_defaults_of_the_auditor_are_those_of_its_rule():
    from nexoaudit.policy.units import parse_duration
    from nexoaudit_checks.auditor import CHECK

    defaults = CHECK.threshold
    assert parse_duration(defaults.warn) * 1000 == auditor.WARN_MS
    assert parse_duration(defaults.fail) * 1000 == auditor.STALE_MS


WRONG = [
    ("age", ("-w", "25"), "'25' is not a duration such as \"90s\""),
    ("age", ("-w", ""), "a limit is empty"),
    ("age", ("-c", "nan"), "'nan' is not a duration such as"),
    ("age", ("-w", "~:5"), "'~:5' is not a duration such as"),
    ("age", ("-w", "-5h"), "argument -w/--warning: expected one argument"),
    ("age", ("-w", "49h", "-c", "25h"), "-w 49h would never come before -c 25h"),
    ("checksum", ("-w", "3", "-c", "2"), "-w 3 would never come before -c 2"),
    ("checksum", ("-w", "1.5"), "'1.5' is not a whole number of 0 or more"),
    ("checksum", ("-c", "5%"), "'5%' is not a whole number of 0 or more"),
    ("checksum", ("-c", "\u0663"), "'\u0663' is not a whole number of 0 or more"),
    ("copies", ("-w", "2", "-c", "3"), "-w 2 would never come before -c 3"),
    ("copies", ("-c", "0"), "0 is always enough: a limit starts at 1"),
    ("retention", ("-w", "25h"), "'25h' is not a whole number of 0 or more"),
    ("auditor", ("-w", "2h"), "-w 2h would never come before -c 1h"),
    ("age", ("--nope",), "unrecognized arguments: --nope"),
    ("age", ("--comp", "x"), "unrecognized arguments: --comp x"),
    ("age", ("stray",), "unrecognized arguments: stray"),
    ("auditor", ("--component", "x"), "unrecognized arguments: --component x"),
    ("copies", ("--path", "*"), "unrecognized arguments: --path *"),
    ("age", ("-t", "0"), "argument -t/--timeout: not between 1 s and 1 day: 0"),
    ("age", ("-t", "soon"), "argument -t/--timeout: 'soon' is not a duration such as"),
    ("age", ("--path", "*", "-s", "x"), "--path and --state exclude each other"),
    ("age", ("--path", "*", "--component", "x"), "--path and --component exclude each other"),
    ("age", ("--timezone", "UTC"), "--timezone is for --path"),
    ("age", ("--path", "*", "--timezone", "Mars/Olympus"), "there is no time zone Mars/Olympus"),
    ("age", ("--path", "*", "-w", "50h"), "-w 50h would never come before -c 49h"),
]


@pytest.mark.parametrize(("name", "argv", "problem"), WRONG)
def test_usage_errors(check, name, argv, problem):
    said = check(name, None, *argv)
    assert said.code == 3
    assert said.line.startswith(f"BACKUP {name.upper()} UNKNOWN - {problem}")
    assert said.line.endswith(f"; see check_backup_{name} --help")
    assert said.errors == ""


def test_an_unknown_component_is_told_the_known_ones(check, site):
    said = check("age", site("shop", "database"), "--component", "dtabase")
    assert (said.code, said.line) == (
        3,
        "BACKUP AGE UNKNOWN - there is no component dtabase; there are: database, shop;"
        " see check_backup_age --help",
    )
