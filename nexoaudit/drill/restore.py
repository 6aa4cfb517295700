"""A dump on its way into the sandbox: fetched, decrypted, verified and loaded in one pass."""

from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple

from nexoaudit.drill.box import Box
from nexoaudit.drill.loading import engines, note_loading, note_reading
from nexoaudit.drill.record import StoppedError, outcome_of
from nexoaudit.drill.source import Source
from nexoaudit.formats.stream import Stream
from nexoaudit.model.fact import Size
from nexoaudit.sandbox.load import load
from nexoaudit.sandbox.pour import Pour
from nexoaudit.sandbox.query import ask
from nexoaudit.sandbox.script import Script
from nexoaudit.sandbox.server import Session


class Restored(NamedTuple):
    """What came of loading a dump."""

    database: str
    """The schema that was current when it began."""
    whole: bool
    """Every statement was executed."""
    fetched: int
    """Bytes that were read where the copy lies."""
    charsets: tuple[str, ...]
    """Character sets that the dump says it is in."""
    ended: datetime | None
    """When it says that it was completed: a wall-clock time, without zone."""


def restore(box: Box, source: Source, *, fast: bool = False) -> Restored:
    """Load the dump that `source` gives into the server, and note what that says about it.

    With `fast` its rows are poured in: UnfaithfulError when they did not come in as they were.

    Nothing is noted of a dump of which not all could be had as it was backed up: SourceError then.
    Raise StoppedError when nothing of what was loaded can be looked at.
    """
    stream = Stream(source)
    script = Script(stream)
    with ExitStack() as stack:
        session = stack.enter_context(box.connect(several=True))
        version = str(ask(session, "SELECT VERSION()")[0][0])
        pour = stack.enter_context(_pour(box, session)) if fast else None
        loaded = load(
            session,
            script,
            box.server.data,
            check=lambda: box.keep_on(stream.raw_size),
            admit=box.accounts.admit,
            takes=pour.takes if pour else lambda _statement: False,
        )
        if pour:
            pour.end()
            box.record.measures |= {"mode": "fast", "poured": pour.rows}
        lacking = set() if loaded.error else set(script.engines) - engines(session)
    script.skim()
    given = source.end()
    record = box.record
    record.sha256 = stream.sha256
    record.measures |= {
        "raw_bytes": Size(stream.raw_size),
        "statements": loaded.statements,
        "server": version,
    }
    if loaded.accounts:
        record.measures["accounts_left_out"] = loaded.accounts
    note_reading(record, script, stream)
    if loaded.error == "lost":
        box.look()
    note_loading(record, loaded, script, version)
    if lacking:
        record.problem("drill.engine_replaced", ", ".join(sorted(lacking)))
    if loaded.error == "lost" or outcome_of(record.problems) == "unverified":
        box.keep_on(stream.raw_size)
        raise StoppedError
    return Restored(
        loaded.database, not loaded.error, given.fetched, tuple(script.charsets), script.ended
    )


def _pour(box: Box, session: Session) -> Pour:
    return Pour(box.server, session, box.admin, box.record.beat)
