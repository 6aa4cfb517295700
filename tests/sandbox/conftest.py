import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from poured import Sandbox

from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.server import Server, server


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory with a short path that the sandbox's user may pass through."""
    directory = Path(tempfile.mkdtemp(prefix="nx"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def confined() -> Iterator[Server]:
    """A server as a dump may use it."""
    with server() as running:
        restricted, admin = confine(running)
        with admin:
            yield restricted


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with server() as running:
        restricted, admin = confine(running)
        with admin:
            yield Sandbox(restricted, admin)


@pytest.fixture
def become() -> Callable[[str, Path], list[str]]:
    """Return a function that gives the words before a command, and a directory, to another user."""

    def prefix(user: str, directory: Path) -> list[str]:
        if user == "ourselves":
            return []
        if os.geteuid() != 0:
            pytest.skip("only root becomes another user")
        words = ["setpriv", "--reuid=65111", "--regid=65111", "--clear-groups"]
        readable = [*words, sys.executable, "-c", "import nexoaudit.sandbox.server"]
        if subprocess.run(readable, capture_output=True, check=False).returncode != 0:
            pytest.skip("another user cannot read this interpreter's environment")
        os.chown(directory, 65111, 65111)
        return words

    return prefix
