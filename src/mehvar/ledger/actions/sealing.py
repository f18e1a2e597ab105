"""Seal entries into the Merkle log: bundles, tiles, then the checkpoint that covers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from mehvar.kernel.errors import Conflict, gettext_noop
from mehvar.ledger import queries
from mehvar.ledger.models import Entry, LogFolder, damaged, key_folder, log_folder
from mehvar.ledger.rules import merkle, notes, tiles
from mehvar.ledger.rules.checkpoints import Checkpoint
from mehvar.ledger.rules.leaf import GENESIS

BATCH = 16_384
_ROWS_AT_ONCE = 256


def seal(*, wait: bool = False) -> int:
    """Seal every committed entry that is not sealed yet, and return how many those were.

    Safe at any time and from several processes of one machine: while one seals, others return 0 at once, or ``wait``.
    The log's key is made on the first run. A process killed in between leaves the log as its last checkpoint says.

    Raises:
        Conflict: the records do not continue the log (a database that was set back), or the log is damaged.
        InputError: the checkpoint is not of this installation's key.
    """
    folder = log_folder()
    with folder.locked(wait=wait) as held:
        if not held:
            return 0
        key = key_folder().make_signing_key(origin())
        with transaction.atomic(
            durable=True
        ):  # a reader within somebody's open act would seal what may never be
            last = queries.head().sequence
        before = size = _sealed_size(folder, key)
        if size > last:
            raise _no_continuation(last)
        while size < last:
            size = _Sealer(folder, key, size).seal(_leaves(size, min(last, size + BATCH)))
        return size - before


def origin() -> str:
    """Return the name that a new log gets: its public address without the scheme."""
    parts = urlsplit(settings.MEHVAR_BASE_URL)
    return f"{parts.netloc}{parts.path.rstrip('/')}/log"


class _Sealer:
    """Append one batch to the log."""

    def __init__(self, folder: LogFolder, key: notes.SigningKey, size: int) -> None:
        self._folder, self._key = folder, key
        self._tree = tiles.TileBuilder(size, folder.tile)
        self._check_root(size)
        last = self._tree.last_leaf_hash(folder.tile)
        self._link = last.hex() if last else GENESIS
        self._bundle = self._open_bundle(size)
        self._filled: list[str] = []

    def seal(self, leaves: Iterable[tuple[int, bytes, str]]) -> int:
        """Write everything and sign; return the new size."""
        for sequence, leaf, stored_hash in leaves:
            self._take(sequence, leaf, stored_hash)
        self._write_partials()
        self._folder.publish(
            self._key.sign(Checkpoint(self._key.name, self._tree.size, self._tree.root()).text)
        )
        self._folder.drop_partials(self._filled)
        return self._tree.size

    def _take(self, sequence: int, leaf: bytes, stored_hash: str) -> None:
        """Append one leaf, if it is the next one."""
        digest = merkle.leaf_hash(leaf)
        follows = sequence == self._tree.size + 1 and f'"previous":"{self._link}"'.encode() in leaf
        self._link = digest.hex()
        if not follows or self._link != stored_hash:
            raise _no_continuation(sequence)
        self._bundle.append(leaf)
        for tile in self._tree.add(digest):
            self._write(tile.address, tile.content)
        if len(self._bundle) == tiles.WIDTH:
            address = tiles.address(tiles.ENTRIES, self._tree.size // tiles.WIDTH - 1)
            self._write(address, tiles.bundle(self._bundle))
            self._bundle.clear()

    def _write(self, address: str, content: bytes) -> None:
        self._folder.write(address, content)
        self._filled.append(address)

    def _write_partials(self) -> None:
        size = self._tree.size
        for tile in self._tree.partial_tiles():
            self._folder.write(tile.address, tile.content)
        if self._bundle:
            address = tiles.address(tiles.ENTRIES, size // tiles.WIDTH, len(self._bundle))
            self._folder.write(address, tiles.bundle(self._bundle))

    def _open_bundle(self, size: int) -> list[bytes]:
        """Return the leaves of the partial bundle, if they are those of the partial tile."""
        width = size % tiles.WIDTH
        if not width:
            return []
        index = size // tiles.WIDTH
        leaves = list(tiles.unbundle(self._folder.tile(tiles.ENTRIES, index, width)))
        if [merkle.leaf_hash(leaf) for leaf in leaves] != list(self._tree.partial_tiles()[0].hashes):
            raise damaged(tiles.address(tiles.ENTRIES, index, width))
        return leaves

    def _check_root(self, size: int) -> None:
        """Refuse to build upon tiles that are not those of the checkpoint."""
        found = self._folder.checkpoint(self._key.verifier)
        if found and (found[0].size, found[0].root) != (size, self._tree.root()):
            raise damaged("checkpoint")


def _sealed_size(folder: LogFolder, key: notes.SigningKey) -> int:
    found = folder.checkpoint(key.verifier)
    return found[0].size if found else 0


def _leaves(after: int, last: int) -> Iterator[tuple[int, bytes, str]]:
    rows = Entry.objects.filter(sequence__gt=after, sequence__lte=last).order_by("sequence")
    found = rows.values_list("sequence", "leaf", "leaf_hash").iterator(chunk_size=_ROWS_AT_ONCE)
    return ((sequence, bytes(leaf), leaf_hash) for sequence, leaf, leaf_hash in found)


def _no_continuation(sequence: int) -> Conflict:
    return Conflict(
        gettext_noop(
            "At record {sequence} the database does not continue the sealed log; nothing was sealed. "
            "Run “mehvar ledger verify” and tell the auditor."
        ),
        code="log-not-continued",
        sequence=sequence,
    )
