"""Deployed code against its database: what fits, what settles, what was forgotten."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.fit import Fit, Versions
from nexoaudit.model.policy import Component
from nexoaudit.model.verdict import Status
from nexoaudit.state.codec import decode_state, encode_state

PASS, WARN, FAIL, UNVERIFIED = Status.PASS, Status.WARN, Status.FAIL, Status.UNVERIFIED
CODE = Component(
    "code",
    "code",
    "on-change",
    grace_s=3600,
    repository="/srv/git/site.git",
    deployed="/var/www/site",
    schema=Versions("database", "SELECT 1", "/var/www/site/version.php", "([0-9]+)"),
)


@pytest.fixture
def judged(build):
    def judge(code, schema, hours=0.0, detail="", component=CODE):
        since_ms = build.now_ms - round(hours * build.HOUR)
        base = build.state(fits={"code": Fit("code", code, schema, detail, since_ms)})
        given = base._replace(policy=base.policy._replace(components=(component,)))
        verdicts = assess_components(given, build.now_ms, controls=["content"])
        return [(v.status, v.reason) for v in verdicts]

    return judge


@pytest.mark.parametrize(
    ("code", "schema"),
    [("2.2.0", "2.2.0"), ("2.2", "2.2.0"), ("2026112300", "2026112300"), ("a1b2", "a1b2")],
)
def test_one_version_fits(judged, code, schema):
    assert judged(code, schema, 500) == [(PASS, "content.schema_fits")]


@pytest.mark.parametrize(
    ("code", "schema", "reason"),
    [
        ("2.10.0", "2.9.0", "older"),
        ("2026112301", "2026112300", "older"),
        ("2.1", "2.1.1", "newer"),
        ("a1b2", "a1b3", "other"),
        ("2.2-rc1", "2.2", "other"),
        ("٢", "2", "other"),
    ],
)
def test_two_versions_settle_within_the_grace_and_then_do_not_fit(judged, code, schema, reason):
    assert judged(code, schema, 0.9) == [(PASS, "content.schema_settling")]
    assert judged(code, schema, 2) == [(WARN, f"content.schema_{reason}")]
    assert judged(code, schema, 26) == [(FAIL, f"content.schema_{reason}")]


def test_what_could_not_be_read_is_unknown_and_so_is_what_nobody_read(judged, build):
    assert judged("2.1", "", detail="away") == [(UNVERIFIED, "content.schema_unknown")]
    base = build.state()
    given = base._replace(policy=base.policy._replace(components=(CODE,)))
    (verdict,) = assess_components(given, build.now_ms, controls=["content"])
    assert (verdict.status, verdict.reason) == (UNVERIFIED, "content.schema_unknown")


def test_nothing_is_said_where_nobody_asks(judged):
    assert judged("1", "2", 99, component=CODE._replace(schema=None)) == []


def test_the_state_keeps_both_versions(build):
    state = build.state(fits={"code": Fit("code", "2.1", "2.0", "", 5)})
    assert decode_state(encode_state(state)).fits == state.fits
