"""Five generations of a tree that share every file, against `find -type f -exec sha256sum`.

The figures are time per inode at two sizes, which should be the same, and the most memory used.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATIONS = 5
_FOLDERS = 400
_ONE = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from nexoaudit.locations.tree import survey
from nexoaudit.verification.generation import Generation
from nexoaudit.verification.remembered import Memory
from nexoaudit.verification.tree import verify_tree
root = Path(sys.argv[1])
tops = sorted(path for path in root.iterdir() if path.is_dir())
for top in tops:
    assert survey(top, 1 << 60)
with Memory(root / "trees.sqlite") as memory:
    for top in tops:
        one = Generation(top, "local", (), 0, "name")
        found = verify_tree(one, memory, since_ms=0, now=datetime.now(UTC))
        assert not found.problems, found
status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of our parent, too
print(status.partition("VmHWM:")[2].split()[0])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000, help="inodes of the larger size")
    options = parser.parse_args()
    for files in (options.files // 10, options.files):
        folder = Path(tempfile.mkdtemp(prefix="nexoaudit-bench-"))
        try:
            make(folder, files)
            compare(folder, files)
        finally:
            shutil.rmtree(folder)


def make(folder: Path, files: int) -> None:
    """Write `files` files of 1 KiB and link them into all generations."""
    for generation in range(GENERATIONS):
        for number in range(_FOLDERS):
            (folder / f"{generation}/uploads/{number:03}").mkdir(parents=True)
    for number in range(files):
        name = f"uploads/{number % _FOLDERS:03}/document-{number:07}.pdf"
        (folder / "0" / name).write_bytes(b"%08d" % number * 128)
        for generation in range(1, GENERATIONS):
            os.link(folder / "0" / name, folder / str(generation) / name)


def compare(folder: Path, files: int) -> None:
    """Print both ways over the same files: first listing and verifying, then the shell's."""
    began = time.perf_counter()
    ours = subprocess.run(
        [sys.executable, "-c", _ONE, folder], check=True, capture_output=True, text=True
    )
    first = time.perf_counter() - began
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _ONE, folder], check=True, capture_output=True)
    again = time.perf_counter() - began
    began = time.perf_counter()
    subprocess.run(
        ["find", folder, "-type", "f", "-exec", "sha256sum", "{}", "+"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shell = time.perf_counter() - began
    print(
        f"{files} inodes in {GENERATIONS} generations: {first:.1f} s,"
        f" {first / files * 1e6:.0f} us an inode, {int(ours.stdout) / 1024:.0f} MB;"
        f" again, nothing changed: {again:.1f} s; find and sha256sum: {shell:.1f} s"
    )


if __name__ == "__main__":
    main()
