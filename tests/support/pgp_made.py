"""OpenPGP packets made by hand: those that no gpg of today makes, and those that nobody should."""

import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESOCB3

_CHUNK = 6
"""Chunks of 2 ** (6 + 6) bytes."""


def packet(tag: int, body: bytes, *, length: int | None = None) -> bytes:
    """Return a packet of the new format that claims `length` bytes, by default those it has."""
    size = len(body) if length is None else length
    return bytes([0xC0 | tag]) + (bytes([size]) if size < 192 else _long(size)) + body


def old(tag: int, body: bytes) -> bytes:
    """Return a packet of the old format whose length is the rest of the file."""
    return bytes([0x80 | tag << 2 | 3]) + body


def partial(tag: int, body: bytes, power: int) -> bytes:
    """Return a packet in pieces of 2 ** power bytes."""
    piece, out = 1 << power, bytes([0xC0 | tag])
    while len(body) >= piece:
        out += bytes([224 + power]) + body[:piece]
        body = body[piece:]
    return out + _long(len(body)) + body


def passphrase_key(version: int = 4, cipher: int = 9, *, wrapped: bool = False) -> bytes:
    """Return a packet that leads from a passphrase to the key."""
    s2k = b"\3\x08" + b"saltsalt" + b"\0"
    if version == 4:
        return packet(3, bytes([4, cipher]) + s2k + (b"k" * 33 if wrapped else b""))
    if version == 5:
        return packet(3, bytes([5, cipher, 2]) + s2k + b"i" * 15 + b"k" * 48)
    return packet(3, bytes([6, 29, cipher, 2, len(s2k)]) + s2k + b"i" * 15 + b"k" * 48)


def public_key() -> bytes:
    """Return a packet that leads from somebody's private key to the key."""
    return packet(1, b"\3" + b"keyidkey" + b"\x12" + b"s" * 90)


def ocb(data: bytes, passphrase: str) -> bytes:
    """Return `data` in LibrePGP's authenticated encryption (LibrePGP, sections 5.3 and 5.16)."""
    salt, session = os.urandom(8), os.urandom(32)
    wrap = AESOCB3(_from_passphrase(passphrase.encode(), salt))
    nonce = os.urandom(15)
    key = nonce + wrap.encrypt(nonce, session, b"\xc3\5\x09\2")
    begin = packet(3, b"\5\x09\2\3\x08" + salt + b"\0" + key)
    literal = packet(11, b"b\0" + bytes(4) + data)
    head, nonce = bytes([1, 9, 2, _CHUNK]), os.urandom(15)
    return begin + packet(20, head + nonce + _chunks(literal, AESOCB3(session), head, nonce))


def _chunks(data: bytes, cipher: AESOCB3, head: bytes, nonce: bytes) -> bytes:
    """Return the chunks, each with its own check, and the one of them all."""
    step, first, out, count = 64 << _CHUNK, int.from_bytes(nonce, "big"), b"", 0
    about = b"\xd4" + head
    for at in range(0, len(data), step):
        once = (first ^ count).to_bytes(15, "big")
        out += cipher.encrypt(once, data[at : at + step], about + struct.pack(">Q", count))
        count += 1
    once = (first ^ count).to_bytes(15, "big")
    return out + cipher.encrypt(once, b"", about + struct.pack(">QQ", count, len(data)))


def _long(size: int) -> bytes:
    return b"\xff" + size.to_bytes(4, "big")


def _from_passphrase(passphrase: bytes, salt: bytes) -> bytes:
    """Return a key of 32 bytes: iterated and salted, SHA-256, 1024 bytes (RFC 9580, 3.7.1.3)."""
    text = salt + passphrase
    return hashlib.sha256((text * (1024 // len(text) + 1))[:1024]).digest()
