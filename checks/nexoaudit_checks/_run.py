"""One poll: options, the verdicts on the state or on files, the answer."""

from datetime import UTC, datetime
from importlib import import_module

from nexoaudit.assess import (
    COMPONENT_CONTROLS,
    Limits,
    assess_auditor,
    assess_components,
    assess_site,
    assess_staleness,
)
from nexoaudit.errors import StateError
from nexoaudit.model.fact import Moment
from nexoaudit.model.moments import millis
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.state.read import chosen_path, read_state
from nexoaudit.wording.checks import check_words
from nexoaudit_checks import _deadline
from nexoaudit_checks._options import Options, Shown, UsageError, parse
from nexoaudit_checks._output import Answer, unknown
from nexoaudit_checks._perfdata import measure
from nexoaudit_checks._plugin import answer
from nexoaudit_checks._spec import Check, PathMode
from nexoaudit_checks._summary import Summary


def run(check: Check, argv: list[str], now: datetime | None, *, own: bool) -> Answer:
    """Return a check's answer; `own` says whether the process is, and so may have a deadline."""
    try:
        options = parse(check, argv)
        if own:
            _deadline.arm(check.name, options.timeout_s)
        moment = datetime.now(UTC) if now is None else now
        if check.path_mode is not None and options.path is not None:
            return _files(check, check.path_mode, options, moment)
        return _state(check, options, moment)
    except Shown as shown:
        return Answer(3, str(shown))
    except UsageError as error:
        return unknown(check.name, f"{error}; see {check.program} --help")
    except StateError as error:
        return unknown(check.name, str(error))


def _state(check: Check, options: Options, now: datetime) -> Answer:
    """Judge what the auditor last saw."""
    path = chosen_path(options.state)
    state = read_state(path)
    _refuse_strange(check, state, options)
    verdicts = _judge(check, state, options, millis(now))
    words = check_words(state.policy.site.language)
    mine = tuple(verdict for verdict in verdicts if verdict.control in check.controls)
    measures = measure(check.figures, mine, check.scope, by_subject=check.by_subject)
    zone = state.policy.site.timezone
    summary = Summary(verdicts, words, measures.totals, zone, check.scope)
    details = summary.details() if options.verbose else []
    if options.verbose > 1:
        details.append(summary.source(_source(path, state)))
    return answer(check.name, verdicts, measures.items, summary.line(check.control), details)


def _refuse_strange(check: Check, state: State, options: Options) -> None:
    """Raise UsageError for an id that the policy does not have."""
    located = check.scope == "location"
    known = {item.id for item in (state.policy.locations if located else state.policy.components)}
    strange = [name for name in options.chosen if name not in known]
    if strange:
        there = ", ".join(sorted(known)) or "none"
        raise UsageError(f"there is no {check.scope} {strange[0]}; there are: {there}")


def _files(check: Check, mode: PathMode, options: Options, now: datetime) -> Answer:
    """Judge the files of a pattern, without state and configuration."""
    words = check_words("en")
    verdicts: tuple[Verdict, ...] = import_module(mode.module).judge(options, now, words)
    measures = measure(mode.figures, verdicts)
    summary = Summary(verdicts, words, measures.totals)
    details = summary.details() if options.verbose else []
    return answer(check.name, verdicts, measures.items, summary.line(check.control), details)


def _judge(check: Check, state: State, options: Options, now_ms: int) -> tuple[Verdict, ...]:
    """Return the verdicts, the auditor's own staleness first."""
    if check.threshold.kind == "age":
        limits = Limits(warn_ms=options.warn, fail_ms=options.fail)
    else:
        limits = Limits(warn_count=options.warn, fail_count=options.fail)
    if check.control == "auditor":
        # OpenSSL takes 2 ms to load, and only this check needs a digest.
        from nexoaudit.state.digest import config_digest  # noqa: PLC0415

        return assess_auditor(state, now_ms, config_digest(state), limits)
    controls, chosen = check.controls, options.chosen
    if check.scope == "location":
        found = assess_site(state, now_ms, controls, subjects=chosen, limits=limits)
    else:
        of_each = [control for control in controls if control in COMPONENT_CONTROLS]
        found = assess_components(state, now_ms, controls=of_each, components=chosen, limits=limits)
        found += () if chosen else assess_site(state, now_ms, controls, limits=limits)
    if not found:
        asked = ", ".join(chosen) or f"no {check.scope} has this control"
        facts = {"detail": asked}
        found = (Verdict(check.control, "", Status.UNVERIFIED, "check.nothing", facts),)
    return assess_staleness(state, now_ms) + found


def _source(path: str, state: State) -> dict[str, str | int]:
    return {
        "path": path,
        "version": state.version,
        "heartbeat": Moment(state.heartbeat_ms),
        "entries": state.ledger_size,
        "root": state.ledger_root,
        "config": state.config_path,
    }
