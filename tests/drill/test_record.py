from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from nexoaudit.drill.record import NOTED, UNVERIFIED, Record, StoppedError, outcome_of
from nexoaudit.errors import SandboxError, ToolError
from nexoaudit.model.copy import Copy
from nexoaudit.model.fact import Size
from nexoaudit.sandbox.space import SpaceError

Copier = Callable[[Path], Copy]


def ticking() -> Record:
    """A record whose clock goes on by a second each time it is read."""
    ticks = count()
    return Record(lambda: float(next(ticks)))


def test_failing_outweighs_unverified_and_both_outweigh_what_is_noted() -> None:
    noted, unverified = next(iter(NOTED)), next(iter(UNVERIFIED))
    assert outcome_of([]) == "pass"
    assert outcome_of([noted]) == "pass"
    assert outcome_of([noted, unverified]) == "unverified"
    assert outcome_of([noted, unverified, "drill.orphans"]) == "fail"


def test_the_reason_is_the_first_of_the_outcome(as_copy: Copier) -> None:
    record = Record()
    record.problem("drill.names_schema", "noted")
    record.problem("drill.no_space", "unverified")
    record.problem("drill.no_tables", "first")
    record.problem("drill.orphans", "second")
    drill = record.drill("database", as_copy(Path("d")), 0)
    assert (drill.outcome, drill.reason, drill.detail) == ("fail", "drill.no_tables", "first")
    assert len(drill.problems) == 4


@pytest.mark.parametrize(
    ("error", "reason", "outcome"),
    [
        (ToolError("x"), "drill.tool_missing", "unverified"),
        (SandboxError("x"), "drill.sandbox_failed", "unverified"),
        (SpaceError("x"), "drill.no_space", "unverified"),
        (PermissionError(13, "Permission denied", "/d"), "drill.no_access", "unverified"),
    ],
)
def test_what_stops_a_drill_is_noted_in_its_step(
    error: Exception, reason: str, outcome: str, as_copy: Copier
) -> None:
    record = ticking()
    with pytest.raises(StoppedError), record.step("restore"):
        raise error
    drill = record.drill("database", as_copy(Path("d")), 0)
    assert (drill.outcome, drill.reason) == (outcome, reason)
    assert [(step.name, step.duration_ms, step.outcome) for step in drill.steps] == [
        ("restore", 1000, outcome)
    ]


def test_slower_than_allowed_fails(as_copy: Copier) -> None:
    for allowed, outcome in ((0, "pass"), (1, "fail"), (3600, "pass")):
        record = ticking()
        with record.step("restore"):
            pass
        record.note_duration(allowed)
        assert record.drill("database", as_copy(Path("d")), 0).outcome == outcome


def test_measures_can_be_written_as_json(as_copy: Copier) -> None:
    record = Record()
    record.measures = {"b": Size(1 << 60), "a": "", "rows.\udcff": 1}
    drill = record.drill("files", as_copy(Path("d")), 0)
    assert drill.measures == (("b", Size((1 << 53) - 1)), ("rows.\\xff", 1))
    assert isinstance(drill.measures[0][1], Size)
