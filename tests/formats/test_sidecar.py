import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexoaudit.formats.sidecar import MAX_SIZE, Answer, Entry, digest_for, parse

DIGEST = "0123456789abcdef" * 4
OTHER = "f" * 64


@pytest.mark.parametrize(
    "line",
    [
        b"%s  db.sql.gz\n",
        b"%s *db.sql.gz\n",
        b"%s  /var/backups/db/db.sql.gz\n",
        b"%s  ./db.sql.gz\r\n",
        b"\xef\xbb\xbf%s  db.sql.gz\n",
        b"SHA256 (/var/backups/db.sql.gz) = %s\n",
        b"SHA2-256(db.sql.gz)= %s\n",
        b"\n\n# made by cron\n%s  db.sql.gz",
        b"%s\n",
        b"%s  -\n",
    ],
)
def test_every_way_of_writing_one_digest(line: bytes) -> None:
    entries = parse(line % DIGEST.encode())
    assert digest_for(entries, "db.sql.gz") == Answer(DIGEST, "")


def test_upper_case_digits() -> None:
    assert parse(DIGEST.upper().encode() + b"  a\n") == (Entry(DIGEST, "a"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"rubbish",
        DIGEST[:-1].encode() + b"  db.sql.gz\n",
        DIGEST.encode() + b"0  db.sql.gz\n",
        b"\0" * 100,
        (DIGEST.encode() + b"  db.sql.gz\n") * (MAX_SIZE // 70),
    ],
)
def test_rubbish_records_nothing(data: bytes) -> None:
    assert digest_for(parse(data), "db.sql.gz") == Answer("", "sidecar.rubbish")


def test_another_name_keeps_its_digest_but_says_so() -> None:
    entries = parse(f"{DIGEST}  other.sql.gz\n".encode())
    assert digest_for(entries, "db.sql.gz") == Answer(DIGEST, "sidecar.other_name")


def test_of_several_lines_the_one_for_the_file_counts() -> None:
    entries = parse(f"{OTHER}  a.gz\n{DIGEST}  /x/b.gz\n".encode())
    assert digest_for(entries, "b.gz") == Answer(DIGEST, "")
    assert digest_for(entries, "c.gz") == Answer("", "sidecar.rubbish")


def test_lines_that_contradict_each_other_record_nothing() -> None:
    entries = parse(f"{OTHER}  a.gz\n{DIGEST}  a.gz\n".encode())
    assert digest_for(entries, "a.gz") == Answer("", "sidecar.rubbish")


@pytest.mark.parametrize("name", ["plain.gz", "two\nlines.gz", "back\\slash.gz", "ñ 😀.gz", "*a"])
def test_reads_what_sha256sum_writes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    for option in ("--text", "--binary", "--tag"):
        run = ["sha256sum", option, "--", name]
        written = subprocess.run(run, cwd=tmp_path, capture_output=True, check=True).stdout
        (entry,) = parse(written)
        assert entry.name == name
        assert digest_for((entry,), entry.basename).digest == entry.digest


@given(st.binary(max_size=400) | st.from_regex(rb"\\?[0-9a-f]{64}[ *]{0,3}.{0,40}\n"))
def test_any_bytes_give_whole_digests_or_none(data: bytes) -> None:
    for entry in parse(data):
        assert len(entry.digest) == 64
        assert entry.digest.encode() in data.lower()
