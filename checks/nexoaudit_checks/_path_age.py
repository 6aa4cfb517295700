"""Age of the newest file of a pattern: neither state nor configuration."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from nexoaudit.model.fact import Fact, Moment, Span
from nexoaudit.model.moments import millis
from nexoaudit.model.verdict import Status, Verdict
from nexoaudit.wording.checks import CheckWords
from nexoaudit_checks._files import FUTURE_MS, File, hollow, match
from nexoaudit_checks._options import Options, UsageError
from nexoaudit_checks._summary import zone_of

CONTROL = "age"


def judge(options: Options, now: datetime, words: CheckWords) -> tuple[Verdict, ...]:
    """Judge the newest finished file that holds something, by the time in its name, else mtime.

    A time in the future is a finding; such a file says nothing about the age. Raise UsageError
    for a time zone that does not exist.
    """
    now_ms = millis(now)
    matches = match(options.path or "", _zone(options.timezone))
    if not matches.files:
        facts = {"path": options.path or "", "detail": matches.detail}
        return (Verdict(CONTROL, "", Status.UNVERIFIED, matches.reason, facts),)
    finished = [file for file in matches.files if file.finished(now_ms)]
    # With no finished one at all, the one being written is better news than none.
    counted = finished or list(matches.files)
    solid = [file for file in counted if not hollow(file)]
    ahead = [file for file in solid if file.time_ms > now_ms + FUTURE_MS]
    usable = [file for file in solid if file not in ahead]
    empty = len(counted) - len(solid)
    found = _ahead(ahead, only=not usable)
    if usable:
        note = _note(words, empty, _growing(matches.files, usable[0], finished))
        return (_age(options, usable[0], now_ms, len(usable), note), *found)
    if ahead:
        return found
    note = _note(words, empty, None)
    none: dict[str, Fact] = {"matched": len(matches.files), "files": 0, "note": note}
    return (Verdict(CONTROL, "", Status.FAIL, "path.none", none),)


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    zone = zone_of(name)
    if zone is None:
        raise UsageError(f"there is no time zone {name}")
    return zone


def _age(options: Options, newest: File, now_ms: int, files: int, note: str) -> Verdict:
    age = max(0, now_ms - newest.time_ms)
    facts: dict[str, Fact] = {
        "path": newest.name,
        "age": Span(age),
        "files": files,
        "note": note,
    }
    status = Status.PASS
    for grade, name, limit in (
        (Status.WARN, "warn", options.warn),
        (Status.FAIL, "fail", options.fail),
    ):
        if limit is None:
            continue
        facts[name] = Span(limit)
        if age > limit:
            status = grade
            facts["limit"] = Span(limit)
    reason = "path.on_time" if status is Status.PASS else "path.late"
    return Verdict(CONTROL, "", status, reason if newest.by_name else f"{reason}_mtime", facts)


def _ahead(files: Sequence[File], *, only: bool) -> tuple[Verdict, ...]:
    if not files:
        return ()
    facts: dict[str, Fact] = {"path": files[0].name, "time": Moment(files[0].time_ms)}
    status = Status.UNVERIFIED if only else Status.WARN
    return (Verdict(CONTROL, "", status, "path.future", facts, files[0].name),)


def _growing(files: Sequence[File], newest: File, finished: Sequence[File]) -> File | None:
    """Return the newest file when it is being written and another one counts instead."""
    return files[0] if finished and files[0] not in finished and files[0] != newest else None


def _note(words: CheckWords, empty: int, growing: File | None) -> str:
    note = words.notes["empty"].format(count=empty) if empty else ""
    return note + (words.notes["unfinished"].format(path=growing.name) if growing else "")
