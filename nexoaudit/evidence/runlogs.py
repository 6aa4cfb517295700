"""The logs of the site's own jobs, to and from the ledger: what a day said is recorded once."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from nexoaudit.ledger import Draft, Entry
from nexoaudit.model.policy import Policy
from nexoaudit.model.runlog import RunLog, Said
from nexoaudit.state.runlogs import decode_said, encode_said

_HEAD = "log:"
_DAY = "logday:"


def log_drafts(log: RunLog, zone: tzinfo) -> Iterator[Draft]:
    """Yield the record of a log: one of how it was read, and one for each day in its `zone`."""
    head = {"outcome": log.outcome, "detail": log.detail, "from_ms": log.from_ms}
    yield Draft("live", _HEAD + log.path, head)
    days: dict[str, list[Said]] = {}
    for said in log.said:
        days.setdefault(_day(said.at_ms, zone), []).append(said)
    for day, told in days.items():
        yield Draft("live", f"{_DAY}{day}:{log.path}", {"said": encode_said(told)})


def recall_runlogs(live: Mapping[str, Entry], policy: Policy) -> dict[str, RunLog]:
    """Return by path what was last read of each log, from the newest live facts by subject."""
    zone = ZoneInfo(policy.site.timezone)
    wanted = {f"{_HEAD}{path}": path for path in policy.jobs.logs} if policy.jobs else {}
    heads: dict[str, RunLog] = {}
    days: dict[str, list[tuple[str, tuple[Said, ...]]]] = {}
    for subject, entry in live.items() if wanted else ():
        if subject in wanted:
            path = wanted[subject]
            heads[path] = RunLog(path, **entry.facts)
        elif subject.startswith(_DAY):
            day, _, path = subject.removeprefix(_DAY).partition(":")
            days.setdefault(path, []).append((day, decode_said(entry.facts["said"])))
    return {
        path: log._replace(said=tuple(_since(log, days.get(path, []), zone)))
        for path, log in heads.items()
    }


def _since(log: RunLog, days: list[tuple[str, tuple[Said, ...]]], zone: tzinfo) -> Iterator[Said]:
    """Yield what was said from where the log was read last."""
    if not log.from_ms:
        return
    first = _day(log.from_ms, zone)
    for day, said in sorted(days):
        if day >= first:
            yield from said


def _day(ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).date().isoformat()
