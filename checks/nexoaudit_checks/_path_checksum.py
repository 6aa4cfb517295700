"""Digests of the files of a pattern, newest first, until the time is up."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from nexoaudit.formats.sidecar import MAX_SIZE, Answer, digest_for, parse
from nexoaudit.model.fact import Fact, Span
from nexoaudit.model.moments import file_ms, millis
from nexoaudit.model.verdict import Status, Verdict, alarm
from nexoaudit.wording.checks import CheckWords
from nexoaudit_checks._files import File, hollow, match, recent
from nexoaudit_checks._options import Options

CONTROL = "checksum"
_BLOCK = 1024 * 1024
_MARGIN_S = 1
"""Left of the deadline for the answer itself."""
_STATUS = {
    "path.no_sidecar": Status.WARN,
    "path.other_name": Status.WARN,
    "path.unreadable": Status.UNVERIFIED,
    "path.sidecar_unreadable": Status.UNVERIFIED,
    "path.changed": Status.UNVERIFIED,
}
"""Of findings that do not condemn a file; every other one does."""


class _Finding(NamedTuple):
    file: File
    reason: str
    """Empty for a sound file, `left` for one there was no time for."""
    detail: str = ""


def judge(options: Options, now: datetime, words: CheckWords) -> tuple[Verdict, ...]:  # noqa: ARG001 - every pattern's judge is called alike
    """Hash each file and compare it with the checksum file beside it.

    Files being written are neither a fault nor a copy. What is not read a second before the
    deadline is one unverified verdict with their number.
    """
    seconds = max(options.timeout_s - _MARGIN_S, options.timeout_s / 2)
    until = monotonic() + seconds
    matches = match(options.path or "")
    if not matches.files:
        facts = {"path": options.path or "", "detail": matches.detail}
        return (Verdict(CONTROL, "", Status.UNVERIFIED, matches.reason, facts),)
    found = tuple(_findings(matches.files, millis(now), until))
    if not found:
        newest = {"path": matches.files[0].name}
        return (Verdict(CONTROL, "", Status.UNVERIFIED, "path.unfinished", newest),)
    return _verdicts(options, found, Span(int(seconds * 1000)))


def _findings(files: tuple[File, ...], now_ms: int, until: float) -> Iterator[_Finding]:
    for file in files:
        if not file.finished(now_ms):
            continue
        if hollow(file):
            yield _Finding(file, "path.hollow")
        elif not file.guarded:
            yield _Finding(file, "path.no_sidecar")
        else:
            finding = _compared(file, now_ms, until)
            if finding is not None:
                yield finding


def _compared(file: File, now_ms: int, until: float) -> _Finding | None:
    """Compare one file with its checksum file; None while that is being written."""
    try:
        with file.sidecar.open("rb") as sidecar:
            data = sidecar.read(MAX_SIZE + 1)
        if not data and recent(file_ms(file.sidecar.stat().st_mtime_ns), now_ms):
            return None
    except OSError as error:
        return _Finding(file, "path.sidecar_unreadable", str(error.strerror))
    answer = digest_for(parse(data), file.path.name)
    if not answer.digest:
        return _Finding(file, "path.rubbish")
    try:
        return _hashed(file, answer, until)
    except OSError as error:
        return _Finding(file, "path.unreadable", str(error.strerror))


def _hashed(file: File, answer: Answer, until: float) -> _Finding:
    digest = hashlib.sha256()
    with file.path.open("rb", buffering=0) as stream:
        while monotonic() < until:
            block = stream.read(_BLOCK)
            if not block:
                break
            digest.update(block)
        else:
            return _Finding(file, "left")
    if digest.hexdigest() == answer.digest:
        return _Finding(file, "path.other_name" if answer.problem else "")
    status = file.path.stat()
    unchanged = (status.st_size, file_ms(status.st_mtime_ns)) == (file.size, file.mtime_ms)
    return _Finding(file, "path.mismatch" if unchanged else "path.changed")


def _verdicts(options: Options, found: tuple[_Finding, ...], given: Span) -> tuple[Verdict, ...]:
    bad = [item for item in found if item.reason not in {"", "left"}]
    left = [item for item in found if item.reason == "left"]
    failed = sum(1 for item in bad if item.reason not in _STATUS)
    facts: dict[str, Fact] = {
        "copies": len(found),
        "sound": len(found) - len(bad) - len(left),
        "failed": failed,
        "unread": len(left),
    }
    limits = {"warn": options.warn, "fail": options.fail}
    facts |= {name: limit for name, limit in limits.items() if limit is not None}
    verdicts = [_verdict(options, item, failed, facts) for item in bad]
    if left:
        late = {**facts, "left": len(left), "path": left[0].file.name, "time": given}
        verdicts.append(Verdict(CONTROL, "", Status.UNVERIFIED, "path.left", late, "left"))
    if not verdicts:
        sound = {**facts, "path": found[0].file.name}
        verdicts.append(Verdict(CONTROL, "", Status.PASS, "path.sound", sound))
    return tuple(sorted(verdicts, key=lambda verdict: -alarm(verdict.status)))


def _verdict(options: Options, item: _Finding, failed: int, facts: dict[str, Fact]) -> Verdict:
    name = item.file.name
    status = _STATUS.get(item.reason) or _grade(failed, options)
    reason = item.reason if status is not Status.PASS else "checksum.tolerated"
    about = {**facts, "path": name, "detail": item.detail}
    return Verdict(CONTROL, "", status, reason, about, name)


def _grade(failed: int, options: Options) -> Status:
    """Return what so many failed files are under the limits; without any they are a failure."""
    if options.warn is None and options.fail is None:
        return Status.FAIL
    if options.fail is not None and failed > options.fail:
        return Status.FAIL
    return Status.WARN if options.warn is not None and failed > options.warn else Status.PASS
