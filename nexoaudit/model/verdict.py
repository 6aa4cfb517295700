"""What a rule concludes."""

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from nexoaudit.model.fact import Facts

NO_FACTS: Facts = MappingProxyType({})


class Status(StrEnum):
    """How a control stands."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNVERIFIED = "unverified"
    """Could not be established; never green."""
    UNCONFIGURED = "unconfigured"
    WAIVED = "waived"


EXIT_CODE = {
    Status.PASS: 0,
    Status.WARN: 1,
    Status.FAIL: 2,
    Status.UNVERIFIED: 3,
    Status.UNCONFIGURED: 3,
    Status.WAIVED: 0,
}
"""The Nagios plugin exit code of each status."""

_ALARM = {
    Status.FAIL: 5,
    Status.UNVERIFIED: 4,
    Status.UNCONFIGURED: 3,
    Status.WARN: 2,
    Status.WAIVED: 1,
    Status.PASS: 0,
}


class Verdict(NamedTuple):
    """One control's standing for one component, as a reason code and facts: no sentences."""

    control: str
    """`age`, `checksum`, `copies`, ...: the noun of the check that reports it."""
    component: str
    """The component's id; empty for a control of the auditor itself."""
    status: Status
    reason: str
    """A code that `wording` turns into a sentence, such as `age.late`."""
    facts: Facts = NO_FACTS
    subject: str = ""
    """What exactly it is about: a location, a series or one copy; empty for the component."""


def alarm(status: Status) -> int:
    """Return how loud a status is: fail > unverified > unconfigured > warn > waived > pass."""
    return _ALARM[status]


def worst(verdicts: tuple[Verdict, ...]) -> Status:
    """Return the loudest status; nothing judged at all is `unverified`, never `pass`."""
    if not verdicts:
        return Status.UNVERIFIED
    return max((verdict.status for verdict in verdicts), key=alarm)
