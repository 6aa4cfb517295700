"""Which machine this is, in the tokens by which a location is told from another."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nexoaudit.locations import identity

_LOCAL = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")
_MACHINE_IDS = ("etc/machine-id", "var/lib/dbus/machine-id")


def observe_here(root: Path = Path("/")) -> tuple[str, ...]:
    """Return the tokens of this machine, sorted: `hostkey:`, `address:`, `network:`, `machine:`.

    They are written as in `Store.identity`, so that a location that shares one lies on this machine
    or in its network; its loopback addresses are among them. What cannot be read is left out.
    `root` is where the system's files are.
    """
    return tuple(sorted(set(_tokens(root))))


def _tokens(root: Path) -> Iterator[str]:
    for key in sorted(root.glob("etc/ssh/ssh_host_*_key.pub")):
        yield from identity.host_key(_read(key))
    for name in _MACHINE_IDS:
        found = identity.machine(_read(root / name))
        yield from found
        if found:
            break
    for address in _LOCAL.findall(_read(root / "proc/net/fib_trie")):
        yield from identity.addresses(address)
    for line in _read(root / "proc/net/if_inet6").splitlines():
        digits = line.partition(" ")[0]
        yield from identity.addresses(":".join(re.findall("....", digits)))


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""
