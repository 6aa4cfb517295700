"""Test restores as the auditor orders them."""

import pytest

from nexoaudit.auditor.baseline import baseline
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.targets import Choice, targets
from nexoaudit.model.copy import Assurance
from nexoaudit.model.drill import CONTENTS

pytestmark = pytest.mark.mariadb

CODE = """
[component.code]
kind = "code"
schedule = "on-change"
repository = "{root}/site.git"
deployed = "{root}/site"
[component.code.schema]
component = "database"
sql = "SELECT MAX(id) FROM shop.users"
file = "{root}/version.php"
pattern = "version = ([0-9]+)"
"""


def test_the_version_of_a_restored_database_is_recorded_for_the_code_that_works_on_it(site):
    with site.config.open("a") as file:
        file.write(CODE.format(root=site.root))
    (site.root / "version.php").write_text("version = 10")
    state = site.audit().state
    with site.session() as session:
        (target,) = targets(state, Choice(("database",)))
        found = drill(session, target)
    assert (found.outcome, dict(found.measures)["version.code"]) == ("pass", "10")


def test_contents_alone_prove_the_copy_and_leave_the_restores_as_they_are(site):
    state = site.audit().state
    with site.session() as session:
        (target,) = targets(state, Choice(("database",)))
        plain = drill(session, target)
        fast = drill(session, target, fast=True)
        known = session.recall()
    assert (fast.kind, fast.outcome, dict(fast.measures)["mode"]) == (CONTENTS, "pass", "fast")
    assert dict(fast.measures)["content"] == dict(plain.measures)["content"]
    assert [item.kind for item in known.drills] == ["database", CONTENTS]
    place = (fast.component, fast.series, fast.location)
    assert known.copies[place][-1].assurance == Assurance.RESTORED


def test_contents_are_compared_with_the_last_good_drill_of_either_kind(site):
    state = site.audit().state
    with site.session() as session:
        (target,) = targets(state, Choice(("database",)))
        assert target.copy is not None
        for fast in (True, False):
            done = drill(session, target, fast=fast)
            before = baseline(session, "database", target.series, target.copy)
            assert (before.kind, before.started_ms) == (done.kind, done.started_ms)


def test_what_may_still_be_written_is_not_called_lost(site):
    for path in (site.root / "local").glob("db_*"):
        path.unlink() if path.suffix == ".sha256" else site.date(path, site.now)
    state = site.audit().state
    with site.session() as session:
        (target,) = targets(state, Choice(("database",), location="local"))
        found = drill(session, target)
    assert target.copy is None
    assert (found.outcome, found.reason) == ("unverified", "drill.unfinished")
