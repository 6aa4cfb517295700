"""The words and operators of a shell script."""

import re
from collections.abc import Iterator

LONGEST = 262_144
"""Characters of a script that are read."""

_BLANK = " \t\r"
_OPERATOR = re.compile(r"&&|\|\||\|&|;;&?|;&|[\n;|&()]")
_REDIRECT = re.compile(r"(\d{0,2}|&)(>>|>\||>&|<&|<>|<<<|<<-|<<|>|<)")
_PLAIN = re.compile(r"""[^\s'"`$\\()|&;<>]+""")
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_CLOSING = {"{": "}", "(": ")"}

Token = tuple[str, str, int]
"""Kind (`word`, `operator`, `redirect`, `function`, `inner`), text, line."""


class Words:
    """Splits a script; iterate over it once."""

    def __init__(self, text: str, line: int = 1, depth: int = 0) -> None:
        self._text = text[:LONGEST]
        self._at = 0
        self._fresh = True
        """The next word begins a command."""
        self._waiting: list[tuple[str, bool]] = []
        """Ends of here-documents that begin with the next line, and whether tabs are stripped."""
        self._inner: list[Token] = []
        self.line = line
        self.depth = depth
        self.whole = len(text) <= LONGEST
        """Nothing was left out, and no quote was left open."""

    def __iter__(self) -> Iterator[Token]:
        """Yield every token."""
        while self._skip_blank():
            line = self.line
            operator = _OPERATOR.match(self._text, self._at)
            redirect = _REDIRECT.match(self._text, self._at)
            if redirect is not None:
                yield from self._redirect(redirect, line)
            elif self._text.startswith("((", self._at) and self._fresh:
                self._fresh = False
                yield "word", self._balanced(self._at, "("), line
            elif operator is not None:
                self._at = operator.end()
                yield "operator", operator[0], line
                self._fresh = True
                if operator[0] == "\n":
                    self.line += 1
                    self._skip_here()
            else:
                yield from self._command_word(line)

    def _command_word(self, line: int) -> Iterator[Token]:
        text = self._word()
        yield from self._drain()
        called = _FUNCTION.match(self._text, self._at) if self._fresh else None
        if called is not None and re.fullmatch(r"[\w.:-]+", text):
            self._at = called.end()
            yield "function", text, line
            return
        if text == "[[" and self._fresh:
            yield from self._conditional(line)
            return
        self._fresh = self._fresh and text in {"if", "then", "else", "elif", "while", "until", "do",
                                               "{", "!", "time"}  # fmt: skip
        yield "word", text, line

    def _conditional(self, line: int) -> Iterator[Token]:
        """Yield `[[ ... ]]` as words: `&&` in it joins no commands."""
        end = self._text.find("]]", self._at)
        body = self._text[self._at : end if end >= 0 else len(self._text)]
        self.line += body.count("\n")
        self._at = end + 2 if end >= 0 else len(self._text)
        self._fresh = False
        for word in ("[[", *body.split(), "]]"):
            yield "word", word.strip("\"'"), line

    def _redirect(self, found: re.Match[str], line: int) -> Iterator[Token]:
        self._at = found.end()
        while self._text[self._at : self._at + 1] and self._text[self._at] in _BLANK:
            self._at += 1
        quoted = self._text[self._at : self._at + 1] in {"'", '"', "\\"}
        target = self._word()
        del quoted
        if found[2] in {"<<", "<<-"}:
            self._waiting.append((target, found[2] == "<<-"))
        yield from self._drain()
        yield "redirect", found[0] + target, line

    def _skip_blank(self) -> bool:
        """Move to the next token; return whether there is one."""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in _BLANK or (char.isspace() and char != "\n"):
                self._at += 1
            elif char == "\\" and self._text[self._at + 1 : self._at + 2] == "\n":
                self._at += 2
                self.line += 1
            elif char == "#":
                end = self._text.find("\n", self._at)
                self._at = end if end >= 0 else len(self._text)
            else:
                return True
        return False

    def _skip_here(self) -> None:
        """Leave out the here-documents that begin on this line."""
        for end, tabs in self._waiting:
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = stop if stop >= 0 else len(self._text)
                line = self._text[self._at : stop]
                self._at = min(stop + 1, len(self._text))
                self.line += 1
                if (line.lstrip("\t") if tabs else line) == end:
                    break
        self._waiting.clear()

    def _drain(self) -> Iterator[Token]:
        yield from self._inner
        self._inner = []

    def _word(self) -> str:
        """Read one word, quotes removed; what is inside `$(...)` waits in `_inner`."""
        parts: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            plain = _PLAIN.match(self._text, self._at)
            if plain is not None:
                parts.append(plain[0])
                self._at = plain.end()
            elif char == "(" and parts and parts[-1].endswith("="):
                parts.append(self._balanced(self._at, "("))  # an array
            elif char == "'":
                parts.append(self._until("'", self._at + 1))
            elif char == '"':
                parts.append(self._double())
            elif char == "\\":
                parts.append(self._escaped())
            elif char in "$`":
                parts.append(self._expansion())
            else:
                break
        return "".join(parts)

    def _escaped(self) -> str:
        char = self._text[self._at + 1 : self._at + 2]
        self._at = min(self._at + 2, len(self._text))
        if char == "\n":
            self.line += 1
            return ""
        return char

    def _until(self, end: str, start: int) -> str:
        stop = self._text.find(end, start)
        if stop < 0:
            self.whole = False
            stop = len(self._text)
        inside = self._text[start:stop]
        self.line += inside.count("\n")
        self._at = min(stop + 1, len(self._text))
        return inside

    def _double(self) -> str:
        parts: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return "".join(parts)
            if char == "\\":
                following = self._text[self._at + 1 : self._at + 2]
                kept = "" if following in {'"', "$", "`", "\\"} else "\\"
                parts.append(kept + self._escaped())
            elif char in "$`":
                parts.append(self._expansion())
            else:
                stop = re.compile(r'["\\$`]').search(self._text, self._at + 1)
                end = stop.start() if stop is not None else len(self._text)
                parts.append(self._text[self._at : end])
                self.line += parts[-1].count("\n")
                self._at = end
        self.whole = False
        return "".join(parts)

    def _expansion(self) -> str:
        """Read `$name`, `${...}`, `$(...)` or backquotes, as written."""
        start, line = self._at, self.line
        if self._text[start] == "`":
            inside = self._until("`", start + 1)
            self._inner.append(("inner", inside, line))
            return f"`{inside}`"
        following = self._text[start + 1 : start + 2]
        if following in _CLOSING:
            text = self._balanced(start + 1, following)
            if following == "(" and not text.startswith("(("):
                self._inner.append(("inner", text[1:-1], line))
            return "$" + text
        self._at += 1
        return "$"

    def _balanced(self, start: int, opening: str) -> str:
        """Read from a bracket to the one that closes it, quotes respected."""
        closing = _CLOSING[opening]
        depth, at = 0, start
        while at < len(self._text):
            char = self._text[at]
            if char == "\\":
                at += 1
            elif char == "'" or (char == '"' and opening == "("):
                stop = self._text.find(char, at + 1)
                at = stop if stop >= 0 else len(self._text)
            elif char == opening:
                depth += 1
            elif char == closing:
                depth -= 1
                if depth == 0:
                    break
            at += 1
        else:
            self.whole = False
        end = min(at + 1, len(self._text))
        text = self._text[start:end]
        self.line += text.count("\n")
        self._at = end
        return text
