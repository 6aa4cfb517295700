"""Text that both monitoring systems keep as it is, and the one write of it."""

import os
from typing import NamedTuple

LINE_BYTES = 1021
"""Of the first line; with its newline it is under the 1,023 of `check_nrpe -2` and old cores."""
DETAIL_LINES = 300
DETAIL_BYTES = 60_000
"""Of all lines after the first: NRPE cuts at 65,504 without a word."""
_ELLIPSIS = "..."


class Answer(NamedTuple):
    """What a check says, ready to be written."""

    code: int
    text: str


def clean(text: str) -> str:
    """Return text without `|` and control characters, `?` for each as a shell pattern has it.

    Bytes of a file name that are not UTF-8 become `?` too.
    """
    if text.isascii() and text.isprintable() and "|" not in text:
        return text
    return "".join(char if char.isprintable() and char != "|" else "?" for char in text)


def first_line(head: str, text: str, perfdata: str) -> str:
    """Return `HEAD - text | perfdata` in at most `LINE_BYTES`: only the text is ever shortened."""
    tail = f" | {perfdata}" if perfdata else ""
    room = LINE_BYTES - len(f"{head} - {tail}".encode())
    return f"{head} - {shorten(clean(text), room)}{tail}"


def shorten(text: str, size: int) -> str:
    """Return text of at most `size` bytes as UTF-8, with `...` where something is left out."""
    data = text.encode()
    if len(data) <= size:
        return text
    kept = data[: max(0, size - len(_ELLIPSIS))].decode("utf-8", "ignore")
    return kept.rstrip() + _ELLIPSIS


def unknown(name: str, text: str) -> Answer:
    """Return the answer of a check that can say nothing else."""
    return Answer(3, first_line(f"{name} UNKNOWN", text, "") + "\n")


def write(answer: Answer) -> None:
    """Write the answer to standard output at once; a reader that has gone changes nothing."""
    data = answer.text.encode("utf-8", "replace")
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        return
