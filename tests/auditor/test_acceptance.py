"""Content from disk to verdict: a baseline, a loss, a person's word."""

import json
import tarfile
from datetime import timedelta

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.auditor.acceptance import accept, unconfirmed
from nexoaudit.errors import ConfigError
from nexoaudit.model.copy import Assurance
from nexoaudit.model.moments import millis
from nexoaudit.state.codec import decode_state, encode_state

TABLE = "CREATE TABLE `{name}` (\n  `id` int\n);\nINSERT INTO `{name}` VALUES\n{rows};\n"


def text(moment, **tables):
    """Return a dump as of a moment with tables of so many rows."""
    rows = {name: ",\n".join(f"({number})" for number in range(n)) for name, n in tables.items()}
    body = "".join(TABLE.format(name=name, rows=held) for name, held in rows.items())
    head = "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n-- Host: h    Database: shop\n"
    done = f"-- Dump completed on {moment:%Y-%m-%d  %H:%M:%S}\n"
    return f"{head}/*!40101 SET NAMES utf8mb4 */;\n{body}{done}"


@pytest.fixture
def dumped(site):
    """Return what writes the dump of so many days ago, and audits."""

    def write(day, **tables):
        moment = site.now.replace(hour=2) - timedelta(days=day) + timedelta(seconds=4)
        for location in ("local", "offsite"):
            site.dump(day, location, text=text(moment, **tables)).chmod(0o600)
        return site.audit().state

    for day in (3, 2, 1):
        write(day, users=40, tickets=90)
    return write


def reasons(state, site):
    found = assess_components(state, millis(site.now), controls=["content"])
    return [verdict.reason for verdict in found]


def said(site, *names):
    with site.session() as session:
        return accept(session, names or ("database",), "A. Person", "compared with the live site")


def test_a_baseline_is_confirmed_by_name_and_then_followed(site, dumped):
    state = dumped(0, users=41, tickets=92)
    assert reasons(state, site) == ["content.unconfirmed"]
    assert unconfirmed(state) == ("database",)
    (verdict,) = said(site)
    assert (verdict.reason, verdict.facts["by"]) == ("content.accepted", "A. Person")
    site.now += timedelta(days=1)
    state = dumped(-1, users=42, tickets=95)
    assert reasons(state, site) == ["content.complete"]
    newest = state.copies["database", "full", "local"][-1]
    assert newest.assurance == Assurance.COMPLETE


def test_a_loss_is_told_until_it_is_mended_or_accepted(site, dumped):
    said(site)
    state = dumped(0, users=41)
    assert reasons(state, site) == ["content.gone"]
    assert state.copies["database", "full", "local"][-1].assurance == Assurance.READABLE
    site.now += timedelta(days=1)
    assert reasons(dumped(-1, users=41), site) == ["content.gone"]
    assert [verdict.reason for verdict in said(site)] == ["content.accepted"]
    site.now += timedelta(days=1)
    assert reasons(dumped(-2, users=42), site) == ["content.complete"]


def test_history_outlives_the_copies_that_were_pruned(site, dumped):
    said(site)
    for location in ("local", "offsite"):
        for path in (site.root / location).iterdir():
            path.unlink()
    assert reasons(dumped(0, tickets=90), site) == ["content.gone"]


def test_the_state_holds_the_history_and_gives_it_back(site, dumped):
    said(site)
    state = dumped(0, users=41, tickets=3)
    again = decode_state(json.loads(json.dumps(encode_state(state))))
    assert again.histories == state.histories
    assert state.histories["database", "full"].good.counts == {"users": 40, "tickets": 90}


@pytest.mark.parametrize(
    ("names", "by", "reason", "message"),
    [
        (("nothing",), "A", "b", "nothing was read of 'nothing'; there are: database"),
        (("database",), " ", "b", "a statement needs a name and a reason"),
        (("database",), "A", "", "a statement needs a name and a reason"),
    ],
)
def test_a_statement_that_says_nothing_is_refused(site, dumped, names, by, reason, message):
    with site.session() as session:
        size = session.ledger.size
        with pytest.raises(ConfigError, match=message):
            accept(session, names, by, reason)
        assert session.ledger.size == size


def test_what_policy_asks_for_later_is_looked_for_in_the_newest_copy(tmp_path, site, dumped):
    pack = site.root / "local" / "files_20261120.tar"
    (tmp_path / "config.php").write_text("<?php")
    with tarfile.open(pack, "w") as tar:
        tar.add(tmp_path / "config.php", "site/lib/config.php")
    site.date(pack, site.now - timedelta(hours=5))
    section = """
[component.uploads]
kind = "uploads"
schedule = "30 2 * * *"
since = 2026-11-20
[[component.uploads.series]]
pattern = "files_{time:%Y%m%d}.tar"
keep = "30d"
locations = ["local"]
sidecar = false
"""
    config = site.config.read_text() + section
    site.config.write_text(config)
    site.audit()
    said(site, "uploads")
    expect = '[component.uploads.expect]\npaths = ["lib/config.php", "theme/custom/*"]\n'
    site.config.write_text(config + expect)
    outcome = site.audit()
    assert outcome.verified == 1
    missing = [
        verdict.facts["names"]
        for verdict in assess_components(outcome.state, millis(site.now))
        if verdict.reason == "content.paths_missing"
    ]
    assert missing == ["theme/custom/*"]
    assert site.audit().verified == 0
