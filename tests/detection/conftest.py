"""A demonstration site, built and audited once; each test breaks it and gets it back whole."""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from detection import Answer, Seen, publish

from nexoaudit import __version__
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.drills import Target, drill, targets
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.cli.demo import CONFIG, audit_day
from nexoaudit.policy.load import load
from nexoaudit.sandbox.server import Server, server
from nexoaudit.wording.catalogue import catalogue
from nexoaudit_checks import (
    age,
    auditor,
    binlog,
    checksum,
    content,
    copies,
    offsite,
    retention,
    schedule,
    storage,
)
from nexoaudit_demo import guide
from nexoaudit_demo.faults import FAULTS, plant
from nexoaudit_demo.places import Places
from nexoaudit_demo.site import Plan, build
from nexoaudit_demo.twins import make
from nexoaudit_reports.period import Month
from nexoaudit_reports.view import build_view

ZONE = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 23, 8, 21, tzinfo=ZONE)
CHECKS = {
    "age": age.main,
    "checksum": checksum.main,
    "copies": copies.main,
    "offsite": offsite.main,
    "retention": retention.main,
    "schedule": schedule.main,
    "content": content.main,
    "binlog": binlog.main,
    "storage": storage.main,
    "auditor": auditor.main,
}
DRILLS = ("database", "files")


class Site:
    """A site below `root`, and the auditor of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / CONFIG
        self.now = NOW

    def plant(self, fault: str) -> str:
        return plant(self.root, fault, now=self.now)

    def session(self):
        return open_session(load(self.config), lambda: self.now)

    def poll(self, capfd: Any) -> dict[str, Answer]:
        found = {}
        for name, main in CHECKS.items():
            code = main(["--state", str(self.root / "state/state.json")], now=self.now)
            found[name] = Answer(code, capfd.readouterr().out.splitlines()[0])
        return found


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


class Watcher:
    """Shows a site to every layer; what was restored before is not restored again."""

    def __init__(self, workshop: Workshop, database: Server) -> None:
        self._workshop = workshop
        self._server = database
        self._drilled: dict[tuple[str, ...], str] = {}
        self._tried: dict[tuple[str, ...], tuple[guide.Said, tuple[str, ...]]] = {}
        self._seen: dict[str, Seen] = {}

    def see(self, name: str, capfd: Any, change: Callable[[Site], object] | None = None) -> Seen:
        """Return what all layers say of a site that `change` was made to, once for each name."""
        if name not in self._seen:
            site = self._workshop.site()
            if change is not None:
                change(site)
            self._seen[name] = self._look(site, capfd, audited=name != "A3")
        return self._seen[name]

    def _look(self, site: Site, capfd: Any, *, audited: bool) -> Seen:
        site.now += timedelta(minutes=5)
        with site.session() as session:
            state = audit(session, Unwatched()).state if audited else session.recall()
            problems = {
                f"{copy.location}:{copy.path}": copy.problems
                for held in state.copies.values()
                for copy in held
                if copy.problems
            }
            answers = site.poll(capfd)
            said, harm = self._guide(site)
            drills = {item.kind: self._drill(session, item) for item in targets(state, DRILLS)}
            if not audited:
                site.now += timedelta(days=2)
            return Seen(problems, answers, drills, _exceptions(session), said, harm)

    def _drill(self, session: Session, target: Target) -> str:
        """Return how a test restore ends; the same bytes at the same place end as before."""
        copy = target.copy
        place = session.policy.location(copy.location).path if copy else ""
        key = target.kind, *_key(Path(place, copy.path) if copy else None)
        if self._drilled.get(key) != "pass":
            result = drill(session, target)
            self._drilled[key] = f"{result.outcome} {result.reason}".strip()
        return self._drilled[key]

    def _guide(self, site: Site) -> tuple[dict[str, guide.Said], tuple[str, ...]]:
        """Let the guide's scripts look at the site; return what they said, and what they broke."""
        places = Places(site.root)
        said = {
            script: guide.run(places, script, now=site.now)
            for script in (guide.VERIFY, guide.MONITOR)
        }
        key = tuple(
            part
            for pattern in ("database/*.sql.gz", "files/*.tar.gz")
            for part in _key(max(places.backups.glob(pattern), key=_mtime, default=None))
        )
        if key not in self._tried:
            self._tried[key] = self._restore_as_guide(site, places)
        said[guide.RESTORE], harm = self._tried[key]
        return said, harm

    def _restore_as_guide(self, site: Site, places: Places) -> tuple[guide.Said, tuple[str, ...]]:
        with closing(self._server.connect()) as session, session.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            cursor.execute("CREATE OR REPLACE DATABASE nexosupport")
            cursor.execute("CREATE TABLE nexosupport.production (n INT)")
            said = guide.run(places, guide.RESTORE, now=site.now, socket=self._server.socket)
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'nexosupport'"
                " AND table_name = 'production'"
            )
            found = {
                "replaces production": cursor.fetchone() == (0,),
                "obeys the dump": (places.root / "tmp/tried-by-a-dump").exists(),
            }
        return said, tuple(text for text, happened in found.items() if happened)


def _exceptions(session: Session) -> frozenset[tuple[str, str]]:
    """Return the exceptions of the month's report: of its view model, not of its pages."""
    control = {words: name for name, words in catalogue("en").controls.items()}
    report = build_view(
        session.ledger, Month(2026, 11), as_of_size=None, now=session.clock(), version=__version__
    )
    return frozenset((control[item.control], item.status) for item in report.problems.items)


def _key(path: Path | None) -> tuple[str, str]:
    if path is None or not path.exists():
        return "", ""
    return path.name, hashlib.sha256(path.read_bytes()).hexdigest()


def _mtime(path: Path) -> float:
    return path.stat().st_mtime


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
