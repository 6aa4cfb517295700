"""Servers in the ledger and the state: changes alone, and the last known facts after a failure."""

from datetime import timedelta

import pytest

from nexoaudit.state.codec import decode_state, encode_state

LOGIN = """
[component.database.live]
socket = "{socket}"
user = "nexoaudit"
password_file = "{password_file}"
backup_user = "guide@localhost"
"""


@pytest.fixture
def watched(live, site):
    """A site with a read-only login to the live server."""
    path = live.password_file("STRONG_PASSWORD")
    text = LOGIN.format(socket=live.socket, password_file=path)
    site.config.write_text(site.config.read_text() + text)
    return site


def entries(site):
    with site.session() as session:
        ledger = session.ledger
        return [e for e in map(ledger.entry, range(ledger.size)) if e.subject == "server:database"]


def test_a_server_is_recorded_once_and_again_when_it_changes(live, watched):
    watched.audit()
    watched.now += timedelta(minutes=15)
    state = watched.audit().state
    assert len(entries(watched)) == 1
    seen = state.servers["database"]
    assert (seen.seen_ms - seen.since_ms, seen.failed_ms) == (15 * 60_000, 0)
    live.run("CREATE DATABASE added")
    watched.now += timedelta(minutes=15)
    assert "added" in watched.audit().state.servers["database"].databases
    live.run("DROP DATABASE added")
    assert len(entries(watched)) == 2


def test_the_state_file_gives_the_server_back(watched):
    state = watched.audit().state
    assert decode_state(encode_state(state)).servers == state.servers


def test_no_secret_reaches_ledger_or_state(live, watched):
    watched.audit()
    directory = watched.root / "state"
    for path in directory.iterdir():
        assert b"STRONG_PASSWORD\n" not in path.read_bytes()
        assert b"IDENTIFIED" not in path.read_bytes()


def test_what_was_known_stays_when_the_server_refuses(live, watched):
    known = watched.audit().state.servers["database"]
    live.password_file("STRONG_PASSWORD", 0o644)
    watched.now += timedelta(minutes=15)
    seen = watched.audit().state.servers["database"]
    assert (seen.reason, seen.failed_ms - seen.seen_ms) == ("server.secret", 15 * 60_000)
    assert seen._replace(failed_ms=0, reason="", detail="") == known
    watched.now += timedelta(minutes=15)
    again = watched.audit().state.servers["database"]
    assert again == seen
    live.password_file("STRONG_PASSWORD")
    watched.now += timedelta(minutes=15)
    assert watched.audit().state.servers["database"].failed_ms == 0


def test_what_was_known_of_another_server_is_forgotten(live, watched, tmp_path):
    watched.audit()
    other = watched.config.read_text().replace(live.socket, str(tmp_path / "none"))
    watched.config.write_text(other)
    seen = watched.audit().state.servers["database"]
    assert (seen.reason, seen.since_ms, seen.databases) == ("server.away", 0, None)


def test_a_server_that_is_no_longer_configured_is_not_in_the_state(live, watched):
    watched.audit()
    text = watched.config.read_text()
    watched.config.write_text(text.partition("[component.database.live]")[0])
    assert watched.audit().state.servers == {}
