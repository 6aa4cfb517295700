"""What the checks say of the auditor: its own check, and a dead one in every other."""

import hashlib

import pytest

from nexoaudit.model.job import Job


@pytest.fixture
def audited(build, site, tmp_path):
    config = tmp_path / "nexoaudit.toml"
    config.write_text("# the configuration\n")
    digest = hashlib.sha256(config.read_bytes()).hexdigest()
    return site("database")._replace(config_path=str(config), config_sha256=digest)


def test_auditor(check, audited, build):
    said = check("auditor", audited._replace(heartbeat_ms=build.now_ms - 192_000))
    assert (said.code, said.line) == (
        0,
        "BACKUP AUDITOR OK - last run 3m 12s ago, 100 ledger entries"
        " | age=192s;900;3600 entries=100",
    )
    said = check("auditor", audited._replace(heartbeat_ms=build.now_ms - 2 * build.HOUR))
    assert (said.code, said.line) == (
        2,
        "BACKUP AUDITOR CRITICAL - last run 2h ago: is `nexoaudit run --due` in cron?"
        " | age=7200s;900;3600 entries=100",
    )


def test_auditor_compares_the_configuration(check, audited, tmp_path):
    said = check("auditor", audited._replace(config_sha256="0" * 64))
    path = audited.config_path
    assert (said.code, said.line) == (
        1,
        f"BACKUP AUDITOR WARNING - {path} has changed and is not yet audited:"
        " run `nexoaudit audit` | age=0s;900;3600 entries=100",
    )
    (tmp_path / "nexoaudit.toml").unlink()
    said = check("auditor", audited)
    assert (said.code, said.line) == (
        3,
        f"BACKUP AUDITOR UNKNOWN - {path} cannot be read, so it may have changed unnoticed"
        " | age=0s;900;3600 entries=100",
    )


def test_auditor_says_each_of_its_troubles(check, audited, build):
    jobs = {"mail": Job("mail", build.now_ms, build.now_ms, "fail", "550 no such user")}
    late = audited._replace(jobs=jobs, heartbeat_ms=build.now_ms - 2 * build.HOUR)
    said = check("auditor", late)
    assert (said.code, said.line) == (
        2,
        "BACKUP AUDITOR CRITICAL - last run 2h ago: is `nexoaudit run --due` in cron?"
        " Also failed: its job mail of 2026-11-20 12:00 failed: 550 no such user"
        " | age=7200s;900;3600 entries=100",
    )


@pytest.mark.parametrize("name", ["age", "checksum", "content", "copies", "retention", "schedule"])
def test_a_dead_auditor_is_never_green(check, site, build, name):
    state = site("database")
    said = check(name, state, now=build.NOW.replace(hour=13, minute=1))
    assert said.code == 3
    head = f"BACKUP {name.upper()} UNKNOWN - the auditor last ran 1h 1m ago,"
    assert said.line.startswith(f"{head} its facts may be out of date | ")
    assert " components=1 " in said.line
    assert check(name, state, now=build.NOW.replace(hour=13)).code == 0


@pytest.mark.parametrize("name", ["age", "checksum", "content", "copies", "retention", "schedule"])
def test_a_clock_that_runs_backwards_is_never_green(check, site, build, name):
    said = check(name, site("database"), now=build.NOW.replace(hour=11))
    head = "the auditor last ran in the future, at 2026-11-20 12:00: check the clock | "
    assert said.code == 3
    assert said.line.startswith(f"BACKUP {name.upper()} UNKNOWN - {head}")


def test_a_failure_outranks_the_dead_auditor(check, site, without, build):
    state = without(site("database"), lambda copy: copy.time_ms > build.now_ms - 3 * build.DAY)
    said = check("age", state, now=build.NOW.replace(hour=15))
    assert (said.code, said.line) == (
        2,
        "BACKUP AGE CRITICAL - database: newest 2026-11-17 02:00, 3d 13h old;"
        " due since 2026-11-18 02:00, 3 missed."
        " Also unverified: the auditor last ran 3h ago, its facts may be out of date"
        " | components=1 database_age=306000s;90000;176400 oldest=306000s problems=1",
    )
