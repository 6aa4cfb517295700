"""What happens around a decryption: processes that die, sources that break, nothing left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from gnupg import PASSPHRASE, Gnupg
from sealed import NOISE, PLAIN, Source, programs, sha256

from nexoaudit.errors import LocationError, ToolError
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verdict import Status
from nexoaudit.model.verification import Verification
from nexoaudit.rules.problems import severity
from nexoaudit.sandbox import gpg as decryption
from nexoaudit.sandbox import private

Opens = Callable[..., Verification]


def newcomer(folder: Path) -> int:
    """Wait for a gpg with a home below `folder` and return its process."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if fresh := programs(folder):
            return fresh.pop()
        time.sleep(0.01)
    raise AssertionError("no gpg was started")


def test_a_gpg_that_is_killed(gpg: Gnupg, opens: Opens, clean: Path) -> None:
    data = gpg.seal(NOISE)

    def kill(reads: int) -> None:
        if reads == 20:
            os.kill(newcomer(clean), signal.SIGKILL)

    found = opens(Source(data, kill), size=len(data))
    assert found.problems == ("file.reader_died",)
    assert severity("file.reader_died") is Status.UNVERIFIED
    assert (found.sealed_sha256, found.assurance) == (sha256(data), Assurance.PRESENT)


def test_a_gpg_that_stands_still(
    gpg: Gnupg, opens: Opens, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decryption, "_STALL_S", 0.3)
    monkeypatch.setattr(decryption, "_LOOK_S", 0.1)
    data = gpg.seal(NOISE)

    def stop(reads: int) -> None:
        if reads == 20:
            os.kill(newcomer(clean), signal.SIGSTOP)

    found = opens(Source(data, stop), size=len(data))
    assert found.problems == ("file.reader_died",)
    assert found.sealed_sha256 == sha256(data)


def test_a_slow_source_is_not_held_against_gpg(
    gpg: Gnupg, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decryption, "_STALL_S", 0.1)
    monkeypatch.setattr(decryption, "_LOOK_S", 0.02)
    data = gpg.seal(PLAIN)
    found = opens(Source(data, lambda reads: time.sleep(0.2)), size=len(data))
    assert found.problems == ()


@pytest.mark.parametrize("after", [0, 1, 20])
def test_a_source_that_breaks(gpg: Gnupg, opens: Opens, after: int) -> None:
    def breaks(reads: int) -> None:
        if reads == after:
            raise LocationError("location.cut", "the connection was lost")

    data = gpg.seal(NOISE)
    with pytest.raises(LocationError, match="lost"):
        opens(Source(data, breaks), size=len(data))


def test_an_interrupt_passes_through(
    gpg: Gnupg, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = decryption.Decryption.read

    def read(self: decryption.Decryption, size: int = -1) -> bytes:
        if self._given > 500_000:
            raise KeyboardInterrupt
        return real(self, size)

    monkeypatch.setattr(decryption.Decryption, "read", read)
    with pytest.raises(KeyboardInterrupt):
        opens(gpg.seal(NOISE))


def test_a_bomb_is_not_read_to_its_end(
    gpg: Gnupg, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gpg.seal(bytes(5_000_000))
    assert opens(data, kind="uploads").problems != ("stream.bomb",)
    monkeypatch.setattr(decryption, "BOMB_SIZE", 1 << 20)
    monkeypatch.setattr(decryption, "BOMB_RATIO", 100)
    found = opens(data, kind="uploads")
    assert found.problems == ("stream.bomb",)
    assert found.sealed_sha256 == sha256(data)


@pytest.mark.parametrize("more", [1, -1])
def test_a_source_of_another_size(gpg: Gnupg, opens: Opens, more: int) -> None:
    for data in (gpg.seal(PLAIN), PLAIN):
        found = opens(data, size=len(data) + more)
        assert found.problems == ("file.changed",)
        assert (found.sha256, found.prints) == ("", None)


def test_without_gpg(gpg: Gnupg, opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(program: str, package: str) -> str:
        raise ToolError(f"{program} is not installed: run `apt-get install {package}`")

    data = gpg.seal(PLAIN)
    monkeypatch.setattr("nexoaudit.process.find", missing)
    found = opens(data)
    assert found.problems == ("stream.unsupported",)
    assert found.detail == "gpg is not installed: run `apt-get install gnupg`"
    assert found.sealed_sha256 == sha256(data)


def test_the_passphrase_is_in_no_argument_and_no_environment(
    gpg: Gnupg, opens: Opens, clean: Path
) -> None:
    data, seen = gpg.seal(NOISE), []

    def look(reads: int) -> None:
        if reads == 20:
            process = Path("/proc") / str(newcomer(clean))
            seen.append((process / "cmdline").read_bytes() + (process / "environ").read_bytes())
            seen.append((process / "status").read_text().encode())

    assert opens(Source(data, look), size=len(data)).proof == "decrypted"
    assert b"--decrypt" in seen[0]
    assert PASSPHRASE.encode() not in seen[0]
    assert str(gpg.passphrase_file).encode() not in seen[0]
    if os.geteuid() == 0:
        assert b"Uid:\t0" not in seen[1]


_KILLED = """\
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from sealed import ABOUT, NOISE, Source
from told import told
from nexoaudit.verification.sealed import verify_sealed
def wait(reads):
    if reads == 20:
        print("half", flush=True)
        time.sleep(60)
data = Path(sys.argv[1]).read_bytes()
about, rest = told(size=len(data), passphrase_file=Path(sys.argv[2]), **ABOUT)
verify_sealed(Source(data, wait), about, **rest)
"""


def test_an_auditor_that_is_killed_leaves_no_gpg_and_a_directory_that_is_swept(
    gpg: Gnupg, clean: Path
) -> None:
    (clean / "sealed").write_bytes(gpg.seal(NOISE))
    arguments = [
        str(clean / "sealed"),
        str(gpg.passphrase_file),
        str(Path(__file__).parents[1] / "support"),
    ]
    auditor = subprocess.Popen(
        [sys.executable, "-c", _KILLED, *arguments],
        env={**os.environ, "TMPDIR": str(clean)},
        stdout=subprocess.PIPE,
    )
    with auditor:
        assert auditor.stdout is not None
        assert auditor.stdout.readline() == b"half\n"
        left = newcomer(clean)
        auditor.kill()
    end = time.monotonic() + 20
    while left in programs(clean) and time.monotonic() < end:
        time.sleep(0.01)
    assert left not in programs(clean)
    assert len(list(clean.glob("nexoaudit-*"))) == 1
    assert private.sweep(clean) == 1
