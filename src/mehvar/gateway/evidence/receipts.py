"""Make the receipt of one call from the evidence on disk, with its time stamp when there is one."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mehvar.exchange.data.evidence import Batch, Checkpoint, FrameKind
from mehvar.exchange.rules import receipts, segments
from mehvar.gateway.evidence import files


def receipt_of(folder: Path, request_id: str, *, with_parts: bool = True) -> bytes:
    """Return the receipt of the call that a client knows by its X-Road-Request-Id.

    Raises:
        NotFound: no evidence of it is here.
    """
    batch, index = files.find_entry(folder, request_id)
    return receipts.make_receipt(batch, index, stamp=_stamp_of(folder, batch), with_parts=with_parts)


def _stamp_of(folder: Path, batch: Batch) -> tuple[Checkpoint, list[str], bytes] | None:
    for path in (folder / "stamps").glob(f"{batch.head.chain}-*.checkpoint"):
        checkpoint = segments.parse_checkpoint(path.read_bytes())
        token = path.with_suffix(".token")
        if checkpoint.first <= batch.head.number <= checkpoint.last and token.exists():
            return checkpoint, _batch_hashes(folder, checkpoint), token.read_bytes()
    return None


def _batch_hashes(folder: Path, checkpoint: Checkpoint) -> list[str]:
    found = {}
    for path in files.segment_paths(folder, checkpoint.chain):
        with files.mapped(path) as data, contextlib.suppress(StopIteration):
            for frame in segments.read_frames(data):
                if frame.kind is FrameKind.BATCH:
                    head = segments.parse_batch(frame).head
                    if checkpoint.first <= head.number <= checkpoint.last:
                        found[head.number] = segments.batch_hash(head)
    return [found[number] for number in range(checkpoint.first, checkpoint.last + 1)]
