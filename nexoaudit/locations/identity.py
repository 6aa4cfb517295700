"""Tokens that tell one place from every other, whatever it is called; see `Store.identity`."""

import base64
import binascii
import hashlib
import ipaddress
import re

_MACHINE = re.compile("[0-9a-f]{32}")


def addresses(told: str) -> tuple[str, ...]:
    """Return the tokens of one address, `address:` and `network:` (its /24 or /64).

    None of what is no address, none of one that is the same on every machine's own link, and no
    network of a loopback address.
    """
    address = _parsed(told)
    if address is None or address.is_link_local or address.is_unspecified:
        return ()
    if address.is_loopback:  # all of 127.0.0.0/8 is one machine
        return (f"address:{'127.0.0.1' if address.version == 4 else address}",)
    bits = 24 if address.version == 4 else 64
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    return f"address:{address}", f"network:{network}"


def public_addresses(told: str) -> tuple[str, ...]:
    """Return the tokens of an address that means the same place wherever it was seen, else none."""
    address = _parsed(told)
    return addresses(told) if address is not None and address.is_global else ()


def is_loopback(told: str) -> bool:
    """Return whether a connection to it ended on the machine that made it: perhaps in a tunnel."""
    address = _parsed(told)
    return address is not None and address.is_loopback


def machine(machine_id: str) -> tuple[str, ...]:
    """Return the token of a machine of this machine-id(5), hashed: the id itself is a secret."""
    told = machine_id.strip()
    if not _MACHINE.fullmatch(told):
        return ()
    return (f"machine:{hashlib.sha256(f'nexoaudit:{told}'.encode()).hexdigest()}",)


def host_key(public: str) -> tuple[str, ...]:
    """Return the token of a host key, from the line of its `.pub` file."""
    words = public.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error):
        return ()
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return (f"hostkey:SHA256:{digest}",)


def _parsed(told: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
