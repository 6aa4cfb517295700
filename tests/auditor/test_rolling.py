import os
import tarfile
from datetime import timedelta

import pytest
from components import PLAIN

from nexoaudit.assess import assess_components
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.due import run_due
from nexoaudit.auditor.pace import Pace
from nexoaudit.auditor.rolling import begin, roll
from nexoaudit.cli.main import main
from nexoaudit.cli.run import ACTIONS
from nexoaudit.evidence import millis
from nexoaudit.model.verdict import Status
from nexoaudit.state.file import read_state


def rolled(site, budget=timedelta(hours=2), watcher=None, **options):
    with site.session() as session:
        done = roll(session, watcher or Unwatched(), until=session.clock() + budget, **options)
        session.publish()
    return done


def state(site):
    return read_state(site.root / "state/state.json")


def read_days_ago(site):
    """Return by path, at both places, how many days ago each copy was read."""
    now = millis(site.now)
    return {
        (copy.location, copy.path): (now - copy.verified_ms) // 86_400_000
        for held in state(site).copies.values()
        for copy in held
    }


def checksums(site):
    return assess_components(state(site), millis(site.now), controls=["checksum"])


class Slow(Unwatched):
    """Lets the site's clock pass while it watches."""

    def __init__(self, site, lasts):
        self.site, self.lasts = site, lasts
        self.paths = []

    def copy(self, sighting):
        self.paths.append((sighting.location, sighting.path))
        self.site.now += self.lasts


def test_nothing_is_read_again_before_its_turn(site):
    site.audit()
    site.now += timedelta(days=19)
    assert rolled(site).copies == 0
    site.now += timedelta(days=2)
    assert rolled(site)[::2] == (8, 0)
    assert rolled(site).copies == 0


def test_the_budget_ends_the_night_and_the_next_one_goes_on_with_the_oldest(site):
    site.audit()
    site.now += timedelta(days=25)
    first = Slow(site, timedelta(minutes=30))
    assert rolled(site, watcher=first)[::3] == (4, 4)
    site.now += timedelta(days=1)
    second = Slow(site, timedelta(minutes=30))
    assert rolled(site, watcher=second)[::3] == (4, 0)
    assert not set(first.paths) & set(second.paths)


def test_what_was_never_read_comes_first(site):
    site.audit()
    site.now += timedelta(days=25)
    fresh = site.root / "offsite/db_20261210_020000.sql.gz"
    fresh.write_bytes(b"not read yet")
    site.date(fresh, site.now - timedelta(days=2))

    class Killed(Unwatched):
        def copy(self, sighting):
            raise KeyboardInterrupt

    with site.session() as session, pytest.raises(KeyboardInterrupt):
        audit(session, Killed())
    watcher = Slow(site, timedelta())
    rolled(site, watcher=watcher)
    assert watcher.paths[0][1] == fresh.name


def test_an_interrupted_night_loses_nothing_that_was_read(site):
    site.audit()
    site.now += timedelta(days=25)

    class Impatient(Unwatched):
        read = 0

        def copy(self, sighting):
            self.read += 1
            if self.read > 3:
                raise KeyboardInterrupt

    with site.session() as session, pytest.raises(KeyboardInterrupt):
        roll(session, Impatient(), until=session.clock() + timedelta(hours=1))
    assert rolled(site).copies == 5


def test_an_interrupted_run_does_not_get_its_budget_twice(site):
    site.audit()
    with site.session() as session:
        slot = millis(site.now)
        began = begin(session, slot)
        site.now += timedelta(minutes=40)
        assert begin(session, slot) == began == site.now - timedelta(minutes=40)
        assert begin(session, slot + 86_400_000) == site.now


def test_a_copy_too_large_for_what_is_left_waits_but_is_the_first_of_a_night(site):
    site.audit()
    site.now += timedelta(days=25)
    crawl = Pace(1, sleep=lambda _seconds: None)
    done = rolled(site, budget=timedelta(seconds=1), pace=crawl)
    assert done[::3] == (1, 7)


def test_what_falls_due_meanwhile_is_done(site):
    site.audit()
    site.now += timedelta(days=25)
    called = []
    rolled(
        site,
        watcher=Slow(site, timedelta(minutes=4)),
        meanwhile=lambda: called.append(site.now),
    )
    assert len(called) == 4  # 8 copies of 4 minutes: at the first look after 5 minutes each


def test_an_audit_in_between_has_the_last_word(site):
    site.audit()
    site.now += timedelta(days=25)
    watcher = Slow(site, timedelta(minutes=6))
    calls = []

    def meanwhile():
        calls.append(site.now)
        if len(calls) == 2:  # the first copy has been read, the second one is being read
            place, name = watcher.paths[0]
            site.dump(NEWEST - int(name[3:11]), place, text="another dump")
            audit(session, Unwatched())

    with site.session() as session:
        roll(session, watcher, until=site.now + timedelta(days=1), meanwhile=meanwhile)
        state = session.publish()
    place, name = watcher.paths[0]
    (copy,) = (c for c in state.copies["database", "full", place] if c.path == name)
    assert copy.problems  # of the new bytes, not of the ones read before


