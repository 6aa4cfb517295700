"""Tables that are left out of the dumps on purpose: neither missed nor lost."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.manifest import Acceptance
from nexoaudit.model.policy import Expect, Login
from nexoaudit.model.server import Schema, Server
from nexoaudit.model.verdict import Status
from nexoaudit.rules import content
from nexoaudit.state.codec import decode_state, encode_state

WORD = Acceptance(1, "A. Person", "as it should be")
WHOLE = {"users": 200, "tickets": 1000, "audit_log": 9000}
LEFT = {"users": 200, "tickets": 1000}
OUT = Expect(absent=("audit_log",))


@pytest.fixture
def judged(build):
    """Judge the last of dumps of one a day that hold these rows."""

    def judge(*days, expect=OUT, live=()):
        manifests = [
            build.manifest(
                len(days) - 1 - number,
                counts=counts,
                facts={"database": "shop", "rows": sum(counts.values())},
                raw_size=sum(counts.values()) * 10,
            )
            for number, counts in enumerate(days)
        ]
        engines = tuple((name, "InnoDB") for name in live)
        schema = Schema("shop", "utf8mb4", "utf8mb4_bin", engines, (), (), (), (), ())
        since = build.now_ms - 30 * build.DAY
        server = Server(
            "database", "/s", since, build.now_ms, databases=("shop",), schemas=(schema,)
        )
        component = build.database(expect=expect, live=Login("nexoaudit", "/s") if live else None)
        seen = server if live else None
        known = content.history(component, manifests, {manifests[0].sha256: WORD}, seen)
        state = build.state(
            histories={("database", "full"): known.history},
            servers={"database": server} if live else {},
        )
        state = state._replace(policy=state.policy._replace(components=(component,)))
        state = decode_state(encode_state(state))
        found = assess_components(state, build.now_ms, controls=["content"])
        assert manifests[-1].sha256 in known.good or any(v.status is not Status.PASS for v in found)
        return sorted(verdict.reason for verdict in found)

    return judge


WELL = ["content.complete"]


@pytest.mark.parametrize(
    "glob", ["audit_log", "shop.audit_log", "audit_*", "shop.audit_*", "*.audit_log"]
)
def test_what_is_left_out_is_not_missed(judged, glob):
    assert judged(LEFT, LEFT, live=WHOLE, expect=Expect(absent=(glob,))) == WELL


@pytest.mark.parametrize("absent", [(), ("audit",), ("other.audit_log",), ("AUDIT_LOG",)])
def test_what_is_not_named_is_missed(judged, absent):
    assert judged(LEFT, LEFT, live=WHOLE, expect=Expect(absent=absent)) == ["content.live_missing"]


def test_the_first_dump_without_it_lost_nothing(judged):
    before = [WHOLE] * 5
    assert judged(*before, LEFT) == WELL
    assert judged(*before, LEFT, LEFT) == WELL
    assert judged(*before, {**LEFT, "audit_log": 0}) == WELL  # its structure alone
    assert judged(*before, LEFT, expect=Expect()) == ["content.gone"]


def test_all_else_is_judged_as_ever(judged):
    assert judged(*[WHOLE] * 5, {"tickets": 1000}) == ["content.gone"]
    assert judged(*[WHOLE] * 5, {**LEFT, "users": 20}) == ["content.collapsed"]
    assert judged(LEFT, {"tickets": 1000}, live=WHOLE) == ["content.gone", "content.live_missing"]


def test_one_that_is_there_after_all_is_a_note(judged):
    noted = ["content.complete", "content.not_left_out"]
    assert judged(WHOLE, WHOLE) == noted
    assert judged(LEFT, WHOLE, live=WHOLE) == noted


def test_of_several_databases_each_name_is_complete(judged, build):
    two = {"shop.users": 200, "shop.audit_log": 50, "mail.audit_log": 60}
    left = {"shop.users": 200, "mail.audit_log": 60}
    assert (
        judged(two, left, expect=Expect(absent=("shop.audit_log",)))
        == [
            "content.complete",
            "content.not_left_out",
        ][:1]
    )
    assert judged(two, {"shop.users": 200}, expect=Expect(absent=("shop.audit_log",))) == [
        "content.gone"
    ]
    assert judged(two, {"shop.users": 200}, expect=OUT) == WELL
