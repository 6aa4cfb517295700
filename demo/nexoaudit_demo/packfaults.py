"""Faults of archives: cut, damaged, without what must be in them, with what must not."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nexoaudit.errors import DemoError
from nexoaudit_demo.held import Held, rewrite

_GONE = 0.9
_LATEST = 5
_OWNER = 33


class Entry(NamedTuple):
    """One member of an archive, with what is in it."""

    info: tarfile.TarInfo
    data: bytes

    @property
    def inside(self) -> str:
        """Its name below the archive's top directory."""
        return self.info.name.partition("/")[2]


Change = Callable[[list[Entry]], Iterable[Entry]]


def cut(held: Held) -> str:
    """Cut the newest local archive."""
    path = held.local(held.newest())
    rewrite(path, path.read_bytes()[:-2000])
    return f"{path} lost its end"


def damaged(held: Held) -> str:
    """Flip one bit of the newest local archive: all members are listed, one has other bytes.

    Raise DemoError when there is no such bit.
    """
    path = held.local(held.newest())
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) - 8):
        data[at] ^= 0x10
        try:
            gzip.decompress(bytes(data))
        except gzip.BadGzipFile:  # only the checksum at the end is wrong
            rewrite(path, bytes(data))
            return f"{path} has one bit flipped"
        except (EOFError, zlib.error):
            pass  # the archive cannot be read on from here
        data[at] ^= 0x10
    raise DemoError(f"{path} has no bit to plant this in: build the site anew")


