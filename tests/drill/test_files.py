import gzip
import hashlib
import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tarred import MTIME, SITE, Entry, tar

from nexoaudit import process
from nexoaudit.drill import files
from nexoaudit.drill.extract import Piece
from nexoaudit.drill.files import Task
from nexoaudit.drill.reading import Verified, Wanted
from nexoaudit.model.drill import Drill
from nexoaudit.model.fact import Size
from nexoaudit.model.policy import Expect

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
NOT_VERIFIED = Verified()
EXPECT = Expect(
    paths=("uploads/*", "lib/config.php", "theme/custom"), forbidden=("cache/*", "tmp", "sessions/")
)


Restore = Callable[..., Drill]


@pytest.fixture
def restore(tmp_path: Path, short: Path, drilled_files: Restore) -> Restore:
    def drill(
        entries: Sequence[Entry] = SITE,
        *,
        raw: bytes | None = None,
        expect: Expect = EXPECT,
        verified: Verified = NOT_VERIFIED,
        **more: Any,
    ) -> Drill:
        archive = tmp_path / "f.tar.gz"
        archive.write_bytes(gzip.compress(tar(entries), 1) if raw is None else raw)
        wanted = Wanted(expect, verified, only_code=more.get("kind") == "config")
        result = drilled_files(archive, Task(wanted=wanted)._replace(**more))
        assert list(short.iterdir()) == []
        return result

    return drill


def test_a_healthy_archive_comes_back(restore: Restore) -> None:
    raw = gzip.compress(tar(SITE))
    drill = restore(raw=raw)
    assert (drill.outcome, drill.reason, drill.problems) == ("pass", "", ())
    assert [(step.name, step.outcome) for step in drill.steps] == [
        ("read", "pass"),
        ("restore", "pass"),
        ("check", "pass"),
    ]
    found = dict(drill.measures)
    plain = [entry for entry in SITE if entry.type == tarfile.REGTYPE]
    assert found["members"] == len(SITE)
    assert found["files"] == len(plain)
    assert found["bytes"] == Size(sum(len(entry.content) for entry in plain))
    assert found["hostile"] == 0
    assert found["newest_ms"] == MTIME * 1000
    assert 200 <= int(found["sampled_files"]) <= 205
    assert drill.sha256 == hashlib.sha256(raw).hexdigest()


def test_a_top_directory_makes_no_difference(restore: Restore) -> None:
    nested = [entry._replace(name="site/" + entry.name.removeprefix("./")) for entry in SITE]
    assert restore(nested).problems == ()
    elsewhere = [*nested, Entry("other/file", b"x")]
    assert restore(elsewhere).reason == "drill.path_missing"


def test_only_one_directory_may_itself_be_expected(restore: Restore) -> None:
    only = [entry for entry in SITE if "uploads" in entry.name]
    assert restore(only, expect=Expect(paths=("uploads/*", "2026/*"))).problems == ()


def test_the_largest_and_all_configuration_is_in_the_sample(
    restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def different(_: Path, chosen: dict[str, object]) -> list[str]:
        seen.extend(chosen)
        return []

    monkeypatch.setattr(files, "different", different)
    restore()
    assert {"lib/config.php", "uploads/2026/249.bin", "uploads/2026/248.bin"} <= set(seen)
    first, seen = seen, []
    restore()
    assert seen == first


def test_the_sample_keeps_to_its_budget(restore: Restore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SAMPLE_BYTES", 20_000)
    found = dict(restore().measures)
    assert 10_000 < int(found["sampled_bytes"]) <= 20_000


def test_missing_paths_fail(restore: Restore) -> None:
    drill = restore([entry for entry in SITE if "config.php" not in entry.name])
    assert (drill.outcome, drill.reason, drill.detail) == (
        "fail",
        "drill.path_missing",
        "lib/config.php",
    )


def test_an_empty_directory_is_not_what_was_expected(restore: Restore) -> None:
    unmounted = [entry for entry in SITE if "uploads" not in entry.name]
    drill = restore([*unmounted, Entry("./uploads/", type=tarfile.DIRTYPE)])
    assert (drill.reason, drill.detail) == ("drill.path_missing", "uploads/*")


def test_forbidden_paths_are_noted(restore: Restore) -> None:
    drill = restore([*SITE, Entry("./cache/page.html", b"x"), Entry("./sessions/a/b", b"x")])
    assert (drill.outcome, drill.problems) == ("pass", ("drill.forbidden_path",))
    assert drill.detail == "cache/page.html, sessions/a/b"


HOSTILE = {
    "parent": Entry("./uploads/../../evil", b"x"),
    "absolute": Entry("/etc/cron.d/evil", b"x"),
    "device": Entry("./uploads/disk", type=tarfile.BLKTYPE),
    "fifo": Entry("./uploads/pipe", type=tarfile.FIFOTYPE),
    "hardlink": Entry("./uploads/shadow", type=tarfile.LNKTYPE, link="../etc/shadow"),
    "through-a-link": Entry("./uploads/latest/evil", b"x"),
}


@pytest.mark.parametrize("entry", HOSTILE.values(), ids=HOSTILE)
def test_hostile_members_are_found_and_never_extracted(
    restore: Restore, entry: Entry, short: Path
) -> None:
    drill = restore([*SITE, entry])
    assert (drill.outcome, drill.reason) == ("fail", "drill.hostile_member")
    assert entry.name in drill.detail
    assert dict(drill.measures)["hostile"] == 1
    assert not (short / "evil").exists()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry("./storage", type=tarfile.SYMTYPE, link="/srv/x"), "drill.link_outside"),
        (Entry("./a/up", type=tarfile.SYMTYPE, link="../../x"), "drill.link_outside"),
        (Entry("./bin/ping", b"x", mode=0o4755), "drill.setuid_member"),
    ],
)
def test_what_a_site_may_have_is_noted(restore: Restore, entry: Entry, reason: str) -> None:
    drill = restore([*SITE, entry])
    assert (drill.outcome, drill.problems) == ("pass", (reason,))


