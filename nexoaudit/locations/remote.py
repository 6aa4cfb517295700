"""A host that runs our forced command, `nexoaudit-remote`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nexoaudit.errors import LocationError
from nexoaudit.locations import identity
from nexoaudit.locations.channel import Channel, Patience
from nexoaudit.locations.chunks import reader
from nexoaudit.locations.directory import Found, read_path, write_path
from nexoaudit.locations.remoterecords import Answer, answer, entries, nonsense, records
from nexoaudit.locations.sshclient import SshClient
from nexoaudit.model.stored import Checksum, Stored

_GREETING = b"nexoaudit-remote 1\n"
_LISTING = 1 << 30
"""Bytes of the longest listing: some ten million files."""
_IDENTITY = 1 << 16
"""Bytes of the longest answer about which machine it is."""
_ALL = 10**17
_ENDS = {
    65: ("location.missing", "{path} is not on {host} any more"),
    66: ("location.missing", "{host} has no directory {path}: see `path` in the configuration"),
    69: ("location.unreadable", "{host} cannot answer: {said}"),
    77: ("location.forbidden", "{host} may not read {path}: give its user the right to"),
    126: (
        "location.forbidden",
        "the forced command on {host} does not serve {path}: it serves the directory that"
        " authorized_keys names after nexoaudit-remote, and what is below it without links",
    ),
}
_STATES = {
    "gone": ("gone", ""),
    "link": ("refused", "it is a link, or below one"),
    "refused": ("refused", "the host's user may not read it"),
}


class Remote:
    """What lies below one directory of that host."""

    def __init__(self, client: SshClient, directory: str) -> None:
        self._client = client
        self._directory = directory
        self._host = client.name

    def identity(self) -> tuple[str, ...]:
        """Return what the host says of which machine it is, as tokens."""
        patience = self._client.patience()
        told = b""
        with self._session("identity", patience, []) as channel:
            while not told.endswith(b"end\n"):
                if len(told) > _IDENTITY:
                    raise nonsense(self._host, told)
                told += self._more(channel, patience, self._directory)
        return _tokens(told.decode("ascii", "replace"))

    def listing(self) -> Iterator[Found]:
        """Yield every file; see `Transport.listing`."""
        patience = self._client.patience()
        with self._session("list", patience, []) as channel:
            yield from entries(self._host, self._records(channel, patience))

    def stored(self, paths: Iterable[str]) -> Iterator[Stored]:
        """Yield the size and the SHA-256 of each file, which the host computes one by one."""
        patience = self._client.patience()
        asked: Counter[bytes] = Counter()
        sizes: dict[bytes, int] = {}

        def names() -> Iterator[bytes]:
            for path in paths:
                name = read_path(path).encode("utf-8", "surrogateescape")
                asked[name] += 1
                yield name + b"\0"

        with self._session("digest", patience, names()) as channel:
            for record in self._records(channel, patience):
                told = answer(self._host, record)
                if asked[told.name] < 1:
                    raise nonsense(self._host, record)
                if told.state == "size":
                    sizes[told.name] = int(told.value)
                    continue
                if told.state == "digest" and told.name not in sizes:
                    raise nonsense(self._host, record)
                asked[told.name] -= 1
                yield _stored(told, sizes.get(told.name, 0))
                if not asked[told.name]:
                    sizes.pop(told.name, None)
                    del asked[told.name]
        for name in asked.elements():
            yield Stored(_written(name), "failed", "the host could not read it to its end")

    @contextmanager
    def read(self, path: str, start: int, length: int | None) -> Iterator[BinaryIO]:
        """Open a part of a file; see `Transport.read`."""
        patience = self._client.patience()
        name = read_path(path).encode("utf-8", "surrogateescape")
        part = b"%d %d\n" % (start, _ALL if length is None else min(length, _ALL))
        with self._session("read", patience, [part, name]) as channel:
            count = channel.line(64, patience)
            if not count:
                count = self._more(channel, patience, path)
            if not re.fullmatch(rb"\d{1,18}\n", count):
                raise nonsense(self._host, count)
            yield reader(self._part(channel, int(count), patience, path))

    def close(self) -> None:
        """Do nothing: each call ends its own session."""

    def _part(self, channel: Channel, count: int, patience: Patience, path: str) -> Iterator[bytes]:
        """Yield exactly `count` bytes."""
        while count:
            piece = self._more(channel, patience, path)[:count]
            yield piece
            count -= len(piece)

    def _more(self, channel: Channel, patience: Patience, path: str) -> bytes:
        """Return more of an answer that is not over; raise LocationError when there is no more."""
        more = channel.some(patience)
        if not more:
            raise self._failure(channel, patience, path) or LocationError(
                "location.cut", f"{path} on {self._host} changed while it was read: try again"
            )
        return more

    @contextmanager
    def _session(self, verb: str, patience: Patience, names: Iterable[bytes]) -> Iterator[Channel]:
        """Ask for `verb`, and yield the channel after its greeting."""

        def feed() -> Iterator[bytes]:
            yield self._directory.encode("utf-8", "surrogateescape") + b"\n"
            yield from names

        channel = self._client.session(verb, patience, feed=feed())
        try:
            greeting = channel.line(4096, patience)
            if greeting != _GREETING:
                raise self._stranger(channel, patience, greeting)
            yield channel
        finally:
            channel.close()

    def _records(self, channel: Channel, patience: Patience) -> Iterator[bytes]:
        """Yield records, and raise after the last if the host could not say all of them."""

        def pieces() -> Iterator[bytes]:
            while piece := channel.some(patience):
                yield piece
            failure = self._failure(channel, patience, self._directory)
            if failure is not None:
                raise failure

        return records(self._host, pieces(), _LISTING)

    def _failure(self, channel: Channel, patience: Patience, path: str) -> LocationError | None:
        """Wait for the end of what has said all, and return what kept it from saying more."""
        fault = self._client.fault(channel, patience)
        code = channel.ended(patience)
        if fault is not None or code == 0:
            return fault
        said = next(iter(channel.complaints.strip().splitlines()), "no reason is given")
        reason, sentence = _ENDS.get(
            code, ("location.unreadable", "{host} could not read all of {path}: {said}")
        )
        return LocationError(
            reason,
            sentence.format(
                host=self._host, path=path, said=said.removeprefix("nexoaudit-remote: ")[:300]
            ),
        )

    def _stranger(self, channel: Channel, patience: Patience, heard: bytes) -> LocationError:
        """Return the error for a host that does not begin with our greeting."""
        other = re.match(rb"nexoaudit-remote (\d{1,9})\n", heard)
        if other:
            told = f"speaks version {other[1].decode()}: install the file of this release there"
            return LocationError("location.unreadable", f"nexoaudit-remote on {self._host} {told}")
        if heard:
            shown = heard[:60].decode("utf-8", "backslashreplace")
            told = (
                f"the login shell of {self._host} prints something before the answer ({shown!r}):"
                " let its .bashrc or .profile be silent where nobody logs in by hand"
            )
            return LocationError("location.unreadable", told)
        fault = self._client.fault(channel, patience)
        said = next(iter(channel.complaints.strip().splitlines()), "it says nothing")
        return fault or LocationError(
            "location.unreadable",
            f"{self._host} does not run nexoaudit-remote for this key ({said[:200]}): install it"
            " there and name it in authorized_keys, or set access to `sftp`",
        )


def _stored(told: Answer, size: int) -> Stored:
    path = _written(told.name)
    if told.state == "digest":
        return Stored(path, size=size, checksums=(Checksum("sha256", told.value),))
    outcome, detail = _STATES[told.state]
    return Stored(path, outcome, detail)


def _written(name: bytes) -> str:
    return write_path(name.decode("utf-8", "surrogateescape"))


def _tokens(told: str) -> tuple[str, ...]:
    """Return the tokens of what `identity` says; only addresses that mean one place everywhere."""
    tokens: list[str] = []
    machine = re.search(r"^machine ([0-9a-f]{64})$", told, re.MULTILINE)
    device = re.search(r"^device (\d{1,20})$", told, re.MULTILINE)
    if machine:
        tokens.append(f"machine:{machine[1]}")
        tokens += [f"device:{machine[1]}/{device[1]}"] if device else []
    for address in re.findall(r"^address (\S{1,64})$", told, re.MULTILINE):
        tokens += identity.public_addresses(address)
    return tuple(tokens)
