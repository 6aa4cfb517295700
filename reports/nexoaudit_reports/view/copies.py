"""3-2-1 of each component's newest point: every location that should have it, and how it does."""

from typing import NamedTuple

from nexoaudit.holdings import NewestPoint, Share, newest_kept
from nexoaudit.model.copy import Copy
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status
from nexoaudit.wording.values import write_fact
from nexoaudit_reports.view.components import Mark, mark
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.places import PlaceView, how, place_views
from nexoaudit_reports.view.words import Words


class CopyLine(NamedTuple):
    """What one location has of the point."""

    location: str
    status: str
    word: str
    """How far it is proven, or what is wrong."""
    how: str
    looked: str
    sealed: str
    lock: str


class PointView(NamedTuple):
    """The newest point of one component."""

    component: str
    mark: Mark
    """Of the control `copies`."""
    title: str
    have: str
    """Copies, media and off-site copies against what the policy asks for."""
    note: str
    """Why there is no such point."""
    lines: tuple[CopyLine, ...]


class Copies(NamedTuple):
    """Places, and the copies of the newest points."""

    places: tuple[PlaceView, ...]
    points: tuple[PointView, ...]


def copies(cut: Cut, words: Words) -> Copies:
    """Return every location and every component of the policy."""
    return Copies(
        place_views(cut, words),
        tuple(_point(cut, words, component) for component in cut.state.policy.components),
    )


def _point(cut: Cut, words: Words, component: Component) -> PointView:
    verdicts = cut.of(component.id, "copies")
    view = PointView(component.id, mark(words, verdicts), "", "", "", ())
    if not component.configured:
        return view._replace(note=words.label("component.unconfigured"))
    if component.repository:
        return view._replace(note=words.label("point.repository"))
    if component.parts:
        return view._replace(note=words.label("point.parts", parts=", ".join(component.parts)))
    newest = newest_kept(cut.state, component, cut.moment_ms)
    if newest is None:
        return view._replace(note=words.label("point.none"))
    counted = next((v.facts for v in verdicts if "want_copies" in v.facts), None)
    figures = {name: write_fact(fact, cut.zone) for name, fact in (counted or {}).items()}
    return view._replace(
        title=_title(words, component, newest),
        have=words.label("point.have", **figures) if figures else "",
        lines=tuple(_line(cut, words, share) for share in newest.shares),
    )


def _title(words: Words, component: Component, newest: NewestPoint) -> str:
    key = "point.title_of" if len(component.series) > 1 else "point.title"
    return words.label(key, series=newest.series, point=words.moment(newest.time_ms))


def _line(cut: Cut, words: Words, share: Share) -> CopyLine:
    status = share.status
    if cut.stale and status is Status.PASS:
        status = Status.UNVERIFIED  # it was so once: nobody has looked at it since
    copy = share.copy
    if copy is None:
        said = words.label(f"share.{share.wrong}.how")
        word = words.label(f"share.{share.wrong}")
        return CopyLine(share.location.id, status.value, word, said, "", "", "")
    return CopyLine(
        share.location.id,
        status.value,
        _word(words, share, copy),
        _how(words, share, copy),
        words.moment(copy.verified_ms),
        _sealed(words, share, copy),
        _lock(words, copy),
    )


def _word(words: Words, share: Share, copy: Copy) -> str:
    if share.status is Status.PASS:
        return words.label(f"assurance.{int(copy.assurance)}")
    if share.location.kind == "attested":
        return words.label(f"assurance.{int(copy.assurance)}")
    return words.label("share.unverified" if share.wrong == "unproven" else f"share.{share.wrong}")


def _how(words: Words, share: Share, copy: Copy) -> str:
    key = f"share.{share.wrong}.how"
    text = words.label(key) if key in words.labels else how(words, share.location, copy)
    if copy.access:
        text += words.label("point.closed", access=words.label(f"access.{copy.access}"))
    return text


def _sealed(words: Words, share: Share, copy: Copy) -> str:
    """Return how a copy is encrypted; of bytes that are not proven nobody knows."""
    if copy.sealed:
        return copy.sealed
    seen = share.status is Status.PASS and share.location.kind != "attested"
    return words.label("no" if seen else "point.not_looked")


def _lock(words: Words, copy: Copy) -> str:
    if not copy.lock:
        return words.label("point.unlocked")
    key = "point.locked" if copy.locked_until_ms else "point.held"
    until = words.day(copy.locked_until_ms) if copy.locked_until_ms else ""
    return words.label(key, mode=copy.lock, until=until)
