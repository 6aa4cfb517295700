"""The heads of the statements and comments that mysqldump and mariadb-dump write."""

import re
from datetime import datetime
from typing import NamedTuple

HEAD_SIZE = 16 * 1024
"""How much of a statement is looked at to know what it is."""
_NAME_LENGTH = 192
"""A MySQL name has at most 64 characters; nothing longer is kept."""

_ID = rb"(?:`[^`]*(?:``[^`]*)*`|[\w$]+)"
_IDS = rb"(" + _ID + rb"(?:\." + _ID + rb")?)"
_PART = re.compile(_ID)

_INSERT = re.compile(
    rb"(?:INSERT|REPLACE)(?: +(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))* +INTO +"
    + _IDS
    + rb"[^']*?\bVALUES(\s*)\("
)
_CREATE = re.compile(rb"CREATE +(?:OR +REPLACE +)?TABLE +(?:IF NOT EXISTS +)?" + _IDS)
_SEQUENCE = re.compile(rb"CREATE +(?:OR +REPLACE +)?SEQUENCE +(?:IF NOT EXISTS +)?" + _IDS)
_PLACEHOLDER = re.compile(rb"/\*!50001 CREATE (?:TABLE|VIEW) (?:IF NOT EXISTS )?" + _IDS)
_VIEW = re.compile(
    rb"/\*!50001 CREATE [^\n]{1,300}\n/\*!50013 [^\n]{1,900}\n/\*!50001 VIEW " + _IDS
)
_STORED = re.compile(
    rb"(?i)(?:/\*!\d+ +)?CREATE\b(?:\s|\*/|/\*!\d+|OR REPLACE|AGGREGATE|DEFINER *= *"
    rb"(?:`[^`]*`|'[^']*'|\w+)(?:@(?:`[^`]*`|'[^']*'|[\w.%]+))?)*"
    rb"(TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE(?: +BODY)?)\s+(?:IF NOT EXISTS\s+)?" + _IDS
)
_USE = re.compile(rb"USE +(" + _ID + rb")")
_NAMES = re.compile(rb"/\*!\d+ SET NAMES (\w+)")
_POSITION = re.compile(
    rb"(?:-- )?CHANGE (?:MASTER|REPLICATION SOURCE)(?: '[^']*')? TO [^\n]*?"
    rb"(?:MASTER|SOURCE)_LOG_FILE='([^'\n]+)', *(?:MASTER|SOURCE)_LOG_POS=(\d{1,20})"
)
_GTID = re.compile(
    rb"(?:-- )?SET (?:GLOBAL gtid_slave_pos|@@GLOBAL\.GTID_PURGED) *= *"
    rb"(?:/\*!80000 '\+'\*/ *)?'([^']*)'"
)
_START = re.compile(
    rb"/\*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, *SQL_NOTES=0 *\*/"
    rb"|/\*M!\d+ SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, *NOTE_VERBOSITY=0 *\*/"
)
_END = re.compile(
    rb"/\*!40111 SET SQL_NOTES=@OLD_SQL_NOTES *\*/"
    rb"|/\*M!\d+ SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY *\*/"
)
_ACCOUNT = re.compile(
    rb"(?i)(?:/\*M?!\d+ *)?(?:CREATE +(?:OR +REPLACE +)?(?:USER|ROLE)|GRANT|ALTER +USER)\b"
)
_DROP_SCHEMA = re.compile(rb"(?i)(?:/\*M?!\d+ *)?DROP +(?:DATABASE|SCHEMA)\b")
_ENGINE = re.compile(rb"(?i)\n\)[^\n]*?\bENGINE *= *(\w+)")
_DEFINER = re.compile(rb"DEFINER *= *(`[^`]*`|'[^']*'|[\w.$-]+)@(`[^`]*`|'[^']*'|[\w.%-]+)")
_SCHEMA = re.compile(rb"(?i)CREATE +(?:OR +REPLACE +)?(?:DATABASE|SCHEMA)\b")
_SQL = re.compile(
    rb"(?i)(?:/\*M?!|SET|DROP|CREATE|INSERT|REPLACE|LOCK|UNLOCK|ALTER|USE|DO|GRANT|START|COMMIT|BEGIN|"
    rb"STOP|CHANGE|FLUSH|DELETE|UPDATE|SELECT|CALL|TRUNCATE|RENAME)\b"
)
_HARMLESS = re.compile(rb"(?i)(?:/\*M?!\d* *)?(?:SET|COMMIT|UNLOCK|START|STOP|CHANGE|FLUSH|USE)\b")

_HEADER = re.compile(
    rb"-- (MariaDB|MySQL) dump [\d.]+(?:\s+Distrib |-)(\d[\w.]*)|-- (MariaDB|MySQL) dump "
)
_DATABASE = re.compile(rb"-- Host: [^\n]*?\sDatabase: *([^\n]*)")
_SERVER = re.compile(rb"-- Server version\s+(\S+)")
_TRAILER = re.compile(
    rb"-- Dump completed(?: on (\d{4})-(\d\d?)-(\d\d?) +(\d\d?):(\d\d):(\d\d))?\s*"
)
_RUBBISH = re.compile(rb"(?:\\|\w[\w.-]*:|\[)")
_LAMENT = re.compile(
    rb"-- (?:failed on |insufficient privileges to |WARNING: old server version"
    rb"|Warning: Couldn't get status information)"
)


