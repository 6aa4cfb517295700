"""What an archive holds, against what policy expects and against the last good one."""

from collections.abc import Collection, Iterator, Mapping

from nexoaudit.model.collapse import FEW
from nexoaudit.model.fact import Size
from nexoaudit.model.manifest import MEMBERS, Manifest, unwanted, wanted
from nexoaudit.model.policy import Component, Expect
from nexoaudit.model.verdict import Status
from nexoaudit.rules.counts import Compare, fewer
from nexoaudit.rules.finding import Finding, failed, listed, noted, warned

_FEW_GONE = 3
"""A name at the top with fewer files than this may go without a word: it is a file, not a tree."""
_UNWANTED = ("cache", "tmp", "temp", "sessions", "logs")
"""Names at the top whose files come and go."""
_NESTED = tuple(f"nested.{name}" for name in ("cache", "logs", "sessions", "temp", "tmp", "vendor"))
_NOTED = ("cache",)
"""What policy forbids and does no harm."""


def lacks(archive: Manifest, component: Component) -> list[Finding]:
    """Return what policy expects and this archive lacks, and what it should not hold."""
    facts, expect = archive.facts, component.expect
    looked = {wanted(path) for path in expect.paths} | {unwanted(path) for path in expect.forbidden}
    if not looked <= facts.keys():
        # It was read before policy asked for these: the next audit reads it again.
        return [Finding(Status.UNVERIFIED, "content.not_looked_for")]
    return [
        *_expected(facts, expect),
        *_unwanted(facts, expect),
        *_keys(facts, expect),
        *_hostile(facts, component.kind),
        *_secrets(facts),
    ]


def losses(kind: str) -> Compare:
    """Return what compares two archives of a component of that kind.

    Logs come and go: of them only the layout is compared.
    """

    def compare(now: Manifest, before: Manifest, unsteady: Collection[str]) -> list[Finding]:
        found = [*_layout(now, before), *_left_out(now, before), *_altered(now)]
        if kind != "logs":
            passing = {*unsteady, *_UNWANTED}
            steady = {name: n for name, n in before.counts.items() if name not in _UNWANTED}
            found += fewer(now, before._replace(counts=steady), passing, few=_FEW_GONE)
            found += _bytes(now, before, found)
        return found

    return compare


def _expected(facts: Mapping[str, str | int], expect: Expect) -> Iterator[Finding]:
    missing = [path for path in expect.paths if not facts[wanted(path)]]
    if missing:
        yield failed("content.paths_missing", names=listed(missing), count=len(missing))


def _keys(facts: Mapping[str, str | int], expect: Expect) -> Iterator[Finding]:
    """Find what opens the encrypted copies: who has this archive has them all."""
    inside = [path for path in expect.keys if facts.get(unwanted(path))]
    if inside:
        yield failed("content.key_inside", names=listed(inside), count=len(inside))


def _unwanted(facts: Mapping[str, str | int], expect: Expect) -> Iterator[Finding]:
    there = [path for path in expect.forbidden if facts[unwanted(path)]]
    harmless = [path for path in there if path.strip("/").partition("/")[0] in _NOTED]
    rest = [path for path in there if path not in harmless]
    for make, paths in ((warned, rest), (noted, harmless)):
        if paths:
            yield make("content.unwanted", names=listed(paths), count=len(paths))


def _hostile(facts: Mapping[str, str | int], kind: str) -> Iterator[Finding]:
    if count := int(facts.get("special", 0)):
        # The root of a system holds pipes and device nodes; a directory of uploads does not.
        make = failed if kind == "uploads" else noted
        yield make("content.special", count=count, name=str(facts.get("special.first", "")))
    if count := int(facts.get("hostile", 0)):
        yield failed("content.hostile", count=count, name=str(facts.get("hostile.first", "")))
    if count := int(facts.get("links_outside", 0)):
        yield noted("content.links_outside", count=count)


def _secrets(facts: Mapping[str, str | int]) -> Iterator[Finding]:
    if count := int(facts.get("open_secrets", 0)):
        name = str(facts.get("open_secrets.first", ""))
        yield warned("content.open_secret", count=count, name=name)


def _layout(now: Manifest, before: Manifest) -> Iterator[Finding]:
    """Find a top directory that came or went: a restore lands a level too deep, or too high."""
    has, had = (bool(item.facts.get("top_directory")) for item in (now, before))
    if has != had and now.counts.keys() & before.counts.keys():
        reason = "content.top_directory_new" if has else "content.top_directory_gone"
        yield warned(reason, name=str((now if has else before).facts["top_directory"]))


def _altered(now: Manifest) -> Iterator[Finding]:
    """Find members whose bytes are others than in an earlier archive, size and time the same."""
    if count := int(now.facts.get(f"{MEMBERS}altered", 0)):
        yield failed("content.altered", count=count, names=str(now.facts[f"{MEMBERS}names"]))


def _left_out(now: Manifest, before: Manifest) -> Iterator[Finding]:
    """Find directories inside the data that are named like excluded ones and are not there now."""
    for directory in _NESTED:
        if directory in before.facts and directory not in now.facts:
            name = str(before.facts[f"{directory}.first"])
            yield warned("content.left_out", before=before.facts[directory], name=name)


def _bytes(now: Manifest, before: Manifest, found: list[Finding]) -> Iterator[Finding]:
    if not found and before.total >= FEW and 2 * now.bytes < before.bytes:
        yield failed("content.size", size=Size(now.bytes), usual=Size(before.bytes))
