"""Write evidence in groups: everything that waits becomes one batch, one signature, one fdatasync.

The event loop appends; one thread writes. While a write is under way, what arrives waits for the next one, so a group
grows by itself with the load. An entry with ``done`` is durable: ``done`` is called after fdatasync. An entry without
is written within its window.

When a write fails (disk full, i/o error) nothing of that group counts as written: the file is cut back to its last
good frame and closed, durable waiters are told, and the entries stay in memory to be written to a new segment as soon
as that works; meanwhile the gateway refuses calls.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import Checkpoint, FrameKind
from mehvar.exchange.rules import merkle, segments
from mehvar.gateway.evidence.files import ChainEnd, segment_path

Done = Callable[[bool], None]
Pending = tuple[bytes, bytes, Done | None]

MAX_BATCH = 4_096
MAX_WAITING = 50_000
RETRY_S = 0.5
CROWD = 4  # entries in the last groups
GATHER_S = 0.001
_log = logging.getLogger(__name__)
_SIGNING = ec.ECDSA(hashes.SHA256())


class SegmentWriter:
    """Own the chain's open segment; used by one thread only."""

    def __init__(
        self, folder: Path, chain: str, key: ec.EllipticCurvePrivateKey, end: ChainEnd, *, segment_bytes: int
    ) -> None:
        """Continue a chain where it ended. The segment is made with the first write."""
        self.folder, self.chain, self.end = folder, chain, end
        self._key, self._fingerprint = key, segments.key_fingerprint(key.public_key())
        self._segment_bytes = segment_bytes
        self._descriptor = -1
        self._size = 0

    def write(self, entries: list[Pending]) -> None:
        """Sign, write and sync one batch.

        Raises:
            OSError: nothing was written; the next call begins a new segment.
        """
        self._ensure_open()
        hashes_ = [merkle.leaf_hash(leaf) for leaf, _, _ in entries]
        end, at = self.end, max(self.end.at, time.time_ns() // 1000)
        head = segments.batch_head(
            chain=self.chain,
            number=end.batch + 1,
            previous=end.previous,
            hashes_=hashes_,
            at=at,
            key=self._fingerprint,
        )
        payload = segments.batch_payload(
            head, self._key.sign(head.signed, _SIGNING), [(leaf, parts) for leaf, parts, _ in entries]
        )
        self._append(segments.frame(FrameKind.BATCH, payload))
        end.previous, end.batch, end.at = segments.batch_hash(head), head.number, at
        end.open_batches.append(end.previous)
        if self._size >= self._segment_bytes:
            self.close()

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

    def _ensure_open(self) -> None:
        if self._descriptor >= 0:
            return
        path = segment_path(self.folder, self.chain, self.end.segment + 1)
        content = segments.MAGIC + self._header_frame()
        open_checkpoint = None
        if self.end.open_batches:
            open_checkpoint, frame = self._made_checkpoint()
            content += frame
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
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
            os.fdatasync(self._descriptor)
        except OSError:
            self.abandon()
            raise
        self._size += len(data)


class EvidenceLog:
    """Collect entries on the event loop and have them written by a thread."""

    def __init__(self, writer: SegmentWriter, *, checkpoint_s: float) -> None:
        """Start the thread; must be called on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._writer, self._checkpoint_s = writer, checkpoint_s
        self._waiting: list[Pending] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._is_busy = self._is_scheduled = False
        self.has_failed = False
        self._last_group = 0
        self.batches = self.entries = self.failures = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._orders: queue.SimpleQueue[list[Pending] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="evidence", daemon=True)
        self._thread.start()

    @property
    def is_accepting(self) -> bool:
        """Tell whether evidence can be taken; when not, no call may be carried."""
        return not self.has_failed and len(self._waiting) < MAX_WAITING

    def append(self, leaf: bytes, parts: bytes, done: Done | None, *, window_s: float = 0.0) -> None:
        """Take one entry. With ``done``: durable. Without: written within ``window_s``."""
        self._waiting.append((leaf, parts, done))
        self._idle.clear()
        if self._is_busy or self._is_scheduled:
            return
        if done is not None:
            self._flush_soon()
        else:
            self._flush_within(window_s / 2)

    async def close(self) -> None:
        """Write what waits, end the segment, stop the thread; gives up waiting when the disk stays full."""
        self._flush()
        try:
            await asyncio.wait_for(self._idle.wait(), 5)
        except TimeoutError:
            _log.critical("%d entries of evidence could not be written", len(self._waiting))
        self._orders.put(None)
        await self._loop.run_in_executor(None, self._thread.join, 10)

    def _flush_soon(self) -> None:
        """Write now when calls come one by one; when they come in crowds, wait a moment for the rest of the crowd."""
        self._is_scheduled = True
        if self._last_group >= CROWD and len(self._waiting) < self._last_group:
            self._loop.call_later(GATHER_S, self._flush)
        else:
            self._loop.call_soon(self._flush)

    def _flush_within(self, seconds: float) -> None:
        due = self._loop.time() + seconds
        if self._timer is not None:
            if self._timer_at <= due:
                return
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_at(due, self._flush)

    def _flush(self) -> None:
        self._is_scheduled = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_busy or not self._waiting:
            return
        group, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._is_busy = True
        self._last_group = (
            (self._last_group + len(group)) // 2 if self._last_group > len(group) else len(group)
        )
        self._orders.put(group)

    def _work(self) -> None:
        due = time.monotonic() + self._checkpoint_s
        while True:
            try:
                group = self._orders.get(timeout=max(0.01, due - time.monotonic()))
            except queue.Empty:
                group = []
            if group is None:
                self._finish()
                return
            if group:
                self._write(group)
            if time.monotonic() >= due:
                self._try_checkpoint()
                due = time.monotonic() + self._checkpoint_s

    def _write(self, group: list[Pending]) -> None:
        try:
            self._writer.write(group)
        except OSError as error:
            _log.error("evidence could not be written: %s", error)
            self._loop.call_soon_threadsafe(self._failed, group)
        else:
            self._loop.call_soon_threadsafe(self._written, group)

    def _try_checkpoint(self) -> None:
        try:
            self._writer.checkpoint()
        except OSError:
            _log.exception("a checkpoint could not be written")

    def _finish(self) -> None:
        try:
            self._writer.close()
        except OSError:
            _log.exception("the evidence segment could not be closed")

    def _written(self, group: list[Pending]) -> None:
        self._is_busy = self.has_failed = False
        self.batches += 1
        self.entries += len(group)
        for _, _, done in group:
            if done is not None:
                done(True)
        self._go_on()

    def _failed(self, group: list[Pending]) -> None:
        self._is_busy, self.has_failed = False, True
        self.failures += 1
        waiting = group + self._waiting
        self._waiting = [(leaf, parts, None) for leaf, parts, _ in waiting]
        for _, _, done in waiting:
            if done is not None:
                done(False)
        self._flush_within(RETRY_S)

    def _go_on(self) -> None:
        if not self._waiting:
            self._idle.set()
        elif any(done is not None for _, _, done in self._waiting):
            self._flush_soon()
        else:
            self._flush_within(0.02)


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
