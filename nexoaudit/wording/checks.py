"""The sentences of a language together with what only the checks say."""

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from nexoaudit.wording.catalogue import LANGUAGES, Catalogue, catalogue


class CheckWords(NamedTuple):
    """All that the checks say in one language."""

    catalogue: Catalogue
    """With the reasons of the checks' own options added."""
    summaries: Mapping[str, str]
    good: Mapping[str, str]
    notes: Mapping[str, str]
    texts: Mapping[str, str]


def check_words(language: str) -> CheckWords:
    """Return the checks' sentences of `language`; English for one that does not exist."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    module = import_module(f"nexoaudit.wording.{name}_checks")
    words = catalogue(name)
    return CheckWords(
        words._replace(reasons={**words.reasons, **module.REASONS}),
        module.SUMMARIES,
        module.GOOD,
        module.NOTES,
        module.TEXTS,
    )
