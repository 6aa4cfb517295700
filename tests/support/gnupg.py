"""Files that a real gpg made: encrypted in every way that it knows."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest

PASSPHRASE = "correct horse battery staple"
_QUICK = ("--s2k-count", "2048")  # gpg takes 1024 for "no answer", and then 65 million


class Gnupg:
    """A home directory of gpg's own, with a passphrase in a file."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(mode=0o700)
        self.passphrase_file = secret(folder / "passphrase", PASSPHRASE)

    def run(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run gpg in this home and return what it writes."""
        command = ["gpg", "--batch", "--no-tty", "--yes", "--homedir", str(self.home)]
        command += ["--pinentry-mode", "loopback", "--trust-model", "always", *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    def seal(self, data: bytes, *options: str, cipher: str = "AES256") -> bytes:
        """Return `data` encrypted with the passphrase."""
        secrecy = ("--passphrase-file", str(self.passphrase_file), *_QUICK)
        return self.run(*secrecy, "--cipher-algo", cipher, "--symmetric", *options, data=data)

    @cached_property
    def key(self) -> str:
        """The name of a key pair without a passphrase."""
        name = "site@example.org"
        self.run("--passphrase", "", "--quick-generate-key", name, "future-default")
        return name

    def end(self) -> None:
        """End the agent, if one was started."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True)


def secret(path: Path, text: str) -> Path:
    """Write a file that nobody else may read."""
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


@contextmanager
def gnupg() -> Iterator[Gnupg]:
    """Give a gpg whose directory is gone afterwards; its path is short, as its socket needs."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="nx-gpg-", dir="/tmp"))
    made = Gnupg(folder)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)
