"""Copies that vanished while they were still to be kept."""

from typing import NamedTuple


class Loss(NamedTuple):
    """What one series lost at one location in the last days."""

    copies: int
    first_ms: int
    """When the first of them was found gone."""
