"""What the system's ssh says when something is wrong, as one sentence that says what to do."""

import re
from typing import NamedTuple

from nexoaudit.errors import LocationError

CONNECTION = 255
"""The exit code of ssh itself; any other is that of the command over there."""


NO_SUBSYSTEM = "subsystem request failed"


class _Fault(NamedTuple):
    said: str
    """A regular expression; its first group, if any, is `{0}` in the sentence."""
    reason: str
    sentence: str


_CHANGED = (
    "the key of {host} is not the one that known_hosts has: somebody may sit in between, or the"
    " host was set up anew. It shows {fingerprint}; compare that with `ssh-keygen -lf` on its own"
    " console before you remove the old key from {file}"
)
_UNKNOWN = (
    "no key of {host} is known: get its fingerprint from its own console, then connect once by"
    " `ssh {host}` as the user who runs nexoaudit and compare"
)
_FAULTS = (
    _Fault("REMOTE HOST IDENTIFICATION HAS CHANGED", "location.host_key", _CHANGED),
    _Fault(
        "REVOKED HOST KEY|marked as revoked",
        "location.host_key",
        "the key of {host} is revoked in known_hosts: do not send anything there until its"
        " administrator has given it a new one",
    ),
    _Fault(r"No \S+ host key is known", "location.host_key", _UNKNOWN),
    _Fault("Host key verification failed", "location.host_key", _UNKNOWN),
    _Fault(
        r"(Permissions \S+ for \S+ are too open)",
        "location.refused",
        "ssh does not use the key for {host}: {0}; set its mode to 0600",
    ),
    _Fault(
        r"Permission denied|Too many authentication failures|Authentication failed",
        "location.refused",
        "{host} refused the login: see that the public key that nexoaudit uses is in its"
        " authorized_keys, and that the user who runs nexoaudit can read the private one",
    ),
    _Fault(
        NO_SUBSYSTEM,
        "location.refused",
        "{host} allows no sftp for this key: allow it in its sshd_config, or set access to"
        " `command` and install the forced command",
    ),
    _Fault(
        r"([Cc]ould not resolve hostname[^\n]*)",
        "location.unreachable",
        "{host} was not found: {0}; see HostName in ssh_config and the name server",
    ),
    _Fault(
        r"timed out|Timeout, server",
        "location.timeout",
        "{host} does not answer: see whether it is up and whether a firewall lets ssh pass",
    ),
    _Fault(
        r"(Connection refused|No route to host|Network is unreachable|Host is down)",
        "location.unreachable",
        "{host} is not to be reached ({0}): see whether its sshd runs and whether a firewall lets"
        " ssh pass",
    ),
    _Fault(
        r"(Unable to negotiate with[^\n]*)",
        "location.unreachable",
        "{host} and this ssh have no algorithm in common: {0}",
    ),
    _Fault(
        r"(Bad configuration option[^\n]*|Bad owner or permissions on[^\n]*|[Cc]an't open user"
        r" config[^\n]*|terminating, \d+ bad configuration options)",
        "location.unreachable",
        "ssh refuses its own configuration: {0}",
    ),
    _Fault(
        r"(kex_exchange_identification[^\n]*|Connection (?:closed|reset) by[^\n]*)",
        "location.unreachable",
        "{host} ended the connection before the login ({0}): see its sshd's log",
    ),
)
_CUT = "the connection to {host} broke off half-way: see the network and try again"


def ssh_fault(host: str, said: str, *, begun: bool) -> LocationError:
    """Return the error that ssh's own words stand for.

    `host` is its name in ssh_config, `said` what ssh wrote to standard error, and `begun` whether
    the host had let us in before.
    """
    lines = [line for line in said.splitlines() if not line.startswith("debug")]
    text = "\n".join(lines)
    if begun:
        return LocationError("location.cut", _CUT.format(host=host))
    for fault in _FAULTS:
        found = re.search(fault.said, text)
        if found is not None:
            told = fault.sentence.format(
                *(group.strip().rstrip(".") for group in found.groups() if group),
                host=host,
                fingerprint=_first(r"(SHA256:[A-Za-z0-9+/]+)", text, "another key"),
                file=_first(r"Offending \S+ key in (\S+)", text, "known_hosts"),
            )
            return LocationError(fault.reason, told)
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it did not say why")
    return LocationError("location.unreachable", f"ssh did not reach {host}: {last[:200]}")


def _first(pattern: str, text: str, otherwise: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else otherwise
