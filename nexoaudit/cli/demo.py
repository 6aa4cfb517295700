"""`nexoaudit demo`: a site with real backups, audited day after day, and faults to plant in it."""

import argparse
import shutil
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nexoaudit.auditor.acceptance import accept, unconfirmed
from nexoaudit.auditor.audit import Unwatched, audit
from nexoaudit.auditor.drills import drill
from nexoaudit.auditor.due import run_due
from nexoaudit.auditor.scenes import play
from nexoaudit.auditor.session import Session, open_session
from nexoaudit.auditor.systems import drill_site
from nexoaudit.auditor.targets import targets
from nexoaudit.cli.demo_places import CONFIG, elsewhere, serve
from nexoaudit.cli.drill import show
from nexoaudit.cli.init import find_jobs, write_config
from nexoaudit.cli.main import Clock
from nexoaudit.cli.report import is_recorded, make_report
from nexoaudit.cli.run import ACTIONS
from nexoaudit.cli.scenario import show as show_scenario
from nexoaudit.cli.tour import Tour, bucket_step, monitoring_group, tour
from nexoaudit.errors import DemoError
from nexoaudit.inventory.scan import scan
from nexoaudit.policy.found import Starter
from nexoaudit.policy.load import load
from nexoaudit.policy.starter import starter_toml
from nexoaudit_demo.faults import FAULTS, plant
from nexoaudit_demo.places import Places
from nexoaudit_demo.site import Plan, build
from nexoaudit_reports.period import Month

