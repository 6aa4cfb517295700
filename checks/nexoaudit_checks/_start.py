"""Where every check begins and ends: whatever happens in between, one answer comes out."""

import gc
import os
import sys
from datetime import datetime
from importlib import import_module

from nexoaudit_checks import _deadline
from nexoaudit_checks._output import Answer, unknown, write
from nexoaudit_checks._spec import Check

_TIMEOUT_S = 8
"""Until the command line has been read, which may set another."""


def start(check: Check, argv: list[str] | None, now: datetime | None) -> int:
    """Run a check, write its answer and return its exit code.

    Without `argv` it takes the command line, and the process is its own: a deadline ends it, and
    it ends without tidying up, which would cost a fifth of its time. `now` is the clock's by
    default and must have a zone.
    """
    if argv is not None:
        answer = _guarded(check, argv, now, own=False)
        write(answer)
        return answer.code
    gc.disable()
    _deadline.arm(check.name, _TIMEOUT_S)
    answer = _guarded(check, sys.argv[1:], now, own=True)
    _deadline.claim()
    write(answer)
    os._exit(answer.code)


def _guarded(check: Check, argv: list[str], now: datetime | None, *, own: bool) -> Answer:
    try:
        # Loaded here, so that a missing library is an answer as well.
        answer: Answer = import_module("nexoaudit_checks._run").run(check, argv, now, own=own)
    except ImportError as error:
        return unknown(check.name, f"this installation is not complete: {error}")
    except BaseException as error:  # noqa: BLE001 - a check never ends with a traceback
        return unknown(check.name, f"internal error: {type(error).__name__}: {error}")
    return answer
