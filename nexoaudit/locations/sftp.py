"""A host that allows sftp only: listing and reads, no checksums."""

import stat
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, NamedTuple

from nexoaudit.errors import LocationError
from nexoaudit.locations import sftppackets as packets
from nexoaudit.locations.channel import Patience
from nexoaudit.locations.chunks import reader
from nexoaudit.locations.directory import Found, read_path, write_path
from nexoaudit.locations.sftppackets import Attributes, Packet
from nexoaudit.locations.sftpsession import SftpSession
from nexoaudit.locations.sshclient import SshClient
from nexoaudit.model.moments import LAST_MS
from nexoaudit.model.stored import Stored

_BLOCK = 1 << 15
"""Bytes that every server gives in one answer."""
_BLOCKS = 64
"""Blocks asked for ahead: 2 MiB, what a way of 50 ms and 300 Mbit/s holds."""
_FOLDERS = 32
"""Directories read at once, for the same reason."""
_FILES = 10_000_000
"""More than any honest host lists."""


class _Folder(NamedTuple):
    path: bytes
    """Relative, ending in `/` unless it is the top."""
    open: bool
    """Whether everybody may pass through it and all above it."""


class Sftp:
    """What lies below one directory of that host, by the rights that it gives our user."""

    def __init__(self, client: SshClient, directory: str) -> None:
        self._client = client
        self._host = client.name
        self._directory = directory
        self._top = directory.encode("utf-8", "surrogateescape").rstrip(b"/") + b"/"
        self._session = SftpSession(client)

    def identity(self) -> tuple[str, ...]:
        """Return nothing: SFTP does not say which machine it is."""
        return ()

    def listing(self) -> Iterator[Found]:
        """Yield every file; see `Transport.listing`. Their ctime is their mtime, their inode 0."""
        patience = self._client.patience()
        pending = deque([_Folder(b"", self._passage(patience))])
        listed = 0
        while pending:
            wave = [pending.popleft() for _ in range(min(_FOLDERS, len(pending)))]
            for folder, name, told in self._entries(wave, patience):
                listed += 1
                if listed > _FILES:
                    raise self._error("location.unreadable", "{host} lists files without end")
                if stat.S_ISDIR(told.mode):
                    is_open = folder.open and bool(told.mode & stat.S_IXOTH)
                    pending.append(_Folder(folder.path + name + b"/", is_open))
                elif stat.S_ISREG(told.mode):
                    yield _found(folder, name, told)

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Yield the size of each file: SFTP knows no more of it."""
        patience = self._client.patience()
        waiting = iter(paths)
        while some := list(islice(waiting, _BLOCKS)):
            asked = [(path, self._ask(patience, packets.LSTAT, self._name(path))) for path in some]
            for path, number in asked:
                yield self._told(path, self._session.answer(patience, number))

    @contextmanager
    def read(self, path: str, start: int, length: int | None) -> Iterator[BinaryIO]:
        """Open a part of a file; see `Transport.read`."""
        patience = self._client.patience()
        handle = self._open(path, patience)
        try:
            told = self._session.answer(patience, self._ask(patience, packets.FSTAT, handle))
            with self._session.understood():
                size = packets.attributes(told).size
            end = size if length is None else min(size, start + length)
            yield reader(self._blocks(handle, start, end, path, patience))
        finally:
            self._leave(handle, patience)

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def _blocks(
        self, handle: bytes, start: int, end: int, path: str, patience: Patience
    ) -> Iterator[bytes]:
        """Yield the bytes from `start` to `end`, asking ahead."""
        under_way: deque[tuple[int, int, int]] = deque()  # request, first byte, bytes
        ahead = start
        try:
            while ahead < end or under_way:
                while ahead < end and len(under_way) < _BLOCKS:
                    size = min(_BLOCK, end - ahead)
                    number = self._ask(patience, packets.READ, handle, ahead, size)
                    under_way.append((number, ahead, size))
                    ahead += size
                number, first, size = under_way.popleft()
                data = self._data(self._session.answer(patience, number), size, path)
                yield data
                if len(data) < size:  # allowed; the rest comes next
                    first, size = first + len(data), size - len(data)
                    number = self._ask(patience, packets.READ, handle, first, size)
                    under_way.appendleft((number, first, size))
        finally:
            for number, _, _ in under_way:
                self._session.drop(number)

    def _data(self, packet: Packet, most: int, path: str) -> bytes:
        if packet.status == packets.END:
            raise self._error(
                "location.cut", "{path} on {host} changed while it was read: try again", path
            )
        if packet.kind == packets.STATUS:
            raise self._error("location.unreadable", "{host} cannot read all of {path}", path)
        with self._session.understood():
            data = packets.string(packet, packets.DATA)
            if not 0 < len(data) <= most:
                raise packets.PacketError("it sends other bytes than it was asked for")
        return data

    def _passage(self, patience: Patience) -> bool:
        """Return whether everybody may pass through the top and all directories above it."""
        parts = self._top.rstrip(b"/").split(b"/")
        above = [b"/".join(parts[: count + 1]) or b"/" for count in range(len(parts))]
        asked = [self._ask(patience, packets.STAT, path) for path in above]
        told = [self._session.answer(patience, number) for number in asked]
        if told[-1].status == packets.NO_FILE:
            raise self._error(
                "location.missing",
                "{host} has no directory {path}, as far as sftp shows: see `path` in the"
                " configuration, and ChrootDirectory in its sshd_config",
            )
        with self._session.understood():
            seen = [packets.attributes(one).mode for one in told if one.kind != packets.STATUS]
        return all(mode & stat.S_IXOTH for mode in seen)

    def _entries(
        self, folders: list[_Folder], patience: Patience
    ) -> Iterator[tuple[_Folder, bytes, Attributes]]:
        """Yield everything in these directories; raise LocationError when one cannot be read."""
        asked = [
            (one, self._ask(patience, packets.OPENDIR, self._top + one.path)) for one in folders
        ]
        handles = [(one, self._opened(one, number, patience)) for one, number in asked]
        active = [(one, handle) for one, handle in handles if handle is not None]
        while active:
            reading = [
                (one, handle, self._ask(patience, packets.READDIR, handle))
                for one, handle in active
            ]
            active = []
            for one, handle, number in reading:
                packet = self._session.answer(patience, number)
                if packet.status == packets.END:
                    self._leave(handle, patience)
                    continue
                if packet.kind == packets.STATUS:
                    raise self._unreadable(one)
                with self._session.understood():
                    found = packets.names(packet)
                for name, told in found:
                    yield one, name, self._complete(one, name, told, patience)
                active.append((one, handle))

    def _opened(self, folder: _Folder, number: int, patience: Patience) -> bytes | None:
        """Return the handle of a directory; None when it is gone since its parent was read."""
        packet = self._session.answer(patience, number)
        if packet.status == packets.NO_FILE and folder.path:
            return None
        if packet.kind == packets.STATUS:
            raise self._unreadable(folder)
        with self._session.understood():
            return packets.string(packet, packets.HANDLE)

    def _complete(
        self, folder: _Folder, name: bytes, told: Attributes, patience: Patience
    ) -> Attributes:
        """Ask for what a server left out of its listing."""
        if min(told) >= 0:
            return told
        number = self._ask(patience, packets.LSTAT, self._top + folder.path + name)
        packet = self._session.answer(patience, number)
        if packet.status == packets.NO_FILE:
            return Attributes()  # gone: neither a file nor a directory
        with self._session.understood():
            found = packets.attributes(packet)
            if min(found) < 0:
                raise packets.PacketError("it does not say what a file is")
        return found

    def _open(self, path: str, patience: Patience) -> bytes:
        number = self._ask(patience, packets.OPEN, self._name(path))
        packet = self._session.answer(patience, number)
        if packet.status == packets.NO_FILE:
            raise self._error("location.missing", "{path} is not on {host} any more", path)
        if packet.kind == packets.STATUS:
            raise self._error(
                "location.forbidden", "{host} may not read {path}: give its user the right to", path
            )
        with self._session.understood():
            return packets.string(packet, packets.HANDLE)

    def _leave(self, handle: bytes, patience: Patience) -> None:
        self._session.drop(self._ask(patience, packets.CLOSE, handle))

    def _told(self, path: str, packet: Packet) -> Stored:
        if packet.status == packets.NO_FILE:
            return Stored(path, "gone")
        if packet.kind == packets.STATUS:
            refused = packet.status == packets.DENIED
            return Stored(path, "refused" if refused else "failed", "the host would not say")
        with self._session.understood():
            told = packets.attributes(packet)
        if told.mode >= 0 and not stat.S_ISREG(told.mode):
            return Stored(path, "gone", "it is no regular file any more")
        return Stored(path, size=max(0, told.size))

    def _name(self, path: str) -> bytes:
        return self._top + read_path(path).encode("utf-8", "surrogateescape")

    def _ask(self, patience: Patience, kind: int, *values: bytes | int) -> int:
        return self._session.ask(patience, kind, *values)

    def _unreadable(self, folder: _Folder) -> LocationError:
        path = (self._top + folder.path).decode("utf-8", "backslashreplace")
        sentence = "{host} may not read the directory {path}: give its user the right to"
        return self._error("location.unreadable", sentence, path)

    def _error(self, reason: str, sentence: str, path: str = "") -> LocationError:
        return LocationError(reason, sentence.format(host=self._host, path=path or self._directory))


def _found(folder: _Folder, name: bytes, told: Attributes) -> Found:
    mode = stat.S_IMODE(told.mode)
    time_ms = min(told.mtime_s * 1000, LAST_MS)
    return Found(
        write_path((folder.path + name).decode("utf-8", "surrogateescape")),
        told.size,
        time_ms,
        time_ms,
        mode if folder.open else mode & ~stat.S_IRWXO,
        device=0,
        inode=0,
    )
