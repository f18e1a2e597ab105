"""Compute Merkle tree hashes, inclusion proofs and consistency proofs, and check them.

Hashes are 32 bytes of SHA-256; leaves are numbered from 0. A *subtree* is asked for by level and index: the root over
the 2**level leaves from index * 2**level on. Whoever keeps the tree answers; a proof needs a handful of them.

Source: RFC 9162 §2.1.1 (hashes), §2.1.3 (inclusion), §2.1.4 (consistency).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Subtree = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return SHA-256(0x00 || leaf)."""
    return hashlib.sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(_NODE + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """Return the root over ``hashes``, which may be leaves or the roots of complete subtrees of one size.

    The last one may also be the root of a smaller subtree: the tree above has the same shape.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        pairs = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]
        row = pairs + row[-1:] if len(row) % 2 else pairs
    return row[0]


def range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """Return the root over the leaves ``start`` to ``end`` (not included), a range that a proof can name."""
    roots = []
    while start < end:
        level = (end - start).bit_length() - 1
        roots.append(subtree(level, start >> level))
        start += 1 << level
    if not roots:
        return EMPTY_ROOT
    root = roots.pop()
    while roots:
        root = node_hash(roots.pop(), root)
    return root


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that lead from leaf ``index`` to the root of the tree of ``size`` leaves.

    Raises:
        ValueError: the tree has no such leaf.

    Source: RFC 9162 §2.1.3.1.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return tuple(range_hash(*part, subtree) for part in reversed(ranges))


def consistency_proof(first: int, second: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that show the tree of ``first`` leaves to be the beginning of that of ``second`` leaves.

    Raises:
        ValueError: ``first`` exceeds ``second`` or is negative.

    Source: RFC 9162 §2.1.4.1.
    """
    if not 0 <= first <= second:
        raise ValueError("no such trees")
    if first in (0, second):
        return ()
    start, end, ranges = 0, second, []
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return tuple(range_hash(*part, subtree) for part in reversed(ranges))


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root to which ``proof`` leads from the leaf hash ``leaf``; None when it has the wrong length.

    Source: RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def includes(root: bytes, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows leaf hash ``leaf`` at ``index`` in the tree of ``size`` with this ``root``."""
    return root_of_inclusion(leaf, index, size, proof) == root


def extends(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows the second tree to hold the first one unchanged.

    Source: RFC 9162 §2.1.4.2.
    """
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not 0 < first < second or not proof:
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    roots = _roots_of_consistency(first - 1, second - 1, path)
    return roots == (first_root, second_root)


def _roots_of_consistency(place: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)
