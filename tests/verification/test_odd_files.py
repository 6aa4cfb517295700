"""Files with odd names and sizes, and files that others write to while they are read."""

import gzip
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nexoaudit.formats.archive import Archive
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification

Check = Callable[..., Verification]
Seal = Callable[..., Path]

SHOP = (Path(__file__).parents[1] / "formats" / "data" / "shop.sql").read_bytes()
LARGE = (4 << 30) + 12_345
"""More bytes than 32 bits can count."""


@pytest.mark.parametrize(
    "name", [b"two\nlines.sql.gz", b"caf\xe9.sql.gz", b"back\\slash.sql.gz", b" .sql.gz", b"*"]
)
def test_a_name_of_any_bytes_beside_what_sha256sum_writes(
    tmp_path: Path, check: Check, name: bytes
) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(gzip.compress(SHOP))
    line = subprocess.run(
        ["sha256sum", "--", name], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    Path(f"{path}.sha256").write_bytes(line)
    found = check(path)
    assert (found.problems, found.recorded) == ((), "sidecar")


def test_links_that_lead_in_a_circle_are_not_followed(tmp_path: Path, check: Check) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.symlink_to(there)
    there.symlink_to(here)
    found = check(here, sidecar=None)
    assert (found.problems, found.assurance) == (("file.not_regular",), Assurance.PRESENT)
    assert check(here / "db.sql.gz", sidecar=None).problems == ("file.not_regular",)
    path = tmp_path / "db.sql.gz"
    path.write_bytes(gzip.compress(SHOP))
    assert check(path, sidecar=here).problems == ("sidecar.rubbish",)


@pytest.mark.parametrize("how", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["base-256", "pax"])
@pytest.mark.parametrize("size", [LARGE, 9 << 30, 1 << 60])
def test_members_of_any_size(how: int, size: int) -> None:
    info = tarfile.TarInfo("site/uploads/film.mkv")
    info.size = size
    head = info.tobuf(format=how)
    zeros = bytes(1 << 20)
    padded = size + -size % 512 + 1024

    def content() -> Iterator[bytes]:
        yield head
        whole, rest = divmod(min(padded, 10 << 30), len(zeros))
        yield from (zeros for _ in range(whole))
        yield zeros[:rest]

    archive = Archive(content())
    assert [member.size for member in archive] == [size]
    assert archive.problems == (() if size < 10 << 30 else ("tar.truncated",))


def test_a_large_file_with_holes(
    tmp_path: Path, check: Check, request: pytest.FixtureRequest
) -> None:
    """Of more than 4 GiB in the long profile: that takes ten seconds."""
    long = request.config.getoption("--hypothesis-profile") == "long"
    size = LARGE if long else 50_000_001
    path = tmp_path / "files.tar"
    info = tarfile.TarInfo("site/uploads/film.mkv")
    info.size = size
    with path.open("wb") as file:
        file.write(info.tobuf())
        file.truncate(512 + size + -size % 512 + 1024)
    found = check(path, kind="uploads", sidecar=None, expects_sidecar=False, time_source="mtime")
    assert found.problems == ()
    assert (found.size, dict(found.manifest)["bytes"]) == (path.stat().st_size, size)
    with path.open("r+b") as file:
        file.truncate(512 + size - 1)
    found = check(path, kind="uploads", sidecar=None, expects_sidecar=False, time_source="mtime")
    assert found.problems == ("tar.truncated",)


def test_a_file_that_grows_faster_than_it_is_read_ends_the_read(
    tmp_path: Path, check: Check, sealed: Seal
) -> None:
    path = sealed(tmp_path / "db.sql", SHOP)

    def grow(read: int) -> None:
        with path.open("ab") as file:
            file.write(bytes(2 * read))

    found = check(path, progress=grow)
    assert (found.problems, found.assurance) == (("file.changed",), Assurance.PRESENT)


WRITERS = {
    "appends": "file.seek(0, 2); file.write(b'-- more\\n')",
    "rewrites": "file.seek(size // 2); file.write(b'x' * 4096)",
    "shortens": "size = max(9999, size - 4096); file.truncate(size); os.utime(path)",
    "replaces": "shutil.copy(path, path + '.new'); os.rename(path + '.new', path)",
    "removes": "os.unlink(path); shutil.copy(sys.argv[0], path); os.unlink(path)",
}


@contextmanager
def written_by_another(path: Path, how: str) -> Iterator[None]:
    """Have another process change the file again and again."""
    program = path.with_name("writer.py")
    program.write_text(
        "import os, shutil, sys\n"
        "path = sys.argv[1]\n"
        "file = open(path, 'r+b', buffering=0)\n"
        "size = os.fstat(file.fileno()).st_size\n"
        "while True:\n"
        f"    {WRITERS[how]}\n"
        "    print(flush=True)\n"
    )
    with subprocess.Popen([sys.executable, program, path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        for _ in range(3 if how != "removes" else 1):
            writer.stdout.readline()
        try:
            yield
        finally:
            writer.kill()


@pytest.mark.parametrize("how", sorted(WRITERS))
def test_a_file_that_another_process_writes_to_is_never_sound(
    tmp_path: Path, check: Check, sealed: Seal, how: str
) -> None:
    path = sealed(tmp_path / "db.sql", SHOP.replace(b"(2,1);\n", b"(2,1);\n" * 200_000))
    assert check(path).problems == ()
    with written_by_another(path, how):
        found = check(path, progress=lambda size: None)
    allowed = {"file.vanished"} if how == "removes" else {"file.changed", "file.vanished"}
    # A writer that waits between its writes leaves a file that is whole, and too short.
    assert set(found.problems) <= allowed | {"sidecar.mismatch", "dump.no_trailer"}
    assert found.problems
    assert found.assurance <= Assurance.PRESENT
