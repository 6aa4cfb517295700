"""A verdict as one sentence."""

from datetime import UTC, tzinfo

from nexoaudit.model.verdict import Verdict
from nexoaudit.wording.catalogue import Catalogue
from nexoaudit.wording.values import write_fact

_WAIVERS = {"waiver_until": "waiver.until", "waiver_ended": "waiver.ended"}
"""What is added to the sentence of a verdict that has one of these facts."""


def sentence(verdict: Verdict, words: Catalogue, zone: tzinfo = UTC) -> str:
    """Return what the verdict says, without the component's name and without a full stop."""
    facts = {name: write_fact(fact, zone) for name, fact in verdict.facts.items()}
    if "problem" in facts:
        facts["problem"] = drill_problem(facts["problem"], words)
    if verdict.reason in words.reasons:
        said = words.reasons[verdict.reason].format_map(_Facts(facts))
        said = f"{facts['drill']}: {said}" if "drill" in facts else said
        said = f"{facts['series']}: {said}" if "series" in facts else said
    else:
        at = f"{facts.get('path', '?')} at {facts.get('location', '?')}"
        said = f"{at}: {copy_problem(verdict.reason, words)}"
    for fact, note in _WAIVERS.items():
        if fact in facts:
            return words.reasons[note].format_map(_Facts({**facts, "sentence": said}))
    return said


def copy_problem(code: str, words: Catalogue) -> str:
    """Return the words for a problem of one copy; the code itself for an unknown one."""
    return words.copy_problems.get(code, code)


def drill_problem(code: str, words: Catalogue) -> str:
    """Return the words for a problem of a test restore; the code itself for an unknown one."""
    return words.drill_problems.get(code, code)


def step_name(step: str, words: Catalogue) -> str:
    """Return the name of a drill's step: of `restore:database` what is done, and to what."""
    name, _, component = step.partition(":")
    said = words.steps.get(name, name)
    return f"{component}: {said}" if component else said


class _Facts(dict[str, str]):
    """Facts to format with: a missing one shows as `?` rather than as an error at 3 a.m."""

    def __missing__(self, key: str) -> str:
        return "?"
