"""What there is on the live server, against what a dump holds: names, as it shows no rows."""

from typing import NamedTuple

from nexoaudit.model.manifest import OTHERS, Manifest
from nexoaudit.model.policy import Expect
from nexoaudit.model.server import OBJECTS, OWN, Server
from nexoaudit.rules.coverage import databases_of
from nexoaudit.rules.leftout import left_out


class Presence(NamedTuple):
    """How a dump compares with the live server."""

    missing: tuple[tuple[str, str], ...]
    """Sorted (kind, name) of what is there and not in the dump."""
    settled: bool
    """Every kind of object could be compared: what is not missing is known to be there."""
    since_ms: int
    seen_ms: int
    """From when to when the server was seen to be as it was compared."""


def compare(dump: Manifest, server: Server | None, expect: Expect) -> Presence:
    """Compare a dump with its databases on the live server, as far as both name their objects.

    Tables that policy leaves out are not missed.
    """
    if server is None or not server.since_ms:
        return Presence((), settled=False, since_ms=0, seen_ms=0)
    missing: list[tuple[str, str]] = []
    names = databases_of(dump) - OWN
    settled = bool(names)
    for name in names:
        schema = server.schema(name)
        for kind in OBJECTS:
            there = schema.names(kind) if schema is not None else None
            held = _held(dump, kind, name)
            if there is None or held is None:
                settled = False
            else:
                spared = left_out(there, expect, name) if kind == "tables" else frozenset()
                missing += [(kind, item) for item in there if item not in held | spared]
    return Presence(tuple(sorted(missing)), settled, server.since_ms, server.seen_ms)


def _held(dump: Manifest, kind: str, database: str) -> frozenset[str] | None:
    """Return the names of a kind that a dump holds; None when it does not name them all."""
    if kind == "tables":
        if OTHERS in dump.counts:
            return None
        return frozenset(name.removeprefix(f"{database}.") for name in dump.counts)
    names = str(dump.facts.get(f"names.{kind}", ""))
    found = frozenset(names.split(", ")) if names else frozenset()
    return found if len(found) >= int(dump.facts.get(kind, 0)) else None
