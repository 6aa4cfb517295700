"""Edits of what a dump by mariadb-dump says: by table, by row, by kind of object.

Rows lie one on a line and each table has a comment before it; both is how the jobs dump.
"""

import re

_TABLE = b"\n--\n-- Table structure for table `%s`\n--\n"
_SECTION = re.compile(
    rb"\n--\n-- (?:Table structure|Temporary table|Dumping (?:events|routines)|Final view|"
    rb"The deferred)"
)
_TRIGGER = re.compile(
    rb"/\*!50003 SET @saved_cs_client(?:(?!/\*!50003 SET @saved_cs_client).)*?"
    rb"TRIGGER .*?collation_connection  = @saved_col_connection \*/ ;\n",
    re.DOTALL,
)
_AS_MYSQL = (
    (rb"^-- MariaDB dump .*$", b"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)"),
    (rb"^(-- Server version\t).*$", rb"\g<1>8.0.36"),
    (rb"^/\*!40101 SET NAMES utf8mb4 \*/;$", b"/*!50503 SET NAMES utf8mb4 */;"),
    (rb"^-- A corresponding to the above master-data .*\n\n", b""),
    (rb"^-- Preferably use GTID .*\n\n-- SET GLOBAL gtid_slave_pos=.*\n", b""),
)
"""What MariaDB's dump says and MySQL's says otherwise, or not at all."""
_BEYOND_ASCII = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})+")


def without_table(text: bytes, table: str) -> bytes:
    """Return the dump without a table, its rows and its triggers."""
    start, end = _section(text, _TABLE % table.encode())
    return text[:start] + text[end:]


def without_view(text: bytes, view: str) -> bytes:
    """Return the dump without a view."""
    for kind in (b"Temporary table structure for view", b"Final view structure for view"):
        start, end = _section(text, b"\n--\n-- %s `%s`\n--\n" % (kind, view.encode()))
        text = text[:start] + text[end:]
    return text


def without_programs(text: bytes) -> bytes:
    """Return the dump without events and routines."""
    for kind in (b"events", b"routines"):
        start, end = _section(text, b"\n--\n-- Dumping %s for database" % kind)
        text = text[:start] + text[end:]
    return text


def without_triggers(text: bytes) -> bytes:
    """Return the dump without triggers."""
    return _TRIGGER.sub(b"", text)


def with_rows(text: bytes, table: str, share: float) -> bytes:
    """Return the dump with only the first rows of a table, that share of them."""
    start, end = _section(text, _TABLE % table.encode())
    section = text[start:end]
    head = b"INSERT INTO `%s` VALUES\n" % table.encode()
    begin = section.find(head)
    if begin < 0:
        return text
    stop = section.index(b";\n", section.rindex(b"\n(", begin)) + 2
    rows = section[begin + len(head) : stop - 2].split(b",\n(")
    kept = rows[: int(len(rows) * share)]
    left = head + b",\n(".join(kept) + b";\n" if kept else b""
    return text[:start] + section[:begin] + left + section[stop:] + text[end:]


def tables(text: bytes) -> list[str]:
    """Return the names of the tables, in the dump's order."""
    return [name.decode() for name in re.findall(rb"\n-- Table structure for table `(.+?)`", text)]


def edge_before(text: bytes, table: str) -> int:
    """Return where the statements of a table begin."""
    return text.index(_TABLE % table.encode()) + 1


def head(text: bytes) -> bytes:
    """Return what comes before the first table."""
    return text[: edge_before(text, tables(text)[0])]


def tail(text: bytes) -> bytes:
    """Return what comes after the last object."""
    return text[text.index(b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */") :]


def mojibake(text: bytes) -> bytes:
    """Return the dump as a client makes it that takes the server's UTF-8 for Latin-1."""
    return _BEYOND_ASCII.sub(lambda found: found[0].decode("latin-1").encode(), text)


def of_mysql(text: bytes) -> bytes:
    """Return the dump with the frame that mysqldump of MySQL 8.0 gives it."""
    for pattern, words in _AS_MYSQL:
        text = re.sub(pattern, words, text, count=1, flags=re.MULTILINE)
    return for_any_client(text)


def for_any_client(text: bytes) -> bytes:
    """Return the dump without the line that forbids the client commands of its own."""
    return re.sub(rb"^/\*M?!999999.*\n", b"", text)


def after_head(text: bytes, lines: str) -> bytes:
    """Return the dump with more lines before its first table."""
    edge = len(head(text))
    return text[:edge] + lines.encode() + b"\n" + text[edge:]


def _section(text: bytes, marker: bytes) -> tuple[int, int]:
    """Return where the part of the dump begins that starts with `marker`, and where it ends."""
    start = text.index(marker)
    found = _SECTION.search(text, start + len(marker) - 1)
    return start, found.start() if found else text.index(b"/*!40103 SET TIME_ZONE=@OLD", start)
