"""A sound dump with its sidecar, and `verify` with the arguments of a healthy site."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nexoaudit.model.verification import Verification
from nexoaudit.verification import verify

DATA = Path(__file__).parents[1] / "formats" / "data"
SHOP = (DATA / "shop.sql").read_bytes()
COMPLETED = datetime(2026, 11, 23, 8, 55, 17, tzinfo=UTC)
"""The time in the trailer of SHOP."""
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


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
        return verify(path, **(arguments | changes))

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
