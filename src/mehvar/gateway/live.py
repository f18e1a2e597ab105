"""Hold what calls are decided on right now, and swap it as a whole.

A call keeps the state that it began with until it ends; a swap therefore drops no call. A faulty or older snapshot is
refused and the present one stays.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.snapshot import Quota, Snapshot
from mehvar.exchange.rules.identifiers import parse_client_id
from mehvar.exchange.rules.quotas import part
from mehvar.exchange.rules.rights import Routes
from mehvar.exchange.rules.snapshot_faults import Pace, without_rest
from mehvar.exchange.rules.snapshots import decode_snapshot
from mehvar.gateway.authentication import Credentials
from mehvar.gateway.breakers import Breaker
from mehvar.gateway.lanes import Lane
from mehvar.gateway.shared import MemoryFull, SharedMemory
from mehvar.kernel.errors import InputError

if TYPE_CHECKING:
    from mehvar.exchange.rules.rights import Route
    from mehvar.gateway.plans import Plan

MAX_CACHED_CLIENTS = 10_000
POLL_S = 0.5
WORK_S, REST_S = 0.0003, 0.0003
GIVEN_BACK = 256
YOUNG = 2_000
_log = logging.getLogger(__name__)


class Live:
    """Hold one snapshot, compiled. Only its caches change."""

    def __init__(self, snapshot: Snapshot, data_hash: str, pace: Pace = without_rest) -> None:
        """Compile all that decisions need. The rights as such are needed no more, and are not kept."""
        self.snapshot, self.hash = replace(snapshot, rights=()), data_hash
        self.routes = Routes(snapshot, pace)
        self.credentials = Credentials(snapshot, pace)
        self.plans: dict[str, Plan] = {}
        self._clients: dict[bytes, str] = {}
        self.lanes: dict[tuple[bytes, bytes | None], Lane] = {}  # by prefix of the target and stated client
        self._lanes: dict[tuple[str, str], Lane] = {}

    def client(self, stated: bytes | None) -> str:
        """Return the normal text of the client that ``X-Road-Client`` names.

        Raises:
            CallRefused: the header is absent or malformed, or there is no such member or subsystem.
        """
        if stated is None:
            raise CallRefused(ErrorType.MISSING_CLIENT, "The header X-Road-Client is missing.")
        known = self._clients.get(stated)
        if known is None:
            known = self._checked_client(stated)
            if len(self._clients) < MAX_CACHED_CLIENTS:
                self._clients[stated] = known
        return known

    def lane(self, client: str, route: Route, plan: Plan) -> Lane:
        """Return what all calls of a service by a client have in common."""
        found = self._lanes.get((client, route.text))
        if found is None:
            quotas = self._covering(client, route.text)
            found = Lane(client, route, plan, quotas=quotas, version=self.snapshot.version)
            if len(self._lanes) < MAX_CACHED_CLIENTS:
                self._lanes[client, route.text] = found
        return found

    def remember(self, prefix: bytes, client: bytes, lane: Lane) -> None:
        """Remember which lane a target's first six parts and a stated client lead to."""
        if len(self.lanes) < MAX_CACHED_CLIENTS:
            self.lanes[prefix, client] = lane

    def _checked_client(self, stated: bytes) -> str:
        try:
            text = str(parse_client_id(stated.decode("ascii")))
        except (InputError, UnicodeDecodeError):
            raise CallRefused(
                ErrorType.INVALID_CLIENT, "X-Road-Client is no identifier of a client."
            ) from None
        if text not in self.routes.clients:
            raise CallRefused(
                ErrorType.UNKNOWN_MEMBER, f"{text} is not a member or subsystem of this exchange."
            )
        return text

    def _covering(self, client: str, service: str) -> tuple[Part, ...]:
        return tuple(
            [
                Part.of(quota, f"{client} {service}", gateways=self.snapshot.gateways)
                for quota in self.snapshot.quotas
                if quota.client in {"*", client} and quota.service in {"*", service}
            ]
        )


class Part(NamedTuple):
    """Hold what this gateway grants of a quota; its bucket goes on under the same name when the number of gateways changes."""

    name: str
    calls_per_s: float
    burst: int
    message: str

    @classmethod
    def of(cls, quota: Quota, who: str, *, gateways: int) -> Part:
        """Take this gateway's part."""
        calls_per_s, burst = part(quota.calls_per_s, quota.burst, gateways=gateways)
        message = f"The quota of {quota.calls_per_s:g} calls per second is used up."
        if gateways > 1:
            message += f" Each of {gateways} gateways grants {calls_per_s:g}."
        return cls(f"{who} {quota.calls_per_s} {quota.burst}", calls_per_s, burst, message)


