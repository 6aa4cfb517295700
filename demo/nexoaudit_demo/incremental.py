"""The incremental file job: generations that share unchanged files by hard links."""

import os
import shutil
from pathlib import Path

from nexoaudit_demo import archive, disk
from nexoaudit_demo.yard import Yard


def incremental(yard: Yard, moment: int) -> None:
    """Make a new `current`; the one before becomes `previous`."""
    base = yard.places.backups / "incremental"
    disk.directory(base, moment, yard.mode)
    current, previous = base / "current", base / "previous"
    if yard.as_guide:
        _rotate_as_guide(current, previous, moment)
    else:
        if previous.exists():
            shutil.rmtree(previous)
        if current.exists():
            current.rename(previous)
    _synchronise(yard, current, previous)
    if not yard.as_guide:
        disk.date(current, moment)
    disk.date(base, moment)
    yard.say(moment + 3, f"Incremental backup completed at {yard.calendar.stamp(moment)}")


def _rotate_as_guide(current: Path, previous: Path, moment: int) -> None:
    """Do what `mv current previous` does: from its second time on it moves into `previous`.

    Once there is something in the way it fails, and nobody looks at that.
    """
    if not current.exists():
        return
    if not previous.exists():
        current.rename(previous)
    elif not (previous / "current").exists():
        current.rename(previous / "current")
        disk.date(previous, moment)


def _synchronise(yard: Yard, current: Path, previous: Path) -> None:
    """Do what `rsync -a --delete --link-dest=previous` does."""
    source = yard.places.application
    skip = _skips_as_guide if yard.as_guide else yard.skips
    wanted = {}
    for member in archive.tree(source, "", skip):
        wanted[member.name.removeprefix("/")] = member.path
    if current.exists():
        _delete_others(current, set(wanted))
    folders = []
    for name, path in wanted.items():
        target = current / name
        if path.is_dir():
            target.mkdir(exist_ok=True)
            folders.append((path, target))
        elif not _same(path, target):
            target.unlink(missing_ok=True)
            if _same(path, previous / name):
                os.link(previous / name, target)
            else:
                shutil.copy2(path, target)
                if os.geteuid() == 0:
                    # As on a real site, and in its archives: else the application, restored from
                    # here, could not read its own settings.
                    os.chown(target, archive.WEB.number, archive.WEB.number)
    for path, target in reversed(folders):
        shutil.copystat(path, target)


def _delete_others(directory: Path, wanted: set[str]) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        if str(path.relative_to(directory)) not in wanted:
            path.rmdir() if path.is_dir() else path.unlink()


def _same(one: Path, other: Path) -> bool:
    """Tell whether rsync would take two files for equal: by size and time."""
    try:
        found = other.stat()
    except FileNotFoundError:
        return False
    known = one.stat()
    return (known.st_size, int(known.st_mtime)) == (found.st_size, int(found.st_mtime))


def _skips_as_guide(relative: str) -> bool:
    """The guide's own excludes here: the contents of every `cache` and `logs`, nothing else."""
    return any(part in {"cache", "logs"} for part in relative.split("/")[:-1])
