from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats.dump import Dump, problems
from nexoaudit.formats.scanner import scan

SHOP = (Path(__file__).parent / "data" / "shop.sql").read_bytes()
"""Made by mariadb-dump 10.11.19; routine, trigger and string data hold lines of another dump."""
FOOTER = b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"
TRAILER = SHOP[SHOP.rindex(b"-- Dump completed") :]
MYSQL = b"""\
-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t8.0.36-0ubuntu0.22.04.1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
SET @@SESSION.SQL_LOG_BIN= 0;

--
-- GTID state at the beginning of the backup
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23';

--
-- Position to start replication or point-in-time recovery from
--

-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000007', MASTER_LOG_POS=157;

DROP TABLE IF EXISTS `users`;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` int NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

LOCK TABLES `users` WRITE;
INSERT INTO `users` VALUES (1,'a'),(2,'b),(c \\\\'),(3,_binary '\\'),(');
INSERT INTO `users` VALUES (4,NULL);
UNLOCK TABLES;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-02-05 14:02:07
"""


def read(content: bytes, size: int = 1 << 18) -> Dump:
    return scan(content[start : start + size] for start in range(0, len(content), size))


def faults(content: bytes, *boundaries: int) -> tuple[str, ...]:
    return problems(read(content), boundaries)


def cut_before(marker: bytes) -> bytes:
    return SHOP[: SHOP.index(marker)]


def test_anatomy_of_a_real_dump() -> None:
    dump = read(SHOP)
    assert dump.tables == (
        ("empty_one", 0, 0),
        ("msg", 1, 2),
        ("users", 1, 3),
        ("we`ird t", 1, 2),
    )
    assert dict(dump.counts) == {
        "events": 1,
        "placeholders": 0,
        "routines": 2,
        "sequences": 1,
        "tables": 4,
        "triggers": 1,
        "views": 1,
    }
    assert (dump.engine, dump.version, dump.database) == ("MariaDB", "10.11.19", "shop")
    assert dump.server == "10.11.19-MariaDB-0+deb12u1-log"
    assert (dump.charset, dump.header, dump.trailer) == ("utf8mb4", "header", "dated")
    assert dump.position.startswith("mysql-bin.000001:")
    assert dump.gtid.startswith("0-7-")
    assert dump.completed == datetime(2026, 11, 23, 8, 55, 17)  # noqa: DTZ001
    assert faults(SHOP, len(SHOP)) == ()


def test_anatomy_of_a_dump_by_mysql() -> None:
    dump = read(MYSQL)
    assert (dump.engine, dump.version, dump.database) == ("MySQL", "8.0.36", "shop")
    assert dump.tables == (("users", 2, 4),)
    assert dump.position == "binlog.000007:157"
    assert dump.gtid == "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"
    assert dump.completed == datetime(2026, 2, 5, 14, 2, 7)  # noqa: DTZ001
    assert faults(MYSQL) == ()


@pytest.mark.parametrize("content", [SHOP, MYSQL])
def test_blocks_of_any_size_give_the_same_anatomy(content: bytes) -> None:
    whole = read(content)
    for size in (1, 2, 3, 7, 64, 511, 4096):
        assert read(content, size) == whole, size


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(SHOP)), max_size=8))
def test_blocks_cut_anywhere_give_the_same_anatomy(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(SHOP)]
    blocks = [SHOP[a:b] for a, b in pairwise(edges)]
    assert scan(block for block in blocks if block) == read(SHOP)


def test_every_cut_is_incomplete() -> None:
    # Only the trailer's own time and newline may be missing.
    undated = SHOP.index(TRAILER) + len(b"-- Dump completed")
    whole = {undated, undated + 1, len(SHOP) - 1}
    cuts = {*range(0, len(SHOP), 3), *range(len(SHOP) - 100, len(SHOP))}
    for length in cuts:
        assert bool(faults(SHOP[:length])) != (length in whole), length


@pytest.mark.parametrize(
    "marker",
    [
        b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for x\n",
        b"-- Dump completed on 2026-11-23  5:02:37\n",
    ],
)
def test_lines_inside_a_routine_are_not_those_of_the_dump(marker: bytes) -> None:
    assert marker in SHOP
    dump = read(SHOP)
    assert len(dump.spans) == 1
    # Cut right behind the line: it must not pass for the end.
    cut = SHOP[: SHOP.rindex(marker) + len(marker)]
    assert "dump.no_trailer" in faults(cut)


def test_a_name_with_a_newline_cannot_close_a_dump() -> None:
    name = b"CREATE TABLE `x\n" + TRAILER
    assert "dump.no_trailer" in faults(cut_before(b"CREATE TABLE `msg`") + name)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("dump.not_sql",)),
        (b"\x7fELF" + bytes(5000), ("dump.not_sql",)),
        (b"Access denied for user\n", ("dump.not_sql",)),
        (cut_before(TRAILER), ("dump.no_trailer",)),
        (cut_before(b"(2,1);"), ("dump.no_trailer",)),
        (cut_before(b"DELIMITER ;\n"), ("dump.no_trailer",)),
        (SHOP[SHOP.index(b"DROP TABLE") :], ("dump.no_header",)),
        (SHOP + b"INSERT INTO `late` VALUES\n(1);\n", ("dump.no_trailer",)),
        (SHOP + b"half a statement", ("dump.no_trailer",)),
        (SHOP + b"\nSET foreign_key_checks=1;\nCOMMIT;\n", ()),
        (b"SET autocommit=0;\n" + SHOP, ()),
        (SHOP.replace(b"\n", b"\r\n"), ()),
        (SHOP.replace(TRAILER, b"-- Dump completed\n"), ()),
        (
            SHOP.replace(TRAILER, b"-- Dump completed on 2026-99-99  5:02:37\n"),
            ("dump.no_trailer",),
        ),
        (SHOP + SHOP, ("dump.two_headers",)),
        (cut_before(b"(2,1);") + b"\n" + SHOP, ("dump.no_trailer", "dump.two_headers")),
        (
            cut_before(b"--\n-- Table structure for table `users`") + SHOP,
            ("dump.no_trailer", "dump.two_headers"),
        ),
    ],
)
def test_faults_of_structure(content: bytes, expected: tuple[str, ...]) -> None:
    assert faults(content, len(content)) == expected


