"""What a fault of the jobs changed, carried to the bucket and the second host as the jobs would."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexoaudit_demo.elsewhere import Elsewhere
from nexoaudit_demo.places import Places

_Stamps = dict[str, tuple[int, int, int]]


@contextmanager
def carrying(places: Places) -> Iterator[None]:
    """Carry on what changes meanwhile both here and in the off-site directory, in the same way.

    What changes at one of the two alone is damage by time, or a fault of that place.
    """
    elsewhere = Elsewhere(places.root)
    if not (elsewhere.has_bucket or elsewhere.has_host):
        yield
        return
    before = [_look(root) for root in (places.backups, places.offsite)]
    yield
    after = [_look(root) for root in (places.backups, places.offsite)]
    here, there = (
        {name for name in old | new if old.get(name) != new.get(name)}
        for old, new in zip(before, after, strict=True)
    )
    changed = sorted(name for name in here & there if (name in after[0]) == (name in after[1]))
    if elsewhere.has_host:
        for name in changed:
            _copy(places.backups / name, elsewhere.vault.backups / name)
    if elsewhere.has_bucket:
        elsewhere.renew(changed)


def _look(root: Path) -> _Stamps:
    """Return what gives every change of a file away."""
    found: _Stamps = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            stamp = path.lstat()
            found[str(path.relative_to(root))] = (stamp.st_ctime_ns, stamp.st_ino, stamp.st_size)
    return found


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    else:
        target.unlink(missing_ok=True)
