"""Many small statements to a private server without waiting for each answer before the next.

A command and its answer are packets of MySQL's client/server protocol: three bytes of length, one
of number, the content; a command of SQL begins with 3, an answer without rows with 0, an error with
255. The server reads commands one after another from its socket, so that they may lie there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from nexoaudit.sandbox.server import Session

MOST_BYTES = 32 << 10
"""So much is sent before answers are read: what the server's socket holds at least."""
_MOST_STATEMENTS = 2000
"""Whose answers, of 11 bytes each, ours holds at least."""
_HEAD = 4
_LENGTH = 3
_LONGEST = (1 << 24) - 2
_OK, _ERROR = 0, 0xFF
_BLOCK = 1 << 16
LOST = 2013
"""The driver's number for a connection that broke."""


class Refused(NamedTuple):
    """The first statement that the server refused: which one, counted from 0, and why."""

    at: int
    number: int
    """The server's error number, or LOST."""
    message: str


def fits(statement: bytes) -> bool:
    """Tell whether a statement can be sent in one packet."""
    return len(statement) < _LONGEST


class Pipeline:
    """Sends statements that answer with no rows over an open session, beside the driver."""

    def __init__(self, session: Session) -> None:
        # The driver has no way to send more than one; between commands its socket is idle.
        self._channel = session._sock  # type: ignore[attr-defined]
        self._read = bytearray()

    def run(self, statements: Sequence[bytes]) -> Refused | None:
        """Execute all of them, in order; return the first that was refused, None when none was.

        Some after one that was refused may have been executed all the same.
        """
        parts: list[bytes] = []
        size = done = 0
        refused: Refused | None = None
        for statement in statements:
            parts.append((len(statement) + 1).to_bytes(_LENGTH, "little") + b"\0\3" + statement)
            size += len(statement) + _HEAD + 1
            if size > MOST_BYTES or len(parts) >= _MOST_STATEMENTS:
                if refused := self._exchange(parts, done):
                    return refused
                done += len(parts)
                parts, size = [], 0
        return self._exchange(parts, done) if parts else None

    def _exchange(self, parts: list[bytes], done: int) -> Refused | None:
        """Send packets and read the answer to each."""
        refused: Refused | None = None
        try:
            self._channel.sendall(b"".join(parts))
            for index in range(done, done + len(parts)):
                answer = self._answer()
                if answer[0] != _OK and refused is None:
                    refused = Refused(index, *_complaint(answer))
        except OSError as error:
            return refused or Refused(done, LOST, str(error))
        return refused

    def _answer(self) -> bytes:
        """Return the content of the next packet."""
        held = self._read
        while len(held) < _HEAD or len(held) < _HEAD + (held[0] | held[1] << 8 | held[2] << 16):
            block = self._channel.recv(_BLOCK)
            if not block:
                raise ConnectionResetError("the private server closed the connection")
            held += block
        end = _HEAD + (held[0] | held[1] << 8 | held[2] << 16)
        content = bytes(held[_HEAD:end])
        del held[:end]
        return content


def _complaint(answer: bytes) -> tuple[int, str]:
    """Return the number and the words of an error; see `Refused`."""
    if answer[:1] != bytes([_ERROR]):
        return 0, "it answers with rows"
    text = answer[3:].decode("utf-8", "replace")
    return int.from_bytes(answer[1:3], "little"), text[6:] if text.startswith("#") else text
