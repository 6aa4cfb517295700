"""Small text files of others: read without following them anywhere dangerous."""

import errno
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import NamedTuple

LONGEST = 1 << 20
"""Bytes of a file that are read as text."""


class TextFile(NamedTuple):
    """A regular file that was read."""

    text: str
    """Bytes that are not UTF-8 as `\\xNN`."""
    sha256: str
    """Of what was read."""
    mode: int
    owner: int
    whole: bool
    """False: longer than what is read."""


def below(root: str, path: str) -> Path:
    """Return where an absolute path of the site is on this machine."""
    return Path(root) / path.lstrip("/")


def open_regular(path: Path) -> io.FileIO | None:
    """Open a file to read; None when it is gone or no regular file, which nobody runs or reads.

    Raise OSError when it cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None  # before it is opened: to open a device can do something to it
        file = io.FileIO(os.open(path, flags))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None  # nobody gets anywhere with it
        raise
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    return None


def read_text(path: Path) -> TextFile | None:
    """Return a file; None when there is no regular one. Raise OSError when it cannot be read."""
    file = open_regular(path)
    if file is None:
        return None
    with io.BufferedReader(file) as stream:
        found = os.fstat(stream.fileno())
        data = stream.read(LONGEST + 1)
    kept = data[:LONGEST]
    return TextFile(
        kept.decode("utf-8", "backslashreplace"),
        hashlib.sha256(kept).hexdigest(),
        stat.S_IMODE(found.st_mode),
        found.st_uid,
        len(data) <= LONGEST,
    )
