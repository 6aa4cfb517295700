"""The table of transports."""

import subprocess
import sys

import pytest

from nexoaudit.errors import LocationError
from nexoaudit.locations import open as table
from nexoaudit.locations.open import open_transport
from nexoaudit.model.location import PLACES, Location


@pytest.mark.parametrize("kind", ["path", "attested"])
def test_what_nothing_can_look_at(kind):
    with (
        pytest.raises(LocationError, match=f"shelf is of kind {kind}"),
        open_transport(Location("shelf", kind=kind), deadline_s=1),
    ):
        pass


def test_every_place_elsewhere_has_a_transport():
    elsewhere = {kind for kind in PLACES if Location("l", kind=kind).remote}
    assert set(table._TRANSPORTS) == elsewhere


def test_a_site_without_buckets_loads_nothing_that_speaks_to_them():
    program = (
        "import sys, nexoaudit.locations.open;"
        "print([name for name in ('botocore', 'urllib3', 'awscrt') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_another_kind_is_one_row(monkeypatch):
    monkeypatch.setitem(table._TRANSPORTS, "azure", "test_open_support:Made")
    monkeypatch.setitem(sys.modules, "test_open_support", sys.modules[__name__])
    with open_transport(Location("blob", kind="azure"), deadline_s=7) as transport:
        assert (transport.location.id, transport.deadline_s) == ("blob", 7)
    assert transport.closed


class Made:
    """A transport that remembers how it was made."""

    def __init__(self, location, *, deadline_s):
        self.location = location
        self.deadline_s = deadline_s
        self.closed = False

    def close(self):
        self.closed = True