def test_the_due_job_reads_again_and_is_recorded_once(site):
    with site.session() as session:
        run_due(session, ACTIONS)
    site.now += timedelta(days=25)
    with site.session() as session:
        jobs = {job.name: job for job in run_due(session, ACTIONS)}
    assert jobs["reverify"].detail.startswith("8 copies read again, ")
    site.now += timedelta(minutes=5)
    with site.session() as session:
        assert run_due(session, ACTIONS) == []
    assert set(read_days_ago(site).values()) == {0}


def test_a_copy_that_somebody_is_at_work_on_is_left_to_the_audit(site):
    site.audit()
    site.now += timedelta(days=25)

    last = max((site.root / "offsite").glob("*.gz"))

    class Rewriting(Unwatched):
        def copy(self, sighting):
            if sighting.path == last.name and sighting.location == "offsite":
                last.unlink()

    done = rolled(site, watcher=Rewriting())
    assert (done.bad, done.copies) == (0, 7)


def test_a_copy_that_nobody_read_for_long_is_told_of(site):
    site.audit()
    config = site.config.read_text()
    site.config.write_text(config.replace('keep = "30d"', 'keep = "forever"'))
    site.now += timedelta(days=31)
    site.audit()
    assert "checksum.overdue" not in {verdict.reason for verdict in checksums(site)}
    site.now += timedelta(days=2)
    site.audit()
    (verdict,) = checksums(site)
    assert (verdict.status, verdict.reason) == (Status.WARN, "checksum.overdue")
    assert (verdict.facts["overdue"], verdict.facts["copies"]) == (8, 8)
    site.now += timedelta(days=30)
    site.audit()
    assert [verdict.status for verdict in checksums(site)] == [Status.FAIL]
    assert rolled(site).copies == 8
    assert [verdict.reason for verdict in checksums(site)] == ["checksum.sound"]


def test_the_interval_is_the_configured_one(site):
    site.audit()
    site.config.write_text(site.config.read_text() + '[auditor]\nreverify = "3d"\nrate = "1GB"\n')
    site.now += timedelta(days=2)
    site.audit()
    assert rolled(site).copies == 8


NEWEST = 20261120


@pytest.fixture
def plain(site):
    """Return a plain archive without a checksum file, audited once, and its site."""
    site.config.write_text(site.config.read_text() + PLAIN)
    content = site.root / "php.ini"
    content.write_text("memory_limit = 128M\n" * 500)
    path = site.root / "local/config_1.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(content, "etc/php.ini")
    site.date(path, site.now - timedelta(days=1))
    site.audit()
    return path


def flip(path):
    data = bytearray(path.read_bytes())
    data[2000] ^= 1  # inside a member: tar has no checksum there
    path.write_bytes(data)


def problems(site, path):
    return next(
        copy.problems
        for held in state(site).copies.values()
        for copy in held
        if copy.path == path.name
    )


def test_rot_of_a_copy_without_a_checksum_file_is_found_and_stays_found(site, plain):
    times = plain.stat()
    flip(plain)
    os.utime(plain, ns=(times.st_atime_ns, times.st_mtime_ns))
    site.audit()
    assert problems(site, plain) == ("file.rotted",)
    assert Status.FAIL in {verdict.status for verdict in checksums(site)}
    site.audit(reread=True)
    site.audit(reread=True)
    assert problems(site, plain) == ("file.rotted",)
    flip(plain)
    os.utime(plain, ns=(times.st_atime_ns, times.st_mtime_ns))
    site.audit()
    assert problems(site, plain) == ()


def test_a_copy_that_was_made_anew_is_green(site, plain):
    flip(plain)
    site.date(plain, site.now - timedelta(hours=1))
    site.audit()
    assert problems(site, plain) == ()
    assert Status.FAIL not in {verdict.status for verdict in checksums(site)}


def test_a_checksum_file_made_afterwards_does_not_bless_rot(site, plain):
    times = plain.stat()
    flip(plain)
    os.utime(plain, ns=(times.st_atime_ns, times.st_mtime_ns))
    site.sidecar(plain)
    site.audit()
    assert "file.rotted" in problems(site, plain)


def test_the_command_says_what_it_read(site, capfd, monkeypatch):
    monkeypatch.delattr(os, "sched_setscheduler")  # an ordinary user could not go back
    arguments = ["audit", "--rolling", "--config", str(site.config)]
    assert main(arguments, clock=lambda: site.now) == 0
    assert "0 copies read again, 0 B.\n" in capfd.readouterr().out
    site.now += timedelta(days=25)
    assert main([*arguments, "--budget", "1h"], clock=lambda: site.now) == 0
    assert "8 copies read again, " in capfd.readouterr().out
