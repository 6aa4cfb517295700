"""The compression formats that backups come in."""

import bz2
import importlib
import lzma
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from isal import igzip_lib

MEMORY_LIMIT = 256 * 1024 * 1024
"""What xz may ask for; a file that asks for more is unverifiable, not a reason to die."""


class Decoder(Protocol):
    """What bz2, lzma, igzip_lib and zstd have in common: the decoder of one member."""

    @property
    def eof(self) -> bool:
        """True once the member's end marker, checksum included, was read and right."""

    @property
    def needs_input(self) -> bool:
        """True when `decompress` has nothing left to give without new data."""

    @property
    def unused_data(self) -> bytes:
        """The bytes after the member's end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most `max_length` bytes of content; `data` is added to what is held."""


class Codec(NamedTuple):
    """One compression format."""

    name: str
    magic: tuple[bytes, ...]
    """What the file's first bytes may be."""
    open: Callable[[], Decoder]
    """Makes a decoder; raises ImportError, saying what to install, when no library has one."""
    errors: tuple[type[Exception], ...]
    """What its decoder raises for content that is corrupt."""


class _Zstd:
    """Turns the errors of whichever zstd library is there into ValueError."""

    def __init__(self) -> None:
        for module in ("compression.zstd", "backports.zstd"):
            try:
                library = importlib.import_module(module)
            except ImportError:
                continue
            self._decoder: Decoder = library.ZstdDecompressor()
            self._error: type[Exception] = library.ZstdError
            return
        raise ImportError("install the Python package backports.zstd to read zstd archives")

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return self._decoder.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        try:
            return self._decoder.decompress(data, max_length)
        except self._error as error:
            raise ValueError(str(error)) from error


def _gzip() -> Decoder:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


def _xz() -> Decoder:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MEMORY_LIMIT)


def _lz4() -> Decoder:
    try:
        library = importlib.import_module("lz4.frame")
    except ImportError as error:
        raise ImportError("install the Python package lz4 to read lz4 archives") from error
    decoder: Decoder = library.LZ4FrameDecompressor()
    return decoder


def _refuse(name: str) -> Decoder:
    raise ImportError(f"{name} cannot be read")


def _unread(name: str, *magic: bytes) -> Codec:
    return Codec(name, magic, partial(_refuse, name), ())


CODECS = (
    # isal's stubs declare its exception class as an instance.
    Codec("gzip", (b"\x1f\x8b",), _gzip, (igzip_lib.IsalError,)),  # type: ignore[arg-type]
    Codec("bzip2", (b"BZh",), bz2.BZ2Decompressor, (OSError, ValueError)),
    Codec("xz", (b"\xfd7zXZ\x00",), _xz, (lzma.LZMAError,)),
    # Parallel zstd writes frames to be skipped, which tell the sizes of the others.
    Codec("zstd", (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"), _Zstd, (ValueError,)),
    Codec("lz4", (b"\x04\x22\x4d\x18",), _lz4, (RuntimeError, ValueError)),
    _unread("lzip", b"LZIP"),
    _unread("lzop", b"\x89LZO"),
    _unread("compress", b"\x1f\x9d"),
    _unread("zip", b"PK\x03\x04"),
    _unread("7-Zip", b"7z\xbc\xaf\x27\x1c"),
    # A session key for a passphrase; for an RSA key of 2048 or 4096 bits, or an elliptic curve.
    _unread("OpenPGP", b"\x8c\x0d\x04", b"\x85\x01\x0c\x03", b"\x85\x02\x0c\x03", b"\x84\x5e\x03"),
)
"""In the order in which a file's first bytes are compared."""
