"""Secrets that lie in files of their own, which nobody else may read."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexoaudit.errors import SecretError


@contextmanager
def open_secret(path: Path) -> Iterator[io.FileIO]:
    """Open the file of a secret, for a program that reads it from a descriptor.

    Raise SecretError when it cannot be opened, or when others than its owner may read it.
    """
    try:
        file = io.FileIO(path, "rb")
    except OSError as error:
        raise SecretError(f"the password file {path} cannot be read") from error
    with file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise SecretError(f"others may read the password file {path}: run `chmod 600 {path}`")
        yield file


def read_secret(path: Path) -> str:
    """Return the secret in a file, without the white space around it.

    Raise SecretError when the file cannot be read, or when others than its owner may read it.
    """
    with open_secret(path) as file:
        try:
            return file.read().decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(f"the password file {path} cannot be read") from error
