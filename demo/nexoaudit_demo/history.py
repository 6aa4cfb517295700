"""The life of a site: what each run of the timetable does to its disk."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from nexoaudit_demo import disk, dump, incremental, offsite, packing, tree
from nexoaudit_demo.live import Live
from nexoaudit_demo.settings import Settings
from nexoaudit_demo.timetable import Job, Run
from nexoaudit_demo.tree import Tree
from nexoaudit_demo.yard import Yard


class History:
    """Carries out the timetable."""

    def __init__(self, yard: Yard, database: Live) -> None:
        self._yard = yard
        self._database = database
        self._tree = Tree(yard.places, yard.calendar)
        self._settings = Settings(yard.places, yard.calendar, _script(yard, "cron"))
        self._dump: Path | None = None

    def make(self, run: Run) -> None:
        """Let one run happen; an audit is the business of the caller."""
        yard, moment = self._yard, run.moment
        work: dict[Job, Callable[[], None]] = {
            Job.OPEN: lambda: self._open(moment),
            Job.RELEASE: lambda: self._tree.deploy(tree.RELEASES[run.number][1], moment),
            Job.USE: lambda: self._use(moment),
            Job.CHANGE: lambda: self._settings.change(run.number, moment),
            Job.BINLOG: lambda: dump.binary_log(yard, self._database, moment),
            Job.DATABASE: lambda: self._back_up_database(moment),
            Job.FILES: lambda: packing.files(yard, moment),
            Job.INCREMENTAL: lambda: incremental.incremental(yard, moment),
            Job.CONFIG: lambda: packing.configuration(yard, self._settings, moment),
            Job.LOGS: lambda: packing.logs(yard, moment),
            Job.VERIFY: lambda: yard.say(moment + 4, "Database backup verification passed"),
            Job.OFFSITE: lambda: offsite.synchronise(yard, moment),
            Job.SYSTEM: lambda: self._back_up_system(moment),
        }
        if run.job in work:
            work[run.job]()

    def _back_up_database(self, moment: int) -> None:
        self._dump = dump.database(self._yard, self._database, moment)

    def _open(self, moment: int) -> None:
        places = self._yard.places
        self._settings.write(moment)
        self._tree.open(moment)
        self._database.store(self._tree.sent())
        disk.put(places.health, _own("health.php"), moment, 0o755)
        dump.credentials(self._yard, moment)
        for name in _script_names(self._yard):
            disk.put(places.scripts / name, _script(self._yard, name), moment, 0o755)

    def _use(self, moment: int) -> None:
        self._tree.live(moment)
        self._database.store(self._tree.sent())

    def _back_up_system(self, moment: int) -> None:
        """Pack everything; a system of long ago gets a dump of its own, kept nowhere else."""
        if self._dump is not None:
            packing.system(self._yard, self._settings, self._dump, moment)
            return
        self._database.move_to(moment)
        spool = self._yard.places.root / "var/spool"
        name = f"nexosupport_db_{self._yard.calendar.stamp(moment)}.sql.gz"
        disk.directory(spool, moment)
        dump.write(self._yard, self._database, spool / name, moment + 3)
        disk.date(spool / name, moment + 3)
        packing.system(self._yard, self._settings, spool / name, moment)
        disk.remove(spool / name, moment + 4)


def _own(name: str) -> str:
    return resources.files("nexoaudit_demo").joinpath(name).read_text("utf-8")


def _script_names(yard: Yard) -> list[str]:
    folder = resources.files("nexoaudit_demo").joinpath("scripts", _kind(yard))
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".sh"))


def _script(yard: Yard, name: str) -> str:
    """Return a job script, or the cron table that runs them."""
    folder = resources.files("nexoaudit_demo").joinpath("scripts", _kind(yard))
    return folder.joinpath(name).read_text("utf-8")


def _kind(yard: Yard) -> str:
    return "guide" if yard.as_guide else "mended"
