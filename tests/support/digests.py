"""What is uploaded to a store, and every digest that it may tell of that."""

import hashlib
import zlib

from awscrt import checksums

MIB = 1 << 20
SMALL = b"a small backup"
PARTS = [b"a" * 5 * MIB, b"b" * 6 * MIB, b"c"]
"""Of unequal sizes, which an uploader may choose."""
LARGE = b"".join(PARTS)


def crc32(data):
    return zlib.crc32(data).to_bytes(4, "big")


def crc32c(data):
    return checksums.crc32c(data).to_bytes(4, "big")


def crc64nvme(data):
    return checksums.crc64nvme(data).to_bytes(8, "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def sha1(data):
    return hashlib.sha1(data).digest()


def md5(data):
    return hashlib.md5(data).digest()


DIGESTS = {"CRC32": crc32, "CRC32C": crc32c, "CRC64NVME": crc64nvme, "SHA1": sha1, "SHA256": sha256}


def composite(digest):
    return digest(b"".join(map(digest, PARTS))).hex()


def only(transport, path="backup"):
    (stored,) = transport.stored([path])
    return stored
