import hashlib
import io
import os
import random
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexoaudit.formats.archive import MAX_EXTENSION, Archive, Member

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.FIFOTYPE: "fifo",
    tarfile.CHRTYPE: "device",
}

Entry = tuple[Member, bytes]


def blocks(data: bytes, size: int = 65536) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes, size: int = 65536) -> tuple[list[Entry], tuple[str, ...]]:
    archive = Archive(blocks(data, size))
    entries = [(member, b"".join(archive.content())) for member in archive]
    assert archive.members == len(entries)
    return entries, archive.problems


def problems(data: bytes) -> tuple[str, ...]:
    """Return the problems found without looking at any content."""
    archive = Archive(blocks(data))
    for _ in archive:
        pass
    assert not list(archive.content())
    return archive.problems


def pack(infos: list[tuple[tarfile.TarInfo, bytes]], how: int = tarfile.GNU_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=how) as tar:
        for info, content in infos:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def info(name: str, **attributes: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.mtime = 1_700_000_000
    for key, value in attributes.items():
        setattr(made, key, value)
    return made


def sample(how: int = tarfile.GNU_FORMAT) -> bytes:
    return pack(
        [
            (info("site/", type=tarfile.DIRTYPE, mode=0o755), b""),
            (info("site/a.txt", mode=0o4640, uid=33, gid=33), b"hello"),
            (info("site/empty"), b""),
            (info("site/" + "long/" * 30 + "ñ 😀.bin"), random.Random(1).randbytes(3000)),
            (info("site/link", type=tarfile.SYMTYPE, linkname="/srv/" + "x/" * 80), b""),
            (info("site/hard", type=tarfile.LNKTYPE, linkname="site/a.txt"), b""),
            (info("site/fifo", type=tarfile.FIFOTYPE), b""),
            (info("site/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
            (info("../up"), b"x" * 512),
        ],
        how,
    )


def by_tarfile(data: bytes) -> list[Entry]:
    entries = []
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for each in tar:
            name = each.name + "/" if each.isdir() and not each.name.endswith("/") else each.name
            file = tar.extractfile(each) if each.isreg() else None
            member = Member(
                name,
                KINDS[each.type],
                each.size,
                round(each.mtime * 1000),
                each.mode,
                each.uid,
                each.gid,
                each.linkname,
                each.uname,
                each.gname,
            )
            entries.append((member, file.read() if file else b""))
    return entries


@pytest.mark.parametrize("how", ["gnu", "pax"])
def test_reads_as_tarfile_does(how: str) -> None:
    data = sample(FORMATS[how])
    assert read(data) == (by_tarfile(data), ())
    assert problems(data) == ()


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 10240])
def test_blocks_of_any_size_give_the_same_members(size: int) -> None:
    assert read(sample(), size) == read(sample())


names = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=300
).filter(lambda name: not name.endswith("/"))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(names, st.binary(max_size=1500), st.integers(0, 2**40), st.integers(0, 2**31)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    st.integers(1, 3000),
)
def test_any_members_read_as_tarfile_does(
    files: list[tuple[str, bytes, int, int]], how: int, size: int
) -> None:
    data = pack([(info(n, mtime=mtime, uid=uid), content) for n, content, mtime, uid in files], how)
    assert read(data, size) == (by_tarfile(data), ())


