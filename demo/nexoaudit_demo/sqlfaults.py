"""Faults of what dumps say: all of them decompress, have their closing line and a right digest."""

import gzip
from collections.abc import Callable
from functools import partial

from nexoaudit_demo import sqltext
from nexoaudit_demo.dumpfaults import DAYS
from nexoaudit_demo.held import Held

_LOST = "mfa_settings"
_DECLINE = 0.12
"""The share of the log that each dump of a slow decline has lost against the one before."""


def broken_member(dumps: Held) -> str:
    """Let a dump be two gzip members, the first cut where a statement ends."""
    name = dumps.newest()
    text = dumps.text(name)
    first = text[: sqltext.edge_before(text, _LOST)]
    second = sqltext.without_table(text, _LOST)[len(first) :]
    dumps.remake(name, gzip.compress(first, 1, mtime=0) + gzip.compress(second, 1, mtime=0))
    return f"{name} is two gzip members, and {_LOST} was lost between them"


def broken_first(dumps: Held) -> str:
    """Let a dump be two appended to each other, the first cut where a statement ends."""
    name = dumps.newest()
    text = dumps.text(name)
    first = text[: sqltext.edge_before(text, "roles")]
    second = sqltext.head(text) + text[sqltext.edge_before(text, "sessions") :]
    dumps.remake(name, gzip.compress(first, 1, mtime=0) + gzip.compress(second, 1, mtime=0))
    return f"{name} is two dumps in one file, the first cut before its last table"


def other_database(dumps: Held) -> str:
    """Let the newest dumps be of another database."""

    def other(text: bytes) -> bytes:
        table = (
            b"CREATE TABLE `sentences` (\n  `n` int(11) NOT NULL,\n  `body` text NOT NULL,\n"
            b"  PRIMARY KEY (`n`)\n) ENGINE=InnoDB;\nINSERT INTO `sentences` VALUES\n"
            b"(1,'Buenos d\xc3\xadas'),\n(2,'Hasta luego');\n"
        )
        head = sqltext.head(text).replace(b"Database: nexosupport", b"Database: workshop")
        return head + table + sqltext.tail(text)

    return _reword(dumps, 1, other, "is a dump of the database workshop")


def empty_database(dumps: Held) -> str:
    """Let the newest dump be of a database without anything in it."""
    return _reword(
        dumps,
        1,
        lambda text: sqltext.head(text) + sqltext.tail(text),
        "has a beginning and an end, and no table",
    )


def test_database(dumps: Held) -> str:
    """Let the newest dump be of a copy for trials."""

    def trial(text: bytes) -> bytes:
        for table in sqltext.tables(text):
            text = sqltext.with_rows(text, table, 0.05)
        return text.replace(b"Database: nexosupport", b"Database: nexosupport_test")

    return _reword(dumps, 1, trial, "is a dump of nexosupport_test, with a few rows")


def table_gone(dumps: Held) -> str:
    """Let a table be missing from the newest dump."""
    return _reword(
        dumps, 1, lambda text: sqltext.without_table(text, _LOST), f"has no table {_LOST}"
    )


def table_empty(dumps: Held) -> str:
    """Let a table of the newest dump have no rows."""
    return _reword(
        dumps,
        1,
        lambda text: sqltext.with_rows(text, "knowledge_articles", 0.0),
        "has no row in knowledge_articles",
    )


def rows_collapsed(dumps: Held) -> str:
    """Let a table of the newest dump have lost nine rows of ten."""
    return _reword(
        dumps,
        1,
        lambda text: sqltext.with_rows(text, "audit_log", 0.1),
        "has a tenth of the rows of audit_log",
    )


def users_collapsed(dumps: Held) -> str:
    """Let the users be gone, but for one in ten."""
    return _reword(
        dumps,
        1,
        lambda text: sqltext.with_rows(text, "users", 0.1),
        "has a tenth of the users",
    )


def view_gone(dumps: Held) -> str:
    """Let a view be missing from the newest dump."""
    return _reword(
        dumps,
        1,
        lambda text: sqltext.without_view(text, "department_load"),
        "has no view department_load",
    )


def no_programs(dumps: Held) -> str:
    """Let the backup user not see routines and events, and the job not ask for them."""
    return _reword(dumps, 1, sqltext.without_programs, "has neither routines nor events")


