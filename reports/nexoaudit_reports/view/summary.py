"""The first page: what holds, what does not, and a few figures."""

from typing import NamedTuple

from nexoaudit.assess import COMPONENT_CONTROLS, SITE_CONTROLS
from nexoaudit.model.verdict import Status, Verdict, alarm, worst
from nexoaudit.points import is_proven
from nexoaudit.state.drills import decode_drill
from nexoaudit_reports.view.calendar import Calendar
from nexoaudit_reports.view.cut import Cut, polled
from nexoaudit_reports.view.proof import Proof
from nexoaudit_reports.view.restores import Restores, rto_ms
from nexoaudit_reports.view.words import HOLDING, Words

_LINES = 3
"""Sentences a group on the first page has room for."""
_CHIPS = 16
"""Components that the first page names."""
_NOTHING = "\N{EN DASH}"
_TEXT = 110
"""Characters of one of them: a long path must not push the figures off the page."""
_GROUPS = (
    ("fail", (Status.FAIL,)),
    ("warn", (Status.WARN,)),
    ("unverified", (Status.UNVERIFIED,)),
    ("unconfigured", (Status.UNCONFIGURED,)),
)


class Figure(NamedTuple):
    """One big number."""

    label: str
    value: str
    of: str
    status: str
    note: str


class Group(NamedTuple):
    """Controls of one status."""

    status: str
    title: str
    lines: tuple[tuple[str, str], ...]
    """Component and sentence."""
    more: str


class Summary(NamedTuple):
    """The first page."""

    status: str
    """The loudest status of the controls that count."""
    headline: str
    hold: int
    total: int
    holds: str
    counts: tuple[tuple[str, str, int], ...]
    """Status, word and number of controls."""
    notices: tuple[str, ...]
    """What a reader must know first."""
    figures: tuple[Figure, ...]
    groups: tuple[Group, ...]
    components: tuple[tuple[str, str, str], ...]
    """Name, status and word of each; of many, the loudest."""
    standing: str
    """What the policy itself cannot achieve; empty when it can."""


def summary(
    cut: Cut, words: Words, proof: Proof, calendar: Calendar, restores: Restores
) -> Summary:
    """Return the first page."""
    fields = _fields(cut)
    statuses = [worst(verdicts) for verdicts in fields.values()]
    hold = sum(1 for status in statuses if status in HOLDING)
    loudest = max(statuses, key=alarm, default=Status.UNVERIFIED)
    return Summary(
        status=loudest.value,
        headline=words.label(f"headline.{loudest.value}"),
        hold=hold,
        total=len(statuses),
        holds=words.label("summary.holds", hold=hold, total=len(statuses)),
        counts=tuple(
            (status.value, words.status(status), statuses.count(status)) for status in Status
        ),
        notices=_notices(cut, words),
        figures=(
            _points(cut, words, calendar),
            _copies(cut, words),
            _restores(words, restores),
            _exposure(cut, words, calendar),
            _time(cut, words, proof),
        ),
        groups=_groups(words, fields),
        components=_components(cut, words),
        standing=_standing(cut, words),
    )


def _fields(cut: Cut) -> dict[tuple[str, str], tuple[Verdict, ...]]:
    """Return the verdicts of each control of each component, the auditor's own as one."""
    fields = {
        (component.id, control): polled(cut.of(component.id, control))
        for component in cut.state.policy.components
        for control in COMPONENT_CONTROLS
    }
    site = ("auditor", *COMPONENT_CONTROLS, *SITE_CONTROLS)
    fields |= {("", control): cut.of("", control) for control in site}
    return {key: verdicts for key, verdicts in fields.items() if verdicts}


def _notices(cut: Cut, words: Words) -> tuple[str, ...]:
    found = []
    if not sum(cut.tally.values()):
        found.append(words.label("notice.no_evidence", newest=words.moment(cut.newest.ts)))
    elif cut.stale:
        found.append(words.label("notice.stale", newest=words.moment(cut.newest.ts)))
    if not cut.state.policy.components:
        found.append(words.label("notice.no_components"))
    if not cut.finished:
        found.append(words.label("notice.to_date", moment=words.moment(cut.moment_ms)))
    if cut.state.started_ms > cut.start_ms:
        found.append(words.label("notice.began", moment=words.moment(cut.state.started_ms)))
    return tuple(found)


def _groups(words: Words, fields: dict[tuple[str, str], tuple[Verdict, ...]]) -> tuple[Group, ...]:
    groups = []
    for name, statuses in _GROUPS:
        chosen = [
            (component, next(v for v in verdicts if v.status in statuses))
            for (component, _), verdicts in fields.items()
            if worst(verdicts) in statuses
        ]
        if name == "unconfigured":
            chosen = list({component: (component, v) for component, v in chosen}.values())
        if chosen:
            title = words.label(f"summary.{name}", count=len(chosen))
            lines = tuple((words.about(v), _short(words, v)) for _, v in chosen)
            hidden = len(lines) - _LINES
            more = words.label("summary.more", count=hidden) if hidden > 0 else ""
            groups.append(Group(name, title, lines[:_LINES], more))
    return tuple(groups)


