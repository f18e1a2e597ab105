"""Measure what a new routing snapshot of 100,000 rights costs a gateway, and the calls that it carries meanwhile.

A gateway process carries calls one after the other (async evidence, idle machine apart from it) while the file changes: "calm" is
before, "during" from the moment of the change until the new snapshot is in force. The peer is what a call takes when calm.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure
from bench.gateway import processes
from mehvar.exchange.data import snapshot as data
from mehvar.exchange.rules import snapshots
from mehvar.exchange.rules.rights import Routes
from mehvar.gateway.shared import SharedMemory
from mehvar.gateway.status import Counter

RIGHTS, RIGHTS_QUICK = 100_000, 20_000
CALM_S = 2.0
LONGEST_S = 120.0


def run(*, quick: bool) -> list[Figure]:
    """Measure decoding alone, then calls during a swap."""
    count = RIGHTS_QUICK if quick else RIGHTS
    with processes.sink() as port:
        snapshot = crowded(processes.snapshot(port, port), count)
        file = snapshots.encode_snapshot(snapshot)
        return [*_alone(file, count), *_swapped(file, port, count)]


def crowded(snapshot: data.Snapshot, rights: int) -> data.Snapshot:
    """Let a hundred members with ten services each take part too, and hold so many rights among them."""
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    paths = tuple([data.Endpoint("GET", f"/records/*/part-{number}") for number in range(10)])
    members = []
    for number in range(100):
        base = data.Service("s", "http://127.0.0.1:9", title="ثبت اسناد و املاک", endpoints=paths)
        services = tuple([replace(base, code=f"service-{code}") for code in range(10)])
        systems = (data.Subsystem("register", services), *[data.Subsystem(f"user-{one}") for one in range(9)])
        members.append(data.Member("GOV", f"1{number:03}", f"Body {number}", systems))
    agreements = [
        data.Agreement(f"agreement-{number:06}", "Act on registers, section 12", "assessment", moment)
        for number in range(rights // 50)
    ]
    granted = [
        data.AccessRight(
            f"client:QF/GOV/1{number % 100:03}/user-{number // 100 % 9}",
            f"QF/GOV/1{number // 900 % 100:03}/register/service-{number // 9 % 10}",
            f"agreement-{number // 50:06}",
            *(("GET", f"/records/*/part-{number % 10}") if number % 2 else ()),
        )
        for number in range(rights)
    ]
    return replace(
        snapshot,
        version=2,
        members=(*snapshot.members, *members),
        agreements=(*snapshot.agreements, *agreements),
        rights=(*snapshot.rights, *granted),
    )


def _alone(file: bytes, count: int) -> list[Figure]:
    taken, compiled = [], []
    for _ in range(3):
        begun = time.process_time()
        read = snapshots.decode_snapshot(file)
        taken.append(time.process_time() - begun)
        begun = time.process_time()
        Routes(read)
        compiled.append(time.process_time() - begun)
    return [
        Figure(f"snapshot of {count} rights: size", len(file) / 1e6, "MB"),
        Figure("decoded and checked, CPU", min(taken), "s", runs=3, spread=max(taken) - min(taken)),
        Figure("compiled for decisions, CPU", min(compiled), "s", runs=3),
        Figure("highest memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]  # fmt: skip


def _swapped(file: bytes, provider: int, count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="mehvar-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        port, pids = stack.enter_context(processes.gateway(folder, provider, provider))
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        memory = SharedMemory(folder / "gateway" / "shared")
        partial = folder / "gateway" / "snapshot.partial"
        partial.write_bytes(file)
        calm = _calls(connection, lambda begun: time.perf_counter() - begun > CALM_S)
        partial.replace(folder / "gateway" / "snapshot.json")
        begun = time.perf_counter()
        during = _calls(connection, lambda _: memory.counters(0)[Counter.SNAPSHOT_SWAPS] > 0)
        took = time.perf_counter() - begun
        after = _calls(connection, lambda begun: time.perf_counter() - begun > CALM_S / 2)
        resident = processes.memory_mb(pids[0], "VmHWM")
    figures = [
        Figure(f"swap to {count} rights: from the change until it is in force", took, "s"),
        Figure("highest memory of the gateway", resident, "MB"),
    ]
    peer = dict(_spread(calm))
    for when, calls in (("during the swap", during), ("in the second after it", after)):
        figures += [
            Figure(f"one call {when}, {name}", value, "ms", "calm", peer[name], runs=len(calls))
            for name, value in _spread(calls)
        ]
    return figures


def _calls(connection: socket.socket, is_enough: object) -> list[float]:
    begun = time.perf_counter()
    taken: list[float] = []
    while time.perf_counter() - begun < LONGEST_S:
        start = time.perf_counter()
        processes.ask(connection, "GET", f"{processes.SERVICE}/fast/x")
        taken.append((time.perf_counter() - start) * 1_000)
        if len(taken) % 8 == 0 and is_enough(begun):  # type: ignore[operator]
            break
    return taken


def _spread(taken: list[float]) -> list[tuple[str, float]]:
    ordered = sorted(taken)
    last = len(ordered) - 1
    return [
        ("median", statistics.median(ordered)),
        ("99th percentile", ordered[round(last * 0.99)]),
        ("99.9th percentile", ordered[round(last * 0.999)]),
        ("slowest", ordered[-1]),
    ]
