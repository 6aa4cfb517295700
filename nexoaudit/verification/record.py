"""The digest recorded beside a copy."""

from pathlib import Path
from typing import NamedTuple

from nexoaudit.formats import sidecar as sidecars
from nexoaudit.verification.reading import ReadProblem, reading


class Recorded(NamedTuple):
    """What the sidecar of a copy says."""

    digest: str
    """Empty when there is none to compare with."""
    problem: str
    """`sidecar.missing`, `.rubbish`, `.unreadable`, `.other_name` (digest given) or empty."""
    detail: str = ""


def recorded(sidecar: Path | None, basename: str, *, expected: bool) -> Recorded:
    """Read the digest that `sidecar` records for the file `basename` beside it."""
    missing = Recorded("", "sidecar.missing" if expected else "")
    if sidecar is None:
        return missing
    try:
        with reading(sidecar) as (file, _):
            data = file.read(sidecars.MAX_SIZE + 1) or b""
    except ReadProblem as problem:
        if problem.code == "vanished":
            return missing
        code = "rubbish" if problem.code == "not_regular" else "unreadable"
        return Recorded("", f"sidecar.{code}", str(problem))
    answer = sidecars.digest_for(sidecars.parse(data), basename)
    return Recorded(answer.digest, answer.problem)
