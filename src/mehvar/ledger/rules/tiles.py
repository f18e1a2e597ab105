"""Lay the log out in tiles of 256 hashes and bundles of 256 entries, with their addresses.

Source: C2SP tlog-tiles (tile height 8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.ledger.rules import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = "entries"
_GROUP = 1000
_LENGTH_BYTES = 2
_ADDRESS = re.compile(
    r"tile/(?:entries|0|[1-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}"
    r"(?P<partial>\.p/(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)

Load = Callable[[int, int, int], bytes]  # level, index, width -> the tile's bytes


@dataclass(frozen=True, slots=True)
class Tile:
    """Hold one tile: ``level``, ``index`` within it, and 1 to 256 ``hashes``."""

    level: int
    index: int
    hashes: tuple[bytes, ...]

    @property
    def address(self) -> str:
        """Return the path below the log's prefix."""
        return address(self.level, self.index, len(self.hashes))

    @property
    def content(self) -> bytes:
        """Return the bytes that are served."""
        return b"".join(self.hashes)


def address(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return ``tile/<L>/<N>[.p/<W>]``; the level ``entries`` names bundles."""
    groups = [f"{index % _GROUP:03}"]
    while index >= _GROUP:
        index //= _GROUP
        groups.append(f"x{index % _GROUP:03}")
    path = f"tile/{level}/{'/'.join(reversed(groups))}"
    return path if width == WIDTH else f"{path}.p/{width}"


def is_address(path: str) -> bool:
    """Tell whether ``path`` can be that of a tile or a bundle."""
    return _ADDRESS.fullmatch(path) is not None


def is_partial(path: str) -> bool:
    """Tell whether the address ``path`` is that of a partial tile or bundle."""
    found = _ADDRESS.fullmatch(path)
    return bool(found and found["partial"])


def width_at(size: int, level: int, index: int) -> int:
    """Return how many hashes the tile has in a log of ``size`` entries; 0 where there is none."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def edge(size: int) -> Iterator[tuple[int, int, int]]:
    """Give level, index and width of each partial tile of a log of ``size`` entries, from the leaves up."""
    level = 0
    while size >> (HEIGHT * level):
        width = (size >> (HEIGHT * level)) % WIDTH
        if width:
            yield level, size >> (HEIGHT * (level + 1)), width
        level += 1


def split(content: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a tile's bytes.

    Raises:
        InputError: it is not a whole number of hashes.
    """
    if not content or len(content) % merkle.HASH_BYTES:
        raise InputError(gettext_noop("A tile of the log is broken."), code="broken-tile")
    step = merkle.HASH_BYTES
    return tuple(content[at : at + step] for at in range(0, len(content), step))


def bundle(leaves: Iterable[bytes]) -> bytes:
    """Return an entry bundle: each leaf behind its length, an unsigned 16-bit big-endian integer."""
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def unbundle(content: bytes) -> tuple[bytes, ...]:
    """Return the leaves of an entry bundle.

    Raises:
        InputError: it ends within an entry.
    """
    leaves, at = [], 0
    while at < len(content):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(content[at:start], "big")
        if start > len(content) or at > len(content):
            raise InputError(gettext_noop("An entry bundle of the log is broken."), code="broken-bundle")
        leaves.append(content[start:at])
    return tuple(leaves)


class TileBuilder:
    """Grow the tree leaf by leaf, holding no more than the partial tile of each level."""

    def __init__(self, size: int = 0, load: Load | None = None) -> None:
        """Begin with a log of ``size`` entries whose partial tiles ``load`` gives.

        Raises:
            InputError: a partial tile is not as wide as the size says.
        """
        self.size = size
        self._rows: list[list[bytes]] = []
        for level, index, width in edge(size):
            hashes = split(load(level, index, width)) if load else ()
            if len(hashes) != width:
                raise InputError(gettext_noop("A tile of the log is broken."), code="broken-tile")
            self._row(level).extend(hashes)

    def add(self, leaf_hash: bytes) -> list[Tile]:
        """Append one leaf hash and return the tiles that it filled."""
        self.size += 1
        filled: list[Tile] = []
        level, item = 0, leaf_hash
        while True:
            row = self._row(level)
            row.append(item)
            if len(row) < WIDTH:
                return filled
            index = (self.size >> (HEIGHT * (level + 1))) - 1
            filled.append(Tile(level, index, tuple(row)))
            item = merkle.tree_hash(row)
            row.clear()
            level += 1

    def partial_tiles(self) -> list[Tile]:
        """Return the partial tiles of the tree as it stands."""
        return [Tile(level, index, tuple(self._rows[level])) for level, index, _width in edge(self.size)]

    def last_leaf_hash(self, load: Load) -> bytes | None:
        """Return the newest leaf hash, None in an empty tree."""
        if self.size == 0:
            return None
        row = self._rows[0] or split(load(0, self.size // WIDTH - 1, WIDTH))
        return row[-1]

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        root: bytes | None = None
        for row in self._rows:
            parts = row if root is None else [*row, root]
            root = merkle.tree_hash(parts) if parts else None
        return merkle.EMPTY_ROOT if root is None else root

    def _row(self, level: int) -> list[bytes]:
        while len(self._rows) <= level:
            self._rows.append([])
        return self._rows[level]


class TiledTree:
    """Answer proofs about a log of ``size`` entries from its tiles, reading each tile once."""

    def __init__(self, size: int, load: Load) -> None:
        """Read tiles of a log of at least ``size`` entries with ``load``."""
        self.size = size
        self._load = load
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree."""
        row, height = divmod(level, HEIGHT)
        first = index << height
        tile = self._tile(row, first >> HEIGHT)
        offset = first % WIDTH
        return merkle.tree_hash(tile[offset : offset + (1 << height)])

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first ``size`` leaves, all of them when none is said."""
        return merkle.range_hash(0, self.size if size is None else size, self.subtree)

    def leaf_hash(self, index: int) -> bytes:
        """Return one leaf's hash."""
        return self.subtree(0, index)

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that leaf ``index`` is in this tree."""
        return merkle.inclusion_proof(index, self.size, self.subtree)

    def consistency_proof(self, first: int) -> tuple[bytes, ...]:
        """Return the proof that this tree extends its own first ``first`` leaves."""
        return merkle.consistency_proof(first, self.size, self.subtree)

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        key = (level, index)
        if key not in self._tiles:
            self._tiles[key] = split(self._load(level, index, width_at(self.size, level, index)))
        return self._tiles[key]
