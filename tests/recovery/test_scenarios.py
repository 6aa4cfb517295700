"""Scenarios for real: only what the disaster leaves is used, fetched, opened and restored."""

from datetime import timedelta

import pytest

from nexoaudit.assess import assess_site
from nexoaudit.cli.main import main
from nexoaudit.model.moments import millis
from nexoaudit.model.verdict import Status

pytestmark = pytest.mark.mariadb


def verdicts(site):
    with site.session() as session:
        state = session.recall()
    found = assess_site(state, millis(site.now), ["recovery"])
    return {verdict.subject: (verdict.status, verdict.reason) for verdict in found}


@pytest.fixture
def cloud(hit):
    """The site with everything in a bucket as well, encrypted, and the key in escrow."""
    hit.with_bucket()
    hit.audit()
    return hit


def test_a_site_disaster_is_recovered_from_the_bucket_alone(cloud):
    for folder in ("local", "offsite"):  # what is gone must not be needed
        (cloud.root / folder).rename(cloud.root / f"{folder}-burnt")
    drill = cloud.play("site-disaster")
    measures = dict(drill.measures)
    assert (drill.outcome, drill.reason, drill.detail) == ("pass", "", "")
    assert (drill.kind, drill.component, drill.scenario) == ("scenario", "", "site-disaster")
    assert measures["locations"] == "cloud"
    names = [step.name for step in drill.steps]
    assert names[0] == "fetch:uploads"
    assert {"fetch:database", "restore:database", "read:uploads"} <= set(names)
    assert drill.measure("measured_ms") == sum(step.duration_ms for step in drill.steps)
    assert drill.measure("guide_ms") >= drill.measure("measured_ms")
    assert drill.measure("loses.database") == 10 * 3_600_000
    assert drill.measure("loses_ms") == 10 * 3_600_000
    assert verdicts(cloud)["site-disaster"] == (Status.PASS, "scenario.proven")
    assert verdicts(cloud)[""] == (Status.PASS, "recovery.tested")
    assert verdicts(cloud)["data-corruption"] == (Status.UNVERIFIED, "scenario.never")


def test_nothing_of_a_drill_is_left_behind(cloud, tmp_path, monkeypatch):
    room = tmp_path / "room"
    room.mkdir(mode=0o755)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(room))
    cloud.play("site-disaster")
    assert list(room.iterdir()) == []


def test_corrupted_data_is_recovered_from_the_nearest_copy(cloud):
    drill = cloud.play("data-corruption")
    assert (drill.outcome, drill.reason) == ("pass", "")
    assert dict(drill.measures)["locations"] == "local"
    assert not any(step.name.startswith("fetch") for step in drill.steps)
    assert verdicts(cloud)["data-corruption"][0] is Status.PASS


def test_the_local_copy_cannot_be_sold_as_a_site_disaster(hit):
    hit.audit()
    drill = hit.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("fail", "scenario.nothing_outside")
    assert drill.detail == (
        "database (kept at local, offsite); uploads (kept at local, offsite);"
        " what outlives it: none"
    )
    assert drill.steps == ()
    assert verdicts(hit)["site-disaster"] == (Status.FAIL, "scenario.failed")


def test_one_component_missing_is_enough_to_fail(cloud):
    for path in cloud.dumps:
        if path.name.startswith("files_"):
            cloud.remove(f"{path.name}.gpg")
    cloud.audit()
    drill = cloud.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("fail", "scenario.nothing_outside")
    assert drill.detail.startswith("uploads (kept at")
    assert "database" not in drill.detail


def test_a_passphrase_that_nobody_keeps_elsewhere_proves_nothing(hit):
    hit.state_escrow = lambda: None
    hit.with_bucket()
    hit.audit()
    drill = hit.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("unverified", "scenario.not_escrowed")
    assert drill.detail == "cloud"
    assert verdicts(hit)["site-disaster"] == (Status.UNVERIFIED, "scenario.not_run")


