"""Observations to and from the ledger: what is recorded, and the state that it amounts to."""

from nexoaudit.evidence.drafts import (
    change_draft,
    drill_draft,
    drill_subject,
    gone_draft,
    job_draft,
    policy_draft,
    sighting_draft,
    subject_of,
    sweep_draft,
    verified_draft,
)
from nexoaudit.evidence.newest import Newest, newest, present, reads
from nexoaudit.evidence.prints import prints_draft, recall_prints
from nexoaudit.evidence.recall import recall
from nexoaudit.model.moments import millis, moment

__all__ = [
    "Newest",
    "change_draft",
    "drill_draft",
    "drill_subject",
    "gone_draft",
    "job_draft",
    "millis",
    "moment",
    "newest",
    "policy_draft",
    "present",
    "prints_draft",
    "reads",
    "recall",
    "recall_prints",
    "sighting_draft",
    "subject_of",
    "sweep_draft",
    "verified_draft",
]
