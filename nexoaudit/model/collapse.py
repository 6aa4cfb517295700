"""When fewer rows than before are too few."""

FEW = 10
"""Below this many a fall to less than half says nothing."""


def is_collapsed(count: int, before: int) -> bool:
    """Return whether a count fell to less than half of what it was."""
    return before >= FEW and 2 * count < before
