"""Tell operators how the gateway is: health and metrics, on loopback only."""

from __future__ import annotations

import asyncio
import json
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mehvar.gateway.worker import Worker

MAX_REQUEST_BYTES = 4_096
READ_S = 5.0


class Counter(IntEnum):
    """Name the places of counters in shared memory; the second half are gauges."""

    ANSWERED = 0
    REFUSED = 1
    FAILED = 2
    DISCONNECTED = 3
    METADATA = 4
    CONNECTIONS = 5
    EVIDENCE_ENTRIES = 6
    EVIDENCE_BATCHES = 7
    EVIDENCE_FAILURES = 8
    SNAPSHOT_SWAPS = 9
    SNAPSHOT_REFUSALS = 10
    OPEN_CONNECTIONS = 32
    SNAPSHOT_VERSION = 33
    EVIDENCE_WORKS = 34
    STAMPS_WAITING = 35
    BREAKERS_OPEN = 36
    SEEN_AT = 37
    TAIL_CUT_BYTES = 38
    PROCESS_ID = 39


FIRST_GAUGE = 32
COUNTED = (
    Counter.ANSWERED,
    Counter.REFUSED,
    Counter.FAILED,
    Counter.DISCONNECTED,
    Counter.METADATA,
    Counter.CONNECTIONS,
)


def metrics_text(worker: Worker) -> str:
    """Return counters and gauges of all processes in the Prometheus text format."""
    rows = {number: worker.memory.counters(number) for number in range(worker.settings.workers)}
    lines = []
    for counter in Counter:
        kind = "gauge" if counter >= FIRST_GAUGE else "counter"
        name = f"mehvar_gateway_{counter.name.lower()}" + ("" if kind == "gauge" else "_total")
        lines.append(f"# TYPE {name} {kind}")
        lines += [f'{name}{{worker="{number}"}} {values[counter]}' for number, values in rows.items()]
    return "\n".join(lines) + "\n"


def health(worker: Worker, now: float) -> dict[str, object]:
    """Return the state of every process and of the whole: ``ok``, ``degraded`` or ``failing``."""
    rows = [worker.memory.counters(number) for number in range(worker.settings.workers)]
    is_alive = [now - values[Counter.SEEN_AT] / 1000 < 5 for values in rows]  # noqa: PLR2004 - seconds
    works = all(values[Counter.EVIDENCE_WORKS] for values, alive in zip(rows, is_alive, strict=True) if alive)
    state = "ok" if all(is_alive) else "degraded"
    if not any(is_alive) or not works:
        state = "failing"
    return {
        "state": state,
        "workers_alive": sum(is_alive),
        "workers": len(rows),
        "evidence": "written" if works else "cannot be written; calls are refused",
        "stamps_waiting": sum(values[Counter.STAMPS_WAITING] for values in rows),
        "torn_bytes_cut": sum(values[Counter.TAIL_CUT_BYTES] for values in rows),
        "snapshot": worker.keeper.live.snapshot.version,
        "snapshot_fault": worker.keeper.last_fault,
        "subject_key": worker.persons.version,
        "breakers_open": sorted(name for name, breaker in worker.keeper.breakers.items() if breaker.is_open),
    }


class StatusServer:
    """Serve ``/health``, ``/metrics`` and ``/key`` to this machine."""

    def __init__(self, worker: Worker) -> None:
        """Serve what one worker sees; counters are shared, so any worker speaks for all."""
        self._worker = worker

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            async with asyncio.timeout(READ_S):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answer(head.split(b" ", 2)[1].decode("ascii", "replace")))
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError, OSError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str) -> bytes:
        status, kind = 200, "application/json"
        if path == "/health":
            state = health(self._worker, self._worker.loop.time())
            body = json.dumps(state).encode()
            status = 503 if state["state"] == "failing" else 200
        elif path == "/metrics":
            body, kind = metrics_text(self._worker).encode(), "text/plain; version=0.0.4"
        elif path == "/key":
            body, kind = self._worker.public_key, "application/x-pem-file"
        else:
            status, body = 404, b"{}"
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return head.encode("ascii") + body
