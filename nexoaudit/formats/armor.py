"""OpenPGP's ASCII armor, taken off as the text comes in (RFC 9580, section 6)."""

import binascii
import re

BEGIN = b"-----BEGIN PGP MESSAGE-----"
_END = b"-----END PGP MESSAGE-----"
_SPACE = b" \t\r\n"
_DIGITS = re.compile(rb"[A-Za-z0-9+/]*")
_MAX_LINE = 64 * 1024


class Armor:
    """Takes armored text, from `BEGIN` on, in blocks of any size, and gives what it holds."""

    def __init__(self) -> None:
        self._text = b""
        self._digits = b""
        self._feed = self._headers
        self.ended = False
        """Its last line was seen."""
        self.trailing = False
        """Something follows that line."""
        self.damaged = False
        """What was taken last is no armor; nothing more is taken."""

    def feed(self, text: bytes) -> bytes:
        """Return the bytes that the next piece of text adds."""
        if self.damaged:
            return b""
        self._text += text
        data = self._feed()
        self.damaged |= len(self._text) > _MAX_LINE
        return data

    def _headers(self) -> bytes:
        """Pass the first line and the headers, up to an empty line."""
        while b"\n" in self._text:
            line, _, self._text = self._text.partition(b"\n")
            if not line.strip():
                self._feed = self._body
                return self._body()
        return b""

    def _body(self) -> bytes:
        """Decode whole lines, up to the checksum or the last line."""
        text = b"\n" + self._text
        ends = [at for mark in (b"\n=", b"\n-") if (at := text.find(mark)) >= 0]
        if ends:
            self._text = text[min(ends) :]
            self._feed = self._after
            return self._decoded(text[: min(ends)]) + self._after()
        lines, newline, self._text = self._text.rpartition(b"\n")
        return self._decoded(lines + newline)

    def _after(self) -> bytes:
        """Look for the last line, and for what follows it."""
        if self.ended:
            self.trailing |= bool(self._text.strip())
            self._text = b""
        elif (at := self._text.find(_END)) >= 0:
            self.ended = True
            self._text = self._text[at + len(_END) :]
            self._after()
        return b""

    def _decoded(self, lines: bytes) -> bytes:
        digits = self._digits + lines.translate(None, _SPACE)
        match = _DIGITS.match(digits)
        good = match.end() if match is not None else 0
        if digits[good:] in {b"", b"=", b"=="} and not (good < len(digits) and len(digits) % 4):
            good = len(digits)
        self.damaged |= good < len(digits)
        whole = good // 4 * 4
        self._digits = digits[whole:good]
        return binascii.a2b_base64(digits[:whole])
