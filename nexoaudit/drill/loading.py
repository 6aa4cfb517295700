"""What reading and loading a dump says about it, as reason codes."""

import re

from nexoaudit.drill.record import Record
from nexoaudit.formats.statement import statement
from nexoaudit.formats.stream import Stream
from nexoaudit.sandbox.load import Loaded
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Session

REFUSED = frozenset({1044, 1045, 1142, 1227, 1290, 4166})
"""Errors with which the server says that the dump asked for what it must not have."""

FOREIGN = frozenset({1064, 1115, 1193, 1231, 1235, 1273, 1286, 1305, 1901, 1911, 4161})
"""Errors of a statement, character set, variable, collation, function or type that only others
know."""

_OF_MYSQL = re.compile(r"_0900_|GTID_PURGED|caching_sha2_password")
"""Words of an error that only what MySQL wrote can cause."""

_UNKNOWN_COLUMN = 1054
"""What a view says whose text names its database, when that has another name here."""

_STREAM = {
    "stream.empty": "drill.empty",
    "stream.nothing": "drill.empty",
    "stream.unsupported": "drill.unsupported",
    "stream.trailing_garbage": "drill.trailing_garbage",
}

_LOADING = {"statement": "drill.load_failed", "length": "drill.load_failed"}
_LOADING |= {"lost": "drill.sandbox_failed", "space": "drill.no_space"}
_LOADING["plugin"] = "drill.engine_missing"


def note_reading(record: Record, script: Script, stream: Stream) -> None:
    """Note what was wrong with the bytes and the frame of a dump that was read to its end."""
    for problem in stream.problems:
        record.problem(_STREAM.get(problem, "drill.unreadable"), f"{problem}: {stream.detail}")
    if "drill.unsupported" not in record.problems and not is_closed(script):
        record.problem(
            "drill.no_trailer", f"{script.headers} dumps begin, {script.trailers} are completed"
        )
    if script.commands:
        record.problem(
            "drill.client_command", script.commands[0].decode("utf-8", "backslashreplace")
        )


def note_loading(record: Record, loaded: Loaded, script: Script, sandbox_version: str) -> None:
    """Note how loading ended; `sandbox_version` is the version of the server that did it."""
    if loaded.schemas:
        record.problem("drill.names_schema", "; ".join(loaded.schemas))
    if not loaded.error:
        return
    reason = _LOADING[loaded.error]
    if loaded.error == "statement" and loaded.number in REFUSED:
        reason = "drill.refused"
    elif loaded.number in FOREIGN and (
        is_foreign(script, sandbox_version)
        or (not script.version and _OF_MYSQL.search(loaded.message))
    ):
        reason = "drill.engine_mismatch"
    elif loaded.number == _UNKNOWN_COLUMN and not script.database:
        reason = "drill.unnamed_database"
    number = f"error {loaded.number}: " if loaded.number else ""
    record.problem(reason, number + loaded.message)


def engines(session: Session) -> set[str]:
    """Return the storage engines that the server has, in small letters; QueryError passes through.

    A server without the one that a table names takes its own, if the dump lets it: the rows come
    back, and the table is another one.
    """
    rows = ask(
        session, "SELECT LOWER(engine) FROM information_schema.engines WHERE support != 'NO'"
    )
    return {str(name) for (name,) in rows}


def is_closed(script: Script) -> bool:
    """Tell whether every dump in the script says that it was completed.

    One without comments has no words for that: its last statement, which restores a setting of the
    session, must do.
    """
    if script.headers or script.trailers:
        return script.trailers >= max(script.headers, 1)
    return statement(script.last).kind == "end"


def is_foreign(script: Script, sandbox_version: str) -> bool:
    """Tell whether a dump comes from another product or a newer release than the sandbox's."""
    if not script.version:
        return "MySQL" in {script.vendor, script.dialect}
    if "MariaDB" not in script.version:
        return True
    return is_newer(script.version, sandbox_version)


def is_newer(version: str, other: str) -> bool:
    """Tell whether a version of MariaDB is of a later release than another one."""
    return _release(version) > _release(other)


def _release(version: str) -> tuple[int, int]:
    match = re.match(r"(?:5\.5\.5-)?(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)
