"""Members of archives against those of an earlier one: damage that no checksum shows."""

import stat
import tarfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packed import LONG_AGO, packed
from small_site import NOW
from told import told

from nexoaudit.errors import LedgerError
from nexoaudit.model.moments import millis
from nexoaudit.verification import members as module
from nexoaudit.verification import verify
from nexoaudit.verification.members import Comparing, Earlier

NPM = 499_162_500
"""The time of every file in every package of npm: 26 October 1985."""
BEGUN = NOW.replace(hour=3)
SITE = {"index.php": b"<?php 1;", "uploads/año.pdf": b"%PDF one", "uploads/b.png": b"PNG"}


class Desk:
    """Reads archives one after the other, each compared with the one before."""

    def __init__(self, folder):
        self.folder = folder
        self._earlier = None

    def read(self, data, **changes):
        path = self.folder / "files.tar.gz"
        path.write_bytes(data)
        comparing = Comparing(self._earlier, self.folder / "members")
        point_ms = millis(BEGUN)
        arguments = {
            "kind": "uploads",
            "sidecar": None,
            "expects_sidecar": False,
            "point_ms": point_ms,
            "time_source": "name",
            "zone": ZoneInfo("UTC"),
            "now": NOW,
            "comparing": comparing,
        }
        about, rest = told(**{**arguments, **changes})
        found = verify(path, about, **rest)
        facts = dict(found.manifest)
        if "members.index" in facts:
            index = self.folder / "members" / found.sha256
            self._earlier = Earlier(found.sha256, index, facts["members.index"])
        return facts

    @property
    def index(self):
        return self._earlier.path

    def altered(self, before, after, **options):
        self.read(packed(before, **options))
        facts = self.read(packed(after))
        return facts["members.compared"], facts["members.altered"], facts.get("members.names")


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_other_bytes_of_the_same_size_and_time_are_found_and_named(desk):
    rotten = {**SITE, "uploads/año.pdf": b"%PDF 0ne", "new.txt": b"new"}
    assert desk.altered(SITE, rotten) == (3, 1, "site/uploads/año.pdf")


def test_the_first_archive_has_nothing_to_be_compared_with(desk):
    facts = desk.read(packed(SITE))
    assert {name for name in facts if name.startswith("members.")} == {"members.index"}


def test_an_archive_in_another_top_directory_and_order_is_compared(desk):
    for top in ("./nexosupport_files_20261119/", "other/", "./"):
        rotten = {**SITE, "index.php": b"<?php 2;"}
        found = desk.altered(dict(reversed(SITE.items())), rotten, top=top)
        assert found == (3, 1, "site/index.php") if top != "./" else found[1] == 0


@pytest.mark.parametrize(
    "now",
    [
        pytest.param((b"<?php 2;", {"mtime": LONG_AGO + 1}), id="edited"),
        pytest.param((b"<?php 2;", {"mtime": LONG_AGO - 900_000}), id="an older one put back"),
        pytest.param(b"<?php 10;", id="of another size"),
        pytest.param((b"", {"type": tarfile.LNKTYPE, "linkname": "site/b"}), id="linked"),
        pytest.param((b"", {"type": tarfile.SYMTYPE, "linkname": "b"}), id="symbolic link"),
        pytest.param((b"", {"type": tarfile.DIRTYPE}), id="directory"),
    ],
)
def test_what_changed_as_files_change_is_not_compared(desk, now):
    assert desk.altered(SITE, {**SITE, "index.php": now}) == (2, 0, None)


@pytest.mark.parametrize("mtime", [0, 1, 315_532_800, NPM])
def test_dates_that_packages_are_given_say_nothing(desk, mtime):
    before = {**SITE, "vendor/package.json": (b'"1.2.3"', {"mtime": mtime})}
    after = {**SITE, "vendor/package.json": (b'"1.2.4"', {"mtime": mtime})}
    assert desk.altered(before, after) == (3, 0, None)


