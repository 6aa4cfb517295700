"""Dumps as the tools of MySQL and MariaDB write them under each of their options."""

import bz2
import gzip
import lzma
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification
from nexoaudit.rules.problems import severity

Check = Callable[..., Verification]
Seal = Callable[..., Path]

HERE = Path(__file__).parent
SHOP = (HERE.parent / "formats" / "data" / "shop.sql").read_bytes()
MYSQL_80 = (HERE / "data" / "mysql80.sql").read_bytes()
"""As mysqldump 8.0 writes --routines --events --hex-blob --master-data=2, with one-line INSERTs."""
MYSQL_57 = (
    MYSQL_80.replace(b"8.0.39-0ubuntu0.22.04.1", b"5.7.44-log")
    .replace(b"8.0.39", b"5.7.44")
    .replace(b"!50503 SET NAMES utf8mb4", b"!40101 SET NAMES utf8")
    .replace(b"/*!80000 '+'*/ ", b"")
    .replace(b"utf8mb4_0900_ai_ci", b"utf8mb4_general_ci")
    .replace(b"!50503 SET", b"!40101 SET")
)
MARIADB_118 = SHOP.replace(
    b"/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;",
    b"/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;",
).replace(
    b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;",
    b"/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;",
)


def without_comments(dump: bytes) -> bytes:
    """Return what --skip-comments leaves: comments inside of routines are the server's."""
    kept, routine = [], False
    for line in dump.splitlines(keepends=True):
        if line.startswith(b"DELIMITER"):
            routine = line != b"DELIMITER ;\n"
        if routine or not line.startswith(b"--"):
            kept.append(line)
    return b"".join(kept)


@pytest.mark.parametrize(
    ("dump", "engine"),
    [(MYSQL_80, ("MySQL", "8.0.39")), (MYSQL_57, ("MySQL", "5.7.44"))],
    ids=["8.0", "5.7"],
)
@pytest.mark.parametrize("bare", [False, True], ids=["", "skip-comments"])
def test_dumps_by_mysql(
    tmp_path: Path, check: Check, sealed: Seal, dump: bytes, engine: tuple[str, str], *, bare: bool
) -> None:
    made = without_comments(dump) if bare else dump
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(made)))
    manifest = dict(found.manifest)
    assert (found.problems, found.assurance) == ((), Assurance.READABLE)
    assert (manifest["rows.files"], manifest["rows.users"], manifest["statements"]) == (3, 4, 3)
    kinds = ("tables", "views", "triggers", "routines", "events", "placeholders")
    assert [manifest[kind] for kind in kinds] == [2, 1, 1, 1, 1, 0]
    assert (manifest["header"], manifest["trailer"]) == (
        ("weak", "weak") if bare else ("header", "dated")
    )
    assert bool(found.content_ms) is not bare
    if not bare:
        assert (manifest["engine"], manifest["version"]) == engine
        assert manifest["position"] == "binlog.000007:157"
        assert str(manifest["gtid"]).startswith("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23")


@pytest.mark.parametrize("bare", [False, True], ids=["", "skip-comments"])
def test_dumps_by_mariadb_11(tmp_path: Path, check: Check, sealed: Seal, *, bare: bool) -> None:
    made = without_comments(MARIADB_118) if bare else MARIADB_118
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(made)))
    assert (found.problems, found.assurance) == ((), Assurance.READABLE)
    assert dict(found.manifest)["rows.users"] == 3
    cut = made[: made.index(b"DROP TABLE IF EXISTS `users`")]
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(cut)))
    assert found.problems == ("dump.no_trailer",)


def test_every_cut_of_a_dump_by_mysql_is_incomplete(
    tmp_path: Path, check: Check, sealed: Seal
) -> None:
    undated = MYSQL_80.rindex(b" on 2026")
    for length in range(0, undated, 37):
        found = check(sealed(tmp_path / "db.sql", MYSQL_80[:length]))
        assert found.problems, length
        assert found.assurance < Assurance.READABLE


@pytest.mark.parametrize("tool", ["mysqldump", "mariadb-dump", "Warning"])
def test_what_a_tool_said_caught_with_its_dump(
    tmp_path: Path, check: Check, sealed: Seal, tool: str
) -> None:
    said = f"{tool}: [Warning] Using a password on the command line interface can be insecure.\n"
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(said.encode() + MYSQL_80)))
    assert found.problems == ("dump.rubbish",)
    middle = MYSQL_80.index(b"--\n-- Table structure")
    spoilt = MYSQL_80[:middle] + said.encode() + MYSQL_80[middle:]
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(spoilt)))
    assert found.problems == ("dump.rubbish",)


