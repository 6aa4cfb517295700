"""How a file is encrypted, as its OpenPGP framing shows without any key."""

from typing import NamedTuple

CIPHERS = {
    1: "IDEA",
    2: "3DES",
    3: "CAST5",
    4: "BLOWFISH",
    7: "AES128",
    8: "AES192",
    9: "AES256",
    10: "TWOFISH",
    11: "CAMELLIA128",
    12: "CAMELLIA192",
    13: "CAMELLIA256",
}
"""Symmetric ciphers by their number (RFC 9580, section 9.3)."""
AEADS = {1: "EAX", 2: "OCB", 3: "GCM"}
"""Modes of authenticated encryption by their number (RFC 9580, section 9.6)."""
STRONG = "AES256"
HEAD = 64 * 1024
"""As many bytes of a file show its framing."""


class Framing(NamedTuple):
    """What the outermost packets of a file are."""

    openpgp: bool = False
    """It begins as an OpenPGP message, key or signature does."""
    encrypted: bool = False
    """Encrypted data lies behind at least one packet that leads to its key."""
    cipher: str = ""
    """Name of the weakest cipher that protects the data; empty: the encrypted key hides it."""
    integrity: str = ""
    """`MDC`, `AEAD EAX`, `AEAD OCB` or `AEAD GCM`; empty: nothing tells of changes."""
    recipients: int = 0
    """Public keys that it is encrypted to."""
    symmetric: int = 0
    """Passphrases that it is encrypted with."""
    armored: bool = False
    cut: bool | None = None
    """Whether it ends before its end; None where that cannot be told."""
    trailing: bool = False
    """Something follows its end."""
    undecided: bool = False
    """What was looked at ends before its data begins."""
    notes: tuple[str, ...] = ()
    """Words for a person: what it is when it is not encrypted, what is odd about it."""


def sealed_text(framing: Framing) -> str:
    """Return in a few words how it is encrypted, such as `AES256 MDC`; empty: it is not."""
    if not framing.encrypted:
        return ""
    return f"{framing.cipher or 'unknown'} {framing.integrity or 'none'}"


def framing_problems(framing: Framing) -> tuple[str, ...]:
    """Return what is wrong with a file that should be encrypted, as its framing shows it.

    Those are `sealed.not_openpgp` and `sealed.not_encrypted`, each alone; of encrypted data
    `sealed.weak` (not AES with 256 bits), `sealed.no_integrity`, `sealed.cut` and
    `stream.trailing_garbage`; `stream.unsupported` where nothing could be told. A cipher that only
    the recipient's key shows is not called weak.
    """
    if not framing.openpgp:
        return ("sealed.not_openpgp",)
    if framing.undecided:
        return ("stream.unsupported",)
    if not framing.encrypted:
        return ("sealed.cut",) if framing.cut else ("sealed.not_encrypted",)
    faults = {
        "sealed.weak": framing.cipher not in {"", STRONG},
        "sealed.no_integrity": not framing.integrity,
        "sealed.cut": framing.cut is True,
        "stream.trailing_garbage": framing.trailing,
    }
    return tuple(code for code, is_so in faults.items() if is_so)
