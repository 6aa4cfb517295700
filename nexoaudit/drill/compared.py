"""What came back, against what the last good drill of the same series brought back."""

from collections.abc import Iterator, Mapping

from nexoaudit.drill.charsets import ACCENTED, GARBLED
from nexoaudit.drill.record import Record
from nexoaudit.drill.terms import Terms
from nexoaudit.model.collapse import is_collapsed
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Fact

_OBJECTS = ("views", "triggers", "routines", "events")
ROWS = "rows."
"""Begins the measures that are the numbers of rows of tables."""
_TEXTS = 20
"""Of fewer rows with accented letters nothing can be said."""


def note_losses(record: Record, terms: Terms, database: str = "") -> None:
    """Note what was there at the last good drill, by the measures of both, and is not any more.

    Tables are those of `database`, where they are named without one.

    That the tables are made in another way is a note: they are, with every new version of a site.
    """
    before = terms.before
    if before is None:
        return
    now, then = record.measures, dict(before.measures)
    gone = _gone_tables(now, then, terms, database)
    _note_gone(record, now, then, gone)
    shrunk = [
        f"{name} has {count}, had {earlier}"
        for name, count, earlier in _fewer(now, then)
        if name not in terms.unsteady and (not count or is_collapsed(count, earlier))
    ]
    total, earlier = (_steady_rows(measures, terms) for measures in (now, then))
    if not shrunk and is_collapsed(total, earlier):
        shrunk = [f"all tables have {total} rows, had {earlier}"]
    if shrunk:
        record.problem("drill.rows_collapsed", "; ".join(shrunk))
    _note_garbled(record, now, then)
    if strange := sorted(_listed(now, "definers") - _listed(then, "definers")):
        record.problem("drill.definers_new", ", ".join(strange))
    same_server = now.get("server") == then.get("server")
    if same_server and then.get("schema") not in {None, now.get("schema")}:
        record.problem("drill.schema_changed", _when(before))


def _gone_tables(
    now: Mapping[str, Fact], then: Mapping[str, Fact], terms: Terms, database: str
) -> list[str]:
    # Of many tables the largest are named only: what is not named may just be small.
    if _number(now, "tables") > len(_tables(now)):
        return []
    gone = _tables(then) - _tables(now)
    return sorted(name for name in gone if not terms.expect.leaves_out(name, database))


def _note_gone(
    record: Record, now: Mapping[str, Fact], then: Mapping[str, Fact], gone: list[str]
) -> None:
    said = [f"tables: {', '.join(gone)}"] if gone else []
    for kind in _OBJECTS:
        names, earlier = _names(now, kind), _names(then, kind)
        missing = sorted(earlier - names)
        if missing and len(names) == _number(now, kind):
            said.append(f"{kind}: {', '.join(missing)}")
        elif _number(now, kind) < _number(then, kind):
            said.append(f"{kind}: {_number(now, kind)}, were {_number(then, kind)}")
    if said:
        record.problem("drill.objects_gone", "; ".join(said))


def _note_garbled(record: Record, now: Mapping[str, Fact], then: Mapping[str, Fact]) -> None:
    """Note text that came through a wrong character set since: old damage is in the data itself."""
    accented, garbled = _number(now, ACCENTED), _number(now, GARBLED)
    earlier, garbled_then = _number(then, ACCENTED), _number(then, GARBLED)
    if earlier < _TEXTS or 20 * garbled_then >= earlier:
        return
    if garbled >= _TEXTS and 5 * garbled > accented:
        said = f"{garbled} of {accented} rows with accented letters, were {garbled_then}"
        record.problem("drill.garbled", said)


def _fewer(now: Mapping[str, Fact], then: Mapping[str, Fact]) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each table in both that has fewer rows, with the numbers now and then."""
    for name in sorted(_tables(now) & _tables(then)):
        count, earlier = _number(now, ROWS + name), _number(then, ROWS + name)
        if count < earlier:
            yield name, count, earlier


def _steady_rows(measures: Mapping[str, Fact], terms: Terms) -> int:
    passing = _tables(measures) & {*terms.unsteady}
    return _number(measures, "rows") - sum(_number(measures, ROWS + name) for name in passing)


def _tables(measures: Mapping[str, Fact]) -> set[str]:
    return {name.removeprefix(ROWS) for name in measures if name.startswith(ROWS)}


def _names(measures: Mapping[str, Fact], kind: str) -> set[str]:
    return _listed(measures, f"names.{kind}")


def _listed(measures: Mapping[str, Fact], name: str) -> set[str]:
    text = str(measures.get(name, ""))
    return set(text.split(", ")) if text else set()


def _number(measures: Mapping[str, Fact], name: str) -> int:
    value = measures.get(name, 0)
    return value if isinstance(value, int) else 0


def _when(before: Drill) -> str:
    return f"since the drill of {before.path}"
