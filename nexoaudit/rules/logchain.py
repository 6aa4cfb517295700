"""The chain of binary logs: each is whole, and continues the one before it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nexoaudit.model.binlog import LogFile, break_between, log_number
from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Facts, Moment
from nexoaudit.model.verdict import NO_FACTS, Status
from nexoaudit.rules.problems import condition, leading_problem


class Held(NamedTuple):
    """One binary log at one location."""

    number: int
    copy: Copy
    log: LogFile | None
    """What its newest read found; None until these bytes have been read."""

    @property
    def awaited(self) -> bool:
        """Not read yet, and nothing is known to be wrong with it."""
        return self.log is None and condition(self.copy) is not Status.FAIL


class Breach(NamedTuple):
    """Where a chain ends though it should go on."""

    reason: str
    status: Status
    facts: Facts = NO_FACTS


class Run(NamedTuple):
    """Logs that follow one another without a gap."""

    logs: tuple[LogFile, ...]
    newest_ms: int
    """Time of the newest event in them; 0 when there is none."""
    breach: Breach | None


def hold(copies: Iterable[Copy], logs: Iterable[LogFile]) -> tuple[Held, ...]:
    """Return the binary logs of one series at one location, by number; sound ones come first."""
    known = {log.path: log for log in logs}
    found = (Held(log_number(copy.path), copy, known.get(copy.path)) for copy in copies)
    return tuple(sorted((held for held in found if held.number), key=_order))


def follow(files: Sequence[Held], first: int, dump_ms: int) -> Run:
    """Walk from the log numbered `first` to the newest one, or to the first gap.

    Logs behind a gap that were closed before `dump_ms` belong to a numbering that was given up.
    """
    chain: list[LogFile] = []
    newest = 0
    wanted = [held for held in files if held.number >= first]
    for index, held in enumerate(wanted):
        if chain and held.number == chain[-1].number:
            continue  # the same log once more, under another name
        expected = chain[-1].number + 1 if chain else first
        if held.number != expected and all(_ended_before(item, dump_ms) for item in wanted[index:]):
            break
        if held.awaited and all(item.awaited for item in wanted[index:]):
            break
        breach = _breach(held, expected, chain)
        if breach is not None or held.log is None:
            return Run(tuple(chain), newest, breach)
        chain.append(held.log)
        # No copy holds what happened after it was written, whatever its events claim.
        newest = min(held.log.last_ms, held.copy.mtime_ms)
    return Run(tuple(chain), newest, _open_end(chain))


def _breach(held: Held, expected: int, chain: list[LogFile]) -> Breach | None:
    facts: dict[str, str | int] = {"log": _name(held.copy.path)}
    if chain:
        facts["previous"] = _name(chain[-1].path)
    if held.number != expected:
        facts["missing"] = _renumbered(held.copy.path, expected)
        facts["count"] = held.number - expected
        return Breach("binlog.gap", Status.FAIL, facts)
    status = condition(held.copy)
    if held.copy.problems and status in {Status.FAIL, Status.UNVERIFIED}:
        facts |= {"path": held.copy.path, "location": held.copy.location}
        return Breach(leading_problem(held.copy), status, facts)
    if held.log is None:
        return Breach("binlog.unread", Status.UNVERIFIED, facts)
    return _joint(chain[-1], held.log, facts) if chain else None


def _joint(before: LogFile, log: LogFile, facts: dict[str, str | int]) -> Breach | None:
    """Return what shows that `log` does not continue `before`."""
    reason = break_between(before, log)
    own: dict[str, Facts] = {
        "binlog.foreign": {"server": str(log.server_id), "expected": str(before.server_id)},
        "binlog.older": {"first": Moment(log.first_ms)},
        "binlog.link": {"next": before.next_name},
    }
    if reason in {"binlog.left_open", "binlog.unclosed"}:
        facts = {"log": facts["previous"]}
    return Breach(reason, Status.FAIL, {**facts, **own.get(reason, {})}) if reason else None


def _open_end(chain: list[LogFile]) -> Breach | None:
    """Return a breach when the last log is not being written, and yet does not end as it must."""
    if not chain or chain[-1].in_use or chain[-1].ending:
        return None
    return Breach("binlog.unclosed", Status.FAIL, {"log": _name(chain[-1].path)})


def _ended_before(held: Held, moment_ms: int) -> bool:
    log = held.log
    return log is not None and bool(log.ending) and log.last_ms < moment_ms


def _order(held: Held) -> tuple[int, bool, str]:
    sound = held.log is not None and condition(held.copy) in {Status.PASS, Status.WARN}
    return held.number, not sound, held.copy.path


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _renumbered(path: str, number: int) -> str:
    """Return the name that the log of another number has beside `path`."""
    name = _name(path)
    own = str(log_number(path))
    start = name.rfind(own)
    padded = start
    while padded > 0 and name[padded - 1] == "0":
        padded -= 1
    width = start + len(own) - padded
    return f"{name[:padded]}{number:0{width}}{name[start + len(own) :]}"
