"""Faults of archives, trees and files: what they miss, lose, overwrite or show to everybody."""

import re
from collections.abc import Callable, Iterator

from nexoaudit.live.scriptview import DUMPS, Pipeline, Step, View, is_remote, packs, unpacks
from nexoaudit.live.statusfaults import makes
from nexoaudit.model.timetable import Fault

_BINARY_LOGS = re.compile(r"(?:mysql|mariadb)-bin|binlog|-bin\.")
_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "b2sum"})
_HIDING = re.compile(r"(?:2|&)>>?\s*/dev/null")
_OPENING = re.compile(r"0?\d\d[4-7]|[ugoa]*[ao][+=]\w*r\w*")
_SHARED = re.compile(r"(?:/var)?/tmp/[^$`]*")
_WITH_VALUE = frozenset({"-C", "-f", "-T", "-X", "--exclude", "--directory", "--file"})


def recognise(view: View) -> Iterator[Fault]:
    """Yield every fault of this kind that can be told from the script alone."""
    for pipeline in view.pipelines:
        yield from _newest_by_time(pipeline)
        yield from _in_shared_place(view, pipeline)
    for step in view.steps:
        yield from _single(step)
    yield from _moves_into(view)
    yield from _too_deep(view)
    yield from _readable(view)


def absent_paths(view: View, *, missing: Callable[[str], bool]) -> Iterator[Fault]:
    """Yield the paths that an archive names and that do not exist."""
    for step in view.steps:
        if packs(step):
            for path in _packed(step):
                if path.startswith("/") and not re.search(r"[$`{]", path) and missing(path):
                    yield Fault("script.path_missing", step.line, path)


def _single(step: Step) -> Iterator[Fault]:
    """Yield what one command does wrong by itself."""
    if makes(step) and any(_HIDING.match(redirect) for redirect in step.redirects):
        yield Fault("script.hides_errors", step.line, step.name)
    if step.name == "rsync" or packs(step):
        loose = [pattern for pattern in _excludes(step) if _is_loose(pattern)]
        if loose:
            yield Fault("script.excludes_anywhere", step.line, ", ".join(loose))
    logs = any(_BINARY_LOGS.search(word) for word in step.operands)
    if step.name == "cp" and logs and not _keeps_times(step):
        yield Fault("script.renews_times", step.line, " ".join(step.operands))
    first = "".join(step.operands[:1])
    written = any(re.match(r"1?>", redirect) for redirect in step.redirects)
    if step.name in _SUMS and written and first.startswith("/"):
        yield Fault("script.absolute_sidecar", step.line, first)
    deep = step.letter("R") or step.has("--recursive")
    if step.name == "chmod" and deep and _OPENING.fullmatch(first):
        yield Fault("script.opens_modes", step.line, " ".join(step.words))


def _keeps_times(step: Step) -> bool:
    return step.letter("p") or step.letter("a") or step.has("--preserve", "--archive")


def _excludes(step: Step) -> Iterator[str]:
    for word, following in zip(step.words, (*step.words[1:], ""), strict=False):
        if word == "--exclude":
            yield following
        elif word.startswith("--exclude="):
            yield word.partition("=")[2]


def _is_loose(pattern: str) -> bool:
    """Tell whether a pattern names one directory, yet matches at every depth."""
    first = pattern.partition("/")[0]
    return bool(first) and not first.startswith((".", "$")) and not re.search(r"[*?\[]", first)


def _packed(step: Step) -> Iterator[str]:
    """Yield what a `tar` packs."""
    bundle = step.words[:1] and not step.words[0].startswith("-")
    skip = bool(bundle)
    for position, word in enumerate(step.words):
        if position == 0 and bundle:
            continue
        if skip:
            skip = False
        elif word in _WITH_VALUE or re.fullmatch(r"-[a-zA-Z]*f", word):
            skip = True
        elif not word.startswith("-"):
            yield word


def _newest_by_time(pipeline: Pipeline) -> Iterator[Fault]:
    names = [step.name for step in pipeline.steps]
    first = pipeline.steps[0]
    by_time = (first.name == "ls" and first.letter("t")) or (
        first.name == "find" and any("%T" in word for word in first.words)
    )
    for step in pipeline.steps[1:]:
        if by_time and step.name == "head" and re.search(r"-(n\s*)?1\b", " ".join(step.words)):
            yield Fault("script.newest_by_time", first.line, " | ".join(names))


def _in_shared_place(view: View, pipeline: Pipeline) -> Iterator[Fault]:
    """Find dumps and restored trees in a directory that everybody shares."""
    if any(step.name == "trap" and "EXIT" in step.words for step in view.steps):
        return
    for step in pipeline.steps:
        places = list(step.words) if unpacks(step) else []
        if pipeline.steps[0].name in DUMPS:
            places += [redirect.lstrip("0123456789&>") for redirect in step.redirects]
        for place in places:
            if _SHARED.match(place):
                yield Fault("script.leaves_in_tmp", step.line, place)


def _moves_into(view: View) -> Iterator[Fault]:
    """Find `mv current previous` where `previous` may be there: then it moves into it."""
    trees = {tree for step in view.steps if step.name == "rsync" for tree in _trees(step)}
    gone: set[str] = set()
    for step in view.steps:
        places = [word.rstrip("/") for word in step.operands]
        if step.name == "rm":
            gone.update(places)
        if step.name != "mv" or len(places) != 2:
            continue
        forced = step.letter("T") or step.has("--no-target-directory")
        if not forced and trees & set(places) and places[1] not in gone:
            yield Fault("script.moves_into", step.line, " ".join(step.operands))
        gone.add(places[0])


def _trees(step: Step) -> Iterator[str]:
    """Yield the trees that an `rsync` fills or links to."""
    for word in step.words:
        if word.startswith("--link-dest="):
            yield word.partition("=")[2].rstrip("/")
    yield from (word.rstrip("/") for word in step.operands[-1:])


def _too_deep(view: View) -> Iterator[Fault]:
    """Find a restore into the live tree of archives that have a directory of their own on top."""
    opened = {
        word.rstrip("/")
        for step in view.steps
        if step.name in {"chown", "chmod"}
        for word in step.operands[1:]
    }
    for step in view.steps:
        live = opened & {word.rstrip("/") for word in step.operands}
        if unpacks(step) and live and not step.has("--strip-components", "--strip"):
            yield Fault("script.restores_too_deep", step.line, " ".join(live))


def _readable(view: View) -> Iterator[Fault]:
    """Find scripts whose backups everybody may read."""
    written = [step for step in view.steps if _writes_backup(step)]
    if not written:
        return
    masks = [step for step in view.steps if step.name == "umask" and step.operands]
    if any(re.fullmatch(r"0*[0-7]{0,2}7|.*o=", step.operands[0]) for step in masks):
        return
    closed = (s for s in view.steps if s.name in {"chmod", "install"})
    if any(re.search(r"(?:^|\s)0?[67]\d0\b|o-rwx|o=", " ".join(step.words)) for step in closed):
        return
    yield Fault("script.no_umask", min(masks or written, key=lambda step: step.line).line)


def _writes_backup(step: Step) -> bool:
    if step.name in {"rsync", "cp"}:
        return bool(step.operands) and not any(map(is_remote, step.operands))
    return step.name in DUMPS or packs(step)
