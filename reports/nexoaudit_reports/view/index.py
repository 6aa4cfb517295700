"""The evidence index: the ledger entries behind the statements, and the tools that read them."""

from collections.abc import Mapping
from typing import NamedTuple

from nexoaudit.assess import RULES_VERSION
from nexoaudit.ledger import Entry
from nexoaudit_reports.view.cut import Cut
from nexoaudit_reports.view.proof import Proof, reference
from nexoaudit_reports.view.words import Words

LIMIT = 300
"""Rows printed: the ledger itself holds all."""
_KINDS_FIRST = ("policy", "drill", "attestation", "waiver", "sweep", "live", "job", "mail")
_LEAF = 12
"""Hex digits of a leaf that identify it beside its index."""


class IndexRow(NamedTuple):
    """One entry."""

    ref: str
    kind: str
    subject: str
    moment: str
    leaf: str


class Index(NamedTuple):
    """What the report stands on."""

    rows: tuple[IndexRow, ...]
    hidden: int
    """Entries that are referred to but not printed."""
    tally: tuple[tuple[str, str, int], ...]
    """Kind, what it is, and how many entries of it the period has."""
    facts: tuple[tuple[str, str], ...]
    """Label and value: sizes, digests and versions."""


def index(cut: Cut, words: Words, proof: Proof) -> Index:
    """Return the entries cited so far, most important kinds first when there are too many."""
    proof.standing()
    used = proof.used
    ranked = sorted(used, key=_rank)[:LIMIT]
    rows = tuple(
        IndexRow(
            reference(entry), entry.kind, entry.subject, words.moment(entry.ts), entry.leaf[:_LEAF]
        )
        for entry in sorted(ranked, key=lambda entry: entry.idx)
    )
    return Index(rows, len(used) - len(rows), _tally(words, cut.tally), _facts(cut, words))


def _rank(entry: Entry) -> tuple[int, int]:
    known = entry.kind in _KINDS_FIRST
    return (_KINDS_FIRST.index(entry.kind) if known else len(_KINDS_FIRST)), -entry.idx


def _tally(words: Words, tally: Mapping[str, int]) -> tuple[tuple[str, str, int], ...]:
    return tuple((kind, words.named("entry", kind), count) for kind, count in tally.items())


def _facts(cut: Cut, words: Words) -> tuple[tuple[str, str], ...]:
    values = {
        "ledger_size": f"{cut.given_size:,}",
        "ledger_root": cut.given_root,
        "judged_size": f"{cut.size:,}",
        "judged_root": cut.state.ledger_root,
        "judged_at": words.moment(cut.moment_ms),
        "until": words.moment(cut.until_ms),
        "policy_digest": cut.state.config_sha256,
        "policy_path": cut.state.config_path,
        "rules": RULES_VERSION,
    }
    return tuple((words.label(f"fact.{name}"), value) for name, value in values.items())
