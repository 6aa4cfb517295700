"""Logs of backup jobs: who says to have begun, to have done it, or to have failed.

Understood are the backup guide's two logs (the jobs' own undated lines, and the dated ones of its
master script) and their like: a line that names a job and how it went.
"""

import re
from datetime import datetime
from typing import NamedTuple

START, SUCCESS, FAILURE, ERROR = "start", "success", "failure", "error"
_LONGEST = 2000
"""Characters of a line that are looked at."""

_DATED = re.compile(
    r"^\[?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:?\s*",
    re.ASCII,
)
_STAMP = re.compile(r"(?<!\d)(20\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?!\d)", re.ASCII)
_NAMED = re.compile(r"[\w.+-]*(?<!\d)20\d{6}(?!\d)[\w.+-]*", re.ASCII)
_BEGINS = re.compile(r"(?i)^(?:starting|beginning|begin|started)\s+([^/]+?)[.\s]*$")
_AFTER = r"(?:[.!]?\s*$|:\s|\s+(?:successfully|correctly|at|to|for|in|with|on)\b)"
_DID_NOT = re.compile(rf"(?i)^([^/:]*?)\b(?:has\s+)?(?:failed|failure|aborted){_AFTER}")
_DID = re.compile(
    rf"(?i)^([^/:]*?)\b(?:has\s+)?(?:completed|complete|successful|succeeded|finished|passed){_AFTER}"
)
_SUM = re.compile(r"^\S.*: FAILED(?: open or read)?$")
_TOOL = re.compile(
    r"(?i)^(?:[\w./-]*/)?(?:mysqldump|mariadb-dump|mysql|mariadb|mysqlbinlog|tar|rsync|gzip|xz|bzip2|"
    r"sha256sum|gpg|aws|cp|mv|find|ssh|\S+\.sh: line \d+|/bin/\w*sh: \d+):\s*(.*)"
)
_COMPLAINS = re.compile(
    r"(?i)\berror\b|cannot|could ?n[o']t|denied|no space|failed|failure|not found|no such file|"
    r"did not match|unexpected|refused|broken pipe|killed"
)
_HARMLESS = re.compile(
    r"(?i)\bwarning\b(?!.*did not match)|removing leading|file changed as we read it|vanished"
)
_PLAIN = re.compile(r"(?i)^rsync error:|^ERROR \d+ \(")


class Line(NamedTuple):
    """One line that says something about a job."""

    at: datetime | None
    """As written, without a zone; None for a line without a time."""
    kind: str
    """`start`, `success`, `failure`, or `error`: a complaint of some program."""
    job: str
    """What it is about, in small letters, such as `database backup`; of an error its text."""
    name: str = ""
    """The dated file it names, without a directory."""


def read_line(text: str) -> Line | None:
    """Return what a line says about a job; None for one that says nothing."""
    text = text[:_LONGEST].strip()
    at = None
    dated = _DATED.match(text)
    if dated is not None:
        at = _moment(dated)
        text = text[dated.end() :]
    said = _said(text)
    if said is None:
        return None
    name = _NAMED.search(text)
    return said._replace(
        at=at or _stamped(text),
        name=name[0].rstrip(".") if name is not None and said.kind == SUCCESS else "",
    )


def _said(text: str) -> Line | None:
    tool = _TOOL.match(text)
    complains = tool is not None and _COMPLAINS.search(tool[1]) is not None
    if complains or _PLAIN.match(text) or _SUM.match(text):
        return None if _HARMLESS.search(text) else Line(None, ERROR, text[:200])
    if tool is not None:
        return None
    for kind, pattern in ((START, _BEGINS), (FAILURE, _DID_NOT), (SUCCESS, _DID)):
        found = pattern.match(text)
        job = _job(found[1]) if found is not None else ""
        if job:
            return Line(None, kind, job)
    return None


def _job(text: str) -> str:
    """Return the name of a job as lines about it share it; "" for none."""
    words = re.sub(r"[^\w\s-]", " ", text.lower()).split()
    if not 1 <= len(words) <= 6 or any(any(char.isdigit() for char in word) for word in words):
        return ""
    return " ".join(words)


def _moment(found: re.Match[str]) -> datetime | None:
    try:
        return datetime(*(int(number) for number in found.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _stamped(text: str) -> datetime | None:
    found = _STAMP.search(text)
    return None if found is None else _moment(found)
