"""What a sweep saw, against what the ledger knows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nexoaudit import evidence
from nexoaudit.ledger import Draft, Entry
from nexoaudit.model.sighting import Sighting, Sweep

Sightings = Mapping[str, Sighting]
"""By the ledger's subject."""


class Elsewhere(NamedTuple):
    """What the audit of one location did."""

    sweep: Sweep
    kinds: tuple[str, ...] = ()
    """Of the observations of copies: `copy.seen`, `copy.changed` or `copy.gone` each."""
    proven: int = 0
    """Copies that were looked at."""


def by_subject(found: Iterable[Sighting]) -> dict[str, Sighting]:
    """Return sightings by the ledger's name of the copy."""
    return {evidence.subject_of(sighting.location, sighting.path): sighting for sighting in found}


def differences(
    known: Mapping[str, Entry], sweeps: Iterable[Sweep], sightings: Sightings
) -> list[Draft]:
    """Return what is new, changed or gone; a location that could not be listed has lost nothing."""
    drafts = []
    for subject, sighting in sightings.items():
        draft = evidence.sighting_draft("copy.seen", sighting)
        if subject not in known:
            drafts.append(draft)
        elif known[subject].facts != draft.facts:
            drafts.append(draft._replace(kind="copy.changed"))
    listed = {item.location for item in sweeps if item.outcome == "complete"}
    for subject, entry in known.items():
        location, path = entry.facts["location"], entry.facts["path"]
        if location in listed and subject not in sightings:
            drafts.append(evidence.gone_draft(location, path))
    return drafts
