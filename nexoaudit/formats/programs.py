"""Which programs a shell command runs, behind `sudo`, `nice`, `bash -c` and their like."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from nexoaudit.formats.shell import Command, read_command

SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh"})
_INTERPRETERS = SHELLS | {"python", "python3", "perl", "php", "ruby"}
_WRAPPERS: Mapping[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-p", "-C", "-h"}),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n", "-p"}),
    "flock": frozenset({"-w", "-E"}),
    "env": frozenset({"-u", "-C"}),
    "timeout": frozenset({"-k", "-s"}),
    "su": frozenset({"-s", "-g"}),
    "runuser": frozenset({"-u", "-g", "-s"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "systemd-cat": frozenset({"-t", "-p"}),
    **dict.fromkeys(
        ("nohup", "exec", "command", "time", "setsid", "chronic", "cronic", "chrt"), frozenset()
    ),
}
"""What runs another program, and which of its options take a value."""
_COUNT = re.compile(r"\d+(\.\d+)?[smhd]?")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=", re.ASCII)
_DEEPEST = 3


class Program(NamedTuple):
    """One program that is run."""

    name: str
    """A path or a bare name, as written."""
    itself: bool
    """False: a shell or an interpreter is given it to read."""


def plain_words(command: Command) -> tuple[str, ...]:
    """Return a command's words without the variables that are set for it."""
    words = command.words
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words


def basename(word: str) -> str:
    """Return the last part of a path."""
    return word.rpartition("/")[2]


def programs(command: Command, depth: int = 0) -> Iterator[Program]:
    """Yield the programs of a command; the wrappers themselves are not among them."""
    words = list(plain_words(command))
    while words and basename(words[0]) in _WRAPPERS:
        wrapper = basename(words.pop(0))
        inline = inline_text(words) if wrapper in {"su", "runuser", "flock"} else ""
        if inline:
            yield from _of_text(inline, depth)
            return
        words = _without_options(words, _WRAPPERS[wrapper])
        if wrapper in {"flock", "su"} and words:
            words = words[1:]  # the lock file, the user
    if not words or command.keyword:
        return
    if basename(words[0]) not in _INTERPRETERS:
        yield Program(words[0], itself=True)
        return
    inline = inline_text(words[1:]) if basename(words[0]) in SHELLS else ""
    if inline:
        yield from _of_text(inline, depth)
        return
    rest = [word for word in words[1:] if not word.startswith("-")]
    if rest and not set(words[1:]) & {"-c", "-e", "-r", "-m"}:
        yield Program(rest[0], itself=False)


def inline_text(words: list[str]) -> str:
    """Return the text after `-c`; "" without one."""
    for option, value in pairwise(words):
        if re.fullmatch(r"-[a-z]*c", option):
            return value
    return ""


def _of_text(text: str, depth: int) -> Iterator[Program]:
    if depth < _DEEPEST:
        for command in read_command(text):
            yield from programs(command, depth + 1)


def _without_options(words: list[str], valued: frozenset[str]) -> list[str]:
    """Leave out options, their values, durations and variables before a program's name."""
    position = 0
    while position < len(words):
        word = words[position]
        if word in valued:
            position += 2
        elif word.startswith("-") or _COUNT.fullmatch(word) or _ASSIGNMENT.match(word):
            position += 1
        else:
            break
    return words[position:]
