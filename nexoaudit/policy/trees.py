"""Trees in a starting configuration: a component for each series of generations."""

from collections.abc import Iterator

from nexoaudit.policy.found import FoundGroup, Starter
from nexoaudit.policy.guide import TREES
from nexoaudit.policy.infer import inferred_schedule
from nexoaudit.policy.section import expected
from nexoaudit.policy.toml import text, texts

_ROUND = 5
_LEAST_DAYS = 2


def is_tree(group: FoundGroup) -> bool:
    """Return whether a group is of trees: its pattern ends in a slash."""
    return group.pattern.endswith("/")


def trees(site: Starter) -> Iterator[str]:
    """Yield the lines of a component for each group of trees; nothing when there is none."""
    for number, group in enumerate(filter(is_tree, site.groups)):
        name = "incremental" if not number else f"incremental-{number + 1}"
        yield f"# {TREES.title}"
        yield from (f"# {note}" for note in TREES.notes)
        yield f"[component.{name}]"
        yield f"kind = {text(TREES.kind)}"
        yield f"schedule = {text(_schedule(group))}"
        yield f"grace = {text(TREES.grace)}   # the job's usual run time included"
        if group.times:
            yield f"since = {group.times[0].date().isoformat()}"
        yield f"[[component.{name}.series]]   # generations found: {group.files}"
        yield 'id = "incremental"'
        yield f"pattern = {text(group.pattern)}   # the slash at its end: each is a tree"
        yield f"keep = {text(f'{max(_LEAST_DAYS, group.files)}d')}"
        yield f"locations = {texts(['local', 'offsite'] if site.offsite else ['local'])}"
        yield from expected(site, TREES, name)
        yield ""


def _schedule(group: FoundGroup) -> str:
    """Return the schedule that the generations follow, or one of the newest one's time of day."""
    if not group.times:
        return TREES.schedule
    if (inferred := inferred_schedule(group.times)) and group.timed:
        return inferred
    newest = group.times[-1]
    return f"{newest.minute - newest.minute % _ROUND} {newest.hour} * * *"
