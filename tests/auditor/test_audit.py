import gzip
import os
from datetime import timedelta

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.errors import BusyError, LedgerError
from nexoaudit.evidence import millis
from nexoaudit.ledger import Draft, Ledger
from nexoaudit.model.verdict import Status
from nexoaudit.state.file import read_state

ALL = ["age", "checksum", "copies", "retention"]


def verdicts(state, site, controls=ALL):
    return assess_components(state, millis(site.now), controls=controls)


def bad(state, site):
    return {(v.control, v.reason) for v in verdicts(state, site) if v.status is not Status.PASS}


def test_a_healthy_site_is_green_from_disk_to_verdict(site):
    outcome = site.audit()
    assert (outcome.seen, outcome.verified, outcome.failed) == (8, 8, ())
    assert bad(outcome.state, site) == set()
    assert bad(read_state(site.root / "state/state.json"), site) == set()


def test_a_second_audit_reads_nothing_again(site):
    site.audit()
    outcome = site.audit()
    assert (outcome.seen, outcome.changed, outcome.gone, outcome.verified) == (0, 0, 0, 0)


def test_only_what_is_new_or_changed_is_read(site):
    site.audit()
    path = site.dump(1, text=gzip.decompress(site.dump(1).read_bytes()).decode() + "\n")
    outcome = site.audit()
    assert (outcome.changed, outcome.verified) == (1, 1)
    site.date(path.with_name(path.name + ".sha256"), site.now)
    assert site.audit().verified == 1  # its checksum file is another one


def test_reread_reads_everything(site):
    site.audit()
    assert site.audit(reread=True).verified == 8


def test_rot_that_keeps_the_date_is_found(site):
    site.audit()
    path = site.dump(2)
    site.audit()
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    state = site.audit().state
    assert {control for control, _ in bad(state, site)} == {"checksum", "copies", "retention"}
    assert "sidecar.mismatch" in state.copies["database", "full", "local"][1].problems


def test_a_copy_that_goes_is_recorded_and_missed(site):
    site.audit()
    site.dump(1, "offsite").unlink()
    outcome = site.audit()
    assert outcome.gone == 1
    assert bad(outcome.state, site) == {
        ("copies", "copies.older_short"),
        ("retention", "retention.gap"),
    }


def test_a_location_that_is_not_mounted_loses_nothing_and_is_not_green(site):
    site.audit()
    (site.root / "offsite").rename(site.root / "away")
    site.now += timedelta(minutes=5)
    outcome = site.audit()
    assert (outcome.gone, len(outcome.failed)) == (0, 1)
    assert ("copies", "location.missing") in bad(outcome.state, site)
    (site.root / "away").rename(site.root / "offsite")
    assert bad(site.audit().state, site) == set()


def test_a_dump_being_written_is_left_alone_until_it_is_finished(site):
    path = site.dump(0, text="-- MariaDB dump half of", sidecar=False)
    path.with_name(path.name + ".sha256").unlink()
    site.date(path, site.now - timedelta(minutes=2))
    site.dump(0, "offsite").unlink()
    state = site.audit().state
    assert {reason for _, reason in bad(state, site)} <= {"age.late", "retention.gap"}
    site.now += timedelta(minutes=20)
    assert ("checksum", "dump.no_trailer") in bad(site.audit().state, site)


def test_an_interrupted_audit_keeps_what_it_read(site):
    class Impatient(Unwatched):
        read = 0

        def copy(self, sighting):
            self.read += 1
            if self.read > 3:
                raise KeyboardInterrupt

    with site.session() as session, pytest.raises(KeyboardInterrupt):
        audit(session, Impatient())
    assert read_state(site.root / "state/state.json").ledger_size > 0
    assert site.audit().verified == 5


def test_long_work_beats_and_work_that_stands_still_does_not(site):
    beats = []

    class Slow(Unwatched):
        def advance(self, size):
            site.now += timedelta(seconds=40)
            beats.append(read_state(site.root / "state/state.json").heartbeat_ms)

    site.audit()
    started = millis(site.now)
    with site.session() as session:
        audit(session, Slow(), reread=True)
    assert beats[0] == started
    assert beats[-1] > started + 60_000
    assert len(set(beats)) < len(beats)  # not at every step


def test_one_run_at_a_time(site):
    with site.session(), pytest.raises(BusyError, match="another run"):
        site.audit()


def test_a_state_directory_that_cannot_be_written_is_one_sentence(site):
    (site.root / "state").write_text("a file is in the way")
    with pytest.raises(LedgerError, match="cannot be written"):
        site.audit()


