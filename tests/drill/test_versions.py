"""Deployed code against the version of the schema that came back."""

import pytest

from nexoaudit.drill.versions import Deployed

pytestmark = pytest.mark.mariadb

CONFIG = b"""
CREATE TABLE `config` (`name` varchar(40), `value` varchar(40));
INSERT INTO `config` VALUES ('version','2.1.0'),('other','x'),('other','y');
"""
SQL = "SELECT value FROM shop.config WHERE name = '{}'"
BEFORE_MS, AFTER_MS = 1_700_000_000_000, 1_900_000_000_000


@pytest.fixture
def deployed(restore, whole):
    """Return what restores a dump of version 2.1.0 beside deployed code."""
    end = whole.index(b"\n-- Dump completed")
    dump = whole[:end] + CONFIG + whole[end:]

    def drill(version, changed_ms=BEFORE_MS, name="version"):
        return restore(dump, deployed=[Deployed("code", SQL.format(name), version, changed_ms)])

    return drill


def test_code_that_fits_what_came_back_is_recorded(deployed):
    found = deployed("2.1")
    assert (found.outcome, dict(found.measures)["version.code"]) == ("pass", "2.1.0")


def test_code_that_does_not_fit_what_came_back_fails_the_drill(deployed):
    found = deployed("2.2.0")
    assert (found.outcome, found.reason) == ("fail", "drill.version_other")
    assert found.detail == "code is of version 2.2.0, the database of 2.1.0"


@pytest.mark.parametrize(("version", "changed_ms"), [("2.2.0", AFTER_MS), ("", 0)])
def test_code_deployed_since_or_unread_is_not_held_against_the_dump(deployed, version, changed_ms):
    found = deployed(version, changed_ms)
    assert (found.outcome, dict(found.measures)["version.code"]) == ("pass", "2.1.0")


@pytest.mark.parametrize("name", ["nothing", "other"])
def test_a_database_that_gives_no_version_is_unverified(deployed, name):
    found = deployed("2.1.0", name=name)
    assert (found.outcome, found.reason) == ("unverified", "drill.version_unread")


def test_a_dump_without_the_table_is_unverified(restore, whole):
    found = restore(whole, deployed=[Deployed("code", SQL.format("version"), "2", BEFORE_MS)])
    assert (found.outcome, found.reason) == ("unverified", "drill.version_unread")
    assert "config" in found.detail
