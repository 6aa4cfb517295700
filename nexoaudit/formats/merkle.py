"""The hash tree of RFC 9162."""

import hashlib
from collections.abc import Iterable


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the RFC 9162 root over leaf hashes; that of no leaves is SHA-256 of nothing."""
    peaks: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, node = 0, leaf
        while peaks and peaks[-1][0] == height:
            node = _join(peaks.pop()[1], node)
            height += 1
        peaks.append((height, node))
    if not peaks:
        return hashlib.sha256(b"").digest()
    root = peaks.pop()[1]
    while peaks:
        root = _join(peaks.pop()[1], root)
    return root


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
