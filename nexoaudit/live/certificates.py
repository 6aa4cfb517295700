"""The certificates in use, found through the watched configuration of the web server; read only."""

import glob
import hashlib
import os
import stat
from pathlib import Path

from nexoaudit.formats.webserver import key_files
from nexoaudit.locations.directory import write_path
from nexoaudit.model.certificate import Certificates, KeyFile
from nexoaudit.model.policy import Component

_MAX_CONFIG = 1 << 20
_MAX_KEY = 1 << 20
"""Bytes; a configuration or a chain of certificates is shorter."""
_MAX_FILES = 50


def observe_certificates(component: Component) -> Certificates:
    """Return the files that the watched configuration of web servers names; none for none.

    A watched file that cannot be read names none here: that is said of the change it hides.
    """
    named: dict[str, Path] = {}
    for pattern in component.watch:
        for path in glob.glob(pattern):  # noqa: PTH207 - the pattern is absolute
            root = _root(path)
            for name in key_files(_read(Path(path), _MAX_CONFIG)[0]):
                named[name] = root / name.lstrip("/")
    files = (_key_file(name, path) for name, path in sorted(named.items())[:_MAX_FILES])
    return Certificates(component.id, tuple(files))


def _root(path: str) -> Path:
    """Return what a configuration means by `/`: it may lie in the directory of a container."""
    head, etc, _ = path.partition("/etc/")
    return Path(head or "/") if etc else Path("/")


def _key_file(name: str, path: Path) -> KeyFile:
    data, mtime_ms, detail = _read(path, _MAX_KEY)
    digest = "" if detail else hashlib.sha256(data).hexdigest()
    return KeyFile(write_path(name), digest, mtime_ms, detail)


def _read(path: Path, most: int) -> tuple[bytes, int, str]:
    """Return content, time of change (ms) and what went wrong; never wait for a pipe."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                return b"", 0, "it is no file of a plausible size"
            return file.read(most), status.st_mtime_ns // 1_000_000, ""
    except OSError as error:
        return b"", 0, error.strerror or str(error)
