"""Archives made member by member."""

import io
import tarfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

MTIME = int(datetime(2026, 11, 19, 12, 0, tzinfo=UTC).timestamp())


class Entry(NamedTuple):
    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    owner: str = "www-data"


SITE = (
    Entry("./", type=tarfile.DIRTYPE, mode=0o755),
    Entry("./lib/config.php", b"<?php $secret = 1;"),
    Entry("./theme/custom/style.css", b"body {}"),
    Entry("./cache/", type=tarfile.DIRTYPE, mode=0o755),
    Entry("./modules/x/cache/kept.txt", b"deeper than the forbidden one"),
    *(Entry(f"./uploads/2026/{n:03}.bin", bytes([n]) * n * 50) for n in range(250)),
    Entry("./uploads/añb.txt", "ñandú".encode()),
    Entry("./uploads/latest", type=tarfile.SYMTYPE, link="2026/249.bin"),
)


def tar(entries: Sequence[Entry]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mode = entry.type, entry.link, entry.mode
            info.uname = info.gname = entry.owner
            info.size, info.mtime = len(entry.content), MTIME
            archive.addfile(info, io.BytesIO(entry.content))
    return plain.getvalue()
