import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from nexoaudit import process
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Moment, Size, Span
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import server

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
EXPECT = Expect(tables=("users", "tickets"), min_rows=(("users", 100), ("tickets", 300)))


def before(text: bytes, mark: bytes) -> bytes:
    head, found, _ = text.partition(mark)
    assert found
    return head


def test_a_healthy_dump_comes_back(restore: Restore, whole: bytes) -> None:
    drill = restore(whole, expect=EXPECT)
    assert (drill.outcome, drill.reason, drill.problems) == ("pass", "", ())
    assert [step.name for step in drill.steps] == ["sandbox", "restore", "count", "check"]
    assert {step.outcome for step in drill.steps} == {"pass"}
    assert (drill.kind, drill.component, drill.location) == ("database", "database", "disk")
    found = dict(drill.measures)
    assert found.pop("newest_ms") == Moment(
        datetime(2026, 11, 20, 1, 59, 30, tzinfo=UTC).timestamp() * 1000
    )
    assert str(found.pop("server")).startswith("1")
    assert found.pop("statements") == drill_statements(whole)
    assert len(str(found.pop("schema"))) == len(str(found.pop("content"))) == 64
    assert (found.pop("checksum.users"), found.pop("checksum.tickets")) > (0, 0)
    assert found == {
        "tables": 2,
        "views": 2,
        "triggers": 1,
        "routines": 2,
        "events": 1,
        "rows": 400,
        "rows.users": 100,
        "rows.tickets": 300,
        "orphans": 0,
        "text.accented": 100,
        "text.garbled": 0,
        "definers": "app@%, root@localhost",
        "newest_in": "users.timecreated",
        "names.views": "calling, named",
        "names.triggers": "stamp",
        "names.routines": "one, tidy",
        "names.events": "nightly",
        "rpo_ms": Span(30_000),
        "raw_bytes": Size(len(whole)),
        "rto_ms": Span(3_600_000),
    }
    assert list(drill.measures) == sorted(drill.measures)


def drill_statements(sql: bytes) -> int:
    return len(list(Script([sql]))) + 1  # and the final COMMIT


def test_it_restores_the_very_same_database(
    whole: bytes, tmp_path: Path, redump: Callable[[bytes], bytes]
) -> None:
    def undated(text: bytes) -> bytes:
        return before(text, b"-- Dump completed")

    assert undated(redump(whole)) == undated(whole)


def test_it_carries_the_digest_of_what_it_read(restore: Restore, whole: bytes) -> None:
    raw = gzip.compress(whole)
    assert restore(raw=raw).sha256 == hashlib.sha256(raw).hexdigest()
    assert restore(raw=raw[:-9]).sha256 == hashlib.sha256(raw[:-9]).hexdigest()


def test_other_compressions_and_none(restore: Restore, whole: bytes) -> None:
    for raw in (whole, bz2.compress(whole), lzma.compress(whole)):
        assert restore(raw=raw).outcome == "pass"


