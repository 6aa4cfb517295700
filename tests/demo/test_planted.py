"""Faults of copies, archives and the auditor, each planted as it says, and nothing else."""

import gzip
import hashlib
import json
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from broken_site import DATABASE, NEWEST, NOW, Broken, everywhere, with_sidecar

from nexoaudit.errors import DemoError
from nexoaudit_demo.faults import FAULTS, plant
from nexoaudit_demo.twins import make

pytestmark = pytest.mark.mariadb


MIDDLE = "nexosupport_db_20261119_020000.sql.gz"


NOTHING = hashlib.sha256(b"").hexdigest()


LOG = "var/log/nexosupport-backup.log"


def test_o1_leaves_three_days_out_offsite(broken: Callable[[str], Broken]) -> None:
    site = broken("O1")
    gone = [f"nexosupport_db_202611{day}_020000.sql.gz" for day in (21, 22, 23)]
    lost = {name for day in gone for name in with_sidecar(day)}
    assert site.changed == {f"{DATABASE['offsite']}/{name}" for name in lost} | {LOG}
    said = (site.root / LOG).read_text()
    assert "[2026-11-20 04:30:05] Off-site" in said
    assert "[2026-11-21 04:30:05] Off-site" not in said
    assert "[2026-11-23 02:00:07] Database backup successful" in said


def test_r1_leaves_a_gap_everywhere(broken: Callable[[str], Broken]) -> None:
    site = broken("R1")
    assert site.changed == everywhere(*with_sidecar(MIDDLE)) | {LOG}
    assert not any(MIDDLE in name for name in site.after)
    assert MIDDLE not in (site.root / LOG).read_text()


def test_r3_empties_a_file_everywhere(broken: Callable[[str], Broken]) -> None:
    site = broken("R3")
    assert site.changed == everywhere(*with_sidecar(MIDDLE))
    for at in DATABASE:
        assert site.bytes_of(MIDDLE, at) == b""
        assert site.stated(MIDDLE, at) == NOTHING


def test_f6_leaves_a_generation_of_days_ago_inside_another(broken: Callable[[str], Broken]) -> None:
    site = broken("F6")
    assert all("/incremental/previous/" in name for name in site.changed)
    for place in ("var/backups/nexosupport", "offsite/nexosupport"):
        current, previous = (site.root / place / "incremental" / n for n in ("current", "previous"))
        assert (previous / "current/index.php").samefile(previous / "index.php")
        assert (current / "index.php").samefile(previous / "index.php")
        newest = max(path.stat().st_mtime for path in (previous, *previous.rglob("*")))
        assert datetime.fromtimestamp(newest, NOW.tzinfo) == NOW.replace(day=20, hour=2, minute=45)
        assert not (current / "current").exists()


def test_f7_changes_one_inode_of_both_generations(broken: Callable[[str], Broken]) -> None:
    site = broken("F7")
    one, other = sorted(site.changed)
    assert one.partition("/current/")[2] == other.partition("/previous/")[2]
    assert (site.root / one).samefile(site.root / other)
    assert site.before[one][0] == site.after[one][0]


def test_a3_lets_the_auditor_be_dead_for_two_days(tmp_path: Path) -> None:
    state = tmp_path / "state/state.json"
    state.parent.mkdir()
    beat = int(NOW.timestamp()) * 1000
    state.write_text(json.dumps({"heartbeat_ms": beat, "other": [1, 2]}))
    plant(tmp_path, "A3", now=NOW)
    two_days = timedelta(days=2)
    assert json.loads(state.read_text()) == {"heartbeat_ms": beat - 172800000, "other": [1, 2]}
    assert state.stat().st_mtime == (NOW - two_days).timestamp()


def test_a3_needs_an_auditor(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="audit the site before"):
        plant(tmp_path, "A3", now=NOW)


def test_an_unknown_fault_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"no fault 'D99': choose one of D1, D2, .*D13, .*A3"):
        plant(tmp_path, "D99", now=NOW)


def test_a_site_that_is_not_there_cannot_be_broken(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="build a site first"):
        plant(tmp_path, "D1", now=NOW)


def test_every_fault_is_described() -> None:
    assert {"D1", "D2", "D3", "D5", "D6", "D12", "D13", "O1", "R1", "R3", "A3"} <= set(FAULTS)
    assert all(FAULTS.values())


def rows(text: bytes, table: str) -> int:
    """Return how many rows a dump has of a table: they lie one on a line."""
    section = text.partition(b"INSERT INTO `%s` VALUES\n" % table.encode())[2]
    return section.partition(b";\n")[0].count(b"\n(") + bool(section)


