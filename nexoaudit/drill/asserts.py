"""What the owner of a database says must hold, asked of what came back."""

from collections.abc import Sequence
from contextlib import ExitStack
from decimal import Decimal

from nexoaudit.drill.record import Record
from nexoaudit.model.assertion import Assertion
from nexoaudit.sandbox.query import LOST, QueryError, ask, quoted
from nexoaudit.sandbox.server import Session

ASSERT_S = 60
"""For so many seconds a question may take."""
_TOO_LATE = 1969
_NOT_TRUE = ("", "0", "0.0", "false")


def note_asserts(
    record: Record, session: Session, asserts: Sequence[Assertion], database: str
) -> None:
    """Note which of `asserts` do not hold, and which could not be asked.

    They are asked in `database`, in a transaction that may only read; the session is theirs alone.
    A question that the server refuses is a wrong question and says nothing about the backup. Raise
    QueryError when the server is gone.
    """
    if not asserts:
        return
    failed, refused = [], []
    ask(session, f"SET SESSION max_statement_time = {ASSERT_S}, sql_select_limit = 2")
    for item in asserts:
        record.beat()
        try:
            said = _asked(session, item, database)
        except QueryError as error:
            if error.number in LOST:
                raise
            refused.append(f"{item.name}: {_words(error)}")
        else:
            failed += [f"{item.name}: {said}"] if said else []
    record.measures |= {"asserts": len(asserts), "held": len(asserts) - len(failed) - len(refused)}
    if failed:
        record.problem("drill.assert_failed", "; ".join(failed))
    if refused:
        record.problem("drill.assert_refused", "; ".join(refused))


def _asked(session: Session, item: Assertion, database: str) -> str:
    """Return why an assertion does not hold; empty: it does."""
    with ExitStack() as stack:
        ask(session, f"USE {quoted(database)}")
        ask(session, "START TRANSACTION READ ONLY")
        stack.callback(ask, session, "ROLLBACK")
        rows = ask(session, item.sql)
    if item.must == "empty":
        return "there are rows, and must be none" if rows else ""
    if item.must == "nonempty":
        return "" if rows else "there is no row"
    if len(rows) != 1 or len(rows[0]) != 1:
        return "the answer is not one value"
    return _compared(rows[0][0], item)


def _compared(value: object, item: Assertion) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if item.must == "true":
        return "" if value is not None and text.strip() not in _NOT_TRUE else "it is not so"
    if value is not None and text == item.value:
        return ""
    # Restored text is nobody's to record; a number may be told.
    if isinstance(value, int | float | Decimal | None):
        return f"it must be {item.value} and is {'no value' if value is None else text}"
    return f"it must be {item.value}, and is not"


def _words(error: QueryError) -> str:
    if error.number == _TOO_LATE:
        return f"no answer within {ASSERT_S} seconds"
    return f"error {error.number}: {error}"
