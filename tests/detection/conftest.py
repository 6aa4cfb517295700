"""A demonstration site, built and audited once; each test breaks it and gets it back whole."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from detection import Seen, publish
from watching import NOW, Site, Watcher

from nexoaudit.cli.demo import audit_day
from nexoaudit.sandbox.server import server
from nexoaudit_demo.faults import FAULTS
from nexoaudit_demo.site import Plan, build
from nexoaudit_demo.twins import make


class Workshop:
    """The healthy site, which is broken again and again and put back from a copy each time.

    Only what changed is put back: the auditor would have to read a fresh copy from end to end.
    """

    def __init__(self, base: Path) -> None:
        self.root = base / "site"
        self._whole = base / "whole"
        plan = Plan(self.root, NOW, rows=1500, first_day=date(2026, 11, 12))
        build(plan, after_jobs=lambda moment: audit_day(plan, moment))
        subprocess.run(["cp", "-a", self.root, self._whole], check=True)
        self._stamps = self._look()

    def site(self) -> Site:
        """Return the healthy site."""
        now, before = self._look(), self._stamps
        for path in sorted(now.keys() - before.keys(), reverse=True):
            self._remove(self.root / path)
        changed = sorted(p for p, stamp in before.items() if now.get(p) != stamp)
        files = [path for path in changed if not (self._whole / path).is_dir()]
        trees = [path for path in files if "/incremental/" in path]
        files = [path for path in files if path not in trees]
        for path in changed:
            here = self.root / path
            if here.is_symlink() or (path in files and path in now):
                here.unlink()
            if path not in files and path not in trees:
                here.mkdir(exist_ok=True)
        if files:
            subprocess.run(
                ["cp", "-a", "--parents", "-t", self.root, *files], cwd=self._whole, check=True
            )
        self._put_back_trees(trees)
        touched = {*changed, *(now.keys() - before.keys())}
        folders = {str(folder) for path in touched for folder in Path(path).parents}
        whole = {path for path in folders if (self._whole / path).is_dir()}
        for path in sorted(whole | set(changed) - set(files), reverse=True):
            shutil.copystat(self._whole / path, self.root / path)
        self._stamps = self._look() if changed or now.keys() != before.keys() else before
        return Site(self.root)

    def _put_back_trees(self, paths: list[str]) -> None:
        """Write over what is there: the auditor knows each inode of a tree, and some are shared."""
        first: dict[int, Path] = {}
        for path in paths:
            whole, here = self._whole / path, self.root / path
            other = first.setdefault(whole.stat().st_ino, here)
            if other != here:
                here.unlink(missing_ok=True)
                os.link(other, here)
            elif not here.exists() or here.read_bytes() != whole.read_bytes():
                here.write_bytes(whole.read_bytes())

    def _look(self) -> dict[str, tuple[int, ...]]:
        """Return what gives every change away: a directory's time of change moves with it."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                path = Path(folder, name)
                stamp = path.lstat()
                is_folder = stat.S_ISDIR(stamp.st_mode)
                times = () if is_folder else (stamp.st_ctime_ns, stamp.st_ino, stamp.st_size)
                found[str(path.relative_to(self.root))] = (
                    stamp.st_mode,
                    stamp.st_mtime_ns,
                    *times,
                )
        return found

    @staticmethod
    def _remove(path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    # Everybody may come as far as the site: what its own modes forbid is what is forbidden.
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o755)
        yield Workshop(base)


@pytest.fixture
def site(workshop: Workshop) -> Site:
    """Return the healthy site, which this test may break."""
    return workshop.site()


@pytest.fixture(scope="session")
def watcher(workshop: Workshop) -> Iterator[Watcher]:
    with server() as database:
        yield Watcher(workshop, database)


@pytest.fixture(scope="session")
def document() -> Path:
    return Path(__file__).parents[2] / "docs" / "detection.md"


@pytest.fixture
def see(watcher: Watcher, capfd: Any) -> Callable[[str], Seen]:
    """Return a function that shows a site with a fault, a twin, or neither, to all layers."""

    def look(name: str = "") -> Seen:
        if name in FAULTS:
            return watcher.see(name, capfd, lambda site: site.plant(name))
        if name:
            return watcher.see(name, capfd, lambda site: make(site.root, name, now=site.now))
        return watcher.see("", capfd)

    return look


@pytest.fixture
def published(document: Path, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a function that compares a section of the matrix with what was seen."""
    write = request.config.getoption("--write-docs")
    return lambda heading, text: publish(document, heading, text, write=write)
