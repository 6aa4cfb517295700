"""The table of transports: which kind of location is reached by what."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module

from nexoaudit.errors import LocationError
from nexoaudit.locations.transport import Transport
from nexoaudit.model.location import Location

_TRANSPORTS = {
    "s3": "nexoaudit.locations.s3:S3Transport",
    "ssh": "nexoaudit.locations.ssh:SshTransport",
}
"""Named, not imported: a site without buckets never loads what speaks to them."""


@contextmanager
def open_transport(location: Location, *, deadline_s: float) -> Iterator[Transport]:
    """Give the way to a location, each call of which takes at most `deadline_s` seconds.

    Raise LocationError when there is none, SecretError when others may read its credentials.
    """
    if location.kind not in _TRANSPORTS:
        said = f"location {location.id} is of kind {location.kind}, which nothing can look at"
        raise LocationError("location.unreadable", said)
    module, _, name = _TRANSPORTS[location.kind].partition(":")
    make: Callable[..., Transport] = getattr(import_module(module), name)
    with closing(make(location, deadline_s=deadline_s)) as transport:
        yield transport
