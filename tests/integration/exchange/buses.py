"""Start a real NATS server on loopback, and say what a publisher says."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mehvar.exchange.actions.events.nats_bus import NatsBus
from mehvar.exchange.data.events import Claimed, Event
from mehvar.kernel import identifiers

NATS = shutil.which("nats-server") or (
    "/usr/sbin/nats-server" if Path("/usr/sbin/nats-server").exists() else None
)
LEASE_S = 120.0
"""Longer than any test takes, however busy the machine is."""

SHORT_LEASE_S = 2.0
"""For tests of what comes after it."""


@contextmanager
def nats_server(folder: Path) -> Iterator[str]:
    """Run a server with its own store until the block ends."""
    if NATS is None:
        pytest.skip("nats-server is not on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [NATS, "--addr", "127.0.0.1", "--port", str(port), "--jetstream", "--store_dir", str(folder)]
    with (folder / "nats.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
    try:
        until = time.monotonic() + 90
        while "Server is ready" not in (folder / "nats.log").read_text():
            assert time.monotonic() < until, (folder / "nats.log").read_text()
            time.sleep(0.05)
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(90)


@contextmanager
def nats_bus_at(address: str, *, lease_s: float = LEASE_S) -> Iterator[NatsBus]:
    """Speak to a server that runs."""
    bus = NatsBus(address, lease_s=lease_s)
    yield bus
    bus.close()


def event(number: int | str, *, key: str = "", kind: str = "qf.parcel.sold", **members: Any) -> Event:
    data = json.dumps({"number": number}, separators=(",", ":")).encode()
    return Event(f"e-{number}", "/registry", kind, data, "application/json", key, **members)


def name() -> str:
    return identifiers.new_public_id("t-")


def numbers(claimed: list[Claimed]) -> list[Any]:
    return [json.loads(one.event.data or b"null")["number"] for one in claimed]
