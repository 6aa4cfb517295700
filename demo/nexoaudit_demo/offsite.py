"""The off-site job: a mirror in a second directory."""

import os
import shutil
from pathlib import Path

from nexoaudit_demo import disk
from nexoaudit_demo.yard import Yard


def synchronise(yard: Yard, moment: int) -> None:
    """Do what `rsync -aH --delete` does (the guide's: without -H), and say so in the log."""
    disk.directory(yard.places.offsite, moment, yard.mode)
    _mirror(yard.places.backups, yard.places.offsite, None if yard.as_guide else {})
    yard.say(moment + 5, "Off-site rsync completed")


def _mirror(source: Path, target: Path, linked: dict[int, Path] | None) -> None:
    """Make the directory `target` equal to `source`; `linked` has the target of each inode."""
    wanted = {entry.name: entry for entry in os.scandir(source)}
    for entry in list(os.scandir(target)):
        if entry.name not in wanted:
            is_folder = entry.is_dir(follow_symlinks=False)
            shutil.rmtree(entry.path) if is_folder else Path(entry.path).unlink()
    for name in sorted(wanted):
        entry, copy = wanted[name], target / name
        if entry.is_dir(follow_symlinks=False):
            copy.mkdir(exist_ok=True)
            _mirror(Path(entry.path), copy, linked)
        else:
            _copy(entry, copy, linked)
    shutil.copystat(source, target)


def _copy(entry: os.DirEntry[str], copy: Path, linked: dict[int, Path] | None) -> None:
    found = entry.stat(follow_symlinks=False)
    if linked is not None and found.st_nlink > 1:
        first = linked.setdefault(found.st_ino, copy)
        if first != copy:
            if not (copy.exists() and copy.samefile(first)):
                copy.unlink(missing_ok=True)
                os.link(first, copy)
            return
    try:
        held = copy.stat()
    except FileNotFoundError:
        pass
    else:
        if (held.st_size, int(held.st_mtime)) == (found.st_size, int(found.st_mtime)):
            return
        copy.unlink()
    shutil.copy2(entry.path, copy)
