"""Shuts itself in and runs one command: a program of its own, started by `cell`.

It needs nothing but the standard library, so that it starts at once. Its one argument is a JSON
object: `command`, an argument list; `rooms`, the directories that may be written to; `hidden`,
directories and sockets that must not be seen. Everything else is read-only, the only network is a
loopback of its own, no other process is in reach, and all that the command starts dies with it.
It exits as the command does, or with `REFUSED` when it could not be shut in.
"""

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from typing import Any

REFUSED = 125
"""The exit code when nothing was run; the reason is on standard error, after `PREFIX`."""
PREFIX = "jail: "

_NEW_NS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
_MOUNT_SETATTR, _AT_RECURSIVE = 442, 0x8000
_PR_SET_PDEATHSIG = 1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_MEMORY, _FILE = 4 << 30, 1 << 30

_libc = ctypes.CDLL(None, use_errno=True)


def main(spec: dict[str, Any]) -> int:
    """Run the command and return its exit code."""
    parent = os.getppid()
    _separate(os.geteuid(), os.getegid())
    _die_with_parent()
    if os.getppid() != parent:
        return REFUSED
    _close_off(spec["rooms"], spec["hidden"])
    _raise_loopback()
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_AS, _MEMORY),
    ):
        resource.setrlimit(kind, (most, most))
    alive, ours = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        os.write(ours, b".")
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(ours)
    _die_with_parent()
    if not os.read(alive, 1):  # it died before it could be noticed
        return REFUSED
    _hide_processes()
    return os.execv(spec["command"][0], spec["command"])  # noqa: S606 - that is what it is for


def _separate(uid: int, gid: int) -> None:
    """Leave all that is shared with others; whoever is not root becomes the only user there is."""
    flags = _NEW_NS | _NEW_IPC | _NEW_PID | _NEW_NET | (_NEW_USER if uid else 0)
    _check(_libc.unshare(flags), "namespaces of its own are refused")
    if uid:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(text)


def _close_off(rooms: list[str], hidden: list[str]) -> None:
    """Make everything but the rooms read-only, and hide what is to be hidden."""
    _mount("none", "/", "", _REC | _PRIVATE)
    for room in rooms:
        _mount(room, room, "", _BIND)
    for path in hidden:
        if os.path.isdir(path):  # noqa: PTH112
            _mount("none", path, "tmpfs", _NOSUID | _NODEV | _NOEXEC, "size=4k,mode=555")
        elif os.path.exists(path):  # noqa: PTH110
            _mount("/dev/null", path, "", _BIND)
    _attributes("/", _AT_RECURSIVE, on=_RDONLY | _NOSUID)
    for room in rooms:
        _attributes(room, 0, on=_NOSUID | _NODEV, off=_RDONLY)


def _hide_processes() -> None:
    """Show only what was started here; nothing, where the kernel does not allow that."""
    try:
        _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    except OSError:
        _mount("none", "/proc", "tmpfs", _NOSUID | _NODEV | _NOEXEC | _RDONLY, "size=4k")


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        request = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(opened, _SIOCGIFFLAGS, request))
        fcntl.ioctl(opened, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _die_with_parent() -> None:
    _check(_libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "prctl")


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    done = _libc.mount(
        source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), data.encode()
    )
    _check(done, f"{target} cannot be closed off")


def _attributes(path: str, flags: int, *, on: int, off: int = 0) -> None:
    wanted = struct.pack("QQQQ", on, off, 0, 0)
    done = _libc.syscall(_MOUNT_SETATTR, -1, os.fsencode(path), flags, wanted, len(wanted))
    _check(done, f"{path} cannot be made read-only (Linux 5.12 can)")


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        code = main(json.loads(sys.argv[1]))
    except OSError as error:
        sys.stderr.write(f"{PREFIX}{error.strerror or error}\n")
        code = REFUSED
    sys.exit(code if code >= 0 else 128 - code)
