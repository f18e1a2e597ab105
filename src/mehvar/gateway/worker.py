"""Run one process of the gateway: listeners, calls, evidence, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import os
import signal
import socket
import ssl
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from mehvar.exchange.rules.rights import Route
from mehvar.gateway.answers import IdSource
from mehvar.gateway.clock import LoopClock
from mehvar.gateway.data import GatewaySettings, Listener
from mehvar.gateway.evidence import files
from mehvar.gateway.evidence.log import EvidenceLog
from mehvar.gateway.evidence.stamping import Stamper
from mehvar.gateway.evidence.writer import SegmentWriter
from mehvar.gateway.front import ClientConnection
from mehvar.gateway.lanes import Lane
from mehvar.gateway.live import Live, SnapshotKeeper, trust_clients
from mehvar.gateway.persons import SubjectKeeper
from mehvar.gateway.plans import Plan, description_plan, service_plan
from mehvar.gateway.shared import SharedMemory
from mehvar.gateway.status import COUNTED, FIRST_GAUGE, Counter, StatusServer
from mehvar.gateway.upstream import Pools

SWEEP_S = 0.25
BACKLOG = 2_048
GC_THRESHOLDS = (50_000, 20, 20)  # calls make no cycles; seldom looking for them saves a tenth of the time
SWITCH_INTERVAL_S = 0.0005  # the evidence thread must not wait 5 ms for its turn after each fdatasync
_log = logging.getLogger(__name__)


class Worker:
    """Hold what all calls of this process share."""

    def __init__(self, settings: GatewaySettings, slot: int, memory: SharedMemory) -> None:
        """Recover the evidence chain and read the snapshot; opens no port yet.

        Raises:
            EvidenceDamaged: the chain is damaged.
            InputError: there is no usable snapshot.
        """
        self.settings, self.slot, self.memory = settings, slot, memory
        self.loop = asyncio.get_running_loop()
        self.clock = LoopClock(self.loop)
        self.keeps_heads = settings.keep_heads
        self.keeper = SnapshotKeeper(settings.snapshot)
        self.ids = IdSource()
        self.persons = SubjectKeeper(settings.subject_key)
        certificate = settings.client_certificate, settings.client_key
        self.pools = Pools(
            self.loop, self.clock, (str(certificate[0]), str(certificate[1])) if all(certificate) else None
        )
        self.is_stopping = False
        self._counts = [0] * FIRST_GAUGE
        self._connections: set[ClientConnection] = set()
        self._servers: list[asyncio.AbstractServer] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._open_log()

    def _open_log(self) -> None:
        settings = self.settings
        settings.evidence.mkdir(parents=True, exist_ok=True)
        key = files.load_signing_key(settings.signing_key)
        files.keep_public_key(settings.evidence, key.public_key())
        self.public_key = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        chain = f"{settings.name}-{self.slot}"
        end = files.recover_chain(settings.evidence, chain)
        if end.cut_bytes:
            _log.warning("a torn tail of %d bytes was cut off chain %s", end.cut_bytes, chain)
        self.memory.put(self.slot, Counter.TAIL_CUT_BYTES, end.cut_bytes)
        writer = SegmentWriter(settings.evidence, chain, key, end, segment_bytes=settings.segment_bytes)
        self.log = EvidenceLog(writer, checkpoint_s=settings.checkpoint_s)
        self.stamper = Stamper(
            settings.evidence, chain, settings.stamp_url, timeout_s=settings.stamp_timeout_s
        )

    async def start(self) -> list[int]:
        """Open all ports and return them, listeners first."""
        ports = []
        for listener in self.settings.listeners:
            server, port = await self._listen(listener)
            self._servers.append(server)
            ports.append(port)
        if self.settings.status_port:
            status = await asyncio.start_server(
                StatusServer(self).serve, "127.0.0.1", self.settings.status_port, reuse_port=True
            )
            self._servers.append(status)
        self._tasks = [
            self.loop.create_task(self.keeper.watch()),
            self.loop.create_task(self.persons.watch()),
            self.loop.create_task(self._sweep_for_ever()),
            self.loop.create_task(self.stamper.run()),
        ]
        return ports

    async def stop(self) -> None:
        """Take no more connections, let running calls end within the grace time, write all evidence."""
        self.is_stopping = True
        for server in self._servers:
            server.close()
        for connection in [*self._connections]:
            if connection.current is None:
                connection.close()
        await self._wait_for_calls()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in [*self._connections]:
            connection.abort()
        self.pools.close()
        await asyncio.sleep(0)
        await self.log.close()
        self._note()

    def count(self, counter: Counter) -> None:
        """Add one to a counter; all are written to shared memory a few times a second."""
        self._counts[counter] += 1

    def plan(self, live: Live, route: Route) -> Plan:
        """Return the plan of a service; kept as long as its snapshot."""
        plan = live.plans.get(route.text)
        if plan is None:
            plan = service_plan(route, self.pools, self.keeper.breaker(route.text))
            live.plans[route.text] = plan
        return plan

    def lane(self, live: Live, client: str, route: Route) -> Lane:
        """Return what all calls of a service by a client have in common; kept as long as its snapshot."""
        return live.lane(client, route, self.plan(live, route))

    def description_plan(self, live: Live, route: Route) -> Plan:
        """Return the plan for fetching a service's description."""
        name = f"{route.text} description"
        plan = live.plans.get(name)
        if plan is None:
            plan = live.plans[name] = description_plan(route, self.pools, self.keeper.breaker(name))
        return plan

    def connected(self, connection: ClientConnection) -> None:
        """Note a new connection; too many are closed."""
        self.count(Counter.CONNECTIONS)
        self._connections.add(connection)
        if len(self._connections) > self.settings.max_connections or self.is_stopping:
            connection.close()

    def disconnected(self, connection: ClientConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def certificate_of(self, transport: asyncio.BaseTransport) -> str | None:
        """Return the SHA-256 of the client's certificate, None when it showed none."""
        tls = transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        return hashlib.sha256(der).hexdigest() if der else None

    async def _listen(self, listener: Listener) -> tuple[asyncio.AbstractServer, int]:
        scheme = "https" if listener.is_tls else "http"
        tls = self._tls(listener) if listener.is_tls else None
        family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
        port = socket.socket(family, socket.SOCK_STREAM)
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port.bind((listener.host, listener.port))
        number = int(port.getsockname()[1])
        server = await self.loop.create_server(
            lambda: ClientConnection(self, scheme=scheme), sock=port, ssl=tls, backlog=BACKLOG
        )
        return server, number

    def _tls(self, listener: Listener) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(listener.certificate, listener.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["http/1.1"])
        trust_clients(context, self.keeper.live.snapshot)
        self.keeper.tls_contexts.append(context)
        return context

    async def _wait_for_calls(self) -> None:
        until = self.loop.time() + self.settings.grace_s
        while self.loop.time() < until and any(connection.current for connection in self._connections):  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.02)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            now = self.clock.now = self.loop.time()
            for connection in [*self._connections]:
                self._sweep(connection, now)
            self.pools.sweep()
            self._note()

    def _sweep(self, connection: ClientConnection, now: float) -> None:
        if connection.lingers_until:
            if now > connection.lingers_until:
                connection.abort()
        elif connection.current is not None:
            connection.current.check_time(now)
        else:
            limit = self.settings.head_timeout_s if connection.head_began else self.settings.keep_alive_s
            if now - connection.waits_since > limit:
                connection.close()

    def _note(self) -> None:
        gauges = {
            Counter.OPEN_CONNECTIONS: len(self._connections),
            Counter.SNAPSHOT_VERSION: self.keeper.live.snapshot.version,
            Counter.SNAPSHOT_SWAPS: self.keeper.swaps,
            Counter.SNAPSHOT_REFUSALS: self.keeper.refusals,
            Counter.EVIDENCE_WORKS: int(self.log.is_accepting),
            Counter.EVIDENCE_ENTRIES: self.log.entries,
            Counter.EVIDENCE_BATCHES: self.log.batches,
            Counter.EVIDENCE_FAILURES: self.log.failures,
            Counter.STAMPS_WAITING: self.stamper.waiting,
            Counter.BREAKERS_OPEN: sum(breaker.is_open for breaker in self.keeper.breakers.values()),
            Counter.SEEN_AT: int(self.loop.time() * 1000),
            Counter.PROCESS_ID: os.getpid(),
        }
        for counter in COUNTED:
            self.memory.put(self.slot, counter, self._counts[counter])
        for gauge, value in gauges.items():
            self.memory.put(self.slot, gauge, value)


async def run_worker(settings: GatewaySettings, slot: int, memory_path: Path) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the snapshot anew."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    worker = Worker(settings, slot, SharedMemory(memory_path))
    reloads: set[asyncio.Task[None]] = set()
    loop.add_signal_handler(signal.SIGHUP, lambda: reloads.add(loop.create_task(worker.keeper.reload())))
    ports = await worker.start()
    _log.info("worker %d listens on %s", slot, ports)
    print(f"ready {slot} {' '.join(map(str, ports))}", flush=True)  # noqa: T201 - the supervisor and tests wait for it
    await stop.wait()
    await worker.stop()


def main(settings: GatewaySettings, slot: int, memory_path: Path) -> None:
    """Run a worker on the fastest event loop that is installed."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.run(run_worker(settings, slot, memory_path))
        return
    asyncio.run(run_worker(settings, slot, memory_path))
