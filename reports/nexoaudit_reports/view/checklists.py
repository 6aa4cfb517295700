"""The guide's checklists: each item answered by evidence, or waiting for a person."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nexoaudit.evidence.people import how_it_stands
from nexoaudit.model.verdict import Status, alarm, worst
from nexoaudit_reports.view.asked import Asked, Finding
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.probes import PROBES
from nexoaudit_reports.view.proof import Refs
from nexoaudit_reports.view.words import HOLDING, Words

_DATA = Path(__file__).parents[1] / "data" / "checklists.toml"
_ANSWERS = {
    Status.PASS: "yes",
    Status.WAIVED: "yes",
    Status.WARN: "partly",
    Status.FAIL: "no",
    Status.UNVERIFIED: "unknown",
    Status.UNCONFIGURED: "unknown",
}
PERSON = "person"
_WORST = 2
"""Verdicts quoted beside an item that does not hold."""


class Item(NamedTuple):
    """One item."""

    number: int
    text: str
    answer: str
    """`yes`, `partly`, `no`, `unknown` (by evidence) or `person` (nobody has answered yet)."""
    word: str
    because: str
    refs: Refs


class Checklist(NamedTuple):
    """One of the guide's lists."""

    id: str
    title: str
    items: tuple[Item, ...]
    tally: str

    def answered(self, answer: str) -> int:
        """Return how many items have that answer."""
        return sum(1 for item in self.items if item.answer == answer)


def checklists(asked: Asked) -> tuple[Checklist, ...]:
    """Return the three lists with what the evidence answers."""
    return tuple(_list(asked, spec) for spec in _specification())


def person_items() -> tuple[str, ...]:
    """Return the ids (`LIST.ITEM`) of the items that a person may have to answer."""
    return tuple(
        f"{spec['id']}.{item['id']}"
        for spec in _specification()
        for item in spec["item"]
        if item.get("else_person") or not {"probe", "controls"} & set(item)
    )


@cache
def _specification() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(_DATA.read_text("utf-8"))["list"])


def _list(asked: Asked, spec: dict[str, Any]) -> Checklist:
    items = tuple(_item(asked, spec["id"], n, item) for n, item in enumerate(spec["item"], 1))
    made = Checklist(spec["id"], asked.words.label(f"checklist.{spec['id']}"), items, "")
    tally = asked.words.label(
        "checklist.tally",
        yes=made.answered("yes"),
        partly=made.answered("partly"),
        no=made.answered("no"),
        unknown=made.answered("unknown"),
        person=made.answered(PERSON),
        total=len(items),
    )
    return made._replace(tally=tally)


def _item(asked: Asked, checklist: str, number: int, spec: dict[str, Any]) -> Item:
    words = asked.words
    found = _find(asked, spec) or _reviewed(asked, f"{checklist}.{spec['id']}")
    answer = PERSON if found is None else _ANSWERS[found.status]
    because = words.label("checklist.waiting") if found is None else found.text
    return Item(
        number=number,
        text=words.label(f"checklist.{checklist}.{spec['id']}"),
        answer=answer,
        word=words.label(f"answer.{answer}"),
        because=because,
        refs=asked.proof.cite(found.entries if found is not None else ()),
    )


def _reviewed(asked: Asked, item: str) -> Finding | None:
    """Return a person's answer while it lasts; None: nobody has given one that counts."""
    cut, words = asked.cut, asked.words
    for said in reversed(cut.state.attestations):
        how = how_it_stands(cut.state, said, cut.moment_ms)
        if (said.about, said.item) == ("review", item) and how in {"current", "expiring"}:
            text = words.label(
                "checklist.stated",
                by=said.by,
                stated=words.moment(said.stated_ms),
                until=words.moment(said.until_ms),
            )
            noted = f"{text}: {said.note}" if said.note else text
            return Finding(Status.PASS, noted, asked.proof.numbered(said.entry))
    return None


def _find(asked: Asked, spec: dict[str, Any]) -> Finding | None:
    if "probe" in spec:
        return PROBES[spec["probe"]](asked)
    unjudged = all(
        verdict.control not in spec.get("controls", ()) for verdict in asked.cut.verdicts
    )
    if spec.get("else_person") and unjudged:
        return None
    if "controls" in spec:
        return _by_controls(asked.cut, asked.words, asked, spec)
    return None


def _by_controls(cut: Cut, words: Words, asked: Asked, spec: dict[str, Any]) -> Finding:
    """Return the worst of the named controls' verdicts; nothing judged is not established."""
    kinds = spec.get("kinds", ())
    judged = [
        verdict
        for verdict in cut.verdicts
        if verdict.control in spec["controls"]
        and (not kinds or cut.state.policy.component(verdict.component).kind in kinds)
    ]
    judged.sort(key=lambda verdict: alarm(verdict.status), reverse=True)
    cells: dict[tuple[str, str], bool] = {}
    for verdict in judged:
        key = verdict.component or verdict.subject, verdict.control
        cells[key] = cells.get(key, True) and verdict.status in HOLDING
    text = words.label("checklist.holds", hold=sum(cells.values()), total=len(cells))
    bad = [verdict for verdict in judged if verdict.status not in HOLDING]
    quoted = {words.about(verdict): verdict for verdict in reversed(bad)}
    for owner in list(dict.fromkeys(words.about(verdict) for verdict in bad))[:_WORST]:
        said = words.verdict(quoted[owner])
        text += words.label("checklist.quote", component=owner, said=said)
    telling = bad or judged
    entries = [entry for verdict in telling for entry in asked.proof.entries(verdict)]
    return Finding(worst(tuple(judged)), text, tuple(entries))
