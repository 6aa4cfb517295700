from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.sandbox import script as script_module
from nexoaudit.sandbox.script import Script, StatementTooLongError


def chunked(text: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def statements(text: bytes, size: int = 1 << 20) -> list[bytes]:
    return list(Script(chunked(text, size)))


LITERALS = st.sampled_from(
    [
        b"1",
        b"NULL",
        b"'a'",
        b"'it''s; \\' and\\\\'",
        b"';\n'",
        b"'\\\\;\n--'",
        b'"x;\n\'"',
        b"`odd;\n'name`",
        b"/* it's;\n */ 2",
        b"-- don't;\n3",
        b"# don't;\n4",
        b"'\xf0\x9f\x98\x80;'",
        b"/*!50003 'x;\n' */",
    ]
)
STATEMENTS = st.lists(
    st.lists(LITERALS, min_size=1, max_size=5).map(lambda parts: b"SELECT " + b", ".join(parts)),
    max_size=8,
)


@given(STATEMENTS, st.integers(1, 40), st.sampled_from([b";\n", b";\r\n", b";\n\n-- note\n"]))
def test_statements_come_back_however_the_bytes_arrive(
    written: list[bytes], size: int, end: bytes
) -> None:
    assert statements(b"".join(text + end for text in written), size) == written


ROWS = st.lists(st.sampled_from([b"'it\\'s);\n('", b"'\\\\'", b"7", b"'\"'", b"NULL"]), min_size=1)


@given(st.lists(ROWS, max_size=5), st.integers(1, 40))
def test_inserts_come_back_too(rows: list[list[bytes]], size: int) -> None:
    written = [b"INSERT INTO `t` VALUES\n(" + b"),\n(".join(row) + b")" for row in rows]
    assert statements(b"".join(text + b";\n" for text in written), size) == written


@given(STATEMENTS, st.integers(1, 40))
def test_another_delimiter_lets_semicolons_pass(written: list[bytes], size: int) -> None:
    body = b"BEGIN " + b";\n".join(written) + b";\nEND"
    text = b"DELIMITER ;;\n" + body + b" ;;\nDELIMITER ;\nSELECT 1;\n"
    assert statements(text, size) == [body, b"SELECT 1"]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_end(text: bytes, size: int) -> None:
    assert statements(text, size) == statements(text)


def test_the_last_statement_may_lack_its_delimiter() -> None:
    assert statements(b"SELECT 1;\nINSERT INTO t VALUES (1),\n(2)") == [
        b"SELECT 1",
        b"INSERT INTO t VALUES (1),\n(2)",
    ]


def test_header_and_trailer_are_read() -> None:
    script = Script(
        [
            b"/*M!999999\\- enable the sandbox mode */ \n"
            b"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
            b"-- Host: localhost    Database: shop\n"
            b"-- Server version\t10.11.6-MariaDB-0+deb12u1\n\n"
            b"SELECT 1;\n-- Dump completed on 2026-11-01  2:00:03\n"
        ]
    )
    assert list(script) == [b"SELECT 1"]
    assert (script.headers, script.trailers) == (1, 1)
    assert (script.vendor, script.database) == ("MariaDB", "shop")
    assert script.version == "10.11.6-MariaDB-0+deb12u1"


@pytest.mark.parametrize(
    "line", [b"\\! touch /x", b"system touch /x", b"source /etc/passwd", b"\\. /x", b"tee /x"]
)
def test_commands_of_the_client_are_set_aside(line: bytes) -> None:
    script = Script([b"SELECT 1;\n" + line + b"\nSELECT 2;\n"])
    assert list(script) == [b"SELECT 1", b"SELECT 2"]
    assert script.commands == [line]


def test_the_same_words_inside_a_statement_are_not_commands() -> None:
    text = b"INSERT INTO t VALUES ('\nsystem x\n\\\\! y\n')"
    script = Script([text + b";\n"])
    assert list(script) == [text]
    assert script.commands == []


def test_a_statement_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_module, "LIMIT", 1000)
    with pytest.raises(StatementTooLongError):
        list(Script(b"x" * 100 for _ in range(100)))


def test_skimming_reads_all_that_is_left() -> None:
    script = Script([b"SELECT 1;\n", b"SELECT 2;\n", b"-- Dump completed\n"])
    next(iter(script))
    script.skim()
    assert (script.statements, script.trailers, script.size) == (2, 1, 38)
