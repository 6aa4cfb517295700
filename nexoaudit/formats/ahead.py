"""A source of bytes whose beginning can be looked at before it is taken."""

from abc import ABC, abstractmethod

from nexoaudit.formats.framing import HEAD


class Ahead(ABC):
    """Gives bytes in order, once; `head` takes none of them away."""

    _ahead = b""

    def head(self) -> bytes:
        """Return the first bytes, `HEAD` or more unless there are fewer; before any other read."""
        while len(self._ahead) < HEAD and (block := self._take(HEAD)):
            self._ahead += block
        return self._ahead

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        return self._take(size)

    @abstractmethod
    def _take(self, size: int) -> bytes:
        """Return at most `size` of the bytes that follow; none at the end."""
