"""Whether a place in a statement lies inside a string or a comment."""

import re

_NEXT = re.compile(rb"""['"`#]|--[ \t\r\n]|/\*(?!M?!)""")
"""What opens something; `/*!` and `/*M!` open nothing: the server reads what they hold."""

_REST = {
    b"'": re.compile(rb"(?:[^'\\]++|\\.)*+'", re.DOTALL),
    b'"': re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL),
    b"`": re.compile(rb"[^`]*+`"),
    b"#": re.compile(rb"[^\n]*+\n"),
    b"-": re.compile(rb"[^\n]*+\n"),
    b"/": re.compile(rb".*?\*/", re.DOTALL),
}
"""What follows an opening up to its end; a doubled quote closes and opens again at once."""

_BRACKET = ord(")")


class Quoting:
    """Reads one statement up to places further and further on."""

    def __init__(self) -> None:
        self._read = 0
        self._open = b""

    def is_open(self, text: bytearray, start: int, place: int) -> bool:
        """Tell whether `place` lies inside a string or a comment of the statement at `start`.

        Later calls must name the same statement and a place further on, where a delimiter stands;
        each byte is read once.
        """
        if not self._read and _is_plainly_closed(text, start, place):
            return False
        position = start + self._read
        while position < place:
            position = self._advance(text, position, place)
        self._read = position - start
        return bool(self._open)

    def _advance(self, text: bytearray, position: int, place: int) -> int:
        """Read one string, comment or stretch of code; return where it ended."""
        if self._open:
            rest = _REST[self._open].match(text, position, place)
            if rest is None:
                return place
            self._open = b""
            return rest.end()
        opening = _NEXT.search(text, position, place)
        if opening is None:
            return place
        self._open = opening[0][:1]
        return opening.end()


def _is_plainly_closed(text: bytearray, start: int, place: int) -> bool:
    """Tell quickly that an INSERT ends here, as dumps write it: all but a few of their bytes.

    Its only strings are in single quotes, so an even number of those is enough.
    """
    if not text.startswith((b"INSERT ", b"REPLACE "), start, place) or text[place - 1] != _BRACKET:
        return False
    quotes = text.count(b"'", start, place)
    if text.find(b"\\", start, place) >= 0:
        quotes -= text[start:place].replace(b"\\\\", b"").count(b"\\'")
    return quotes % 2 == 0
