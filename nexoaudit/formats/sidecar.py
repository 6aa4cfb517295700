"""The `.sha256` file beside a backup, as sha256sum, shasum and openssl write it."""

import re
from typing import NamedTuple

MAX_SIZE = 64 * 1024
"""A longer sidecar is rubbish; read at most one byte more than this."""

_GNU = re.compile(rb"(\\?)([0-9A-Fa-f]{64})(?: [ *](.+)|[ \t]+\*?(.+))?")
_BSD = re.compile(rb"(\\?)SHA2?-?256 ?\((.+)\) ?= ?([0-9A-Fa-f]{64})")
_ESCAPES = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}


class Entry(NamedTuple):
    """One line of a sidecar."""

    digest: str
    """64 lower-case hexadecimal digits."""
    name: str
    """As written, path and all; bytes that are not UTF-8 are surrogate-escaped; may be empty."""

    @property
    def basename(self) -> str:
        """The last part of the name, under either system's separator."""
        return re.split(r"[/\\]", self.name)[-1]

    def names(self, basename: str) -> bool:
        """Tell whether the name ends in this one, which may itself hold a backslash."""
        return basename in {self.basename, self.name.rpartition("/")[2]}


class Answer(NamedTuple):
    """What a sidecar says of one file."""

    digest: str
    """Empty when it says nothing of it."""
    problem: str
    """`sidecar.rubbish`, `sidecar.other_name` (the digest may still be right) or empty."""


def parse(data: bytes) -> tuple[Entry, ...]:
    """Return the entries of a sidecar with these bytes, in order; lines that are none are skipped.

    Empty, rubbish or longer than `MAX_SIZE`: no entries. Never raises.
    """
    if len(data) > MAX_SIZE:
        return ()
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").split(b"\n")
    entries = (entry_of(line.strip()) for line in lines)
    return tuple(entry for entry in entries if entry is not None)


def digest_for(entries: tuple[Entry, ...], basename: str) -> Answer:
    """Return the digest that the sidecar records for the file `basename` that it lies beside.

    Only the last part of a written path counts: the file beside the sidecar is the one to hash.
    A sidecar of one line with another name still gives its digest, with `sidecar.other_name`;
    several lines that contradict each other, or none for this file, give `sidecar.rubbish`.
    """
    digests = {entry.digest for entry in entries if entry.names(basename)}
    if len(digests) == 1:
        return Answer(digests.pop(), "")
    if not digests and len(entries) == 1:
        named = entries[0].basename not in {"", "-"}
        return Answer(entries[0].digest, "sidecar.other_name" if named else "")
    return Answer("", "sidecar.rubbish")


def entry_of(line: bytes) -> Entry | None:
    """Return what one line says, without its end; None for a line that is none of the formats."""
    if match := _GNU.fullmatch(line):
        escaped, digest, name, odd = match.groups(b"")
        name = name or odd
    elif match := _BSD.fullmatch(line):
        escaped, name, digest = match.groups(b"")
    else:
        return None
    if escaped:
        name = re.sub(rb"\\[\\nr]", lambda found: _ESCAPES[found[0]], name)
    return Entry(digest.decode("ascii").lower(), name.decode("utf-8", "surrogateescape"))
