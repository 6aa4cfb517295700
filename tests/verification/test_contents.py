"""What one read of an archive notes of its members, and of a dump's text."""

import gzip
import stat
import tarfile
from io import BytesIO

import pytest

from nexoaudit.model.policy import Expect

SECRET = b"<?php $password = 'hunter2-of-old';\n"


@pytest.fixture
def inside(tmp_path, check, sealed):
    """Return what makes a tar.gz of (name, changes) and returns its manifest."""

    def read(*members, expect=None):
        file = BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz") as tar:
            for name, changes in members:
                member = tarfile.TarInfo(name)
                member.mtime = 1_700_000_000
                data = changes.pop("data", b"x" * 100)
                member.size = len(data)
                for field, value in changes.items():
                    setattr(member, field, value)
                if member.type != tarfile.REGTYPE:
                    member.size = 0
                tar.addfile(member, BytesIO(data[: member.size]))
        path = sealed(tmp_path / "f.tar.gz", file.getvalue())
        return dict(check(path, kind="uploads", expect=expect or Expect()).manifest)

    return read


def test_wanted_and_unwanted_paths_are_counted_wherever_the_top_directory_lies(inside):
    expect = Expect(paths=("uploads/*", "lib/config.php"), forbidden=("cache/*",))
    for top in ("", "site/", "./site/"):
        found = inside(
            (f"{top}uploads/2026/a", {}), (f"{top}uploads/b", {}), (f"{top}cache/c", {}),
            expect=expect,
        )  # fmt: skip
        assert found["wanted.uploads/*"] == 2
        assert found["wanted.lib/config.php"] == 0
        assert found["unwanted.cache/*"] == 1


def test_what_opens_encrypted_copies_is_found_inside(inside):
    expect = Expect(keys=("/root/.backup-key",))
    assert (
        inside(("root/.backup-key", {}), ("etc/x", {}), expect=expect)["unwanted.root/.backup-key"]
        == 1
    )
    assert inside(("root/other", {}), expect=expect)["unwanted.root/.backup-key"] == 0


@pytest.mark.parametrize(
    ("name", "changes", "fact"),
    [
        ("../../etc/cron.d/x", {}, "hostile"),
        ("/etc/passwd", {}, "hostile"),
        ("site/a", {"type": tarfile.LNKTYPE, "linkname": "../../x"}, "hostile"),
        ("site/null", {"type": tarfile.CHRTYPE}, "special"),
        ("site/pipe", {"type": tarfile.FIFOTYPE}, "special"),
        ("site/a", {"type": tarfile.SYMTYPE, "linkname": "/etc/shadow"}, "links_outside"),
        ("site/a", {"type": tarfile.SYMTYPE, "linkname": "../.."}, "links_outside"),
        ("site/su", {"mode": 0o4755}, "setuid"),
        ("site/lib/config.php", {"data": SECRET, "mode": 0o644}, "open_secrets"),
        ("site/.env", {"data": b"API_KEY=abcdef0123\n", "mode": 0o604}, "open_secrets"),
        (
            "site/etc/server.key",
            {"data": b"-----BEGIN RSA PRIVATE KEY-----\nx", "mode": 0o644},
            "open_secrets",
        ),
    ],
)
def test_members_that_harm_are_counted_and_the_first_is_named(inside, name, changes, fact):
    found = inside(("site/index.php", {}), (name, dict(changes)), ("site/z", {}))
    assert (found[fact], found[f"{fact}.first"]) == (1, name)
    assert not {"hostile", "special", "links_outside", "setuid", "open_secrets"} - {fact} & set(
        found
    )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("site/a..b/c", {}),
        ("site/a", {"type": tarfile.SYMTYPE, "linkname": "b/c"}),
        ("site/x/a", {"type": tarfile.SYMTYPE, "linkname": "../b"}),
        ("site/lib/config.php", {"data": SECRET, "mode": 0o640}),
        ("site/lib/config.php", {"data": b"<?php $password = getenv('P');\n", "mode": 0o644}),
        ("site/readme.txt", {"data": SECRET, "mode": 0o644}),
    ],
)
def test_members_that_only_look_harmful_are_not(inside, name, changes):
    found = inside((name, dict(changes)))
    assert not {"hostile", "special", "links_outside", "setuid", "open_secrets"} & set(found)


def test_directories_named_like_excluded_ones_are_noted_below_the_top_only(inside):
    found = inside(
        ("site/logs/app.log", {}), ("site/uploads/2026/logs/a", {}), ("site/modules/x/cache/b", {})
    )
    assert (found["nested.logs"], found["nested.logs.first"]) == (1, "site/uploads/2026/logs/a")
    assert found["nested.cache"] == 1


def test_names_of_any_bytes_become_text(inside):
    name = b"site/\xff\n|secret".decode("utf-8", "surrogateescape")
    found = inside((name + "/../x", {}))
    assert "\\xff" in found["hostile.first"]
    found["hostile.first"].encode()


def test_mojibake_is_told_from_text(tmp_path, check, sealed):
    head = "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n-- Host: h    Database: shop\n"
    rows = "INSERT INTO `t` VALUES ('menú de año nuevo, ¡acción!');\n" * 50

    def facts(text):
        path = sealed(tmp_path / "t.sql.gz", gzip.compress(text.encode()))
        return dict(check(path).manifest)

    sound = facts(head + rows)
    doubled = facts(head + rows.encode().decode("latin-1"))
    assert sound["text.accents"] == 150
    assert sound["text.doubled"] == 0
    assert doubled["text.doubled"] == 150


def test_the_right_to_read_ends_where_a_directory_is_closed(site):
    state = site.audit().state
    (mode,) = {copy.mode for held in state.copies.values() for copy in held}
    everybody = all(path.stat().st_mode & stat.S_IXOTH for path in site.root.parents)
    assert bool(mode & 0o004) is everybody
    (site.root / "local").chmod(0o750)
    copies = site.audit().state.copies["database", "full", "local"]
    assert {copy.mode & 0o007 for copy in copies} == {0}
