"""The packets of an OpenPGP message, walked as its bytes come in.

RFC 9580, with the packets of RFC 4880 and of LibrePGP that are still found.
"""

from collections.abc import Generator

from nexoaudit.formats.framing import AEADS, CIPHERS, STRONG, Framing

_PUBLIC_KEY, _PASSPHRASE = 1, 3
_UNPROTECTED, _PROTECTED, _OCB = 9, 18, 20
_MARKER, _PADDING = 10, 21
_OTHERS = {
    2: ("a signature", range(2, 7)),
    4: ("a signed message", (3, 6)),
    5: ("a secret key", range(2, 7)),
    6: ("a public key", range(2, 7)),
    7: ("a secret key", range(2, 7)),
    8: ("a compressed message", range(4)),
    11: ("a message in the clear", tuple(b"btul1m")),
    14: ("a public key", range(2, 7)),
}
"""What begins with other packets, and what their first byte may be."""
_VERSIONS = {_PUBLIC_KEY: (2, 3, 6), _PASSPHRASE: (4, 5, 6)}
_S2K = {0: 2, 1: 10, 3: 11, 4: 20}
"""Bytes of each way to make a key from a passphrase (RFC 9580, section 3.7)."""
_MAX_KEYS = 1000
_MAX_KEY = 16 * 1024
"""Bytes of a packet that leads to the key; those of post-quantum algorithms need a few thousand."""
_MAX_ODD = 20
_SMALL, _FEW = 256, 1000
"""Data that is cut into many smaller pieces than that was made to cost time."""
_ENDLESS = 1 << 62

_Steps = Generator[int, bytes, None]
_Length = Generator[int, bytes, tuple[int, bool]]


class _Odd(Exception):  # noqa: N818 - a finding on its way up
    """The bytes are no packets that can stand there."""


