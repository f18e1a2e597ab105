"""Own the open segment of a chain: make batches ready, write them through to the disk, checkpoint, roll over.

A batch is *prepared* (hashed, framed, signed: pure work, done on the event loop between two groups, when nobody else
touches the chain) and *put* (one write to a file opened with O_DSYNC, which returns when the bytes are on the disk, as
fdatasync after it would; done by the evidence thread). So the thread needs the interpreter only twice for each group.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import BatchHead, Checkpoint, FrameKind
from mehvar.exchange.rules import merkle, segments
from mehvar.gateway.evidence.files import ChainEnd, segment_path

Done = Callable[[bool], None]
Pending = tuple[bytes, bytes, Done | None]

_log = logging.getLogger(__name__)
_SIGNING = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Prepared:
    """Hold a signed batch and its frame, ready to be written."""

    head: BatchHead
    frame: bytes


class SegmentWriter:
    """Own the chain's open segment; used by one thread at a time."""

    def __init__(
        self, folder: Path, chain: str, key: ec.EllipticCurvePrivateKey, end: ChainEnd, *, segment_bytes: int
    ) -> None:
        """Continue a chain where it ended. The segment is made with the first write."""
        self.folder, self.chain, self.end = folder, chain, end
        self._key, self._fingerprint = key, segments.key_fingerprint(key.public_key())
        self._segment_bytes = segment_bytes
        self._descriptor = -1
        self._size = 0

    def prepare(self, entries: Sequence[Pending]) -> Prepared:
        """Hash, sign and frame the next batch. Nothing else may use the chain between this and `put`."""
        end = self.end
        head = segments.batch_head(
            chain=self.chain,
            number=end.batch + 1,
            previous=end.previous,
            hashes_=[merkle.leaf_hash(leaf) for leaf, _, _ in entries],
            at=max(end.at, time.time_ns() // 1000),
            key=self._fingerprint,
        )
        signature = self._key.sign(head.signed, _SIGNING)
        payload = segments.batch_payload(head, signature, [(leaf, parts) for leaf, parts, _ in entries])
        return Prepared(head, segments.frame(FrameKind.BATCH, payload))

    def put(self, batch: Prepared) -> None:
        """Write a prepared batch through to the disk; return when it is there.

        Raises:
            OSError: nothing was written; the next call begins a new segment.
        """
        self._ensure_open()
        self._append(batch.frame)
        head, end = batch.head, self.end
        end.previous, end.batch, end.at = segments.batch_hash(head), head.number, head.at
        end.open_batches.append(end.previous)
        if self._size >= self._segment_bytes:
            self._roll_over()

    def write(self, entries: Sequence[Pending]) -> None:
        """Prepare and put one batch.

        Raises:
            OSError: nothing was written; the next call begins a new segment.
        """
        self.put(self.prepare(entries))

    def checkpoint(self) -> Checkpoint | None:
        """Cover the batches since the last checkpoint by one; None when there are none.

        Raises:
            OSError: it was not written.
        """
        if not self.end.open_batches:
            return None
        self._ensure_open()
        if not self.end.open_batches:
            return None
        made, frame = self._made_checkpoint()
        self._append(frame)
        self._note(made)
        return made

    def close(self) -> None:
        """End the segment with a checkpoint and the closing frame."""
        if self._descriptor < 0:
            return
        self.checkpoint()
        self._append(segments.frame(FrameKind.CLOSING, b"{}"))
        os.close(self._descriptor)
        self._descriptor = -1

    def abandon(self) -> None:
        """Cut the segment back to its last good frame and leave it."""
        if self._descriptor < 0:
            return
        try:
            os.ftruncate(self._descriptor, self._size)
            os.fdatasync(self._descriptor)
        except OSError:
            _log.exception("the evidence segment could not be cut back; recovery will do it")
        os.close(self._descriptor)
        self._descriptor = -1

    def _roll_over(self) -> None:
        """End the segment; when that fails the batch is on the disk all the same, and a new segment follows."""
        try:
            self.close()
        except OSError:
            _log.exception("a full segment could not be closed")

    def _ensure_open(self) -> None:
        if self._descriptor >= 0:
            return
        path = segment_path(self.folder, self.chain, self.end.segment + 1)
        content = segments.MAGIC + self._header_frame()
        open_checkpoint = None
        if self.end.open_batches:
            open_checkpoint, frame = self._made_checkpoint()
            content += frame
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_DSYNC, 0o640)
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
            _sync_folder(self.folder)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        self._descriptor, self._size = descriptor, len(content)
        self.end.segment += 1
        if open_checkpoint is not None:
            self._note(open_checkpoint)

    def _header_frame(self) -> bytes:
        header = segments.segment_header(
            chain=self.chain,
            segment=self.end.segment + 1,
            first_batch=self.end.batch + 1,
            previous=self.end.previous,
            checkpoint=self.end.checkpoint,
            at=max(self.end.at, time.time_ns() // 1000),
            key=self._fingerprint,
        )
        return segments.frame(FrameKind.HEADER, header)

    def _made_checkpoint(self) -> tuple[Checkpoint, bytes]:
        covered = self.end.open_batches
        made = segments.make_checkpoint(
            self.chain,
            covered,
            first=self.end.batch - len(covered) + 1,
            previous=self.end.checkpoint,
            at=max(self.end.at, time.time_ns() // 1000),
        )
        return made, segments.frame(FrameKind.CHECKPOINT, made.signed)

    def _note(self, made: Checkpoint) -> None:
        folder = self.folder / "stamps"
        folder.mkdir(exist_ok=True)
        (folder / f"{made.chain}-{made.first:012d}-{made.last:012d}.checkpoint").write_bytes(made.signed)
        self.end.checkpoint, self.end.open_batches = segments.checkpoint_hash(made), []

    def _append(self, data: bytes) -> None:
        try:
            _write_all(self._descriptor, data)
        except OSError:
            self.abandon()
            raise
        self._size += len(data)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
