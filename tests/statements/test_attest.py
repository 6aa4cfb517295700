"""`nexoaudit attest` as an operator uses it: what it says, what it records, what it refuses."""

import json
import re
from datetime import timedelta

import pytest

from nexoaudit.assess import assess_components
from nexoaudit.ledger import Ledger
from nexoaudit.model.copy import Assurance
from nexoaudit.rules import attested
from nexoaudit.state.file import read_state

DUMP = "db_20261120_020000.sql.gz"


@pytest.fixture
def state(signing):
    """Return the state as it was published last."""
    return lambda: read_state(signing.root / "state/state.json")


@pytest.fixture
def judged(state, signing):
    """Return what is said of the tape now."""

    def judge(location="tape"):
        known = state()
        now_ms = int(signing.now.timestamp() * 1000)
        place = known.policy.location(location)
        return [v.reason for v in attested.judge_location(known, place, now_ms)]

    return judge


def on_tape(known):
    held = known.copies.get(("database", "full", "tape"), ())
    return [(copy.path, Assurance(copy.assurance).name) for copy in held]


def test_what_is_written_is_claimed_and_what_is_read_back_counts(
    signing, tape, listed, state, judged, run
):
    said = tape("written", "--manifest", listed(), "--written", "2026-11-20", "--place", "vault 2")
    assert said == (
        0,
        f"recorded {said.id}: medium NX0042L8 written at tape, 4 recovery points,"
        " valid until 2026-12-30 12:00, signed by ana@example.com\n",
        "",
    )
    assert on_tape(state())[-1] == (f"NX0042L8/{DUMP}", "CLAIMED")
    assert judged() == ["attested.never_read"]
    said = tape("verified", "--read-test", listed(DUMP, f"{DUMP}.sha256"))
    assert said.code == 0
    assert "4 recovery points, 1 read back and known, valid until" in said.out
    assert [grade for _, grade in on_tape(state())] == ["CLAIMED"] * 3 + ["INTACT"]
    assert judged() == ["attested.current"]
    newest = state().copies["database", "full", "tape"][-1]
    assert (newest.proof, newest.of, newest.verified_ms > 0) == ("attested", DUMP, True)


def test_a_whole_tape_makes_the_copies_complete_and_its_end_takes_them_away(
    signing, tape, listed, state
):
    def copies():
        now_ms = int(signing.now.timestamp() * 1000)
        return [v.reason for v in assess_components(state(), now_ms, controls=["copies"])]

    assert copies() == ["copies.places"]
    tape("written", "--manifest", listed(), "--written", "2026-11-20", "--read-test", listed())
    assert copies() == ["copies.enough"]
    signing.now += timedelta(days=40)
    signing.audit()
    assert copies() != ["copies.enough"]
    assert [grade for _, grade in on_tape(state())] == ["CLAIMED"] * 4


def test_a_renewed_statement_keeps_what_was_said_and_read_before(
    signing, tape, listed, state, judged
):
    first = tape(
        "written", "--manifest", listed(), "--written", "2026-11-20", "--place", "vault 2",
        "--read-test", listed(),
    )  # fmt: skip
    signing.now += timedelta(days=35)
    second = tape("received")
    assert "4 recovery points, valid until 2027-02-03 12:00" in second.out
    (known,) = state().attestations
    assert known.id == second.id != first.id
    assert (known.medium.place, known.medium.intact) == ("vault 2", 4)
    assert judged() == ["attested.current"]
    for _ in range(11):
        signing.now += timedelta(days=35)
        tape("received")
    assert judged() == ["attested.read_stale"]
    assert {grade for _, grade in on_tape(state())} == {"CLAIMED"}


def test_a_tape_that_was_written_anew_is_to_be_read_anew(signing, tape, listed, judged):
    tape("written", "--manifest", listed(), "--written", "2026-11-20", "--read-test", listed())
    assert judged() == ["attested.current"]
    signing.now += timedelta(days=1)
    tape("written", "--manifest", listed(), "--written", "2026-11-21")
    assert judged() == ["attested.never_read"]


