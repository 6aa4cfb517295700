"""What an operator says lies on a medium, as the words of a statement."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit import evidence
from nexoaudit.auditor.session import Session
from nexoaudit.auditor.statements import statements
from nexoaudit.errors import ConfigError
from nexoaudit.evidence.digests import Known, recall_digests
from nexoaudit.evidence.media import ABOUT, Held, held_by
from nexoaudit.evidence.statements import Said, in_force
from nexoaudit.formats.digestlist import read_digests
from nexoaudit.formats.sidecar import Entry
from nexoaudit.model.statement import LEAVING, SKEW_MS

_SIDECARS = (".sha256", ".sha256sum", ".md5")
"""Ends of names that are no recovery points: lists that lie beside them."""


class Spoken(NamedTuple):
    """What the operator says, as given on the command line; times in milliseconds."""

    location: str
    barcode: str
    event: str
    until_ms: int
    place: str = ""
    """Empty: as was said of it last."""
    written_ms: int = 0
    """0: as was said of it last."""
    manifest: Path | None = None
    points: tuple[tuple[str, str], ...] = ()
    """(component, time as written)."""
    read_test: Path | None = None
    read_ms: int = 0
    supersedes: str = ""
    note: str = ""


class _Content(NamedTuple):
    """What is on it."""

    holds: tuple[Held, ...]
    unknown: tuple[str, ...]
    """Names of files that we never read."""


def medium_words(session: Session, spoken: Spoken) -> dict[str, Any]:
    """Return the words of a statement about a medium, its content looked up in the ledger.

    What is not said is taken from the last statement about the same medium. Raise ConfigError
    for what makes no sense: a location that is none, a point that was never seen, a time to come.
    """
    before = _before(session, spoken)
    written_ms = spoken.written_ms or (before.words["medium"]["written_ms"] if before else 0)
    now_ms = evidence.millis(session.clock())
    _refuse(session, spoken, written_ms, now_ms)
    known = recall_digests(session.ledger, session.ledger.size)
    content = _content(session, spoken, known, before)
    place = spoken.place or (before.words["medium"]["place"] if before else "")
    return {
        "about": ABOUT,
        "location": spoken.location,
        "medium": {
            "barcode": spoken.barcode,
            "event": spoken.event,
            "place": spoken.place if spoken.event in LEAVING else place,
            "written_ms": written_ms,
        },
        "holds": [list(held) for held in content.holds],
        "unknown": len(content.unknown),
        "first_unknown": min(content.unknown, default=""),
        "read_test": _read_test(spoken, known, now_ms),
        "until_ms": spoken.until_ms,
        "supersedes": spoken.supersedes,
        "note": spoken.note,
    }


def _before(session: Session, spoken: Spoken) -> Said | None:
    """Return the last statement about the same medium that counts, wherever it was then."""
    found = [
        said
        for said in in_force(statements(session))
        if said.about == ABOUT
        and said.counts
        and said.words["medium"]["barcode"] == spoken.barcode
        and said.words["medium"]["event"] not in LEAVING
    ]
    return found[-1] if found else None


def _refuse(session: Session, spoken: Spoken, written_ms: int, now_ms: int) -> None:
    places = {item.id: item.kind for item in session.policy.locations}
    if places.get(spoken.location) != "attested":
        known = ", ".join(name for name, kind in places.items() if kind == "attested") or "none"
        said = f"{spoken.location!r} is no location of kind attested; there are: {known}"
        raise ConfigError((said,))
    if spoken.event in LEAVING:
        return
    if not written_ms:
        raise ConfigError(("say when the medium was written: give --written",))
    if written_ms > now_ms + SKEW_MS:
        raise ConfigError(("the medium cannot have been written in the future: see --written",))
    if spoken.read_test is not None and not written_ms <= spoken.read_ms <= now_ms + SKEW_MS:
        said = "it cannot be read back before it was written, nor in the future: see --read-at"
        raise ConfigError((said,))


def _content(session: Session, spoken: Spoken, known: Known, before: Said | None) -> _Content:
    """Return what is on the medium: as listed, as named, or as said before; and what was read."""
    if spoken.event in LEAVING:
        return _Content((), ())
    zone = ZoneInfo(session.policy.site.timezone)
    listed = () if spoken.manifest is None else _read(spoken.manifest)
    read = () if spoken.read_test is None else _read(spoken.read_test)
    named = [_point(name, time, known.points, zone) for name, time in spoken.points]
    holds: dict[Held, None] = {}
    unknown: dict[str, None] = {}
    if not listed and not named and before is not None:
        holds |= dict.fromkeys(held_by(before))
        unknown |= dict.fromkeys([before.words["first_unknown"]] * bool(before.words["unknown"]))
    names = {entry.name for entry in listed}
    again = (entry for entry in read if entry.name not in names)
    for entry in (*listed, *again):
        if entry.digest in known.proven:
            holds[known.proven[entry.digest]] = None
        elif not entry.name.endswith(_SIDECARS):
            unknown[_printable(entry.name)] = None
    holds |= dict.fromkeys(named)
    if not holds and not unknown:
        raise ConfigError(("say what is on it: give --manifest, --point or --read-test",))
    return _Content(tuple(holds), tuple(unknown))


def _read_test(spoken: Spoken, known: Known, now_ms: int) -> Mapping[str, Any]:
    """Return what reading the medium back found; nothing when it was not read."""
    if spoken.read_test is None:
        return {}
    entries = _read(spoken.read_test)
    written = {} if spoken.manifest is None else _by_name(_read(spoken.manifest))
    wrong = sorted(
        name
        for name, digest in _by_name(entries).items()
        if name in written and written[name] != digest
    )
    good = {entry.digest for entry in entries if entry.digest in known.proven}
    return {
        "at_ms": spoken.read_ms or now_ms,
        "outcome": "failed" if wrong else "ok",
        "digests": sorted(good),
        "files": len(entries),
        "wrong": len(wrong),
        "first_wrong": _printable(wrong[0]) if wrong else "",
    }


def _by_name(entries: Iterable[Entry]) -> dict[str, str]:
    return {entry.name: entry.digest for entry in entries}


def _read(path: Path) -> tuple[Entry, ...]:
    try:
        return read_digests(path)
    except ValueError as error:
        raise ConfigError((str(error),)) from error


def _point(component: str, time: str, points: Iterable[Held], zone: tzinfo) -> Held:
    """Return the point of a component whose time begins as written, on the site's clock."""
    mine = [held for held in points if held.component == component]
    stamps = {held: _stamp(held, zone) for held in mine}
    wanted = time.replace("T", " ")
    found = {(held.series, held.path): held for held in mine if stamps[held].startswith(wanted)}
    if len(found) == 1:
        return next(iter(found.values()))
    near = ", ".join(sorted(set(stamps.values()))[-3:]) or "none"
    many = f"{len(found)} points of" if found else "no point was ever seen of"
    raise ConfigError((f"{many} {component!r} at {time!r}; the newest: {near}",))


def _stamp(held: Held, zone: tzinfo) -> str:
    return evidence.moment(held.time_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _printable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
