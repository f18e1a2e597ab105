"""Carry one call from its head to the last byte of its answer.

Stages: decide (client, proof, right, quota) - collect a small body or stream a large one - evidence of the request,
when the call must not happen twice - provider - answer, small ones whole, large ones streamed - evidence - release.
Of a streamed durable answer the last piece (or the last chunk's end) is held back until the evidence is on disk: the
client never holds a complete answer of which there is no evidence.
"""

from __future__ import annotations

import time
from hashlib import sha512
from typing import TYPE_CHECKING

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.evidence import LeafKind, PartKind
from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES, ClientId
from mehvar.exchange.data.snapshot import EvidenceMode
from mehvar.exchange.rules import digests, metadata, signatures, subjects
from mehvar.exchange.rules.leaves import LeafFacts, MessageDigest, encode_leaf
from mehvar.exchange.rules.paths import PROTOCOL_VERSION, Target, parse_target
from mehvar.exchange.rules.rights import decide
from mehvar.exchange.rules.segments import encode_parts
from mehvar.gateway import answers
from mehvar.gateway.authentication import combined_fields
from mehvar.gateway.heads import RequestHead, read_request_head
from mehvar.gateway.status import Counter

if TYPE_CHECKING:
    from hashlib import _Hash

    from mehvar.exchange.rules.rights import Grant, Route
    from mehvar.gateway.breakers import Breaker
    from mehvar.gateway.front import ClientConnection
    from mehvar.gateway.live import Live
    from mehvar.gateway.upstream import Pool, Upstream
    from mehvar.gateway.worker import Worker

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
REPEATABLE = frozenset({b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS"})
_WAITING_FOR_PROVIDER = 1
_LAST_OF_CHUNKED = b"0\r\n\r\n"
_EMPTY_HEAD = RequestHead()


class Call:
    """Hold the state of one call. Methods named in the past tense or as events are called by connections."""

    __slots__ = (
        "_answer_bytes", "_answer_head", "_answer_length", "_answer_lines", "_answer_pieces", "_answer_sha",
        "_at", "_body_bytes", "_body_pieces", "_body_sha", "_breaker", "_chunks_answer", "_client", "_collects",
        "_deadline", "_digest", "_endpoint", "_facts_service", "_grant", "_has_begun", "_has_body", "_head", "_head_sha",
        "_held", "_is_answer_complete", "_is_body_complete", "_is_durable", "_is_over", "_is_streaming", "_live",
        "_path", "_pool", "_proof", "_query", "_request_hash", "_request_head", "_request_id", "_retries", "_route",
        "_started", "_status", "_subject", "_target", "_timeouts", "_upload_held", "_upstream", "_wire_head",
        "connection", "early_refusal", "headers", "keeps_open", "method", "raw_target", "version", "worker",
    )  # fmt: skip

    def __init__(self, connection: ClientConnection, worker: Worker) -> None:
        """Begin with nothing but where it came from."""
        self.connection, self.worker = connection, worker
        self.method, self.raw_target, self.version = b"", b"", "1.1"
        self.headers: list[tuple[bytes, bytes]] = []
        self.keeps_open = True
        self.early_refusal: CallRefused | None = None
        self._live: Live = worker.keeper.live
        self._head: RequestHead = _EMPTY_HEAD
        self._client = self._proof = self._path = self._endpoint = self._facts_service = self._target = ""
        self._query: str | None = None
        self._request_id = ""
        self._route: Route | None = None
        self._grant: Grant | None = None
        self._breaker: Breaker | None = None
        self._pool: Pool | None = None
        self._upstream: Upstream | None = None
        self._subject: str | None = None
        self._digest: signatures.BodyDigest | None = None
        self._started = self._deadline = 0.0
        self._at = 0
        self._has_body = self._collects = self._is_body_complete = self._is_durable = self._is_over = False
        self._is_streaming = self._is_answer_complete = self._chunks_answer = self._has_begun = False
        self._body_pieces: list[bytes] = []
        self._body_bytes = self._answer_bytes = self._retries = self._status = 0
        self._body_sha: _Hash | None = None
        self._answer_sha: _Hash | None = None
        self._head_sha = self._request_head = self._wire_head = self._answer_lines = self._answer_head = b""
        self._request_hash = ""
        self._answer_length: int | None = None
        self._answer_pieces: list[bytes] = []
        self._held = self._upload_held = b""
        self._timeouts = answers.DEFAULT_TIMEOUTS

    # ------------------------------------------------------------------ the request

    def begin(self) -> None:
        """Take the complete head: decide, then go on or refuse."""
        self._has_begun = True
        try:
            self._decide()
        except CallRefused as refusal:
            self._refuse(refusal)

    def body_continues(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        if not self._has_begun:  # another call on this connection comes first
            self._body_pieces.append(data)
            self.connection.pause_reading(_WAITING_FOR_PROVIDER)
            return
        if self._is_over or self._body_sha is None:
            return
        self._body_sha.update(data)
        self._body_bytes += len(data)
        self._deadline = self.worker.loop.time() + self._timeouts.idle_s
        if self._digest is not None:
            self._digest.update(data)
        limit = self._route.service.max_request_bytes if self._route else 0
        if limit and self._body_bytes > limit:
            self._refuse_or_fail(
                CallRefused(ErrorType.REQUEST_TOO_LARGE, f"At most {limit} bytes may be sent.")
            )
        elif self._is_answer_complete:
            return
        elif self._collects or self._upstream is None:
            self._keep_piece(data)
        else:
            self._upload(data)

    def body_ends(self) -> None:
        """Take the end of the request's body."""
        if not self._has_begun:
            self._body_pieces.append(b"")  # the end, remembered by an empty piece until its turn comes
            return
        if self._is_body_complete or self._is_over or self._body_sha is None:
            return
        self._is_body_complete = True
        if self._digest is not None and not self._digest.holds():
            refusal = CallRefused(
                ErrorType.DIGEST_MISMATCH, "The body is not the one that Content-Digest states."
            )
            self._refuse_or_fail(refusal)
        elif self._collects:
            self._go()
        elif self._upstream is not None or self._is_answer_complete:
            self._end_upload()

    def refuse_bytes(self, refusal: CallRefused) -> None:
        """Answer bytes that are no request."""
        self.keeps_open = False
        self._refuse(refusal)

    def request_is_broken(self, refusal: CallRefused) -> None:
        """Take that the rest of the request cannot be read."""
        self.keeps_open = False
        self._refuse_or_fail(refusal)

    def _decide(self) -> None:
        worker = self.worker
        self._live = live = worker.keeper.live
        self._started = worker.loop.time()
        self._deadline = self._started + self._timeouts.idle_s
        self._at = time.time_ns() // 1000
        self._request_id = worker.ids.next()
        if self.early_refusal is not None:
            raise self.early_refusal
        self._head = head = read_request_head(self.headers, version=self.version)
        self._has_body = head.is_chunked or head.content_length > 0
        if self.method not in METHODS:
            raise CallRefused(ErrorType.BAD_REQUEST, "This method is not served.")
        target = parse_target(self.raw_target)
        if target.path == "/listClients":
            self._answer_directly(metadata.list_clients(live.snapshot))
            return
        if target.parts[0] != PROTOCOL_VERSION:
            raise CallRefused(ErrorType.BAD_REQUEST, "An address begins with /r1/ (or is /listClients).")
        self._client = live.client(head.client)
        self._authenticate()
        if not self._is_metadata(target):
            self._route_call(target)

    def _authenticate(self) -> None:
        connection, now = self.connection, self._at / 1e6
        credentials, client = self._live.credentials, self._client
        proof: str | None = None
        if connection.certificate is not None:
            proof = credentials.by_certificate(connection.certificate, client, now)
        if proof is None and self._head.is_signed:
            proof = self._checked_signature(now)
        if proof is None and connection.scheme == "http":
            key = (self._live.snapshot.version, client)
            if key not in connection.network_proofs:
                connection.network_proofs = {key: credentials.by_network(connection.address, client)}
            proof = connection.network_proofs[key]
        if proof is None:
            message = (
                f"The caller did not prove to be {client}: certificate, signed request or registered network."
            )
            raise CallRefused(ErrorType.AUTHENTICATION_FAILED, message)
        self._proof = proof

    def _checked_signature(self, now: float) -> str:
        scheme = self.connection.scheme
        fields = combined_fields(self.headers)
        parts = signatures.RequestParts(
            self.method.decode("ascii"),
            scheme,
            signatures.authority(self._head.host.decode("latin-1"), scheme),
            self.raw_target.decode("ascii"),
            fields,
        )
        proof = self._live.credentials.by_signature(
            parts,
            self._client,
            self.worker.memory,
            has_body=self._has_body,
            now=now,
            max_age_s=self.worker.settings.signature_age_s,
        )
        if self._has_body:
            self._digest = signatures.BodyDigest(signatures.stated_digests(fields["content-digest"]))
        return proof

    def _is_metadata(self, target: Target) -> bool:
        """Answer a metadata service, when it is one."""
        parts = target.parts
        code = parts[-1]
        if (
            code not in RESERVED_SERVICE_CODES
            or len(parts) not in {5, 6}
            or parts[1:] in self._live.routes.by_id
        ):
            return False
        provider = ClientId(*parts[1:-1])
        if str(provider) not in self._live.routes.clients:
            return False
        if code == "listMethods":
            self._answer_directly(metadata.list_methods(self._live.routes, provider))
        elif code == "allowedMethods":
            allowed = metadata.allowed_methods(self._live.routes, provider, self._client, at=self._at / 1e6)
            self._answer_directly(allowed)
        elif code == "getOpenAPI":
            self._fetch_description(provider, target)
        else:
            raise CallRefused(ErrorType.UNKNOWN_SERVICE, f"{code} is not offered here.")
        return True

    def _fetch_description(self, provider: ClientId, target: Target) -> None:
        code = answers.query_value(target.query, "serviceCode")
        route = self._live.routes.by_id.get((*provider.parts, code))
        if route is None or self.method != b"GET":
            raise CallRefused(ErrorType.UNKNOWN_SERVICE, f"{provider} provides no service {code!r}.")
        if not route.service.openapi_url:
            raise CallRefused(ErrorType.UNKNOWN_SERVICE, f"{route.text} has no OpenAPI description.")
        self._route, self._facts_service = route, f"{provider}/getOpenAPI"
        self._timeouts = route.service.timeouts
        base, self._target = answers.split_url(route.service.openapi_url)
        self._choose_pool(base)
        self._take_body()

    def _route_call(self, target: Target) -> None:
        route, path = self._live.routes.find(target)
        method = self.method.decode("ascii")
        self._route, self._path, self._query = route, path, target.query
        self._facts_service, service = route.text, route.service
        self._grant = decide(route, self._client, method, path, at=self._at / 1e6)
        if not service.enabled:
            raise CallRefused(
                ErrorType.SERVICE_DISABLED, service.disabled_notice or f"{route.text} is out of service."
            )
        self._live.take_quota(self._client, route.text, self.worker.memory)
        if service.max_request_bytes and self._head.content_length > service.max_request_bytes:
            raise CallRefused(
                ErrorType.REQUEST_TOO_LARGE, f"At most {service.max_request_bytes} bytes may be sent."
            )
        endpoint = route.endpoint(method, path)
        if endpoint is not None:
            self._endpoint = f"{endpoint.method} {endpoint.path}"
            self._subject = self._subject_token(endpoint.subject)
        self._timeouts = service.timeouts
        self._is_durable = service.mode is EvidenceMode.DURABLE
        base = service.base_url.rstrip("/")
        self._target = (answers.path_of(base) + path or "/") + (
            "" if target.query is None else f"?{target.query}"
        )
        self._choose_pool(base)
        self._take_body()

    def _subject_token(self, place: str) -> str | None:
        key = self.worker.subject_key
        if not place or not key:
            return None
        fields = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        stated = subjects.stated_subject(place, path=self._path, query=self._query, headers=fields)
        return subjects.subject_token(key, stated) if stated else None

    def _choose_pool(self, base: str) -> None:
        if self._route is None:
            return
        service = self._route.service
        self._pool = self.worker.pools.pool(
            base,
            service.provider_ca,
            connect_s=service.timeouts.connect_s,
            max_connections=service.max_connections,
        )
        self._breaker = self.worker.keeper.breaker(self._route.text)
        if not self.worker.log.is_accepting:
            raise CallRefused(ErrorType.LOGGING_FAILED, "Evidence cannot be written now; no call is carried.")

    def _take_body(self) -> None:
        """Go on at once, when the body is complete, or while it arrives."""
        head = self._head
        early, self._body_pieces = self._body_pieces, []
        if not self._has_body:
            self._is_body_complete = True
            self._go()
            return
        self._body_sha = sha512()
        self._collects = not head.is_chunked and head.content_length <= self.worker.settings.small_body_bytes
        if head.expects_continue:
            self.connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self._collects:
            self._go()
        self.connection.resume_reading(_WAITING_FOR_PROVIDER)
        for piece in early:
            if piece:
                self.body_continues(piece)
            else:
                self.body_ends()

    def _keep_piece(self, data: bytes) -> None:
        self._body_pieces.append(data)
        if not self._collects:
            self.connection.pause_reading(_WAITING_FOR_PROVIDER)

    # ------------------------------------------------------------------ the provider

    def _go(self) -> None:
        """Write the head that is hashed and forwarded, note the request, ask for a connection."""
        lines = self._head.lines(self._client, self._head.message_id or self._request_id, self._request_id)
        self._request_head = digests.request_head(
            self.method.decode("ascii"), self.raw_target.decode("ascii"), lines
        )
        self._head_sha = sha512(self._request_head).digest()
        pool = self._pool
        if pool is None:
            return
        framing = b"\r\n"
        if self._has_body:
            chunked = self._head.is_chunked
            framing = (
                b"Transfer-Encoding: chunked\r\n\r\n"
                if chunked
                else b"Content-Length: %d\r\n\r\n" % self._head.content_length
            )
        elif self.method in {b"POST", b"PUT", b"PATCH"}:
            framing = b"Content-Length: 0\r\n\r\n"
        host = answers.host_header(pool.origin.host, pool.origin.port, is_tls=pool.origin.tls is not None)
        self._wire_head = b"%s %s HTTP/1.1\r\nHost: %s\r\n%s%s" % (
            self.method,
            self._target.encode("ascii"),
            host,
            lines,
            framing,
        )
        if self._is_durable and self.method not in REPEATABLE:
            self._log_request()
        else:
            self._connect()

    def _log_request(self) -> None:
        """Make the request's evidence durable before it is forwarded.

        Of a body that is still arriving only the promised length is known here; its hash stands in the exchange.
        """
        facts = self._facts(LeafKind.REQUEST, error=None)
        if not self._is_body_complete:
            facts.request.body_bytes, facts.request.body_sha512 = self._head.content_length, None
        self._deadline = self.worker.loop.time() + self._timeouts.total_s
        self.worker.log.append(encode_leaf(facts), self._parts(), self._request_logged)

    def _request_logged(self, is_written: bool) -> None:  # noqa: FBT001 - called by the log with one value
        if self._is_over:
            return
        if is_written:
            self._connect()
        else:
            self._refuse(
                CallRefused(
                    ErrorType.LOGGING_FAILED, "The evidence could not be written; nothing was forwarded."
                )
            )

    def _connect(self) -> None:
        now = self.worker.loop.time()
        if self._breaker is not None and not self._breaker.admits(now):
            self._breaker = None
            message = "The provider failed several times in a row and is left alone for some seconds."
            self._fail(CallRefused(ErrorType.CIRCUIT_OPEN, message, retry_after_s=5))
            return
        self._deadline = now + self._timeouts.connect_s + self._timeouts.answer_s
        if self._pool is not None:
            self._pool.acquire(self._connected, is_repeatable=self.method in REPEATABLE)

    def _connected(self, upstream: Upstream | None, reason: str) -> None:
        if self._is_over:
            if upstream is not None:
                upstream.abort()
            return
        if upstream is None:
            self._provider_failed()
            self._fail(CallRefused(ErrorType.NETWORK_ERROR, f"The provider cannot be reached: {reason}"))
            return
        self._upstream = upstream
        self._deadline = self.worker.loop.time() + self._timeouts.answer_s
        is_head = self.method == b"HEAD"
        if self._collects:
            upstream.begin(self, self._wire_head + b"".join(self._body_pieces), is_head=is_head)
            return
        upstream.begin(self, self._wire_head, is_head=is_head)
        pieces, self._body_pieces = self._body_pieces, []
        for piece in pieces:
            self._upload(piece)
        self.connection.resume_reading(_WAITING_FOR_PROVIDER)
        if self._is_body_complete and self._has_body:
            self._end_upload()

    def _upload(self, data: bytes) -> None:
        upstream = self._upstream
        if upstream is None:
            return
        if self._head.is_chunked:
            upstream.send(b"%x\r\n%s\r\n" % (len(data), data))
            return
        if self._digest is not None:  # the last piece goes out only when the digest of all holds
            data, self._upload_held = self._upload_held, data
        if data:
            upstream.send(data)

    def _end_upload(self) -> None:
        if self._upstream is not None:
            if self._head.is_chunked:
                self._upstream.send(_LAST_OF_CHUNKED)
            elif self._upload_held:
                self._upstream.send(self._upload_held)
            self._deadline = self.worker.loop.time() + self._timeouts.answer_s
        if self._status:
            self._go_on_with_answer()

    def provider_is_slow(self) -> None:
        """Let the client wait."""
        self.connection.pause_reading(_WAITING_FOR_PROVIDER)

    def provider_is_ready(self) -> None:
        """Let the client go on."""
        self.connection.resume_reading(_WAITING_FOR_PROVIDER)

    def client_is_slow(self) -> None:
        """Let the provider wait."""
        if self._upstream is not None:
            self._upstream.pause_reading()

    def client_is_ready(self) -> None:
        """Let the provider go on."""
        self._deadline = self.worker.loop.time() + self._timeouts.idle_s
        if self._upstream is not None:
            self._upstream.resume_reading()

    # ------------------------------------------------------------------ the answer

    def answer_begins(self, connection: Upstream) -> None:
        """Take status and headers of the answer."""
        if self._breaker is not None:
            self._breaker.succeeded()
            self._breaker = None
        self._status, self._answer_length = connection.status, connection.content_length
        self._answer_lines = answers.passed_lines(connection.headers)
        self._answer_head = answers.status_line(connection.status, connection.reason)
        self._answer_sha = sha512()
        self._deadline = self.worker.loop.time() + self._timeouts.idle_s
        limit = self._route.service.max_answer_bytes if self._route else 0
        if limit and (self._answer_length or 0) > limit and self.method != b"HEAD":
            self._answer_is_too_large(limit)

    def answer_continues(self, data: bytes) -> None:
        """Take a piece of the answer's body."""
        if self._is_over or self._answer_sha is None:
            return
        self._answer_sha.update(data)
        self._answer_bytes += len(data)
        self._deadline = self.worker.loop.time() + self._timeouts.idle_s
        limit = self._route.service.max_answer_bytes if self._route else 0
        if limit and self._answer_bytes > limit:
            self._answer_is_too_large(limit)
        elif self._is_streaming:
            self._send_piece(data)
        else:
            self._answer_pieces.append(data)
            if self._answer_bytes > self.worker.settings.small_body_bytes:
                self._go_on_with_answer()

    def answer_ends(self) -> None:
        """Take that the answer is complete, perhaps before the request is: what is still to come is only hashed."""
        if self._upstream is not None and not self._is_body_complete:
            self._upstream.is_reusable = False
            self._collects = False
        self._upstream = None
        if self._is_over:
            return
        self._is_answer_complete = True
        self.connection.resume_reading(_WAITING_FOR_PROVIDER)
        self._go_on_with_answer()

    def answer_fails(self, reason: str, *, is_late: bool) -> None:
        """Take that the provider broke off; try once more when nothing of it can have happened."""
        upstream, self._upstream = self._upstream, None
        if self._is_over:
            return
        was_used_before = upstream is not None and upstream.idle_since > 0
        is_whole = self._collects or not self._has_body
        if not is_late and was_used_before and is_whole and self.method in REPEATABLE and not self._retries:
            self._retries = 1
            self._connect()
            return
        self._provider_failed()
        error = ErrorType.INVALID_ANSWER if "not HTTP" in reason else ErrorType.NETWORK_ERROR
        self._fail(CallRefused(error, f"No complete answer: {reason}"))

    def _answer_is_too_large(self, limit: int) -> None:
        self._fail(CallRefused(ErrorType.ANSWER_TOO_LARGE, f"The answer is larger than {limit} bytes."))

    def _go_on_with_answer(self) -> None:
        """Send what can be sent: nothing before the request is complete, small answers only with their evidence."""
        if not self._is_body_complete:
            if self._upstream is not None and self._answer_bytes > self.worker.settings.small_body_bytes:
                self._upstream.pause_reading()
            return
        if self._upstream is not None and not self._is_answer_complete:
            self._upstream.resume_reading()
        if self._is_answer_complete:
            self._log_answer()
        elif self._answer_bytes > self.worker.settings.small_body_bytes:
            self._start_streaming()

    def _start_streaming(self) -> None:
        if self._is_streaming:
            return
        self._is_streaming = True
        self._complete_answer_head()
        if self._answer_length is not None:
            framing = b"Content-Length: %d\r\n" % self._answer_length
        elif self.version == "1.1":
            self._chunks_answer, framing = True, b"Transfer-Encoding: chunked\r\n"
        else:
            self.keeps_open, framing = False, b""
        self.connection.write(
            b"".join([self._answer_head, self._answer_lines, framing, self._closing_lines()])
        )
        pieces, self._answer_pieces = self._answer_pieces, []
        for piece in pieces:
            self._send_piece(piece)

    def _send_piece(self, data: bytes) -> None:
        if self._chunks_answer:
            self.connection.write(b"%x\r\n%s\r\n" % (len(data), data))
            return
        if self._is_durable:
            data, self._held = self._held, data
        if data:
            self.connection.write(data)

    def _complete_answer_head(self) -> None:
        """Add the bus's own headers; the request's hash is known by now."""
        self._request_hash = self._hash_of_request()
        self._answer_lines += (
            f"X-Road-Client:{self._client}\r\nX-Road-Service:{self._facts_service}\r\n"
            f"X-Road-Id:{self._head.message_id or self._request_id}\r\nX-Road-Request-Id:{self._request_id}\r\n"
            f"X-Road-Request-Hash:{self._request_hash}\r\n"
        ).encode("ascii")

    def _hash_of_request(self) -> str:
        body = None if self._body_sha is None else self._body_sha.digest()
        return digests.request_hash(self._head_sha, body)

    def _closing_lines(self) -> bytes:
        if self.worker.is_stopping:
            self.keeps_open = False
        if not self.keeps_open:
            return b"Connection: close\r\n\r\n"
        return b"\r\n" if self.version == "1.1" else b"Connection: keep-alive\r\n\r\n"

    def _log_answer(self) -> None:
        if not self._is_streaming:
            self._complete_answer_head()
        leaf = encode_leaf(self._facts(LeafKind.EXCHANGE, error=None))
        self._append(leaf, self._answer_logged if self._is_durable else None)
        if not self._is_durable:
            self._release()

    def _answer_logged(self, is_written: bool) -> None:  # noqa: FBT001 - called by the log with one value
        if self._is_over:
            return
        if is_written:
            self._release()
        elif self._is_streaming:
            self._end(keeps_open=False)
            self.connection.abort()
        else:
            self._send_error(
                CallRefused(ErrorType.LOGGING_FAILED, "The evidence of the answer could not be written.")
            )

    def _release(self) -> None:
        """Send the answer, or the rest of it, and end."""
        if self._is_streaming:
            if self._chunks_answer:
                self.connection.write(_LAST_OF_CHUNKED)
            elif self._held:
                self.connection.write(self._held)
        else:
            length = self._answer_bytes
            if self.method == b"HEAD" and self._answer_length is not None:
                length = self._answer_length
            framing = b"" if self._status in {204, 304} else b"Content-Length: %d\r\n" % length
            pieces = [
                self._answer_head,
                self._answer_lines,
                framing,
                self._closing_lines(),
                *self._answer_pieces,
            ]
            self.connection.write(b"".join(pieces))
        self.worker.count(Counter.ANSWERED)
        self._end(keeps_open=self.keeps_open)

    # ------------------------------------------------------------------ evidence

    def _facts(self, kind: LeafKind, *, error: ErrorType | None) -> LeafFacts:
        request = MessageDigest(digests.encoded(self._head_sha), None, self._body_bytes)
        if self._body_sha is not None:
            request.body_sha512 = digests.encoded(self._body_sha.digest())
        answer = None
        if kind is LeafKind.EXCHANGE and self._status and self._answer_sha is not None:
            head = digests.answer_head(self._status, self._answer_lines)
            answer = MessageDigest(
                digests.encoded(sha512(head).digest()), None, self._answer_bytes, self._status
            )
            if self._answer_bytes:
                answer.body_sha512 = digests.encoded(self._answer_sha.digest())
        agreement = self._grant.agreement if self._grant else None
        return LeafFacts(
            kind=kind,
            at=self._at,
            done_at=time.time_ns() // 1000,
            request_id=self._request_id,
            id=self._head.message_id or self._request_id,
            client=self._client,
            authentication=self._proof,
            service=self._facts_service,
            endpoint=self._endpoint,
            agreement=agreement.id if agreement else "",
            purpose=agreement.purpose if agreement else "",
            mode="durable" if self._is_durable else "async",
            snapshot=self._live.snapshot.version,
            request=request,
            request_hash=self._request_hash or self._hash_of_request(),
            answer=answer,
            error=error,
            subject=self._subject,
        )

    def _parts(self) -> bytes:
        kept: dict[PartKind, bytes] = {}
        service = self._route.service if self._route else None
        if self.worker.settings.keep_heads:
            kept[PartKind.REQUEST_HEAD] = self._request_head
            if self._status:
                kept[PartKind.ANSWER_HEAD] = digests.answer_head(self._status, self._answer_lines)
        if service is not None and service.keep_bodies:
            if self._collects and self._is_body_complete and self._body_bytes <= service.kept_body_bytes:
                kept[PartKind.REQUEST_BODY] = b"".join(self._body_pieces)
            if (
                self._is_answer_complete
                and not self._is_streaming
                and 0 < self._answer_bytes <= service.kept_body_bytes
            ):
                kept[PartKind.ANSWER_BODY] = b"".join(self._answer_pieces)
        return encode_parts(kept)

    def _append(self, leaf: bytes, done: object) -> None:
        window_ms = self._route.service.loss_window_ms if self._route else 200
        self.worker.log.append(leaf, self._parts(), done, window_s=window_ms / 1000)  # type: ignore[arg-type]

    # ------------------------------------------------------------------ refusals, failures, the end

    def check_time(self, now: float) -> None:
        """End a call that takes too long."""
        if self._is_over or (now < self._deadline and now < self._started + self._timeouts.total_s):
            return
        if not self._is_body_complete:
            self.keeps_open = False
            self._refuse_or_fail(CallRefused(ErrorType.BAD_REQUEST, "The request took too long to arrive."))
            return
        self._provider_failed()
        self._fail(CallRefused(ErrorType.TIMED_OUT, "The provider did not answer in time."))

    def client_is_gone(self) -> None:
        """Take that nobody waits for the answer any more."""
        if self._is_over:
            return
        was_forwarded = self._upstream is not None or self._is_answer_complete
        self._stop_provider()
        if was_forwarded and self._head_sha:
            self._append(encode_leaf(self._facts(LeafKind.EXCHANGE, error=ErrorType.CLIENT_GONE)), None)
        self._is_over = True
        self.worker.count(Counter.DISCONNECTED)

    def _provider_failed(self) -> None:
        if self._breaker is not None:
            self._breaker.failed(self.worker.loop.time())
            self._breaker = None

    def _stop_provider(self) -> None:
        if self._breaker is not None:
            self._breaker.gave_up()
            self._breaker = None
        if self._upstream is not None:
            self._upstream.abort()
            self._upstream = None
        elif self._pool is not None:
            self._pool.forget(self._connected)

    def _refuse_or_fail(self, refusal: CallRefused) -> None:
        if self._head_sha and self._facts_service:
            self._fail(refusal)
        else:
            self._refuse(refusal)

    def _refuse(self, refusal: CallRefused) -> None:
        """Refuse before anything was forwarded; what an authenticated client tried is noted."""
        self._stop_provider()
        if self._proof and self.worker.log.is_accepting:
            if not self._head_sha:
                self._request_head = digests.request_head(
                    self.method.decode("ascii"),
                    self.raw_target.decode("ascii", "replace").encode("ascii", "replace").decode("ascii"),
                    self._head.lines(
                        self._client, self._head.message_id or self._request_id, self._request_id
                    ),
                )
                self._head_sha = sha512(self._request_head).digest()
            self._append(encode_leaf(self._facts(LeafKind.REFUSAL, error=refusal.error)), None)
        self.worker.count(Counter.REFUSED)
        self._send_error(refusal)

    def _fail(self, refusal: CallRefused) -> None:
        """End a call that was, or could have been, forwarded: evidence first, then the error."""
        self._stop_provider()
        self.worker.count(Counter.FAILED)
        leaf = encode_leaf(self._facts(LeafKind.EXCHANGE, error=refusal.error))
        if self._is_streaming:
            self._append(leaf, None)
            self._end(keeps_open=False)
            self.connection.abort()
            return
        if not self._is_durable:
            self._append(leaf, None)
            self._send_error(refusal)
            return

        def logged(_is_written: bool) -> None:  # noqa: FBT001 - an error may be told without evidence
            if not self._is_over:
                self._send_error(refusal)

        self._deadline = self._started + self._timeouts.total_s + 10
        self._append(leaf, logged)

    def _answer_directly(self, body: bytes) -> None:
        """Answer a metadata service."""
        if self.method not in {b"GET", b"HEAD"}:
            raise CallRefused(ErrorType.BAD_REQUEST, "Metadata services are asked with GET.")
        self._is_body_complete = not self._has_body
        if self._has_body:
            self.keeps_open = False
        content = b"" if self.method == b"HEAD" else body
        head = answers.metadata_head(len(body), self._head.message_id or self._request_id, self._request_id)
        self.connection.write(head + self._closing_lines() + content)
        self.worker.count(Counter.METADATA)
        self._end(keeps_open=self.keeps_open)

    def _send_error(self, refusal: CallRefused) -> None:
        if self._has_body and not self._is_body_complete:
            self.keeps_open = False
        request_id = self._request_id or self.worker.ids.next()
        head, body = answers.error_answer(refusal, request_id=request_id, accepts=self._head.accept)
        self.connection.write(head + self._closing_lines() + (b"" if self.method == b"HEAD" else body))
        self._end(keeps_open=self.keeps_open)

    def _end(self, *, keeps_open: bool) -> None:
        self._is_over = True
        self.connection.resume_reading(_WAITING_FOR_PROVIDER)
        self.connection.call_ended(keeps_open=keeps_open)
