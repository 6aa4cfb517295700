"""Encrypted copies and prints: what the proof of off-site copies costs, against gpg alone."""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

from verification import LAYOUTS, make, sql

from nexoaudit.formats.openpgp import HEAD, read_framing, sealed_text
from nexoaudit.locations.open import open_transport
from nexoaudit.model.location import Bucket, Location
from nexoaudit.verification import verify
from nexoaudit.verification.inside import About

_NO_SIDECAR: dict[str, Any] = {"sidecar": None, "expects_sidecar": False}
_SEAL = (
    "gpg --batch --no-tty --yes --homedir {home} --pinentry-mode loopback --passphrase-file {key}"
)


def _about() -> About:
    return About("database", 0, "mtime", ZoneInfo("UTC"), datetime.now(UTC))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=150, help="size of the SQL text")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nx-bench-"))
    folder.chmod(0o755)
    try:
        (folder / "home").mkdir(mode=0o700)
        key = folder / "key"
        key.write_text("a passphrase\n", encoding="ascii")
        key.chmod(0o600)
        dump = folder / "dump.sql.gz"
        make(dump, sql(options.megabytes, LAYOUTS["a line for each row"]))
        print(f"{options.megabytes} MB of SQL, {dump.stat().st_size / 1e6:.1f} MB compressed")
        prints(dump, options.runs)
        for name, way in (("as gpg does by itself", ""), ("-z0", "-z0")):
            sealed = folder / f"dump{way}.sql.gz.gpg"
            seal = _SEAL.format(home=folder / "home", key=key).split()
            more = ["--cipher-algo", "AES256", *way.split(), "-o", str(sealed)]
            subprocess.run(
                [*seal, *more, "--symmetric", str(dump)], check=True, capture_output=True
            )
            print(f"encrypted {name}: {sealed.stat().st_size / 1e6:.1f} MB")
            decryption(sealed, folder / "home", key, options.runs)
        framing(sealed)
    finally:
        home = str(folder / "home")
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(folder)


def compare(checks: dict[str, Callable[[], object]], runs: int) -> None:
    """Print the median time of each, and its ratio to that of the first."""
    times: dict[str, list[float]] = {name: [] for name in checks}
    for _ in range(runs):
        for name, check in checks.items():
            start = time.perf_counter()
            check()
            times[name].append(time.perf_counter() - start)
    base = statistics.median(next(iter(times.values())))
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"  {name:34} {median:6.2f} s   {median / base:4.2f} of the first")


def prints(dump: Path, runs: int) -> None:
    """Compare a read that takes the prints with one that does not."""

    def read(*, taken: bool) -> None:
        found = verify(dump, _about(), prints=taken, **_NO_SIDECAR)
        assert not found.problems, found
        assert (found.prints is not None) == taken

    print("verification of the dump")
    compare(
        {"without prints": lambda: read(taken=False), "with prints": lambda: read(taken=True)}, runs
    )


def decryption(sealed: Path, home: Path, key: Path, runs: int) -> None:
    """Compare a decrypting verification with decrypting and hashing by hand."""
    by_hand = f"{_SEAL.format(home=home, key=key)} --decrypt {sealed} | sha256sum"

    def open_it() -> None:
        found = verify(sealed, _about(), prints=True, passphrase_file=key, **_NO_SIDECAR)
        assert (found.problems, found.proof) == ((), "decrypted"), found

    def shell() -> None:
        subprocess.run(by_hand, shell=True, check=True, capture_output=True)

    def as_by_hand() -> None:
        subprocess.run(
            f"{by_hand}; sha256sum {sealed}", shell=True, check=True, capture_output=True
        )

    compare(
        {
            "gpg -d | sha256sum": shell,
            "and sha256sum of the encrypted file": as_by_hand,
            "decrypting verification, prints": open_it,
        },
        runs,
    )


class _Store(BaseHTTPRequestHandler):
    """One object, as a store gives ranges of it; counts what is asked for."""

    protocol_version = "HTTP/1.1"
    path_of: Path
    requests = 0
    sent = 0

    def do_GET(self) -> None:
        size = self.path_of.stat().st_size
        first, _, last = self.headers.get("Range", f"bytes=0-{size - 1}")[6:].partition("-")
        with self.path_of.open("rb") as file:
            file.seek(int(first))
            data = file.read(int(last) - int(first) + 1)
        self.send_response(206)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("ETag", '"1"')
        self.end_headers()
        _Store.requests += 1
        _Store.sent += len(data)
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def framing(sealed: Path) -> None:
    """Count what the framing of an object in a bucket costs."""
    _Store.path_of = sealed
    os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    with ThreadingHTTPServer(("127.0.0.1", 0), _Store) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        bucket = Bucket("b", endpoint=f"http://127.0.0.1:{server.server_port}", region="here")
        location = Location("bucket", kind="s3", bucket=bucket)
        with open_transport(location, deadline_s=30) as transport:
            start = time.perf_counter()
            with transport.read("dump.sql.gz.gpg", 0, HEAD) as file:
                found = read_framing(file.read(HEAD), sealed.stat().st_size)
            taken = time.perf_counter() - start
        server.shutdown()
    print(
        f"framing of an object: {sealed_text(found)}, cut {found.cut}: {_Store.requests} request,"
        f" {_Store.sent} of {sealed.stat().st_size} bytes, {taken * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
