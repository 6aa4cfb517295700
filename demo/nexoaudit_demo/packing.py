"""The jobs that make archives: files, configuration, logs and the whole system."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from nexoaudit_demo import archive, disk
from nexoaudit_demo.archive import Member, Owner
from nexoaudit_demo.settings import Settings
from nexoaudit_demo.yard import Yard

_TAKES_S = 4


def files(yard: Yard, moment: int) -> None:
    """Make the archive of the application tree."""
    name = f"nexosupport_files_{yard.calendar.stamp(moment)}"
    members = archive.tree(yard.places.application, name, yard.skips)
    _pack(yard, "files", name, members, archive.WEB, moment)
    yard.say(moment + _TAKES_S, f"File backup successful: {name}")
    _prune(yard, "files", 90, moment)


def configuration(yard: Yard, settings: Settings, moment: int) -> None:
    """Make the archive of the configuration; the guide's job misses what it does not name well."""
    name = f"config_{yard.calendar.stamp(moment)}"
    wanted = [known for known in settings.names() if not yard.as_guide or _guide_names(known)]
    members = (
        Member(
            known, yard.places.root / known, archive.WEB if known.startswith("var/www/") else None
        )
        for known in wanted
    )
    _pack(yard, "config", name, members, archive.ROOT, moment, absolute=True)
    yard.say(moment + _TAKES_S, f"Configuration backup completed: {name}.tar.gz")
    _prune(yard, "config", 365, moment)


def logs(yard: Yard, moment: int) -> None:
    """Make the weekly archive of the logs."""
    local = yard.calendar.local(moment)
    for kind in ("access", "error"):
        text = "".join(
            f'192.0.2.{number} - - [{local:%d/%b/%Y}] "GET /ticket/{number} HTTP/2" 200\n'
            for number in range(1, 60)
        )
        path = yard.places.root / f"var/log/apache2/nexosupport_{kind}.log"
        disk.put(path, text, moment - 60)
    name = f"nexosupport_logs_{yard.calendar.stamp(moment)}"
    members = archive.tree(yard.places.root / "var/log/apache2", "var/log/apache2", _nothing)
    _pack(yard, "logs", name, members, archive.ROOT, moment)
    yard.say(moment + _TAKES_S, f"Log archive completed: {name}.tar.gz")
    _prune(yard, "logs", 90, moment)


def system(yard: Yard, settings: Settings, dump: Path, moment: int) -> None:
    """Make the weekly archive of everything: configuration, application and the newest dump."""
    name = f"nexosupport_system_{yard.calendar.stamp(moment)}"
    dumped = f"var/backups/nexosupport/database/{dump.name}"

    def members() -> Iterator[Member]:
        for known in settings.names():
            if known.startswith("etc/"):
                yield Member(known, yard.places.root / known)
        yield from archive.tree(yard.places.application, "var/www/nexosupport", yard.skips)
        yield Member(dumped, dump)
        if archive.sidecar(dump).exists():
            yield Member(dumped + ".sha256", archive.sidecar(dump))

    _pack(yard, "system", name, members(), archive.ROOT, moment)
    yard.say(moment + _TAKES_S, f"System backup completed: {name}.tar.gz")
    _prune(yard, "system", 28, moment)


def _pack(
    yard: Yard,
    directory: str,
    name: str,
    members: Iterable[Member],
    owner: Owner,
    moment: int,
    *,
    absolute: bool = False,
) -> None:
    path = yard.new(f"{directory}/{name}.tar.gz", moment)
    archive.tar_gz(path, members, owner)
    yard.finish(path, moment + _TAKES_S, absolute=absolute)


def _prune(yard: Yard, directory: str, days: int, moment: int) -> None:
    yard.prune(directory, "*.tar.gz", days, moment + _TAKES_S)
    yard.prune(directory, "*.sha256", days, moment + _TAKES_S + 1)


def _group(name: str) -> Owner | None:
    """Return whose group a configuration file is: the web server reads the application's own."""
    return archive.WEB if name.startswith("var/www/") else None


def _guide_names(name: str) -> bool:
    """Tell whether the guide's list of configuration files reaches `name`."""
    missed = (
        "etc/ssl/",
        "etc/php/8.2/",
        "etc/mysql/",
        "etc/nexosupport/",
        "var/www/nexosupport/admin/tool/",
    )
    return not name.startswith(missed)


def _nothing(relative: str) -> bool:
    del relative
    return False
