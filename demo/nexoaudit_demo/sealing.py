"""Encrypting before the upload, as the guide does it."""

import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError

_DEADLINE_S = 120.0
_AT_ONCE = 2
_AES256 = ("--cipher-algo", "AES256")


class Sealer:
    """gpg with one passphrase, which lies in a file."""

    def __init__(self, passphrase: Path, home: Path) -> None:
        self._passphrase = passphrase
        self._home = home

    def seal(self, source: Path, *options: str) -> bytes:
        """Return what `gpg --symmetric` makes of a file; `options` take the place of AES256."""
        argv = [
            *process.guarded([process.find("gpg", "gpg")]),
            *("--no-options", "--batch", "--no-tty", "--quiet", "--homedir", str(self._home)),
            *("--no-keyring", "--no-random-seed-file", "--no-autostart", "--no-symkey-cache"),
            *("--pinentry-mode", "loopback", "--passphrase-file", str(self._passphrase)),
            # A passphrase of 192 random bits needs no stretching (without a number gpg
            # asks an agent how much), a dump no second compression.
            *("--s2k-count", "2048", "--compress-level", "0", "--symmetric"),
            *(options or _AES256),
            *("--output", "-", str(source)),
        ]
        done = process.run(argv, deadline_s=_DEADLINE_S)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise DemoError(f"gpg could not encrypt {source}: {said}")
        return done.stdout

    def seal_all(self, sources: list[Path]) -> Iterator[tuple[Path, bytes]]:
        """Yield each file with what gpg makes of it."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from zip(sources, pool.map(self.seal, sources), strict=True)


@contextmanager
def sealer(passphrase: Path) -> Iterator[Sealer]:
    """Give a sealer with the passphrase in that file, which is made if it is not there.

    The home of gpg lies beside it and is removed afterwards; gpg starts no agent.
    """
    passphrase.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not passphrase.exists():
        descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    home = passphrase.with_name(".gnupg")
    home.mkdir(mode=0o700, exist_ok=True)
    try:
        yield Sealer(passphrase, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
