"""Ledgers of sites whose months were told, and the reports of them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from guide_site import at, database_drill, guide_policy
from story import Story, tell_guide_month

from nexoaudit.ledger import Ledger
from nexoaudit.model.policy import Policy
from nexoaudit_reports.period import Month
from nexoaudit_reports.view import Report, build_view


@pytest.fixture
def make_story(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Return a function that makes a story about a policy, in a ledger of its own."""
    ledgers: list[Ledger] = []

    def make(policy: Policy | None = None) -> Story:
        path = tmp_path / f"ledger{len(ledgers)}.sqlite"
        ledgers.append(Ledger(path, version="0.1.0"))
        return Story(ledgers[-1], policy or guide_policy())

    yield make
    for ledger in ledgers:
        ledger.close()


@pytest.fixture(scope="module")
def _module_ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Ledger]]:
    ledgers: list[Ledger] = []

    def make(*, faults: bool, demonstration: bool) -> Ledger:
        path = tmp_path_factory.mktemp("site") / "ledger.sqlite"
        ledgers.append(Ledger(path, version="0.1.0", demonstration=demonstration))
        story = Story(ledgers[-1], guide_policy(demonstration=demonstration))
        tell_guide_month(story, faults=faults)
        story.audit(at(2026, 12, 1, 4))
        return ledgers[-1]

    yield make
    for ledger in ledgers:
        ledger.close()


@pytest.fixture(scope="module")
def faulty(_module_ledgers: Callable[..., Ledger]) -> Ledger:
    """Return the ledger of a demonstration site with a gap, bad copies and a failed drill."""
    return _module_ledgers(faults=True, demonstration=True)


@pytest.fixture(scope="module")
def healthy(_module_ledgers: Callable[..., Ledger]) -> Ledger:
    """Return the ledger of the same site when nothing goes wrong but one unconfigured component."""
    return _module_ledgers(faults=False, demonstration=False)


class Tale:
    """What tests need to tell their own months: `tale.guide_policy()`, `tale.at(2026, 11, 1)`."""

    at = staticmethod(at)
    guide_policy = staticmethod(guide_policy)
    database_drill = staticmethod(database_drill)
    tell_guide_month = staticmethod(tell_guide_month)
    AFTER = at(2026, 12, 1, 6)


@pytest.fixture(scope="session")
def tale() -> type[Tale]:
    return Tale


@pytest.fixture(scope="session")
def view() -> Callable[..., Report]:
    """Return a function that builds the report of November 2026, or of another month."""

    def build(
        ledger: Ledger,
        month: str = "2026-11",
        now: datetime = Tale.AFTER,
        as_of_size: int | None = None,
    ) -> Report:
        return build_view(
            ledger, Month.parse(month), as_of_size=as_of_size, now=now, version="0.1.0"
        )

    return build
