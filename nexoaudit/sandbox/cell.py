"""Where a command of the site's owner runs that deals with restored data.

It may write to the restored data alone, and reaches no network but a loopback of its own, no other
process, and no server of this machine: restored settings name the production server, and a socket
is no network.
"""

import json
import os
import selectors
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from nexoaudit import process
from nexoaudit.errors import SandboxError
from nexoaudit.process import Account
from nexoaudit.sandbox import jail

KEPT = 1 << 20
"""How much is kept of what a command says; the rest is read and dropped."""

_ALWAYS_HIDDEN = ("/run", "/var/run")
_SOCKETS = Path("/proc/net/unix")
_LISTENS = 0x10000
_BLOCK = 1 << 16


class IsolationError(SandboxError):
    """The kernel does not allow the command to be shut in: it was not run."""


class Said(NamedTuple):
    """How a command ended."""

    code: int | None
    """Its exit code; None: it was stopped, for it took too long."""
    output: bytes
    errors: bytes
    took_ms: int


def run(
    command: Sequence[str],
    *,
    account: Account | None,
    rooms: Sequence[Path],
    servers: Sequence[Path] = (),
    env: Mapping[str, str],
    deadline_s: float,
) -> Said:
    """Run `command` as `account` (None: as ourselves), shut in, for `deadline_s` seconds at most.

    It may write below `rooms`, reach the sockets in the directories `servers`, and sees `env` and
    nothing else of our environment. What it starts ends with it. Raise IsolationError when it
    cannot be shut in, ToolError when it cannot be started at all.
    """
    dropped = process.guarded([*process.POLITE, *command], account)
    inside = [process.find(dropped[0], "util-linux"), *dropped[1:]]
    spec = {
        "command": inside,
        "rooms": [str(room) for room in rooms],
        "hidden": list(hidden([*rooms, *servers])),
    }
    begin = time.monotonic()
    handle = process.start(
        process.guarded([sys.executable, "-I", "-S", jail.__file__, json.dumps(spec)]),
        env=env,
        cwd=rooms[0],
        stdout=process.PIPE,
        stderr=process.PIPE,
    )
    try:
        output, errors = _listen(handle, begin + deadline_s)
        code = process.ended(handle, begin + deadline_s - time.monotonic())
    finally:
        process.stop(handle)
    said = errors.decode(errors="replace")
    if code == jail.REFUSED and said.startswith(jail.PREFIX):
        raise IsolationError(said.removeprefix(jail.PREFIX).strip())
    return Said(code, output, errors, round((time.monotonic() - begin) * 1000))


def hidden(rooms: Sequence[Path]) -> Iterator[str]:
    """Yield the directories in which servers of this machine listen, and `/run`.

    Where a room lies in such a directory, or everybody has files in it as in `/tmp`, the sockets in
    it one by one.
    """
    kept = [str(room.resolve()) for room in rooms]
    seen = set()
    for directory in _ALWAYS_HIDDEN:
        if not _has_one(directory, kept):
            seen.add(os.path.realpath(directory))
    for path in _listening():
        directory = os.path.realpath(os.path.dirname(path))  # noqa: PTH120
        if any(_is_within(directory, room) for room in kept):
            continue  # a server of the sandbox itself
        if not any(_is_within(directory, other) for other in seen):
            alone = _has_one(directory, kept) or _is_shared(directory)
            seen.add(path if alone else directory)
    yield from sorted(seen)


def _listening() -> Iterator[str]:
    """Yield the path of each socket that a server of this machine listens at."""
    try:
        lines = _SOCKETS.read_text("utf-8", errors="surrogateescape").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split(maxsplit=7)
        if len(fields) == 8 and int(fields[3], 16) & _LISTENS and fields[7].startswith("/"):
            yield fields[7]


def _is_shared(directory: str) -> bool:
    try:
        return bool(os.stat(directory).st_mode & stat.S_ISVTX)  # noqa: PTH116 - of any text
    except OSError:
        return False


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _has_one(directory: str, rooms: Sequence[str]) -> bool:
    return any(_is_within(room, os.path.realpath(directory)) for room in rooms)


def _listen(handle: process.Handle, until: float) -> tuple[bytes, bytes]:
    """Return the beginnings of what a program says, until it says no more or time is over."""
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((handle.stdout, output), (handle.stderr, errors)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, kept)
        while selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                block = os.read(key.fd, _BLOCK)
                key.data.extend(block[: KEPT - len(key.data)])
                if not block:
                    selector.unregister(key.fileobj)
    return bytes(output), bytes(errors)
