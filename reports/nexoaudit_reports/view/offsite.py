"""Answers to the checklists' items about off-site copies: from what was seen there and judged."""

from nexoaudit.ledger import Entry
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status, Verdict, alarm, worst
from nexoaudit.points import is_proven, standing
from nexoaudit_reports.view.asked import Asked, Finding
from nexoaudit_reports.view.words import HOLDING

_DAILY_S = 86400


def offsite_configured(asked: Asked) -> Finding:
    """Every component that stores files names an off-site location, and that is what it claims."""
    policy, words = asked.cut.state.policy, asked.words
    lacking = [
        component.id
        for component in policy.components
        if not component.configured
        or (component.series and not _named(component) & {place.id for place in _places(asked)})
    ]
    if lacking or not asked.stored:
        text = words.label("probe.offsite_lacking", components=", ".join(lacking))
        return Finding(Status.FAIL, text, (asked.proof.policy,))
    text = words.label("probe.offsite_reached", count=len(asked.stored))
    places = [place for place in _places(asked) if place.kind != "attested"]
    unlisted = [place.id for place in places if place.id not in asked.cut.state.sweeps]
    if unlisted:
        text += words.label("probe.offsite_unlisted", locations=", ".join(unlisted))
    judged = _judged(asked)
    for verdict in judged:
        if verdict.status not in HOLDING:
            said = words.verdict(verdict).removeprefix(f"{verdict.subject}: ")
            text += words.label("probe.offsite_said", location=verdict.subject, said=said)
    entries: list[Entry] = [entry for item in judged for entry in asked.proof.entries(item)]
    status = worst(judged) if judged else Status.PASS
    if unlisted or asked.cut.stale:
        status = max(status, Status.UNVERIFIED, key=alarm)
    return Finding(status, text, (asked.proof.policy, *entries))


def offsite_encrypted(asked: Asked) -> Finding:
    """Every off-site copy that was looked at is encrypted, and its encryption has no fault."""
    places = {place.id for place in _places(asked) if place.kind != "attested"}
    there = [copy for copy in asked.held() if copy.location in places and copy.finished]
    looked_at = [copy for copy in there if copy.sealed or is_proven(copy)]
    if not looked_at:
        text = asked.words.label("probe.encrypted_none")
        return Finding(Status.UNVERIFIED, text, (asked.cut.newest,))
    sealed = [copy for copy in looked_at if copy.sealed]
    faulty = [copy for copy in sealed if standing(copy) is Status.FAIL]
    text = asked.words.label("probe.encrypted", sealed=len(sealed), total=len(looked_at))
    if faulty:
        text += asked.words.label("probe.encrypted_bad", count=len(faulty))
    if len(looked_at) < len(there):
        text += asked.words.label("probe.encrypted_open", count=len(there) - len(looked_at))
    whole = len(looked_at) == len(there) and not asked.cut.stale
    status = Status.PASS if whole else Status.UNVERIFIED
    if not sealed or faulty:
        status = Status.FAIL
    elif len(sealed) < len(looked_at):
        status = Status.WARN
    return Finding(status, text, (asked.cut.newest,))


def offsite_age(asked: Asked) -> Finding:
    """The newest proven off-site point of each daily component is within its RPO."""
    cut, words = asked.cut, asked.words
    places = {place.id for place in _places(asked)} - _elsewhere_in_name_only(asked)
    ages: dict[str, int] = {}
    late: list[str] = []
    for component in asked.stored:
        if not component.scheduled or not 0 < component.rpo_s <= _DAILY_S:
            continue
        held = asked.held(component)
        times = [copy.time_ms for copy in held if copy.location in places and is_proven(copy)]
        ages[component.id] = cut.moment_ms - max(times, default=0)
        if ages[component.id] > component.rpo_s * 1000:
            late.append(component.id)
    if not ages:
        return Finding(Status.UNVERIFIED, words.label("probe.offsite_nothing"))
    said = [
        f"{name}: {words.span(age) if age < cut.moment_ms else words.label('never')}"
        for name, age in ages.items()
    ]
    text = words.label("probe.offsite_age", ages=", ".join(said))
    if cut.stale:
        return Finding(Status.UNVERIFIED, text, (cut.newest,))
    return Finding(Status.FAIL if late else Status.PASS, text, (cut.newest,))


def _named(component: Component) -> set[str]:
    """Return every location a component names, those included of which only people know."""
    return {name for item in component.series for name in (*item.locations, *item.attested)}


def _places(asked: Asked) -> list[Location]:
    return [place for place in asked.cut.state.policy.locations if place.offsite]


def _judged(asked: Asked) -> tuple[Verdict, ...]:
    """Return what is judged of the off-site locations as such."""
    return tuple(asked.cut.of("", "offsite"))


def _elsewhere_in_name_only(asked: Asked) -> set[str]:
    """Return the locations that are called off-site and are the site, or another one of them."""
    wrong = {"offsite.same_host", "offsite.same_network", "offsite.one_place"}
    return {verdict.subject for verdict in _judged(asked) if verdict.reason in wrong}
