"""Verdicts in the terminal: a table a tired person can read, and a sentence for what is wrong."""

from datetime import tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexoaudit.assess import COMPONENT_CONTROLS, STANDING
from nexoaudit.model.state import State
from nexoaudit.model.verdict import Status, Verdict, alarm, worst
from nexoaudit.wording.catalogue import Catalogue
from nexoaudit.wording.sentence import sentence

_LOOKS = {
    Status.PASS: ("✔", "green"),
    Status.WARN: ("▲", "yellow"),
    Status.FAIL: ("✖", "bold red"),
    Status.UNVERIFIED: ("?", "magenta"),
    Status.UNCONFIGURED: ("-", "dim"),
    Status.WAIVED: ("~", "cyan"),
}
_MOST_LINES = 3
"""Sentences per component and control before the rest is only counted."""


def mark(status: Status, words: Catalogue) -> Text:
    """Return a status as symbol and word, coloured."""
    symbol, style = _LOOKS[status]
    return Text(f"{symbol} {words.status[status]}", style=style)


def print_table(
    console: Console, state: State, verdicts: tuple[Verdict, ...], words: Catalogue
) -> None:
    """Print one row per component, one column per control."""
    controls = [name for name in COMPONENT_CONTROLS if name not in STANDING]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("component")
    for control in controls:
        table.add_column(control)
    for component in state.policy.components:
        cells: list[Text | str] = [component.id]
        for control in controls:
            found = tuple(
                v for v in verdicts if v.component == component.id and v.control == control
            )
            cells.append(mark(worst(found), words) if found else Text("·", style="dim"))
        table.add_row(*cells)
    console.print(table)


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
