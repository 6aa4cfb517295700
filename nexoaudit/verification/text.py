"""What the bytes of a dump's text say of its character set."""

from collections.abc import Iterable, Iterator

from nexoaudit.model.fact import Fact

SAMPLED = 64 << 20
"""Bytes that are looked at whole; of what follows, one block of `STEP`."""
STEP = 8
_ACCENT = b"\xc3"
"""Leads the accented letters of western languages in UTF-8."""
_DOUBLED = b"\xc3\x83\xc2"
"""Leads one of them that was taken for Latin-1 and encoded again: mojibake."""


class Text:
    """Counts what tells text from damaged text, in passing."""

    def __init__(self) -> None:
        self._seen = 0
        self._number = 0
        self._accents = 0
        self._doubled = 0

    def passing(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blocks, and look at them."""
        for block in blocks:
            self._number += 1
            if self._seen < SAMPLED or self._number % STEP == 0:
                self._accents += block.count(_ACCENT)
                self._doubled += block.count(_DOUBLED)
            self._seen += len(block)
            yield block

    def facts(self) -> dict[str, Fact]:
        """Return how many accented letters there are, and how many of them are doubly encoded."""
        return {"text.accents": self._accents, "text.doubled": self._doubled}