def test_a_full_disk_leaves_the_ledger_whole(site):
    site.audit()
    path = site.root / "state/ledger.sqlite"
    ledger = Ledger(path, version="1")
    size = ledger.size
    # The same answer from SQLite as on a full disk, without filling one.
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="full"):
        ledger.append([Draft("job", str(n), {"x": "y" * 500}) for n in range(500)], ts_ms=1)
    assert ledger.size == size
    ledger.close()
    assert site.audit().verified == 0


def test_a_changed_configuration_is_recorded_once(site):
    site.audit()
    site.audit()
    site.config.write_text(site.config.read_text().replace('"1h"', '"2h"', 1))
    site.audit()
    ledger = Ledger(site.root / "state/ledger.sqlite", version="1")
    assert len(list(ledger.between(0, 2**52, size=ledger.size, kinds=("policy",)))) == 2
    ledger.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "stream.empty"),
        (gzip.compress(b"", mtime=0), "stream.nothing"),
        (b"rubbish, not a dump", "dump.not_sql"),
    ],
)
def test_a_file_of_nothing_is_found_whatever_its_checksum_says(site, content, reason):
    path = site.dump(0)
    path.write_bytes(content)
    site.sidecar(path)
    state = site.audit().state
    checksums = verdicts(state, site, ["checksum"])
    assert [v.status for v in checksums] == [Status.FAIL]
    assert reason in state.copies["database", "full", "local"][-1].problems


@pytest.mark.parametrize("text", ["", "rubbish", "0" * 64, "zz" * 32 + "  x\n"])
def test_a_checksum_file_of_rubbish_is_found(site, text):
    path = site.dump(0)
    path.with_name(path.name + ".sha256").write_text(text)
    assert any(control == "checksum" for control, _ in bad(site.audit().state, site))


def test_the_state_file_is_for_the_group_and_the_ledger_is_not(site):
    site.audit()
    assert (site.root / "state/state.json").stat().st_mode & 0o777 == 0o640
    assert (site.root / "state/ledger.sqlite").stat().st_mode & 0o777 == 0o600
    assert (site.root / "state").stat().st_mode & 0o777 == 0o750


def test_a_name_that_is_not_utf8_is_one_copy_and_stays(site):
    text = site.config.read_text().replace("db_{time:%Y%m%d_%H%M%S}.sql.gz", "db_*.sql.gz")
    site.config.write_text(text)
    path = site.dump(0)
    for name in (b"db_caf\xe9.sql.gz", b"db_back\\slash.sql.gz", b"db_\\xe9.sql.gz"):
        odd = path.with_name(os.fsdecode(name))
        odd.write_bytes(path.read_bytes() + b"\0")
        site.sidecar(odd)
        site.date(odd, site.now - timedelta(hours=3))
    first = site.audit()
    assert (first.seen, first.verified) == (11, 11)
    again = site.audit()
    assert (again.seen, again.gone, again.verified) == (0, 0, 0)
    paths = {c.path for held in again.state.copies.values() for c in held}
    assert {"db_caf\\xe9.sql.gz", "db_back\\\\slash.sql.gz", "db_\\\\xe9.sql.gz"} <= paths
    problems = {p for held in again.state.copies.values() for c in held for p in c.problems}
    assert "file.vanished" not in problems


def test_times_that_no_calendar_holds_stop_nothing(site):
    far = site.dump(0).with_name("db_99991231_235959.sql.gz")
    far.write_bytes(b"x")
    os.utime(far, (2**40, 2**40))
    assert site.audit().verified >= 8


@pytest.mark.parametrize("moment", [2**40, 2**35, -(2**33)])
def test_a_damaged_copy_cannot_hide_behind_a_time_that_no_calendar_holds(site, moment):
    path = site.dump(0)
    path.write_bytes(path.read_bytes()[:-20])
    os.utime(path, (moment, moment))
    state = site.audit().state
    assert ("checksum", "stream.truncated") in bad(state, site)
    assert site.audit().verified == 0


def test_two_names_of_one_file_are_one_copy(site):
    for path in (site.root / "local").glob("*.sql.gz"):
        other = site.root / "offsite" / path.name
        other.unlink()
        other.hardlink_to(path)
    state = site.audit().state
    assert ("copies", "copies.short") in bad(state, site)


def test_two_directories_of_one_device_are_one_place(site):
    site.config.write_text(site.config.read_text().replace("demonstration = true", ""))
    state = site.audit().state
    assert ("copies", "copies.one_place") in bad(state, site)


def test_an_edited_entry_of_the_ledger_is_refused(site):
    import sqlite3

    site.audit()
    db = sqlite3.connect(site.root / "state/ledger.sqlite")
    db.execute("DROP TRIGGER entry_no_update")
    db.execute(
        "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'example', 'exbmple') AS BLOB)"
    )
    db.commit()
    db.close()
    with pytest.raises(LedgerError, match="was altered or removed"):
        site.audit()
