"""Share counters, quotas and the memory of signed requests between the processes of one gateway.

One file is mapped into every process. Quotas and replays are guarded by record locks (`fcntl`), which the kernel
gives back when a process dies: a quota holds for all processes of this machine together, to the call; of several
machines each grants its part (`exchange.rules.quotas.part`). Clock: CLOCK_MONOTONIC, the same for all processes.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from mehvar.exchange.rules import quotas

MAX_WORKERS = 64
COUNTERS_PER_WORKER = 64
QUOTA_SLOTS = 8_192
QUOTA_PROBES = 64
REPLAY_GROUPS = 32_768
REPLAY_WAYS = 8

_COUNTER = struct.Struct("<Q")
_QUOTA = struct.Struct("<16sdd")
_REPLAY = struct.Struct("<16sd")
_COUNTERS_AT = 4_096
_QUOTAS_AT = _COUNTERS_AT + MAX_WORKERS * COUNTERS_PER_WORKER * _COUNTER.size
_REPLAYS_AT = _QUOTAS_AT + QUOTA_SLOTS * _QUOTA.size
_SIZE = _REPLAYS_AT + REPLAY_GROUPS * REPLAY_WAYS * _REPLAY.size
_EMPTY = bytes(16)


class MemoryFull(Exception):  # noqa: N818 - names the state
    """Say that no place is left; the caller must refuse, not forget."""


class SharedMemory:
    """Map the shared file. Open it once per process: closing any descriptor of it would give up the locks."""

    def __init__(self, path: Path) -> None:
        """Map ``path``; an absent or short file is made, sparse, all zero."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._descriptor).st_size < _SIZE:
            os.ftruncate(self._descriptor, _SIZE)
        self._map = mmap.mmap(self._descriptor, _SIZE)

    def close(self) -> None:
        """Unmap."""
        self._map.close()
        os.close(self._descriptor)

    def add(self, worker: int, counter: int, amount: int = 1) -> None:
        """Add to a counter of one worker; only that worker writes it."""
        place = _COUNTERS_AT + (worker * COUNTERS_PER_WORKER + counter) * _COUNTER.size
        (value,) = _COUNTER.unpack_from(self._map, place)
        _COUNTER.pack_into(self._map, place, value + amount)

    def put(self, worker: int, counter: int, value: int) -> None:
        """Set a gauge of one worker."""
        _COUNTER.pack_into(
            self._map, _COUNTERS_AT + (worker * COUNTERS_PER_WORKER + counter) * _COUNTER.size, value
        )

    def counters(self, worker: int) -> list[int]:
        """Return all counters of a worker."""
        start = _COUNTERS_AT + worker * COUNTERS_PER_WORKER * _COUNTER.size
        return [
            _COUNTER.unpack_from(self._map, start + number * _COUNTER.size)[0]
            for number in range(COUNTERS_PER_WORKER)
        ]

    def take_quota(self, name: str, *, calls_per_s: float, burst: int) -> float:
        """Take one call from a quota: 0.0 when granted, else seconds until the next.

        Raises:
            MemoryFull: more quotas are in use than there are places.
        """
        key = blake2b(name.encode(), digest_size=16).digest()
        start = int.from_bytes(key[:4], "little") % QUOTA_SLOTS
        with self._locked(start % 64):
            place, bucket = self._quota_place(key, start)
            granted, bucket, wait = quotas.take(
                bucket, now=time.monotonic(), calls_per_s=calls_per_s, burst=burst
            )
            _QUOTA.pack_into(self._map, place, key, bucket.tokens, bucket.at)
        return 0.0 if granted else wait

    def remember_once(self, name: bytes, *, for_s: float) -> bool:
        """Remember ``name`` for a time; False when it is remembered already.

        Raises:
            MemoryFull: all places of its group hold names that must not be forgotten yet.
        """
        key = blake2b(name, digest_size=16).digest()
        group = int.from_bytes(key[:4], "little") % REPLAY_GROUPS
        with self._locked(64 + group % 64):
            return self._remember(key, _REPLAYS_AT + group * REPLAY_WAYS * _REPLAY.size, for_s)

    def _remember(self, key: bytes, start: int, for_s: float) -> bool:
        now, free = time.monotonic(), -1
        for way in range(REPLAY_WAYS):
            place = start + way * _REPLAY.size
            held, until = _REPLAY.unpack_from(self._map, place)
            if until <= now:
                free = place
            elif held == key:
                return False
        if free < 0:
            raise MemoryFull
        _REPLAY.pack_into(self._map, free, key, now + for_s)
        return True

    def _quota_place(self, key: bytes, start: int) -> tuple[int, quotas.Bucket | None]:
        """Find a quota's place. Probes keep the start's remainder modulo 64, so one lock guards its whole row."""
        for step in range(QUOTA_PROBES):
            place = _QUOTAS_AT + (start + step * 64) % QUOTA_SLOTS * _QUOTA.size
            held, tokens, at = _QUOTA.unpack_from(self._map, place)
            if held == key:
                return place, quotas.Bucket(tokens, at)
            if held == _EMPTY:
                return place, None
        raise MemoryFull

    @contextmanager
    def _locked(self, stripe: int) -> Iterator[None]:
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, stripe)
        try:
            yield
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, stripe)