def test_a_link_inside_is_no_finding(restore: Restore) -> None:
    inside = Entry("./a/up", type=tarfile.SYMTYPE, link="../uploads/latest")
    assert restore([*SITE, inside]).problems == ()


def test_damage_fails(restore: Restore) -> None:
    plain = tar(SITE)
    end = len(plain.rstrip(b"\0")) // 512 * 512 + 512
    cuts = {
        "drill.empty": [b"", gzip.compress(b"")],
        "drill.no_members": [gzip.compress(tar([]))],
        "drill.no_end_marker": [gzip.compress(plain[:end])],
        "drill.unreadable": [
            gzip.compress(plain)[:-1],
            gzip.compress(plain[:100_000]),
            gzip.compress(b"no archive" * 1000),
        ],
    }
    for reason, raws in cuts.items():
        for raw in raws:
            drill = restore(raw=raw, expect=Expect())
            assert (drill.outcome, drill.reason) == ("fail", reason)


def test_a_name_that_is_not_utf8_is_restored_and_recorded(restore: Restore) -> None:
    odd = os.fsdecode(b"./uploads/\xff.conf")
    drill = restore([*SITE, Entry(odd, b"x"), Entry(os.fsdecode(b"./tmp/\xff"), b"x")])
    assert (drill.outcome, drill.detail) == ("pass", "tmp/\\xff")


def test_an_archive_without_a_file_fails(restore: Restore) -> None:
    drill = restore([Entry("./", type=tarfile.DIRTYPE, mode=0o755)], expect=Expect())
    assert (drill.outcome, drill.reason) == ("fail", "drill.no_files")
    assert drill.detail == "1 members, none of them a file"


def test_an_archive_of_one_file_passes(restore: Restore) -> None:
    drill = restore([Entry("./one")], expect=Expect())
    assert (drill.outcome, drill.problems) == ("pass", ())


def test_without_tar_it_is_unverified(restore: Restore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    drill = restore()
    assert (drill.outcome, drill.reason) == ("unverified", "drill.tool_missing")


def test_a_restore_that_differs_fails(restore: Restore, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(pieces: Iterable[Piece], room: Path, _: object) -> None:
        for piece in pieces:
            (room / piece.info.name).parent.mkdir(parents=True, exist_ok=True)
            (room / piece.info.name).write_bytes(b"spoilt")

    monkeypatch.setattr(files, "extract", spoil)
    drill = restore()
    assert (drill.outcome, drill.reason) == ("fail", "drill.sample_differs")


@pytest.mark.root
@pytest.mark.root
def test_root_extracts_as_nobody_special(restore: Restore, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: set[int] = set()

    def different(room: Path, chosen: dict[str, object]) -> list[str]:
        owners.update((room / path).stat().st_uid for path in chosen)
        return []

    monkeypatch.setattr(files, "different", different)
    assert restore().outcome == "pass"
    assert len(owners) == 1
    assert 0 not in owners
