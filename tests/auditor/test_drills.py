"""Test restores as the auditor orders them."""

import pytest

from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.targets import Choice, targets

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
