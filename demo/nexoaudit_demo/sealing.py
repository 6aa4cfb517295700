"""Encrypting before the upload, as the guide does it."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from nexoaudit import process
from nexoaudit.errors import DemoError

_DEADLINE_S = 120.0
_AT_ONCE = 2


class Sealer:
    """gpg with one passphrase, which lies in a file."""

    def __init__(self, passphrase: Path, home: Path) -> None:
        self._passphrase = passphrase
        self._home = home

    def seal(self, source: Path, *options: str) -> bytes:
        """Return what `gpg --symmetric` makes of a file; `options` take the place of AES256."""
        argv = [
            *(process.find("gpg", "gpg"), "--batch", "--no-tty", "--homedir", str(self._home)),
            *("--pinentry-mode", "loopback", "--passphrase-file", str(self._passphrase)),
            *("--s2k-count", "1024", "-z0", "--symmetric"),
            *(options or ("--cipher-algo", "AES256")),
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

    The home of gpg is a directory that is removed, and its agent ended, afterwards.
    """
    if not passphrase.exists():
        passphrase.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    # Below /tmp, because the name of the agent's socket may have 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="nxd", dir="/tmp"))
    try:
        yield Sealer(passphrase, home)
    finally:
        gpgconf = process.find("gpgconf", "gpgconf")
        process.run([gpgconf, "--homedir", str(home), "--kill", "gpg-agent"], deadline_s=30.0)
        shutil.rmtree(home, ignore_errors=True)
