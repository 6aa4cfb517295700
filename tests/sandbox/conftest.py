import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from become import become
from poured import Sandbox

from nexoaudit.sandbox.confinement import confine
from nexoaudit.sandbox.server import Server, server

__all__ = ["become"]  # a fixture of its own file


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