@pytest.mark.parametrize(
    ("fault", "table", "share"),
    [
        ("D4", "mfa_settings", 0),
        ("D7", "users", 0),
        ("D8", "mfa_settings", 0),
        ("D8a", "knowledge_articles", 0),
        ("D8b", "audit_log", 0.1),
        ("D8c", "users", 0.1),
    ],
)
def test_rows_are_lost_behind_a_right_digest_and_a_closing_line(
    broken: Callable[[str], Broken], healthy: Path, fault: str, table: str, share: float
) -> None:
    site = broken(fault)
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    before = gzip.decompress((healthy / DATABASE["local"] / NEWEST).read_bytes())
    after = gzip.decompress(site.bytes_of(NEWEST))
    assert rows(after, table) == int(rows(before, table) * share)
    assert after.splitlines()[-1] == before.splitlines()[-1]
    assert site.stated(NEWEST) == hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        ("D8d", b"department_load"),
        ("D9", b" FUNCTION `ticket_messages_of`"),
        ("D9a", b" TRIGGER "),
        ("D10", b"DEFINER=`root`"),
        ("D11", "Dirección".encode()),
    ],
)
def test_words_are_lost_and_all_tables_are_there(
    broken: Callable[[str], Broken], healthy: Path, fault: str, lost: bytes
) -> None:
    site = broken(fault)
    before = gzip.decompress((healthy / DATABASE["local"] / NEWEST).read_bytes())
    after = gzip.decompress(site.bytes_of(NEWEST))
    assert lost in before
    assert lost not in after
    assert after.count(b"CREATE TABLE") == before.count(b"CREATE TABLE")
    assert after.count(b"\nINSERT INTO") == before.count(b"\nINSERT INTO")


def test_d18_loses_a_little_each_day(broken: Callable[[str], Broken]) -> None:
    site = broken("D18")
    found = sorted((site.root / DATABASE["local"]).glob("*.sql.gz"))
    held = [rows(gzip.decompress(path.read_bytes()), "audit_log") for path in found]
    assert held == sorted(held, reverse=True)
    assert held[-1] < 0.7 * held[0]


def members(site: Broken, directory: str) -> dict[str, tarfile.TarInfo]:
    """Return the members of the newest archive by their names below its top directory."""
    newest = max((site.root / "var/backups/nexosupport" / directory).glob("*.tar.gz"))
    with tarfile.open(newest) as archive:
        return {info.name.partition("/")[2]: info for info in archive}


@pytest.mark.parametrize(
    ("fault", "directory", "gone", "left"),
    [
        ("F2", "files", "uploads", "lib/config.php"),
        ("F2a", "files", "lib/config.php", "lib/setup.php"),
        ("F2b", "config", "ssl/private/nexosupport.key", "php/8.2/apache2/php.ini"),
        ("F4a", "files", "index.php", ""),
        ("F10", "files", "modules/informes/cache/plantilla.html", "sessions/sess_01"),
        ("F11", "config", "php/8.2/apache2/php.ini", "ssl/private/nexosupport.key"),
    ],
)
def test_members_are_not_in_the_archive(
    broken: Callable[[str], Broken], fault: str, directory: str, gone: str, left: str
) -> None:
    found = members(broken(fault), directory)
    assert gone not in found
    assert left in found


@pytest.mark.parametrize(
    ("fault", "name", "kind"),
    [
        ("F3", "sessions/sess_01", tarfile.REGTYPE),
        ("F5", "../../../etc/cron.d/planted", tarfile.REGTYPE),
        ("F5b", "uploads/out", tarfile.SYMTYPE),
        ("F5c", "uploads/sda", tarfile.BLKTYPE),
    ],
)
def test_members_are_in_the_archive_that_must_not(
    broken: Callable[[str], Broken], fault: str, name: str, kind: bytes
) -> None:
    assert members(broken(fault), "files")[name].type == kind


def test_f1c_changes_bytes_and_nothing_else_of_a_member(broken: Callable[[str], Broken]) -> None:
    site = broken("F1c")
    days = sorted((site.root / "var/backups/nexosupport/files").glob("*.tar.gz"))[-2:]
    held = []
    for day in days:
        with tarfile.open(day) as archive:
            held.append(
                {
                    info.name.partition("/")[2]: (info.size, info.mtime, file.read())
                    for info in archive
                    if (file := archive.extractfile(info))
                }
            )
    both = held[0].keys() & held[1].keys()
    other = [name for name in both if held[0][name] != held[1][name]]
    assert len(other) == 1
    assert held[0][other[0]][:2] == held[1][other[0]][:2]


def test_an_unknown_twin_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"no twin 'nobody': choose one of being-written, "):
        make(tmp_path, "nobody", now=NOW)