def test_a_compact_dump_is_not_provable_and_neither_good_nor_bad(
    tmp_path: Path, check: Check, sealed: Seal
) -> None:
    compact = b"".join(
        line
        for line in without_comments(MYSQL_80).splitlines(keepends=True)
        if not line.startswith((b"/*!40", b"/*!505", b"LOCK", b"UNLOCK", b"DROP"))
    )
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(compact)))
    assert found.problems == ("dump.unprovable",)
    assert severity("dump.unprovable").value == "unverified"
    assert found.assurance < Assurance.READABLE
    # Cut inside of a statement, it is bad; so is a fragment whose comments show what it was.
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(compact[:-30])))
    assert found.problems == ("dump.no_trailer", "dump.no_header")
    begin, end = MYSQL_80.index(b"-- Table structure"), MYSQL_80.index(b"LOCK TABLES `users`")
    found = check(sealed(tmp_path / "db.sql.gz", gzip.compress(MYSQL_80[begin:end])))
    assert found.problems == ("dump.no_trailer", "dump.no_header")


def lz4(data: bytes) -> bytes:
    return bytes(pytest.importorskip("lz4.frame").compress(data, content_checksum=True))


def zstd(data: bytes) -> bytes:
    return bytes(pytest.importorskip("backports.zstd").compress(data))


COMPRESSORS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "lz4": lz4,
}


@pytest.mark.parametrize("name", sorted(COMPRESSORS))
def test_each_compression_is_read_to_its_end(
    tmp_path: Path, check: Check, sealed: Seal, name: str
) -> None:
    data = COMPRESSORS[name](MYSQL_80)
    found = check(sealed(tmp_path / "db", data))
    assert (found.problems, found.raw_size) == ((), len(MYSQL_80))
    found = check(sealed(tmp_path / "db", data[: len(data) // 2]))
    assert found.problems == ("dump.no_trailer" if name == "plain" else "stream.truncated",)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"LZIP\x01", "lzip"),
        (b"\x89LZO\x00", "lzop"),
        (b"\x1f\x9d\x90", "compress"),
        (b"PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"\x8c\x0d\x04\x09\x03\x0a", "OpenPGP"),
    ],
)
def test_what_cannot_be_read_is_unverified_with_the_reason(
    tmp_path: Path, check: Check, sealed: Seal, head: bytes, name: str
) -> None:
    found = check(sealed(tmp_path / "db", head + bytes(range(256)) * 20))
    assert found.problems == ("stream.unsupported",)
    assert (found.recorded, found.assurance) == ("sidecar", Assurance.INTACT)
    assert found.detail == f"{name} cannot be read"
    assert severity("stream.unsupported").value == "unverified"


@pytest.mark.parametrize("tool", ["gzip", "bzip2", "xz", "zstd", "lz4"])
def test_what_the_tools_themselves_write(
    tmp_path: Path, check: Check, sealed: Seal, tool: str
) -> None:
    try:
        made = subprocess.run([tool, "-c"], input=SHOP, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip(f"{tool} is not installed")
    assert check(sealed(tmp_path / "db", made)).problems == ()
    garbage = check(sealed(tmp_path / "db", made + b"garbage"))
    assert garbage.problems == ("stream.trailing_garbage",)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd, lz4])
def test_a_first_member_cut_between_statements_and_a_whole_second_one(
    tmp_path: Path, check: Check, sealed: Seal, compress: Callable[[bytes], bytes]
) -> None:
    cut = SHOP[: SHOP.index(b"--\n-- Table structure for table `users`")]
    found = check(sealed(tmp_path / "db", compress(cut) + compress(SHOP)))
    assert found.problems == ("dump.no_trailer", "dump.broken_member", "dump.two_headers")
    later = SHOP[SHOP.index(b"--\n-- Table structure for table `we``ird t`") :]
    found = check(sealed(tmp_path / "db", compress(cut) + compress(later)))
    assert found.problems == ("dump.broken_member",)
    assert found.assurance == Assurance.INTACT
