"""A tar archive read as a stream with the digest of each member, against `tar -xzf`.

All in one run on one machine; the figure is the time in times that of `tar -xzf`, which writes to
memory where there is a file system in it: no disk is measured.
"""

import argparse
import hashlib
import io
import random
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.formats.archive import Archive
from nexoaudit.formats.stream import Stream
from nexoaudit.model.fact import Fact
from nexoaudit.model.manifest import MEMBERS
from nexoaudit.model.moments import millis
from nexoaudit.model.policy import Expect
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About
from nexoaudit.verification.members import Comparing, Earlier

_MEMBERS = {"large": (150, 1_000_000), "small": (15_000, 10_000)}
"""How many members of how many bytes on average: uploads, and a source tree."""
_EXPECT = Expect(
    paths=("uploads", "lib/config.php", "theme/custom", "modules", "admin/tool"),
    forbidden=("cache/*", "temp/*", "sessions/*"),
)
_MADE = datetime(2026, 12, 23, 3, 0, tzinfo=UTC)
_WORDS = (
    "lorem",
    "ipsum",
    "dolor",
    "function",
    "return",
    "class",
    "usuario",
    "incidencia",
    "$this->",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-", dir=memory))
    try:
        for name, (count, size) in _MEMBERS.items():
            archive = folder / f"{name}.tar.gz"
            make(archive, count, size)
            print(
                f"{name} members: {count} of {size} bytes,"
                f" {archive.stat().st_size / 1e6:.1f} MB compressed"
            )
            compare(archive, count, folder / "extracted", options.runs)
    finally:
        shutil.rmtree(folder)


def make(path: Path, count: int, average: int) -> None:
    """Write an archive; half of the bytes of a large member are such as a photograph's."""
    chance = random.Random(20261123)
    words = " ".join(chance.choices(_WORDS, k=400_000)).encode()
    with tarfile.open(path, "w:gz", compresslevel=6) as tar:
        for number in range(count):
            size = chance.randrange(average // 2, average * 3 // 2)
            start = chance.randrange(len(words) // 4)
            noise = chance.randbytes(size // 2) if average > 100_000 else b""
            info = tarfile.TarInfo(f"site/{number % 97:02}/{number % 13}/file{number}.php")
            content = noise + (words[start:] * (size // len(words) + 1))[: size - len(noise)]
            info.size, info.mtime = size, 1_795_000_000 + number
            tar.addfile(info, io.BytesIO(content))


def compare(archive: Path, members: int, target: Path, runs: int) -> None:
    first = Comparing(None, archive.parent / "members")
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    index = whole(archive, first)[f"{MEMBERS}index"]
    earlier = Earlier(digest, archive.parent / "members" / digest, str(index))
    comparing = Comparing(earlier, first.directory)
    assert whole(archive, comparing)[f"{MEMBERS}compared"] == members
    ways: dict[str, Callable[[], object]] = {
        "tar -xzf": lambda: extract(archive, target),
        "member digests": lambda: digests(archive),
        "verify": lambda: whole(archive, comparing),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
            shutil.rmtree(target, ignore_errors=True)
    base = statistics.median(times["tar -xzf"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:15} {median:6.3f} s   {median / base:5.2f} x")


def extract(archive: Path, target: Path) -> None:
    target.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", target], check=True)


def digests(archive: Path) -> int:
    """Return the number of members, each hashed, and the archive with them."""
    with archive.open("rb", buffering=0) as file:
        stream = Stream(file)
        members = Archive(stream)
        for _member in members:
            digest = hashlib.sha256()
            for piece in members.content():
                digest.update(piece)
            digest.hexdigest()
        assert not members.problems, members.detail
        assert stream.complete
    return members.members


def whole(archive: Path, comparing: Comparing) -> dict[str, Fact]:
    """Verify it as an audit does: each member compared with an earlier archive's."""
    found = verify(
        archive,
        About("uploads", millis(_MADE), "name", ZoneInfo("UTC"), _MADE, _EXPECT),
        sidecar=None,
        expects_sidecar=False,
        comparing=comparing,
    )
    assert not found.problems, found
    return dict(found.manifest)


if __name__ == "__main__":
    main()
