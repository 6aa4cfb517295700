"""One step of a runbook."""

from typing import NamedTuple

from nexoaudit.runbook.quoting import comment, shown


class Step(NamedTuple):
    """What to do, why, and the commands for it; none where only a person can."""

    title: str
    why: tuple[str, ...] = ()
    """Sentences."""
    commands: tuple[str, ...] = ()
    """Lines of bash."""

    def lines(self, number: int) -> list[str]:
        """Return the step as lines of the runbook."""
        head = f"# {number}. {shown(self.title)} "
        told = [line for text in self.why for line in comment(text)]
        return [head.ljust(98, "-"), *told, *self.commands, ""]
