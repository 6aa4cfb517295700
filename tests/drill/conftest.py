import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory with a short path that the sandbox's user may pass through."""
    directory = Path(tempfile.mkdtemp(prefix="nx"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)
