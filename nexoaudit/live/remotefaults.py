"""Faults of transfers, encryption and test restores."""

import re
from collections.abc import Iterator

from nexoaudit.live.scriptview import CLIENTS, UNPACKERS, Pipeline, Step, View, is_remote, unpacks
from nexoaudit.model.timetable import Fault

_COUNTED = re.compile(r"(?i)\bcount\(|\bwc -l")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_TESTS = frozenset({"[", "[[", "test", "grep", "diff", "cmp", "awk", "bc"})


def recognise(view: View) -> Iterator[Fault]:
    """Yield transfers that carry a loss on, keys beside the data, and tests that test nothing."""
    for step in view.steps:
        if _mirrors(step) and not _guarded(view, step):
            yield Fault("script.mirrors_deletion", step.line, step.name)
        if _passphrase(step):
            yield Fault("script.passphrase_here", step.line, step.name)
    restored = False
    for pipeline in view.pipelines:
        if _loads(pipeline):
            restored = True
            if any("test" in word.lower() for word in pipeline.last.operands):
                yield Fault("script.tests_here", pipeline.steps[0].line, pipeline.last.name)
    if restored or any(unpacks(step) for step in view.steps):
        yield from _compares_nothing(view)


def _mirrors(step: Step) -> bool:
    """Tell whether a command deletes elsewhere what is no longer here."""
    if step.name == "rsync":
        deletes = any(re.match(r"--del(ete)?(-|$)", word) for word in step.words)
        kept = step.has("--max-delete", "--backup", "--backup-dir", "-b")
        return deletes and not kept and any(map(is_remote, step.operands))
    if step.name == "aws":
        return step.words[:2] == ("s3", "sync") and step.has("--delete")
    if step.name == "rclone":
        return step.words[:1] == ("sync",) and not step.has("--backup-dir", "--max-delete")
    return step.name == "s3cmd" and step.has("--delete-removed")


def _guarded(view: View, step: Step) -> bool:
    """Tell whether the script looks first whether there is anything to copy."""
    source = next((word for word in step.operands if word.startswith("/")), "").rstrip("/")
    if not source:
        return False
    for pipeline in view.pipelines:
        if pipeline.last.line >= step.line:
            break
        about = any(source in " ".join(item.words) for item in pipeline.steps)
        first, last = pipeline.steps[0], pipeline.last
        tested = last.name == "grep" or (
            last.name in {"[", "[[", "test"} and not {"-d", "-e"} & set(last.words)
        )
        if first.name == "mountpoint" or (about and tested):
            return True
    return False


def _passphrase(step: Step) -> bool:
    if step.name == "gpg":
        return step.has("--passphrase-file", "--passphrase") and (
            step.has("--symmetric") or step.letter("c")
        )
    return step.name == "openssl" and any(
        word.startswith(("file:", "pass:")) or word == "-kfile" for word in step.words
    )


def _loads(pipeline: Pipeline) -> bool:
    return (
        len(pipeline.steps) > 1
        and pipeline.last.name in CLIENTS
        and pipeline.steps[0].name in UNPACKERS
    )


def _compares_nothing(view: View) -> Iterator[Fault]:
    """Find counts after a restore that are printed, and compared with nothing."""
    counted: dict[str, int] = {}
    for step in view.steps:
        for word in step.command.words:
            match = _ASSIGNED.match(word)
            if match is not None and _COUNTED.search(word):
                counted.setdefault(match[1], step.line)
    if not counted:
        return
    for step in view.steps:
        if step.name in _TESTS or step.name.startswith("(("):
            text = " ".join(step.command.words)
            if any(re.search(rf"\b{name}\b", text) for name in counted):
                return
    yield Fault("script.compares_nothing", min(counted.values()), ", ".join(counted))
