"""What a restored database is held against, each fault beside its healthy twin."""

from collections.abc import Callable, Iterator

import pytest

from nexoaudit.drill import asserts
from nexoaudit.drill.asserts import note_asserts
from nexoaudit.drill.charsets import holds
from nexoaudit.drill.record import Record, outcome_of
from nexoaudit.model.assertion import Assertion
from nexoaudit.model.drill import Drill
from nexoaudit.sandbox.confinement import Accounts, confine
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Server, server

pytestmark = pytest.mark.mariadb

Restore = Callable[..., Drill]


def changed(sql: bytes, old: str, new: str) -> bytes:
    assert old.encode() in sql
    return sql.replace(old.encode(), new.encode())


def ended(sql: bytes, *statements: str) -> bytes:
    """Return a dump that does more at its end."""
    more = "".join(f"{statement};\n" for statement in statements)
    return changed(sql, "-- Dump completed", f"{more}-- Dump completed")


def problems(drill: Drill) -> tuple[str, tuple[str, ...]]:
    return drill.outcome, drill.problems


# Digests


def test_digests_are_of_what_came_back_and_of_nothing_else(restore: Restore, whole: bytes) -> None:
    one = dict(restore(whole).measures)
    counted = changed(whole, ") ENGINE=InnoDB", ") ENGINE=InnoDB AUTO_INCREMENT=77")
    same = dict(restore(counted).measures)
    rows = dict(restore(ended(whole, "UPDATE users SET name = 'x' WHERE id = 5")).measures)
    view = dict(restore(ended(whole, "ALTER VIEW calling AS SELECT 2 AS one")).measures)
    assert one["schema"] == same["schema"] == rows["schema"] != view["schema"]
    assert one["content"] == same["content"] == view["content"] != rows["content"]
    assert one["checksum.users"] == same["checksum.users"] != rows["checksum.users"]
    assert one["checksum.tickets"] == rows["checksum.tickets"]


# The last good drill


def test_losses_since_the_last_good_drill_fail(restore: Restore, whole: bytes) -> None:
    good = restore(whole)
    assert problems(restore(whole, before=good)) == ("pass", ())
    gone = ended(whole, "DROP VIEW named", "DROP TABLE tickets", "DROP EVENT nightly")
    drill = restore(gone, before=good)
    assert (drill.outcome, drill.reason) == ("fail", "drill.objects_gone")
    assert drill.detail == "tables: tickets; views: named; triggers: stamp; events: nightly"
    fewer = ended(whole, "DELETE FROM tickets WHERE id > 149")
    drill = restore(fewer, before=good)
    assert problems(drill) == ("fail", ("drill.rows_collapsed",))
    assert drill.detail == "tickets has 149, had 300"
    assert problems(restore(fewer)) == ("pass", ())


def test_another_schema_than_at_the_last_good_drill_is_noted(
    restore: Restore, whole: bytes
) -> None:
    more = ended(whole, "ALTER TABLE users ADD phone INT", "CREATE TABLE added (id INT)")
    drill = restore(more, before=restore(whole))
    assert problems(drill) == ("pass", ("drill.schema_changed",))


# Text


def test_a_dump_in_a_narrower_character_set_than_its_tables_fails(
    restore: Restore, whole: bytes
) -> None:
    drill = restore(changed(whole, "SET NAMES utf8mb4", "SET NAMES utf8mb3"))
    assert (drill.outcome, drill.reason) == ("fail", "drill.charset")
    assert drill.detail == "it is in utf8mb3, tickets in utf8mb4"


def test_a_dump_as_wide_as_its_tables_passes(restore: Restore, whole: bytes) -> None:
    assert problems(restore(changed(whole, "SET NAMES utf8mb4", "SET NAMES binary")))[0] == "pass"
    narrow = changed(changed(whole, "😀", ":)"), "utf8mb4", "utf8mb3")
    assert problems(restore(narrow)) == ("pass", ())


def test_a_dump_that_names_no_character_set_is_noted(restore: Restore, whole: bytes) -> None:
    drill = restore(changed(whole, "/*!40101 SET NAMES utf8mb4 */;\n", ""))
    assert problems(drill) == ("pass", ("drill.no_charset",))


@pytest.mark.parametrize(
    ("written", "column", "is_whole"),
    [
        ("utf8mb4", "latin1", True),
        ("binary", "utf8mb4", True),
        ("utf8mb3", "utf8mb4", False),
        ("utf8", "utf8mb3", True),
        ("utf8", "utf16", False),
        ("utf8", "latin1", True),
        ("latin1", "latin1", True),
        ("latin1", "ascii", True),
        ("latin1", "utf8mb3", False),
        ("latin1", "cp1251", False),
    ],
)
def test_what_a_character_set_holds(written: str, column: str, *, is_whole: bool) -> None:
    assert holds(written, column) is is_whole


def test_text_that_was_encoded_twice_is_a_note_only(restore: Restore, whole: bytes) -> None:
    twice = "Ñandú".encode().decode("latin-1")
    drill = restore(changed(whole, "Ñandú", twice))
    assert problems(drill) == ("pass", ("drill.double_encoded",))
    assert drill.detail == "users"
    picture = restore(ended(whole, "UPDATE users SET picture = x'C383C2A9'"))
    assert problems(picture) == ("pass", ())


# The owner's demands


@pytest.fixture(scope="module")
def confined(whole: bytes) -> Iterator[Server]:
    """A server with the database, as a drill may use it."""
    with server() as running:
        box, admin = confine(running)
        with admin, box.connect(several=True) as session:
            admit = Accounts(admin).admit
            assert load(session, Script([whole]), box.data, admit=admit).message == ""
            yield box