def no_triggers(dumps: Held) -> str:
    """Let the newest dump have no triggers."""
    return _reword(dumps, 1, sqltext.without_triggers, "has no triggers")


def strange_definer(dumps: Held) -> str:
    """Let everything belong to an account that exists on one machine only."""
    return _reword(
        dumps,
        1,
        lambda text: text.replace(b"DEFINER=`root`@`localhost`", b"DEFINER=`desk`@`10.0.0.7`"),
        "has views and triggers of desk@10.0.0.7, who is in no backup",
    )


def strange_collation(dumps: Held) -> str:
    """Let the newest dump come from MySQL 8.0, which has other collations."""

    def of_mysql(text: bytes) -> bytes:
        text = sqltext.of_mysql(text)
        return text.replace(b"COLLATE=utf8mb4_unicode_ci", b"COLLATE=utf8mb4_0900_ai_ci")

    return _reword(dumps, 1, of_mysql, "is of MySQL 8.0, whose collation MariaDB does not know")


def gtid_purged(dumps: Held) -> str:
    """Let the newest dump come from MySQL 8.0 with GTIDs, which MariaDB has otherwise."""
    lines = (
        "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\n"
        "SET @@SESSION.SQL_LOG_BIN= 0;\n\n"
        "--\n-- GTID state at the beginning of the backup \n--\n\n"
        "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';\n"
    )
    return _reword(
        dumps,
        1,
        lambda text: sqltext.after_head(sqltext.of_mysql(text), lines),
        "is of MySQL 8.0, and sets GTID_PURGED",
    )


def mojibake(dumps: Held) -> str:
    """Let the newest dumps be made through the wrong character set."""
    return _reword(dumps, 1, sqltext.mojibake, "holds Ã¡ where á should be")


def drops_production(dumps: Held) -> str:
    """Let the newest dump choose its own database, and drop it first."""
    lines = (
        "DROP DATABASE IF EXISTS `nexosupport`;\nCREATE DATABASE `nexosupport`;\n"
        "USE `nexosupport`;\n"
    )
    return _insert(dumps, lines, "drops and fills production")


def shell_escape(dumps: Held) -> str:
    """Let the newest dump hold a command for the client that loads it."""
    return _insert(dumps, f"\\! touch {_tried(dumps)}\n", "runs a command of the shell")


def into_outfile(dumps: Held) -> str:
    """Let the newest dump write a file."""
    return _insert(dumps, f"SELECT 'x' INTO OUTFILE '{_tried(dumps)}';\n", "writes a file")


def load_data(dumps: Held) -> str:
    """Let the newest dump read a file."""
    secret = dumps.places.root / "etc/nexosupport/backup.cnf"
    lines = (
        "DROP TABLE IF EXISTS `taken`;\nCREATE TABLE `taken` (`line` text);\n"
        f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE `taken`;\n"
    )
    return _insert(dumps, lines, "reads a file")


def unprotected_engine(dumps: Held) -> str:
    """Let a table be of an engine that has no transactions."""
    return _reword(
        dumps,
        DAYS,
        lambda text: text.replace(b") ENGINE=InnoDB", b") ENGINE=MyISAM", 1),
        "has a MyISAM table, dumped without a lock",
    )


def decline(dumps: Held) -> str:
    """Let every dump be a little smaller than the one before."""
    names = dumps.names()
    for number, name in enumerate(names[1:], 1):
        dumps.reword(name, partial(_shorter_log, share=(1 - _DECLINE) ** number))
    lost = 1 - (1 - _DECLINE) ** (len(names) - 1)
    return f"{len(names)} dumps lose {lost:.0%} of audit_log, {_DECLINE:.0%} a day"


def _shorter_log(text: bytes, share: float) -> bytes:
    return sqltext.with_rows(text, "audit_log", share)


def _tried(dumps: Held) -> str:
    """Return what a command in a dump would leave."""
    return str(dumps.places.root / "tmp/tried-by-a-dump")


def _insert(dumps: Held, lines: str, what: str) -> str:
    """Plant lines in the newest dump, made by a program that forbids the client nothing."""
    return _reword(
        dumps, 1, lambda text: sqltext.after_head(sqltext.for_any_client(text), lines), what
    )


def _reword(dumps: Held, how_many: int, change: Callable[[bytes], bytes], what: str) -> str:
    names = dumps.names()[-how_many:]
    for name in names:
        dumps.reword(name, change)
    return f"{' and '.join(names)} {what}"
