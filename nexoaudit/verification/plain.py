"""Verify a copy that was fetched from elsewhere, in one read of its bytes."""

from collections.abc import Callable
from typing import BinaryIO

from nexoaudit.formats.stream import Stream
from nexoaudit.model.copy import Assurance
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About, Inside, read_inside
from nexoaudit.verification.prints import Printer


def verify_plain(
    source: BinaryIO,
    about: About,
    *,
    size: int,
    expected_sha256: str,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Read `source` once, to its end, and return everything found out about the copy it gives.

    `size` is that of the listing, in bytes: a source of another size is `file.changed`.
    `expected_sha256` is the digest of the copy that this one should equal; empty: none is known;
    another one is `copy.differs`. The prints are those of the bytes.

    What is wrong with the content is a problem in the result. What the source's `read` raises
    passes through.
    """
    printer = Printer()
    stream = Stream(source, progress, printer)
    inside = read_inside(stream, about)
    if stream.size != size:
        return resized(size, stream.size)
    return compared(inside, size, expected_sha256)._replace(prints=printer.prints())


def compared(inside: Inside, size: int, expected_sha256: str) -> Verification:
    """Return what a read of `size` bytes found, beside the digest that it should have."""
    differs = expected_sha256 not in {"", inside.sha256}
    assurance = Assurance.READABLE if inside.whole else Assurance.PRESENT
    if expected_sha256:
        assurance = Assurance.PRESENT if differs else max(assurance, Assurance.INTACT)
    return Verification(
        sha256=inside.sha256,
        size=size,
        mtime_ms=0,
        recorded=_basis(inside, expected_sha256, differs=differs),
        assurance=assurance,
        problems=(
            *inside.damage,
            *(("copy.differs",) if differs else ()),
            *inside.problems,
            *inside.times,
        ),
        content_ms=inside.content_ms,
        raw_size=inside.raw_size,
        detail=inside.detail,
        manifest=inside.manifest,
    )


def _basis(inside: Inside, expected_sha256: str, *, differs: bool) -> str:
    """Return what the digest equals: that of the copy it was made from, or its own."""
    if differs:
        return ""
    if expected_sha256:
        return "copy"
    return "self" if inside.whole else ""


def resized(size: int, given: int) -> Verification:
    """Return what is known of a copy that was listed with `size` bytes but gave others."""
    return Verification(
        sha256="",
        size=size,
        mtime_ms=0,
        recorded="",
        assurance=Assurance.PRESENT,
        problems=("file.changed",),
        detail=f"listed with {size} bytes, read were {given}",
    )