def demanded(confined: Server, *demands: Assertion) -> Record:
    record = Record()
    with confined.connect() as session:
        note_asserts(record, session, demands, "shop")
    return record


@pytest.mark.parametrize(
    ("sql", "must", "value"),
    [
        ("SELECT COUNT(*) = 100 FROM users", "true", ""),
        ("SELECT 'yes'", "true", ""),
        ("SELECT id FROM shop.users", "nonempty", ""),
        ("SELECT id FROM users WHERE name LIKE '%%s%d'", "empty", ""),
        ("SELECT COUNT(*) FROM tickets", "value", "300"),
        ("SELECT SUM(id) FROM users", "value", "4950"),
        ("SELECT one()", "value", "1"),
        ("SELECT name FROM users WHERE id = 7", "value", "Ñandú 😀 7"),
    ],
)
def test_demands_that_hold(confined: Server, sql: str, must: str, value: str) -> None:
    record = demanded(confined, Assertion("it", sql, must, value))
    assert record.problems == ()
    assert record.measures == {"asserts": 1, "held": 1}


@pytest.mark.parametrize(
    ("sql", "must", "value", "said"),
    [
        ("SELECT COUNT(*) = 101 FROM users", "true", "", "it is not so"),
        ("SELECT NULL", "true", "", "it is not so"),
        ("SELECT id FROM users WHERE id < 0", "nonempty", "", "there is no row"),
        ("SELECT id FROM users", "empty", "", "there are rows, and must be none"),
        ("SELECT COUNT(*) FROM users", "value", "7", "it must be 7 and is 100"),
        ("SELECT SUM(id) FROM users", "value", "7", "it must be 7 and is 4950"),
        ("SELECT name FROM users WHERE id = 7", "value", "Eva", "it must be Eva, and is not"),
        ("SELECT MAX(id) FROM users WHERE id < 0", "value", "7", "it must be 7 and is no value"),
        ("SELECT id FROM users", "value", "7", "the answer is not one value"),
        ("SELECT 1, 1", "true", "", "the answer is not one value"),
    ],
)
def test_demands_that_do_not_hold(
    confined: Server, sql: str, must: str, value: str, said: str
) -> None:
    record = Record()
    with record.step("check"), confined.connect() as session:
        note_asserts(record, session, [Assertion("it", sql, must, value)], "shop")
    assert record.problems == ("drill.assert_failed",)
    assert outcome_of(record.problems) == "fail"
    assert record.details["drill.assert_failed"] == f"it: {said}"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nothing FROM users", "error 1054"),
        ("SELECT 1 FROM absent", "error 1146"),
        ("SELEC", "error 1064"),
        ("SELECT 1; SELECT 2", "error 1064"),
        ("DELETE FROM users", "error 1792"),
        ("CALL tidy()", "error 1792"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", "error 1227"),
    ],
)
def test_a_wrong_question_says_nothing_about_the_backup(
    confined: Server, sql: str, said: str
) -> None:
    record = demanded(confined, Assertion("it", sql, "true"))
    assert record.problems == ("drill.assert_refused",)
    assert outcome_of(record.problems) == "unverified"
    assert record.details["drill.assert_refused"].startswith(f"it: {said}")


def test_a_question_without_end_is_given_up(
    confined: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asserts, "ASSERT_S", 0.2)
    endless = "SELECT COUNT(*) FROM tickets a, tickets b, tickets c, tickets d"
    other = Assertion("other", "SELECT COUNT(*) FROM users", "empty")
    record = demanded(confined, Assertion("endless", endless, "true"), other)
    assert record.problems == ("drill.assert_failed", "drill.assert_refused")
    assert record.details["drill.assert_refused"] == "endless: no answer within 0.2 seconds"


def test_the_demands_of_its_owner_are_part_of_a_drill(restore: Restore, whole: bytes) -> None:
    held = Assertion("tickets", "SELECT COUNT(*) FROM tickets", "value", "300")
    drill = restore(whole, asserts=(held,))
    assert problems(drill) == ("pass", ())
    assert dict(drill.measures)["held"] == 1
    drill = restore(whole, asserts=(held, held._replace(sql="SELECT x FROM tickets")))
    assert (drill.outcome, drill.reason) == ("unverified", "drill.assert_refused")
    drill = restore(whole, asserts=(held._replace(value="301"),))
    assert (drill.outcome, drill.reason) == ("fail", "drill.assert_failed")


# Freshness


def test_the_measured_rpo_is_from_the_newest_row_to_the_point(
    restore: Restore, whole: bytes
) -> None:
    older = ended(whole, "UPDATE users SET timecreated = timecreated - 7200 WHERE id >= 0")
    found = dict(restore(older).measures)
    assert (found["newest_in"], found["rpo_ms"]) == ("users.timecreated", 7_230_000)


@pytest.mark.parametrize(
    ("completed", "older"),
    [
        ("2026-11-19  2:00:05", True),
        ("2026-11-20  1:57:59", True),
        ("2026-11-20  1:58:01", False),  # clocks differ
        ("2026-11-20  2:41:00", False),
    ],
)
def test_a_dump_completed_before_its_own_name_is_another_one(
    restore: Restore, whole: bytes, completed: str, *, older: bool
) -> None:
    frame, _, _ = whole.rpartition(b"-- Dump completed")
    drill = restore(frame + f"-- Dump completed on {completed}\n".encode())
    assert problems(drill) == (("fail", ("drill.older_content",)) if older else ("pass", ()))
    if older:
        assert drill.detail == f"completed on {' 0'.join(completed.split('  '))}"
