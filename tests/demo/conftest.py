import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from broken_site import Broken, files
from demo_site import FIRST, NOW, ROWS, Audit

from nexoaudit_demo.faults import plant
from nexoaudit_demo.site import Plan, build


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("healthy") / "site"
    build(Plan(root, NOW, rows=1000, first_day=date(2026, 11, 15)))
    return root


@pytest.fixture
def broken(healthy: Path, tmp_path: Path) -> Callable[[str], Broken]:
    def break_it(fault: str) -> Broken:
        root = tmp_path / "site"
        subprocess.run(["cp", "-a", healthy, root], check=True)
        before = files(root)
        said = plant(root, fault, now=NOW)
        return Broken(root, said, before, files(root))

    return break_it


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    seen = Audit(tmp_path_factory.mktemp("demo") / "site")
    build(Plan(seen.root, NOW, rows=ROWS, first_day=FIRST), after_jobs=seen)
    return seen


@pytest.fixture(scope="session")
def site(audit: Audit) -> Path:
    return audit.root


@pytest.fixture(scope="session")
def backups(site: Path) -> Path:
    return site / "var/backups/nexosupport"
