"""Take connections of clients: parse HTTP/1.1 strictly, keep order, pass back-pressure on.

llhttp in its strict mode refuses what smuggling needs: two lengths, length with chunks, folded lines, bare line feeds,
spaces before colons, unknown codings. A connection that sent such bytes gets one answer and is closed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

import httptools

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.rules.headers import MAX_HEAD_BYTES, MAX_HEADERS
from mehvar.exchange.rules.paths import MAX_TARGET_BYTES
from mehvar.gateway.calls import Call
from mehvar.gateway.heads import RequestHead, read_request_head

if TYPE_CHECKING:
    from mehvar.gateway.live import Live
    from mehvar.gateway.worker import Worker

MAX_PIPELINED = 64
LINGER_S = 2.0
MAX_LINGER_BYTES = 4 * 1024 * 1024
_log = logging.getLogger(__name__)
_CONNECT = b"CONNECT"
_HEAD_TOO_LONG = CallRefused(
    ErrorType.BAD_REQUEST, f"The head is longer than {MAX_HEAD_BYTES} bytes or {MAX_HEADERS} headers."
)


class ClientConnection(asyncio.Protocol):
    """Serve one connection; calls on it are answered one after the other."""

    def __init__(self, worker: Worker, *, scheme: str) -> None:
        """Begin unconnected."""
        self.worker, self.scheme = worker, scheme
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.certificate: str | None = None
        self._proof_live: Live | None = None
        self._proof_client = ""
        self._network_proof: str | None = None
        self._last_headers: list[tuple[bytes, bytes]] = []
        self._last_version = ""
        self._last_head = RequestHead()
        self.current: Call | None = None
        self.waits_since = 0.0  # since when the next head is awaited or coming
        self.head_began = False
        self._reading: Call | None = None
        self._queue: deque[Call] = deque()
        self._parser = httptools.HttpRequestParser(self)
        self.reasons_to_pause = 0
        self._head_bytes = 0
        self._in_trailer = False
        self._refusal: CallRefused | None = None
        self._chunk_bytes = 0
        self._has_ended = False
        self.lingers_until = 0.0
        self._lingered_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who calls."""
        self.transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if isinstance(peer, tuple) else ""
        self.certificate = self.worker.certificate_of(transport)
        clock = self.worker.clock
        clock.now = self.waits_since = clock.read()
        self.worker.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """End what is under way."""
        self.transport = None
        self.worker.disconnected(self)
        call, self.current = self.current, None
        if call is not None:
            call.client_is_gone()
        self._queue.clear()

    def eof_received(self) -> bool:
        """Take the client's end as its leaving, as nginx does; half-closed connections are not served."""
        return False

    def data_received(self, data: bytes) -> None:
        """Parse; refuse what is not HTTP/1.1 to the letter."""
        if self._has_ended:
            self._lingered_bytes += len(data)
            if self._lingered_bytes > MAX_LINGER_BYTES:
                self.abort()
            return
        clock = self.worker.clock
        clock.now = clock.read()
        self._chunk_bytes = self._head_bytes + len(data)
        try:
            self._parser.feed_data(data)
            if self._reading is not None and not self._in_trailer:
                self._head_bytes += len(data)
                if self._head_bytes > MAX_HEAD_BYTES:
                    self._refuse_bytes(_HEAD_TOO_LONG)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._has_ended:
                self._go_on_without_upgrade(data, upgrade)
        except httptools.HttpParserError as error:
            if not self._has_ended:
                self._refuse_error(error)

    def _refuse_error(self, error: httptools.HttpParserError) -> None:
        if isinstance(error, httptools.HttpParserCallbackError) and self._refusal is None:
            _log.error("a call failed inside the gateway", exc_info=error.__context__)
        self._refuse_bytes(
            self._refusal
            or CallRefused(ErrorType.BAD_REQUEST, f"This is not a valid HTTP/1.1 request: {error}")
        )

    def pause_writing(self) -> None:
        """Let the provider wait until the client takes more."""
        if self.current is not None:
            self.current.client_is_slow()

    def resume_writing(self) -> None:
        """Let the provider go on."""
        if self.current is not None:
            self.current.client_is_ready()

    def pause_reading(self, reason: int) -> None:
        """Stop reading for one of several reasons (a bit)."""
        if not self.reasons_to_pause and self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()
        self.reasons_to_pause |= reason

    def resume_reading(self, reason: int) -> None:
        """Take one reason back; read on when none is left."""
        if not self.reasons_to_pause & reason:
            return
        self.reasons_to_pause &= ~reason
        if not self.reasons_to_pause and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def network_proof(self, live: Live, client: str) -> str | None:
        """Tell how the caller's address proves who it is; remembered until the client or the snapshot changes."""
        if self._proof_live is not live or self._proof_client != client:
            self._proof_live, self._proof_client = live, client
            self._network_proof = live.credentials.by_network(self.address, client)
        return self._network_proof

    def read_head(self, headers: list[tuple[bytes, bytes]], version: str) -> RequestHead:
        """Read a request's headers; a client that sends the same ones again has them read once.

        Raises:
            CallRefused: a header that steers the call is malformed or contradicts another.
        """
        if headers != self._last_headers or version != self._last_version:
            self._last_head = read_request_head(headers, version=version)
            self._last_headers, self._last_version = headers, version
        return self._last_head

    def write(self, data: bytes) -> None:
        """Send to the client."""
        if self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        """Close after what is written is sent."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Close at once: the client sees that its answer is incomplete."""
        if self.transport is not None:
            self.transport.abort()

    def call_ended(self, *, keeps_open: bool) -> None:
        """Go on with the next call, or close."""
        self.current = None
        self.waits_since, self.head_began = self.worker.clock.now, False
        if not keeps_open or (self.worker.is_stopping and not self._queue):
            self._end()
            return
        if self._queue:
            self.current = self._queue.popleft()
            if len(self._queue) < MAX_PIPELINED // 2:
                self.resume_reading(2)
            self.current.begin()

    def _end(self) -> None:
        """Close; when the client is still sending, read on for a moment so that it sees the answer, not a reset.

        What else came with the last request is no request: nobody knows any more where one would begin.
        """
        self._has_ended = True
        if self._reading is None and not self.reasons_to_pause:
            self.close()
            return
        self.lingers_until = self.waits_since + LINGER_S
        self.reasons_to_pause = 0
        if self.transport is not None and not self.transport.is_closing():
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self.transport.resume_reading()

    def on_message_begin(self) -> None:
        """Begin to read a request, unless the one before was the last."""
        if self._has_ended:
            self._reading = None
            return
        self._reading = Call(self, self.worker)
        self._head_bytes = 0
        self._in_trailer = False
        if self.current is None:
            self.head_began, self.waits_since = True, self.worker.clock.now

    def on_url(self, url: bytes) -> None:
        """Take the request target, perhaps in pieces."""
        call = self._reading
        if call is not None:
            call.raw_target += url
            if len(call.raw_target) > MAX_TARGET_BYTES:
                self._refuse(
                    CallRefused(
                        ErrorType.BAD_REQUEST, f"The address is longer than {MAX_TARGET_BYTES} bytes."
                    )
                )

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are dropped."""
        if self._in_trailer or self._reading is None:
            return
        self._reading.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin the call, or let it wait its turn."""
        call = self._reading
        if call is None:
            return
        self._in_trailer = True
        if len(call.headers) > MAX_HEADERS or (
            self._chunk_bytes > MAX_HEAD_BYTES and _is_too_long(call.headers)
        ):
            self._refuse(_HEAD_TOO_LONG)
        call.method = self._parser.get_method()
        call.version = self._parser.get_http_version()
        call.keeps_open = self._parser.should_keep_alive()
        if self.current is None:
            self.current, self.head_began = call, False
            call.begin()
            return
        self._queue.append(call)
        if len(self._queue) >= MAX_PIPELINED:
            self.pause_reading(2)
        if len(self._queue) > MAX_PIPELINED * 4:
            self._refuse(CallRefused(ErrorType.OVERLOADED, "Too many requests were sent at once."))

    def on_body(self, data: bytes) -> None:
        """Pass the body on."""
        if self._reading is not None:
            self._reading.body_continues(data)

    def on_message_complete(self) -> None:
        """End the request's body."""
        call, self._reading = self._reading, None
        if call is not None and not call.is_body_complete:
            call.body_ends()

    def _go_on_without_upgrade(self, data: bytes, upgrade: httptools.HttpParserUpgrade) -> None:
        """Serve a request that offers another protocol as plain HTTP/1.1; refuse CONNECT."""
        if self._parser.get_method() == _CONNECT:
            self._refuse_bytes(CallRefused(ErrorType.BAD_REQUEST, "CONNECT is not served."))
            return
        self._parser = httptools.HttpRequestParser(self)
        rest = data[upgrade.args[0] :]
        if rest:
            self.data_received(rest)

    def _refuse(self, refusal: CallRefused) -> None:
        self._refusal = refusal
        raise refusal

    def _refuse_bytes(self, refusal: CallRefused) -> None:
        """Answer bytes that are no request, after the answers that are due, and close."""
        self._queue.clear()
        self.pause_reading(4)
        call = self.current
        if call is None:
            self.current = call = Call(self, self.worker)
            call.refuse_bytes(refusal)
        elif call is self._reading:
            call.request_is_broken(refusal)
        else:
            broken = Call(self, self.worker)
            broken.early_refusal = refusal
            self._queue.append(broken)


def _is_too_long(headers: list[tuple[bytes, bytes]]) -> bool:
    return sum([len(name) + len(value) + 4 for name, value in headers]) > MAX_HEAD_BYTES
