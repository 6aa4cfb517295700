"""Test restores of what lies elsewhere, from the command line to the ledger."""

import gzip
import json
from datetime import timedelta

import pytest
from sealed import flip

from nexoaudit.auditor.acceptance import accept
from nexoaudit.cli.main import main
from nexoaudit.model.copy import Assurance

pytestmark = pytest.mark.mariadb


@pytest.fixture
def run(elsewhere, capsys, monkeypatch):
    """Return what runs `nexoaudit drill database` and gives its exit code and its one result."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*options):
        argv = ["drill", "database", "--json", *options, "--config", str(elsewhere.config)]
        code = main(argv, clock=lambda: elsewhere.now)
        captured = capsys.readouterr()
        if not captured.out:
            return code, captured.err
        (result,) = json.loads(captured.out)
        measures = {name: value for name, value, _ in result["measures"]}
        return code, {**result, "measures": measures}

    return run


def test_an_encrypted_copy_in_a_bucket_comes_back_in_one_pass(elsewhere, run):
    elsewhere.with_bucket()
    elsewhere.audit()
    code, drill = run("--location", "cloud")
    assert (code, drill["outcome"], drill["problems"]) == (0, "pass", [])
    assert drill["path"] == elsewhere.dumps[-1].name + ".gpg"
    assert [step["name"] for step in drill["steps"]] == [
        *("fetch", "sandbox", "restore", "count", "check")
    ]
    copy = elsewhere.copies("cloud")[drill["path"]]
    assert (copy.sha256, copy.assurance) == (drill["sha256"], Assurance.RESTORED)
    assert drill["measures"]["fetched_bytes"] == copy.size
    assert drill["measures"]["rows.users"] == 2


def test_a_copy_at_a_host_comes_back(elsewhere, run):
    elsewhere.with_vault()
    elsewhere.audit()
    code, drill = run("--location", "vault", "--point", "2026-11-18")
    assert (code, drill["location"]) == (0, "vault")
    assert drill["path"] == elsewhere.dumps[1].name
    assert elsewhere.copies("vault")[drill["path"]].assurance == Assurance.RESTORED


def test_where_nothing_lies_here_it_is_fetched(elsewhere, run):
    elsewhere.with_vault()
    for path in [*elsewhere.dumps, *(elsewhere.root / "offsite").glob("*.gz")]:
        path.unlink()
    elsewhere.audit()
    code, drill = run()
    assert (code, drill["location"]) == (0, "vault")


def test_a_copy_that_was_altered_since_it_was_proven_fails(elsewhere, run):
    elsewhere.with_bucket()
    elsewhere.audit()
    name = elsewhere.dumps[-1].name + ".gpg"
    sealed = elsewhere.gpg.seal(elsewhere.dumps[-1].read_bytes())
    elsewhere.s3.put(elsewhere.bucket, name, flip(sealed, -5))
    code, drill = run("--location", "cloud")
    assert (code, drill["outcome"], drill["reason"]) == (2, "fail", "drill.altered")
    assert drill["problems"] == ["drill.altered"]


def test_another_dump_under_the_same_name_is_not_what_was_verified(elsewhere, run):
    elsewhere.with_vault()
    elsewhere.audit()
    served = elsewhere.sshd.root / elsewhere.dumps[-1].name
    data = served.read_bytes()
    served.write_bytes(flip(data, 9))  # the system that packed it: any dump unpacks all the same
    code, drill = run("--location", "vault")
    assert (code, drill["reason"]) == (2, "drill.differs")
    served.write_bytes(gzip.compress(gzip.decompress(data), 1) + bytes(64))
    code, drill = run("--location", "vault")
    assert (code, drill["reason"]) == (0, "drill.changed")


@pytest.mark.parametrize("trouble", ["stopped", "no key"])
def test_what_cannot_be_fetched_or_opened_is_unverified(elsewhere, run, trouble):
    if trouble == "stopped":
        elsewhere.with_vault()
    else:
        elsewhere.with_bucket()
    elsewhere.audit()
    if trouble == "stopped":
        text = elsewhere.config.read_text()
        elsewhere.config.write_text(text.replace('host = "backup"', 'host = "nowhere.invalid"'))
        code, drill = run("--location", "vault")
        reason = "drill.unreachable"
    else:
        line = f'passphrase_file = "{elsewhere.gpg.passphrase_file}"\n'
        elsewhere.config.write_text(elsewhere.config.read_text().replace(line, ""))
        code, drill = run("--location", "cloud")
        reason = "drill.no_key"
    assert (code, drill["outcome"], drill["reason"]) == (3, "unverified", reason)
    assert drill["detail"]


def test_what_is_asked_for_must_exist(elsewhere, run):
    elsewhere.with_vault()
    elsewhere.audit()
    for options, said in [
        (("--location", "moon"), "'moon' does not exist; there are: local, offsite, vault"),
        (("--component", "x"), "'x' does not exist"),
        (("--point", "2026-11-20T04:00"), "no finished recovery point of that time"),
        (("--point", "yesterday"), "is no date"),
        (("--random", "1h"), "no finished recovery point of that time"),
        (("--random", "soon"), "is not a duration"),
    ]:
        code, err = run(*options)
        assert code == 2
        assert said in err


def test_any_point_of_the_last_days(elsewhere, run):
    elsewhere.audit()
    code, drill = run("--random", "36h")
    assert (code, drill["path"]) in {(0, path.name) for path in elsewhere.dumps[-2:]}


# The last good drill


def shrunk(elsewhere, day: int) -> None:
    path = elsewhere.dump(day)
    text = gzip.decompress(path.read_bytes()).decode()
    rows = ",\n".join(f"({number})" for number in range(50))
    elsewhere.dump(day, text=text.replace("(1),", f"{rows},"))


def test_losses_since_the_last_good_drill_fail_until_they_are_accepted(elsewhere, run):
    shrunk(elsewhere, 1)
    elsewhere.audit()
    code, drill = run("--point", "2026-11-19")
    assert (code, drill["measures"]["rows.users"]) == (0, 51)
    code, drill = run()
    assert (code, drill["reason"]) == (2, "drill.rows_collapsed")
    assert run("--point", "2026-11-18")[0] == 0  # an older point is no loss
    assert run("--point", "2026-11-19")[0] == 0
    elsewhere.now += timedelta(minutes=1)
    with elsewhere.session() as session:
        accept(session, ["database"], "A. Person", "cleaned up")
    code, drill = run()
    assert (code, drill["outcome"]) == (0, "pass")
