"""The bytes of one copy, from wherever it lies, each trouble beside its healthy twin."""

import hashlib
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from places import KINDS, Places
from sealed import flip, programs

from nexoaudit import process
from nexoaudit.drill import raw
from nexoaudit.drill.record import Record, SourceError, StoppedError, outcome_of
from nexoaudit.drill.source import fetch, streaming
from nexoaudit.errors import ToolError
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Bucket
from nexoaudit.sandbox.space import SpaceError
from nexoaudit.sandbox.watch import OverdueError

DATA = random.Random(5).randbytes(700_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def places(tmp_path, seaweed, sshd, gpg, short, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    for name in sshd.root.iterdir():
        shutil.rmtree(name) if name.is_dir() else name.unlink()
    (tmp_path / "here").mkdir()
    return Places(tmp_path / "here", seaweed, sshd, gpg)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    return tmp_path / "private"


def read(places: Places, kind: str, copy: Copy, **options) -> bytes:
    options = {"deadline_s": 60, **options}
    with streaming(places.location(kind), copy, **options) as stream:
        content = b"".join(iter(lambda: stream.read(100_000), b""))
        stream.end()
    return content


def reason(places: Places, kind: str, copy: Copy, **fields) -> str:
    location = places.location(kind)._replace(**fields)
    try:
        with streaming(location, copy, deadline_s=60) as stream:
            stream.end()
    except SourceError as error:
        return error.reason if str(error) else "no words"
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_gives_what_lies_there(places, kind):
    told = []
    assert read(places, kind, places.put(kind, DATA), progress=told.append) == DATA
    assert sum(told) == len(DATA)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_gives_what_was_encrypted(places, short, kind):
    told = []
    copy = places.seal(kind, DATA)
    assert read(places, kind, copy, progress=told.append) == DATA
    assert sum(told) == copy.size
    assert not programs(Path(tempfile.gettempdir()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fetched_copy_is_a_private_file(places, kind, folder):
    found = fetch(places.location(kind), places.seal(kind, DATA), folder, deadline_s=60)
    assert (found.path, found.path.read_bytes()) == (folder / "d.sql.gz", DATA)
    assert found.path.stat().st_mode & 0o777 == 0o600
    assert (found.sha256, found.size, found.cipher) == (SHA256, len(DATA), "AES256")
    assert found.fetched > len(DATA)


@pytest.mark.parametrize("kind", ["s3", "ssh"])
def test_what_lies_elsewhere_in_the_open_is_fetched_too(places, kind, folder):
    found = fetch(places.location(kind), places.put(kind, DATA), folder, deadline_s=60)
    assert (found.path.parent, found.path.read_bytes()) == (folder, DATA)
    assert (found.sha256, found.size, found.fetched) == (SHA256, len(DATA), len(DATA))


def test_what_lies_here_in_the_open_stays_where_it_is(places, folder):
    copy = places.put("path", DATA)
    found = fetch(places.location("path"), copy, folder, deadline_s=60)
    assert found.path == places.here / copy.path
    assert (found.size, found.sha256, found.fetched) == (len(DATA), "", 0)
    assert list(folder.iterdir()) == []


def test_what_is_not_encrypted_in_spite_of_its_name_is_given_as_it_is(places):
    copy = places.put("path", DATA, "d.sql.gz.gpg")
    assert read(places, "path", copy) == DATA


@pytest.mark.parametrize("at", [-1, 300_000, -30])
@pytest.mark.parametrize("kind", KINDS)
def test_an_altered_copy_counts_for_nothing(places, kind, folder, at):
    copy = places.put(kind, flip(places.gpg.seal(DATA), at), "d.gz.gpg")
    assert reason(places, kind, copy) == "drill.altered"
    with pytest.raises(SourceError):
        fetch(places.location(kind), copy, folder, deadline_s=60)
    assert list(folder.iterdir()) == []


def test_a_copy_that_was_cut_is_altered(places):
    copy = places.put("path", places.gpg.seal(DATA)[:-200_000], "d.gz.gpg")
    assert reason(places, "path", copy) == "drill.altered"


def test_a_passphrase_that_no_longer_opens_it_fails(places, tmp_path):
    copy = places.seal("path", DATA)
    other = tmp_path / "other"
    other.write_text("another one\n")
    other.chmod(0o600)
    assert reason(places, "path", copy, passphrase_file=str(other)) == "drill.wrong_key"
    assert outcome_of(["drill.wrong_key"]) == outcome_of(["drill.altered"]) == "fail"


def test_without_a_key_nothing_is_known(places, tmp_path):
    copy = places.seal("path", DATA)
    assert reason(places, "path", copy, passphrase_file="") == "drill.no_key"
    assert reason(places, "path", copy, passphrase_file=str(tmp_path / "no")) == "drill.no_key"
    bare = tmp_path / "bare"
    bare.write_text("correct horse battery staple\n")
    bare.chmod(0o644)
    assert reason(places, "path", copy, passphrase_file=str(bare)) == "drill.no_key"
    assert outcome_of(["drill.no_key"]) == "unverified"


def test_what_only_a_private_key_opens_is_not_opened(places):
    sealed = places.gpg.run("--encrypt", "--recipient", places.gpg.key, data=DATA)
    assert reason(places, "path", places.put("path", sealed, "d.gpg")) == "drill.no_key"


@pytest.mark.parametrize("kind", ["s3", "ssh"])
def test_what_is_gone_elsewhere_is_unverified(places, kind):
    places.put(kind, DATA)
    gone = Copy(kind, "database", "full", "9/gone.gz", 0, "name", 1, 0, True, 0)
    assert reason(places, kind, gone) == "drill.unreachable"
    assert outcome_of(["drill.unreachable"]) == "unverified"


def test_a_store_that_does_not_answer_is_unverified(places, monkeypatch):
    monkeypatch.setattr(
        "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda _self, _context: 0
    )
    there = places.location("s3").bucket or Bucket("")
    nowhere = there._replace(endpoint="http://127.0.0.1:9")
    copy = places.seal("s3", DATA)
    assert reason(places, "s3", copy, bucket=nowhere) == "drill.unreachable"


def test_credentials_that_others_may_read_are_not_used(places):
    copy = places.put("s3", DATA)
    there = places.location("s3").bucket or Bucket("")
    shown = Path(there.credentials_file).with_name("shown")
    shutil.copy(there.credentials_file, shown)
    shown.chmod(0o644)
    assert reason(places, "s3", copy, bucket=there._replace(credentials_file=str(shown))) == (
        "drill.unreachable"
    )


def test_an_archived_object_is_never_asked_back(moto, places):
    bucket = moto.make_bucket()
    moto.put(bucket, "d.gz", DATA, StorageClass="GLACIER")
    copy = Copy("bucket", "database", "full", "d.gz", 0, "name", len(DATA), 0, True, 0)
    location = moto.location(bucket)
    with pytest.raises(SourceError) as caught, streaming(location, copy, deadline_s=60):
        pass
    assert caught.value.reason == "drill.archived"
    assert outcome_of(["drill.archived"]) == "unverified"
    assert "Restore" not in moto.admin.head_object(Bucket=bucket, Key="d.gz")


@pytest.mark.parametrize("sealed", [False, True])
def test_a_host_that_is_lost_half_way_is_unverified(places, folder, monkeypatch, sealed):
    data = random.Random(6).randbytes(4_000_000)
    copy = places.seal("ssh", data) if sealed else places.put("ssh", data)

    def cut(self, size, *, before=raw.Raw._take):
        if 1_000_000 < self.taken < 1_500_000:
            places.sshd.cut()
        return before(self, size)

    monkeypatch.setattr(raw.Raw, "_take", cut)
    assert reason(places, "ssh", copy) == "drill.unreachable"
    with pytest.raises(SourceError):
        fetch(places.location("ssh"), copy, folder, deadline_s=60)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("sealed", [False, True])
def test_what_takes_too_long_is_stopped(places, folder, monkeypatch, sealed):
    copy = places.seal("path", DATA) if sealed else places.put("path", DATA)
    late = time.monotonic() + 1000
    monkeypatch.setattr(raw.time, "monotonic", iter([0.0, *[late] * 99]).__next__)
    with pytest.raises(OverdueError):
        read(places, "path", copy)


def test_a_disk_that_fills_is_named_before_it_is_full(places, folder, monkeypatch):
    copy = places.seal("path", DATA)
    full = shutil.disk_usage("/")._replace(free=130 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert fetch(places.location("path"), copy, folder, deadline_s=60).size == len(DATA)
    (folder / "d.sql.gz").unlink()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full._replace(free=1 << 20))
    with pytest.raises(SpaceError):
        fetch(places.location("path"), copy, folder, deadline_s=60)
    assert list(folder.iterdir()) == []


def test_nothing_is_overwritten(places, folder):
    (folder / "d.sql.gz").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        fetch(places.location("path"), places.seal("path", DATA), folder, deadline_s=60)
    assert (folder / "d.sql.gz").read_bytes() == b"mine"


def test_a_tree_is_not_one_file(places):
    copy = Copy("disk", "uploads", "daily", "day/", 0, "name", 1, 0, True, 0)
    assert reason(places, "path", copy) == "drill.unsupported"


def test_gpg_that_is_missing_is_a_missing_tool(places, monkeypatch):
    copy = places.seal("path", DATA)
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    with pytest.raises(ToolError), streaming(places.location("path"), copy, deadline_s=60):
        pass


def test_a_drill_records_what_kept_it_from_its_bytes():
    record = Record()
    with pytest.raises(StoppedError), record.step("restore"):
        raise SourceError("drill.no_key", "no key")
    assert record.problems == ("drill.no_key",)


def test_a_reader_that_leaves_early_leaves_nothing(places, short):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for kind in ("path", "ssh"):
        copy = places.seal(kind, DATA)
        with streaming(places.location(kind), copy, deadline_s=60) as stream:
            stream.read(1000)
    assert not programs(Path(tempfile.gettempdir()))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
