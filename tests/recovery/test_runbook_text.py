"""The runbook as text: what it says, and in which order."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recovering import BINLOG, book, write_config

from nexoaudit.cli.main import main
from nexoaudit.runbook.quoting import comment, word

pytestmark = pytest.mark.mariadb


def test_a_dump_without_a_position_says_that_nothing_leads_on(hit):
    hit.config.write_text(hit.config.read_text() + BINLOG)
    hit.audit()
    text = book(hit, "data-corruption")
    assert "Nothing can be replayed" in text
    assert "--master-data=2" in text


def test_it_says_what_is_missing_and_what_nobody_vouches_for(hit):
    hit.state_escrow = lambda: None
    hit.with_bucket()
    hit.audit()
    assert "NOBODY VOUCHES" in book(hit, "site-disaster")
    for path in hit.dumps:
        hit.remove(f"{path.name}.gpg")
    hit.audit()
    text = book(hit, "site-disaster")
    assert "MISSING, with no copy outside what is lost: database" in text


def test_measured_times_are_in_it_and_none_are_made_up(hit):
    hit.audit()
    assert "NEVER TRIED with success" in book(hit, "data-corruption")
    hit.play("data-corruption")
    text = book(hit, "data-corruption").replace("\n#", "")
    assert "NEVER TRIED" not in text
    assert "measured; declared: decision 10m" in text.replace("\n# ", " ")


def test_the_order_is_that_of_a_recovery(hit, backups):
    write_config(hit)
    backups.put(hit)
    hit.with_bucket()
    for name, data in backups.logs.items():
        hit.s3.put(hit.bucket, f"binlog/{name}", data)
    hit.audit()
    text = book(hit, "site-disaster")
    assert ", uploads 2026-11-20 02:30, database " in text
    assert max(map(len, text.splitlines())) < 300
    newer = "FLUSH BINARY LOGS, have your job copy them"
    assert newer not in text
    assert newer in book(hit, "data-corruption").replace("\n# ", " ")
    titles = [line.strip("# -") for line in text.splitlines() if re.match(r"# \d+\. ", line)]
    assert [title.partition(". ")[2] for title in titles] == [
        "Names and tools",
        "A new server",
        "Stop every job and transfer, before anything else",
        "Fetch and verify config",
        "Fetch and verify uploads",
        "Fetch and verify database",
        "Fetch and verify the binary logs",
        "Configuration (config)",
        "Files of uploads: unpack them beside",
        "Accounts and grants",
        "Database shop (database): load it under a new name",
        "Database shop (database): in the place of the old one",
        "Database shop (database): what happened after the dump",
        "Files of uploads: over what is there",
        "Start, and ask the new place itself whether it is well",
        "DNS",
        "Jobs and transfers, last",
        "Tidy up",
    ]
    assert "chmod" not in text


def test_the_command_needs_nothing_but_a_copy_of_the_state(hit, tmp_path, capsys, monkeypatch):
    hit.audit()
    copy = tmp_path / "usb-state.json"
    shutil.copyfile(hit.root / "state/state.json", copy)
    shutil.rmtree(hit.root / "state")
    hit.config.unlink()
    monkeypatch.setattr("socket.socket", None)
    assert main(["runbook", "--state", str(copy)], lambda: hit.now) == 0
    said = capsys.readouterr().out
    assert "RUNBOOK: data-corruption" in said
    assert "RUNBOOK: site-disaster" in said
    out = tmp_path / "book.txt"
    argv = ["runbook", "--state", str(copy), "data-corruption", "--output", str(out)]
    assert main(argv, lambda: hit.now) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text() in said
    assert main(["runbook", "--state", str(copy), "flood"], lambda: hit.now) == 2
    assert "there is no scenario 'flood'" in capsys.readouterr().err


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@settings(max_examples=30)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_is_one_word_of_bash(texts):
    words = " ".join(map(word, texts))
    command = ["bash", "-c", f"printf '%s\\0' -- {words}"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.split(b"\0")[1:-1] == [text.encode() for text in texts]


@given(st.text(min_size=1))
def test_a_comment_stays_one(text):
    assert all(line.startswith("#") and line.isprintable() for line in comment(text))
