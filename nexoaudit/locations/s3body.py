"""The bytes of one object as a file that is read forward."""

import io
from collections.abc import Callable
from typing import BinaryIO

from botocore.response import StreamingBody

from nexoaudit.locations.deadline import Deadline
from nexoaudit.locations.s3errors import FAILURES, translate

_BUFFER = 1 << 20


class _Body(io.RawIOBase):
    """At most `length` bytes of an answer's body; each wait for some of them has a deadline."""

    def __init__(
        self,
        body: StreamingBody,
        length: int | None,
        *,
        where: str,
        deadline: Callable[[], Deadline],
    ) -> None:
        self._body = body
        self._left = length
        self._where = where
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        if not wanted:
            return 0
        data = self._deadline().ask(lambda: self._read(wanted))
        if self._left is not None:
            self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        parts = []
        while part := self.read(_BUFFER):
            parts.append(part)
        return b"".join(parts)

    def _read(self, wanted: int) -> bytes:
        try:
            return self._body.read(wanted)
        except FAILURES as error:
            raise translate(error, self._where) from error

    def close(self) -> None:
        self._body.close()
        super().close()


def as_file(
    body: StreamingBody, length: int | None, *, where: str, deadline: Callable[[], Deadline]
) -> BinaryIO:
    """Return an answer's body as a file of at most `length` bytes; closing it ends the answer.

    A read raises LocationError when the way breaks: a body that is shorter than announced is not
    the end of the file.
    """
    raw = _Body(body, length, where=where, deadline=deadline)
    return io.BufferedReader(raw, _BUFFER)
