"""The scripts that jobs run: read, never run."""

import glob
from typing import NamedTuple

from nexoaudit.formats.programs import Program, basename, plain_words, programs
from nexoaudit.formats.shell import Command, Script, read_command, read_script
from nexoaudit.live.crontables import matching
from nexoaudit.live.textfile import TextFile, below, read_text

ELSEWHERE = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/snap/bin",
    "/opt/bin",
    "/root/bin",
)
"""Where a command may lie that cron does not look for."""
_PACKAGED = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib/")
"""What lies there came with a package: it is not the site's own."""
_MOST_SCRIPTS = 300


class JobScript(NamedTuple):
    """One script of the site's own."""

    path: str
    file: TextFile
    shell: Script | None
    """None: written in another language."""
    runs: tuple[Program, ...]


class Scripts:
    """Every script that was asked for, each read once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.failures: list[tuple[str, str]] = []
        self._known: dict[str, JobScript | None] = {}

    def get(self, path: str) -> JobScript | None:
        """Return the script at an absolute path; None for what is no script of the site's own."""
        if path not in self._known and len(self._known) < _MOST_SCRIPTS:
            self._known[path] = self._read(path)
        return self._known.get(path)

    def resolve(self, name: str, search: str) -> str:
        """Return the path a program's name leads to by PATH; "" when it is nowhere there."""
        if "/" in name:
            return name if name.startswith("/") else ""
        places = (f"{place.rstrip('/')}/{name}" for place in search.split(":") if place)
        return next((path for path in places if self.exists(path)), "")

    def exists(self, path: str) -> bool:
        """Return whether a file is there, as far as can be seen."""
        try:
            return below(self.root, path).is_file()
        except OSError:
            return False

    def missing(self, path: str) -> bool:
        """Return whether nothing is at a path or matches a glob; False when it may be hidden."""
        if glob.has_magic(path):
            failures: list[tuple[str, str]] = []
            return not matching(self.root, path, failures) and not failures
        try:
            below(self.root, path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
        return False

    def reached(self, start: str, search: str) -> list[str]:
        """Return the scripts that a script runs, and those that they run in turn."""
        found: list[str] = []
        pending = [start]
        while pending and len(found) < _MOST_SCRIPTS:
            script = self.get(pending.pop())
            for program in script.runs if script is not None else ():
                path = self.resolve(program.name, search)
                if path and path != start and path not in found and self.get(path) is not None:
                    found.append(path)
                    pending.append(path)
        return found

    def missing_commands(self, script: JobScript, search: str) -> str:
        """Return the first command of a script that lies where cron does not look; else ""."""
        if script.shell is None:
            return ""
        used = search_path(script.shell.commands, search)
        if used is None:
            return ""
        for program in script.runs:
            if "/" in program.name or self.resolve(program.name, used):
                continue
            if self.resolve(program.name, ":".join(ELSEWHERE)):
                return program.name
        return ""

    def _read(self, path: str) -> JobScript | None:
        if path.startswith(_PACKAGED):
            return None
        try:
            file = read_text(below(self.root, path))
        except OSError as error:
            self.failures.append((path, error.strerror or "unreadable"))
            return None
        if file is None or "\0" in file.text[:1000]:
            return None
        first = file.text.split("\n", 1)[0]
        if not first.startswith("#!"):
            if not path.endswith(".sh"):
                return None
            first = "#!/bin/sh"
        if "sh" not in basename(first.split()[-1] if "env" in first else first[2:].split()[0]):
            return JobScript(path, file, None, ())
        shell = read_script(file.text)
        runs = [program for command in shell.commands for program in programs(command)]
        return JobScript(path, file, shell, tuple(dict.fromkeys(runs)))


def search_path(commands: tuple[Command, ...], given: str) -> str | None:
    """Return the PATH that a script's commands are looked for in; None when that is not known."""
    used = given
    for command in commands:
        words = command.words
        if words[:1] and words[0] in {".", "source"}:
            return None
        if words[:1] == ("export",):
            words = words[1:]
        elif plain_words(command):
            continue
        for word in words:
            if word.startswith("PATH="):
                used = word[5:].replace("${PATH}", used).replace("$PATH", used)
    return None if "$" in used else used


def direct(command: str) -> list[Program]:
    """Return the programs that the command of a job runs."""
    found = [program for part in read_command(command) for program in programs(part)]
    return list(dict.fromkeys(found))
