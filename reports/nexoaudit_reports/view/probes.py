"""Answers to checklist items that no single control gives."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from nexoaudit.assess import is_drilled
from nexoaudit.ledger import Entry
from nexoaudit.model.copy import Assurance
from nexoaudit.model.drill import CONTENTS
from nexoaudit.model.verdict import Status, alarm
from nexoaudit.points import is_usable
from nexoaudit.state.drills import decode_drill
from nexoaudit_reports.view.asked import Asked, Finding
from nexoaudit_reports.view.cut import DAY_MS
from nexoaudit_reports.view.offsite import offsite_age, offsite_configured, offsite_encrypted
from nexoaudit_reports.view.restores import outcome

_CERTIFICATE = re.compile(r"ssl|tls|cert|letsencrypt|\.pem$|\.crt$|\.key$", re.IGNORECASE)


def points_made(asked: Asked) -> Finding:
    """Every recovery point that was due in the period was made."""
    strips = asked.calendar.strips
    made, due = sum(strip.made for strip in strips), sum(strip.due for strip in strips)
    text = asked.words.label("probe.points", made=made, due=due)
    unseen = sum(strip.unobserved for strip in strips)
    if unseen:
        text += asked.words.label("probe.points_unseen", count=unseen)
    blind = [item.id for item in asked.cut.state.policy.components if not item.configured]
    if blind:
        text += asked.words.label("probe.points_blind", components=", ".join(blind))
    status = Status.PASS if made == due else Status.FAIL
    if asked.cut.stale or not due or ((blind or unseen) and made == due):
        status = Status.UNVERIFIED
    return Finding(status, text, (asked.cut.newest,))


def verified(asked: Asked) -> Finding:
    """Copies were read in the period, and none that is there waits for its first read."""
    count = asked.cut.tally.get("copy.verified", 0)
    told = {place.id for place in asked.cut.state.policy.locations if place.kind == "attested"}
    held = [copy for copy in asked.held() if copy.finished and copy.location not in told]
    unread = sum(1 for copy in held if not copy.verified_ms)
    text = asked.words.label("probe.verified", count=count, unread=unread)
    if not count or asked.cut.stale:
        return Finding(Status.UNVERIFIED, text, (asked.cut.newest,))
    return Finding(Status.PASS if not unread else Status.WARN, text, (asked.cut.newest,))


def restores_run(asked: Asked) -> Finding:
    """A test restore was run in the last month, whatever came of it."""
    since_ms = asked.cut.moment_ms - 35 * DAY_MS
    found = [
        entry
        for entry in asked.proof.recent_drills
        if entry.ts >= since_ms and entry.facts["kind"] != CONTENTS
    ]
    text = asked.words.label(
        "probe.restores_run", count=len(found), schedule=asked.cut.state.policy.auditor.drill
    )
    return Finding(Status.PASS if found else Status.FAIL, text, tuple(found))


def restores_of_month(asked: Asked) -> Finding:
    """Each component that can be test-restored was, in the period, and every restore was good."""
    return _restores(asked, asked.proof.drills, "probe.restores_of_month")


def recovery_tested(asked: Asked) -> Finding:
    """The whole was recovered in the last 90 days: restores of single components do not count."""
    site = [v for v in asked.cut.of("", "recovery") if not v.subject]
    worst = max(site, key=lambda verdict: alarm(verdict.status))
    known = worst.status is Status.PASS or worst.reason == "auditor.stale"
    status = worst.status if known else Status.FAIL  # the question is one of yes or no
    return Finding(status, asked.words.verdict(worst), tuple(asked.proof.entries(worst)))


def _restores(asked: Asked, entries: tuple[Entry, ...], label: str) -> Finding:
    cut = asked.cut
    done = [decode_drill(entry.facts) for entry in entries]
    results = [outcome(cut, drill) for drill in done]
    wanted = {component.id for component in cut.state.policy.components if is_drilled(component)}
    lacking = sorted(wanted - {drill.component for drill in done if drill.kind != CONTENTS})
    text = asked.words.label(label, passed=results.count(Status.PASS), total=len(results))
    if lacking:
        text += asked.words.label("probe.restores_lacking", components=", ".join(lacking))
    status = max(results, key=alarm, default=Status.FAIL)
    if lacking and status is Status.PASS:
        status = Status.UNVERIFIED
    return Finding(status, text, entries)


def certificates(asked: Asked) -> Finding | None:
    """Some component expects certificates, and its newest copy has all it expects.

    None, a question for a person, when no component expects any.
    """
    for component in asked.stored:
        paths = [path for path in component.expect.paths if _CERTIFICATE.search(path)]
        if not paths:
            continue
        held = [copy for copy in asked.held(component) if is_usable(copy)]
        newest = max(held, key=lambda copy: copy.time_ms, default=None)
        sound = newest is not None and newest.assurance >= Assurance.COMPLETE
        text = asked.words.label(
            "probe.certificates", paths=", ".join(paths), component=component.id
        )
        good = sound and not asked.cut.stale
        return Finding(Status.PASS if good else Status.UNVERIFIED, text, (asked.proof.policy,))
    return None


PROBES: Mapping[str, Callable[[Asked], Finding | None]] = MappingProxyType(
    {
        probe.__name__: probe
        for probe in (
            points_made,
            offsite_configured,
            offsite_encrypted,
            verified,
            restores_run,
            restores_of_month,
            recovery_tested,
            offsite_age,
            certificates,
        )
    }
)
"""By the name that checklists.toml uses."""
