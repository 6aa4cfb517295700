"""What a host says, by hand, and what we say of it."""

import pytest

from nexoaudit.errors import LocationError

GREETING = "cat >/dev/null; echo 'nexoaudit-remote 1'; "
TOP = "open\\000d 1 1.1234 1.1234 755 27 1 \\000"
ENTRY = "f 5 1700000000.1234567890 1700000000.1234567890 644 27 99 {}\\000"
"""Of a program that serves a tree, and of what it lists."""


def refusal(transport, call=lambda transport: list(transport.listing())):
    """Return the error of a call: its reason and its sentence."""
    with pytest.raises(LocationError) as error:
        call(transport)
    assert "\n" not in str(error.value)
    return error.value.reason, str(error.value)
