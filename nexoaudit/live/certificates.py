"""The certificates in use, found through the watched configuration of the web server; read only."""

import glob
import hashlib
import os
from pathlib import Path

from nexoaudit.formats.webserver import key_files
from nexoaudit.live.textfile import LONGEST, open_regular
from nexoaudit.locations.directory import write_path
from nexoaudit.model.certificate import Certificates, KeyFile
from nexoaudit.model.moments import file_ms
from nexoaudit.model.policy import Component

_MAX_FILES = 500
"""What is named beyond them is not looked at, and said to be so."""


_TOO_MANY = f"more than {_MAX_FILES} files are named"


def observe_certificates(component: Component) -> Certificates:
    """Return the files that the watched configuration of web servers names; none for none.

    A watched file that cannot be read names none here: that is said of the change it hides.
    """
    named: dict[str, Path] = {}
    for pattern in component.watch:
        for path in glob.glob(pattern):  # noqa: PTH207 - the pattern is absolute
            root = _root(path)
            for name in key_files(_read(Path(path))[0]):
                named[name] = root / name.lstrip("/")
    ordered = sorted(named.items())
    files = [_key_file(name, path) for name, path in ordered[:_MAX_FILES]]
    files += [KeyFile(write_path(name), "", 0, _TOO_MANY) for name, _ in ordered[_MAX_FILES:][:1]]
    return Certificates(component.id, tuple(files))


def _root(path: str) -> Path:
    """Return what a configuration means by `/`: it may lie in the directory of a container."""
    head, etc, _ = path.partition("/etc/")
    return Path(head or "/") if etc else Path("/")


def _key_file(name: str, path: Path) -> KeyFile:
    data, mtime_ms, detail = _read(path)
    digest = "" if detail else hashlib.sha256(data).hexdigest()
    return KeyFile(write_path(name), digest, mtime_ms, detail)


def _read(path: Path) -> tuple[bytes, int, str]:
    """Return content, time of change (ms) and what went wrong."""
    try:
        file = open_regular(path)
        if file is None:
            return b"", 0, "it is gone, or no regular file"
        with file:
            status = os.fstat(file.fileno())
            if status.st_size > LONGEST:
                return b"", 0, "it is too long to be a key or a chain of certificates"
            return file.read(LONGEST), file_ms(status.st_mtime_ns), ""
    except OSError as error:
        return b"", 0, error.strerror or str(error)
