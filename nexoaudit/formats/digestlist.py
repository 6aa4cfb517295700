"""Lists of digests as `sha256sum` writes them: of what is on a medium, or was read back from it."""

from pathlib import Path

from nexoaudit.formats.sidecar import Entry, entry_of

MAX_SIZE = 32 << 20
"""A longer list is refused."""


def read_digests(path: Path) -> tuple[Entry, ...]:
    """Return the entries of the list at `path`, in order.

    Raise ValueError for a list that is empty or too long, or has a line that is no digest: half a
    list must not pass for a whole one. Raise OSError when it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise ValueError(f"{path} is larger than {MAX_SIZE >> 20} MiB")
    entries = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        entry = entry_of(line.rstrip(b"\r"))
        if entry is None:
            raise ValueError(f"{path}:{number} is no line of sha256sum")
        entries.append(entry)
    if not entries:
        raise ValueError(f"{path} lists nothing")
    return tuple(entries)