def test_other_bytes_than_were_written_fail(tape, listed, judged, state):
    said = tape(
        "verified", "--manifest", listed(), "--read-test", listed(spoil="00000000"),
        "--written", "2026-11-20",
    )  # fmt: skip
    assert "1 WITH OTHER BYTES" in said.out
    assert judged() == ["attested.read_failed"]
    assert {grade for _, grade in on_tape(state())} == {"CLAIMED"}
    tape("verified", "--read-test", listed(), "--written", "2026-11-20")
    assert judged() == ["attested.current"]


def test_what_was_never_read_here_is_named_and_does_not_count(tape, listed, judged, state):
    manifest = listed(**{"/mnt/tape/other.tar": "strange"})
    said = tape("written", "--manifest", manifest, "--written", "2026-11-20")
    line = "1 files of it were never read by nexoaudit and do not count, first /mnt/tape/other.tar"
    assert said.out.splitlines()[1] == line
    tape("verified", "--read-test", listed())
    assert judged() == ["attested.unknown_content"]
    assert {grade for _, grade in on_tape(state())} == {"INTACT"}


def test_a_dump_that_was_pruned_since_is_still_known(signing, tape, listed, state):
    manifest = listed()
    for path in (signing.root / "local").iterdir():
        path.unlink()
    signing.dump(-1)
    signing.now += timedelta(days=1)
    signing.audit()
    tape("written", "--manifest", manifest, "--written", "2026-11-20", "--read-test", manifest)
    assert len(on_tape(state())) == 4


def test_a_bad_dump_on_tape_is_no_intact_copy(signing, tape, listed, state):
    signing.dump(0, text="-- MariaDB dump half of it")
    signing.audit()
    tape("written", "--manifest", listed(), "--written", "2026-11-20", "--read-test", listed())
    assert (f"NX0042L8/{DUMP}", "INTACT") not in on_tape(state())
    assert len(on_tape(state())) == 3


def test_points_can_be_named_and_stay_claimed(tape, state, judged):
    said = tape("written", "--point", "database@2026-11-20", "--written", "2026-11-20")
    assert said.code == 0
    assert on_tape(state()) == [(f"NX0042L8/{DUMP}", "CLAIMED")]
    assert judged() == ["attested.never_read"]


def test_one_barcode_at_two_places_counts_at_neither(tape, listed, judged, state):
    tape(
        "written", "--manifest", listed(), "--written", "2026-11-20", "--place", "vault 2",
        "--read-test", listed(),
    )  # fmt: skip
    tape("received", "--place", "vault 3")
    assert judged() == ["attested.two_places"]
    assert {grade for _, grade in on_tape(state())} == {"CLAIMED"}
    said = tape("recalled", "--place", "vault 2")
    assert (
        said.out == f"recorded {said.id}: medium NX0042L8 recalled at tape, 0 recovery points, "
        "signed by ana@example.com\n"
    )
    assert judged() == ["attested.current"]
    assert {grade for _, grade in on_tape(state())} == {"INTACT"}


def test_a_tape_that_is_gone_holds_nothing(tape, listed, judged, state):
    tape("written", "--manifest", listed(), "--written", "2026-11-20", "--place", "vault 2")
    tape("retired")
    assert judged() == ["attested.never_stated"]
    assert on_tape(state()) == []


def test_a_statement_can_be_corrected_and_taken_back(tape, listed, judged, state, run, keys):
    wrong = tape("written", "--manifest", listed(), "--written", "2026-11-20", barcode="NX0024L8")
    right = tape("written", "--manifest", listed(), "--written", "2026-11-20",
                 "--supersedes", wrong.id)  # fmt: skip
    assert [item.id for item in state().attestations] == [right.id]
    said = run("attest", "revoke", right.id[:6], "--reason", "lost", "--sign", keys.ana)
    assert said == (
        0, f"taken back: {right.id}, medium NX0042L8 written at tape, 4 recovery points\n", ""
    )  # fmt: skip
    assert judged() == ["attested.never_stated"]
    said = run("attest", "revoke", right.id, "--reason", "lost", "--sign", keys.ana)
    assert (said.code, said.err) == (
        2, f"nexoaudit: no statement in force is {right.id!r}\n"
    )  # fmt: skip


def test_only_allowed_signers_take_back(tape, listed, run, keys, state):
    said = tape("written", "--manifest", listed(), "--written", "2026-11-20")
    for argv in ((), ("--sign", keys.eve), ("--by", "ana@example.com")):
        assert run("attest", "revoke", said.id, "--reason", "x", *argv).code == 2
    assert [item.id for item in state().attestations] == [said.id]


