"""Secrets that lie in files of their own, which nobody else may read."""

import os
from pathlib import Path

from nexoaudit.errors import SecretError


def read_secret(path: Path) -> str:
    """Return the secret in a file, without the white space around it.

    Raise SecretError when the file cannot be read, or when others than its owner may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o077
            text = file.read().decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"the password file {path} cannot be read") from error
    if mode:
        raise SecretError(f"others may read the password file {path}: run `chmod 600 {path}`")
    return text
