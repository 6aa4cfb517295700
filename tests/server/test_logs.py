"""B7: how a real server writes its binary logs, against what the policy needs of them."""

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.model.moments import millis
from nexoaudit.model.verdict import Status
from nexoaudit.sandbox.server import server

BINLOG = """
[component.database.live]
socket = "{socket}"
user = "{user}"
{secret}
databases = ["shop"]

[component.binlog]
kind = "binlog"
schedule = "0 * * * *"
grace = "30m"
[[component.binlog.series]]
pattern = "binlog/mysql-bin.{{number}}"
keep = "7d"
locations = ["local"]
sidecar = false
"""


@pytest.fixture
def said(site):
    """Return what the auditor says of a server's binary logs, by reason."""

    def said(socket, user, password_file=""):
        secret = f'password_file = "{password_file}"' if password_file else ""
        plain = site.config.read_text().partition("\n[component.database.live]")[0]
        text = BINLOG.format(socket=socket, user=user, secret=secret)
        site.config.write_text(plain + text)
        state = site.audit().state
        now_ms = millis(site.now)
        found = assess_components(state, now_ms, controls=["binlog"])
        return {v.reason: v.status for v in found if v.subject == "server:database"}

    return said


@pytest.mark.parametrize(
    ("setting", "healthy", "expected"),
    [
        ("binlog_format = MIXED", "binlog_format = ROW", {"binlog.format": Status.WARN}),
        ("binlog_format = STATEMENT", "binlog_format = ROW", {"binlog.format": Status.FAIL}),
        ("expire_logs_days = 1", "expire_logs_days = 7", {"binlog.expires_early": Status.WARN}),
        (
            "binlog_expire_logs_seconds = 3600",
            "expire_logs_days = 7",
            {"binlog.expires_before_copy": Status.FAIL},
        ),
        ("binlog_expire_logs_seconds = 0", "expire_logs_days = 7", {}),
    ],
)
def test_settings_of_a_running_server(live, said, setting, healthy, expected):
    asked = (live.socket, "nexoaudit", live.password_file("STRONG_PASSWORD"))
    assert said(*asked) == {}
    try:
        live.run(f"SET GLOBAL {setting}")
        assert said(*asked) == expected
    finally:
        live.run(f"SET GLOBAL {healthy}")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {"binlog.off": Status.FAIL}),
        (["--log-bin=b", "--binlog-ignore-db=shop"], {"binlog.left_out": Status.FAIL}),
        (["--log-bin=b", "--binlog-do-db=other"], {"binlog.left_out": Status.FAIL}),
        (["--log-bin=b", "--binlog-do-db=shop"], {}),
    ],
)
def test_how_a_server_was_started(said, options, expected):
    with server(options=[*options, "--binlog-format=ROW"]) as running:
        assert said(running.socket, running.user) == expected
