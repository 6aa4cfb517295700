"""Faults by which a failure goes unnoticed: statuses that are lost, and what is done regardless."""

import re
from collections.abc import Iterator

from nexoaudit.live.scriptview import (
    CLIENTS,
    DUMPS,
    SENDERS,
    UNPACKERS,
    Pipeline,
    Step,
    View,
    packs,
    unpacks,
)
from nexoaudit.model.timetable import Fault

_COPIERS = SENDERS | {"rsync", "cp", "gpg", "zip", "7z", "mysqlbinlog", "mariadb-binlog"}
_BACKERS = frozenset({"mariabackup", "mariadb-backup", "xtrabackup", "restic", "borg"})
_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "b2sum"})
_SUCCESS = re.compile(
    r"(?i)\b(complete[d]?|success(ful|fully)?|passed|finished|succeeded|done|ok|correctamente)\b"
)
_FAILURE = re.compile(r"(?i)\bfail(ed|ure)?\b|\berror\b")
_NAMED = frozenset({"script.removes_anyway"})
_LEAVES = frozenset({"exit", "return", "false", "kill", "die", "break", "continue"})


def recognise(view: View) -> Iterator[Fault]:
    """Yield lost statuses, and what the script does as if all had gone well."""
    since: dict[str, int] = {}
    for number, pipeline in enumerate(view.pipelines):
        if pipeline.last.command.inner:
            continue
        fault = _lost(view, number, pipeline)
        if fault is not None:
            since.setdefault(pipeline.last.command.function, fault.line)
            yield fault
    for function, line in since.items():
        yield from _regardless(view, function, line)
    yield from _completed_after_failure(view)


def is_check(step: Step) -> bool:
    """Return whether a command verifies a file."""
    if step.name in _SUMS:
        return step.has("-c", "--check") or step.letter("c")
    return step.name in {"gzip", "xz", "bzip2", "zstd"} and (step.letter("t") or step.has("--test"))


def makes(step: Step) -> bool:
    """Return whether a command makes, copies or brings back a backup."""
    return step.name in DUMPS | _COPIERS | _BACKERS or packs(step) or unpacks(step)


def _lost(view: View, number: int, pipeline: Pipeline) -> Fault | None:
    """Return the fault of a pipeline whose failure is not noticed."""
    weighty = [step for step in pipeline.steps if makes(step) or is_check(step)]
    loads = pipeline.last.name in CLIENTS and pipeline.steps[0].name in UNPACKERS
    if not weighty and not loads:
        return None
    first = weighty[0] if weighty else pipeline.steps[0]
    after = _after(view, number)
    hidden = len(pipeline.steps) > 1 and (first is not pipeline.last)
    if hidden and not view.option("pipefail", "", first.line) and "PIPESTATUS" not in after:
        return Fault("script.pipe_status", first.line, first.name)
    if _heeded(view, pipeline, after):
        return None
    return Fault("script.unchecked", first.line, first.name)


def _heeded(view: View, pipeline: Pipeline, after: str) -> bool:
    command = pipeline.last.command
    if any(step.command.tested for step in pipeline.steps) or command.after in {"&&", "||"}:
        return True
    if view.option("errexit", "e", pipeline.last.line) or "$?" in after or "PIPESTATUS" in after:
        return True
    if any(step.name == "trap" and "ERR" in step.words for step in view.steps):
        return True
    if command.function:
        return pipeline.last is _last_of(view, command.function)
    return bool(view.main) and pipeline.last is _ending(view)


def _after(view: View, number: int) -> str:
    """Return the words of the command that follows a pipeline."""
    for pipeline in view.pipelines[number + 1 :]:
        if not pipeline.last.command.inner:
            return " ".join(pipeline.steps[0].command.words)
    return ""


def _last_of(view: View, function: str) -> Step | None:
    own = [s for s in view.steps if s.command.function == function and not s.command.keyword]
    return own[-1] if own else None


def _ending(view: View) -> Step | None:
    """Return the command whose status is the script's."""
    real = [step for step in view.main if step.command.keyword in {"", "fi", "done"}]
    return real[-1] if real and not real[-1].command.keyword else None


def _regardless(view: View, function: str, since: int) -> Iterator[Fault]:
    """Yield what is done after a failure that was not noticed, in the same body of commands."""
    ending = _ending(view)
    for step in view.steps:
        own = step.command.function == function and not step.command.inner
        if not own or step.line <= since or step.command.before == "||":
            continue
        code = _acts(step)
        if code:
            yield Fault(code, step.line, " ".join(step.operands[:1]) if code in _NAMED else "")
        elif _says(view, step, _SUCCESS):
            yield Fault("script.exits_zero" if step is ending else "script.says_success", step.line)
        elif step is ending and step.name == "exit" and step.words[:1] in {(), ("0",)}:
            yield Fault("script.exits_zero", step.line)


def _acts(step: Step) -> str:
    """Return the fault of a command that trusts in what was made before; "" for any other."""
    if step.name in _SUMS and not is_check(step) and _writes(step):
        return "script.digest_anyway"
    if step.name == "find" and ("-delete" in step.words or "rm" in step.words):
        return "script.prunes_anyway"
    if step.name == "rm" and not any("/tmp/" in w for w in step.operands):  # noqa: S108 - looked for
        return "script.removes_anyway"
    dropped = [word.upper() for word in step.words if "DROP DATABASE" in word.upper()]
    if step.name in CLIENTS and dropped and "TEST" not in dropped[0]:
        return "script.drops_anyway"
    return ""


def _writes(step: Step) -> bool:
    return any(">" in redirect and "/dev/" not in redirect for redirect in step.redirects)


def _says(view: View, step: Step, pattern: re.Pattern[str]) -> bool:
    return step.name in view.sayers and pattern.search(" ".join(step.words)) is not None


def _completed_after_failure(view: View) -> Iterator[Fault]:
    """Yield messages of failure in an `else` after which the script goes on to report success."""
    steps = view.main
    for number, step in enumerate(steps):
        if step.command.keyword != "else":
            continue
        branch, rest = _branch(steps, number + 1)
        told = [item for item in branch if _says(view, item, _FAILURE)]
        left = any(
            item.name in _LEAVES or "=" in "".join(item.command.words[:1]) for item in branch
        )
        if told and not left and any(_says(view, item, _SUCCESS) for item in rest):
            yield Fault("script.completes_anyway", told[0].line, told[0].name)


def _branch(steps: tuple[Step, ...], start: int) -> tuple[list[Step], tuple[Step, ...]]:
    """Return the commands up to the `fi` of this level, and what follows all of it."""
    depth = 0
    for number in range(start, len(steps)):
        keyword = steps[number].command.keyword
        depth += keyword == "if"
        if keyword == "fi":
            if depth == 0:
                return list(steps[start:number]), steps[number + 1 :]
            depth -= 1
    return list(steps[start:]), ()