class Packets:
    """Takes the bytes of a message in blocks of any size and knows its framing so far.

    It holds no more than one packet that leads to a key, and ignores what follows the first
    encrypted data.
    """

    def __init__(self) -> None:
        self.found = Framing()
        """What was seen so far."""
        self._wrapped = False
        self._goes_on = False
        self._pieces = 0
        self._seen = 0
        self._held = bytearray()
        self._skip = 0
        self._need = 0
        self._steps: _Steps | None = self._walk()
        self._advance(None)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        at = 0
        while at < len(data) and self._steps is not None:
            step = min(self._skip or self._need - len(self._held), len(data) - at)
            if self._skip:
                self._skip -= step
            else:
                self._held += data[at : at + step]
            at += step
            self._seen += step
            if not self._skip and len(self._held) == self._need:
                taken = bytes(self._held)
                self._held.clear()
                self._advance(taken)

    def finish(self) -> Framing:
        """Return the framing of a message that ends here."""
        if self._steps is not None and self.found.openpgp and self.found.cut is None:
            self.found = self.found._replace(cut=None if self._skip > _ENDLESS // 2 else True)
        self._steps = None
        return self.found

    def foresee(self, size: int) -> Framing:
        """Return the framing as far as it can be told of a message of `size` bytes in all."""
        found, end = self.found, self._seen + (self._skip or self._need - len(self._held))
        if self._steps is None or not found.openpgp or found.cut is not None:
            return found
        if self._skip > _ENDLESS // 2:
            return found
        if end > size:
            return found._replace(cut=True)
        if not found.encrypted:
            return found._replace(undecided=True)
        if self._goes_on:
            return found
        return found._replace(cut=False, trailing=end < size)

    def _advance(self, taken: bytes | None) -> None:
        try:
            wanted = self._steps.send(taken) if self._steps is not None else 0  # type: ignore[arg-type]
        except StopIteration:
            self._steps = None
            return
        self._skip, self._need = max(-wanted, 0), max(wanted, 0)

    def _noted(self, note: str) -> Framing:
        return self.found._replace(notes=(*self.found.notes, note))

    def _walk(self) -> _Steps:
        try:
            yield from self._message()
        except _Odd as odd:
            if self.found.openpgp:
                self.found = self._noted(str(odd))
            return
        if self.found.cut is False:
            yield 1
            self.found = self.found._replace(trailing=True)

    def _message(self) -> _Steps:
        """Walk to the end of the first encrypted data, or to what shows that there is none."""
        odd = 0
        while True:
            tag, length, goes_on = yield from self._header()
            if tag in {_UNPROTECTED, _PROTECTED, _OCB}:
                yield from self._data(tag, length, goes_on)
                return
            if tag in _OTHERS:
                yield from self._other(tag)
                return
            odd += 1
            keys = self.found.recipients + self.found.symmetric
            if goes_on or length > _MAX_KEY or keys > _MAX_KEYS or odd - keys > _MAX_ODD:
                raise _Odd("its packets make no message")
            if tag in _VERSIONS:
                yield from self._key(tag, length)
            elif tag in {_MARKER, _PADDING}:
                if length:
                    yield -length
            else:
                raise _Odd(f"a packet of kind {tag} does not belong there")

    def _header(self) -> Generator[int, bytes, tuple[int, int, bool]]:
        """Return the kind of the next packet, its first length, and whether more follows."""
        first = (yield 1)[0]
        if not first & 0x80:
            raise _Odd("what follows is no packet")
        if first & 0x40:
            length, goes_on = yield from self._length()
            return first & 0x3F, length, goes_on
        if first & 3 == 3:
            return first >> 2 & 15, _ENDLESS, False
        return first >> 2 & 15, int.from_bytes((yield 1 << (first & 3)), "big"), False

    def _length(self) -> _Length:
        first = (yield 1)[0]
        if first < 192:
            return first, False
        if first < 224:
            return (first - 192 << 8) + (yield 1)[0] + 192, False
        if first == 255:
            return int.from_bytes((yield 4), "big"), False
        return 1 << (first & 31), True

    def _key(self, tag: int, length: int) -> _Steps:
        """Take a packet that leads to the key of the data (RFC 9580, sections 5.1 and 5.3)."""
        if length < 4:
            raise _Odd("a packet that leads to its key is too short")
        start = yield 4
        if start[0] not in _VERSIONS[tag] or (tag == _PASSPHRASE and not _known(start)):
            raise _Odd("a packet that leads to its key is of an unknown kind")
        self.found = self.found._replace(openpgp=True)
        if length > 4:
            yield -(length - 4)
        found = self.found
        if tag == _PUBLIC_KEY:
            self._wrapped = True
            self.found = found._replace(recipients=found.recipients + 1)
            return
        self.found = found._replace(symmetric=found.symmetric + 1)
        if start[0] == 4:
            # A key that is wrapped may be one of another cipher: then only a weak wrap is known.
            self._wrapped |= length > 2 + _S2K[start[2]]
            self._use(start[1])
        elif start[0] == 5:
            self._use(start[1])

    def _use(self, number: int) -> None:
        """Note a cipher, unless a weaker one is known already."""
        name = CIPHERS.get(number, f"cipher {number}")
        if self.found.cipher in {"", STRONG}:
            self.found = self.found._replace(cipher=name)

    def _other(self, tag: int) -> _Steps:
        name, firsts = _OTHERS[tag]
        first = (yield 1)[0]
        if first in firsts:
            self.found = self.found._replace(openpgp=True)
            self.found = self._noted(f"it is {name}")

    def _data(self, tag: int, length: int, goes_on: bool) -> _Steps:
        """Walk encrypted data (RFC 9580, sections 5.7 and 5.13; LibrePGP, section 5.16)."""
        if not self.found.recipients + self.found.symmetric:
            raise _Odd("encrypted data that no packet leads to the key of")
        head = {_UNPROTECTED: 0, _PROTECTED: 1, _OCB: 4}[tag]
        if length < head + 3:
            raise _Odd("its encrypted data is too short")
        start = (yield head) if head else b""
        if tag == _PROTECTED and start[0] == 2:
            start += yield 3
        versions = {_PROTECTED: (1, 2), _OCB: (1,)}.get(tag)
        if versions is not None and start[0] not in versions:
            raise _Odd(f"its encrypted data is of the unknown version {start[0]}")
        if len(start) == 4:
            self._wrapped = False
            self._use(start[1])
            integrity = f"AEAD {AEADS.get(start[2], str(start[2]))}"
        else:
            integrity = "MDC" if tag == _PROTECTED else ""
        hidden = self._wrapped and self.found.cipher in {"", STRONG}
        self.found = self.found._replace(
            encrypted=True, integrity=integrity, cipher="" if hidden else self.found.cipher
        )
        yield from self._rest(length - len(start), goes_on)
        self.found = self.found._replace(cut=False)

    def _rest(self, left: int, goes_on: bool) -> _Steps:
        self._goes_on = goes_on
        while left or self._goes_on:
            if left:
                yield -left
            if not self._goes_on:
                return
            self._pieces += 1
            if self._pieces > _FEW and self._pieces * _SMALL > self._seen:
                raise _Odd("it is cut into too many pieces to be walked")
            left, self._goes_on = yield from self._length()


def _known(start: bytes) -> bool:
    """Return whether the beginning of a packet names a cipher and a way to make its key."""
    if start[0] == 4:
        return start[1] <= 13 and start[2] in _S2K
    if start[0] == 5:
        return start[1] <= 13 and start[2] in AEADS and start[3] in _S2K
    return start[2] <= 13 and start[3] in AEADS
