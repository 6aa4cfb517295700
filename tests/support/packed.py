"""Archives for tests, member by member."""

import tarfile
from datetime import timedelta
from io import BytesIO

from small_site import NOW

LONG_AGO = int((NOW - timedelta(days=40)).timestamp())


def packed(members, *, top="site/", pax=False):
    """Return a tar.gz of {path: data}, or of {path: (data, changes of its header)}."""
    file, kind = BytesIO(), tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1, format=kind) as tar:
        for path, described in members if isinstance(members, list) else members.items():
            data, changes = described if isinstance(described, tuple) else (described, {})
            member = tarfile.TarInfo(top + path)
            member.mtime, member.size, member.mode = LONG_AGO, len(data), 0o640
            for name, value in changes.items():
                setattr(member, name, value)
            tar.addfile(member, BytesIO(data))
    return file.getvalue()
