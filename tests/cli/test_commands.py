"""The command line as a user runs it: what it prints, and its exit code."""

import json
import re
import stat
import subprocess
import sys
from datetime import UTC

import pytest

from nexoaudit.cli.main import COMMANDS, main
from nexoaudit.live.disk import observe_disk
from nexoaudit.model.location import Location
from nexoaudit.policy.load import load


@pytest.fixture
def run(site, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NEXOAUDIT_CONFIG", raising=False)

    def run(*argv, config=True):
        where = ["--config", str(site.config)] if config else []
        code = main([*argv, *where], clock=lambda: site.now)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_audit_says_what_it_did(run, site):
    code, out, _ = run("audit")
    assert code == 0
    assert "8 copies: 8 sound.\n8 new, 0 changed, 0 gone since the last time; 8 read now." in out


def test_audit_of_bad_and_unfinished_copies_says_so_and_fails(run, site):
    site.dump(1, text="-- MariaDB dump half of it")
    site.dump(2).with_name(site.dump(2).name + ".sha256").unlink()
    site.date(site.dump(3, sidecar=False), site.now)
    site.dump(3).with_name(site.dump(3).name + ".sha256").unlink()
    site.date(site.dump(3, sidecar=False), site.now)
    code, out, _ = run("audit")
    assert code == 2
    assert "8 copies: 5 sound, 1 with a warning, 1 bad, 1 still being written." in out


def test_status_of_a_healthy_site_is_green(run):
    run("audit")
    code, out, _ = run("status")
    assert "✔ ok" in out
    assert "✖" not in out
    assert code == 3  # the restore test has never been run
    assert "never restored: run `nexoaudit drill`" in out


def test_status_of_a_broken_site_is_red_and_names_the_file(run, site):
    path = site.dump(0, text="-- MariaDB dump half of it")
    run("audit")
    code, out, _ = run("status")
    assert code == 2
    assert f"database checksum: {path.name} at local: the dump died half-way" in out


def test_status_as_json_is_complete(run):
    run("audit")
    _, out, _ = run("status", "--json")
    data = json.loads(out)
    assert {v["control"] for v in data["verdicts"]} >= {"age", "checksum", "copies", "retention"}
    assert all(v["sentence"] for v in data["verdicts"])


def test_status_says_how_the_copies_of_each_place_are_proven(run, site):
    run("audit")
    _, out, _ = run("status", "--all")
    local = next(line for line in out.splitlines() if "  local: " in line)
    assert local.startswith("✔ ok")
    assert "4 of 4 copies proven (4 read), newest point 2026-11-20 02:00" in local
    site.dump(0, text="-- MariaDB dump half of it")
    run("audit")
    _, out, _ = run("status", "--all")
    local = next(line for line in out.splitlines() if "  local: " in line)
    assert local.startswith("?")
    assert "3 of 4 copies proven" in local
    assert "  local: " not in run("status")[1]


def test_status_as_json_has_the_proof_of_each_copy_of_the_newest_point(run):
    run("audit")
    data = json.loads(run("status", "--json")[1])
    assert {place["id"]: place["proofs"] for place in data["locations"]} == {
        "local": {"read": 4},
        "offsite": {"read": 4},
    }
    (point,) = data["points"]
    assert [(copy["location"], copy["status"], copy["proof"]) for copy in point["copies"]] == [
        ("local", "pass", "read"),
        ("offsite", "pass", "read"),
    ]


def test_a_location_that_is_away_is_said_and_is_not_green(run, site):
    (site.root / "offsite").rename(site.root / "away")
    code, out, _ = run("audit")
    assert code == 3
    assert "Location offsite could not be listed" in out
    code, out, _ = run("status")
    assert code == 3
    assert out.count("location offsite does not exist; last listed never") == 1
    assert "nothing kept" not in out


def test_a_ledger_that_was_lost_or_replaced_is_refused(run, site):
    run("audit")
    ledger = site.root / "state/ledger.sqlite"
    old = ledger.read_bytes()
    site.dump(0).unlink()
    run("audit")
    newer = ledger.read_bytes()
    for content in (old, None):
        ledger.unlink()
        if content:
            ledger.write_bytes(content)
        code, _, err = run("audit")
        assert code == 2
        assert "is not the ledger that" in err
        assert "put the right one back" in err
    ledger.write_bytes(newer)
    assert run("audit")[2] == ""


def test_a_name_cannot_write_to_the_terminal(run, site):
    path = site.dump(0)
    evil = path.with_name("db_20261119_030000.sql.gz")
    path.rename(evil)
    text = site.config.read_text().replace("db_{time:%Y%m%d_%H%M%S}.sql.gz", "*.sql.gz")
    site.config.write_text(text)
    (site.root / "local/\x1b[31mred\n.sql.gz").write_bytes(b"rubbish")
    site.date(site.root / "local/\x1b[31mred\n.sql.gz", site.now.replace(hour=1))
    run("audit")
    _, out, _ = run("status")
    assert "\x1b[31mred" not in out


def test_init_prints_a_configuration_that_audits(run, site, tmp_path):
    target = tmp_path / "new.toml"
    argv = ("init", "--scan", str(site.root / "local"), "--offsite", str(site.root / "offsite"))
    more = ("--timezone", "UTC", "--state-dir", str(tmp_path / "s2"), "--output", str(target))
    code, _, err = run(*argv, *more, config=False)
    assert code == 0
    assert "db_{time:%Y%m%d_%H%M%S}.sql.gz" in err
    assert f"nexoaudit run --due --config {target}" in re.sub(r"\S*/", lambda m: m[0], err) or (
        "run --due --config" in err
    )
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    site.config = target
    assert run("audit")[0] == 0
    code, _, err = run(*argv, *more, config=False)
    assert code == 2
    assert "exists already: give --force" in err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("audit", "--config", "/nonexistent.toml"), "there is no configuration here"),
        (("status", "--config", "/nonexistent.toml"), "there is no configuration here"),
        (("init", "--scan", "/nonexistent"), "is not a directory"),
        (("init", "--scan", "/tmp", "--timezone", "Mars"), "not a time zone"),
        (("demo", "--break", "D99", "/tmp/x"), "there is no fault 'D99'"),
        (("demo", "/usr"), "is not empty and no demonstration"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(run, argv, said):
    code, out, err = run(*argv, config=False)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_a_wrong_configuration_shows_every_error_with_its_line(run, site):
    site.config.write_text(site.config.read_text().replace('"1h"', '"1 h"').replace("UTC", "ABC"))
    code, _, err = run("audit")
    assert code == 2
    lines = err.strip().splitlines()
    assert len(lines) == 2
    assert all(re.match(r"nexoaudit: .*site\.toml:\d+: \S+: expected", line) for line in lines)


def test_status_before_the_first_audit_says_what_to_do(run):
    code, _, err = run("status")
    assert code == 2
    assert "run `nexoaudit audit`" in err


def test_a_month_that_is_none_is_refused(run):
    run("audit")
    code, _, err = run("report", "2026-13")
    assert code == 2
    assert "2026-13" in err


def test_an_unknown_drill_is_refused(run):
    code, _, err = run("drill", "datebase")
    assert code == 2
    assert "there are: database, files" in err


@pytest.mark.parametrize("kinds", [(), ("system",), ("point-in-time",), ("scenario", "fire")])
def test_only_the_contents_of_a_database_are_proven_fast(run, kinds):
    code, _, err = run("drill", *kinds, "--fast")
    assert (code, err.count("\n")) == (2, 1)
    assert "write `nexoaudit drill database --fast`" in err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("database --until 2026-11-20", "it is for `nexoaudit drill point-in-time`"),
        ("database --whole", "it is for `nexoaudit drill files` and `nexoaudit drill config`"),
        ("scenario x --location local", "--location does nothing here"),
        ("scenario x --point 2026-11-20", "--point does nothing here"),
        ("scenario x --exact", "--exact is for `nexoaudit drill point-in-time`"),
        ("--all", "it is for `nexoaudit drill scenario`"),
    ],
)
def test_an_option_that_no_drill_would_heed_is_refused(run, argv, said):
    code, out, err = run("drill", *argv.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_component_of_another_kind_is_refused_with_those_there_are(run):
    code, _, err = run("drill", "files", "--component", "database")
    assert (code, err) == (
        2,
        "nexoaudit: no component has backups that `drill files` could restore\n",
    )
    code, _, err = run("drill", "point-in-time", "--component", "database")
    assert (code, err.count("\n")) == (2, 1)


def test_run_due_audits_and_says_nothing(run, site):
    assert run("run", "--due") == (0, "", "")  # cron mails whatever is said
    assert run("status")[1].count("✔ ok") > 3


def test_run_due_is_quiet_while_another_run_is_at_work(run, site):
    with site.session():
        assert run("run", "--due") == (0, "", "")
        code, _, err = run("audit")
    assert code == 2
    assert "another run of nexoaudit is at work" in err


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_an_example_for_every_command(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"] if command else ["--help"])
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "nexoaudit init --scan" in out if not command else "examples:" in out


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from nexoaudit.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'rich', 'pymysql', 'weasyprint', 'jinja2', 'croniter'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.unprivileged
def test_a_state_directory_of_somebody_else_is_one_sentence(run, site):
    site.config.write_text(site.config.read_text().replace(f"{site.root}/state", "/root/x"))
    code, _, err = run("audit")
    assert code == 2
    assert "cannot be written" in err


def test_a_report_into_a_directory_that_is_not_there_is_refused(run):
    run("audit")
    code, _, err = run("report", "2026-11", "--output", "/nonexistent/a.pdf")
    assert code == 2
    assert "there is no directory /nonexistent" in err


@pytest.mark.unprivileged
def test_what_may_not_be_written_is_one_sentence(run, site, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    run("audit")
    for argv in (
        ("report", "2026-11", "--output", str(closed / "x.pdf")),
        ("init", "--scan", str(site.root / "local"), "--output", str(closed / "x" / "y.toml")),
        ("demo", str(closed / "demo")),
    ):
        code, _, err = run(*argv, config=argv[0] == "report")
        assert code == 2
        assert "Permission denied" in err or "cannot be" in err
        assert "Traceback" not in err


def test_an_end_that_is_asked_for_is_an_interruption(site):
    """SIGTERM in the middle of an audit keeps what was read."""
    code = (
        "import os, signal, sys\n"
        "from nexoaudit.auditor import reading\n"
        "from nexoaudit.cli.main import main\n"
        "real, calls = reading._task, []\n"
        "def slow(*arguments):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 4: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return real(*arguments)\n"
        "reading._task = slow\n"
        "sys.exit(main(['audit', '--config', sys.argv[1]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(site.config)], check=False)
    assert done.returncode == 130
    assert site.audit().verified == 5


def test_accept_shows_what_there_is_and_takes_a_persons_word(run, site):
    run("audit")
    code, out, _ = run("accept")
    assert code == 0
    assert re.search(r"database +full +2026-11-20 02:00 +2 rows .* users 2 +not yet", out)
    code, _, err = run("accept", "database")
    assert (code, err) == (
        2,
        "nexoaudit: a statement needs a name and a reason: give --by and --reason\n",
    )
    code, out, _ = run("accept", "database", "--by", "A. Person", "--reason", "looked at it")
    assert code == 0
    assert "was accepted by A. Person on 2026-11-20 12:00: looked at it" in out
    assert "by A. Person" in run("accept")[1]


def test_init_names_the_data_it_finds_where_the_disks_can_be_told(site, run):
    (site.root / "www/uploads").mkdir(parents=True)
    argv = ("init", "--scan", str(site.root / "local"), "--application", str(site.root / "www"))
    target = site.root / "new.toml"
    code, _, _ = run(*argv, "--timezone", "UTC", "--output", str(target), config=False)
    assert code == 0
    said = target.read_text()
    data = load(target).policy.component("uploads").data
    scanned = Location("local", str(site.root / "local"))
    told = not observe_disk(scanned, (), site.now, UTC).unseen
    assert data == ((str(site.root / "www/uploads"),) if told else ())
    assert ("cannot be told" in said) is not told
    assert '# min_size = "100GB"' in said


def test_status_tells_of_the_storage(site, run):
    config = site.config.read_text()
    site.config.write_text(
        config.replace("[location.local]", '[location.local]\nmin_size = "9000TB"')
    )
    run("audit")
    _, out, _ = run("status")
    assert "▲ warning  storage: local: the file system has " in out
    site.config.write_text(config)
    run("audit")
    _, out, _ = run("status")
    assert "✔ ok  storage: local: " in out
    assert "✔ ok  storage: offsite: " in out
    _, out, _ = run("status", "--json")
    found = [item for item in json.loads(out)["verdicts"] if item["control"] == "storage"]
    assert [(item["component"], item["subject"]) for item in found] == [
        ("", "local"),
        ("", "offsite"),
    ]


def test_a_narrow_terminal_gets_every_control_as_a_symbol(run, site, monkeypatch):
    run("audit")
    monkeypatch.setenv("COLUMNS", "76")
    header, row = run("status")[1].splitlines()[1:3]
    for control in ("age", "checksum", "copies", "retention", "schedule", "content", "restore"):
        assert f" {control}" in header
    assert row.split()[:3] == ["database", "✔", "✔"]
