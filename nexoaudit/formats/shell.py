"""Shell scripts as a list of simple commands: enough to recognise habits, far from a shell.

What is not understood is skipped, never guessed at; no script is ever run.
"""

from typing import NamedTuple

from nexoaudit.formats.shellwords import Words

_TESTERS = frozenset({"if", "elif", "while", "until"})
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "esac"}
)
_MOST_COMMANDS = 5000


class Command(NamedTuple):
    """One simple command, or a keyword of the shell that stands alone."""

    line: int
    words: tuple[str, ...]
    """Without quotes; variables and globs as written."""
    redirects: tuple[str, ...] = ()
    """Such as `2>/dev/null` or `>$OUT/$FILE`."""
    before: str = ""
    """The operator that joins it to the command before: `|`, `&&`, `||` or nothing."""
    after: str = ""
    """The operator that follows: `|`, `&&`, `||`, `&` or nothing."""
    tested: bool = False
    """Its status decides: after `if`, `while`, `until` or `!`."""
    inner: bool = False
    """Inside `$(...)` or backquotes."""
    function: str = ""
    """The function whose body it is in."""

    @property
    def keyword(self) -> str:
        """The keyword this is; empty for a command."""
        return self.words[0] if len(self.words) == 1 and self.words[0] in _KEYWORDS else ""


class Script(NamedTuple):
    """A script that was read."""

    interpreter: str
    """The first line's, such as `/bin/bash -e`; empty without one."""
    commands: tuple[Command, ...]
    complete: bool
    """False when it was too long, or ended inside quotes: then some of it is not known."""


def read_script(text: str) -> Script:
    """Return the commands of a script."""
    first = text.split("\n", 1)[0]
    interpreter = first[2:].strip() if first.startswith("#!") else ""
    reader = _Reader(Words(text))
    complete = reader.run()
    return Script(interpreter, tuple(reader.commands), complete)


def read_command(text: str) -> tuple[Command, ...]:
    """Return the commands of one line, such as a cron job's."""
    return read_script(text).commands


class _Reader:
    """Puts words together into commands."""

    def __init__(self, words: Words, *, inner: bool = False) -> None:
        self.commands: list[Command] = []
        self._words = words
        self._inner = inner
        self._held: list[str] = []
        self._redirects: list[str] = []
        self._line = words.line
        self._before = ""
        self._tested = False
        self._function = ""
        self._braces = 0

    def run(self) -> bool:
        """Read to the end; return whether all was understood."""
        for kind, text, line in self._words:
            if len(self.commands) >= _MOST_COMMANDS:
                return False
            if kind == "word":
                self._word(text, line)
            elif kind == "redirect":
                self._redirects.append(text)
            elif kind == "function":
                self._function, self._braces = text, 0
            elif kind == "inner":
                self._nested(text, line)
            elif text in {"(", ")"}:
                self._flush("")
            else:
                self._operator(text)
        self._flush("")
        return self._words.whole

    def _word(self, text: str, line: int) -> None:
        if self._held or text not in _KEYWORDS:
            if not self._held:
                self._line = line
            self._held.append(text)
            return
        self._line = line
        if text in _TESTERS or text == "!":
            self._tested = True
        elif text in {"then", "do"}:
            self._tested = False
        self.commands.append(Command(line, (text,), function=self._function))
        if text == "{":
            self._braces += 1
        elif text == "}":
            self._braces -= 1
            if self._braces <= 0:
                self._function = ""

    def _operator(self, operator: str) -> None:
        self._flush(operator if operator in {"|", "&&", "||", "&"} else "")
        self._before = operator if operator in {"|", "&&", "||"} else ""
        if operator in {"\n", ";"} and self._ended_by_not():
            self._tested = False

    def _ended_by_not(self) -> bool:
        """Tell whether the test was a `!` before a command of its own, not one of `if`."""
        for command in reversed(self.commands):
            if command.keyword in _TESTERS:
                return False
            if command.keyword == "!":
                return True
            if command.keyword:
                return False
        return False

    def _flush(self, after: str) -> None:
        if self._held or self._redirects:
            self.commands.append(
                Command(
                    self._line,
                    tuple(self._held),
                    tuple(self._redirects),
                    self._before,
                    after,
                    self._tested,
                    self._inner,
                    self._function,
                )
            )
        elif after and self.commands and not self.commands[-1].after:
            self.commands[-1] = self.commands[-1]._replace(after=after)
        self._held, self._redirects, self._before = [], [], ""

    def _nested(self, text: str, line: int) -> None:
        if self._words.depth >= 8:
            return
        reader = _Reader(Words(text, line, self._words.depth + 1), inner=True)
        reader.run()
        self.commands += [
            command._replace(tested=command.tested or self._tested, function=self._function)
            for command in reader.commands
        ]
