"""Build small federations on loopback: a provider, a gateway with its evidence, and a client that speaks raw HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from mehvar.exchange.data.evidence import Batch, EvidenceDamaged
from mehvar.exchange.data.snapshot import (
    AccessRight,
    Agreement,
    ClientNetwork,
    Endpoint,
    EvidenceMode,
    Group,
    Member,
    Service,
    Snapshot,
    Subsystem,
    Timeouts,
)
from mehvar.exchange.rules import segments
from mehvar.exchange.rules.snapshots import encode_snapshot
from mehvar.gateway.evidence import files

TOO_LATE_S = 90.0
"""No test waits that long where things work; how busy the machine is must not decide."""

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CLIENT = "QF/GOV/100/tax"
OTHER = "QF/COM/200/bank"
PROVIDER = "QF/GOV/300/land"
PREFIX = f"/r1/{PROVIDER}"
PATIENT = Timeouts(connect_s=30.0, answer_s=60.0, idle_s=60.0, total_s=120.0)
QUICK = Timeouts(connect_s=2.0, answer_s=2.0, idle_s=2.0, total_s=20.0)
"""For providers that keep one waiting on purpose."""


def snapshot(port: int, *, version: int = 1, timeouts: Timeouts = PATIENT, **changes: Any) -> Snapshot:
    """Return a federation of three members; every service stands at the provider on ``port``."""
    base = f"http://127.0.0.1:{port}"
    endpoints = (
        Endpoint("GET", "/parcels/*", subject="path:2"),
        Endpoint("POST", "/parcels"),
        Endpoint("GET", "/open/**"),
    )
    services = (
        Service("parcels", base, endpoints=endpoints, timeouts=timeouts),
        Service("fast", base, mode=EvidenceMode.ASYNC, loss_window_ms=100, timeouts=timeouts),
        Service("limited", base, timeouts=timeouts, max_answer_bytes=100_000, max_request_bytes=100_000),
        Service("kept", base + "/base", timeouts=timeouts, keep_bodies=True),
        Service(
            "closed", base, timeouts=timeouts, enabled=False, disabled_notice="Moved to the new registry."
        ),
        Service("secret", base, timeouts=timeouts),
        Service("described", base, timeouts=timeouts, openapi_url=base + "/openapi.json"),
    )
    snap = Snapshot(
        instance="QF",
        version=version,
        made_at=LONG_AGO,
        members=(
            Member("GOV", "100", "Tax Office", (Subsystem("tax"),)),
            Member("COM", "200", "Bank", (Subsystem("bank"),)),
            Member("GOV", "300", "Land Office", (Subsystem("land", services),)),
        ),
        groups=(Group("offices", (CLIENT,)),),
        agreements=(
            Agreement("a-1", "Land Act, section 12", "tax assessment", LONG_AGO),
            Agreement("a-old", "Land Act, section 9", "census", LONG_AGO, LONG_AGO + timedelta(days=30)),
        ),
        rights=(
            *(AccessRight("group:offices", f"{PROVIDER}/{service.code}", "a-1") for service in services[:5]),
            AccessRight(f"client:{OTHER}", f"{PROVIDER}/parcels", "a-1", "GET", "/open/**"),
            AccessRight(f"client:{OTHER}", f"{PROVIDER}/parcels", "a-1", "GET", "/parcels/*"),
            AccessRight(f"client:{OTHER}", f"{PROVIDER}/fast", "a-old"),
        ),
        networks=(ClientNetwork(CLIENT, "127.0.0.0/8"), ClientNetwork(OTHER, "127.0.0.0/8")),
    )
    return replace(snap, **changes)


Handler = Callable[[socket.socket, bytes, bytes], None]


@dataclass
class Provider:
    """Serve raw bytes on loopback; ``seen`` holds head and body of every request."""

    handler: Handler
    seen: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                body = _request_body(stream, head)
                self.seen.append((head, body))
                self.handler(connection, head, body)


def _request_body(stream: Any, head: bytes) -> bytes:
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return body
    for line in lowered.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
            body = bytes(stream.read(length))
            if len(body) < length:
                raise ConnectionAbortedError
            return body
    return b""


def reply(connection: socket.socket, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    )
    connection.sendall(head.encode() + body)


def echo(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Answer with what was asked."""
    method, target, _ = head.split(b" ", 2)
    if target.startswith(b"/open/size/"):
        reply(connection, b"x" * int(target.rpartition(b"/")[2]))
        return
    answer = {"method": method.decode(), "target": target.decode(), "bytes": len(body)}
    reply(
        connection,
        json.dumps(answer).encode(),
        headers="Server: secret/1\r\nX-Road-Id: forged\r\nX-Own: kept\r\n",
    )


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    is_complete: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.headers.get("x-road-error", "")


