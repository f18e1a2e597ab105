"""Find the evidence of one call in a folder, and make its receipt, with its time stamp when there is one."""

from __future__ import annotations

import gzip
import json
import mmap
from collections.abc import Iterator
from pathlib import Path

from mehvar.exchange.data.evidence import Batch, Checkpoint, EvidenceDamaged, FrameKind
from mehvar.exchange.rules import folders, receipts, segments
from mehvar.kernel.errors import NotFound, gettext_noop

_HEADER_BYTES = 4_096


def receipt_of(folder: Path, request_id: str, *, with_parts: bool = True) -> bytes:
    """Return the receipt of the call that a client knows by its X-Road-Request-Id.

    Raises:
        NotFound: no evidence of it is here.
    """
    return _receipt(folder, *find_entry(folder, request_id), with_parts=with_parts)


def receipt_at(
    folder: Path, chain: str, segment: int, *, batch: int, request_id: str, with_parts: bool = True
) -> bytes:
    """Return the receipt of a call whose place is known, without searching the whole folder.

    Raises:
        NotFound: no evidence of it is there (any more).
    """
    try:
        with folders.opened(folder, chain, segment) as file:
            found = _batch_in(file.read(), batch)
    except (OSError, EvidenceDamaged) as error:
        raise _absent(request_id) from error
    places = [
        place
        for place, entry in enumerate(found.entries if found else ())
        if _needle(request_id) in entry.leaf
    ]
    if found is None or not places:
        raise _absent(request_id)
    return _receipt(folder, found, places[-1], with_parts=with_parts)


def key_at(folder: Path, chain: str, segment: int) -> bytes:
    """Return the public key (PEM) that signs a segment.

    Raises:
        NotFound: the segment or the key is no longer here.
    """
    try:
        with folders.opened(folder, chain, segment) as file:
            header = file.read(_HEADER_BYTES)
        fingerprint = str(json.loads(next(segments.read_frames(header)).payload)["key"])
        folders.public_key(folder, fingerprint)
        return (folder / "keys" / f"{fingerprint}.pem").read_bytes()
    except (OSError, EvidenceDamaged, StopIteration, ValueError, KeyError, TypeError) as error:
        raise NotFound(gettext_noop("The key of this evidence is not here."), code="unknown-key") from error


def find_entry(folder: Path, request_id: str) -> tuple[Batch, int]:
    """Return the batch, and place in it, of the evidence of one call; the exchange rather than the request alone.

    Archived segments are searched after the others.

    Raises:
        NotFound: no evidence of this call is here.
    """
    found: tuple[Batch, int] | None = None
    for batch, index in _everywhere(folder, _needle(request_id)):
        if b'"kind":"request"' not in batch.entries[index].leaf:
            return batch, index
        found = (batch, index)
    if found is None:
        raise _absent(request_id)
    return found


def _everywhere(folder: Path, needle: bytes) -> Iterator[tuple[Batch, int]]:
    for path in reversed(folders.segment_paths(folder)):
        with path.open("rb") as file:
            if path.stat().st_size:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    yield from _matches(data, needle)
    for path in sorted((folder / "archive").glob("*.mev.gz"), reverse=True):
        yield from _matches(gzip.decompress(path.read_bytes()), needle)


def _matches(data: mmap.mmap | bytes, needle: bytes) -> Iterator[tuple[Batch, int]]:
    place = data.find(needle)
    if place < 0:
        return
    with memoryview(data) as view:
        for frame in segments.read_frames(view):
            if not frame.start <= place < frame.end:
                continue
            batch = segments.parse_batch(frame)
            yield from ((batch, index) for index, entry in enumerate(batch.entries) if needle in entry.leaf)
            place = data.find(needle, frame.end)
            if place < 0:
                return


def _batch_in(data: bytes, number: int) -> Batch | None:
    for frame in segments.read_frames(data):
        if frame.kind is FrameKind.BATCH and f'"number":{number},'.encode() in frame.payload[:1_000]:
            batch = segments.parse_batch(frame)
            if batch.head.number == number:
                return batch
    return None


def _receipt(folder: Path, batch: Batch, index: int, *, with_parts: bool) -> bytes:
    return receipts.make_receipt(batch, index, stamp=_stamp_of(folder, batch), with_parts=with_parts)


def _stamp_of(folder: Path, batch: Batch) -> tuple[Checkpoint, list[str], bytes] | None:
    for path in (folder / "stamps").glob(f"{batch.head.chain}-*.checkpoint"):
        checkpoint = segments.parse_checkpoint(path.read_bytes())
        token = path.with_suffix(".token")
        if checkpoint.first <= batch.head.number <= checkpoint.last and token.exists():
            hashes = _batch_hashes(folder, checkpoint)
            return (checkpoint, hashes, token.read_bytes()) if hashes else None
    return None


def _batch_hashes(folder: Path, checkpoint: Checkpoint) -> list[str]:
    """Return the hashes that a checkpoint covers, in order; nothing when some are no longer here."""
    found: dict[int, str] = {}
    readable, _ = folders.numbers_in(folder, checkpoint.chain)
    for number in sorted(readable):
        with folders.opened(folder, checkpoint.chain, number) as file:
            _note_hashes(file.read(), checkpoint, found)
    wanted = range(checkpoint.first, checkpoint.last + 1)
    return [found[number] for number in wanted] if all(number in found for number in wanted) else []


def _note_hashes(data: bytes, checkpoint: Checkpoint, found: dict[int, str]) -> None:
    try:
        for frame in segments.read_frames(data):
            if frame.kind is FrameKind.BATCH:
                head = segments.parse_batch(frame).head
                if checkpoint.first <= head.number <= checkpoint.last:
                    found[head.number] = segments.batch_hash(head)
    except EvidenceDamaged:
        return  # an unfinished tail, or what the index reports as a fault


def _needle(request_id: str) -> bytes:
    return f'"request_id":"{request_id}"'.encode()


def _absent(request_id: str) -> NotFound:
    return NotFound(gettext_noop("There is no evidence of the call {id} here."), id=request_id)