REFUSED = [
    ((), "say when the medium was written: give --written"),
    (("--written", "2026-11-21"), "the medium cannot have been written in the future"),
    (("--written", "yesterday"), "--written 'yesterday' is no date such as 2026-11-01"),
    (("--written", "2026-11-20"), "say what is on it: give --manifest, --point or --read-test"),
    (("--written", "2026-11-20", "--point", "database"), "is not COMPONENT@TIME"),
    (("--written", "2026-11-20", "--point", "database@2025"), "no point was ever seen of 'databas"),
    (("--written", "2026-11-20", "--point", "database@2026"), "4 points of 'database' at '2026'"),
    (("--written", "2026-11-20", "--manifest", "/nonexistent"), "/nonexistent: No such file"),
    (("--written", "2026-11-20", "--manifest", "/etc/passwd"), "/etc/passwd:1 is no line of sha"),
    (("--written", "2026-11-20", "--valid-for", "0d"), "--valid-for is more than nothing"),
    (("--written", "2026-11-20", "--valid-for", "400d"), "a year at most"),
    (("--written", "2026-11-20", "--valid-for", "soon"), "--valid-for 'soon' is not a duration"),
    (("--location", "local"), "'local' is no location of kind attested; there are: tape"),
]


@pytest.mark.parametrize(("argv", "said"), REFUSED)
def test_what_makes_no_sense_is_refused_and_not_recorded(signing, tape, argv, said):
    size = _size(signing)
    found = tape("written", *argv)
    assert found.code == 2
    assert found.err.startswith("nexoaudit: ")
    assert found.err.count("\n") == 1
    assert said in found.err
    assert _size(signing) == size


@pytest.mark.parametrize("when", ["2026-11-19T23:00", "2026-11-21"])
def test_a_read_before_the_writing_or_in_the_future_is_refused(tape, listed, when):
    argv = ("--written", "2026-11-20", "--read-test", listed())
    assert "cannot be read back before" in tape("verified", *argv, "--read-at", when).err
    assert tape("verified", *argv, "--read-at", "2026-11-20T10:00").code == 0


def test_unsigned_and_badly_signed_statements_are_refused(signing, run, keys, monkeypatch):
    size = _size(signing)
    said = ("attest", "escrow", "--location", "offsite")
    found = run(*said, "--by", "ana@example.com")
    assert (found.code, found.out) == (2, "")
    asked = f"only what one of {keys.signers} signed counts here: give --sign KEY\n"
    assert found.err == f"nexoaudit: {asked}"
    found = run(*said, "--sign", keys.eve)
    assert f"{keys.signers} names nobody for the key {keys.eve} now" in found.err
    found = run(*said, "--sign", keys.eve, "--by", keys.ANA)
    assert f"{keys.signers} does not let {keys.ANA} sign statements with {keys.eve}" in found.err
    found = run(*said, "--sign", keys.leo)
    assert "signs through ssh-agent" in found.err
    keys.signers.chmod(0o666)
    try:
        found = run(*said, "--sign", keys.ana)
    finally:
        keys.signers.chmod(0o644)
    assert (
        found.err
        == f"nexoaudit: others may write to {keys.signers}: run `chmod go-w {keys.signers}`\n"
    )
    assert _size(signing) == size
    monkeypatch.setenv("NEXOAUDIT_SIGNING_KEY", str(keys.ana))
    assert run(*said).code == 0


def test_without_a_list_of_signers_a_name_is_enough_and_shown_as_such(site, run):
    site.audit()
    said = ("attest", "escrow", "--location", "offsite", "--note", "sealed envelope")
    found = run(*said)
    assert (found.code, found.err) == (
        2, "nexoaudit: a statement needs a name and a reason: give --by and --reason\n"
    )  # fmt: skip
    found = run(*said, "--by", "A. Person")
    assert found.out == (
        f"recorded {found.id}: escrow offsite, valid until 2027-02-18 12:00, not signed\n"
    )
    assert re.search(r"escrow offsite +A\. Person +2026-11-20 12:00 +2027.* valid", run(
        "attest", "list"
    ).out)  # fmt: skip
    assert run("attest", "verify").out == (
        f"{found.id}  2026-11-20 12:00  escrow: not signed\n1 statements, 0 that do not count\n"
    )


