"""The drill of a whole site, as it is ordered: from the ledger to the assurance of copies."""

import gzip
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from small_site import NOW
from tarred import tar
from whole_site import CONFIG, DUMP, FILES, NAMED, PHP, PLANT, php

from nexoaudit.auditor.scenes import play
from nexoaudit.auditor.systems import drill_site
from nexoaudit.cli.main import main
from nexoaudit.evidence import millis
from nexoaudit.model.copy import Assurance
from nexoaudit.rules.recovery import judge_site

pytestmark = pytest.mark.mariadb

COMPONENTS = """
[component.uploads]
kind = "uploads"
schedule = "30 2 * * *"
since = 2026-11-20
[[component.uploads.series]]
pattern = "files_{time:%Y%m%d_%H%M%S}.tar.gz"
keep = "30d"
locations = ["local"]

[component.config]
kind = "config"
schedule = "on-change"
[[component.config.series]]
pattern = "config_{time:%Y%m%d_%H%M%S}.tar.gz"
keep = "365d"
locations = ["local"]

[drill]
health = ["PHP", "ROOT/health.php"]
plant = "PLANT"
deadline = "1m"
[[drill.reconcile]]
sql = "SQL"
below = "uploads"
"""


@pytest.fixture
def command():
    """Return a health command that the sandbox's user can read."""
    directory = Path(tempfile.mkdtemp(prefix="nx"))
    directory.chmod(0o755)
    (directory / "health.php").write_text(PHP)
    yield directory / "health.php"
    shutil.rmtree(directory)


@pytest.fixture
def whole(site, command):
    """Return a site with a backup of each part, made last night."""
    text = COMPONENTS.replace("PHP", php(), 1).replace("ROOT/health.php", str(command))
    text = text.replace("PLANT", PLANT).replace("SQL", NAMED.sql)
    site.config.write_text(site.config.read_text() + text)
    pack(site, "files", FILES)
    pack(site, "config", CONFIG)
    site.dump(0, text=DUMP.replace("2026-11-20  2:00:09", f"{NOW:%Y-%m-%d}  2:00:04"))
    site.dump(0, "offsite", text=DUMP)
    return site


def pack(site, name, entries):
    moment = NOW.replace(hour=2, minute=30)
    path = site.root / "local" / f"{name}_{moment:%Y%m%d_%H%M%S}.tar.gz"
    path.write_bytes(gzip.compress(tar(entries), 1))
    site.date(path, moment + timedelta(seconds=5))
    site.sidecar(path)


def assurances(state):
    return {
        component: held[-1].assurance
        for (component, _, location), held in state.copies.items()
        if location == "local"
    }


def test_copies_that_serve_are_known_as_such(whole):
    whole.audit()
    with whole.session() as session:
        result = drill_site(session)
        state = session.recall()
    assert (result.outcome, result.problems, result.component) == ("pass", (), "")
    assert assurances(state) == dict.fromkeys(("database", "uploads", "config"), Assurance.SERVING)
    assert [one.component for one in result.used] == ["database", "config", "uploads"]
    assert "system.proven" in {verdict.reason for verdict in judge_site(state, millis(NOW))}


def test_what_did_not_serve_is_not_known_as_such(whole, command):
    command.write_text("<?php echo 'welcome';")
    whole.audit()
    with whole.session() as session:
        assert drill_site(session).reason == "drill.not_served"
        assert max(assurances(session.recall()).values()) < Assurance.RESTORED


def test_without_a_command_what_came_back_is_restored(whole):
    text = whole.config.read_text()
    before, _, after = text.partition("health = ")
    after = after.partition("plant = ")[2].partition("\n")[2]
    whole.config.write_text(before + after)
    whole.audit()
    with whole.session() as session:
        assert drill_site(session).reason == "drill.no_health"
        assert set(assurances(session.recall()).values()) == {Assurance.RESTORED}


def test_a_site_without_a_part_says_so(site):
    site.audit()
    with site.session() as session:
        result = drill_site(session)
    assert (result.outcome, result.detail) == ("fail", "config, files")


def test_only_one_component_of_a_kind_is_restored_and_the_others_are_named(whole):
    more = COMPONENTS.partition("[component.config]")[0].replace("component.uploads", "component.b")
    whole.config.write_text(whole.config.read_text() + more.replace("files_", "more_"))
    pack(whole, "more", FILES)
    whole.audit()
    with whole.session() as session:
        result = drill_site(session)
    assert (result.outcome, result.problems) == ("pass", ("drill.part_left_out",))


def test_the_command_line_orders_it(whole, capsys):
    whole.audit()
    options = ["--config", str(whole.config)]
    assert main(["drill", "system", *options], clock=lambda: NOW) == 0
    said = capsys.readouterr().out
    assert "ask the application" in said
    assert "serving" in said
    assert main(["drill", "system", "--component", "config", *options], clock=lambda: NOW) == 2
    assert "restored from the newest of all" in capsys.readouterr().err


SCENARIO = """
[scenario.fire]
rpo = "24h"
rto = "4h"
destroys = ["{domain}"]
"""


def test_a_lost_machine_is_restored_as_one_system_that_serves(whole):
    whole.config.write_text(whole.config.read_text() + SCENARIO.format(domain="elsewhere"))
    whole.audit()
    with whole.session() as session:
        (scenario,) = session.policy.scenarios
        result = play(session, scenario)
        state = session.recall()
    assert (result.outcome, result.problems, result.detail) == ("pass", (), "")
    assert result.measure("serving") == 1
    assert {one.component for one in result.used} == {"database", "config", "uploads"}
    assert result.measure("measured_ms") == sum(step.duration_ms for step in result.steps)
    assert "recovery.tested" in {verdict.reason for verdict in judge_site(state, millis(NOW))}


def test_a_scenario_fails_where_its_system_does_not_serve(whole, command):
    command.write_text("<?php echo 'welcome';")
    whole.config.write_text(whole.config.read_text() + SCENARIO.format(domain="elsewhere"))
    whole.audit()
    with whole.session() as session:
        (scenario,) = session.policy.scenarios
        assert play(session, scenario).reason == "drill.not_served"
