"""Dumps that this server cannot load, or not as they were: never taken for damage."""

import io
from collections.abc import Callable, Iterator

import pytest

from nexoaudit.drill.loading import note_loading, note_reading
from nexoaudit.drill.record import Record, outcome_of
from nexoaudit.formats.stream import Stream
from nexoaudit.model.drill import Drill
from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
Tried = Callable[[bytes], tuple[str, tuple[str, ...]]]
FRAME = """\
{header}
{settings}
CREATE TABLE `t` (`id` int NOT NULL);
INSERT INTO `t` VALUES (1);
{more};
{trailer}
"""
MYSQL = """\
-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t8.0.36
"""
MARIADB = MYSQL.replace("MySQL dump 10.13  Distrib 8.0.36", "MariaDB dump 10.19  Distrib {0}")
MARIADB = MARIADB.replace("8.0.36", "{0}-MariaDB")
OLD, NEW = MARIADB.format("10.5.20"), MARIADB.format("99.1.2")
TRAILER = "-- Dump completed on 2026-11-20  2:00:04"
QUIET = "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;"
NAMES = "/*!40101 SET NAMES utf8mb4 */;"
MYSQL_NAMES = "/*!50503 SET NAMES utf8mb4 */;"
GTID = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5'"
COLLATION = "CREATE TABLE u (n varchar(9)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci"
INDEX = "CREATE TABLE u (n varchar(9), KEY k ((lower(`n`))))"
ARROW = "CREATE TABLE u (j json, v int GENERATED ALWAYS AS (j->>'$.a') VIRTUAL)"
FUNCTION = "CREATE VIEW u AS SELECT BIN_TO_UUID('x') AS u"
DEFAULT = "CREATE TABLE u (id binary(16) DEFAULT (UUID_TO_BIN(UUID())))"


def dump(header: str, more: str, *, quiet: bool = False, settings: str = NAMES) -> bytes:
    shown = "" if quiet else header
    end = QUIET if quiet else TRAILER
    return FRAME.format(header=shown, settings=settings, more=more, trailer=end).encode()


@pytest.fixture(scope="module")
def tried() -> Iterator[Tried]:
    """Return what loads a dump into one server after another dump, and says what that means."""
    with server() as running:
        confined, admin = confine(running)

        def loaded(sql: bytes) -> tuple[str, tuple[str, ...]]:
            record, stream = Record(), Stream(io.BytesIO(sql))
            script = Script(stream)
            for name in ("shop", "restored"):
                ask(admin, f"DROP DATABASE IF EXISTS {name}")
            with confined.connect(several=True) as session:
                found = load(session, script, confined.data)
                version = str(ask(session, "SELECT VERSION()")[0][0])
            script.skim()
            note_reading(record, script, stream)
            note_loading(record, found, script, version)
            return outcome_of(record.problems), record.problems

        with admin:
            yield loaded


MISMATCH = ("unverified", ("drill.engine_mismatch",))


@pytest.mark.parametrize("more", [GTID, COLLATION, INDEX, ARROW, FUNCTION, DEFAULT])
def test_what_only_mysql_knows_is_no_damage(tried: Tried, more: str) -> None:
    assert tried(dump(MYSQL, more)) == MISMATCH


def test_a_drill_says_what_it_could_not_load(restore: Restore) -> None:
    drill = restore(dump(MYSQL, GTID))
    assert (drill.outcome, drill.problems) == MISMATCH
    assert drill.detail.startswith("error 1193: Unknown system variable 'GTID_PURGED'")
    assert drill.sha256


@pytest.mark.parametrize(
    ("more", "settings"), [(GTID, NAMES), (COLLATION, NAMES), (INDEX, MYSQL_NAMES)]
)
def test_a_dump_without_comments_gives_itself_away(tried: Tried, more: str, settings: str) -> None:
    assert tried(dump(MYSQL, more, quiet=True, settings=settings)) == MISMATCH


def test_what_a_newer_release_knows_is_no_damage(tried: Tried) -> None:
    vector = "CREATE TABLE u (v nothing_yet(3) NOT NULL)"
    assert tried(dump(NEW, vector)) == MISMATCH
    assert tried(dump(OLD, vector)) == ("fail", ("drill.load_failed",))


@pytest.mark.parametrize(
    "sql",
    [
        dump(OLD, INDEX),
        dump(OLD, INDEX, quiet=True),
        dump(MYSQL, "SELECT 1").replace(b"-- Dump completed", b"-- Dum"),
    ],
)
def test_what_is_damaged_stays_damaged(tried: Tried, sql: bytes) -> None:
    assert tried(sql)[0] == "fail"


def test_a_dump_of_mysql_that_loads_passes(restore: Restore) -> None:
    drill = restore(dump(MYSQL, "CREATE VIEW u AS SELECT id FROM t", settings=MYSQL_NAMES))
    assert (drill.outcome, drill.problems) == ("pass", ())


def test_a_table_whose_engine_is_not_here_comes_back_in_another_one(restore: Restore) -> None:
    def table(engine: str) -> str:
        return f"CREATE TABLE `{engine}` (\n  `id` int\n) ENGINE={engine} DEFAULT CHARSET=latin1"

    lax = "SET sql_mode='';\n"
    drill = restore(dump(OLD, lax + table("ROCKSDB")))
    assert (drill.outcome, drill.problems) == ("pass", ("drill.engine_replaced",))
    assert drill.detail == "rocksdb"
    known = ";\n".join(map(table, ("MyISAM", "InnoDB", "Aria", "MRG_MyISAM")))
    assert restore(dump(OLD, lax + known)).problems == ()


@pytest.mark.parametrize(
    "more",
    [
        "SET sql_mode='NO_ENGINE_SUBSTITUTION'; CREATE TABLE u (id int) ENGINE=SPIDER",
        "CREATE TABLE u (id int) ENGINE=InnoDB `ENCRYPTED`=YES",
    ],
)
def test_an_engine_or_plugin_that_must_be_there_makes_it_unverified(
    tried: Tried, more: str
) -> None:
    assert tried(dump(OLD, more)) == ("unverified", ("drill.engine_missing",))