EXAMPLES = """\
  nexoaudit demo /var/tmp/site
      build it, audit it, restore from it, and make the report of the past month
  nexoaudit demo --break D2 /var/tmp/site
      plant a fault in the site just built: a dump that died half-way
  nexoaudit audit --config /var/tmp/site/nexoaudit.toml
      see it found
  nexoaudit demo --serve /var/tmp/site
      in another terminal, run the bucket with its encrypted copies until Ctrl-C, for audits to see
  nexoaudit demo --break O11c /var/tmp/site
      empty that bucket, as a sync of an empty directory does
"""
TIMEZONE = "Europe/Madrid"
_MARKER = ".nexoaudit-demo"
_HEALTH = """\
[drill]   # what a restored system is asked: docs/drills.md
health = ["{php}", "{health}"]
plant = "UPDATE config SET value = :nonce WHERE name = 'site.motd'"
"""
_NO_HEALTH = "# php is not installed: the restored application cannot be asked.\n"
_RECONCILE = """\
[[drill.reconcile]]
sql = "SELECT path FROM stored_files"
below = "uploads"
"""
_WORD = ("nexoaudit demo", "the demonstration knows what it made")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    faults = "\n".join(f"  {name:<6}{text}" for name, text in FAULTS.items())
    parser.epilog = f"{parser.epilog}\nfaults to plant:\n{faults}\n"
    parser.add_argument("directory", metavar="DIR", type=Path, help="where the site is, or will be")
    parser.add_argument(
        "--rows", type=int, default=200_000, help="rows in its database (default: %(default)s)"
    )
    parser.add_argument(
        "--as-guide", action="store_true", help="run the guide's own jobs, their faults included"
    )
    parser.add_argument(
        "--break", dest="fault", metavar="ID", help="plant a fault: in the site, if there is one"
    )
    parser.add_argument("--fresh", action="store_true", help="replace the demonstration in DIR")
    parser.add_argument(
        "--serve", action="store_true", help="run the bucket of the demonstration in DIR again"
    )
    parser.add_argument(
        "--tour", action="store_true", help="afterwards poll the checks and show the way around"
    )


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Build, or plant a fault in what was built."""
    directory: Path = arguments.directory.absolute()
    console = Console(highlight=False)
    if arguments.fault and arguments.fault not in FAULTS:
        raise DemoError(f"there is no fault {arguments.fault!r}; there are: {', '.join(FAULTS)}")
    if arguments.fault and (directory / _MARKER).exists() and not arguments.fresh:
        _break(console, directory, arguments.fault, clock())
        return 0
    if arguments.serve:
        _refuse_other(directory)
        serve(console, directory)
        return 0
    _clear(directory, fresh=arguments.fresh)
    plan = Plan(
        root=directory,
        now=clock().astimezone(ZoneInfo(TIMEZONE)),
        rows=arguments.rows,
        as_guide=arguments.as_guide,
        timezone=TIMEZONE,
    )
    report = _make(plan, console)
    if arguments.fault:
        _break(console, directory, arguments.fault, clock())
    if arguments.tour:
        tour(console, Tour(directory, directory / CONFIG, report))
    return 0


def _make(plan: Plan, console: Console) -> Path:
    """Build the site, copy its backups elsewhere, audit all; return the path of a report."""
    _claim(plan.root)
    with elsewhere(plan, console) as copy:
        build_audited(plan, console)
        copy()
        return finish(plan, console)


def build_audited(plan: Plan, console: Console | None = None) -> None:
    """Build the site of `plan`; the auditor runs on each of its days, by that day's clock."""
    _claim(plan.root)
    if console is not None and not console.is_terminal:
        console.print("Building the site, auditing each of its days: two minutes or three.")
    bar = Progress(
        TextColumn("Building the site, day {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console or Console(stderr=True, quiet=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def progress(day: str, done: int, total: int) -> None:
            bar.update(task, description=day, completed=done, total=total)

        build(plan, after_jobs=lambda moment: audit_day(plan, moment), progress=progress)


def audit_day(plan: Plan, moment: datetime) -> None:
    """Do what `nexoaudit run --due` would do at that moment, whoever's clock it is."""
    config = plan.root / CONFIG
    first = not config.exists()
    if first:
        write_config(_configuration(plan, moment), config, force=False)
    with open_session(load(config), lambda: moment) as session:
        run_due(session, ACTIONS)
        if names := unconfirmed(session.recall()):
            accept(session, names, *_WORD)
        if first:
            _drill_all(session)


def finish(plan: Plan, console: Console) -> Path:
    """Audit, restore and report at the plan's own moment; return the path of a report.

    It is that of the past month, or of the current one when the site is younger.
    """
    with open_session(load(plan.root / CONFIG), lambda: plan.now) as session:
        outcome = audit(session, Unwatched())
        copies = sum(len(held) for held in outcome.state.copies.values())
        console.print(f"{copies} copies listed and verified, day by day.\n")
        language = session.policy.site.language
        for target in targets(outcome.state):
            with console.status(f"Test restore of {target.component.id}"):
                result = drill(session, target)
            show(console, result, language, ZoneInfo(plan.timezone))
        with console.status("Test restore of the whole system"):
            result = drill_site(session)
        show(console, result, language, ZoneInfo(plan.timezone))
        for scenario in session.policy.scenarios:
            with console.status(f"Scenario {scenario.id}"):
                result = play(session, scenario)
            show_scenario(console, result, scenario, language, ZoneInfo(plan.timezone))
        current = Month(plan.now.year, plan.now.month)
        with console.status("Reports"):
            report = make_report(session, current)
            if is_recorded(session, current.previous()):
                report = make_report(session, current.previous())
        session.publish()
    return report


def _drill_all(session: Session) -> None:
    for target in targets(session.recall()):
        drill(session, target)
    for scenario in session.policy.scenarios:
        play(session, scenario)


def _configuration(plan: Plan, moment: datetime) -> str:
    places = Places(plan.root)
    found = scan(places.backups, ZoneInfo(plan.timezone), demonstration=True)
    return starter_toml(
        Starter(
            name="nexosupport",
            timezone=plan.timezone,
            state_dir=plan.root / "state",
            scanned=places.backups,
            groups=found.groups,
            others=found.others,
            now=moment,
            offsite=places.offsite,
            application=places.application,
            repository=places.repository,
            root=plan.root,
            monitoring_group=monitoring_group(),
            demonstration=True,
            jobs=find_jobs(plan.root, found),
        )
    ) + _asked(places)


def _asked(places: Places) -> str:
    """Return what is asked of a restored system; of the application only where php is there."""
    php = shutil.which("php")
    asked = _NO_HEALTH if php is None else _HEALTH.format(php=php, health=places.health)
    return f"\n{asked}{_RECONCILE}"


def _break(console: Console, directory: Path, fault: str, now: datetime) -> None:
    console.print(f"{fault}: {plant(directory, fault, now=now)}", soft_wrap=True)
    commands = ("status",) if fault == "A3" else ("audit", "status")
    console.print("See it found:")
    for _, how in bucket_step(directory):
        console.print(f"  {how}", soft_wrap=True)
    for command in commands:
        console.print(f"  {sys.argv[0]} {command} --config {directory / CONFIG}", soft_wrap=True)


def _clear(directory: Path, *, fresh: bool) -> None:
    """Make sure that DIR is empty; only a demonstration of ours is ever removed."""
    if not directory.exists() or not any(directory.iterdir()):
        return
    if not (directory / _MARKER).exists():
        raise DemoError(f"{directory} is not empty and no demonstration: choose another directory")
    if not fresh:
        raise DemoError(f"{directory} holds a demonstration already: give --fresh to replace it")
    shutil.rmtree(directory)


def _claim(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MARKER).touch()


def _refuse_other(directory: Path) -> None:
    if not (directory / _MARKER).exists():
        raise DemoError(f"{directory} holds no demonstration: choose another directory")
