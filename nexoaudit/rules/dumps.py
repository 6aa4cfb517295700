"""What a dump holds, against what policy expects and against the last good one."""

from collections.abc import Collection, Iterator

from nexoaudit.model.manifest import OTHERS, Manifest
from nexoaudit.model.policy import Component, Expect
from nexoaudit.model.verdict import Status
from nexoaudit.rules.counts import Compare, counted, fewer, swung
from nexoaudit.rules.finding import Finding, failed, listed, noted, warned
from nexoaudit.rules.leftout import left_out, without

_OBJECTS = ("views", "triggers", "routines", "events", "sequences")
_ACCENTS = 50
"""Accented letters that are needed to tell anything about a dump's text."""


def lacks(dump: Manifest, component: Component) -> list[Finding]:
    """Return what policy expects of every dump and this one does not hold."""
    found, expect = [], component.expect
    missing = [name for name in expect.tables if counted(dump.counts, name) is None]
    if missing:
        # A manifest that does not name every table cannot tell that one is missing.
        status = Status.UNVERIFIED if OTHERS in dump.counts else Status.FAIL
        found.append(
            Finding(
                status,
                "content.tables_missing",
                {"names": listed(missing), "count": len(missing)},
            )
        )
    for name, least in expect.min_rows:
        rows = counted(dump.counts, name)
        if rows is None or rows < least:
            found.append(failed("content.rows_below", name=name, rows=rows or 0, least=least))
    held = left_out(dump.counts, expect, str(dump.facts.get("database", "")))
    # Without a row it is a table's structure, which a restored site may need.
    if there := [name for name in held if dump.counts[name]]:
        found.append(noted("content.not_left_out", names=listed(there), count=len(there)))
    return found


def harm(dump: Manifest, component: Component) -> Iterator[Finding]:
    """Find what would harm whoever restores it, or makes it worth less than it looks.

    Engines are told of by the live server, where it is looked at.
    """
    if int(dump.facts.get("drops", 0)):
        yield warned("content.drops_database")
    count = int(dump.facts.get("unprotected", 0))
    if count and component.live is None:
        names = str(dump.facts.get("names.unprotected", ""))
        yield warned("content.engines", count=count, names=listed(names.split(", ")))


def losses(expect: Expect) -> Compare:
    """Return what compares two dumps, without the tables that policy leaves out of them."""

    def compare(now: Manifest, before: Manifest, unsteady: Collection[str]) -> list[Finding]:
        return _losses(without(now, expect), without(before, expect), unsteady)

    return compare


def _losses(now: Manifest, before: Manifest, unsteady: Collection[str]) -> list[Finding]:
    """Return what the dump `now` lost since the dump `before`, and notes about what changed."""
    database = str(now.facts.get("database", "")), str(before.facts.get("database", ""))
    if all(database) and database[0] != database[1]:
        return [failed("content.database", after=database[0], before=database[1])]
    return [
        *fewer(now, before, unsteady, few=0),
        *_swung(now, before, unsteady),
        *_objects(now, before),
        *_text(now, before),
        *_rest(now, before),
    ]


def _swung(now: Manifest, before: Manifest, unsteady: Collection[str]) -> Iterator[Finding]:
    """Tell of tables whose rows come and go that they went: nothing is lost with them."""
    found = swung(now, before, {*unsteady} & now.counts.keys())
    if found:
        name = max(found, key=lambda item: found[item][1] - found[item][0])
        after, earlier = found[name]
        yield noted("content.volatile", name=name, before=earlier, after=after, count=len(found))


def _objects(now: Manifest, before: Manifest) -> Iterator[Finding]:
    """Find views, triggers, routines and events that are gone: by name where both name them."""
    for kind in _OBJECTS:
        count, earlier = int(now.facts.get(kind, 0)), int(before.facts.get(kind, 0))
        gone = _names(before, kind) - _names(now, kind)
        if gone and len(_names(now, kind)) == count:
            yield failed("content.objects_gone", kind=kind, names=listed(gone), count=len(gone))
        elif count < earlier:
            yield failed("content.objects_fewer", kind=kind, before=earlier, after=count)


def _names(dump: Manifest, kind: str) -> set[str]:
    names = str(dump.facts.get(f"names.{kind}", ""))
    return set(names.split(", ")) if names else set()


def _text(now: Manifest, before: Manifest) -> Iterator[Finding]:
    charset = str(now.facts.get("charset", "")), str(before.facts.get("charset", ""))
    if charset[1] and charset[0] != charset[1] and not charset[0].startswith("utf8mb4"):
        yield failed("content.charset", after=charset[0] or "none", before=charset[1])
    accents, doubled = _accents(now)
    earlier, doubled_before = _accents(before)
    if earlier < _ACCENTS:
        return
    if doubled >= _ACCENTS and 5 * doubled > accents and 20 * doubled_before < earlier:
        yield failed("content.mojibake", doubled=doubled, accents=accents)
    # Measured against the size: text may be deleted, but not the accents alone.
    elif accents * before.raw_size * 10 < earlier * now.raw_size:
        yield failed("content.text_lost", after=accents, before=earlier)


def _accents(dump: Manifest) -> tuple[int, int]:
    return int(dump.facts.get("text.accents", 0)), int(dump.facts.get("text.doubled", 0))


def _rest(now: Manifest, before: Manifest) -> Iterator[Finding]:
    if now.facts.get("schemas") and not before.facts.get("schemas"):
        yield warned("content.makes_database")
    if before.facts.get("position") and not now.facts.get("position"):
        yield warned("content.no_position")
    for fact in ("engine", "version", "server"):
        values = str(now.facts.get(fact, "")), str(before.facts.get(fact, ""))
        if all(values) and values[0] != values[1]:
            yield noted("content.version", after=values[0], before=values[1])
            break