def cut_before_packing(held: Held) -> str:
    """Let tar have died while gzip went on."""
    name = held.newest()
    plain = gzip.decompress(held.local(name).read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        largest = max(archive, key=lambda member: member.size)
    held.remake(name, gzip.compress(plain[: largest.offset_data + 512], 1, mtime=0))
    return f"{name} is a part of a tar archive, closed cleanly by gzip, with a digest to match"


def changed_member(held: Held) -> str:
    """Let one file have rotted on the live disk before it was packed: size and time are the same.

    Only a comparison with the archives before it can tell.
    """

    def rot(entries: list[Entry]) -> Iterator[Entry]:
        victim = next(e for e in reversed(entries) if e.inside.endswith(".pdf"))
        for entry in entries:
            data = entry.data[:-9] + bytes(9) if entry is victim else entry.data
            yield entry._replace(data=data)

    return repack(held, rot, "has one upload with other bytes than the day before")


def without(*wanted: str) -> Callable[[Held], str]:
    """Return what leaves out all below a path, or the path itself, from the newest archive."""

    def lost(held: Held) -> str:
        def leave_out(entries: list[Entry]) -> Iterator[Entry]:
            for entry in entries:
                if not any(_below(place, path) for path in wanted for place in _places(entry)):
                    yield entry

        return repack(held, leave_out, f"is without {' and '.join(wanted)}")

    return lost


def sessions(held: Held) -> str:
    """Let the newest archive hold sessions, which are passwords in all but name."""
    return repack(
        held,
        lambda entries: [*entries, *new(entries, "sessions/sess_01", "sessions/sess_02")],
        "holds sessions",
    )


def key_inside(held: Held) -> str:
    """Let the newest archive hold the passphrase that opens the copies in the bucket."""
    path = held.places.root / "root/.backup-key"

    def add(entries: list[Entry]) -> Iterator[Entry]:
        yield from entries
        yield Entry(_info(str(path)[1:], entries[0].info.mtime), path.read_bytes())

    return repack(held, add, f"holds {path}")


def temporary(held: Held) -> str:
    """Let the newest archive hold temporary files."""
    return repack(held, lambda entries: [*entries, *new(entries, "tmp/upload.part")], "holds tmp/")


def collapsed(held: Held) -> str:
    """Let nine uploads of ten be missing."""

    def lose(entries: list[Entry]) -> list[Entry]:
        files = [e for e in entries if e.inside.startswith("uploads/") and e.info.isfile()]
        lost = {entry.info.name for entry in files[: int(len(files) * _GONE)]}
        return [entry for entry in entries if entry.info.name not in lost]

    return repack(held, lose, "has a tenth of the uploads")


def overtaken(held: Held) -> str:
    """Let the newest archive be older than the newest dump: the last uploads are not in it yet."""

    def lose(entries: list[Entry]) -> list[Entry]:
        files = [e for e in entries if e.inside.startswith("uploads/") and e.info.isfile()]
        last = sorted(files, key=lambda entry: entry.info.mtime)[-_LATEST:]
        lost = {entry.info.name for entry in last}
        return [entry for entry in entries if entry.info.name not in lost]

    return repack(held, lose, f"lacks the last {_LATEST} uploads, which rows name")


def hollow(held: Held) -> str:
    """Let all uploads be there, and empty: the disk was full."""

    def drain(entries: list[Entry]) -> Iterator[Entry]:
        for entry in entries:
            is_upload = entry.inside.startswith("uploads/") and entry.info.isfile()
            yield entry._replace(data=b"") if is_upload else entry

    return repack(held, drain, "has all uploads, with nothing in them")


def unmounted(held: Held) -> str:
    """Let the newest archive be that of an empty tree: the disk was not mounted."""
    return repack(held, lambda entries: entries[:1], "is the archive of an empty directory")


def unanchored(held: Held) -> str:
    """Let the excludes match anywhere: wanted folders are left out, sessions go along."""

    def careless(entries: list[Entry]) -> Iterator[Entry]:
        for entry in entries:
            parts = entry.inside.split("/")
            if not any(part in {"cache", "logs", "tmp"} for part in parts[:-1]):
                yield entry
        yield from new(entries, "sessions/sess_01", "vendor/acme/library00/autoload.php")

    return repack(held, careless, "lacks uploads/2026/logs and modules/informes/cache")


def climbing(held: Held) -> str:
    """Let a member of the newest archive climb out of the directory of the restore."""
    return _with(held, "../../../../etc/cron.d/planted", "climbs out")


def absolute(held: Held) -> str:
    """Let a member of the newest archive have an absolute name."""
    return _with(held, "/etc/cron.d/planted", "has an absolute name")


def through_a_link(held: Held) -> str:
    """Let a link lead out of the archive, and a member behind it."""

    def add(entries: list[Entry]) -> Iterator[Entry]:
        yield from entries
        top = entries[0].info.name.partition("/")[0]
        link = _info(f"{top}/uploads/out", entries[0].info.mtime)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/cron.d"
        yield Entry(link, b"")
        yield Entry(_info(f"{top}/uploads/out/planted", link.mtime), b"planted\n")

    return repack(held, add, "has a link to /etc/cron.d and a member behind it")


def device(held: Held) -> str:
    """Let the newest archive hold a device."""

    def add(entries: list[Entry]) -> Iterator[Entry]:
        yield from entries
        top = entries[0].info.name.partition("/")[0]
        node = _info(f"{top}/uploads/sda", entries[0].info.mtime)
        node.type, node.devmajor, node.devminor = tarfile.BLKTYPE, 8, 0
        yield Entry(node, b"")

    return repack(held, add, "holds the device of a disk")


def without_top(held: Held) -> str:
    """Let the newest archive have lost its top directory, as by `tar -C DIR .`."""

    def lift(entries: list[Entry]) -> list[Entry]:
        for entry in entries:
            entry.info.name = f"./{entry.inside}"
        return entries

    return repack(held, lift, "has no top directory, unlike those before")


def open_to_all(held: Held) -> str:
    """Let the newest copy be readable by everybody, as where a job sets no umask."""
    name = held.newest()
    for path in held.at_all(name):
        path.chmod(0o644)
        for directory in (path.parent, path.parent.parent):
            directory.chmod(0o755)
    return f"{name} can be read by everybody"


def repack(held: Held, change: Change, what: str) -> str:
    """Pack the newest archive anew with other members; return a sentence that ends in `what`."""
    name = held.newest()
    held.remake(name, repacked(held.local(name).read_bytes(), change))
    return f"{name} {what}"


def repacked(data: bytes, change: Change) -> bytes:
    """Return a .tar.gz with other members."""
    with tarfile.open(fileobj=io.BytesIO(data)) as before:
        entries = [
            Entry(info, file.read() if (file := before.extractfile(info)) else b"")
            for info in before
        ]
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as after:
        for entry in change(entries):
            entry.info.size = len(entry.data)
            after.addfile(entry.info, io.BytesIO(entry.data))
    return gzip.compress(plain.getvalue(), 1, mtime=0)


def new(entries: list[Entry], *names: str) -> Iterator[Entry]:
    """Yield new members of those names, for the end of an archive."""
    top = entries[0].info.name.partition("/")[0]
    for name in names:
        yield Entry(_info(f"{top}/{name}", entries[0].info.mtime), b'token|s:4:"x";\n')


def _with(held: Held, name: str, what: str) -> str:
    def add(entries: list[Entry]) -> Iterator[Entry]:
        yield from entries
        yield Entry(_info(name, entries[0].info.mtime), b"* * * * * root /bin/true\n")

    return repack(held, add, f"has a member {name}, which {what}")


def _info(name: str, mtime: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mtime, info.mode, info.uid, info.gid = int(mtime), 0o640, _OWNER, _OWNER
    return info


def _places(entry: Entry) -> tuple[str, str]:
    """Return the names by which a path may be meant: with the first directory and without."""
    return entry.info.name, entry.inside


def _below(name: str, path: str) -> bool:
    return name == path.rstrip("/") or name.startswith(path.rstrip("/") + "/")
