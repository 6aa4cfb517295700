"""Names as bash and MariaDB must be told them, whatever is in them."""

import re

from nexoaudit.locations.directory import read_path

_PLAIN = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
_WIDTH = 98


def word(text: str) -> str:
    """Return text as one word of bash: what no terminal shows is written as its bytes."""
    if _PLAIN.fullmatch(text) and not text.startswith(("-", "=")):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(_escaped(char) for char in text) + "'"


def name(written: str) -> str:
    """Return the path of a copy, as the ledger writes it, as one word of bash."""
    return word(read_path(written))


def identifier(text: str) -> str:
    """Return a name as MariaDB quotes identifiers."""
    return "`" + text.replace("`", "``") + "`"


def literal(text: str) -> str:
    """Return a text as a string of SQL, for a server that takes backslashes as escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def variable(*parts: str) -> str:
    """Return the name of a variable of bash for an id: `passphrase`, `off-site` and so on."""
    return re.sub(r"[^A-Z0-9]", "_", "_".join(parts).upper())


def shown(text: str) -> str:
    """Return a text for a comment: what could end a line or fool a terminal is shown as ?."""
    return "".join(char if char.isprintable() else "?" for char in text)


def comment(text: str) -> list[str]:
    """Return a text as lines of comment; see `shown`."""
    lines, line = [], "#"
    for piece in shown(text).split():
        if len(line) + 1 + len(piece) > _WIDTH and line != "#":
            lines.append(line)
            line = "#"
        line += f" {piece}"
    return [*lines, line]


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    if char.isprintable():
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
