"""Verdicts as text: one line that leads with the worst, and the details."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

from nexoaudit.model.fact import Fact, Moment
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.wording.checks import CheckWords
from nexoaudit.wording.sentence import sentence
from nexoaudit.wording.values import write_fact
from nexoaudit_checks._perfdata import owner

_WELL = frozenset({Status.PASS, Status.WAIVED})


class Summary:
    """What the verdicts of one check say."""

    def __init__(
        self,
        verdicts: tuple[Verdict, ...],
        words: CheckWords,
        totals: Mapping[str, Fact],
        zone: str = "UTC",
        scope: str = "",
    ) -> None:
        self._ranked = sorted(verdicts, key=_rank)
        self._words = words
        self._totals = totals
        self._zone_name = zone
        self._scope = scope
        self._zone: tzinfo | None = None

    def line(self, control: str) -> str:
        """Return the text of the first line."""
        troubled = [verdict for verdict in self._ranked if verdict.status not in _WELL]
        told = troubled or self._only_waived()
        parts = [self._lead(told) if told else self._all_well(control)]
        parts += self._others(told)
        good = self._totals.get("good", 0)
        if troubled and good and self._totals["judged"] != 1:
            parts.append(self._fill(self._words.good[control], self._totals))
        return _prose([part for part in parts if part])

    def details(self) -> list[str]:
        """Return one line for each verdict, the worst first."""
        return [
            self._fill(
                self._words.texts["detail"],
                {
                    "status": self._words.catalogue.status[verdict.status],
                    "sentence": self._named(verdict),
                },
            )
            for verdict in self._ranked
        ]

    def source(self, facts: Mapping[str, Fact]) -> str:
        """Return the line that says what all this was derived from."""
        return self._fill(self._words.texts["source"], facts)

    def _all_well(self, control: str) -> str:
        passed = [verdict for verdict in self._ranked if verdict.status is Status.PASS]
        if len({owner(verdict, self._scope) for verdict in passed}) > 1:
            return self._fill(self._words.summaries[control], self._totals)
        if not passed:
            return ""
        first, *rest = passed
        return ", ".join([self._named(first), *(self._sentence(verdict) for verdict in rest)])

    def _only_waived(self) -> list[Verdict]:
        """Return what is waived when there is nothing else to say."""
        passed = any(verdict.status is Status.PASS for verdict in self._ranked)
        waived = [verdict for verdict in self._ranked if verdict.status is Status.WAIVED]
        return [] if passed else waived

    def _lead(self, troubled: list[Verdict]) -> str:
        """Say the worst in full, and how much more there is of its component."""
        worst, *rest = troubled
        text = self._named(worst)
        more = sum(1 for verdict in rest if _belongs(verdict, worst))
        if not more:
            return text
        return self._fill(self._words.texts["more"], {"sentence": text, "count": more})

    def _others(self, troubled: list[Verdict]) -> list[str]:
        """Name the other components that are not well, and those that are waived, by status."""
        groups: dict[Status, list[str]] = {}
        named = {troubled[0].component} if troubled and troubled[0].component else set()
        waived = [verdict for verdict in self._ranked if verdict.status is Status.WAIVED]
        for verdict in [*troubled[1:], *waived]:
            if troubled and _belongs(verdict, troubled[0]):
                continue
            if verdict.component and verdict.component in named:
                continue
            named.add(verdict.component)
            name = verdict.component or self._site(verdict)
            if name not in groups.setdefault(verdict.status, []):
                groups[verdict.status].append(name)
        return [
            self._fill(
                self._words.texts["also"],
                {"status": self._words.catalogue.status[status], "names": ", ".join(names)},
            )
            for status, names in groups.items()
        ]

    def _site(self, verdict: Verdict) -> str:
        """Return what to call a verdict of no component among others."""
        if verdict.control == "auditor" or not verdict.subject:
            return self._sentence(verdict)
        return verdict.subject.partition(":")[0].rpartition("/")[2]

    def _named(self, verdict: Verdict) -> str:
        text = self._sentence(verdict)
        return f"{verdict.component}: {text}" if verdict.component else text

    def _sentence(self, verdict: Verdict) -> str:
        return sentence(verdict, self._words.catalogue, self._zone_for(verdict.facts))

    def _fill(self, text: str, facts: Mapping[str, Fact]) -> str:
        zone = self._zone_for(facts)
        return text.format_map({name: write_fact(fact, zone) for name, fact in facts.items()})

    def _zone_for(self, facts: Mapping[str, Fact]) -> tzinfo:
        """Return the site's zone, but load it only for facts that hold a moment."""
        if not any(isinstance(fact, Moment) for fact in facts.values()):
            return UTC
        if self._zone is None:
            self._zone = zone_of(self._zone_name) or UTC
        return self._zone


def zone_of(name: str) -> tzinfo | None:
    """Return the time zone of that name; None when this machine does not know it."""
    if name == "UTC":
        return UTC
    # Most polls show no moment, and loading zones costs as much as judging.
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def _prose(parts: list[str]) -> str:
    """Return sentences one after another, without the last full stop."""
    ended = [part if part.endswith("?") else f"{part}." for part in parts]
    return " ".join(ended).removesuffix(".")


def _rank(verdict: Verdict) -> tuple[int, bool]:
    """Sort the loudest first; a component that only repeats its parts after those."""
    return (-alarm(verdict.status), verdict.reason == "component.by_parts")


def _belongs(verdict: Verdict, worst: Verdict) -> bool:
    """Return whether a verdict is counted with the worst one instead of being named itself."""
    if verdict.component != worst.component:
        return False
    return bool(verdict.component or verdict.subject)
