"""Tables whose rows come and go, from what many dumps held to the verdict: falls and twins."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.manifest import Acceptance
from nexoaudit.rules import content

WORD = Acceptance(1, "A. Person", "as it should be")
ROW = {"sessions": 1000, "cache": 1000, "visits": 100, "exam_sessions": 100}
"""Bytes of a row, where it is not 10."""
STEADY = [500] * 9


@pytest.fixture
def judged(build):
    """Judge the last of dumps of one a day; a table's counts are given day by day."""

    def judge(**tables):
        days = range(len(next(iter(tables.values()))) - 1, -1, -1)
        held = [{name: counts[-1 - day] for name, counts in tables.items()} for day in days]
        manifests = [
            build.manifest(
                day,
                counts=counts,
                facts={"database": "shop", "rows": sum(counts.values())},
                raw_size=sum(count * ROW.get(name, 10) for name, count in counts.items()),
            )
            for day, counts in zip(days, held, strict=True)
        ]
        component = build.database()
        known = content.history(component, manifests, {manifests[0].sha256: WORD}).history
        state = build.state(histories={("database", "full"): known})
        found = assess_components(state, build.now_ms, controls=["content"])
        return sorted(verdict.reason for verdict in found)

    return judge


WELL = ["content.complete"]
NOTED = ["content.complete", "content.volatile"]
SWINGING = [500, 380, 510, 390, 480, 370, 505, 500]


@pytest.mark.parametrize(
    ("table", "counts", "said"),
    [
        ("sessions", [*STEADY, 20], NOTED),
        ("sessions", [*STEADY, 0], NOTED),
        ("sessions", [*STEADY, 20, 21], WELL),
        ("sessions", [*STEADY, 300, 180, 110], WELL),  # half of the day before, a fifth in all
        ("users", [*STEADY, 20], ["content.collapsed"]),
        ("users", [*STEADY, 0], ["content.emptied"]),
        ("users", [*STEADY, 20, 21], ["content.collapsed"]),
        ("visits", [*SWINGING, 240], NOTED),
        ("visits", [*SWINGING, 240, 235], WELL),
        ("visits", [*STEADY, 220], ["content.collapsed"]),
        ("visits", [*SWINGING, 20], ["content.collapsed"]),
        ("visits", [*SWINGING, 0], ["content.emptied"]),
        ("exam_sessions", [*STEADY, 20], ["content.collapsed"]),
    ],
)
def test_a_large_fall_fails_unless_the_table_comes_and_goes(judged, table, counts, said):
    assert judged(**{table: counts, "tickets": [2000] * len(counts)}) == said


def test_what_comes_and_goes_excuses_nothing_else(judged):
    went = [*STEADY, 20]
    assert judged(sessions=went, users=went, tickets=[2000] * 10) == [
        "content.collapsed",
        "content.volatile",
    ]
    assert judged(sessions=[*STEADY, 500], tickets=[*[2000] * 9, 600]) == ["content.collapsed"]


def test_its_rows_are_no_part_of_the_sum(judged):
    most = [*[90_000] * 9, 300]
    assert judged(cache=most, tickets=[2000] * 10) == NOTED
    assert judged(cache=most, tickets=[2000] * 9 + [900]) == [
        "content.collapsed",
        "content.volatile",
    ]


def test_a_table_that_is_gone_is_missed_whatever_its_name(judged, build):
    history = build.history()
    good = history.newest._replace(counts={**history.newest.counts, "sessions": 90})
    state = build.state(histories={("database", "full"): history._replace(good=good)})
    found = assess_components(state, build.now_ms, controls=["content"])
    assert [verdict.reason for verdict in found] == ["content.gone"]
