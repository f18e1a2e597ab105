"""Measure the event bus: events published and delivered a second, over SQLite and PostgreSQL, and over NATS JetStream as the peer in the same run.

Each bus runs in a process of its own, through the same port, with one subscription, 500-byte events and 50 keys. "One by
one" is a publisher that waits for each event to be durable; "in batches" sends 100 at once; "delivered" claims up to 100 and settles them.
The throw-away PostgreSQL runs without fsync, so its publishing is the cost of statements and not of the disk; SQLite syncs
every commit; JetStream syncs to disk every two minutes by default, so its "durable" is another one.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import apart
from bench.figures import Figure

if TYPE_CHECKING:
    from mehvar.exchange.data.events import Bus, Event

SINGLE, BATCHED = 400, 4_000
SINGLE_QUICK, BATCHED_QUICK = 60, 600
BATCH, KEYS = 100, 50
TOPIC, SUBSCRIPTION = "tp-bench", "sb-bench"
NO_POSTGRES = 77
PARTS = {"single": "published one by one", "batched": "published in batches of 100", "delivered": "delivered"}


def run(*, quick: bool) -> list[Figure]:
    """Return what each bus does, beside JetStream."""
    counts = (SINGLE_QUICK, BATCHED_QUICK) if quick else (SINGLE, BATCHED)
    peer: dict[str, float] = {}
    with nats() as address:
        if address:
            peer = _measured(address, counts)
    figures = []
    for database in ("sqlite", "postgresql"):
        try:
            found = _measured(database, counts)
        except subprocess.CalledProcessError as error:
            if error.returncode != NO_POSTGRES:
                raise
            print("no PostgreSQL on this machine: it is not measured", file=sys.stderr)
            continue
        figures += [_figure(database, part, found[part], peer.get(part)) for part in PARTS]
    return figures


def _figure(database: str, part: str, value: float, peer: float | None) -> Figure:
    return Figure(
        f"events {PARTS[part]}, tables on {database}",
        round(value, 1),
        "1/s",
        peer="NATS JetStream" if peer else None,
        peer_value=round(peer, 1) if peer else None,
        ratio=round(value / peer, 3) if peer else None,
    )


@contextmanager
def nats() -> Iterator[str]:
    """Run a NATS server with a store of its own; empty where there is none on this machine."""
    program = shutil.which("nats-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="mehvar-bench-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield f"nats://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def _measured(where: str, counts: tuple[int, int]) -> dict[str, float]:
    found: dict[str, float] = apart.told("bench.events", where, *counts, on_postgresql=where == "postgresql")
    return found


def measure(where: str, single: int, batched: int) -> dict[str, float]:
    """Measure one bus in this process."""
    bus = _bus(where)
    bus.attach(SUBSCRIPTION, TOPIC)
    took = {}
    begun = time.perf_counter()
    for number in range(single):
        bus.append(TOPIC, [_event(f"s{number}")])
    took["single"] = single / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for at in range(0, batched, BATCH):
        bus.append(TOPIC, [_event(f"b{number}") for number in range(at, at + BATCH)])
    took["batched"] = batched / (time.perf_counter() - begun)
    begun = time.perf_counter()
    took["delivered"] = _deliver(bus, single + batched) / (time.perf_counter() - begun)
    return took


def _deliver(bus: Bus, count: int) -> int:
    from mehvar.exchange.data.events import Settlement

    left = count
    until = time.perf_counter() + 60
    while left and time.perf_counter() < until:
        claimed = bus.claim(SUBSCRIPTION, limit=BATCH, lease_s=60)
        left -= bus.settle(SUBSCRIPTION, [Settlement(one.receipt) for one in claimed])
    return count - left


def _event(name: str) -> Event:
    from mehvar.exchange.data.events import Event

    data = json.dumps({"text": "x" * 300, "name": name}).encode()
    return Event(name, "/bench", "bench.told", data, "application/json", f"key-{hash(name) % KEYS}")


def _bus(where: str) -> Bus:
    if where.startswith("nats:"):
        from mehvar.exchange.actions.events.nats_bus import NatsBus

        return NatsBus(where)
    from mehvar.exchange.actions.events.table_bus import TableBus

    _make_tables()
    return TableBus()


def _make_tables() -> None:
    from django.db import connection

    from mehvar.exchange.models import EventCursor, EventDelivery, EventLog, StoredEvent

    with connection.schema_editor() as editor:
        for model in (EventLog, StoredEvent, EventCursor, EventDelivery):
            editor.create_model(model)


if __name__ == "__main__":
    os.environ["MEHVAR_DATABASE"] = os.environ.get("MEHVAR_TEST_POSTGRES") or os.environ.get(
        "MEHVAR_DATABASE", ""
    )
    import django

    django.setup()
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    sys.stdout.flush()
    os._exit(0)  # the connection's thread of the peer is not waited for
