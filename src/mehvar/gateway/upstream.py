"""Reach providers: connections of our own, pooled per address, one call on each at a time.

A connection is kept when its answer ended cleanly and is used again, newest first. A call that must not happen twice
gets a connection that was used a moment ago, or a new one, since an older one may be closing just then.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

import httptools

from mehvar.exchange.rules.headers import MAX_HEAD_BYTES, MAX_HEADERS
from mehvar.gateway.answers import read_answer_head
from mehvar.gateway.clock import LoopClock

IDLE_S = 30.0
FRESH_S = 2.0
MAX_QUEUE = 1_000
_NO_BODY = frozenset({204, 304})
_LOWEST_FINAL_STATUS = 200


class AnswerSink(Protocol):
    """Take an answer as it arrives."""

    def answer_begins(self, connection: Upstream) -> None:
        """Take status and headers (attributes of ``connection``)."""

    def answer_continues(self, data: bytes) -> None:
        """Take the next bytes of the body."""

    def answer_ends(self) -> None:
        """Take the end of a complete answer."""

    def answer_fails(self, reason: str, *, is_late: bool) -> None:
        """Take that there will be no complete answer; ``is_late``: some of it had arrived."""

    def provider_is_slow(self) -> None:
        """Stop sending for a while."""

    def provider_is_ready(self) -> None:
        """Go on sending."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Name where connections lead to. ``tls``: None for plain; the context decides whom to trust."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    connect_s: float
    max_connections: int


class Upstream(asyncio.Protocol):
    """Speak HTTP/1.1 to one provider, one call at a time."""

    def __init__(self, pool: Pool) -> None:
        """Begin unconnected."""
        self.pool = pool
        self.transport: asyncio.Transport | None = None
        self.sink: AnswerSink | None = None
        self.idle_since = 0.0
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.lines = b""
        self.content_length: int | None = None
        self.is_reusable = False
        self._has_begun = self._until_close = self._is_head = False
        self._has_ended = self._has_surplus = self.is_paused = False
        self._head_bytes = 0
        self._last_headers: list[tuple[bytes, bytes]] = []
        self._last_read: tuple[bytes, int | None, bool] = (b"", None, False)
        self._parser: httptools.HttpResponseParser | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the connection can take a call."""
        return self.transport is not None and not self.transport.is_closing()

    def begin(self, sink: AnswerSink, head: bytes, *, is_head: bool) -> None:
        """Send a request's head (and perhaps its body with it) and expect one answer."""
        self.sink = sink
        self._is_head, self._has_begun, self._until_close = is_head, False, False
        self._has_ended = self._has_surplus = False
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        self.status, self.reason, self.headers, self._head_bytes = 0, b"", [], 0
        if self.transport is not None:
            self.transport.write(head)

    def send(self, data: bytes) -> None:
        """Send more of the request."""
        if self.transport is not None:
            self.transport.write(data)

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.sink = None
        if self.transport is not None:
            self.transport.abort()

    def pause_reading(self) -> None:
        """Stop taking the answer for a while."""
        if not self.is_paused and self.is_open and self.transport is not None:
            self.is_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on taking the answer."""
        if self.is_paused and self.is_open and self.transport is not None:
            self.is_paused = False
            self.transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the sink; an answer without stated length ends so."""
        self.transport = None
        self.pool.clock.now = self.pool.clock.read()
        sink, self.sink = self.sink, None
        self.pool.lost(self)
        if sink is None:
            return
        if self._until_close and exc is None:
            sink.answer_ends()
        else:
            sink.answer_fails("the provider closed the connection", is_late=self._has_begun)

    def pause_writing(self) -> None:
        """Pass back-pressure on."""
        if self.sink is not None:
            self.sink.provider_is_slow()

    def resume_writing(self) -> None:
        """Pass on that it eased."""
        if self.sink is not None:
            self.sink.provider_is_ready()

    def data_received(self, data: bytes) -> None:
        """Parse; bytes that nobody asked for close the connection."""
        clock = self.pool.clock
        clock.now = clock.read()
        if self.sink is None or self._parser is None:
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"the answer is not HTTP ({error})")
            return
        if not self._has_begun:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
                self._fail("the answer is not HTTP (its head is too long)")
        elif self._has_ended:
            self._has_ended = False
            self.is_reusable = self.is_reusable and not self._has_surplus
            self.pool.give_back(self)

    def on_message_begin(self) -> None:
        """Note bytes behind the end of an answer: the connection cannot be trusted any more."""
        self._has_surplus = self._has_ended

    def on_status(self, reason: bytes) -> None:
        """Take the reason phrase."""
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers, which come after the head, are dropped."""
        if not self._has_begun:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Decide how long the body is and tell the sink."""
        if self._parser is None:
            return
        self.status = self._parser.get_status_code()
        if self.status < _LOWEST_FINAL_STATUS:
            return
        if self.headers == self._last_headers:  # providers repeat themselves, but for the date once a second
            self.lines, self.content_length, is_chunked = self._last_read
        else:
            self.lines, self.content_length, is_chunked = self._last_read = read_answer_head(self.headers)
            self._last_headers = self.headers
        has_length = self.content_length is not None
        if self._is_head or self.status in _NO_BODY:
            self.is_reusable = not is_chunked and not self.content_length
            self.is_reusable = self.is_reusable and self._parser.should_keep_alive()
        else:
            self._until_close = not (has_length or is_chunked)
            self.is_reusable = not self._until_close and self._parser.should_keep_alive()
        self._has_begun = True
        if self.sink is not None:
            self.sink.answer_begins(self)
        if self._is_head and not (self.is_reusable and has_length) and self.sink is not None:
            self.is_reusable = False
            self._has_ended = True
            sink, self.sink = self.sink, None
            sink.answer_ends()

    def on_body(self, data: bytes) -> None:
        """Pass the body on."""
        if self.sink is not None:
            self.sink.answer_continues(data)

    def on_message_complete(self) -> None:
        """End the answer, or go on after an interim one."""
        if self.status < _LOWEST_FINAL_STATUS:
            self._reset()
        elif (
            self.sink is not None
        ):  # the connection goes back only when all bytes that came with the end are read
            self._has_ended = True
            sink, self.sink = self.sink, None
            sink.answer_ends()

    def _reset(self) -> None:
        self.status, self.reason, self.headers, self._head_bytes = 0, b"", [], 0

    def _fail(self, reason: str) -> None:
        sink, begun = self.sink, self._has_begun
        self.abort()
        if sink is not None:
            sink.answer_fails(reason, is_late=begun)


