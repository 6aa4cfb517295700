"""Values as an administrator writes them: durations, windows and ids."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,9})([smhdw])")
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_ID = re.compile(r"[a-z0-9_-]+")


def parse_duration(text: str) -> int:
    """Return the seconds of `90s`, `15m`, `25h`, `7d` or `4w`; raise ValueError otherwise."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError('a duration such as "90s", "15m", "25h", "7d" or "4w"')
    return int(match[1]) * _SECONDS[match[2]]


def is_window(text: str) -> bool:
    """Return whether `text` is a daily window such as `02:00-04:30`."""
    return _WINDOW.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Return whether `text` can name a component, series, location or scenario."""
    return _ID.fullmatch(text) is not None