def test_a_dump_without_comments_has_a_weak_header_and_trailer() -> None:
    lines = (line for line in SHOP.splitlines(keepends=True) if not line.startswith(b"--"))
    bare = b"".join(lines)
    dump = read(bare)
    assert (dump.header, dump.trailer, problems(dump)) == ("weak", "weak", ())
    assert "dump.no_trailer" in faults(bare.replace(FOOTER, b""))


def test_a_database_without_tables() -> None:
    middle = SHOP.index(b"--\n-- Sequence structure"), SHOP.index(b"/*!40103 SET TIME_ZONE=@OLD")
    assert faults(SHOP[: middle[0]] + SHOP[middle[1] :]) == ("dump.no_tables",)


def test_views_that_stayed_placeholders() -> None:
    final = SHOP.index(b"/*!50001 CREATE ALGORITHM"), SHOP.index(b"-- The deferred gtid")
    assert faults(SHOP[: final[0]] + SHOP[final[1] :]) == ("dump.placeholder_views",)


@pytest.mark.parametrize(
    "line",
    [
        b"-- failed on view `b`: CREATE ALGORITHM=UNDEFINED VIEW `b` AS select 1\n",
        b"-- insufficient privileges to SHOW CREATE PROCEDURE `p`\n",
    ],
)
def test_a_dumper_that_could_not_dump_all(line: bytes) -> None:
    assert faults(SHOP.replace(FOOTER, line + FOOTER)) == ("dump.left_out",)
    in_data = SHOP.replace(b"(2,1);", b"(2,'" + line.strip().replace(b"'", b"") + b"');")
    assert faults(in_data) == ()


def test_a_member_that_ends_inside_a_dump() -> None:
    middle = SHOP.index(b"--\n-- Table structure for table `users`")
    assert faults(SHOP, middle, len(SHOP)) == ("dump.broken_member",)
    assert faults(SHOP, 0, len(SHOP)) == ()
    assert faults(SHOP + SHOP, len(SHOP), 2 * len(SHOP)) == ("dump.two_headers",)
    broken = faults(SHOP[:middle] + SHOP, middle, middle + len(SHOP))
    assert broken == ("dump.no_trailer", "dump.broken_member", "dump.two_headers")


def test_several_databases_qualify_their_tables() -> None:
    body = b"CREATE TABLE `t` (\n  `id` int\n);\nINSERT INTO `t` VALUES\n(1);\n"
    both = b"USE `a`;\n" + body + b"USE `b`;\n" + body + body
    dump = read(SHOP.replace(b"LOCK TABLES `msg` WRITE;\n", both))
    rows = {name: rows for name, _, rows in dump.tables}
    assert (rows["a.t"], rows["b.t"]) == (1, 2)


@pytest.mark.parametrize("space", [b" ", b"\n"])
def test_one_row_to_a_statement(space: bytes) -> None:
    insert = b"INSERT INTO `t` (`a`,`b`) VALUES" + space + b"(%d,'it\\'s; (%d');\n"
    rows = b"".join(insert % (n, n) for n in range(5000))
    content = MYSQL.replace(b"UNLOCK TABLES;\n", rows)
    dump = read(content)
    assert ("t", 5000, 5000) in dump.tables
    assert read(content, 1000) == dump


@given(
    st.lists(
        st.lists(st.text(st.sampled_from("a'\\(),;\n\"`-é"), max_size=8), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
    st.integers(1, 40),
)
def test_rows_are_counted_whatever_they_hold(
    statements: list[list[str]],
    inline: bool,
    size: int,
) -> None:
    def insert(texts: list[str]) -> bytes:
        rows = [f"({n},'{escaped(text)}',NULL)" for n, text in enumerate(texts)]
        return f"INSERT INTO `t` VALUES{lead}{join.join(rows)};\n".encode()

    lead, join = (" ", ",") if inline else ("\n", ",\n")
    body = b"".join(insert(texts) for texts in statements)
    dump = read(MYSQL.replace(b"UNLOCK TABLES;\n", body), size)
    assert ("t", len(statements), sum(map(len, statements))) in dump.tables
    assert problems(dump) == ()


def escaped(text: str) -> str:
    for raw, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ('"', '\\"')):
        text = text.replace(raw, written)
    return text


def test_what_a_dump_says_of_accounts_databases_and_engines():
    found = scan(
        [
            b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n",
            b"DROP DATABASE IF EXISTS `shop`;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n",
            b"CREATE USER `a`@`%` IDENTIFIED BY 'x';\nGRANT SELECT ON *.* TO `a`@`%`;\n",
            b"CREATE TABLE `t` (\n  `engine` text DEFAULT ') ENGINE=MyISAM'\n) ENGINE=InnoDB;\n",
            b"CREATE TABLE `c` (\n  `id` int\n) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;\n",
            b"DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`desk`@`10.0.0.7`*/ /*!50003 TRIGGER"
            b" `w` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1 */;;\nDELIMITER ;\n",
            b"-- Dump completed on 2026-11-20  2:00:04\n",
        ]
    )
    assert (found.accounts, found.schemas, found.drops) == (2, 1, 1)
    assert found.definers == ("desk@10.0.0.7",)
    assert found.unprotected == ("c (MyISAM)",)
