"""Performance data as numbers: which ones, of which component, and whether they fit."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nexoaudit.model.fact import Fact, Span
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit_checks._spec import Figure

MOST_COMPONENTS = 12
MOST_BYTES = 700
"""Of all components' own numbers, so that the first line has room for words.

Reckoned from the labels alone: a graph must not come and go with the width of a number.
"""
_NUMBER_BYTES = 9
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Item(NamedTuple):
    """One labelled number; limits are numbers that must not be exceeded."""

    label: str
    value: int
    unit: str = ""
    warn: int | None = None
    fail: int | None = None


class Measures(NamedTuple):
    """The performance data of one answer, and its totals as facts."""

    items: tuple[Item, ...]
    totals: Mapping[str, Fact]
    """Per label of a figure its total, and as `LABEL_component` the component it is of.

    `judged` and `good` are how many components, or locations, were judged and are well.
    """


def measure(
    figures: tuple[Figure, ...],
    verdicts: tuple[Verdict, ...],
    scope: str = "",
    *,
    by_subject: bool = False,
) -> Measures:
    """Return the numbers in these verdicts; a figure that no verdict knows is left out.

    `scope` and `by_subject` are those of the check; `scope` is empty for the auditor and for files.
    """
    counted = {name for verdict in verdicts if (name := owner(verdict, scope))}
    if by_subject:
        verdicts = tuple(
            verdict if verdict.component else verdict._replace(component=verdict.subject)
            for verdict in verdicts
        )
    owners = tuple(dict.fromkeys(name for verdict in verdicts if (name := owner(verdict, scope))))
    totals: dict[str, Fact] = {}
    together: list[Item] = []
    single: list[Item] = []
    if owners:
        well = {Status.PASS, Status.WAIVED}
        bad = {owner(verdict, scope) for verdict in verdicts if verdict.status not in well}
        troubled = bad & set(owners)
        passed = {owner(verdict, scope) for verdict in verdicts if verdict.status is Status.PASS}
        good = len(set(owners) & passed - bad)
        totals |= {f"{scope}s": len(counted), "judged": len(owners), "good": good}
        together.append(Item(f"{scope}s", len(counted)))
        together.append(Item("problems", len(troubled)))
    for figure in figures:
        own = _own(figure, verdicts, scope)
        if not own:
            continue
        total = figure.across(item.value for item in own.values())
        typed = Span(total * 1000) if figure.unit == "s" else total
        totals[figure.label] = typed
        holder = next((name for name, item in own.items() if item.value == total), "")
        totals[f"{figure.label}_{scope}"] = holder
        whole = own[""] if set(own) == {""} else Item("", total, figure.unit)
        together.append(whole._replace(label=figure.label))
        if figure.suffix:
            single += (
                item._replace(label=label_of(f"{name}_{figure.suffix}"))
                for name, item in own.items()
                if name
            )
    fits = len(owners) <= MOST_COMPONENTS and _size(single) <= MOST_BYTES
    return Measures(_distinct([*together, *single] if fits else together), totals)


def label_of(text: str) -> str:
    """Return a label that Icinga and Nagios keep as it is: letters, digits, `_` and `-`."""
    return "".join(char if char in _LABEL else "_" for char in text)


def owner(verdict: Verdict, scope: str) -> str:
    """Return the component, or the location, that a verdict is about; empty for neither."""
    return verdict.subject if scope == "location" else verdict.component


def _own(figure: Figure, verdicts: tuple[Verdict, ...], scope: str) -> dict[str, Item]:
    """Return the figure of each owner, in the order of the verdicts.

    Several controls of one check count different things: their numbers are added up.
    """
    found: dict[str, dict[str, list[int]]] = {}
    first: dict[str, Verdict] = {}
    for verdict in verdicts:
        number = _number(verdict, figure.fact)
        if number is not None:
            name = owner(verdict, scope)
            first.setdefault(name, verdict)
            found.setdefault(name, {}).setdefault(verdict.control, []).append(number)
    return {
        name: Item(
            "",
            sum(figure.within(numbers) for numbers in held.values()),
            figure.unit,
            _number(first[name], figure.warn),
            _number(first[name], figure.fail),
        )
        for name, held in found.items()
    }


def _number(verdict: Verdict, name: str) -> int | None:
    """Return a fact as a whole number of base units; None when it is none."""
    fact = verdict.facts.get(name)
    if not isinstance(fact, int):
        return None
    return int(fact) // 1000 if isinstance(fact, Span) else int(fact)


def _size(items: list[Item]) -> int:
    return sum(
        len(item.label) + len(item.unit) + _NUMBER_BYTES * _numbers(item) + 2 for item in items
    )


def _numbers(item: Item) -> int:
    return 1 + (item.warn is not None) + (item.fail is not None)


def _distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    """Drop a number whose label is taken: a graph of two things at once says nothing."""
    return tuple({item.label: item for item in reversed(list(items))}.values())[::-1]
