"""What the logs of the site's own jobs say."""

from typing import NamedTuple


class Said(NamedTuple):
    """One line of a log that tells how a job went."""

    at_ms: int
    """As the line says itself, else when the line before it was written."""
    kind: str
    """`start`, `success` or `failure`."""
    job: str
    """As the log calls it, in small letters, such as `database backup`."""
    name: str = ""
    """The file it names."""
    complaint: str = ""
    """Of a success: the first complaint of a program since the job before."""


class RunLog(NamedTuple):
    """One log with all that was rotated away from it."""

    path: str
    outcome: str
    """`read`, `missing`, or `failed` when some of it could not be read."""
    detail: str = ""
    from_ms: int = 0
    """Since when every line was read; 0: there is no line with a time."""
    said: tuple[Said, ...] = ()
    """In the order of the lines."""
