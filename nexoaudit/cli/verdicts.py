"""Verdicts in the terminal: a table a tired person can read, and a sentence for what is wrong."""

from collections.abc import Mapping
from datetime import tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexoaudit.assess import COMPONENT_CONTROLS, STANDING
from nexoaudit.model.drill import Drill
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, alarm, worst
from nexoaudit.wording.catalogue import Catalogue
from nexoaudit.wording.sentence import drill_problem, sentence

_LOOKS = {
    Status.PASS: ("✔", "green"),
    Status.WARN: ("▲", "yellow"),
    Status.FAIL: ("✖", "bold red"),
    Status.UNVERIFIED: ("?", "magenta"),
    Status.UNCONFIGURED: ("-", "dim"),
    Status.WAIVED: ("~", "cyan"),
}
_BOUNDLESS = 10_000
_MOST_LINES = 3
"""Sentences per component and control before the rest is only counted."""


def mark(status: Status, words: Catalogue) -> Text:
    """Return a status as symbol and word, coloured."""
    symbol, style = _LOOKS[status]
    return Text(f"{symbol} {words.status[status]}", style=style)


def print_table(
    console: Console, state: State, verdicts: tuple[Verdict, ...], words: Catalogue
) -> None:
    """Print one row per component, one column per control that says anything of any.

    A terminal too narrow for words gets the symbols alone.
    """
    by_cell: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        by_cell.setdefault((verdict.component, verdict.control), []).append(verdict)
    names = [component.id for component in state.policy.components]
    controls = [
        control
        for control in COMPONENT_CONTROLS
        if control not in STANDING and any((name, control) in by_cell for name in names)
    ]
    table = _table(names, controls, by_cell, words)
    boundless = console.options.update(max_width=_BOUNDLESS)
    if console.measure(table, options=boundless).maximum > console.width:
        table = _table(names, controls, by_cell, None)
    console.print(table)


def _table(
    names: list[str],
    controls: list[str],
    by_cell: Mapping[tuple[str, str], list[Verdict]],
    words: Catalogue | None,
) -> Table:
    """Return the table; with no `words` each cell is a symbol only."""
    table = Table(
        box=None, pad_edge=False, header_style="bold", padding=(0, 2 if words else 1, 0, 0)
    )
    for header in ("component", *controls):
        table.add_column(header, no_wrap=True)
    for name in names:
        cells: list[Text | str] = [name]
        for control in controls:
            found = tuple(by_cell.get((name, control), ()))
            cells.append(_cell(found, words) if found else Text("·", style="dim"))
        table.add_row(*cells)
    return table


def _cell(found: tuple[Verdict, ...], words: Catalogue | None) -> Text:
    status = worst(found)
    if words is not None:
        return mark(status, words)
    symbol, style = _LOOKS[status]
    return Text(symbol, style=style)


def print_sentences(
    console: Console, verdicts: tuple[Verdict, ...], words: Catalogue, zone: tzinfo
) -> None:
    """Print a sentence for each verdict, worst first; long lists end in a count."""
    ordered = sorted(verdicts, key=_urgency)
    shown: dict[tuple[str, str], int] = {}
    for verdict in ordered:
        key = verdict.component, verdict.control
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= _MOST_LINES:
            line = mark(verdict.status, words)
            line.append(f"  {_about(verdict.component, verdict.control)}: ", style="default")
            line.append(clean(sentence(verdict, words, zone)), style="default")
            console.print(line, soft_wrap=True)
    for (component, control), count in shown.items():
        if count > _MOST_LINES:
            console.print(
                f"   … and {count - _MOST_LINES} more about {_about(component, control)}",
                style="dim",
            )


def _urgency(verdict: Verdict) -> tuple[bool, bool, int]:
    """Order by what explains the rest: what cannot be listed first, what is not set up last."""
    return (
        verdict.status is Status.UNCONFIGURED,
        not verdict.reason.startswith("location."),
        -alarm(verdict.status),
    )


def _about(component: str, control: str) -> str:
    return " ".join(word for word in (component, control) if word)


def clean(text: str) -> str:
    """Return `text` with what a file name might do to a terminal made visible."""
    return "".join(char if char.isprintable() else "�" for char in text)


def show_problems(console: Console, result: Drill, words: Catalogue, style: str) -> None:
    """Print what a drill found, each in a line; the detail right below what it belongs to."""
    found = list(result.problems)
    if result.reason and result.reason not in found:
        found.append(result.reason)
    for problem in found:
        console.print(f"   {drill_problem(problem, words)}", style=style, markup=False)
        if result.detail and problem == result.reason:
            console.print(f"      {clean(result.detail)}", style="dim", markup=False)
    if result.detail and not result.reason:
        console.print(f"   {clean(result.detail)}", style="dim", markup=False)
