"""Binary logs as the proof of their continuity needs them."""

from typing import NamedTuple

BACKWARDS_MS = 86_400_000
"""A log is dated by the statement that opened it, which may have begun long before."""


class LogFile(NamedTuple):
    """One binary log, as its newest complete read found it."""

    path: str
    """Of the copy, relative to its location."""
    number: int
    """Of its name: logs are numbered one after another."""
    first_ms: int
    last_ms: int
    """Times of the first and last event, UTC."""
    end: int
    """Offset at which its last whole event ends."""
    server_id: int
    in_use: bool
    """Copied while the server had it open, or left so by a crash."""
    ending: str
    """The event that closes it: `rotate`, `stop`; or empty."""
    next_name: str
    """Name of the log that follows, where the server says so."""
    checksums: bool
    """Each of its events was checked by its own checksum."""
    before: str
    """The transactions before it: ids, `none`, or empty when it does not say."""
    after: str
    """The transactions before the log that follows, in the same form."""
    altered_ms: int = 0
    """When an earlier read found it closed and with other bytes; 0: never."""


class Position(NamedTuple):
    """Where in the binary logs a dump was made."""

    path: str
    """Of the dump, relative to its location."""
    log: str
    """Name of the log; empty when the dump does not say."""
    offset: int
    gtid: str
    """The transactions that the dump holds; empty when it does not say."""


def log_number(path: str) -> int:
    """Return the number of a binary log's name, a compressor's ending left out; 0: it has none."""
    stem, _, number = path.rpartition("/")[2].rpartition(".")
    if not number.isdecimal():
        number = stem.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else 0


def break_between(before: LogFile, log: LogFile) -> str:
    """Return what shows that `log` does not continue `before`; empty: nothing does.

    `binlog.foreign` (of another server), `.older`, `.transactions` (others than those expected),
    `.left_open`, `.unclosed` (the earlier one has no end), `.link` (it names another follower).
    """
    if log.server_id != before.server_id:
        return "binlog.foreign"
    if not proves(before, log):
        if log.first_ms < before.first_ms - BACKWARDS_MS:
            return "binlog.older"
        if before.after and log.before:
            return "binlog.transactions"
        if before.in_use or not before.ending:
            return "binlog.left_open" if before.in_use else "binlog.unclosed"
    if before.next_name and log_number(before.next_name) != log.number:
        return "binlog.link"
    return ""


def proves(before: LogFile, after: LogFile) -> bool:
    """Return whether transaction ids show that nothing lies between two logs."""
    return bool(before.after) and before.after == after.before
