"""Tests that are run by another user, too."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

USER = 65111
"""Of nobody else."""


@pytest.fixture
def become() -> Callable[[str, Path], list[str]]:
    """Return a function that gives the words before a command, and a directory, to another user."""

    def prefix(user: str, directory: Path) -> list[str]:
        if user == "ourselves":
            return []
        if os.geteuid() != 0:
            pytest.skip("only root becomes another user")
        words = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        readable = [*words, sys.executable, "-c", "import nexoaudit.sandbox.server"]
        if subprocess.run(readable, capture_output=True, check=False).returncode != 0:
            pytest.skip("another user cannot read this interpreter's environment")
        os.chown(directory, USER, USER)
        return words

    return prefix
