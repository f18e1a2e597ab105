"""Read the sealed log: how far it reaches, whether its files agree with the records."""

from __future__ import annotations

from collections.abc import Iterator

from mehvar.kernel.errors import MehvarError, NotFound, gettext_noop
from mehvar.ledger.data import Fault, FaultCode, LogReport, SealRecord
from mehvar.ledger.models import Entry, LogFolder, key_folder, log_folder
from mehvar.ledger.rules import merkle, notes, tiles
from mehvar.ledger.rules.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint

_ROWS_AT_ONCE = 256
_MOST_FAULTS = 1000


def verifier_key() -> str:
    """Return the log's public key as people pass it on; empty before the first sealing."""
    key = key_folder().signing_key()
    return str(key.verifier) if key else ""


def seal_state() -> SealRecord:
    """Return how far the log is sealed; size 0 while nothing is."""
    found = newest_checkpoint()
    if found is None:
        return SealRecord(verifier_key(), 0)
    checkpoint, note = found
    return SealRecord(verifier_key(), checkpoint.size, _names(note))


def newest_checkpoint() -> tuple[Checkpoint, notes.Note] | None:
    """Return the newest checkpoint with its note, None while nothing is sealed.

    Raises:
        InputError: its signature is not of this installation's key.
    """
    key = key_folder().signing_key()
    return log_folder().checkpoint(key.verifier) if key else None


def log_file(address: str) -> bytes:
    """Return a file of the log as strangers fetch it: the checkpoint, a tile, an entry bundle.

    Raises:
        NotFound: the log has no such file.
    """
    path = log_folder().folder / address
    if not (address == "checkpoint" or tiles.is_address(address)) or not path.is_file():
        raise NotFound(gettext_noop("The log has no such file."), code="no-such-log-file")
    return path.read_bytes()


def log_report() -> LogReport:
    """Check the sealed log against the records, to the byte: tiles, entry bundles, checkpoint, cosigned checkpoints.

    At most 1,000 faults are named; memory does not grow with the log.
    """
    try:
        found = newest_checkpoint()
    except MehvarError:
        return LogReport("", 0, "", faults=(Fault(0, FaultCode.CHECKPOINT),))
    if found is None:
        return LogReport("", 0, "")
    checkpoint, note = found
    folder = log_folder()
    faults = []
    for fault in _faults(folder, checkpoint):
        faults.append(fault)
        if len(faults) == _MOST_FAULTS:
            break
    return LogReport(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), _names(note), tuple(faults))


def _faults(folder: LogFolder, checkpoint: Checkpoint) -> Iterator[Fault]:
    tree = tiles.TileBuilder()
    for leaves in _bundles(checkpoint.size):
        index, first = tree.size // tiles.WIDTH, tree.size + 1
        full = [tile for leaf in leaves for tile in tree.add(merkle.leaf_hash(leaf))]
        if not _same(folder, (tiles.ENTRIES, index, len(leaves)), tiles.bundle(leaves)):
            yield Fault(first, FaultCode.BUNDLE)
        yield from _wrong_tiles(folder, full)
    yield from _wrong_tiles(folder, tree.partial_tiles())
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        yield Fault(checkpoint.size, FaultCode.CHECKPOINT)
    yield from _wrong_cosigned(folder, checkpoint)


def _bundles(size: int) -> Iterator[list[bytes]]:
    """Give the recorded leaves by 256."""
    rows = Entry.objects.filter(sequence__lte=size).order_by("sequence").values_list("leaf", flat=True)
    leaves: list[bytes] = []
    for leaf in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        leaves.append(bytes(leaf))
        if len(leaves) == tiles.WIDTH:
            yield leaves
            leaves = []
    if leaves:
        yield leaves


def _wrong_tiles(folder: LogFolder, expected: list[tiles.Tile]) -> Iterator[Fault]:
    for tile in expected:
        if not _same(folder, (tile.level, tile.index, len(tile.hashes)), tile.content):
            yield Fault(
                1 + (tile.index << (tiles.HEIGHT * (tile.level + 1))),
                FaultCode.TILE,
            )


def _wrong_cosigned(folder: LogFolder, newest: Checkpoint) -> Iterator[Fault]:
    """Compare what witnesses once signed with the log of today."""
    tree = tiles.TiledTree(newest.size, folder.tile)
    key = key_folder().signing_key()
    for size, content in folder.cosigned():
        try:
            checkpoint = open_checkpoint(content, key.verifier)[0] if key else None
            agrees = checkpoint is not None and _agrees(checkpoint, size, tree)
        except (MehvarError, IndexError):
            agrees = False
        if not agrees:
            yield Fault(size, FaultCode.COSIGNED)


def _agrees(checkpoint: Checkpoint, size: int, tree: tiles.TiledTree) -> bool:
    return checkpoint.size == size <= tree.size and tree.root(size) == checkpoint.root


def _same(folder: LogFolder, place: tuple[int | str, int, int], expected: bytes) -> bool:
    """Tell whether a tile is as it must be; a partial one may have become full since the checkpoint was read."""
    try:
        return folder.tile(*place) == expected
    except MehvarError:
        return False


def _names(note: notes.Note) -> tuple[str, ...]:
    return tuple(key.name for key in notes.signers(note, key_folder().witnesses()))


def checkpoint_for(sequence: int) -> tuple[Checkpoint, str]:
    """Return the checkpoint to prove entry ``sequence`` with: the newest that witnesses cosigned, else the newest.

    Raises:
        NotFound: the entry is not sealed yet.
    """
    for _size, content in reversed([item for item in log_folder().cosigned() if item[0] >= sequence]):
        return parse_checkpoint(notes.parse_note(content).text), content
    found = newest_checkpoint()
    if found is None or found[0].size < sequence:
        raise NotFound(
            gettext_noop("Record {sequence} is not sealed yet; sealing runs every minute."),
            code="not-sealed-yet",
            sequence=sequence,
        )
    return found[0], str(found[1])
