"""What a real server is asked for the exact proof: with which rights, and without any write."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexoaudit.live.snapshot import observe_snapshot
from nexoaudit.model.policy import Login
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.server import server
from nexoaudit.state.snapshots import decode_snapshot, encode_snapshot

pytestmark = pytest.mark.mariadb

DOCUMENT = Path(__file__).parents[2] / "docs" / "live.md"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def documented() -> str:
    """Return the GRANT that docs/live.md asks for the exact proof."""
    (found,) = re.findall(r"GRANT SELECT ON nexosupport\.\* TO [^;]*;", DOCUMENT.read_text())
    return found.replace("nexosupport.*", "shop.*").rstrip(";")


@pytest.fixture
def granted(live):
    live.run(documented())
    yield live
    live.run("REVOKE SELECT ON shop.* FROM 'nexoaudit'@'localhost'")


def look(live, user="nexoaudit", password="STRONG_PASSWORD", databases=("shop",)):
    own = Login(user, live.socket, password_file=live.password_file(password))
    return observe_snapshot("database", own, databases, NOW, within_s=60)


def place(live):
    with live.running.connect() as admin:
        return ask(admin, "SHOW MASTER STATUS"), ask(admin, "SELECT @@gtid_binlog_pos")


def test_the_documented_rights_are_enough_and_nothing_is_written(granted):
    before = place(granted)
    found = look(granted)
    assert place(granted) == before
    assert (found.reason, found.detail) == ("", "")
    assert (found.log, str(found.offset)) == (before[0][0][0], str(before[0][0][1]))
    assert found.gtid == before[1][0][0]
    assert [(held.name, held.rows) for held in found.sums] == [("shop.users", 0)]
    assert found.left_out == (("shop.cart", "MyISAM shows no moment"),)
    assert decode_snapshot(encode_snapshot(found)) == found


def test_a_login_that_may_write_does_not_either(granted):
    granted.run("GRANT ALL ON *.* TO 'nexoaudit'@'localhost'")
    try:
        before = place(granted)
        assert look(granted).reason == ""
        assert place(granted) == before
    finally:
        granted.run("REVOKE ALL PRIVILEGES ON *.* FROM 'nexoaudit'@'localhost'")
        granted.run(
            "GRANT SHOW DATABASES, TRIGGER, EVENT, BINLOG MONITOR ON *.* TO 'nexoaudit'@'localhost'"
        )


def test_without_the_right_to_read_it_is_refused(live):
    found = look(live)
    assert found.reason == "server.refused"
    assert "denied" in found.detail
    assert decode_snapshot(encode_snapshot(found)) == found


def test_a_login_that_sees_nothing_is_told_as_such(live):
    found = look(live, "blind", "b")
    assert (found.reason, found.detail) == ("snapshot.no_tables", "the login sees no table of shop")


def test_a_wrong_password_is_told_as_such(live):
    assert look(live, password="wrong").reason == "server.refused"


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--skip-log-bin", "snapshot.no_place"),
        ("--version=8.0.36", "snapshot.not_mariadb"),  # all that MySQL says of itself
    ],
)
def test_servers_that_cannot_say_where_they_are(option, reason):
    with server(options=[option]) as running:
        with running.connect() as admin:
            ask(admin, "CREATE DATABASE shop")
            ask(admin, "CREATE TABLE shop.users (id INT PRIMARY KEY)")
        found = observe_snapshot(
            "database", Login("root", str(running.socket)), ("shop",), NOW, within_s=60
        )
    assert found.reason == reason, found
