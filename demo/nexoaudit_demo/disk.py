"""Files as somebody wrote them at another moment: content, mode and times."""

import os
from pathlib import Path

PRIVATE = 0o640
PUBLIC = 0o644


def put(path: Path, data: bytes | str, moment: int, mode: int = PRIVATE) -> None:
    """Write `data` to `path` as if at `moment` (epoch seconds), making missing directories."""
    directory(path.parent, moment)
    is_new = not path.exists()
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    path.chmod(mode)
    date(path, moment)
    if is_new:
        date(path.parent, moment)


def append(path: Path, text: str, moment: int) -> None:
    """Append `text` to the log `path` as if at `moment`."""
    if not path.exists():
        put(path, "", moment)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
    date(path, moment)


def directory(path: Path, moment: int, mode: int = PUBLIC) -> None:
    """Make the directory `path` and its missing parents, readable by whom files of `mode` are."""
    if path.is_dir():
        return
    directory(path.parent, moment, PUBLIC)
    path.mkdir()
    path.chmod(mode | (mode & 0o444) >> 2)
    date(path, moment)
    date(path.parent, moment)


def remove(path: Path, moment: int) -> None:
    """Delete the file `path` as if at `moment`."""
    path.unlink()
    date(path.parent, moment)


def date(path: Path, moment: int) -> None:
    """Give `path` the times of `moment`."""
    os.utime(path, (moment, moment))


def older_than(path: Path, days: int, moment: int) -> bool:
    """Tell whether `find -mtime +DAYS` at `moment` matches: it drops the fraction of a day."""
    return (moment - int(path.stat().st_mtime)) // 86400 > days
