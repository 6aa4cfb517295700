"""Adds up what the statements of a dump say."""

from datetime import datetime

from nexoaudit.formats.dump import Dump, Span
from nexoaudit.formats.statement import Head
from nexoaudit.model.server import OWN, TRANSACTIONAL

MAX_NAMES = 10_000
"""Objects of one kind that are told apart; what comes after them is counted together."""
MAX_SPANS = 1000
MAX_PROPERTIES = 200
_PLURAL = {
    "table": "tables",
    "view": "views",
    "placeholder": "placeholders",
    "trigger": "triggers",
    "routine": "routines",
    "event": "events",
    "sequence": "sequences",
}
_NAMED = {"views", "triggers", "routines", "events", "sequences"}
_FACTS = ("engine", "version", "server", "database", "charset", "position", "gtid")
_OTHERS = ("", "(others)")

Key = tuple[str, str]
"""(database, name)."""


class Tally:
    """The running anatomy of a dump."""

    def __init__(self) -> None:
        self._names: dict[str, set[Key]] = {kind: set() for kind in _PLURAL}
        self._more = dict.fromkeys(_PLURAL, 0)
        self._inserts: dict[Key, list[int]] = {}
        self._facts = dict.fromkeys(_FACTS, "")
        self._use = ""
        self._known = False
        self._spans: list[Span] = []
        self._start = -1
        self._end = 0
        self._marked = False
        self._header = ""
        self._trailer = ""
        self._completed: datetime | None = None
        self._besides = {"account": 0, "drop_schema": 0, "schema": 0}
        self._definers: set[str] = set()
        self._unprotected: set[str] = set()
        self._laments = self._remarks = self._rubbish = 0

    def comment(self, head: Head, offset: int) -> None:
        """Add a comment that lies at `offset` in the content."""
        if head.kind == "header":
            self._begin(offset, "header")
            self._fact("engine", head.name)
            self._fact("version", head.database)
        elif head.kind == "trailer":
            self._trailer = "dated" if head.moment else "undated"
            self._completed = head.moment
            self._end = offset
        elif head.kind == "lament":
            self._laments += 1
        elif head.kind == "remark":
            self._remarks += 1
        else:
            self._fact(head.kind, head.name)

    def statement(self, head: Head, offset: int) -> list[int] | None:
        """Add a statement; for an insert, return the [statements, rows] to be counted up."""
        if head.kind == "rubbish":
            self._rubbish += 1
            return None
        self._known |= head.kind != ""
        if head.kind in {"use", "charset", "position", "gtid", "start", "end", "harmless"}:
            self._setting(head, offset)
            return None
        # Whatever makes or fills an object after the trailer is not covered by it.
        self._trailer = ""
        if head.kind in self._besides:
            self._besides[head.kind] += 1
        self._properties(head)
        if head.kind in _PLURAL:
            self._object(head.kind, self._key(head))
        if head.kind != "insert":
            return None
        key = self._key(head)
        if key not in self._inserts and len(self._inserts) >= MAX_NAMES:
            key = _OTHERS
        return self._inserts.setdefault(key, [0, 0])

    def result(self, size: int, *, finished: bool) -> Dump:
        """Return the anatomy of a content of `size` bytes; `finished`: no statement was cut."""
        if not finished or (self._trailer == "weak" and self._header != "weak"):
            self._trailer = ""
        self._close(size)
        tables = self._tables()
        counts = {
            plural: len(self._names[kind]) + self._more[kind] for kind, plural in _PLURAL.items()
        }
        counts["tables"] = max(counts["tables"], len(tables))
        counts["placeholders"] = len(self._names["placeholder"] - self._names["view"])
        return Dump(
            known=self._known or bool(self._header or self._trailer),
            spans=tuple(self._spans),
            header=self._header,
            trailer=self._trailer,
            completed=self._completed if self._trailer == "dated" else None,
            bare=finished and not (self._header or self._trailer or self._remarks),
            tables=tables,
            rubbish=self._rubbish,
            laments=self._laments,
            accounts=self._besides["account"],
            schemas=self._besides["schema"],
            drops=self._besides["drop_schema"],
            definers=tuple(sorted(self._definers)),
            unprotected=tuple(sorted(self._unprotected)),
            counts=tuple(sorted(counts.items())),
            names=tuple(
                (plural, tuple(sorted(name for _, name in self._names[kind])))
                for kind, plural in _PLURAL.items()
                if plural in _NAMED and not self._more[kind]
            ),
            **self._facts,
        )

    def _properties(self, head: Head) -> None:
        """Keep what an object has that may harm, in bounds; the server's own have it rightly."""
        if (head.database or self._use or self._facts["database"]) in OWN:
            return
        if head.definer and len(self._definers) < MAX_PROPERTIES:
            self._definers.add(head.definer)
        engine = head.engine.lower()
        if engine and engine not in TRANSACTIONAL and len(self._unprotected) < MAX_PROPERTIES:
            self._unprotected.add(f"{head.name} ({head.engine})")

    def _begin(self, offset: int, header: str) -> None:
        self._close(offset)
        self._start, self._marked = offset, False
        self._header = header if self._header in {"", header} else self._header
        self._trailer, self._completed = "", None

    def _close(self, offset: int) -> None:
        if self._start >= 0 and len(self._spans) < MAX_SPANS:
            closed = bool(self._trailer)
            self._spans.append(Span(self._start, self._end if closed else offset, closed))

    def _setting(self, head: Head, offset: int) -> None:
        if head.kind == "start":
            if self._start < 0 or self._marked:
                self._begin(offset, "weak")
            self._marked = True
        elif head.kind == "end":
            self._trailer = self._trailer or "weak"
            self._end = offset
        elif head.kind == "use":
            self._use = head.name
            self._fact("database", head.name)
        else:
            self._fact(head.kind, head.name)

    def _fact(self, name: str, value: str) -> None:
        if name in self._facts and not self._facts[name]:
            self._facts[name] = value

    def _key(self, head: Head) -> Key:
        return head.database or self._use, head.name

    def _object(self, kind: str, key: Key) -> None:
        names = self._names[kind]
        if len(names) < MAX_NAMES:
            names.add(key)
        elif key not in names:
            self._more[kind] += 1

    def _tables(self) -> tuple[tuple[str, int, int], ...]:
        keys = {*self._names["table"], *self._inserts}
        several = len({database for database, _ in keys - {_OTHERS}}) > 1
        rows = []
        for key in keys:
            name = f"{key[0]}.{key[1]}" if several and key[0] else key[1]
            numbers = self._inserts.get(key, [0, 0])
            rows.append((name, numbers[0], numbers[1]))
        return tuple(sorted(rows))
