"""A sound dump with its sidecar, and `verify` with the arguments of a healthy site."""

import gzip
import hashlib
import io
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gnupg import Gnupg
from sealed import ABOUT, programs
from told import told

from nexoaudit.model.moments import millis
from nexoaudit.model.verification import Verification
from nexoaudit.verification import verify
from nexoaudit.verification.sealed import verify_sealed

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()
COMPLETED = datetime(2026, 11, 23, 8, 55, 17, tzinfo=UTC)
"""The time in the trailer of SHOP."""
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def ms(moment: datetime) -> int:
    return millis(moment)


POINT = ms(COMPLETED - timedelta(seconds=30))


@pytest.fixture
def check() -> Callable[..., Verification]:
    def run(path: Path, **changes: Any) -> Verification:
        sidecar = Path(f"{path}.sha256")
        arguments: dict[str, Any] = {
            "kind": "database",
            "sidecar": sidecar if sidecar.exists() else None,
            "expects_sidecar": True,
            "point_ms": POINT,
            "time_source": "name",
            "zone": ZoneInfo("UTC"),
            "now": NOW,
        }
        about, rest = told(**(arguments | changes))
        return verify(path, about, **rest)

    return run


@pytest.fixture
def sealed() -> Callable[..., Path]:
    """Return what writes a file with its sidecar."""

    def write(path: Path, data: bytes, line: str = "{digest}  {path.name}\n") -> Path:
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        Path(f"{path}.sha256").write_text(line.format(digest=digest, path=path), encoding="utf-8")
        return path

    return write


@pytest.fixture
def dump(tmp_path: Path, sealed: Callable[..., Path]) -> Path:
    return sealed(tmp_path / "db.sql.gz", gzip.compress(SHOP))


@pytest.fixture
def clean(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give a directory for temporary files, and look that nothing was left behind anywhere."""
    tmp_path_factory.getbasetemp()  # not in there
    with tempfile.TemporaryDirectory(prefix="nx-clean-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # gpg runs as another user when we are root
        monkeypatch.setattr("tempfile.tempdir", name)
        threads = threading.active_count()
        yield folder
        assert not list(folder.glob("nexoaudit-*"))
        assert not programs(folder)
        assert threading.active_count() == threads


@pytest.fixture
def opens(gpg: Gnupg, clean: Path) -> Callable[..., Verification]:
    """Return what verifies sealed bytes, or a source of them, with the right passphrase."""

    def run(data: Any, **changes: Any) -> Verification:
        source, size = (io.BytesIO(data), len(data)) if isinstance(data, bytes) else (data, 0)
        arguments = {"size": size, "passphrase_file": gpg.passphrase_file, **ABOUT, **changes}
        about, rest = told(**arguments)
        return verify_sealed(source, about, **rest)

    return run