def take_quotas(quotas: tuple[Part, ...], memory: SharedMemory) -> None:
    """Count a call against every quota that covers it.

    Raises:
        CallRefused: a quota is used up.
    """
    for name, calls_per_s, burst, message in quotas:
        try:
            wait_s = memory.take_quota(name, calls_per_s=calls_per_s, burst=burst)
        except MemoryFull:
            raise CallRefused(ErrorType.OVERLOADED, "Too many quotas are in use.") from None
        if wait_s:
            raise CallRefused(ErrorType.QUOTA_EXCEEDED, message, retry_after_s=max(1, round(wait_s)))


class Rests:
    """Let calls go first while a snapshot is read in a thread: work for a moment, rest for a moment.

    Without rests the loop would wait for the interpreter after each of its steps, as long as reading lasts.
    """

    def __init__(self) -> None:
        """Begin with work."""
        self._until = time.perf_counter() + WORK_S

    def __call__(self) -> None:
        """Rest when it is time."""
        if time.perf_counter() >= self._until:
            if gc.get_count()[0] > YOUNG:
                gc.collect(0)  # looks at few new things often, not at fifty thousand at once
            time.sleep(REST_S)
            self._until = time.perf_counter() + WORK_S


class SnapshotKeeper:
    """Read the snapshot's file at the start, on demand and whenever it changes."""

    def __init__(self, path: Path) -> None:
        """Read it for the first time.

        Raises:
            InputError: there is no usable snapshot.
        """
        self._path = path
        self._seen = self._mark()
        self.live = _compiled(path.read_bytes())
        self.breakers: dict[str, Breaker] = {}
        self.swaps = self.refusals = 0
        self.last_fault = ""
        self.tls_contexts: list[ssl.SSLContext] = []

    def breaker(self, service: str) -> Breaker:
        """Return the breaker of a service; it outlives snapshots."""
        found = self.breakers.get(service)
        if found is None:
            found = self.breakers[service] = Breaker()
        return found

    async def watch(self) -> None:
        """Look for a changed file for ever."""
        while True:
            await asyncio.sleep(POLL_S)
            if self._mark() != self._seen:
                await self.reload()

    async def reload(self) -> None:
        """Read the file and take it when it is newer and without fault."""
        self._seen = self._mark()
        try:
            data = await asyncio.to_thread(self._path.read_bytes)
            found = await asyncio.to_thread(_compiled, data, Rests())
        except (OSError, InputError) as error:
            self._refuse(str(error))
            return
        if found.hash == self.live.hash:
            return
        if found.snapshot.version <= self.live.snapshot.version:
            self._refuse(f"version {found.snapshot.version} is not newer than {self.live.snapshot.version}")
            return
        self.live = found
        self.swaps += 1
        self.last_fault = ""
        for context in self.tls_contexts:
            trust_clients(context, found.snapshot)
        _log.info("snapshot %d is in force", found.snapshot.version)

    def _refuse(self, fault: str) -> None:
        self.refusals += 1
        self.last_fault = fault
        _log.error("the new snapshot is refused, the present one stays: %s", fault)

    def _mark(self) -> tuple[int, int, int]:
        try:
            state = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (state.st_ino, state.st_mtime_ns, state.st_size)


def trust_clients(context: ssl.SSLContext, snapshot: Snapshot) -> None:
    """Let TLS accept clients' certificates of the snapshot's authorities.

    Authorities are only added, even when a snapshot drops one: TLS merely lets such a connection come about, and the
    registered certificates of the newest snapshot decide about each call on it.
    """
    for pem in snapshot.authorities:
        context.load_verify_locations(cadata=pem)


def _compiled(data: bytes, pace: Pace = without_rest) -> Live:
    snapshot = decode_snapshot(data, pace)
    live = Live(snapshot, hashlib.sha256(data).hexdigest(), pace)
    rights = [*snapshot.rights]
    del snapshot
    while rights:  # given back a few at a time: all at once would hold the interpreter as long
        del rights[-GIVEN_BACK:]
        pace()
    return live
