"""One read of one file: its digest, and its content decompressed."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Protocol

from nexoaudit.formats.codec import CODECS, Codec, Decoder

READ_SIZE = 128 * 1024
BLOCK_SIZE = 256 * 1024
"""The most that one block of content holds, whatever the archive claims. Blocks that stay in the
processor's cache make a verification a quarter faster than blocks of 1 MiB."""
MAX_BOUNDARIES = 1000
BOMB_SIZE = 64 * 1024**3
BOMB_RATIO = 2000
"""Beyond both, decompression stops. gzip cannot reach that ratio (1032 at most)."""
_MOST_IDLE = 1000
"""How often a decompressor may take nothing and give nothing before it is taken to hang."""
_GRAINS = (65280, 65536, 100_000)
"""Parallel compressors close a member every so many bytes: bgzip, mgzip, pbzip2."""


class Readable(Protocol):
    """A file that was opened for reading, or anything that gives bytes like one."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes; none at the end."""


class Hasher(Protocol):
    """A SHA-256 of hashlib, or what makes one on its way to more."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes so far."""


class Stream:
    """Reads a file once, from where it stands to its end: iterate to get the content in blocks.

    The digest covers the file to its last byte even when decompression stops early. A block never
    spans two members. Errors of the file's own `read` (OSError) pass through; what is wrong with
    the content ends the iteration and is named in `problems`.

    Hashing is interleaved with decompression: a second thread gained a tenth on an idle second
    core, which other verifications can use better.
    """

    def __init__(
        self,
        file: Readable,
        progress: Callable[[int], None] | None = None,
        hasher: Hasher | None = None,
    ) -> None:
        self._file = file
        self._progress = progress
        self._hash = hasher if hasher is not None else hashlib.sha256()
        self._blocks = self._run()
        self.size = 0
        """Bytes of the file read so far."""
        self.raw_size = 0
        """Bytes of content yielded so far."""
        self.codec = ""
        """`plain`, or the name of a codec, by the file's first bytes."""
        self.members = 0
        """Compressed members that were closed."""
        self.boundaries: list[int] = []
        """Offsets in the content where members end; the first `MAX_BOUNDARIES` of them."""
        self.problems: tuple[str, ...] = ()
        """`stream.empty`, `.nothing`, `.truncated`, `.corrupt`, `.unsupported` or `.bomb`: at most
        one of them; or `stream.trailing_garbage`, behind content that is whole."""
        self.detail = ""
        """The decompressor's own words about the problem."""
        self.complete = False
        """The content was decompressed to its last byte and every checksum was right."""

    @property
    def sha256(self) -> str:
        """The digest of what was read; of the whole file once the iteration has ended."""
        return self._hash.hexdigest()

    @property
    def blockwise(self) -> bool:
        """True when the members look like the equal blocks of a parallel compressor."""
        sizes = [end - start for start, end in pairwise((0, *self.boundaries))]
        while sizes and sizes[-1] == 0:
            sizes.pop()
        if len(sizes) < 2 or len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
            return False
        return len(sizes) > 3 or any(sizes[0] % grain == 0 for grain in _GRAINS)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the content, in blocks of 1 to `BLOCK_SIZE` bytes, from where it was left."""
        return self._blocks

    def drain(self) -> None:
        """Read, check and throw away all that is left."""
        for _ in self._blocks:
            pass

    def _run(self) -> Iterator[bytes]:
        head = self._read()
        if not head:
            self._stop("stream.empty", "the file has no bytes")
            return
        codec = next((codec for codec in CODECS if head.startswith(codec.magic)), None)
        if codec is None:
            self.codec = "plain"
            yield from self._plain(head)
            return
        self.codec = codec.name
        yield from self._compressed(head, codec)
        if self.complete and self.raw_size == 0:
            self.complete = False
            self._stop("stream.nothing", "nothing was compressed")

    def _plain(self, block: bytes) -> Iterator[bytes]:
        while block:
            self.raw_size += len(block)
            yield block
            block = self._read()
        self.complete = True

    def _compressed(self, data: bytes, codec: Codec) -> Iterator[bytes]:
        while data:
            try:
                decoder = codec.open()
            except ImportError as error:
                self._stop("stream.unsupported", str(error))
                return
            yield from self._member(data, codec, decoder)
            if self.problems:
                return
            self.members += 1
            if len(self.boundaries) < MAX_BOUNDARIES:
                self.boundaries.append(self.raw_size)
            data = self._after(decoder.unused_data or b"", len(codec.magic[0]))
            if data and not data.startswith(codec.magic):
                self._stop("stream.trailing_garbage", "bytes follow the end of the archive")
                break
        self.complete = True

    def _member(self, data: bytes, codec: Codec, decoder: Decoder) -> Iterator[bytes]:
        idle = 0
        while not decoder.eof:
            if not data and decoder.needs_input:
                data = self._read()
                if not data:
                    self._stop("stream.truncated", "the archive ends before its end marker")
                    return
            try:
                block = decoder.decompress(data, BLOCK_SIZE)
            except codec.errors as error:
                # Both libraries with a limit say so in words only.
                greedy = "memory" in str(error).lower()
                self._stop("stream.unsupported" if greedy else "stream.corrupt", str(error))
                return
            idle = 0 if data or block else idle + 1
            if idle > _MOST_IDLE:
                self._stop("stream.corrupt", "the decompressor makes no progress")
                return
            data = b""
            self.raw_size += len(block)
            if block:
                yield block
            if self.raw_size > max(BOMB_SIZE, BOMB_RATIO * self.size):
                self._stop("stream.bomb", f"more than {BOMB_RATIO} times the archive's size")
                return

    def _after(self, data: bytes, need: int) -> bytes:
        """Return what follows a member, past NUL padding: `need` bytes or more if there are."""
        data = data.lstrip(b"\0")
        while len(data) < need and (more := self._read()):
            data = (data + more).lstrip(b"\0")
        return data

    def _read(self) -> bytes:
        block = self._file.read(READ_SIZE) or b""
        self.size += len(block)
        self._hash.update(block)
        if self._progress is not None and block:
            self._progress(len(block))
        return block

    def _stop(self, problem: str, detail: str) -> None:
        self.problems = (problem,)
        self.detail = detail
        while self._read():
            pass
