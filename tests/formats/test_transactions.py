"""Transactions of a binary log that a real server wrote, and what its statements are about."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.binlog import SEEN, Walker
from nexoaudit.formats.gtidlist import GtidList, write_gtid
from nexoaudit.formats.logged import kind_of, named_schemas
from nexoaudit.formats.transactions import Transactions

LOG = (Path(__file__).parent / "data" / "mysql-bin.000001").read_bytes()


def collected(data: bytes, size: int = 65536) -> Transactions:
    found = Transactions()
    walker = Walker(found.watch)
    for start in range(0, len(data), size):
        walker.feed(data[start : start + size])
    found.end_log()
    return found


def table(found: Transactions) -> list[tuple[object, ...]]:
    return [
        (
            write_gtid(found.gtids[index]),
            found.offset[index],
            found.end[index],
            found.moment[index],
            found.through[index],
            found.rows[index],
            found.row_bytes[index],
            sorted(found.content(index)),
        )
        for index in range(len(found))
    ]


def test_every_transaction_follows_the_one_before_it() -> None:
    found = collected(LOG)
    assert len(found) > 3
    assert list(found.offset)[1:] == list(found.end)[:-1]
    assert [gtid[:2] for gtid in found.gtids] == [(0, 7)] * len(found)
    numbers = [number for _, _, number in found.gtids]
    assert numbers == list(range(numbers[0], numbers[0] + len(found)))
    assert not found.malformed
    assert {mark.kind for content in found.contents for mark in content} >= {"ddl", "rows"}


def test_blocks_of_any_size_give_the_same_transactions() -> None:
    for size in (1, 7, 19, 64, SEEN, SEEN + 1):
        assert table(collected(LOG, size)) == table(collected(LOG)), size


@given(st.integers(4, len(LOG) - 1), st.binary(min_size=1, max_size=40), st.integers(1, 900))
def test_damage_never_raises(place: int, garbage: bytes, size: int) -> None:
    found = collected(LOG[:place] + garbage + LOG[place + len(garbage) :], size)
    assert len(found.gtids) == len(found.rows) == len(found.end)


@given(st.binary(max_size=120), st.integers(0, 255))
def test_events_of_any_content_never_raise(body: bytes, kind: int) -> None:
    found = Transactions()
    gtid = next(event for event in events(LOG) if event[4] == 162)
    found.watch(1, 162, 7, 4, memoryview(gtid))
    head = bytes(4) + bytes([kind]) + bytes(4) + (19 + len(body)).to_bytes(4, "little") + bytes(6)
    found.watch(1, kind, 7, 40, memoryview(head + body))
    found.end_log()
    assert len(found.rows) == len(found)


def events(data: bytes) -> list[bytes]:
    found, position = [], 4
    while position < len(data):
        length = int.from_bytes(data[position + 9 : position + 13], "little")
        found.append(data[position : position + length])
        position += length
    return found


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (b"BEGIN", "frame"),
        (b"XA PREPARE X'61'", "frame"),
        (b"CREATE USER u@localhost", "server"),
        (b"/* app: 7 */ grant SELECT ON *.* TO u", "server"),
        (b"-- a\n# b\nSET PASSWORD FOR u = 'x'", "server"),
        (b"CREATE OR REPLACE ROLE r", "server"),
        (b"FLUSH TABLES", "server"),
        (b"CREATE FUNCTION f RETURNS STRING SONAME 'udf.so'", "server"),
        (b"CREATE FUNCTION f() RETURNS INT RETURN 1", "ddl"),
        (b"CREATE TABLE user (id INT)", "ddl"),
        (b"ALTER TABLE roles ADD x INT", "ddl"),
        (b"DROP TABLE IF EXISTS grants", "ddl"),
        (b"INSERT INTO t VALUES ('GRANT')", "change"),
        (b"/*!40000 ALTER TABLE t DISABLE KEYS */", "ddl"),
        (b"SET TIMESTAMP=1", "change"),
        (b"", "ddl"),
        (b"/*" + b"*" * 5000, "ddl"),
    ],
)
def test_what_a_statement_is_about(statement: bytes, kind: str) -> None:
    assert kind_of(statement) == kind


def test_schemas_that_a_statement_names() -> None:
    sql = b"UPDATE `other`.`t` JOIN shop.u ON u.id = 5 SET a = 'x.y'"
    assert set(named_schemas(sql)) == {"other", "shop", "u"}


@given(st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 2, st.integers(0, 2**64 - 1))))
def test_a_list_of_ids_gives_them_back(ids: list[tuple[int, int, int]]) -> None:
    found = GtidList()
    for gtid in ids:
        found.append(gtid)
    assert list(found) == ids
    assert found[1:3] == ids[1:3]
