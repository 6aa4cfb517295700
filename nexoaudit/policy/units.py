"""Values as an administrator writes them: durations, windows and ids."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST_S = 100 * 366 * 86400
"""What lies further back or ahead, the calendar of the machine may not hold."""
_DURATION = re.compile(r"(\d{1,9})([smhdw])")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_BYTES |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_MOST_BYTES = 1 << 53
_SIZE = re.compile(rf"(\d{{1,9}}) ?({'|'.join(_BYTES)})")
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_ID = re.compile(r"[a-z0-9_-]+")


def parse_duration(text: str) -> int:
    """Return the seconds of `90s`, `15m`, `25h`, `7d` or `4w`; raise ValueError otherwise."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError('a duration such as "90s", "15m", "25h", "7d" or "4w"')
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST_S:
        raise ValueError("a duration of at most a hundred years")
    return seconds


def parse_size(text: str) -> int:
    """Return the bytes of `500MB`, `100GB`, `2TB` or `93GiB`; raise ValueError otherwise.

    A size beyond what canonical JSON can hold exactly, nine thousand TB, is an error as well.
    """
    match = _SIZE.fullmatch(text)
    size = int(match[1]) * _BYTES[match[2]] if match is not None else 0
    if match is None or size >= _MOST_BYTES:
        raise ValueError('a size such as "500MB", "100GB", "2TB" or "93GiB"')
    return size


def is_window(text: str) -> bool:
    """Return whether `text` is a daily window such as `02:00-04:30`."""
    return _WINDOW.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Return whether `text` can name a component, series, location or scenario."""
    return _ID.fullmatch(text) is not None