@pytest.mark.parametrize(
    ("source", "settled"), [("name", timedelta(minutes=3)), ("mtime", timedelta(hours=25))]
)
def test_what_was_written_while_it_was_packed_may_have_been_written_again(desk, source, settled):
    for begun, expected in ((BEGUN, 0), (BEGUN - settled, 1)):
        mtime = int(begun.timestamp())
        desk.read(packed({"a": (b"half", {"mtime": mtime})}), time_source=source)
        facts = desk.read(packed({"a": (b"more", {"mtime": mtime})}), time_source=source)
        assert facts["members.altered"] == expected


def test_of_a_path_that_is_there_twice_none_is_compared(desk):
    twice = [("a", b"one"), ("b", b"two"), ("a", b"six")]
    assert desk.altered(twice, {"a": b"one", "b": b"two"}) == (1, 0, None)


def test_parts_of_a_second_are_times_too(desk):
    desk.read(packed({"a": (b"one", {"mtime": LONG_AGO + 0.25})}, pax=True))
    later = packed({"a": (b"two", {"mtime": LONG_AGO + 0.75})}, pax=True)
    assert desk.read(later)["members.compared"] == 0


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"x"])
def test_an_index_that_is_not_the_recorded_one_is_not_used(desk, damage):
    desk.read(packed(SITE))
    desk.index.write_bytes(damage(desk.index.read_bytes()))
    facts = desk.read(packed({**SITE, "index.php": b"<?php 2;"}))
    assert "members.with" not in facts
    assert "members.index" in facts


def test_an_index_that_is_gone_is_made_anew_and_no_fault(desk):
    desk.read(packed(SITE))
    desk.index.unlink()
    assert "members.with" not in desk.read(packed(SITE))
    assert desk.read(packed(SITE))["members.compared"] == 3


def test_the_index_is_the_auditors_alone_and_holds_no_names(desk):
    desk.read(packed(SITE))
    assert stat.S_IMODE(desk.index.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.index.parent.stat().st_mode) == 0o700
    assert b"index" not in desk.index.read_bytes()
    assert [desk.index] == list(desk.index.parent.iterdir())


def test_an_index_that_cannot_be_written_stops_the_audit(desk):
    (desk.folder / "members").write_text("not a directory")
    with pytest.raises(LedgerError, match="what archives held, cannot be written"):
        desk.read(packed(SITE))


def test_a_copy_that_is_cut_or_contradicts_its_checksum_is_not_indexed(desk):
    whole = packed(SITE)
    assert not [name for name in desk.read(whole[:-9]) if name.startswith("members.")]
    sidecar = desk.folder / "files.tar.gz.sha256"
    sidecar.write_text(f"{'0' * 64}  files.tar.gz\n")
    assert "members.index" not in desk.read(whole, sidecar=sidecar)


def test_no_more_than_so_many_members_are_compared(desk, monkeypatch):
    monkeypatch.setattr(module, "MAX_MEMBERS", 2)
    many = {f"uploads/{number}": b"%d" % number for number in range(9)}
    assert desk.altered(many, many) == (2, 0, None)


FILES = st.dictionaries(
    st.sampled_from(["a", "b", "c/d", "c/é", "uploads/2026/x", "z" * 150]),
    st.tuples(st.sampled_from([b"one", b"two", b"five", b""]), st.sampled_from([0, 1, 2])),
)


@given(FILES, FILES)
def test_exactly_those_are_altered_that_differ_in_nothing_but_bytes(tmp_path_factory, a, b):
    desk = Desk(tmp_path_factory.mktemp("desk"))
    before, after = (
        {path: (data, {"mtime": LONG_AGO + later}) for path, (data, later) in files.items()}
        for files in (a, b)
    )
    still = {p for p in a.keys() & b.keys() if a[p][1] == b[p][1] and len(a[p][0]) == len(b[p][0])}
    still = {path for path in still if a[path][0]}
    desk.read(packed({"index.php": b"<?php", **before}))
    facts = desk.read(packed({"index.php": b"<?php", **after}))
    assert facts["members.compared"] == len(still) + 1
    assert facts["members.altered"] == sum(a[path] != b[path] for path in still)
