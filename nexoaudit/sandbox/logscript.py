"""What mariadb-binlog writes, several statements at a time where they are its own."""

import re
from collections.abc import Iterator

from nexoaudit.sandbox.pipeline import fits
from nexoaudit.sandbox.script import Script

_MARK = b"/*!*/;"
"""The delimiter that mariadb-binlog sets."""
_ITS_OWN = re.compile(
    rb"(?:#[^\n]*+\n|\n)*+("  # comments
    rb"BINLOG '\n[A-Za-z0-9+/=\n]++'"
    rb"|START TRANSACTION\n|COMMIT|SET TIMESTAMP=[0-9.]++"
    rb"|/\*M!10\d{4} SET @@session\.\w++=\d++\*/"
    rb")/\*!\*/;\n"
)
"""A statement that it makes itself of an event: no text of the site's is in it."""


class LogScript(Script):
    """The statements of a replay; see `Script`."""

    def batches(self) -> Iterator[tuple[list[bytes], bool]]:
        """Yield statements, and whether they are mariadb-binlog's own: then many at a time.

        Its own answer with no rows and fit into one packet.
        """
        while True:
            if self._delimiter == _MARK and (batch := self._take_own()):
                yield batch, True
            if not self._skip_to_statement():
                return
            yield [self._take_statement()], False

    def _take_own(self) -> list[bytes]:
        """Return the statements of its own that lie whole in the buffer, and move behind them."""
        text = bytes(memoryview(self._buffer)[self._position :])
        found: list[bytes] = []
        end = 0
        match = _ITS_OWN.scanner(text).match  # type: ignore[attr-defined]
        while (token := match()) is not None and fits(statement := token[1]):
            found.append(statement)
            end = token.end()
        self._position += end
        return found
