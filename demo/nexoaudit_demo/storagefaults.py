"""Faults of the storage: what jobs and restores left behind, where no pruning looks for it."""

import gzip
from pathlib import Path

from nexoaudit_demo import disk
from nexoaudit_demo.calendar import DAY
from nexoaudit_demo.dumpfaults import DAYS
from nexoaudit_demo.held import Held

_ENDING = ".tar.gz"
_FILES = ("lib/config.php", "uploads/2024/invoice.pdf", "theme/custom/style.css")


def staging_tree(files: Held) -> str:
    """Let the file job have died before it deleted its working tree, and the transfer carry it."""
    name = files.names()[-1 - DAYS]
    for path in files.at_all(name):
        working_tree(path)
    return f"the working tree of {name} was left behind"


def residues(dumps: Held) -> str:
    """Let a restore and a monthly test of three days ago have left what they made in /tmp."""
    return f"{restore_at_work(dumps, dumps.now - DAYS * DAY)} were left behind"


def working_tree(archive: Path) -> None:
    """Make the tree that an archive of files is packed from, beside it."""
    _tree(archive.with_name(archive.name.removesuffix(_ENDING)), int(archive.stat().st_mtime))


def restore_at_work(dumps: Held, moment: int) -> str:
    """Make what a restore makes in /tmp, as of `moment`, and return what it is."""
    place = dumps.places.root / "tmp"
    dump = place / "nexosupport_pre_restore_20261120_101500.sql.gz"
    tree = place / "nexosupport_restore_test"
    disk.put(dump, gzip.compress(b"INSERT INTO `users` VALUES (1);\n", mtime=0), moment)
    _tree(tree, moment)
    return f"{dump} and {tree}"


def _tree(root: Path, moment: int) -> None:
    for name in _FILES:
        disk.put(root / name, f"{name}\n", moment)
    disk.date(root, moment)
