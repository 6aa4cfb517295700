"""Options of every command that records a person's word: who gives it, and the key that signs."""

import argparse
import os
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nexoaudit.auditor.statements import Pen
from nexoaudit.cli.main import Clock
from nexoaudit.errors import ConfigError
from nexoaudit.evidence import millis
from nexoaudit.policy.units import parse_duration

ENVIRONMENT = "NEXOAUDIT_SIGNING_KEY"
_LONGEST_S = 366 * 86400
"""Nobody can answer for longer."""


def add_signing(parser: argparse.ArgumentParser) -> None:
    """Add `--by` and `--sign`."""
    parser.add_argument(
        "--by",
        metavar="NAME",
        help="who says so; of a signed statement the signer, by default the one whose key it is",
    )
    parser.add_argument(
        "--sign",
        metavar="KEY",
        type=Path,
        help="your SSH key, or its public half when ssh-agent has the key"
        f" (default: ${ENVIRONMENT})",
    )


def pen_of(arguments: argparse.Namespace) -> Pen:
    """Return who makes the statement, and the key that signs it."""
    by: str = arguments.by or ""
    named = os.environ.get(ENVIRONMENT)
    key: Path | None = arguments.sign or (Path(named) if named else None)
    return Pen(by, None if key is None else key.expanduser())


def valid_until(text: str, clock: Clock) -> int:
    """Return when (ms) what is valid for the duration `text` from now on ends.

    Raise ConfigError for what is no duration, or one of more than a year.
    """
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ConfigError((f"--valid-for {text!r} is not {error}",)) from error
    if not 0 < seconds <= _LONGEST_S:
        raise ConfigError(("--valid-for is more than nothing, and a year at most",))
    return millis(clock()) + seconds * 1000


def end_of_day(text: str, zone: ZoneInfo, clock: Clock) -> int:
    """Return the last moment (ms) of the day `text`, as `2026-12-31`, on the site's clock.

    Raise ConfigError for what is no date, a day that is over, and one that is more than a year on.
    """
    day = _moment(text, zone, "--until").date()
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    now = clock()
    if not now < end <= now + timedelta(seconds=_LONGEST_S):
        raise ConfigError((f"--until {text}: a day to come, within a year",))
    return millis(end) - 1


def moment_ms(text: str | None, zone: ZoneInfo, option: str) -> int:
    """Return a date or a time on the site's clock, as `2026-11-01` or `2026-11-01T02:00`, in ms.

    0 for None; raise ConfigError for anything else.
    """
    return 0 if text is None else millis(_moment(text, zone, option))


def _moment(text: str, zone: ZoneInfo, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        said = f"{option} {text!r} is no date such as 2026-11-01 or 2026-11-01T02:00"
        raise ConfigError((said,)) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
