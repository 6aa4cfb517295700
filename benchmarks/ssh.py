"""Digests of files on an SSH host: our forced command against `ssh HOST sha256sum NAME...`.

Both log in anew each time, and the shell's way gets all names at once, the fastest it can be; it
has no answer to a name that a shell would read as more than a name.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nexoaudit.locations.ssh import SshTransport

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from sshd import Sshd, serving

_ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=1 << 20, help="of each file")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="nexoaudit-bench-") as folder,
        serving(Path(folder)) as server,
    ):
        names = [f"db_{number:04}.sql.gz" for number in range(options.files)]
        for name in names:
            (server.root / name).write_bytes(os.urandom(options.bytes))
        ours = min(timed(lambda: digests(server, names)) for _ in range(_ROUNDS))
        shell = min(timed(lambda: by_shell(server, names)) for _ in range(_ROUNDS))
        least = min(timed(lambda: by_shell(server, names[:1])) for _ in range(_ROUNDS))
    print(
        f"{options.files} files of {options.bytes >> 10} KiB: {ours:.2f} s; `ssh HOST sha256sum`:"
        f" {shell:.2f} s, ratio {ours / shell:.2f}; one ssh for each file would take about"
        f" {least * options.files:.0f} s"
    )


def digests(server: Sshd, names: list[str]) -> None:
    """Ask the forced command, as an audit does."""
    transport = SshTransport(server.location(), deadline_s=120)
    told = list(transport.stored(names))
    transport.close()
    assert all(stored.checksums for stored in told)
    assert len(told) == len(names)


def by_shell(server: Sshd, names: list[str]) -> None:
    """Ask a shell that may do anything."""
    words = " ".join(names)
    argv = ["ssh", "-F", server.config, "-o", "BatchMode=yes", "backup-shell"]
    command = f"cd {server.root} && sha256sum {words}"
    done = subprocess.run([*argv, command], check=True, capture_output=True)
    assert done.stdout.count(b"\n") == len(names)


def timed(call: Callable[[], None]) -> float:
    """Return how many seconds `call` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
