"""What root plays and runs, an ordinary user can, too: in a server and directories of his own."""

import pytest
from recovering import FAILURE, assert_files, assert_whole, book, settings, write_config

pytestmark = [pytest.mark.mariadb, pytest.mark.unprivileged]


def test_a_scenario_is_played_and_its_runbook_brings_everything_back(alone, backups, fresh, health):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    write_config(alone, **{"var/www/lib/config.php": settings()})
    backups.put(alone, "named")
    alone.audit()
    drill = alone.play("server-failure")
    assert (drill.outcome, drill.detail) == ("pass", "")
    assert "replay:database" in {step.name for step in drill.steps}
    done = fresh.run(book(alone, "server-failure"), HEALTH_URL=health)
    assert (done.returncode, done.stderr) == (0, "")
    assert_whole(fresh)
    assert_files(fresh)
    assert fresh.as_app("SELECT COUNT(*) FROM shop.users") == [91]
