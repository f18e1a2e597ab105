"""Hash batches of leaves into a tree and prove that a leaf is in it.

Leaf hash SHA-256(0x00 || leaf), node hash SHA-256(0x01 || left || right), split at the largest power of two.

Source: RFC 9162, 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the tree's root over leaf hashes; SHA-256 of nothing when there are none."""
    if not hashes:
        return sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path from leaf ``index`` to the root, lowest first."""
    level, proof = list(hashes), []
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            proof.append(level[neighbour])
        level, index = _next_level(level), index // 2
    return proof


def is_included(leaf: bytes, proof: Sequence[bytes], *, index: int, count: int, root: bytes) -> bool:
    """Tell whether ``leaf`` is number ``index`` of ``count`` under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < count:
        return False
    place, last, value = index, count - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = sha256(b"\x01" + sibling + value).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = sha256(b"\x01" + value + sibling).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def _next_level(level: list[bytes]) -> list[bytes]:
    pairs = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        pairs.append(level[-1])
    return pairs
