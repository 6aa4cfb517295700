"""Which binary logs lead on from a dump, and what a scenario leaves of them."""

from nexoaudit.auditor.scene import Part, Scene
from nexoaudit.drill.logs import Log
from nexoaudit.drill.onward import Onward
from nexoaudit.drill.point_in_time import Start
from nexoaudit.formats.names import unsealed
from nexoaudit.model.binlog import log_number
from nexoaudit.model.state import Holding, State
from nexoaudit.outlook import has_logs, position_of, replay, spares_host

_CLOCK_MS = 2 * 3_600_000
"""A dump's name is local time: one hour of each autumn comes twice."""

NO_POSITION = "the dump does not say where in the binary logs it was made: add --master-data=2"
NOT_LEFT = "no binary log from {log} on is left"


def leads_on(known: State, found: Scene, part: Part) -> Onward | str:
    """Return the logs that a scenario leaves after a part's dump, gaps and all.

    Where nothing can be replayed: words that say why; none where a site has no binary logs.
    """
    if part.kind != "database" or not has_logs(known):
        return ""
    position = position_of(known, part.component, part.copy)
    best = replay(known, found.state, part.component, part.copy)
    if position is None or best is None:
        return NO_POSITION
    policy = known.policy
    start = Start(policy.location(part.copy.location), part.copy, position)
    logs = logs_after(found.state, best.holding, start)
    if not logs:
        return NOT_LEFT.format(log=position.log)
    place = policy.location(best.holding[2])
    return Onward(place, logs, position, damaged=spares_host(found.scenario))


def logs_after(state: State, holding: Holding, start: Start) -> tuple[Log, ...]:
    """Return the finished logs from that of a dump on, by number.

    Those behind a gap that ended before the dump was made are of an earlier numbering: left out.
    """
    oldest_ms = start.copy.time_ms - _CLOCK_MS
    known = {log.path: log for log in state.logs.get(holding, ())}
    old = {path for path, log in known.items() if log.ending and log.last_ms < oldest_ms}
    held = [
        Log(log_number(unsealed(copy.path)), copy)
        for copy in state.copies.get(holding, ())
        if copy.finished and log_number(unsealed(copy.path))
    ]
    wanted = [log for log in held if log.number >= log_number(start.position.log)]
    wanted.sort(key=lambda log: (log.number, log.copy.path))
    end = len(wanted)
    for index in range(end - 1, 0, -1):
        if wanted[index].copy.path not in old:
            break
        if wanted[index].number > wanted[index - 1].number + 1:
            end = index
    return tuple(wanted[:end])
