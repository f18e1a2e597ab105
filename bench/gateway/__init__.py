"""Measure the gateway beside nginx and HAProxy that proxy the same provider: CPU per call, delay, memory, layers.

The peers neither sign nor keep durable evidence, nor do they decide on rights: the ratios say what evidence and
rights cost, not that anything could be saved by leaving the gateway out. Load comes from wrk (254-byte JSON, 32
connections, another path with every call); CPU time is counted, not wall time. Peers and gateway take turns, and a goal
is judged by the median over the rounds of (gateway / nginx in the same round), so that other work on the machine
matters little; the load average is printed beside it, since on a busy machine it still matters.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure
from bench.gateway import processes
from bench.gateway.layers import layer_figures
from bench.gateway.processes import BIG_BYTES, BODY, SERVICE, Target

PEERS = "the peer neither signs nor logs durably"
GOALS = {"gateway_async": 3.0, "gateway_durable": 5.0}
CORES_FOR_TWO = 4  # two gateways, the provider, the load


def run(*, quick: bool) -> list[Figure]:
    """Measure everything in one run."""
    missing = [name for name in ("nginx", "haproxy", "wrk", "taskset") if not shutil.which(name)]
    if missing:
        raise SystemExit(
            f"bench gateway needs {', '.join(missing)} (Debian: nginx-light haproxy wrk util-linux)"
        )
    seconds, rounds = (1, 3) if quick else (2, 11)
    figures = [Figure("load_average_at_the_start", os.getloadavg()[0], "tasks")]
    with tempfile.TemporaryDirectory(prefix="mehvar-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        provider = stack.enter_context(processes.nginx_provider(folder))
        nginx = stack.enter_context(processes.nginx_proxy(folder, provider))
        haproxy = stack.enter_context(processes.haproxy(folder, provider))
        sink = stack.enter_context(processes.sink())
        with processes.gateway(folder, provider, sink) as (port, pids):
            targets = [
                Target("nginx", nginx[0], "/x", (nginx[1],)),
                Target("haproxy", haproxy[0], "/x", (haproxy[1],)),
                Target("gateway_async", port, f"{SERVICE}/fast/x", pids),
                Target("gateway_durable", port, f"{SERVICE}/durable/x", pids),
            ]
            figures += _cpu_figures(targets, seconds=seconds, rounds=rounds)
            figures += _delay_figures(port, folder, calls=150 if quick else 500)
            figures += _memory_figures(port, pids[0])
            figures += _crowd_figures(port)
        figures += _scaling_figures(folder, provider, sink, seconds=seconds, rounds=2 if quick else 5)
        return figures + layer_figures(folder, quick=quick)


def _cpu_figures(targets: list[Target], *, seconds: int, rounds: int) -> list[Figure]:
    costs: dict[str, list[float]] = {target.name: [] for target in targets}
    rates: dict[str, list[float]] = {target.name: [] for target in targets}
    for target in targets:
        processes.load(target, seconds=1)
    for _ in range(rounds):
        for target in targets:
            calls, cpu_s, wall_s = processes.load(target, seconds=seconds)
            costs[target.name].append(cpu_s / calls * 1e6)
            rates[target.name].append(calls / wall_s)
    nginx = costs["nginx"]
    figures = []
    for name, values in costs.items():
        paired = statistics.median([own / peer for own, peer in zip(values, nginx, strict=True)])
        goal = GOALS.get(name)
        figures += [
            Figure(
                f"cpu_per_call_{name}", statistics.median(values), "us", f"nginx ({PEERS})", statistics.median(nginx),
                1 / paired, runs=rounds, spread=max(values) - min(values),
            ),
            Figure(f"cpu_per_call_{name}_of_nginx", paired, "x", goal=goal, reached=paired <= goal if goal else None, runs=rounds),
            Figure(f"cpu_per_call_{name}_least", min(values), "us", "nginx, least", min(nginx), min(nginx) / min(values), runs=rounds),
            Figure(f"calls_per_s_{name}", statistics.median(rates[name]), "1/s", runs=rounds),
        ]  # fmt: skip
    return figures


def _delay_figures(port: int, folder: Path, *, calls: int) -> list[Figure]:
    """Measure what durable evidence adds to one idle call, beside the disk's own fdatasync, in ever new order.

    What a sync costs depends on what the disk did just before, so none of the four may always come after the same one.
    """
    quick_: list[float] = []
    durable: list[float] = []
    post: list[float] = []
    sync: list[float] = []
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        (folder / "sync").open("ab", buffering=0) as file,
    ):
        works: list[tuple[list[float], Callable[[], object]]] = [
            (quick_, lambda: processes.ask(connection, "GET", f"{SERVICE}/fast/x")),
            (durable, lambda: processes.ask(connection, "GET", f"{SERVICE}/durable/x")),
            (post, lambda: processes.ask(connection, "POST", f"{SERVICE}/durable/x", BODY)),
            (sync, lambda: processes.written(file.fileno())),
        ]
        chance = random.Random(4)  # noqa: S311 - an order, not a secret
        for _ in range(calls):
            for taken, work in chance.sample(works, len(works)):
                taken.append(_timed(work))
    base, floor = statistics.median(quick_), statistics.median(sync)
    added = statistics.median(durable) - base
    twice = statistics.median(post) - base
    return [
        Figure("idle_p50_async", base, "ms", runs=calls),
        Figure("idle_p50_added_by_durable_get", added, "ms", "fdatasync p50", floor, floor / added, 1.5 * floor, added <= 1.5 * floor, calls),
        Figure("idle_p50_added_by_durable_post", twice, "ms", "fdatasync p50 (twice: before and after)", floor, floor / twice, runs=calls),
    ]  # fmt: skip


def _crowd_figures(port: int) -> list[Figure]:
    target = Target("crowd", port, f"{SERVICE}/durable/x", ())
    output = processes.wrk(target, seconds=2, connections=1000)
    errors = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", output))
    errors += sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    return [Figure("errors_with_1000_connections", errors, "calls", goal=0, reached=errors == 0)]


def _memory_figures(port: int, pid: int) -> list[Figure]:
    """Send 200 MB up and have 200 MB sent down, and look at the highest resident memory."""
    before = processes.memory_mb(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST {SERVICE}/sink/x HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\nContent-Length: {BIG_BYTES}\r\n\r\n"
        connection.sendall(head.encode())
        piece = b"x" * 1_048_576
        for _ in range(BIG_BYTES // len(piece)):
            connection.sendall(piece)
        processes.read_answer(connection)
        up = processes.memory_mb(pid, "VmHWM")
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        processes.ask(connection, "GET", f"{SERVICE}/durable/big")
        down = processes.memory_mb(pid, "VmHWM")
    return [
        Figure("memory_200_mb_up", up, "MB", "resident before", before, before / up, 64.0, up <= 64),
        Figure("memory_200_mb_down", down, "MB", "resident before", before, before / down, 64.0, down <= 64),
    ]


def _scaling_figures(folder: Path, provider: int, sink: int, *, seconds: int, rounds: int) -> list[Figure]:
    """Compare two processes with one, async, each on a core of its own.

    The speed-up is judged only where two more cores are left for provider and load. On fewer, what can be shown is
    that two processes cost no more CPU per call than one: then nothing that they share holds them back.
    """
    cores = sorted(os.sched_getaffinity(0))
    enough = len(cores) >= CORES_FOR_TWO
    own = [str(core) for core in cores[:2]]
    pinned = own if len(own) > 1 else ()
    with (
        processes.gateway(folder / "scaling-1", provider, sink, cores=pinned) as one,
        processes.gateway(folder / "scaling-2", provider, sink, processes=2, cores=pinned) as two,
    ):
        targets = [Target(str(len(pids)), port, f"{SERVICE}/fast/x", pids) for port, pids in (one, two)]
        taken = [
            [processes.load(target, seconds=seconds, connections=64) for target in targets]
            for _ in range(rounds)
        ]
    speed_up = statistics.median([(b[0] / b[2]) / (a[0] / a[2]) for a, b in taken])
    dearer = statistics.median([(b[1] / b[0]) / (a[1] / a[0]) for a, b in taken])
    note = (
        "one process"
        if enough
        else f"one process; {len(cores)} cores are too few to judge, {CORES_FOR_TWO} are needed"
    )
    return [
        Figure(
            "speed_of_two_processes", speed_up, "x", note, 1.0, speed_up, 1.8 if enough else None,
            speed_up >= 1.8 if enough else None, rounds,
        ),
        Figure("cpu_per_call_of_two_processes", dearer, "x", "one process", 1.0, 1 / dearer, runs=rounds),
    ]  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
