"""Encrypted copies that are files here."""

from collections.abc import Callable
from pathlib import Path

from nexoaudit.model.copy import Assurance
from nexoaudit.model.moments import file_ms
from nexoaudit.model.verification import Verification
from nexoaudit.verification.inside import About
from nexoaudit.verification.reading import ReadProblem, disturbance, reading, within
from nexoaudit.verification.record import Recorded
from nexoaudit.verification.sample import sample_of
from nexoaudit.verification.sealed import verify_sealed


def read_sealed_file(
    path: Path,
    about: About,
    passphrase_file: Path | None,
    progress: Callable[[int], None] | None,
    *,
    drop_cache: bool,
) -> Verification:
    """Return what one undisturbed read of the file found; raise ReadProblem when there is none."""
    with reading(path, drop_cache=drop_cache) as (file, status):
        found = verify_sealed(
            file,
            about,
            size=status.st_size,
            expected_sha256="",
            passphrase_file=passphrase_file,
            progress=within(status.st_size, progress),
        )
        part = sample_of(file.fileno(), status.st_size)
        if happened := disturbance(path, file, status):
            raise ReadProblem(happened, f"the file {happened} while it was read")
    return found._replace(mtime_ms=file_ms(status.st_mtime_ns), sample=part)


def beside(found: Verification, record: Recorded, earlier: str) -> Verification:
    """Return what a read found together with what is recorded of the file.

    The record is of the bytes as they lie there. `earlier` is as in `verify`: the digest of the
    content, or of the bytes as they lie there; without the passphrase only the latter can be
    compared, and the other is kept for the next read.
    """
    lies = found.sealed_sha256 or found.sha256
    mismatch = record.digest not in {"", lies}
    rotted = earlier not in {"", lies, found.sha256} and bool(found.sha256)
    problems = found.problems
    if mismatch:
        problems += ("sidecar.mismatch",)
    if rotted:
        problems += ("file.rotted",)
    if record.problem:
        problems += (record.problem,)
    basis, assurance = found.recorded, found.assurance
    if mismatch or rotted:
        basis, assurance = "", Assurance.PRESENT
    elif record.digest:
        basis, assurance = "sidecar", max(assurance, Assurance.INTACT)
    return found._replace(
        recorded=basis,
        assurance=assurance,
        problems=problems,
        detail=found.detail or record.detail,
        earlier=earlier if rotted or not found.sha256 else "",
        sample=found.sample if basis == "self" else "",
    )
