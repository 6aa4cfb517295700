"""What a store's own checksums of an object prove about it, without any of its bytes."""

from collections.abc import Iterator
from typing import NamedTuple

from nexoaudit.model.prints import Prints
from nexoaudit.model.stored import Checksum, Stored
from nexoaudit.verification.parts import WIDTHS, Again, Recorded, Reread, Sizes
from nexoaudit.verification.prints import digests

_GRADES = {"sha256": "sha256", "md5": "md5", "crc64nvme": "crc", "crc32c": "crc", "crc32": "crc"}
"""What each checksum proves, the strongest first."""
_MIB = 1 << 20
_USUAL = (8, 5, 16, 15, 10, 17, 20, 25, 32, 50, 64, 100, 128, 256, 512, 1024, 5120)
"""Part sizes in MiB that clients upload with; s3transfer doubles its own for large files."""
_MD5_TAGS = {"", "off", "AES256"}
"""Encryptions of a store under which an ETag still is an MD5."""


class Proof(NamedTuple):
    """How well a stored object is proven to be the bytes whose prints are known."""

    grade: str
    """`sha256`, `md5` or `crc`: that checksum of the store equals ours; `size`: nothing but the
    size could be compared, which proves nothing; `mismatch`: these are other bytes."""
    how: str
    """The checksum and its scope, such as `sha256 full` or `crc32 composite 3x8MiB`, where the
    part size was guessed with `guessed` at its end; after `contradiction` two of them."""


class _Claim(NamedTuple):
    """One checksum of the store, of a kind that is known here."""

    name: str
    value: bytes
    scope: str


class _Answer(NamedTuple):
    """What the comparison with one claim gave; `holds` is None when nothing could be compared."""

    claim: _Claim
    holds: bool | None
    how: str = ""


def prove(stored: Stored, prints: Prints, reread: Again | None = None) -> Proof:
    """Compare what a store tells of an object with the prints of the bytes that it should hold.

    `stored` must have been told. `reread` gives the digests of other parts than those recorded,
    from the same bytes; it is asked only when nothing else can be compared, as it costs a read.

    Full checksums are compared with the prints, composite ones with those of the parts in which
    the object was uploaded, recorded or combined from recorded ones. Where the scope is not said
    it may be either. Where the part sizes are not told, usual ones are tried: then only equality
    says anything. Checksums that contradict each other about the same bytes are a mismatch.
    Unknown algorithms and values of another length are ignored. (Amazon S3 User Guide, "Checking
    object integrity".)
    """
    if stored.outcome != "told":
        raise ValueError(f"nothing is told of {stored.path}: {stored.outcome}")
    if stored.size != prints.size:
        return Proof("mismatch", "size")
    claims = _claims(stored)
    layout = _layout(stored)
    proof = _weigh([_compare(claim, layout, Recorded(prints)) for claim in claims])
    if proof.grade == "size" and reread is not None:
        again = Reread(prints, reread)
        return _weigh([_compare(claim, layout, again) for claim in claims])
    return proof


class _Layout(NamedTuple):
    """The parts of an upload: as they are said to be, or as they may have been."""

    told: Sizes
    guesses: tuple[Sizes, ...]


def _claims(stored: Stored) -> list[_Claim]:
    """Return what is known here of the store's checksums, the strongest first."""
    claims = [claim for told in stored.checksums if (claim := _claim(told)) is not None]
    if stored.encryption not in _MD5_TAGS:
        claims = [claim for claim in claims if claim.name != "md5"]
    order = list(_GRADES)
    return sorted(claims, key=lambda claim: order.index(claim.name))


def _claim(told: Checksum) -> _Claim | None:
    name = told.algorithm.lower()
    try:
        value = bytes.fromhex(told.value)
    except ValueError:
        return None
    if name not in WIDTHS or len(value) != WIDTHS[name]:
        return None
    # The only scope that S3 knows of it.
    scope = "full" if name == "crc64nvme" and told.scope == "unsaid" else told.scope
    return _Claim(name, value, scope)


def _layout(stored: Stored) -> _Layout:
    told, count = stored.part_sizes, max(stored.parts, 1)
    if count == 1 and not told:
        return _Layout((stored.size,), ())
    sound = sum(told) == stored.size and (min(told, default=0) > 0 or len(told) == 1)
    if sound and told and count in {1, len(told)}:
        return _Layout(told, ())
    return _Layout((), tuple(_guesses(stored.size, max(count, len(told)))))


def _guesses(size: int, count: int) -> Iterator[Sizes]:
    """Yield the layouts with usual part sizes that give so many parts."""
    doubled = [8 << power for power in range(1, 10)]
    for part in dict.fromkeys((*_USUAL, *doubled)):
        each = part * _MIB
        if count > 1 and -(-size // each) == count:
            yield (each,) * (count - 1) + (size - each * (count - 1),)


def _compare(claim: _Claim, layout: _Layout, ours: Recorded) -> _Answer:
    whole = ours.whole(claim.name)
    full = whole == claim.value if whole and claim.scope != "composite" else None
    if full or claim.scope == "full":
        return _Answer(claim, full, f"{claim.name} full")
    composite = _composite(claim, layout, ours)
    if claim.scope == "unsaid" and full is None and not composite.holds:
        return composite._replace(holds=None)
    return composite


def _composite(claim: _Claim, layout: _Layout, ours: Recorded) -> _Answer:
    new = digests().get(claim.name)
    for sizes in (layout.told,) if layout.told else layout.guesses:
        parts = ours.parts(claim.name, sizes)
        if not parts or new is None:
            continue
        digest = new()
        digest.update(parts)
        holds = digest.digest() == claim.value
        if holds or layout.told:
            guessed = "" if layout.told else " guessed"
            return _Answer(claim, holds, f"{claim.name} composite {_shape(sizes)}{guessed}")
    return _Answer(claim, None)


def _shape(sizes: Sizes) -> str:
    first = sizes[0]
    if len(set(sizes[:-1])) > 1 or sizes[-1] > first:
        return f"{len(sizes)} parts"
    return f"{len(sizes)}x{first // _MIB}MiB" if first % _MIB == 0 else f"{len(sizes)}x{first}"


def _weigh(answers: list[_Answer]) -> Proof:
    """Return what the answers say together; the strongest comes first."""
    right = [answer for answer in answers if answer.holds]
    wrong = [answer for answer in answers if answer.holds is False]
    if right and wrong:
        return Proof("mismatch", f"contradiction {right[0].how}, {wrong[0].how}")
    if wrong:
        return Proof("mismatch", wrong[0].how)
    if right:
        return Proof(_GRADES[right[0].claim.name], right[0].how)
    return Proof("size", "size")
