"""A job script as the recognisers look at it: pipelines, options in force, variables filled in."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from nexoaudit.formats.programs import basename, plain_words, programs
from nexoaudit.formats.secrets import is_secret
from nexoaudit.formats.shell import Command, Script
from nexoaudit.formats.shellwords import LONGEST

DUMPS = frozenset({"mysqldump", "mariadb-dump", "pg_dump", "pg_dumpall", "mongodump"})
CLIENTS = frozenset({"mysql", "mariadb", "mysqladmin", "mariadb-admin", "mysqlbinlog"}) | DUMPS
SENDERS = frozenset({"aws", "rclone", "scp", "s3cmd", "sftp", "azcopy", "gsutil", "b2"})
UNPACKERS = frozenset({"zcat", "gunzip", "bzcat", "xzcat", "zstdcat", "pv", "cat", "gzip"})
_VARIABLE = re.compile(r"\$\{(\w+)(?:\[[@*]\])?\}|\$(\w+)", re.ASCII)
_UNKNOWN = re.compile(r"(?i)\$\{?\w*(?:opt|arg|flag|param)\w*|\$\{\w+\[[@*]\]\}|\$[@*]")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_DECLARERS = frozenset({"export", "local", "readonly", "declare", "typeset"})
_DEEPEST = 5


class Step(NamedTuple):
    """One command with its variables filled in."""

    name: str
    """The program's, without its directory and its wrappers."""
    words: tuple[str, ...]
    """Arguments, as far as known without running anything."""
    redirects: tuple[str, ...]
    command: Command

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.command.line

    @property
    def options(self) -> tuple[str, ...]:
        """Arguments that begin with a hyphen."""
        return tuple(word for word in self.words if word.startswith("-") and word != "-")

    @property
    def operands(self) -> tuple[str, ...]:
        """Arguments that do not; the value of an option may be among them."""
        return tuple(word for word in self.words if not word.startswith("-"))

    def has(self, *names: str) -> bool:
        """Return whether one of these options is given, with a value or without."""
        return any(word.split("=", 1)[0] in names for word in self.words)

    @property
    def unknown(self) -> bool:
        """Whether options are given that only a run would show."""
        return any(_UNKNOWN.search(word) for word in self.words)

    def letter(self, letter: str) -> bool:
        """Return whether a single-letter option is given, alone or in a bundle."""
        return any(re.match(rf"-[A-Za-z]*{letter}", word) for word in self.words)


class Pipeline(NamedTuple):
    """Steps joined by `|`; mostly one."""

    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The step whose status is the pipeline's, without pipefail."""
        return self.steps[-1]


class View:
    """One script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.variables = _variables(script.commands)
        self.steps = tuple(self._step(command) for command in script.commands)
        self.pipelines = tuple(_pipelines(self.steps))

    @cached_property
    def main(self) -> tuple[Step, ...]:
        """What runs by itself: neither inside `$(...)` nor in a function."""
        return tuple(
            step for step in self.steps if not step.command.inner and not step.command.function
        )

    @cached_property
    def sayers(self) -> frozenset[str]:
        """What prints a message: `echo` and the script's own functions around it."""
        plain = {"echo", "printf", "logger"}
        own = {s.command.function for s in self.steps if s.name in plain and s.command.function}
        return frozenset(plain | own)

    def expand(self, text: str) -> str:
        """Return a text with the variables filled in whose value the script states."""
        for _ in range(_DEEPEST):
            filled = _VARIABLE.sub(self._value, text)
            if filled == text or len(filled) > LONGEST:
                break
            text = filled
        return text

    @cached_property
    def _settings(self) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.name == "set" and not s.command.inner)

    def option(self, name: str, letter: str, line: int) -> bool:
        """Return whether `set -o NAME` (`set -LETTER`) is in force on a line."""
        words = self.script.interpreter.split()[1:]
        on = bool(letter) and any(re.match(rf"-[a-z]*{letter}", word) for word in words)
        for step in self._settings:
            if step.line > line:
                break
            for position, word in enumerate(step.words):
                named = step.words[position + 1 : position + 2] == (name,) and word.endswith("o")
                lettered = bool(letter) and re.match(rf"[-+][a-zA-Z]*{letter}", word) is not None
                if named or lettered:
                    on = word.startswith("-")
        return on

    def _parts(self, word: str) -> list[str]:
        """Return what a word becomes: several where it is a variable that holds options."""
        filled = self.expand(word)
        listed = filled.startswith("(") and filled.endswith(")")
        if word.startswith("$") and (listed or filled.startswith("-")):
            return [part.strip("\"'") for part in filled.strip("()").split()]
        return [filled]

    def _value(self, found: re.Match[str]) -> str:
        return self.variables.get(found[1] or found[2], found[0])

    def _step(self, command: Command) -> Step:
        words = plain_words(command)
        if words and words[0].startswith("$"):  # a command that a variable holds
            words = (*self.expand(words[0]).split(), *words[1:])
            command = command._replace(words=words)
        name = next((basename(program.name) for program in programs(command)), "")
        at = next((n for n, word in enumerate(words) if basename(word) == name), -1) if name else -1
        rest = words[at + 1 :] if at >= 0 else words
        return Step(
            name,
            tuple(part for word in rest for part in self._parts(word)),
            tuple(self.expand(redirect) for redirect in command.redirects),
            command,
        )


def _variables(commands: Iterable[Command]) -> Mapping[str, str]:
    """Return what the script sets its variables to; one with two values is not known."""
    found: dict[str, set[str]] = {}
    for command in commands:
        words = command.words
        if words[:1] and words[0] in _DECLARERS:
            words = words[1:]
        elif plain_words(command):
            continue
        for word in words:
            match = _ASSIGNED.fullmatch(word)
            if match is not None and not is_secret(match[1]):
                found.setdefault(match[1], set()).add(match[2])
    return {name: min(values) for name, values in found.items() if len(values) == 1}


def _pipelines(steps: Iterable[Step]) -> Iterable[Pipeline]:
    """Yield the pipelines in the order in which they end; keywords are none."""
    open_ones: dict[bool, list[Step]] = {}
    for step in steps:
        if step.command.keyword:
            continue
        inner = step.command.inner
        held = open_ones.get(inner, [])
        if step.command.before != "|" or not held:
            if held:
                yield Pipeline(tuple(held))
            held = []
        open_ones[inner] = [*held, step]
    for held in open_ones.values():
        if held:
            yield Pipeline(tuple(held))


def packs(step: Step) -> bool:
    """Return whether a `tar` makes an archive."""
    return step.name == "tar" and _tar_mode(step, "c", "--create")


def unpacks(step: Step) -> bool:
    """Return whether a `tar` brings an archive's files back."""
    return step.name == "tar" and _tar_mode(step, "x", "--extract", "--get")


def is_remote(word: str) -> bool:
    """Return whether an argument names a place on another machine."""
    return re.match(r"[^/\s-][^/\s]*:|(?:s3|gs|sftp|rsync)://", word) is not None


def _tar_mode(step: Step, letter: str, *names: str) -> bool:
    first = step.words[:1]
    old = bool(first) and re.fullmatch(r"[A-Za-z]+", first[0]) is not None and letter in first[0]
    return (
        old
        or step.has(*names)
        or any(
            re.match(rf"-[A-Zb-z]*{letter}", word)
            for word in step.words
            if not word.startswith("--")
        )
    )
