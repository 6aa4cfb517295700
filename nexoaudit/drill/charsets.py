"""Whether text can have come through the dump as it was."""
# ruff: noqa: S608 - names are quoted by `quoted`; nothing else is put into a query

from collections.abc import Sequence

from nexoaudit.drill.objects import OURS
from nexoaudit.drill.record import Record
from nexoaudit.sandbox.query import LOST, QueryError, ask, quoted
from nexoaudit.sandbox.server import Session

_WHOLE = frozenset({"utf8mb4", "binary"})
"""What a dump can be written in without harm to any text."""
_BASIC = frozenset({"utf8", "utf8mb3"})
_BEYOND_BASIC = frozenset({"utf8mb4", "utf16", "utf16le", "utf32"})
_SAMPLE = 2000
"""So many rows of a table are looked at."""
_MOST_COLUMNS = 50
ACCENTED, GARBLED = "text.accented", "text.garbled"
"""Measures: of the rows looked at, how many hold accented letters, and such encoded twice."""
_ACCENT = "x'C3'"
"""Leads the accented letters of western languages in UTF-8."""
_DOUBLED = "x'C383C2'"
"""How an accented letter begins that was encoded as UTF-8 twice."""


def note_charsets(record: Record, session: Session, charsets: Sequence[str]) -> None:
    """Note what the character sets of the dump, `charsets`, cannot have held of the tables' text.

    Text that looks as if it had been encoded twice is noted too, and how much of it there is is
    recorded: by a look at some rows of each table, which proves nothing.
    Raise QueryError when the server is gone.
    """
    rows = ask(
        session,
        "SELECT c.table_schema, c.table_name, c.column_name, c.character_set_name"
        " FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name)"
        f" WHERE c.table_schema {OURS} AND t.table_type = 'BASE TABLE'"
        " AND c.character_set_name IS NOT NULL ORDER BY 1, 2, 3",
    )
    texts: dict[tuple[str, str], list[str]] = {}
    sets: dict[str, str] = {}
    for schema, table, column, charset in rows:
        sets.setdefault(str(charset), str(table))
        if charset in _BASIC | {"utf8mb4"}:
            texts.setdefault((str(schema), str(table)), []).append(str(column))
    _note_loss(record, sets, charsets)
    doubled: list[str] = []
    accented = garbled = 0
    for table, names in texts.items():
        with_accents, twice = _rows_of_note(record, session, table, names)
        accented, garbled = accented + with_accents, garbled + twice
        if twice:
            doubled.append(table[1])
    record.measures |= {ACCENTED: accented, GARBLED: garbled}
    if doubled:
        record.problem("drill.double_encoded", ", ".join(doubled))


def holds(written: str, column: str) -> bool:
    """Return whether a dump written in one character set holds all text of a column of another."""
    if written in _WHOLE or column in {written, "ascii"}:
        return True
    return written in _BASIC and column not in _BEYOND_BASIC


def _note_loss(record: Record, sets: dict[str, str], charsets: Sequence[str]) -> None:
    if not charsets and sets:
        record.problem("drill.no_charset", f"its tables are in {', '.join(sorted(sets))}")
    for written in charsets:
        lost = {column: table for column, table in sets.items() if not holds(written, column)}
        if lost:
            column, table = sorted(lost.items())[0]
            record.problem("drill.charset", f"it is in {written}, {table} in {column}")


def _rows_of_note(
    record: Record, session: Session, table: tuple[str, str], names: list[str]
) -> tuple[int, int]:
    """Return how many rows of a sample hold accented letters, and how many such encoded twice."""
    record.beat()
    columns = [quoted(name) for name in names[:_MOST_COLUMNS]]
    sample = f"SELECT {', '.join(columns)} FROM {quoted(*table)} LIMIT {_SAMPLE}"
    counts = (
        f"COUNT(CASE WHEN {' OR '.join(_holds(name, code) for name in columns)} THEN 1 END)"
        for code in (_ACCENT, _DOUBLED)
    )
    try:
        row = ask(session, f"SELECT {', '.join(counts)} FROM ({sample}) sample")[0]
    except QueryError as error:
        if error.number in LOST:
            raise
        return 0, 0  # a table that cannot be read is noted elsewhere
    return int(row[0]), int(row[1])


def _holds(column: str, code: str) -> str:
    return f"LOCATE({code}, CAST({column} AS BINARY))"
