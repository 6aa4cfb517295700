"""Observations of live servers to and from the ledger."""

from collections.abc import Mapping

from nexoaudit.ledger import Draft, Entry, Ledger
from nexoaudit.model.policy import Policy
from nexoaudit.model.server import Server
from nexoaudit.state.servers import decode_server, encode_facts

_NOUN = "server"


def server_draft(server: Server) -> Draft:
    """Return the record of a server that was looked at, or could not be."""
    subject = f"{_NOUN}:{server.component}"
    if server.failed_ms:
        facts = {"outcome": "failed", "place": server.place, "reason": server.reason}
        return Draft("live", subject, {**facts, "detail": server.detail})
    return Draft("live", subject, {"outcome": "complete", **encode_facts(server)})


def recall_servers(
    ledger: Ledger, size: int, live: Mapping[str, Entry], policy: Policy
) -> Mapping[str, Server]:
    """Return the servers of the components that have a login, as far as they were looked at."""
    found = {}
    for component in policy.components:
        entry = live.get(f"{_NOUN}:{component.id}")
        if component.live is not None and entry is not None:
            found[component.id] = _server(ledger, size, component.id, entry)
    return found


def _server(ledger: Ledger, size: int, component: str, newest: Entry) -> Server:
    if newest.facts["outcome"] == "complete":
        return _known(component, newest, _last_look(ledger, size))
    known = ledger.last_where("live", newest.subject, "outcome", "complete", size=newest.idx)
    server = Server(component, newest.facts["place"])
    if known is not None and known.facts["place"] == server.place:
        server = _known(component, known, _last_look(ledger, ledger.size_at(newest.ts)))
    return server._replace(
        failed_ms=newest.ts, reason=newest.facts["reason"], detail=newest.facts["detail"]
    )


def _known(component: str, entry: Entry, looked_ms: int) -> Server:
    facts = {name: value for name, value in entry.facts.items() if name != "outcome"}
    seen_ms = max(entry.ts, looked_ms)
    return decode_server(
        {"component": component, "since_ms": entry.ts, "seen_ms": seen_ms, **facts}
    )


def _last_look(ledger: Ledger, size: int) -> int:
    """Return the moment of the last sweep: every audit sweeps, and looks at the servers too."""
    return max((entry.ts for entry in ledger.latest(("sweep",), size=size)), default=0)
