"""The languages there are, each a module of sentences."""

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

LANGUAGES = ("en",)


class Catalogue(NamedTuple):
    """All sentences of one language."""

    status: Mapping[str, str]
    controls: Mapping[str, str]
    reasons: Mapping[str, str]
    copy_problems: Mapping[str, str]
    drill_problems: Mapping[str, str]
    steps: Mapping[str, str]


def catalogue(language: str) -> Catalogue:
    """Return the sentences of `language`; English for one that does not exist."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    module = import_module(f"nexoaudit.wording.{name}")
    return Catalogue(
        module.STATUS,
        module.CONTROLS,
        module.REASONS,
        module.COPY_PROBLEMS,
        module.DRILL_PROBLEMS,
        module.STEPS,
    )


def report_labels(language: str) -> Mapping[str, str]:
    """Return the report's own labels and prose; a module of their own, which no check loads."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    labels: Mapping[str, str] = import_module(f"nexoaudit.wording.{name}_report").LABELS
    return labels
