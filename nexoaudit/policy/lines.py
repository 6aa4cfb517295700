"""The line of a key in a TOML text: tomllib itself does not tell."""

import re

_HEADER = re.compile(r"^\s*\[(\[)?([^\[\]]+)\]")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_.-]|"[^"]*"|'[^']*')+)\s*=""")


def key_lines(text: str) -> dict[str, int]:
    """Return the line, counted from 1, of each table and key, by its dotted path.

    The n-th table of an array is `path.n`, counted from 0. Best effort inside multi-line values;
    the text is known to be valid TOML.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header is not None:
            table = _clean(header[2])
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key is not None:
            path = f"{table}.{_clean(key[1])}" if table else _clean(key[1])
            lines.setdefault(path, number)
    return lines


def line_of(lines: dict[str, int], path: str) -> int:
    """Return the line of `path`, else that of the nearest table around it, else 1."""
    while path:
        if path in lines:
            return lines[path]
        path = path.rpartition(".")[0]
    return 1


def _clean(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))
