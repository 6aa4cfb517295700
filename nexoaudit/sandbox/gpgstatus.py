"""What gpg says of its work, in words for machines (doc/DETAILS of GnuPG)."""

import os
import threading
from contextlib import suppress

from nexoaudit.formats.framing import CIPHERS

_KNOWN = {"DECRYPTION_INFO", "DECRYPTION_OKAY", "GOODMDC", "BADMDC", "PLAINTEXT"}
_MOST = 1 << 16
"""Bytes of one line; a message can be made to have gpg say much."""


class Status:
    """Reads gpg's status lines, in a thread of its own, and keeps the few that matter."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        """The descriptor that gpg is given."""
        self.words: set[str] = set()
        self.cipher = ""
        """What the data is encrypted with."""
        self.error = ""
        """The first error that was told, with what it is about."""
        self._thread = threading.Thread(target=self._read, daemon=True)

    def started(self) -> None:
        """Begin to read, now that gpg has its end."""
        os.close(self.writer)
        self.writer = -1
        self._thread.start()

    def join(self) -> None:
        """Wait until gpg has said everything."""
        if self._thread.ident is not None:
            self._thread.join()

    def close(self) -> None:
        """Close what is open; gpg has ended."""
        self.join()
        for end in (self._reader, self.writer):
            if end >= 0:
                with suppress(OSError):
                    os.close(end)

    def _read(self) -> None:
        rest = b""
        while block := os.read(self._reader, 1 << 14):
            *lines, rest = (rest + block).split(b"\n")
            rest = rest[:_MOST]
            for line in lines:
                self._note(line.decode("ascii", "replace").split())

    def _note(self, line: list[str]) -> None:
        if len(line) < 2 or line[0] != "[GNUPG:]":
            return
        word, facts = line[1], line[2:]
        if word in _KNOWN:
            self.words.add(word)
        if word == "DECRYPTION_INFO" and len(facts) > 1 and not self.cipher:
            number = int(facts[1]) if facts[1].isdecimal() else 0
            self.cipher = CIPHERS.get(number, f"cipher {number}")
        if word in {"ERROR", "FAILURE"} and not self.error:
            self.error = " ".join(facts)[:200]
