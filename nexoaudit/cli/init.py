"""`nexoaudit init`: from a directory of backups to a commented configuration."""

import argparse
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nexoaudit.cli.main import Clock
from nexoaudit.cli.setup import DEFAULT_CONFIG
from nexoaudit.cli.verdicts import clean
from nexoaudit.errors import ConfigError
from nexoaudit.inventory.scan import Scan, scan
from nexoaudit.live.discover import FoundJobs, discover
from nexoaudit.live.disk import observe_disk
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Jobs
from nexoaudit.policy.found import Starter
from nexoaudit.policy.guide import LIVE_DATA
from nexoaudit.policy.spec import CRON_TABLES
from nexoaudit.policy.starter import starter_toml
from nexoaudit.policy.values import UNIT_DIRECTORIES

EXAMPLES = f"""\
  nexoaudit init --scan /var/backups/nexosupport
      print a configuration for what lies there
  nexoaudit init --scan /var/backups/nexosupport --offsite /mnt/offsite/nexosupport \\
      --application /var/www/nexosupport --output {DEFAULT_CONFIG}
      write it, with an off-site copy and the live application to compare with
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `init`."""
    parser.add_argument(
        "--scan", metavar="DIR", type=Path, required=True, help="the directory of the backups"
    )
    parser.add_argument(
        "--offsite", metavar="DIR", type=Path, help="a second directory: the off-site copies"
    )
    parser.add_argument(
        "--application", metavar="DIR", type=Path, help="the live application's directory"
    )
    parser.add_argument(
        "--repository", metavar="DIR", type=Path, help="the repository its code is deployed from"
    )
    parser.add_argument("--name", help="the site's name (default: the scanned directory's)")
    parser.add_argument("--timezone", help="the site's time zone (default: this machine's)")
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        type=Path,
        default=Path("/var/lib/nexoaudit"),
        help="the auditor's own directory (default: %(default)s)",
    )
    parser.add_argument(
        "--monitoring-group", metavar="GROUP", default="", help="who may read state.json"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="write it there (default: standard output)"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing FILE")


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Scan, write the configuration, and say on standard error what was found and what to do."""
    timezone = arguments.timezone or machine_zone()
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, OSError, ValueError) as error:
        raise ConfigError(
            (f"--timezone {timezone}: not a time zone such as Europe/Madrid",)
        ) from error
    if arguments.output is not None and _exists(arguments.output) and not arguments.force:
        raise ConfigError((f"{arguments.output} exists already: give --force to replace it",))
    found = scan(arguments.scan.absolute(), zone)
    site = Starter(
        name=arguments.name or arguments.scan.absolute().name,
        timezone=timezone,
        state_dir=arguments.state_dir.absolute(),
        scanned=arguments.scan.absolute(),
        groups=found.groups,
        others=found.others,
        now=clock().astimezone(zone),
        offsite=_absolute(arguments.offsite),
        application=_absolute(arguments.application),
        repository=_absolute(arguments.repository),
        data=tuple(_live_data(_absolute(arguments.application))),
        unseen_disks=_unseen_disks(arguments.scan.absolute(), clock().astimezone(zone)),
        monitoring_group=arguments.monitoring_group,
        jobs=find_jobs(Path("/"), found),
    )
    console = Console(stderr=True)
    _show(console, found)
    for name in ("offsite", "application", "repository"):
        path = getattr(arguments, name)
        if path is not None and not _exists(path):
            console.print(f"warning: --{name} {path} does not exist", style="yellow")
    write_config(starter_toml(site), arguments.output, force=arguments.force)
    _next_steps(console, arguments.output)
    return 0


def _live_data(application: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield what the guide's sites have of live data, where this one has it too."""
    for kind, path in LIVE_DATA:
        if application is not None or "{" not in path:
            found = Path(path.format(application=application))
            if _exists(found):
                yield kind, found


def _unseen_disks(scanned: Path, now: datetime) -> str:
    disk = observe_disk(Location("local", str(scanned)), (), now, now.tzinfo or UTC)
    return disk.detail or disk.unseen


def write_config(text: str, output: Path | None, *, force: bool) -> None:
    """Write a configuration to `output`, or to standard output when that is None.

    Raise ConfigError when the file exists and `force` is not set, or cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    try:
        if output.exists() and not force:
            raise ConfigError((f"{output} exists already: give --force to replace it",))
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        output.chmod(0o644)  # it holds no secret, and the checks compare its digest
    except OSError as error:
        raise ConfigError((f"{output} cannot be written: {error.strerror}",)) from error


def find_jobs(root: Path, found: Scan) -> FoundJobs:
    """Return the jobs of the site below `root` that made what a scan found."""
    directories = {(found.root / group.pattern).parent for group in found.groups}
    return discover(root, found.root, sorted(directories), Jobs(CRON_TABLES, UNIT_DIRECTORIES))


def cron_line(config: Path) -> str:
    """Return the line for `/etc/cron.d/nexoaudit` that keeps the auditor running."""
    program = shutil.which("nexoaudit") or sys.argv[0]
    return f"*/5 * * * * root {program} run --due --config {config}"


def machine_zone() -> str:
    """Return the name of this machine's time zone; UTC when it has none."""
    name = Path("/etc/timezone")
    if name.is_file():
        return name.read_text(encoding="utf-8").strip() or "UTC"
    link = Path("/etc/localtime").resolve()
    marker = "zoneinfo/"
    return str(link).partition(marker)[2] or "UTC"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _show(console: Console, found: Scan) -> None:
    if not found.groups:
        console.print(f"Nothing below {found.root} has a name that looks like a backup.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("component", "found", "checksums", "oldest", "newest", "pattern"):
        table.add_column(column, overflow="fold")
    for group in found.groups:
        table.add_row(
            group.kind,
            str(group.files),
            str(group.sidecars),
            _day(group.oldest),
            _day(group.newest),
            Text(clean(group.pattern)),
        )
    if found.groups:
        console.print(table)
    for directory, count in found.others:
        console.print(
            clean(f"not recognised, below {directory}/: {count}"), style="dim", markup=False
        )
    if found.examples:
        named = ", ".join(repr(path) for path in found.examples)
        console.print(clean(f"such as {named}"), style="dim", soft_wrap=True, markup=False)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def _next_steps(console: Console, output: Path | None) -> None:
    if output is None:
        return
    console.print(f"\nWrote {output}. Read it through, then:", highlight=False)
    console.print(f"  nexoaudit audit --config {output}", highlight=False)
    console.print(f"  nexoaudit status --config {output}", highlight=False)
    console.print("and put this line into /etc/cron.d/nexoaudit:", highlight=False)
    console.print(f"  {cron_line(output.absolute())}", highlight=False, soft_wrap=True)
