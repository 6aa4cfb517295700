"""Known faults of backup scripts: recognised by how a script is written, never by running it."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from nexoaudit.formats.secrets import redacted
from nexoaudit.formats.shell import Script
from nexoaudit.live import dumpfaults, filefaults, remotefaults, statusfaults
from nexoaudit.live.scriptview import View
from nexoaudit.model.timetable import Fault

Recogniser = Callable[[View], Iterator[Fault]]
Missing = Callable[[str], bool]
"""Returns whether a path, or every match of a glob, is certainly not there."""

_MOST = 100
_LONGEST = 200

RECOGNISERS: tuple[Recogniser, ...] = (
    statusfaults.recognise,
    dumpfaults.recognise,
    filefaults.recognise,
    remotefaults.recognise,
)


def recognise(script: Script, mode: int, missing: Missing) -> tuple[Fault, ...]:
    """Return the faults of a script, in the order of its lines, each once.

    `mode` is the file's: it says who may read a password that the script holds.
    """
    view = View(script)
    look: list[Recogniser] = [
        *RECOGNISERS,
        partial(dumpfaults.passwords, mode=mode),
        partial(filefaults.absent_paths, missing=missing),
    ]
    found = {
        Fault(fault.code, fault.line, redacted(fault.detail)[:_LONGEST])
        for recogniser in look
        for fault in islice(recogniser(view), _MOST)
    }
    if not script.complete:
        last = max((command.line for command in script.commands), default=1)
        found.add(Fault("script.not_followed", last))
    return tuple(sorted(found, key=lambda fault: (fault.line, fault.code, fault.detail))[:_MOST])