def test_escrow_is_about_a_location_there_is(signing, run, keys):
    found = run("attest", "escrow", "--location", "moon", "--sign", keys.ana)
    assert found.err == "nexoaudit: there is no location 'moon'; known: local, offsite, tape\n"


def test_due_is_quiet_until_something_ends(signing, run, keys):
    said = run(
        "attest", "escrow", "--location", "offsite", "--valid-for", "20d", "--sign", keys.ana
    )
    assert run("attest", "due") == (0, "", "")
    signing.now += timedelta(days=6, seconds=1)
    assert run("attest", "due") == (
        1,
        f"{said.id}  escrow offsite: ends in 13d 23h, 2026-12-10 12:00;"
        " stated by ana@example.com\n",
        "",
    )
    signing.now += timedelta(days=15)
    assert f"{said.id}  escrow offsite: ended 1d" not in run("attest", "due").out
    assert "escrow offsite: ended 24h" in run("attest", "due").out
    assert run("attest", "due").code == 1


def test_the_list_shows_who_stated_what_and_how_it_stands(tape, listed, run):
    said = tape("written", "--manifest", listed(), "--written", "2026-11-20", "--place", "vault 2")
    header, row = run("attest", "list").out.splitlines()
    assert header.split() == ["id", "what", "by", "stated", "until", "stands"]
    assert re.sub(r"  +", "|", row).rstrip() == (
        f"{said.id}|medium tape NX0042L8 (vault 2), 0 of 4 points read back|ana@example.com|"
        "2026-11-20 12:00|2026-12-30 12:00|never read back"
    )


def test_questions_of_the_checklists_are_answered_by_name(signing, run, keys):
    shown = run("attest", "review").out
    assert "monthly.plan                 The disaster recovery plan was reviewed\n" in shown
    said = run("attest", "review", "--item", "monthly.plan", "--sign", keys.ana)
    assert f"recorded {said.id}: review monthly.plan, valid until 2027-02-18" in said.out
    said = run("attest", "review", "--item", "monthly.running", "--sign", keys.ana)
    assert said.code == 2
    assert "there is no question 'monthly.running' for a person; there are: preprod" in said.err


def test_anybody_can_verify_a_statement_with_plain_tools(signing, tape, listed, keys, tmp_path):
    import sqlite3
    import subprocess

    tape("written", "--manifest", listed(), "--written", "2026-11-20")
    db = sqlite3.connect(signing.root / "state/ledger.sqlite")
    query = (
        "SELECT json_extract(CAST(body AS TEXT), '$.facts.statement'),"
        " json_extract(CAST(body AS TEXT), '$.facts.signature') FROM entry WHERE kind = ?"
    )
    ((words, armoured),) = db.execute(query, ("attestation",)).fetchall()
    db.close()
    (tmp_path / "s.sig").write_text(armoured)
    verify = ["ssh-keygen", "-Y", "verify", "-f", keys.signers, "-I", keys.ANA,
              "-n", "nexoaudit-attestation", "-s", tmp_path / "s.sig"]  # fmt: skip
    subprocess.run(verify, input=words.encode(), check=True, capture_output=True)
    found = json.loads(words)
    assert list(found) == sorted(found)
    assert (found["site"], found["about"], found["v"]) == ("example", "medium", 1)
    assert "name" not in found


def test_accept_is_signed_by_the_same_rules(signing, run, keys):
    found = run("accept", "database", "--by", "A. Person", "--reason", "looked")
    assert "give --sign KEY" in found.err
    found = run("accept", "database", "--reason", "looked", "--sign", keys.ana)
    assert found == (
        0,
        f"✔ ok  database content: {DUMP} was accepted by ana@example.com on 2026-11-20 12:00:"
        " looked\n",
        "",
    )
    assert "by ana@example.com" in run("accept").out
    found = run("accept", "database", "--sign", keys.ana)
    assert "a statement needs a name and a reason" in found.err


def _size(site):
    ledger = Ledger(site.root / "state/ledger.sqlite", version="0")
    try:
        return ledger.size
    finally:
        ledger.close()