Waiter = Callable[["Upstream | None", str], None]


class Pool:
    """Hold the connections to one origin."""

    def __init__(self, origin: Origin, loop: asyncio.AbstractEventLoop, clock: LoopClock) -> None:
        """Begin empty."""
        self.origin, self._loop, self.clock = origin, loop, clock
        self._idle: deque[Upstream] = deque()
        self._waiters: deque[Waiter] = deque()
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def acquire(self, waiter: Waiter, *, is_repeatable: bool) -> None:
        """Give ``waiter`` a connection: at once when one is idle, else when one is made or becomes free.

        ``waiter(None, reason)`` is called when there can be none.
        """
        fresh_after = 0.0 if is_repeatable else self.clock.now - FRESH_S
        while self._idle:
            connection = self._idle.pop()
            transport = connection.transport
            if transport is None or transport.is_closing():
                continue
            if connection.idle_since >= fresh_after:
                waiter(connection, "")
                return
            connection.abort()
        if self._open < self.origin.max_connections:
            self._connect(waiter)
        elif len(self._waiters) < MAX_QUEUE:
            self._waiters.append(waiter)
        else:
            waiter(None, "too many calls wait for this provider")

    def forget(self, waiter: Waiter) -> None:
        """Take back a wish for a connection."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def give_back(self, connection: Upstream) -> None:
        """Keep a connection for the next call, or close it."""
        transport = connection.transport
        if not connection.is_reusable or transport is None or transport.is_closing():
            connection.abort()
            return
        if connection.is_paused:
            connection.resume_reading()
        if self._waiters:
            self._waiters.popleft()(connection, "")
            return
        connection.idle_since = self.clock.now
        self._idle.append(connection)

    def lost(self, connection: Upstream) -> None:
        """Note that a connection is gone, and make one for who waits."""
        self._open -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        if self._waiters and self._open < self.origin.max_connections:
            self._connect(self._waiters.popleft())

    def sweep(self) -> None:
        """Close connections that nobody used for a while."""
        oldest = self._loop.time() - IDLE_S
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.popleft().abort()

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.popleft().abort()

    def _connect(self, waiter: Waiter) -> None:
        self._open += 1
        task = self._loop.create_task(self._connected(waiter))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, waiter: Waiter) -> None:
        origin = self.origin
        try:
            async with asyncio.timeout(origin.connect_s):
                _, connection = await self._loop.create_connection(
                    lambda: Upstream(self),
                    origin.host,
                    origin.port,
                    ssl=origin.tls,
                    server_hostname=origin.host if origin.tls else None,
                )
        except (OSError, TimeoutError) as error:
            self._open -= 1
            waiter(None, str(error) or "it took too long to connect")
            return
        waiter(connection, "")


class Pools:
    """Hold a pool per origin."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: LoopClock,
        client_certificate: tuple[str, str] | None = None,
    ) -> None:
        """Begin empty. ``client_certificate``: files of the certificate and key shown to providers that ask."""
        self._loop, self._clock, self._client_certificate = loop, clock, client_certificate
        self._pools: dict[Origin, Pool] = {}

    def pool(self, base_url: str, provider_ca: str, *, connect_s: float, max_connections: int) -> Pool:
        """Return the pool for a provider's address."""
        url = urlsplit(base_url)
        tls = trust(provider_ca, self._client_certificate) if url.scheme == "https" else None
        port = url.port or (443 if tls else 80)
        origin = Origin(url.hostname or "", port, tls, connect_s, max_connections)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(origin, self._loop, self._clock)
        return pool

    def sweep(self) -> None:
        """Close idle connections of every pool."""
        for pool in self._pools.values():
            pool.sweep()

    def close(self) -> None:
        """Close every idle connection."""
        for pool in self._pools.values():
            pool.close()


@lru_cache(maxsize=1024)
def trust(provider_ca: str, client_certificate: tuple[str, str] | None) -> ssl.SSLContext:
    """Return a context that trusts one authority (PEM), or the system's when it is empty."""
    context = ssl.create_default_context(cadata=provider_ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if client_certificate is not None:
        context.load_cert_chain(*client_certificate)
    return context
