"""The only user of nagiosplugin: verdicts in, an answer by the plugin API out.

What nagiosplugin would get wrong is not used of it: its runtime (prints tracebacks, catches its
own timeout), its ranges (0 means no limit, NaN is inside of each) and its order of states
(UNKNOWN before CRITICAL).
"""

from collections.abc import Iterator, Sequence

import nagiosplugin as np

from nexoaudit.model.verdict import EXIT_CODE, Verdict
from nexoaudit_checks._output import (
    DETAIL_BYTES,
    DETAIL_LINES,
    Answer,
    clean,
    first_line,
    shorten,
)
from nexoaudit_checks._perfdata import Item

_STATES = (np.Ok, np.Warn, np.Critical, np.Unknown)
_ALARM = {np.Ok: 0, np.Warn: 1, np.Unknown: 2, np.Critical: 3}
_VERDICT = "verdict"
_NUMBER = "number"


def answer(
    name: str, verdicts: Sequence[Verdict], items: Sequence[Item], line: str, details: Sequence[str]
) -> Answer:
    """Return the answer of the check `name`: the worst verdict's state, `line`, all `items`.

    `details` go on the lines after the first. No verdict at all is UNKNOWN.
    """
    check = np.Check(
        _Evidence(verdicts, items),
        _Judged(_VERDICT),
        _Measured(_NUMBER),
        _ByAlarm(),
        _Line(line),
        name=name,
    )
    check()
    head = f"{check.name} {str(check.state).upper()}"
    # Labels hold nothing that needs the quotes nagiosplugin puts around a hyphen.
    perfdata = " ".join(check.perfdata).replace("'", "")
    first = first_line(head, check.summary_str, perfdata)
    return Answer(int(check.exitcode), "\n".join([first, *_bounded(details)]) + "\n")


class _Evidence(np.Resource):
    """All there is to evaluate: nothing is measured while nagiosplugin looks on."""

    def __init__(self, verdicts: Sequence[Verdict], items: Sequence[Item]) -> None:
        self._verdicts = verdicts
        self._items = items

    def probe(self) -> Iterator[np.Metric]:
        """Yield each verdict and each number."""
        for verdict in self._verdicts:
            yield np.Metric(verdict.control, verdict, context=_VERDICT)
        for item in self._items:
            yield np.Metric(item.label, item, context=_NUMBER)


class _Judged(np.Context):
    """A verdict is a state already."""

    def evaluate(self, metric: np.Metric, resource: np.Resource) -> np.Result:  # noqa: ARG002
        """Return the state of the verdict."""
        return self.result_cls(_STATES[EXIT_CODE[metric.value.status]], None, metric)


class _Measured(np.Context):
    """A number is shown, not judged."""

    def performance(self, metric: np.Metric, resource: np.Resource) -> np.Performance:  # noqa: ARG002
        """Return the number with its limits, which are plain numbers: Icinga drops ranges."""
        item = metric.value
        return np.Performance(item.label, item.value, item.unit, item.warn, item.fail)


class _ByAlarm(np.Results):
    """The worst is CRITICAL, then UNKNOWN: what is unknown must not hide what is known."""

    @property
    def most_significant_state(self) -> object:
        """Return the loudest state of the verdicts."""
        states = [result.state for result in self if result.metric.context == _VERDICT]
        return max(states, key=lambda state: _ALARM[state], default=np.Unknown)


class _Line(np.Summary):
    """The text, whatever the state."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ok(self, results: np.Results) -> str:  # noqa: ARG002
        """Return the text."""
        return self._text

    problem = ok

    def empty(self) -> str:
        """Return the text."""
        return self._text


def _bounded(details: Sequence[str]) -> list[str]:
    """Return the details as far as NRPE carries them, and how many lines are left out."""
    lines: list[str] = []
    size = 0
    for number, detail in enumerate(details):
        line = shorten(clean(detail), 1000)
        size += len(line.encode()) + 1
        if number == DETAIL_LINES or size > DETAIL_BYTES:
            return [*lines, f"... {len(details) - number} more"]
        lines.append(line)
    return lines
