"""Damaged configurations: every one is a policy that can be recorded, or refused in words."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.errors import ConfigError
from nexoaudit.evidence import policy_draft
from nexoaudit.ledger import Ledger
from nexoaudit.policy.load import load
from nexoaudit.schedule.cron import is_cron, last_slot, slots_around
from nexoaudit.state.policies import decode_policy, encode_policy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SAMPLE = b"""\
[site]
name = "example"
timezone = "Europe/Madrid"
monitoring_group = "nagios"
[location.local]
path = "/backups"
failure_domain = "server"
[location.offsite]
path = "/offsite"
failure_domain = "elsewhere"
offsite = true
transfer = "30 4 * * *"
[component.database]
kind = "database"
schedule = "0 2 * * *"
window = "02:00-04:30"
grace = "1h"
rpo = "24h"
since = 2026-11-01
[[component.database.series]]
pattern = "db_{time:%Y%m%d_%H%M%S}.sql.gz"
keep = "30d"
locations = ["local", "offsite"]
sidecar = true
[component.database.expect]
tables = ["users"]
min_rows = { users = 10 }
paths = ["lib/config.php"]
[component.database.copies]
total = 3
offsite = 1
[component.night]
kind = "system"
schedule = "0 2 * * 0"
parts = ["database"]
keep = "forever"
[scenario.fire]
rpo = "24h"
rto = "8h"
destroys = ["server"]
[auditor]
audit = "*/15 * * * *"
workers = 2
[mail]
recipients = ["a@example.com"]
sender = "b@example.com"
port = 25
"""
MORE = settings(max_examples=max(300, settings().max_examples))
_ODD = (
    b'"\\u0000"',
    b'"\\n"',
    b"9223372036854775808",
    b"-1",
    b"1e400",
    b"nan",
    b"0001-01-01",
    b"9999-12-31T23:59:59+23:59",
    b"00:00:00",
    b"[[[[]]]]",
    b'"999999999w"',
    b"{ a = 1 }",
    b'"*a*a*a*a*a*a*a*"',
    b'"../x"',
    b'"/\\u0000"',
    b'"/x/../.."',
    b"true",
)


@st.composite
def odd_values(draw: st.DrawFn) -> bytes:
    """Draw the sample with some values in other values' places."""
    lines = SAMPLE.splitlines()
    keys = [number for number, line in enumerate(lines) if b" = " in line]
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.sampled_from(keys))
        other = lines[draw(st.sampled_from(keys))].partition(b" = ")[2]
        value = draw(st.sampled_from(_ODD) | st.just(other))
        lines[number] = lines[number].partition(b" = ")[0] + b" = " + value
    return b"\n".join(lines)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "site.toml"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    made = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite", version="1")
    yield made
    made.close()


def ends_well(config: Path, ledger: Ledger, data: bytes) -> None:
    config.write_bytes(data)
    try:
        loaded = load(config)
    except ConfigError:
        return
    policy = loaded.policy
    assert decode_policy(json.loads(json.dumps(encode_policy(policy)))) == policy
    size = ledger.append([policy_draft(policy, str(config), loaded.sha256)], ts_ms=1)
    assert size == ledger.size
    zone = ZoneInfo(policy.site.timezone)
    last_slot(policy.auditor.audit, zone, NOW)


@MORE
@given(data=st.data())
def test_a_damaged_configuration_is_refused_in_words(config, ledger, mutated, data):
    ends_well(config, ledger, data.draw(mutated(SAMPLE) | odd_values() | st.binary(max_size=200)))


@pytest.mark.parametrize(
    "text", [b"a = " + b"[" * 5000, b"a." * 5000 + b"b = 1", b"a = " + b"9" * 5000]
)
def test_a_configuration_that_is_too_much_for_the_parser(config, ledger, text):
    config.write_bytes(text)
    with pytest.raises(ConfigError, match=r"site\.toml"):
        load(config)


_FIELD = st.sampled_from(
    [
        "*",
        "0",
        "59",
        "*/7",
        "1-5",
        "1,2,31",
        "30",
        "L",
        "*/0",
        "60",
        "-1",
        "jan",
        "sun",
        "9-1",
        "?",
        "h",
        "x",
        "1#2",
    ]
)


@MORE
@given(st.lists(_FIELD, min_size=4, max_size=6).map(" ".join) | st.text(max_size=20))
def test_any_schedule_is_refused_or_has_slots_soon_found(text):
    if is_cron(text):
        slots_around(text, ZoneInfo("Europe/Madrid"), NOW, timedelta(days=40))
        last_slot(text, ZoneInfo("Europe/Madrid"), NOW)
