"""How the live server writes its binary logs, as far as recovery to a point in time needs it."""

from collections.abc import Iterator
from itertools import pairwise

from nexoaudit.model.fact import Fact, Span
from nexoaudit.model.policy import Component
from nexoaudit.model.server import Logging, Server
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status
from nexoaudit.rules import coverage
from nexoaudit.rules.finding import Finding, failed, listed, warned


def faults(state: State, component: Component, server: Server) -> Iterator[Finding]:
    """Find how a server does not write what the binary logs `component` need.

    Nothing is said of a server that was never looked at, or of settings that are unknown.
    """
    logging = server.logging
    if logging is None:
        return
    if not logging.on:
        yield failed("binlog.off")
        return
    yield from _format(logging)
    yield from _expiry(state, component, logging)
    left_out = {
        name
        for name in coverage.of_server(state, server)
        if name in (logging.ignored or ()) or (logging.only and name not in logging.only)
    }
    if left_out:
        yield failed("binlog.left_out", names=listed(left_out))


def _format(logging: Logging) -> Iterator[Finding]:
    """Statements may do something else when they are run again; only rows say what was done."""
    if logging.format == "STATEMENT":
        yield failed("binlog.format", format=logging.format)
    elif logging.format not in {"ROW", ""}:
        yield warned("binlog.format", format=logging.format)


def _expiry(state: State, component: Component, logging: Logging) -> Iterator[Finding]:
    if not logging.expiry_s:
        return
    facts: dict[str, Fact] = {"expiry": Span(logging.expiry_s * 1000)}
    slots = state.slots.get(component.id, ())
    longest = max((after - before for before, after in pairwise(slots)), default=0)
    if logging.expiry_s * 1000 < longest + component.grace_s * 1000:
        span = Span(longest)
        yield Finding(Status.FAIL, "binlog.expires_before_copy", {**facts, "interval": span})
        return
    keep_s = max((series.keep_s for series in component.series), default=0)
    if logging.expiry_s < keep_s:
        keep = Span(keep_s * 1000)
        yield Finding(Status.WARN, "binlog.expires_early", {**facts, "keep": keep})
