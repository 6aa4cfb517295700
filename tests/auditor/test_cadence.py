"""Which drills are due, and that they wait for the backups."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nexoaudit import evidence
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.cadence import Planned, due_scenarios, run_planned
from nexoaudit.auditor.due import due_jobs, run_due
from nexoaudit.auditor.quiet import is_quiet
from nexoaudit.errors import WaitError
from nexoaudit.model.drill import Drill
from nexoaudit.policy.load import load

SCENARIOS = """
[scenario.fire]
rpo = "24h"
rto = "4h"
destroys = ["server"]
[scenario.typo]
rpo = "24h"
rto = "4h"
destroys = ["data"]
"""
WINDOW = 'window = "02:00-04:30"\n'


@pytest.fixture
def guarded(site):
    """The site with a backup window and two scenarios."""
    text = site.config.read_text().replace('grace = "1h"\n', 'grace = "1h"\n' + WINDOW)
    site.config.write_text(text + SCENARIOS)
    return site


def record(site, kind, name, outcome="pass", took=timedelta(minutes=1)):
    component, scenario = (name, "") if kind == "database" else ("", name)
    took_ms = took // timedelta(milliseconds=1)
    drill = Drill(kind, component, evidence.millis(site.now), took_ms, outcome, scenario=scenario)
    with site.session() as session:
        session.append([evidence.drill_draft(drill)])
    return drill


def at(site, day, hour, minute=0, month=12):
    site.now = site.now.replace(month=month, day=day, hour=hour, minute=minute)


def names(site):
    with site.session() as session:
        return [name for name, _ in due_jobs(session)]


def scenarios(site):
    with site.session() as session:
        return [scenario.id for scenario in due_scenarios(session)]


@pytest.mark.parametrize(
    ("clock", "minutes", "quiet"),
    [
        ("01:00", 0, True),
        ("01:00", 59, True),
        ("01:00", 61, False),
        ("02:00", 0, False),
        ("03:00", 0, False),
        ("04:29", 0, False),
        ("04:30", 0, True),
        ("04:30", 21 * 60, True),
        ("04:31", 21 * 60 + 30, False),
        ("05:00", 30 * 60, True),  # it fits nowhere
    ],
)
def test_a_drill_keeps_out_of_the_window(guarded, clock, minutes, quiet):
    policy = load(guarded.config).policy
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 11, 20, hour, minute, tzinfo=ZoneInfo("UTC"))
    assert is_quiet(policy, now, timedelta(minutes=minutes)) is quiet


def test_without_windows_it_is_always_quiet(site):
    assert is_quiet(load(site.config).policy, site.now.replace(hour=3))


def test_a_drill_of_three_waits_for_the_window_to_close(guarded):
    with guarded.session() as session:
        audit(session, Unwatched())
    at(guarded, 1, 3)
    assert "drill" not in names(guarded)
    at(guarded, 1, 4, 29)
    assert "drill" not in names(guarded)
    at(guarded, 1, 4, 31)
    assert "drill" in names(guarded)


def test_what_must_wait_stays_due_and_what_was_done_is_not_done_again(guarded):
    with guarded.session() as session:
        audit(session, Unwatched())
    at(guarded, 1, 5)
    ran = []

    def action(session, slot_ms):
        def one(name):
            ran.append(name)
            return record_in(session, guarded, name)

        planned = [
            Planned(f"database:{name}:", lambda name=name: one(name)) for name in ("one", "two")
        ]
        run_planned(session, planned, slot_ms)
        return "done"

    record(guarded, "database", "two", took=timedelta(hours=20))
    at(guarded, 1, 6)
    with guarded.session() as session:
        assert [job.name for job in run_due(session, {"drill": action})] == ["drill"]
    assert ran == ["one"]  # the other one was run after the slot already


def record_in(session, site, name):
    drill = Drill("database", name, evidence.millis(site.now), 1000, "pass")
    session.append([evidence.drill_draft(drill)])
    return drill


def test_a_drill_that_would_run_into_the_next_window_waits(guarded):
    record(guarded, "database", "one", took=timedelta(hours=10))
    at(guarded, 1, 20)
    with guarded.session() as session:
        planned = [Planned("database:one:", lambda: pytest.fail("it ran"))]
        with pytest.raises(WaitError):
            run_planned(session, planned, evidence.millis(guarded.now))
        guarded.now += timedelta(hours=9)  # 05:00: the window has closed
        planned = [Planned("database:one:", lambda: record_in(session, guarded, "one"))]
        assert len(run_planned(session, planned, evidence.millis(guarded.now))) == 1


def test_a_job_that_waits_is_not_answered(guarded):
    with guarded.session() as session:
        audit(session, Unwatched())
    at(guarded, 1, 5)

    def waits(session, slot_ms):
        raise WaitError("later")

    with guarded.session() as session:
        assert run_due(session, {"drill": waits}) == []
    assert "drill" in names(guarded)


def test_scenarios_are_due_at_once_and_then_within_their_period(guarded):
    assert scenarios(guarded) == ["fire", "typo"]
    record(guarded, "scenario", "fire")
    assert scenarios(guarded) == ["typo"]
    guarded.now += timedelta(days=82)
    assert scenarios(guarded) == ["typo"]
    guarded.now += timedelta(days=1)
    assert scenarios(guarded) == ["fire", "typo"]


@pytest.mark.parametrize(("outcome", "days"), [("unverified", 1), ("fail", 7), ("pass", 83)])
def test_what_went_wrong_is_tried_again_sooner(guarded, outcome, days):
    record(guarded, "scenario", "fire", outcome)
    guarded.now += timedelta(days=days, hours=-2)
    assert "fire" not in scenarios(guarded)
    guarded.now += timedelta(hours=2)
    assert "fire" in scenarios(guarded)


def test_a_drill_dated_ahead_does_not_put_the_next_one_off(guarded):
    guarded.now += timedelta(days=400)
    record(guarded, "scenario", "fire")
    guarded.now -= timedelta(days=400)
    assert "fire" in scenarios(guarded)


def test_recovery_is_a_job_only_while_something_is_due(guarded):
    with guarded.session() as session:
        audit(session, Unwatched())
    guarded.now += timedelta(days=1)
    assert "recovery" in names(guarded)
    for name in ("fire", "typo"):
        record(guarded, "scenario", name)
    assert "recovery" not in names(guarded)