class Head(NamedTuple):
    """What a statement or comment is, by its first bytes."""

    kind: str
    """`insert`, `table`, `view`, `placeholder`, `trigger`, `routine`, `event`, `sequence`, `use`,
    `charset`, `position`, `gtid`, `start`, `end`, `harmless` (settings), `account`
    (a user, role or grant), `schema` (a database with its defaults), `drop_schema`
    (a database is dropped), `sql` (other SQL),
    `rubbish` (words of a program, or orders to a client) or empty: nothing that we know. Of
    comments: `header`, `database`, `server`, `trailer`, `position`, `gtid`, `remark` (any other
    line), `lament` (the dumper says what it could not dump) or empty."""
    name: str = ""
    """The object's name, unquoted; for settings their value."""
    database: str = ""
    """The database that qualifies the name, if one does; for a header the version."""
    values: int = 0
    """For an insert: how many bytes come before its first row."""
    inline: bool = False
    """For an insert: its rows follow on one line, instead of one to a line."""
    engine: str = ""
    """For a table: its engine."""
    definer: str = ""
    """For a view or a stored program: the account whose rights it has, `user@host`."""
    moment: datetime | None = None
    """For a trailer: its wall-clock time, without zone."""


def statement(head: bytes) -> Head:
    """Tell what statement begins with `head` (its first `HEAD_SIZE` bytes, or all of it)."""
    if head.startswith((b"INSERT", b"REPLACE")):
        return _insert(head)
    if match := _CREATE.match(head):
        engine = _ENGINE.search(head)
        return _named("table", match[1])._replace(engine=text(engine[1]) if engine else "")
    if head.startswith((b"/*!50001 CREATE", b"CREATE SEQUENCE", b"CREATE OR REPLACE SEQUENCE")):
        kinds = (("view", _VIEW), ("placeholder", _PLACEHOLDER), ("sequence", _SEQUENCE))
        for kind, regex in kinds:
            if match := regex.match(head):
                return _named(kind, match[1])._replace(definer=_definer(match[0]))
    if match := _STORED.match(head):
        return _named(_stored_kind(match[1]), match[2])._replace(definer=_definer(match[0]))
    return _setting(head)


def comment(line: bytes) -> Head:
    """Tell what a comment line says."""
    if match := _HEADER.match(line):
        return Head("header", text(match[1] or match[3]), text(match[2] or b""))
    if match := _TRAILER.fullmatch(line):
        return _trailer(match)
    if match := _DATABASE.match(line):
        return Head("database", text(match[1].strip()))
    if match := _SERVER.match(line):
        return Head("server", text(match[1]))
    if _LAMENT.match(line):
        return Head("lament")
    return _position(line) or Head("remark" if line.startswith(b"-- ") else "")


def text(name: bytes) -> str:
    """Return a name from a dump as bounded text that can be written as JSON."""
    return name[:_NAME_LENGTH].decode("utf-8", "backslashreplace")


def _insert(head: bytes) -> Head:
    match = _INSERT.match(head)
    if match is None:
        return Head("sql")
    inline = b"\n" not in match[2]
    return _named("insert", match[1])._replace(values=match.start(2), inline=inline)


def _definer(head: bytes) -> str:
    match = _DEFINER.search(head)
    return f"{_unquoted(match[1])}@{_unquoted(match[2])}" if match else ""


def _stored_kind(word: bytes) -> str:
    kind = word[:7].upper()
    return {b"TRIGGER": "trigger", b"EVENT": "event"}.get(kind, "routine")


def _setting(head: bytes) -> Head:
    if match := _USE.match(head):
        return _named("use", match[1])
    if match := _NAMES.match(head):
        return Head("charset", text(match[1]))
    kinds = (
        ("start", _START),
        ("end", _END),
        ("harmless", _HARMLESS),
        ("account", _ACCOUNT),
        ("drop_schema", _DROP_SCHEMA),
        ("schema", _SCHEMA),
        ("sql", _SQL),
        ("rubbish", _RUBBISH),
    )
    found = next((kind for kind, regex in kinds if regex.match(head)), "")
    return _position(head) or Head(found)


def _position(line: bytes) -> Head | None:
    if match := _POSITION.match(line):
        return Head("position", f"{text(match[1])}:{int(match[2])}")
    if match := _GTID.match(line):
        return Head("gtid", text(match[1]))
    return None


def _trailer(match: re.Match[bytes]) -> Head:
    if match[1] is None:
        return Head("trailer")
    try:
        return Head("trailer", moment=datetime(*map(int, match.groups())))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return Head("")


def _named(kind: str, name: bytes) -> Head:
    parts = [_unquoted(part) for part in _PART.findall(name)]
    return Head(kind, parts[-1], parts[0] if len(parts) > 1 else "")


def _unquoted(name: bytes) -> str:
    quote = name[:1]
    if quote in {b"`", b"'"}:
        name = name[1:-1].replace(quote * 2, quote)
    return text(name)
