"""Write evidence in groups: everything that waits becomes one batch, one signature, one synchronous write.

The event loop appends and prepares, one thread writes. While a write is under way, what arrives waits for the next
one, so a group grows by itself with the load. An entry with ``done`` is durable: ``done`` is called when it is on the
disk. An entry without is written within its window.

In a crowd the first durable entry of a group waits for the other calls under way, a few milliseconds at most and never
longer than half a write takes: one group of 32 costs half of two groups of 16. A single call never waits.

When a write fails (disk full, i/o error) nothing of that group counts as written: the file is cut back to its last
good frame and closed, durable waiters are told, and the entries stay in memory to be written to a new segment as soon
as that works; meanwhile the gateway refuses calls.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable

from mehvar.gateway.evidence.writer import Done, Pending, Prepared, SegmentWriter

MAX_BATCH = 1_024
MAX_WAITING = 50_000
RETRY_S = 0.5
CROWD = 4  # entries in the last groups
LOOK_S = 0.001
MAX_LOOKS = 5
QUIET_LOOKS = 2
NO_WINDOW = 3600.0
_log = logging.getLogger(__name__)


class EvidenceLog:
    """Collect entries on the event loop and have them written by a thread.

    ``under_way``: durable calls that began and are not over, kept by the calls; how large a crowd can become.
    """

    def __init__(self, writer: SegmentWriter, *, checkpoint_s: float) -> None:
        """Start the thread; must be called on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._writer, self._checkpoint_s = writer, checkpoint_s
        self._waiting: list[Pending] = []
        self._group: list[Pending] = []
        self._urgent = self._seen_urgent = self._looks = self._quiet_looks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._window_s = NO_WINDOW  # the shortest of what waits
        self._is_busy = self._is_scheduled = self._is_checkpoint_due = False
        self.has_failed = False
        self.under_way = 0
        self._last_group = 0
        self._write_s = 0.0
        self.batches = self.entries = self.failures = 0
        self._drained: asyncio.Event | None = None
        self._orders: queue.SimpleQueue[Prepared | str] = queue.SimpleQueue()
        self._checkpoints = self._loop.call_later(checkpoint_s, self._want_checkpoint)
        self._thread = threading.Thread(target=self._work, name="evidence", daemon=True)
        self._thread.start()

    @property
    def is_accepting(self) -> bool:
        """Tell whether evidence can be taken; when not, no call may be carried."""
        return not self.has_failed and len(self._waiting) < MAX_WAITING

    def append(self, leaf: bytes, parts: bytes, done: Done | None, *, window_s: float = 0.0) -> None:
        """Take one entry. With ``done``: durable. Without: written within ``window_s``."""
        self._waiting.append((leaf, parts, done))
        if done is None:
            if window_s < self._window_s:
                self._window_s = window_s
                if not (self._is_busy or self._is_scheduled):
                    self._flush_within(window_s / 2)
            return
        self._urgent += 1
        if self._is_busy:
            return
        if not self._is_scheduled:
            self._flush_soon()
        elif self._looks and self._urgent >= self._crowd():
            self._flush()

    async def close(self) -> None:
        """Write what waits, end the segment, stop the thread; gives up waiting when the disk stays full."""
        self._checkpoints.cancel()
        self._drained = asyncio.Event()
        self._flush()
        if not self._is_busy and not self._waiting:
            self._drained.set()
        try:
            await asyncio.wait_for(self._drained.wait(), 5)
        except TimeoutError:
            _log.critical("%d entries of evidence could not be written", len(self._waiting))
        self._orders.put("close")
        await self._loop.run_in_executor(None, self._thread.join, 10)

    # ------------------------------------------------------------------ when to write

    def _flush_soon(self) -> None:
        """Write now when calls come one by one; when they come in crowds, look out for the rest of the crowd."""
        self._is_scheduled = True
        if self._last_group >= CROWD and self._urgent < self._crowd():
            self._looks = min(MAX_LOOKS, max(1, int(self._write_s / 2 / LOOK_S)))
            self._seen_urgent, self._quiet_looks = self._urgent, 0
            self._set_timer(self._loop.time() + LOOK_S)
        else:
            self._looks = 0
            self._loop.call_soon(self._flush)

    def _crowd(self) -> int:
        """Return how many may come: those under way, and as many as came lately, who ask again when answered."""
        return max(self.under_way, self._last_group)

    def _flush_within(self, seconds: float) -> None:
        due = self._loop.time() + seconds
        if self._timer is not None and self._timer_at <= due:
            return
        self._set_timer(due)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        """Wait on while the crowd grows, for as many looks as are left; then write."""
        self._timer = None
        if self._urgent > self._seen_urgent:
            self._seen_urgent, self._quiet_looks = self._urgent, 0
        else:
            self._quiet_looks += 1
        if self._looks > 1 and self._quiet_looks < QUIET_LOOKS:
            self._looks -= 1
            self._set_timer(self._loop.time() + LOOK_S)
        else:
            self._flush()

    def _flush(self) -> None:
        self._is_scheduled, self._looks = False, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_busy or not self._waiting:
            return
        self._group, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._urgent = sum([done is not None for _, _, done in self._waiting]) if self._waiting else 0
        self._window_s = 0.0 if self._waiting else NO_WINDOW
        size = len(self._group)
        self._last_group = (self._last_group + size) // 2 if self._last_group > size else size
        self._is_busy = True
        self._orders.put(self._writer.prepare(self._group))

    def _want_checkpoint(self) -> None:
        self._checkpoints = self._loop.call_later(self._checkpoint_s, self._want_checkpoint)
        if self._is_busy:
            self._is_checkpoint_due = True
        else:
            self._checkpoint()

    def _checkpoint(self) -> None:
        self._is_busy, self._is_checkpoint_due = True, False
        self._orders.put("checkpoint")

    # ------------------------------------------------------------------ the thread

    def _work(self) -> None:
        while (order := self._orders.get()) != "close":
            if isinstance(order, Prepared):
                self._put(order)
            else:
                self._try(self._writer.checkpoint)
                self._loop.call_soon_threadsafe(self._checkpointed)
        self._try(self._writer.close)

    def _put(self, batch: Prepared) -> None:
        began = time.perf_counter()
        try:
            self._writer.put(batch)
        except OSError as error:
            _log.error("evidence could not be written: %s", error)
            self._loop.call_soon_threadsafe(self._failed)
        else:
            self._loop.call_soon_threadsafe(self._written, time.perf_counter() - began)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError:
            _log.exception("a checkpoint could not be written")

    # ------------------------------------------------------------------ what comes back

    def _written(self, took_s: float) -> None:
        group, self._group = self._group, []
        self._is_busy = self.has_failed = False
        self._write_s += (took_s - self._write_s) / 8
        self.batches += 1
        self.entries += len(group)
        for _, _, done in group:
            if done is not None:
                done(True)
        self._go_on()

    def _failed(self) -> None:
        self._is_busy, self.has_failed = False, True
        self.failures += 1
        waiting, self._group = self._group + self._waiting, []
        self._waiting = [(leaf, parts, None) for leaf, parts, _ in waiting]
        self._urgent, self._window_s = 0, 0.0
        for _, _, done in waiting:
            if done is not None:
                done(False)
        self._flush_within(RETRY_S)

    def _checkpointed(self) -> None:
        self._is_busy = False
        self._go_on()

    def _go_on(self) -> None:
        """Write what came meanwhile."""
        if self._is_busy or self._is_scheduled:
            return
        if self._is_checkpoint_due:
            self._checkpoint()
        elif self._urgent:
            self._flush_soon()
        elif self._waiting:
            self._flush_within(max(0.0, self._window_s / 2 - self._write_s))
        elif self._drained is not None:
            self._drained.set()
