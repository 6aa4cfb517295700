"""Whether a file is encrypted, how, and whether it is whole: without any key.

The framing of RFC 9580 and RFC 4880, and of LibrePGP's authenticated encryption.
"""

import io
from typing import BinaryIO

from nexoaudit.formats.armor import BEGIN, Armor
from nexoaudit.formats.framing import (
    CIPHERS,
    HEAD,
    Framing,
    framing_problems,
    sealed_text,
)
from nexoaudit.formats.packets import Packets

__all__ = [
    "CIPHERS",
    "HEAD",
    "Framing",
    "Reader",
    "framing_problems",
    "read_framing",
    "sealed_text",
    "walk",
]

_BLOCK = 1 << 20
_ENOUGH = 256
"""Bytes that show whether a file is armored."""
_ARMOR = b"-----BEGIN PGP "


class Reader:
    """Takes a file in blocks, from its first byte on, and finds its framing.

    It raises nothing and holds no more than one line of armor, whatever the bytes are.
    """

    def __init__(self) -> None:
        self._start = b""
        self._armor: Armor | None = None
        self._packets: Packets | None = None
        self._notes: tuple[str, ...] = ()
        self._other = False

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the file."""
        if self._packets is None:
            self._start += block
            if len(self._start) < _ENOUGH:
                return
            block = self._begin()
        self._take(block)

    def finish(self) -> Framing:
        """Return the framing of a file that ends here."""
        if self._packets is None:
            self._take(self._begin())
        found = self._packets.finish() if self._packets is not None else Framing()
        if self._armor is not None and found.openpgp:
            found = found._replace(cut=found.cut or not self._armor.ended)
        return self._told(found)

    def foresee(self, size: int) -> Framing:
        """Return the framing of a file of `size` bytes as far as what was taken shows it."""
        if self._packets is None:
            self._take(self._begin())
        found = self._packets.foresee(size) if self._packets is not None else Framing()
        if self._armor is not None:
            found = found._replace(cut=None)  # the armor hides how much it holds
        return self._told(found)

    def _begin(self) -> bytes:
        """Return the first bytes once it is known what they are."""
        self._packets = Packets()
        start, self._start = self._start, b""
        text = start.lstrip()
        if text.startswith(_ARMOR):
            self._armor = Armor()
            if not text.startswith(BEGIN):
                self._other = True
                kind = text[len(_ARMOR) :].partition(b"-----")[0].decode("ascii", "replace")
                self._notes += (f"it is armored as {kind[:40].lower()}",)
            return text
        return start

    def _take(self, block: bytes) -> None:
        if self._packets is None or self._other:
            return
        if self._armor is not None:
            block = self._armor.feed(block)
        self._packets.feed(block)

    def _told(self, found: Framing) -> Framing:
        found = found._replace(notes=found.notes + self._notes)
        if self._armor is None:
            return found
        if self._armor.damaged:
            found = found._replace(notes=(*found.notes, "its armor is damaged"))
        trailing = found.trailing or self._armor.trailing
        return found._replace(openpgp=True, armored=True, trailing=trailing)


def read_framing(head: bytes, size: int) -> Framing:
    """Return the framing of a file of `size` bytes, as its first bytes show it.

    `head` are those bytes: all of a smaller file, of others at most `HEAD` are looked at. Nothing
    is raised, whatever they are.
    """
    reader = Reader()
    reader.feed(head[:HEAD])
    return reader.finish() if size <= len(head[:HEAD]) else reader.foresee(size)


def walk(file: BinaryIO | io.RawIOBase, size: int) -> Framing:
    """Return the framing of a whole file of `size` bytes, read from where it stands.

    Errors of its `read` (OSError) pass through; nothing else is raised, whatever the bytes are.
    """
    reader = Reader()
    while block := file.read(min(_BLOCK, size)):
        size -= len(block)
        reader.feed(block)
    return reader.finish()
