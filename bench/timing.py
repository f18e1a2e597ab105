"""Time something by the wall clock and by the processor, so that the noise of a shared machine can be told from cost.

Processor time is what this thread used, and with PostgreSQL what its server process for this connection used as well (told by the
system in hundredths of a second, and therefore spread evenly over the runs).
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure

WARM_UPS = 2


def timed(act: Callable[[], object], runs: int, *, warm_ups: int = WARM_UPS) -> dict[str, Any]:
    """Give the milliseconds of so many runs by the wall and by the processor, after some to warm up."""
    for _number in range(warm_ups):
        act()
    wall, own, begun = [], [], _server_ms()
    for _number in range(runs):
        started, used = time.perf_counter(), time.thread_time()
        act()
        own.append((time.thread_time() - used) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    elsewhere = (_server_ms() - begun) / runs
    return {"wall": wall, "cpu": [one + elsewhere for one in own]}


def _server_ms() -> float:
    """Give the processor time of the database's process for this connection; none where the database is in this process."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    return processor_ms([process])


def processor_ms(processes: Iterable[int]) -> float:
    """Give the processor time that processes used until now, in steps of 10 ms."""
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    whole = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        whole += int(fields[11]) + int(fields[12])
    return whole * tick


def p95(taken: Sequence[float]) -> float:
    """Give the time that nineteen in twenty runs do not exceed."""
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))]


def figures(
    name: str,
    taken: dict[str, Any],
    goal: float,
    *,
    peer: str | None = None,
    peers: dict[str, Any] | None = None,
) -> list[Figure]:
    """Return the p95 by the wall and by the processor; `spread` is p95 minus median."""
    made = {}
    for clock in ("cpu", "wall"):
        value = p95(taken[clock])
        other = p95(peers[clock]) if peers else None
        made[clock] = Figure(
            name=name if clock == "wall" else f"{name}.cpu", value=round(value, 1), unit="ms", peer=peer,
            peer_value=None if other is None else round(other, 1),
            ratio=None if other is None else round(other / value, 2), goal=goal, reached=value < goal,
            runs=len(taken[clock]), spread=round(value - statistics.median(taken[clock]), 1),
            note=_note(clock, value, goal, made.get("cpu")),
        )  # fmt: skip
    return [made["wall"], made["cpu"]]


def _note(clock: str, value: float, goal: float, processor: Figure | None) -> str | None:
    if clock == "cpu" or value < goal or processor is None or not processor.reached:
        return None
    return f"processor time, {processor.value:g} ms, meets the goal; the wall clock on this machine did not"
