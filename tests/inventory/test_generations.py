"""Trees as copies: what a sweep sees of them, and how a first look recognises them."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.inventory.generations import generations
from nexoaudit.inventory.scan import scan
from nexoaudit.inventory.sweep import sweep
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Policy, Series, Site
from nexoaudit.policy.found import Starter
from nexoaudit.policy.load import load
from nexoaudit.policy.starter import starter_toml

ZONE = ZoneInfo("UTC")
LONG_AGO = 1_700_000_000


def look(root, pattern="incremental/*/", *, now=None, demonstration=True, transfer=""):
    location = Location("local", str(root), transfer=transfer)
    series = Series("incremental", pattern, ("local",), 2 * 86400, sidecar=False)
    policy = Policy(
        Site("example", demonstration=demonstration),
        (location,),
        (Component("files", "uploads", "45 2 * * *", series=(series,)),),
    )
    result, found = sweep(location, policy, now or datetime.now(UTC))
    return result, {sighting.path: sighting for sighting in found}


def tree(root, files, moment=LONG_AGO):
    for name, data in files.items():
        path = root / os.fsdecode(name) if isinstance(name, bytes) else root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    date(root, moment)
    return root


def date(root, moment):
    for path in (root, *root.rglob("*")):
        os.utime(path, (moment, moment), follow_symlinks=False)


def generation(root, before, moment=LONG_AGO):
    """Do what `rsync -a --link-dest` does when nothing changed."""
    shutil.copytree(before, root, symlinks=True, copy_function=os.link)
    os.utime(root, (moment, moment))
    return root


@pytest.fixture
def pair(tmp_path):
    base = tmp_path / "incremental"
    tree(base / "previous", {"index.php": b"<?php", "uploads/a.pdf": b"%PDF", "lib/b": b"1"})
    generation(base / "current", base / "previous", LONG_AGO + 86400)
    return base


def test_a_tree_is_one_copy_and_its_files_are_accounted_for(pair, tmp_path):
    (tmp_path / "stray").write_bytes(b"x")
    result, found = look(tmp_path)
    assert (result.outcome, result.files, result.unmatched) == ("complete", 7, 1)
    current = found["incremental/current/"]
    assert (current.size, current.inode, current.finished) == (10, "", True)
    assert (current.time_source, current.time_ms) == ("mtime", (LONG_AGO + 86400) * 1000)
    assert current.listing_sha256 == found["incremental/previous/"].listing_sha256


def test_without_a_touch_the_time_is_that_of_the_newest_directory(pair, tmp_path):
    _, found = look(tmp_path, demonstration=False)
    current = found["incremental/current/"]
    built = (pair / "current/uploads").stat().st_ctime_ns // 1_000_000
    assert (current.time_source, current.finished) == ("ctime", False)
    assert abs(current.time_ms - built) < 1000
    later = datetime.now(UTC) + timedelta(minutes=11)
    assert look(tmp_path, demonstration=False, now=later)[1]["incremental/current/"].finished
    # Where it is transferred to, that is when the transfer ran.
    _, found = look(tmp_path, demonstration=False, transfer="30 4 * * *")
    assert found["incremental/current/"].time_source == "mtime"


def test_a_link_to_a_file_does_not_change_the_listing_but_a_write_shows(pair, tmp_path):
    before = look(tmp_path)[1]["incremental/current/"]
    os.link(pair / "current/lib/b", tmp_path / "another name")
    linked = look(tmp_path)[1]["incremental/current/"]
    assert linked.listing_sha256 == before.listing_sha256
    before = linked
    path = pair / "current/lib/b"
    found = path.stat()
    with path.open("r+b") as file:
        file.write(b"2")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    while path.stat().st_ctime_ns // 1_000_000 == before.ctime_ms:  # that clock ticks slowly
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    written = look(tmp_path)[1]["incremental/current/"]
    assert written.listing_sha256 == before.listing_sha256
    assert written.ctime_ms > before.ctime_ms


@pytest.mark.parametrize("change", ["chmod", "rename", "add", "remove"])
def test_every_other_change_is_seen_in_the_listing(pair, tmp_path, change):
    before = look(tmp_path)[1]["incremental/current/"].listing_sha256
    path = pair / "current/lib/b"
    if change == "chmod":
        path.chmod(0o777)
    elif change == "rename":
        path.rename(path.with_name("c"))
    elif change == "add":
        (path.parent / "c").mkdir()
    else:
        path.unlink()
    assert look(tmp_path)[1]["incremental/current/"].listing_sha256 != before


def test_dated_generations_have_the_time_of_their_name(tmp_path):
    first = tree(tmp_path / "daily/2026-11-19", {"a": b"1"})
    generation(tmp_path / "daily/2026-11-20", first)
    (tmp_path / "daily/latest").symlink_to("2026-11-20")
    (tmp_path / "daily/2026-11-21.part").mkdir()
    _, found = look(tmp_path, "daily/{time:%Y-%m-%d}/")
    assert sorted(found) == ["daily/2026-11-19/", "daily/2026-11-20/"]
    assert found["daily/2026-11-20/"].time_source == "name"


def test_loops_odd_names_and_files_with_holes_are_listed(tmp_path):
    top = tree(tmp_path / "incremental/current", {b"caf\xe9\nnew line": b"x", "sub/y": b"y"})
    (top / "loop").symlink_to("..")
    (top / "sub/self").symlink_to(".")
    with (top / "sparse").open("wb") as file:
        file.truncate(5 << 30)
    os.mkfifo(top / "pipe")
    result, found = look(tmp_path)
    assert (result.files, found["incremental/current/"].size) == (3, (5 << 30) + 2)


@pytest.mark.unprivileged
def test_a_tree_that_cannot_be_listed_is_a_failed_sweep(pair, tmp_path):
    (pair / "current/lib").chmod(0)
    try:
        result, found = look(tmp_path)
        assert (result.outcome, result.reason, found) == ("failed", "location.unreadable", {})
    finally:
        (pair / "current/lib").chmod(0o755)


def patterns(root):
    return sorted(set(generations(root).values()))


def test_generations_are_recognised_by_names_and_shared_files(tmp_path):
    for name, names in (
        ("snap", ("2026-11-19", "2026-11-20")),
        ("rsnapshot", ("daily.0", "daily.1", "daily.2")),
        ("www/site", ("site-20261119_0245", "site-20261120_0245")),
    ):
        first = tree(tmp_path / name / names[0], {"x/a": b"1", "x/b": b"2"})
        for other in names[1:]:
            generation(tmp_path / name / other, first)
    tree(tmp_path / "incremental/current", {"index.php": b"1"})
    # Directories of a day that hold dumps, or that share nothing, are not generations.
    for day in ("2026-11-19", "2026-11-20"):
        tree(tmp_path / "dumps" / day, {"shop.sql.gz": b"x"})
        tree(tmp_path / "exports" / day, {"a": b"x"})
    tree(tmp_path / "files/current", {"a": b"x"})
    tree(tmp_path / "files/other", {"a": b"x"})
    assert patterns(tmp_path) == [
        "incremental/*/",
        "rsnapshot/daily.{number}/",
        "snap/{time:%Y-%m-%d}/",
        "www/site/site-{time:%Y%m%d_%H%M}/",
    ]


def test_init_proposes_a_component_for_the_trees_of_the_guide(pair, tmp_path):
    moment = datetime(2026, 11, 20, 2, 47, 11, tzinfo=UTC)
    os.utime(pair / "current", (moment.timestamp(), moment.timestamp()))
    found = scan(tmp_path, ZONE, demonstration=True)
    assert found.others == ()
    path = tmp_path / "site.toml"
    path.write_text(
        starter_toml(Starter("shop", "UTC", tmp_path, tmp_path, found.groups, found.others, moment))
    )
    policy = load(path).policy
    component = policy.component("incremental")
    (series,) = component.series
    assert (component.kind, component.schedule) == ("uploads", "45 2 * * *")
    assert (series.pattern, series.keep_s, series.tree) == ("incremental/*/", 2 * 86400, True)
    assert not policy.component("uploads").configured
    assert not policy.component("system").configured