class Client:
    """Speak HTTP/1.1 by hand over one connection."""

    def __init__(self, port: int, *, timeout: float = TOO_LATE_S) -> None:
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._stream = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
            self.socket.close()

    def ask(
        self, method: str, target: str, *, client: str = CLIENT, body: bytes = b"", headers: str = ""
    ) -> Answer:
        who = f"X-Road-Client: {client}\r\n" if client else ""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.send(f"{method} {target} HTTP/1.1\r\nHost: gw\r\n{who}{length}{headers}\r\n".encode() + body)
        return self.answer(is_head=method == "HEAD")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, is_head: bool = False) -> Answer:
        line = self._stream.readline()
        if not line:
            return Answer(0, {}, b"", is_complete=False)
        status, headers = int(line.split()[1]), {}
        while (line := self._stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        if status == 100:
            return self.answer(is_head=is_head)
        body, is_complete = (b"", True) if is_head else self._body(headers)
        return Answer(status, headers, body, is_complete)

    def _body(self, headers: dict[str, str]) -> tuple[bytes, bool]:
        try:
            if headers.get("transfer-encoding") == "chunked":
                body = b""
                while size := int(self._stream.readline() or b"-1", 16):
                    if size < 0:
                        return body, False
                    body += self._stream.read(size)
                    self._stream.readline()
                return body, self._stream.readline() == b"\r\n"
            length = int(headers.get("content-length", 0))
            body = self._stream.read(length)
            return body, len(body) == length
        except ConnectionError:
            return b"", False


@dataclass
class Gateway:
    """Run one worker process of the gateway, or the supervisor with several."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int = 0
    ports: tuple[int, ...] = ()

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def public_key(self) -> bytes:
        return next((self.evidence / "keys").glob("*.pem")).read_bytes()

    def client(self, **options: Any) -> Client:
        return Client(self.port, **options)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TOO_LATE_S)

    def batches(self) -> list[Batch]:
        """Return every batch of all chains, each checked: signature, root, links across segments.

        A frame that is just being written may be half there, so a fault counts only when it stays.
        """
        until = time.monotonic() + 20
        while True:
            try:
                return self._batches()
            except EvidenceDamaged:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _batches(self) -> list[Batch]:
        found = []
        chains = {path.name.rpartition("-")[0] for path in files.segment_paths(self.evidence)}
        for chain in sorted(chains):
            previous = "0" * 64
            for path in files.segment_paths(self.evidence, chain):
                with files.mapped(path) as data:
                    batches = [
                        *segments.read_batches(
                            data, files.public_key_of(self.evidence, data), previous=previous
                        )
                    ]
                previous = segments.batch_hash(batches[-1].head) if batches else previous
                found += batches
        return found

    def leaves(self) -> list[dict[str, Any]]:
        return [json.loads(entry.leaf) for batch in self.batches() for entry in batch.entries]


def write_snapshot(folder: Path, snap: Snapshot) -> None:
    partial = folder / "snapshot.partial"
    partial.write_bytes(encode_snapshot(snap))
    partial.replace(folder / "snapshot.json")


def prepare(folder: Path, snap: Snapshot, **settings: Any) -> None:
    write_snapshot(folder, snap)
    if not (folder / "key.pem").exists():
        files.create_signing_key(folder / "key.pem")
    (folder / "subject.key").write_bytes(b"k" * 32)
    members = {
        "snapshot": "snapshot.json", "evidence": "evidence", "signing_key": "key.pem", "subject_key": "subject.key",
        "name": "gw", "listeners": [{"host": "127.0.0.1", "port": 0}], "grace_s": 5, **settings,
    }  # fmt: skip
    (folder / "gateway.json").write_text(json.dumps(members))


def start_worker(folder: Path, snap: Snapshot, **settings: Any) -> Gateway:
    """Start one worker and wait until it listens."""
    prepare(folder, snap, **settings)
    command = [
        sys.executable,
        "-m",
        "mehvar.gateway",
        str(folder / "gateway.json"),
        "0",
        str(folder / "shared"),
    ]
    log = (folder / "gateway.log").open("ab")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=dict(os.environ))  # noqa: S603
    log.close()
    assert process.stdout is not None
    words = process.stdout.readline().split()
    assert words[:1] == [b"ready"], (folder / "gateway.log").read_text()[-3000:]
    ports = tuple(int(word) for word in words[2:])
    return Gateway(folder, process, ports[0], ports)


@contextlib.contextmanager
def running(
    folder: Path, handler: Handler = echo, *, changes: dict[str, Any] | None = None, **settings: Any
) -> Iterator[tuple[Gateway, Provider]]:
    """Run a provider and a gateway."""
    provider = Provider(handler)
    provider.start()
    gateway = start_worker(folder, snapshot(provider.port, **(changes or {})), **settings)
    try:
        yield gateway, provider
    finally:
        gateway.kill()
        provider.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + TOO_LATE_S
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