def test_what_gnu_tar_writes(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "file").write_bytes(b"content")
    os.utime(tmp_path / "d" / "file", ns=(0, 1_700_000_000_987_654_321))
    with (tmp_path / "d" / "sparse").open("wb") as file:
        for place in range(1, 40):
            file.seek(place << 20)
            file.write(b"data")
    kinds = {}
    for how in ("gnu", "posix", "ustar", "v7", "oldgnu"):
        made = subprocess.run(
            ["tar", f"--format={how}", "--sparse", "-cf", "-", "d"]
            if how not in {"ustar", "v7"}
            else ["tar", f"--format={how}", "-cf", "-", "--exclude=sparse", "d"],
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        entries, found = read(made)
        assert found == (), how
        kinds[how] = {member.name: member.kind for member, _ in entries}
        file_entry = next(entry for entry in entries if entry[0].name == "d/file")
        assert file_entry[1] == b"content"
        assert file_entry[0].mtime_ms // 1000 == 1_700_000_000
    assert (
        kinds["gnu"]
        == kinds["posix"]
        == {"d/": "directory", "d/file": "file", "d/sparse": "sparse"}
    )
    assert kinds["v7"] == kinds["ustar"] == {"d/": "directory", "d/file": "file"}


def test_every_cut_is_seen() -> None:
    data = sample()
    end = len(data.rstrip(b"\0")) + -len(data.rstrip(b"\0")) % 512
    for length in range(1, end + 512, 37):
        assert problems(data[:length]) in {("tar.truncated",), ("tar.no_end",)}, length
    assert problems(data[:end]) == ("tar.no_end",)
    assert problems(data[: end - 1]) == ("tar.truncated",)
    assert problems(data[: end + 1024]) == ()


def test_a_damaged_header() -> None:
    data = bytearray(sample())
    data[1024 + 512] ^= 1
    found = read(bytes(data))
    assert found[1] == ("tar.corrupt",)
    assert problems(b"this is not a tar archive" * 100) == ("tar.corrupt",)


def test_an_archive_of_nothing() -> None:
    assert problems(bytes(10240)) == ("tar.empty",)
    assert problems(b"") == ("tar.truncated",)


def test_what_follows_the_end() -> None:
    assert problems(sample() + bytes(100_000)) == ()
    entries, found = read(sample() + sample())
    assert (entries, found) == (read(sample())[0], ("tar.after_end",))


def test_content_may_be_left_or_taken_in_part() -> None:
    archive = Archive(blocks(sample(), 1000))
    digests = {}
    for member in archive:
        if member.name == "site/a.txt":
            continue
        for piece in archive.content():
            digests[member.name] = hashlib.sha256(piece).hexdigest()
            break
    assert archive.problems == ()
    assert len(digests) == 2


def header(size: bytes, kind: bytes = b"0", name: bytes = b"x") -> bytes:
    block = bytearray(
        name.ljust(100, b"\0")
        + b"0000644\0" * 3
        + size.ljust(12, b"\0")
        + b"00000000000\0"
        + b" " * 8
        + kind
        + bytes(355)
    )
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (header(b"7" * 12), "tar.truncated"),
        (header(b"\x80" + b"\x7f" * 11), "tar.corrupt"),
        (header(b"\xff" * 12), "tar.corrupt"),
        (header(b"999"), "tar.corrupt"),
        (header(b"%o" % (MAX_EXTENSION + 1), b"x"), "tar.corrupt"),
        (header(b"%o" % (MAX_EXTENSION + 1), b"L"), "tar.corrupt"),
        (header(b"20", b"x") + b"99999 path=x\n".ljust(512, b"\0"), "tar.corrupt"),
        (header(b"20", b"x") + b"0 path=x\n".ljust(512, b"\0"), "tar.corrupt"),
        (header(b"20", b"x") + b"11 size=-1\n".ljust(512, b"\0") + header(b"0"), "tar.corrupt"),
        (header(b"20", b"x") + b"13 size=1e99\n".ljust(512, b"\0") + header(b"0"), "tar.corrupt"),
        (header(b"20", b"x") + b"11 path=x\n\n".ljust(512, b"\0"), "tar.truncated"),
        (header(b"0", b"S")[:482] + b"\1" + bytes(29), "tar.corrupt"),
        (header(b"0", b"x") * 300, "tar.truncated"),
    ],
)
def test_absurd_headers(data: bytes, expected: str) -> None:
    assert problems(data) == (expected,)


def test_memory_is_flat_in_size_and_number_of_members() -> None:
    one = header(b"%o" % 100_000) + bytes(100_352)
    small = header(b"0")

    def endless() -> Iterator[bytes]:
        for _ in range(150):
            yield one
        for _ in range(60):
            yield small * 128
        yield bytes(1024)

    tracemalloc.start()
    archive = Archive(endless())
    count = sum(1 for _ in archive)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, archive.problems) == (150 + 60 * 128, ())
    assert peak < 1024**2


@settings(max_examples=200)
@given(st.binary(max_size=700), st.integers(0, 20), st.integers(0, 511), st.integers(1, 2000))
def test_any_bytes_end_well(data: bytes, start: int, place: int, size: int) -> None:
    whole = sample()
    offset = start * 512 + place
    damaged = whole[:offset] + data + whole[offset + len(data) :]
    assert read(damaged, size) == read(damaged)
    read(data)
