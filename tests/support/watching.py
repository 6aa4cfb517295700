"""Every layer looks at a demonstration site: verification pass, checks, drills, report, guide."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from detection import Answer, Seen

from nexoaudit import __version__
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.auditor.systems import drill_site
from nexoaudit.auditor.targets import Choice, Target, targets
from nexoaudit.cli.demo_places import CONFIG
from nexoaudit.drill.point_in_time import KIND as POINT_IN_TIME
from nexoaudit.model.drill import Drill
from nexoaudit.policy.load import load
from nexoaudit.sandbox.server import Server
from nexoaudit.wording.catalogue import catalogue
from nexoaudit_checks import (
    age,
    auditor,
    binlog,
    checksum,
    content,
    copies,
    offsite,
    restore,
    retention,
    schedule,
    storage,
)
from nexoaudit_demo import guide
from nexoaudit_demo.faults import plant
from nexoaudit_demo.places import Places
from nexoaudit_demo.twins import TWINS
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
    "restore": restore.main,
    "storage": storage.main,
    "auditor": auditor.main,
}
DRILLS = ("database", "files", "config")
"""What is restored in every site."""
OF_LOGS = ["B1", "B2", "B2a", "B3", "B4", "B4a", "B5", "B5a", "B5b", "B6", "B8", "A2"]
"""Faults that a restore to a moment is shown, with their twins and the healthy site."""
OF_SYSTEMS = ["D17", "A7"]
"""Those that a restore of the whole system is shown."""


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


class Bench(Protocol):
    """Where a healthy site comes from, which may be broken."""

    root: Path

    def site(self) -> Site:
        """Return the healthy site."""


class Watcher:
    """Shows a site to every layer; what was restored before is not restored again."""

    def __init__(self, workshop: Bench, database: Server) -> None:
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
            self._seen[name] = self._look(site, capfd, name)
        return self._seen[name]

    def _look(self, site: Site, capfd: Any, name: str) -> Seen:
        site.now += timedelta(minutes=5)
        audited = name != "A3"
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
            kinds = (*DRILLS, POINT_IN_TIME) if _is_shown(name, OF_LOGS) else DRILLS
            drills = {
                _named(item): self._drill(session, item) for item in targets(state, Choice(kinds))
            }
            if _is_shown(name, OF_SYSTEMS):
                drills["system"] = _said(drill_site(session))
            if not audited:
                site.now += timedelta(days=2)
            return Seen(problems, answers, drills, _exceptions(session), said, harm)

    def _drill(self, session: Session, target: Target) -> str:
        """Return how a test restore ends; the same bytes at the same place end as before."""
        backups = Places(self._workshop.root).backups
        copy = target.copy
        place = session.policy.location(copy.location).path if copy else ""
        paths = [Path(place, copy.path)] if copy else []
        if target.kind == POINT_IN_TIME:
            paths = [backups / "binlog", backups / "database"]
        key = _named(target), *(part for path in paths for part in _key(path))
        if not self._drilled.get(key, "").startswith("pass"):
            self._drilled[key] = _said(drill(session, target))
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


def _is_shown(name: str, faults: list[str]) -> bool:
    """Tell whether a site is shown to a drill of some faults: it has one, or is a twin of one."""
    twin = TWINS.get(name)
    return not name or name in faults or (twin is not None and twin.of.split()[0] in faults)


def _said(result: Drill) -> str:
    return f"{result.outcome} {result.reason}".strip()


def _named(target: Target) -> str:
    return "tree" if target.series.tree else target.kind


def _key(path: Path | None) -> tuple[str, str]:
    if path is None or not path.exists():
        return "", ""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.is_file():
            digest.update(b"%b\0%b\0" % (str(file).encode(), file.read_bytes()))
    return path.name, digest.hexdigest()


def _mtime(path: Path) -> float:
    return path.stat().st_mtime
