"""Typed facts: what a verdict is about, in units that `wording` knows how to write."""

from collections.abc import Mapping


class Moment(int):
    """Milliseconds since 1970-01-01T00:00:00Z."""


class Span(int):
    """A duration in milliseconds."""


class Size(int):
    """A number of bytes."""


Fact = str | int
"""A name, a count, or one of `Moment`, `Span` and `Size`."""

Facts = Mapping[str, Fact]