def _components(cut: Cut, words: Words) -> tuple[tuple[str, str, str], ...]:
    judged = [
        (component.id, worst(polled(cut.of(component.id))))
        for component in cut.state.policy.components
    ]
    if len(judged) > _CHIPS:
        judged = sorted(judged, key=lambda item: alarm(item[1]), reverse=True)[:_CHIPS]
    return tuple((name, status.value, words.status(status)) for name, status in judged)


def _standing(cut: Cut, words: Words) -> str:
    found = [verdict for verdict in cut.verdicts if verdict.control == "objectives"]
    unmet = sum(1 for verdict in found if verdict.status in {Status.WARN, Status.FAIL})
    return words.label("summary.standing", count=unmet, total=len(found)) if unmet else ""


def _short(words: Words, verdict: Verdict) -> str:
    text = words.verdict(verdict)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _points(cut: Cut, words: Words, calendar: Calendar) -> Figure:
    made = sum(strip.made for strip in calendar.strips)
    due = sum(strip.due for strip in calendar.strips)
    unseen = sum(strip.unobserved for strip in calendar.strips)
    status = "pass" if made == due else "fail"
    if cut.stale or not due or (unseen and status == "pass"):
        status = "unverified"
    note = words.label("figure.points.unseen", count=unseen) if unseen else ""
    return _figure(words, "points", f"{made:,}", words.label("of", total=f"{due:,}"), status, note)


def _copies(cut: Cut, words: Words) -> Figure:
    held = [c for copies in cut.state.copies.values() for c in copies if c.finished]
    proven = sum(1 for copy in held if is_proven(copy))
    status = "unverified" if cut.stale or not held else ("pass" if proven == len(held) else "warn")
    if any(v.status is Status.FAIL for v in cut.verdicts if v.control == "checksum"):
        status = "fail"
    of = words.label("of", total=f"{len(held):,}")
    return _figure(words, "copies", f"{proven:,}", of, status)


def _restores(words: Words, restores: Restores) -> Figure:
    status = "unverified"
    if restores.total:
        status = "pass" if restores.passed == restores.total else "fail"
    note = ""
    if restores.absent:
        note = words.label("figure.restores.absent", count=len(restores.absent))
        status = "unverified" if status == "pass" else status
    of = words.label("of", total=restores.total)
    return _figure(words, "restores", str(restores.passed), of, status, note)


def _exposure(cut: Cut, words: Words, calendar: Calendar) -> Figure:
    """Show the component that came closest to its RPO, or went furthest beyond it."""
    worst_share, shown = 0.0, None
    for strip in calendar.strips:
        component = cut.state.policy.component(strip.component)
        if component.rpo_s and strip.longest_ms:
            share = strip.longest_ms / (component.rpo_s * 1000)
            if share > worst_share:
                worst_share, shown = share, (strip, component)
    if shown is None:
        return _figure(words, "exposure", _NOTHING, words.label("figure.not_known"), "unverified")
    strip, component = shown
    over = strip.longest_ms > (component.rpo_s + component.grace_s) * 1000
    status = "unverified" if cut.stale else ("warn" if over else "pass")
    limit = words.span(component.rpo_s * 1000)
    of = words.label("figure.of_rpo", rpo=limit, grace=words.span(component.grace_s * 1000))
    value = words.span(strip.longest_ms)
    return _figure(words, "exposure", value, of, status, component.id)


def _time(cut: Cut, words: Words, proof: Proof) -> Figure:
    """Show the restore that used most of its RTO."""
    used = []
    for entry in proof.drills:
        drill = decode_drill(entry.facts)
        limit_ms = rto_ms(cut, drill)
        if drill.outcome == "pass" and limit_ms:
            used.append(
                (
                    drill.duration_ms / limit_ms,
                    drill.duration_ms,
                    limit_ms,
                    drill.component or drill.scenario,
                )
            )
    if not used:
        return _figure(words, "time", _NOTHING, words.label("figure.not_known"), "unverified")
    share, duration_ms, limit_ms, component = max(used)
    status = "pass" if share <= 1 else "fail"
    of = words.label("of", total=words.span(limit_ms))
    return _figure(words, "time", words.span(duration_ms), of, status, component)


def _figure(words: Words, name: str, value: str, of: str, status: str, note: str = "") -> Figure:
    return Figure(words.label(f"figure.{name}"), value, of, status, note)
