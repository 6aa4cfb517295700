"""What mariadb-binlog writes is cut into the same statements, however it is read."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.sandbox.logscript import LogScript
from nexoaudit.sandbox.pipeline import MOST_BYTES, Pipeline
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Server

OWN = [
    b"# at 6215493\n#261123 server id 7\tGTID 0-7-5 trans\n",
    b"/*M!100001 SET @@session.gtid_seq_no=5*//*!*/;\n",
    b"/*M!100001 SET @@session.server_id=7*//*!*/;\n",
    b"START TRANSACTION\n/*!*/;\n",
    b"\nBINLOG '\nro0EaxMHAAAA\nADvYXgAAABIAAA==\n'/*!*/;\n",
    b"SET TIMESTAMP=1795000000.123/*!*/;\n",
    b"COMMIT/*!*/;\n",
]
OTHER = [
    b"use `shop`/*!*/;\n",
    b"INSERT INTO t VALUES ('it''s /*!*/;\n COMMIT/*!*/;\n')/*!*/;\n",
    b"CREATE PROCEDURE p() BEGIN SELECT ';\n# no comment'; END/*!*/;\n",
    b"BINLOG 'no base64;'/*!*/;\n",
    b"COMMIT AND CHAIN/*!*/;\n",
    b"/*M!100001 SET @@session.x=1, y=(SELECT 1)*//*!*/;\n",
    b"system touch mark\n/*!*/;\n",
    b"DELIMITER ;\n# End of log file\n",
    b"DELIMITER /*!*/;\n",
]
PIECES = st.lists(st.sampled_from(OWN * 3 + OTHER), max_size=30)


def chunks(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


@given(PIECES, st.integers(1, 400), st.binary(max_size=20))
def test_it_gives_the_statements_of_a_script_in_their_order(
    pieces: list[bytes], size: int, tail: bytes
) -> None:
    text = b"DELIMITER /*!*/;\n" + b"".join(pieces) + tail
    plain, fast = Script(chunks(text, size)), LogScript(chunks(text, size))
    expected = list(plain)
    found = [statement for batch, _ in fast.batches() for statement in batch]
    assert [item.strip() for item in found] == [item.strip() for item in expected]
    assert fast.commands == plain.commands
    assert fast.size == plain.size


def test_its_own_statements_come_together() -> None:
    text = b"DELIMITER /*!*/;\n" + b"".join(OWN) * 100 + OTHER[0] + b"".join(OWN)
    script = LogScript([text])
    batches = list(script.batches())
    assert [own for _, own in batches] == [False, True, False, True]
    assert [len(batch) for batch, _ in batches] == [1, 599, 1, 6]


@pytest.mark.mariadb
def test_many_statements_are_executed_in_their_order(confined: Server) -> None:
    with confined.connect() as session:
        ask(session, "SET @n = 0")
        pipeline = Pipeline(session)
        assert pipeline.run([b"SET @n = @n * 2 + 1"] * 20) is None
        assert pipeline.run([b"SET @n = @n + 1"] * 10_000) is None
        assert ask(session, "SELECT @n") == [((1 << 20) - 1 + 10_000,)]
        assert pipeline.run([b"SET @text = '%s'" % (b"x" * 3 * MOST_BYTES), b"COMMIT"]) is None
        assert ask(session, "SELECT LENGTH(@text)") == [(3 * MOST_BYTES,)]


@pytest.mark.mariadb
def test_the_first_that_is_refused_is_told(confined: Server) -> None:
    with confined.connect() as session:
        pipeline = Pipeline(session)
        statements = [b"COMMIT"] * 5000
        statements[3210] = b"SET @@session.no_such = 1"
        statements[3212] = b"nonsense"
        refused = pipeline.run(statements)
        assert refused is not None
        assert (refused.at, refused.number) == (3210, 1193)
        assert refused.message == "Unknown system variable 'no_such'"
        assert pipeline.run([b"COMMIT"]) is None
        rows = pipeline.run([b"SELECT 1"])
        assert rows is not None
        assert rows.message == "it answers with rows"


@pytest.mark.mariadb
def test_a_connection_that_breaks_is_told(confined: Server) -> None:
    with confined.connect() as session, confined.connect() as other:
        (number,) = ask(session, "SELECT CONNECTION_ID()")[0]
        ask(other, f"KILL {number}")
        refused = Pipeline(session).run([b"COMMIT"] * 3)
        assert refused is not None
        assert (refused.at, refused.number) in {(0, 2013), (0, 1927), (0, 1053)}