def test_the_wrong_passphrase_fails(cloud, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.touch(0o600)
    wrong.write_text("not it\n")
    cloud.replace(str(cloud.gpg.passphrase_file), str(wrong))
    drill = cloud.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("fail", "drill.wrong_key")


def test_without_a_passphrase_it_could_not_be_run(cloud):
    cloud.replace(f'passphrase_file = "{cloud.gpg.passphrase_file}"\n', "")
    drill = cloud.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("unverified", "drill.no_key")


def test_a_store_that_does_not_answer_could_not_be_used(cloud):
    cloud.replace(cloud.s3.endpoint, "http://127.0.0.1:9")
    drill = cloud.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("unverified", "drill.unreachable")
    assert [step.name for step in drill.steps] == ["fetch:uploads", "fetch:database"]


def test_a_damaged_copy_out_there_fails_though_the_local_one_is_sound(cloud):
    last = [path for path in cloud.dumps if path.name.startswith("db_")][-1]
    whole = cloud.gpg.seal(last.read_bytes())
    cloud.s3.put(cloud.bucket, f"{last.name}.gpg", whole[:-40])
    cloud.audit()
    assert cloud.play("site-disaster").outcome == "fail"
    assert cloud.play("data-corruption").outcome == "pass"


def test_a_second_host_outlives_the_site_as_well(hit):
    hit.with_vault()
    hit.audit()
    drill = hit.play("site-disaster")
    assert (drill.outcome, drill.reason, drill.detail) == ("pass", "", "")
    assert dict(drill.measures)["locations"] == "vault"


def test_the_command_shows_measured_and_declared_time_apart(cloud, capsys):
    argv = ["drill", "scenario", "data-corruption", "--config", str(cloud.config)]
    assert main(argv, lambda: cloud.now) == 0
    shown = capsys.readouterr().out
    for words in (
        "ok  scenario data-corruption from local",
        "declared: decision",
        "measured",
        "of 2h",
        "the guide's way, about",
        "recoverable up to",
        "lost of database",
    ):
        assert words in shown


def test_an_undeclared_part_is_asked_for(cloud, capsys):
    cloud.replace('declared = { decision = "30m", provisioning = "2h", dns = "15m" }\n', "")
    argv = ["drill", "scenario", "--all", "--config", str(cloud.config)]
    assert main(argv, lambda: cloud.now) == 0
    shown = capsys.readouterr().out
    assert "not declared: provisioning" in shown
    assert "at least" in shown
    said = "the recovery time is unverified: add to `declared` of [scenario.site-disaster]"
    assert said in " ".join(shown.split())
    assert verdicts(cloud)["site-disaster"] == (Status.UNVERIFIED, "scenario.undeclared")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["nowhere"], "there is no scenario 'nowhere'; there are: data-corruption, site-disaster"),
        ([], "name a scenario, or --all; there are: data-corruption, site-disaster"),
    ],
)
def test_what_is_no_scenario_is_a_usage_error(hit, capsys, names, said):
    argv = ["drill", "scenario", *names, "--config", str(hit.config)]
    assert main(argv, lambda: hit.now) == 2
    assert said in capsys.readouterr().err


def test_what_is_due_runs_by_itself_after_the_window(cloud, capsys):
    argv = ["run", "--due", "--config", str(cloud.config)]
    cloud.replace("[component.uploads]", '[component.uploads]\nwindow = "02:00-04:30"')
    cloud.now += timedelta(hours=15)  # 03:00
    assert main(argv, lambda: cloud.now) == 0
    assert verdicts(cloud)["site-disaster"] == (Status.UNVERIFIED, "scenario.never")
    cloud.now += timedelta(hours=2)
    assert main(argv, lambda: cloud.now) == 0
    assert verdicts(cloud)["site-disaster"][0] is Status.PASS
    # The backups of that night were never made: the drill sees that a day is lost, and more.
    assert verdicts(cloud)["data-corruption"] == (Status.FAIL, "scenario.loses")
    assert "recovery" not in capsys.readouterr().err


def test_what_may_still_be_written_elsewhere_is_not_called_lost(cloud):
    cloud.replace('destroys = ["data", "server", "elsewhere"]', 'destroys = ["data", "cloud"]')
    for place in ("local", "offsite"):
        for path in (cloud.root / place).glob("files_*"):
            path.unlink() if path.suffix == ".sha256" else cloud.date(path, cloud.now)
    cloud.audit()
    drill = cloud.play("site-disaster")
    assert (drill.outcome, drill.reason) == ("unverified", "drill.unfinished")
    assert drill.detail == "uploads (kept at local, cloud, offsite)"
