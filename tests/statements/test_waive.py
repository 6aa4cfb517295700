"""`nexoaudit waive` as an administrator uses it."""

import json
import re
from datetime import timedelta

import pytest

OWNED = ("--owner", "A. Person", "--reason", "new sandbox, change 4711")
WHAT = ("--control", "restore", "--component", "database")


@pytest.fixture
def waive(signing, run, keys):
    """Waive something, signed by Ana; by default that nothing was ever restored."""

    def state(*argv, what=WHAT, until="2026-12-31"):
        return run("waive", *what, *OWNED, "--until", until, "--sign", keys.ana, *argv)

    return state


def test_what_is_waived_is_green_with_the_word_until_its_last_day(signing, waive, run):
    found = waive()
    assert found == (
        0,
        f"recorded {found.id}, signed by ana@example.com\n"
        "~ waived  database restore: never restored: run `nexoaudit drill`;"
        " waived until 2026-12-31 23:59 by A. Person: new sandbox, change 4711\n",
        "",
    )
    verdicts = json.loads(run("status", "--json").out)["verdicts"]
    (verdict,) = [v for v in verdicts if v["control"] == "restore"]
    assert verdict["status"] == "waived"
    assert verdict["facts"]["waived"] == "unverified"
    signing.now += timedelta(days=42)
    signing.audit()
    assert (
        "never restored: run `nexoaudit drill`; no longer waived since 2026-12-31 23:59"
        in run("status").out
    )


def test_the_list_and_taking_back(waive, run, keys):
    found = waive()
    header, row = run("waive", "list").out.splitlines()
    assert header.split() == ["id", "what", "by", "stated", "until", "stands"]
    assert re.sub(r"  +", "|", row).rstrip() == (
        f"{found.id}|waiver of database restore (restore.never), A. Person: new sandbox, change"
        " 4711|ana@example.com|2026-11-20 12:00|2026-12-31 23:59|valid"
    )
    said = run("waive", "revoke", found.id, "--reason", "mended")
    assert "give --sign KEY" in said.err
    said = run("waive", "revoke", found.id, "--reason", "mended", "--sign", keys.ana)
    assert said == (0, f"taken back: {found.id}\n", "")
    assert run("waive", "list").out.count("\n") == 1
    assert "waived" not in run("status").out


def test_only_what_is_told_now_is_waived_and_anything_graver_is_told(signing, waive, run):
    what = ("--control", "checksum", "--component", "database")
    path = signing.dump(0, sidecar=False)
    path.with_name(path.name + ".sha256").unlink()
    signing.audit()
    assert "checksum: db_20261120" in waive(what=what).out
    assert "✖ failed  database checksum" not in run("status").out
    signing.dump(1, text="-- MariaDB dump half of it")
    signing.audit()
    out = run("status").out
    assert "✖ failed  database checksum: db_20261119_020000.sql.gz at local" in out
    assert "~ waived  database checksum: db_20261120_020000.sql.gz at local" in out


def test_a_reason_can_be_waived_before_it_occurs(signing, waive, run):
    what = ("--control", "age", "--component", "database", "--reason-code", "age.late")
    found = waive(what=what)
    assert found.out == f"recorded {found.id}, signed by ana@example.com\n"
    signing.now += timedelta(days=3)
    signing.audit()
    assert "~ waived  database age: newest 2026-11-20 02:00, 3d 10h old" in run("status").out


REFUSED = [
    (("--control", "auditor"), "what the auditor says of itself cannot be waived"),
    (("--control", "nonsense", "--component", "database"), "there is no control 'nonsense' of a"),
    (("--control", "content"), "there is no control 'content' of the site as a whole: give --comp"),
    (("--control", "age", "--component", "x"), "there is no component 'x'; there are: database"),
    (("--control", "age", "--component", "database"), "there is nothing to waive: age of database"),
    (("--component", "database"), "a waiver needs --control"),
]


@pytest.mark.parametrize(("what", "said"), REFUSED)
def test_what_makes_no_sense_is_refused(waive, what, said):
    found = waive(what=what)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"nexoaudit: {said}")


@pytest.mark.parametrize("until", ["2026-11-19", "2027-11-21", "soon"])
def test_a_waiver_ends_on_a_day_to_come_within_a_year(waive, until):
    found = waive(until=until)
    assert found.code == 2
    assert f"--until {until}" in found.err.replace("'", "")
    assert waive(until="2027-11-20").code == 0


def test_the_day_of_its_end_counts(signing, waive, run):
    assert waive(until="2026-11-20").code == 0
    signing.now += timedelta(hours=11)
    assert "~ waived" in run("status").out
    signing.now += timedelta(hours=1)
    assert "~ waived" not in run("status").out


def test_what_is_missing_is_said_at_once(run, signing):
    found = run("waive")
    assert (found.code, found.err) == (
        2, "nexoaudit: a waiver needs --control, --until, --reason, --owner\n"
    )  # fmt: skip


def test_options_may_stand_before_and_after_the_subcommand(signing, run, waive, keys, capsys):
    from nexoaudit.cli.main import main

    found = waive()
    config = ["--config", str(signing.config)]
    assert main(["waive", *config, "list"], lambda: signing.now) == 0
    assert found.id in capsys.readouterr().out
    argv = ["waive", *config, "--sign", str(keys.ana), "revoke", found.id, "--reason", "mended"]
    assert main(argv, lambda: signing.now) == 0
    assert capsys.readouterr().out == f"taken back: {found.id}\n"


def test_unsigned_and_badly_signed_waivers_are_refused(signing, run, keys):
    said = ("waive", *WHAT, *OWNED, "--until", "2026-12-31")
    assert "give --sign KEY" in run(*said, "--by", "A. Person").err
    assert "names nobody for the key" in run(*said, "--sign", keys.eve).err
    assert run("waive", "list").out.count("\n") == 1


def test_without_a_list_of_signers_a_name_is_enough(site, run):
    site.audit()
    found = run("waive", *WHAT, *OWNED, "--until", "2026-12-31", "--by", "B. Person")
    assert found.out.startswith(f"recorded {found.id}, not signed\n~ waived  database restore")
