"""What a drill finds while it runs, and what that amounts to."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nexoaudit.errors import NexoError, SandboxError, ToolError
from nexoaudit.model.copy import Copy
from nexoaudit.model.drill import Drill, Step
from nexoaudit.model.fact import Fact
from nexoaudit.sandbox.cell import IsolationError
from nexoaudit.sandbox.confinement import TamperError
from nexoaudit.sandbox.memory import ScarceError
from nexoaudit.sandbox.pipe import UnfaithfulError
from nexoaudit.sandbox.space import SpaceError
from nexoaudit.sandbox.watch import ExcessError, OverdueError

PARTIAL = frozenset(
    {
        "drill.exact_nothing",
        "drill.exact_other_logs",
        "drill.exact_unseen",
        "drill.exact_version",
        "drill.no_health",
        "drill.no_reconcile",
        "drill.not_compared",
    }
)
"""Reason codes that say that one step could not be done: it is `unverified`, the rest counts."""

NOTED = frozenset(
    {
        "drill.changed",
        "drill.definers_new",
        "drill.double_encoded",
        "drill.engine_replaced",
        "drill.file_since",
        "drill.forbidden_path",
        "drill.layout",
        "drill.link_outside",
        "drill.logs_unchecked",
        "drill.names_schema",
        *PARTIAL,
        "drill.no_charset",
        "drill.schema_changed",
        "drill.open_secret",
        "drill.part_left_out",
        "drill.setuid_member",
        "drill.trailing_garbage",
        "drill.web_unreadable",
    }
)
"""Reason codes that do not make a drill fail: the restore worked in spite of them."""

UNVERIFIED = frozenset(
    {
        "drill.in_motion",
        "drill.sparse",
        "drill.tool_missing",
        "drill.sandbox_failed",
        "drill.no_space",
        "drill.no_memory",
        "drill.no_isolation",
        "drill.not_asked",
        "drill.not_fast",
        "drill.not_planted",
        "drill.no_access",
        "drill.unreachable",
        "drill.archived",
        "drill.no_key",
        "drill.unsupported",
        "drill.engine_mismatch",
        "drill.engine_missing",
        "drill.unnamed_database",
        "drill.version_unread",
        "drill.assert_refused",
        "drill.pitr_unprovable",
        "drill.nothing_since",
        "drill.no_boundary",
        "drill.other_dump",
        "drill.logs_encrypted",
        "drill.cross_database",
        "drill.several_databases",
        "drill.not_replayable",
    }
)
"""Reason codes that say nothing about the backup: the drill could not be run."""

_ENDINGS = (
    (ToolError, "drill.tool_missing"),
    (SpaceError, "drill.no_space"),
    (ScarceError, "drill.no_memory"),
    (IsolationError, "drill.no_isolation"),
    (OverdueError, "drill.rto_exceeded"),
    (ExcessError, "drill.refused"),
    (TamperError, "drill.refused"),
    (UnfaithfulError, "drill.not_fast"),
    (SandboxError, "drill.sandbox_failed"),
)
"""What an error that ends a drill says; the first kind that fits counts."""

MAX_NUMBER = (1 << 53) - 1
_DETAIL_LENGTH = 500


Progress = Callable[[int], None]
"""Is told how many more bytes were read; with 0, that work goes on."""


class StoppedError(Exception):
    """The drill cannot go on; its record says why."""


class SourceError(NexoError):
    """The bytes of a copy could not be had, or not all of them are what was backed up."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        """Reason code, such as `drill.unreachable`."""


class Record:
    """Collects steps, problems and measures of one drill."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, progress: Progress | None = None
    ) -> None:
        self._clock = clock
        self.progress = progress
        self._started = clock()
        self._steps: list[Step] = []
        self.details: dict[str, str] = {}
        """What was noted, by reason code."""
        self.measures: dict[str, Fact] = {}
        self.sha256 = ""
        """Digest of the content of the copy, once all of it was read."""

    @property
    def problems(self) -> tuple[str, ...]:
        """The reason codes so far, in order of their discovery."""
        return tuple(self.details)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the record was begun."""
        return self._clock() - self._started

    def beat(self) -> None:
        """Tell whoever waits that the drill goes on, though no byte was read."""
        if self.progress is not None:
            self.progress(0)

    def problem(self, reason: str, detail: str = "") -> None:
        """Note a reason code; of several with the same code the first detail stays."""
        self.details.setdefault(reason, _printable(detail)[:_DETAIL_LENGTH])

    def join(self, other: "Record", name: str) -> None:
        """Take over the steps and problems of a part of the drill, under its name."""
        self._steps += [step._replace(name=f"{step.name}.{name}") for step in other._steps]
        for reason, detail in other.details.items():
            self.problem(reason, f"{name}: {detail}" if detail else name)

    def note_duration(self, rto_s: int) -> None:
        """Note when the drill took longer than the `rto_s` seconds that the policy allows."""
        if 0 < rto_s < self.elapsed_s:
            self.problem("drill.rto_exceeded", f"it took {round(self.elapsed_s)} seconds")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done inside as the step `name`; its outcome follows from its problems.

        It begins and ends with a beat. What makes going on impossible is noted, and raised again as
        StoppedError.
        """
        self.beat()
        begin, known = self._clock(), set(self.details)
        try:
            yield
        except SourceError as error:
            self.problem(error.reason, str(error))
            raise StoppedError from error
        except (ToolError, SandboxError) as error:
            reason = next(code for kind, code in _ENDINGS if isinstance(error, kind))
            self.problem(reason, str(error))
            raise StoppedError from error
        except OSError as error:
            self.problem("drill.no_access", f"{error.filename or 'read'}: {error.strerror}")
            raise StoppedError from error
        finally:
            new = [reason for reason in self.details if reason not in known]
            detail = self.details[new[0]] if new else ""
            duration = round((self._clock() - begin) * 1000)
            outcome = "unverified" if PARTIAL.issuperset(new) and new else outcome_of(new)
            self._steps.append(Step(name, duration, outcome, detail))
        self.beat()

    def drill(self, kind: str, copy: Copy, started_ms: int) -> Drill:
        """Return the finished drill of `copy`."""
        problems = self.problems
        outcome = outcome_of(problems)
        reason = next((code for code in problems if outcome_of([code]) == outcome), "")
        if outcome == "pass" and problems:
            reason = problems[0]
        return Drill(
            kind=kind,
            component=copy.component,
            started_ms=started_ms,
            duration_ms=round(self.elapsed_s * 1000),
            outcome=outcome,
            reason=reason,
            detail=self.details.get(reason, ""),
            location=copy.location,
            path=copy.path,
            point_ms=copy.time_ms,
            sha256=self.sha256,
            steps=tuple(self._steps),
            measures=tuple(
                (_printable(name), _bounded(value))
                for name, value in sorted(self.measures.items())
                if value != ""
            ),
            problems=problems,
        )


def outcome_of(problems: list[str] | tuple[str, ...]) -> str:
    """Return what these reason codes amount to: `fail` outweighs `unverified`."""
    found = set(problems) - NOTED
    if found - UNVERIFIED:
        return "fail"
    return "unverified" if found else "pass"


def _printable(text: str) -> str:
    """Return text that can be written as JSON; bytes of a name that are not UTF-8 are escaped."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _bounded(value: Fact) -> Fact:
    """Return a number as every reader of JSON has it exactly; hostile input claims more."""
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return type(value)(MAX_NUMBER if value > 0 else -MAX_NUMBER)
    return value
