"""Faults of dumps: what they leave out, passwords, and what needs a terminal."""

import re
from collections.abc import Iterator

from nexoaudit.formats.programs import plain_words
from nexoaudit.formats.secrets import is_literal, is_secret
from nexoaudit.live.scriptview import CLIENTS, Step, View
from nexoaudit.model.timetable import Fault

_DUMPS = frozenset({"mysqldump", "mariadb-dump"})
_OTHERS_READ = 0o004
_POSITION = ("--master-data", "--source-data", "--dump-slave", "--dump-replica")
_UNLOCKED = ("--skip-lock-tables", "--skip-opt")
_CONSISTENT = ("--single-transaction", "--lock-all-tables", "-x", *_POSITION)


def recognise(view: View) -> Iterator[Fault]:
    """Yield what dumps leave out, and what asks for a password where nobody can answer."""
    for step in view.steps:
        other = step.unknown or step.has("--no-data", "-d", "--help", "--version", "-V")
        if step.name in _DUMPS and not other:
            yield from _options(step)
        if _asks(step):
            yield Fault("script.asks_password", step.line, step.name)


def passwords(view: View, *, mode: int) -> Iterator[Fault]:
    """Yield passwords that are written into the script, or shown in the list of processes."""
    inside = "script.password_readable" if mode & _OTHERS_READ else "script.password_inside"
    for step in view.steps:
        for word in _assignments(step):
            name, _, value = word.partition("=")
            if is_secret(name) and is_literal(value):
                yield Fault(inside, step.line, name)
        for given in _given(step):
            yield Fault("script.password_argument", step.line, step.name)
            if is_literal(given) and "$" not in given:
                yield Fault(inside, step.line, step.name)


def _assignments(step: Step) -> tuple[str, ...]:
    words = step.command.words
    plain = plain_words(step.command)
    return words[: len(words) - len(plain)] + (words[1:] if words[:1] == ("export",) else ())


def _given(step: Step) -> Iterator[str]:
    """Yield the passwords among the arguments as the script writes them."""
    words = plain_words(step.command)
    for word, following in zip(words, (*words[1:], ""), strict=False):
        if step.name in CLIENTS or step.name.startswith(("mysql", "mariadb")):
            if word.startswith("--password=") and len(word) > 11:
                yield word[11:]
            elif re.match(r"-p[^\s=]", word):
                yield word[2:]
        elif (step.name, word) in {("gpg", "--passphrase"), ("sshpass", "-p")} and following:
            yield following
        elif step.name == "openssl" and word.startswith("pass:"):
            yield word[5:]


def _options(step: Step) -> Iterator[Fault]:
    partial = len(_names(step)) > 1 and not step.has("--databases", "-B")
    lacking = [
        option
        for option, letter in (("--routines", "-R"), ("--events", "-E"))
        if not step.has(option, letter)
    ]
    if step.has("--skip-triggers") or "--triggers=false" in step.words:
        lacking.append("--triggers")
    if lacking and not partial:
        yield Fault("script.dump_incomplete", step.line, " ".join(lacking))
    if not step.has(*_POSITION):
        yield Fault("script.no_position", step.line, step.name)
    loose = step.has(*_UNLOCKED) or "--lock-tables=false" in step.words
    if loose and not step.has(*_CONSISTENT):
        yield Fault("script.inconsistent", step.line, step.name)


def _names(step: Step) -> list[str]:
    """Return the databases and tables among the arguments."""
    found = []
    skip = False
    for word in step.words:
        if skip:
            skip = False
        elif word in {"-u", "-h", "-P", "-S", "-r"}:
            skip = True
        elif not word.startswith("-"):
            found.append(word)
    return found


def _asks(step: Step) -> bool:
    if step.name in CLIENTS and step.name not in {"pg_dump", "pg_dumpall", "mongodump"}:
        return "-p" in step.words or "--password" in step.words
    if step.name == "gpg":
        secret = step.has("--symmetric", "--decrypt", "-c", "-d") or step.letter("c")
        return secret and not step.has("--batch")
    return step.name == "read" and step.letter("s")