def test_a_dump_without_comments_passes_by_its_last_statement(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    drill = restore(dumps["quiet"], expect=EXPECT)
    assert (drill.outcome, drill.detail) == ("pass", "")
    cut = before(dumps["quiet"], b"/*!40111 SET SQL_NOTES=@OLD")
    assert restore(cut).reason == "drill.no_trailer"


def test_a_view_of_a_database_that_the_dump_does_not_name_is_unverified(
    restore: Restore, dumps: dict[str, bytes]
) -> None:
    """mariadb-dump writes the database's name into views, so that no other name will do."""
    drill = restore(dumps["quiet-with-view"], expect=EXPECT)
    assert (drill.outcome, drill.reason) == ("unverified", "drill.unnamed_database")


def test_a_compact_dump_cannot_prove_its_end(restore: Restore, dumps: dict[str, bytes]) -> None:
    assert restore(dumps["compact"]).reason == "drill.no_trailer"


@pytest.mark.parametrize(
    "raw", [b"", gzip.compress(b"", mtime=0)], ids=["no-bytes", "gz-of-nothing"]
)
def test_nothing_at_all_fails(restore: Restore, raw: bytes) -> None:
    drill = restore(raw=raw, expect=EXPECT)
    assert (drill.outcome, drill.reason) == ("fail", "drill.empty")
    assert {"drill.no_trailer", "drill.no_tables", "drill.tables_missing"} <= set(drill.problems)


def test_a_dump_that_died_between_statements_fails_though_it_loads(
    restore: Restore, whole: bytes
) -> None:
    drill = restore(before(whole, b"\n--\n-- Dumping events"), expect=EXPECT)
    assert (drill.outcome, drill.reason) == ("fail", "drill.no_trailer")
    assert "drill.load_failed" not in drill.problems
    assert "drill.view_placeholder" in drill.problems


def test_a_dump_that_died_inside_a_statement_fails(restore: Restore, whole: bytes) -> None:
    drill = restore(whole[: whole.index(b"INSERT INTO `tickets`") + 500], expect=EXPECT)
    assert (drill.outcome, drill.reason) == ("fail", "drill.no_trailer")


def test_a_dump_of_a_view_only_has_no_tables(restore: Restore) -> None:
    assert restore(b"SELECT 1;\n-- Dump completed\n").reason == "drill.no_tables"


def test_a_cut_archive_fails(restore: Restore, whole: bytes) -> None:
    drill = restore(raw=gzip.compress(whole)[:-1])
    assert (drill.outcome, drill.reason) == ("fail", "drill.unreadable")


def test_garbage_behind_a_whole_archive_is_noted(restore: Restore, whole: bytes) -> None:
    drill = restore(raw=gzip.compress(whole) + b"garbage")
    assert (drill.outcome, drill.reason) == ("pass", "drill.trailing_garbage")


def test_a_cut_dump_before_a_whole_one_fails(restore: Restore, whole: bytes) -> None:
    cut = before(whole, b"\n--\n-- Dumping data for table `users`")
    assert restore(raw=gzip.compress(cut) + gzip.compress(whole)).reason == "drill.no_trailer"
    assert restore(raw=gzip.compress(whole) + gzip.compress(whole)).outcome == "pass"


def test_missing_tables_and_collapsed_rows_fail(restore: Restore, whole: bytes) -> None:
    expect = Expect(tables=("users", "roles"), min_rows=(("users", 101), ("mfa", 1)))
    drill = restore(whole, expect=expect)
    assert (drill.outcome, drill.reason) == ("fail", "drill.tables_missing")
    assert drill.detail == "roles, mfa"
    assert drill.problems == ("drill.tables_missing", "drill.rows_below")
    assert [step.outcome for step in drill.steps] == ["pass", "pass", "fail", "pass"]


def test_orphans_are_found(restore: Restore, whole: bytes) -> None:
    drill = restore(whole.replace(b"\n(99,'\xc3\x91", b"\n(990,'\xc3\x91"))
    assert (drill.outcome, drill.reason) == ("fail", "drill.orphans")
    assert drill.detail == "3 rows of tickets refer to no row of users"
    assert dict(drill.measures)["orphans"] == 3


def test_a_view_that_cannot_be_read_is_found(restore: Restore, whole: bytes) -> None:
    drop = b"SET FOREIGN_KEY_CHECKS=0;\nDROP TABLE users;\n-- Dump completed"
    drill = restore(whole.replace(b"-- Dump completed", drop))
    assert "drill.view_broken" in drill.problems
    assert "drill.orphans" in drill.problems


def test_an_error_of_the_load_says_what_and_where(restore: Restore, whole: bytes) -> None:
    drill = restore(whole.replace(b"\n(7,'\xc3\x91", b"\n(7 secret '\xc3\x91"))
    assert (drill.outcome, drill.reason) == ("fail", "drill.load_failed")
    assert drill.detail.startswith("error 1064: You have an error in your SQL syntax")
    assert "near '...'" in drill.detail
    assert drill.detail.endswith(": INSERT INTO `users`)")
    assert "secret" not in drill.detail


def test_a_duplicate_key_fails_too(restore: Restore, whole: bytes) -> None:
    name = "\n(7,'Ñand".encode()
    drill = restore(whole.replace(name, name.replace(b"7", b"6")))
    assert (drill.outcome, drill.reason) == ("fail", "drill.load_failed")
    assert "uplicate key" in drill.detail


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        (b"8.0.36", "unverified"),
        (b"99.1.1-MariaDB", "unverified"),
        (b"10.1.1-MariaDB", "fail"),
    ],
)
def test_content_of_another_product_is_no_damage(
    restore: Restore, whole: bytes, version: bytes, outcome: str
) -> None:
    head, _, rest = whole.partition(b"-- Server version\t")
    sql = head + b"-- Server version\t" + version + rest[rest.index(b"\n") :]
    drill = restore(sql.replace(b"utf8mb4_general_ci", b"utf8mb4_0900_ai_ci"))
    reason = "drill.engine_mismatch" if outcome == "unverified" else "drill.load_failed"
    assert (drill.outcome, drill.reason) == (outcome, reason)
    assert "utf8mb4_0900_ai_ci" in drill.detail


def test_datetime_columns_are_read_in_the_site_s_zone(
    whole: bytes, tmp_path: Path, drilled: Callable[..., Drill]
) -> None:
    dump = tmp_path / "d.sql"
    dump.write_bytes(whole.replace(b"timecreated", b"x"))
    lima = timezone(timedelta(hours=-5))
    now = datetime(2026, 11, 20, 12, 0, tzinfo=lima)
    drill = drilled(dump, EXPECT, now=now)
    found = dict(drill.measures)
    assert found["newest_in"] == "tickets.created"
    assert found["newest_ms"] == millis(datetime(2026, 11, 19, 23, 0, tzinfo=lima))


def test_no_moment_is_later_than_the_point_or_now(restore: Restore, whole: bytes) -> None:
    later = whole.replace(b"2026-11-19 23:00:00", b"2026-11-20 09:00:00")
    assert dict(restore(later).measures)["newest_in"] == "users.timecreated"


def test_a_table_that_cannot_be_read_is_found(restore: Restore, whole: bytes) -> None:
    merge = b"CREATE TABLE m (id INT) ENGINE=MERGE UNION=(absent);\n-- Dump completed"
    drill = restore(whole.replace(b"-- Dump completed", merge))
    assert (drill.outcome, drill.reason) == ("fail", "drill.table_broken")
    assert drill.detail.startswith("m: ")


@pytest.fixture
def redump(tmp_path: Path) -> Callable[[bytes], bytes]:
    def again(sql: bytes) -> bytes:
        with server() as running:
            with running.connect(several=True) as session:
                loaded = load(session, Script([sql]), running.data)
                assert loaded.error == ""
            with running.connect() as session:
                assert ask(session, "SELECT COUNT(*) FROM shop.users") == [(100,)]
            argv = [
                process.find("mariadb-dump", "mariadb-client"),
                "--no-defaults",
                f"--socket={running.socket}",
                "--user=root",
                "--single-transaction",
                "--routines",
                "--events",
                "--triggers",
                "shop",
            ]
            return process.run(argv, deadline_s=60).stdout

    return again
