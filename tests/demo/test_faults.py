"""Each planted fault is what it says, where it says, and nothing else changed."""

import gzip
import hashlib
import json
import subprocess
import tarfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.errors import DemoError
from nexoaudit_demo.faults import FAULTS, plant
from nexoaudit_demo.site import Plan, build
from nexoaudit_demo.twins import make

pytestmark = pytest.mark.mariadb

NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZoneInfo("Europe/Madrid"))
NEWEST = "nexosupport_db_20261123_020000.sql.gz"
OLDEST = "nexosupport_db_20261115_020000.sql.gz"
MIDDLE = "nexosupport_db_20261119_020000.sql.gz"
NOTHING = hashlib.sha256(b"").hexdigest()

Files = dict[str, tuple[int, str]]


class Broken(NamedTuple):
    """A site with a fault, and what the fault changed."""

    root: Path
    said: str
    before: Files
    after: Files

    @property
    def changed(self) -> set[str]:
        """Files whose content or time differs, and new and lost ones."""
        return {name for name in self.before | self.after if self._differs(name)}

    def _differs(self, name: str) -> bool:
        return self.before.get(name) != self.after.get(name)

    def bytes_of(self, name: str, at: str = "local") -> bytes:
        return (self.root / DATABASE[at] / name).read_bytes()

    def stated(self, name: str, at: str = "local") -> str:
        return (self.root / DATABASE[at] / f"{name}.sha256").read_text().split()[0]


DATABASE = {"local": "var/backups/nexosupport/database", "offsite": "offsite/nexosupport/database"}
LOG = "var/log/nexosupport-backup.log"


def here(*found: str) -> set[str]:
    return {f"{DATABASE['local']}/{name}" for name in found}


def everywhere(*found: str) -> set[str]:
    return here(*found) | {f"{DATABASE['offsite']}/{name}" for name in found}


def with_sidecar(name: str) -> tuple[str, str]:
    return name, name + ".sha256"


def files(root: Path) -> Files:
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("healthy") / "site"
    build(Plan(root, NOW, rows=1000, first_day=date(2026, 11, 15)))
    return root


@pytest.fixture
def broken(healthy: Path, tmp_path: Path) -> Callable[[str], Broken]:
    def break_it(fault: str) -> Broken:
        root = tmp_path / "site"
        subprocess.run(["cp", "-a", healthy, root], check=True)
        before = files(root)
        said = plant(root, fault, now=NOW)
        return Broken(root, said, before, files(root))

    return break_it


def test_d1_is_a_gzip_of_nothing_with_its_own_digest(broken: Callable[[str], Broken]) -> None:
    site = broken("D1")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    for at in DATABASE:
        assert len(site.bytes_of(NEWEST, at)) == 20
        assert gzip.decompress(site.bytes_of(NEWEST, at)) == b""
        assert site.stated(NEWEST, at) == hashlib.sha256(site.bytes_of(NEWEST, at)).hexdigest()


def test_d2_ends_in_the_middle_of_a_statement(broken: Callable[[str], Broken]) -> None:
    site = broken("D2")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    text = gzip.decompress(site.bytes_of(NEWEST))
    assert text.startswith((b"/*", b"--"))
    assert b"Dump completed" not in text
    assert not text.endswith(b";\n")
    assert site.stated(NEWEST) == hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d3_is_cut_and_its_digest_is_of_the_whole(broken: Callable[[str], Broken]) -> None:
    site = broken("D3")
    assert site.changed == here(NEWEST)
    assert site.bytes_of(NEWEST, "offsite").startswith(site.bytes_of(NEWEST))
    with pytest.raises(EOFError):
        gzip.decompress(site.bytes_of(NEWEST))


def test_d3a_passes_gzip_and_lacks_its_end(broken: Callable[[str], Broken]) -> None:
    site = broken("D3a")
    assert site.changed == here(*with_sidecar(NEWEST))
    text = gzip.decompress(site.bytes_of(NEWEST))
    assert text.endswith(b"\n")
    assert b"Dump completed" not in text
    assert site.stated(NEWEST) != hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d3b_has_garbage_after_its_end(broken: Callable[[str], Broken]) -> None:
    site = broken("D3b")
    assert site.changed == here(NEWEST)
    assert site.bytes_of(NEWEST).startswith(site.bytes_of(NEWEST, "offsite"))


def test_d5_differs_in_one_bit(broken: Callable[[str], Broken]) -> None:
    site = broken("D5")
    assert site.changed == here(NEWEST)
    pairs = zip(site.bytes_of(NEWEST), site.bytes_of(NEWEST, "offsite"), strict=True)
    assert sum((one ^ other).bit_count() for one, other in pairs) == 1


def test_d5a_damages_the_sidecar_alone(broken: Callable[[str], Broken]) -> None:
    site = broken("D5a")
    assert site.changed == here(NEWEST + ".sha256")
    pairs = zip(site.stated(NEWEST), site.stated(NEWEST, "offsite"), strict=True)
    assert sum(one != other for one, other in pairs) == 1


def test_d6_satisfies_sha256sum_with_a_damaged_copy(broken: Callable[[str], Broken]) -> None:
    site = broken("D6")
    spool = f"var/spool/nexosupport/{NEWEST}"
    assert site.changed == here(*with_sidecar(NEWEST)) | {spool}
    local = site.root / DATABASE["local"]
    checked = subprocess.run(
        ["sha256sum", "-c", f"{NEWEST}.sha256"], cwd=local, capture_output=True, check=False
    )
    assert checked.returncode == 0
    assert site.stated(NEWEST) != hashlib.sha256(site.bytes_of(NEWEST)).hexdigest()


def test_d6a_takes_the_sidecar_away(broken: Callable[[str], Broken]) -> None:
    site = broken("D6a")
    assert site.changed == here(NEWEST + ".sha256")
    assert NEWEST + ".sha256" in site.said


def test_d6b_gives_it_the_sidecar_of_the_day_before(broken: Callable[[str], Broken]) -> None:
    site = broken("D6b")
    assert site.changed == here(NEWEST + ".sha256")
    assert site.stated(NEWEST) == site.stated("nexosupport_db_20261122_020000.sql.gz")


def test_d12_repeats_one_dump_for_three_days(broken: Callable[[str], Broken]) -> None:
    site = broken("D12")
    days = [f"nexosupport_db_202611{day}_020000.sql.gz" for day in (20, 21, 22, 23)]
    assert site.changed == everywhere(*(name for day in days[1:] for name in with_sidecar(day)))
    for at in DATABASE:
        assert len({site.bytes_of(day, at) for day in days}) == 1
        assert len({site.stated(day, at) for day in days}) == 1


def test_d13_is_an_old_dump_with_a_fresh_date(broken: Callable[[str], Broken]) -> None:
    site = broken("D13")
    assert site.changed == everywhere(*with_sidecar(NEWEST))
    assert site.bytes_of(NEWEST) == site.bytes_of(OLDEST)
    made = (site.root / DATABASE["local"] / NEWEST).stat().st_mtime
    assert NOW.timestamp() - made < 86400


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
