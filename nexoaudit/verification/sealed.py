"""Verify a copy that is encrypted with OpenPGP, in one read of its bytes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from nexoaudit.errors import SandboxError, SecretError, ToolError
from nexoaudit.formats.ahead import Ahead
from nexoaudit.formats.openpgp import (
    Framing,
    Reader,
    framing_problems,
    read_framing,
    sealed_text,
)
from nexoaudit.formats.stream import Stream
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification
from nexoaudit.sandbox.gpg import decrypting
from nexoaudit.verification.inside import About, Inside, read_inside
from nexoaudit.verification.plain import compared, resized
from nexoaudit.verification.prints import Printer

_BLOCK = 1 << 18


def verify_sealed(
    source: BinaryIO,
    about: About,
    *,
    size: int,
    expected_sha256: str,
    passphrase_file: Path | None,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read the encrypted bytes that `source` gives once, to their end, and verify what they hold.

    gpg decrypts them with the passphrase in the first line of `passphrase_file`, a file of mode
    0600; what comes out is verified as `verify` does, held nowhere, and counts only when gpg has
    found at the end that all of it is as it was encrypted. `sha256` then is of the content and is
    compared with `expected_sha256`, `sealed_sha256` and the prints are of the encrypted bytes, and
    `proof` is `decrypted`. Without a passphrase, or where only a private key opens it, it is
    `sealed.no_key`, and all that is known is its framing and the digest of the bytes.

    What is no OpenPGP at all is verified as it is, and `sealed.not_openpgp`. A source that gives
    other than `size` bytes is `file.changed`. What the source's `read` raises passes through, and
    so does an interrupt; neither leaves anything behind. `read` and `progress` are called from
    another thread.
    """
    taken = _Taken(source, progress)
    framing = read_framing(taken.head(), size)
    if framing.openpgp:
        opened = _open(taken, framing, about, passphrase_file)
        taken.drain()
        found = _sealed(opened, taken, expected_sha256)
    else:
        inside = read_inside(Stream(taken), about)
        found = compared(inside, taken.size, expected_sha256)
        found = found._replace(problems=(*framing_problems(framing), *found.problems))
    if taken.size != size:
        return resized(size, taken.size)
    return found._replace(prints=taken.printer.prints())


class _Taken(Ahead):
    """The bytes of a source on their way: counted, printed and walked; read like a file."""

    def __init__(self, source: BinaryIO, progress: Callable[[int], None] | None) -> None:
        self._source = source
        self._progress = progress
        self._reader = Reader()
        self.printer = Printer()
        self.size = 0

    def drain(self) -> None:
        """Take all that is left."""
        while self.read(_BLOCK):
            pass

    def framing(self) -> Framing:
        """Return the framing, once all was taken."""
        return self._reader.finish()

    def _take(self, size: int) -> bytes:
        block = self._source.read(size)
        self.size += len(block)
        self.printer.update(block)
        self._reader.feed(block)
        if self._progress is not None and block:
            self._progress(len(block))
        return block


class _Opened(NamedTuple):
    """What became of the attempt to decrypt."""

    inside: Inside | None
    """The content; None unless gpg found it to be as it was encrypted."""
    problem: str = ""
    detail: str = ""
    cipher: str = ""
    """What it is really encrypted with, which a key may hide; empty: nobody knows."""


def _open(taken: _Taken, framing: Framing, about: About, passphrase_file: Path | None) -> _Opened:
    """Decrypt what is left of `taken`, if that is possible at all."""
    if not framing.encrypted:
        return _Opened(None)
    if not framing.symmetric:
        return _Opened(None, "sealed.no_key", "only a private key opens it, and none is used here")
    if passphrase_file is None:
        return _Opened(None, "sealed.no_key", "no passphrase_file is configured for its location")
    try:
        with decrypting(iter(partial(taken.read, _BLOCK), b""), passphrase_file) as content:
            inside = read_inside(Stream(content), about)
            outcome = content.end()
    except SecretError as error:
        return _Opened(None, "sealed.no_key", str(error))
    except (ToolError, SandboxError) as error:
        return _Opened(None, "stream.unsupported", str(error))
    return _Opened(
        inside if outcome.okay else None, outcome.problem, outcome.detail, outcome.cipher
    )


def _sealed(opened: _Opened, taken: _Taken, expected_sha256: str) -> Verification:
    framing = taken.framing()
    if opened.inside is not None:
        framing = framing._replace(cipher=opened.cipher or framing.cipher)
        found = compared(opened.inside, taken.size, expected_sha256)
        found = found._replace(proof="decrypted")
    else:
        found = Verification(
            sha256="" if framing.encrypted else taken.printer.hexdigest(),
            size=taken.size,
            mtime_ms=0,
            recorded="",
            assurance=Assurance.PRESENT,
            problems=(),
            detail=opened.detail or "; ".join(framing.notes),
        )
    return found._replace(
        problems=(*_problems(framing, opened.problem), *found.problems),
        sealed=sealed_text(framing),
        sealed_sha256=taken.printer.hexdigest() if framing.encrypted else "",
    )


def _problems(framing: Framing, of_gpg: str) -> tuple[str, ...]:
    """Return what framing and gpg say; that gpg refuses what is cut, say, is no second finding."""
    found = framing_problems(framing)
    explained = framing.cut or not framing.integrity
    if not of_gpg or (explained and of_gpg in {"sealed.altered", "stream.unsupported"}):
        return found
    return tuple(dict.fromkeys((*found, of_gpg)))
