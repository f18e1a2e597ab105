"""Take a request: decide, collect or stream its body, note it, forward it."""

from __future__ import annotations

import time
from hashlib import sha512
from typing import TYPE_CHECKING

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.evidence import LeafKind
from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES, ClientId
from mehvar.exchange.rules import metadata, signatures, subjects
from mehvar.exchange.rules.paths import PROTOCOL_VERSION, Target, parse_target, split_plain_call
from mehvar.exchange.rules.rights import decide
from mehvar.gateway import answers
from mehvar.gateway.authentication import combined_fields
from mehvar.gateway.calls.answering import LAST_OF_CHUNKED, CallAnswering
from mehvar.gateway.calls.state import REPEATABLE, WAITING_FOR_PROVIDER
from mehvar.gateway.live import take_quotas
from mehvar.gateway.status import Counter

if TYPE_CHECKING:
    from mehvar.gateway.lanes import Lane
    from mehvar.gateway.plans import Plan
    from mehvar.gateway.upstream import Upstream

METHODS = {
    name: name.decode() for name in (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS")
}
_WITH_LENGTH = frozenset({b"POST", b"PUT", b"PATCH"})


class Call(CallAnswering):
    """Carry one call. Methods that are events are called by the client's connection."""

    __slots__ = ()

    def begin(self) -> None:
        """Take the complete head: decide, then go on or refuse."""
        self.has_begun = True
        try:
            self._decide()
        except CallRefused as refusal:
            if (
                refusal.error is ErrorType.BAD_REQUEST
            ):  # whoever errs here may err about where the next request begins
                self.keeps_open = False
            self.refuse(refusal)

    def body_continues(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        if not self.has_begun:  # another call on this connection comes first
            self.body_pieces.append(data)
            self.connection.pause_reading(WAITING_FOR_PROVIDER)
            return
        if self.is_over or self.body_sha is None:
            return
        self.body_sha.update(data)
        self.body_bytes += len(data)
        self.deadline = self.worker.clock.now + self.timeouts.idle_s
        if self.digest is not None:
            self.digest.update(data)
        limit = self.plan.max_request_bytes if self.plan else 0
        if limit and self.body_bytes > limit:
            self.refuse_or_fail(_too_large(limit))
        elif self.is_answer_complete:
            return
        elif self.upstream is not None:
            self._upload(data)
        else:
            self.body_pieces.append(data)
            if not self.collects:
                self.connection.pause_reading(WAITING_FOR_PROVIDER)

    def body_ends(self) -> None:
        """Take the end of the request's body."""
        if not self.has_begun:
            self.body_pieces.append(b"")  # the end, remembered by an empty piece until its turn comes
            return
        if self.is_body_complete or self.is_over or self.body_sha is None:
            return
        self.is_body_complete = True
        if self.digest is not None and not self.digest.holds():
            message = "The body is not the one that Content-Digest states."
            self.refuse_or_fail(CallRefused(ErrorType.DIGEST_MISMATCH, message))
        elif self.collects:
            self._go()
        elif self.upstream is not None or self.is_answer_complete:
            self._end_upload()

    # ------------------------------------------------------------------ decide

    def _decide(self) -> None:
        worker = self.worker
        self.live = live = worker.keeper.live
        self.started = now = worker.clock.now
        self.deadline = now + self.timeouts.idle_s
        self.at = time.time_ns() // 1000
        self.request_id = worker.ids.next()
        if self.early_refusal is not None:
            raise self.early_refusal
        self.head = head = self.connection.read_head(self.headers, self.version)
        self.message_id = head.message_id
        self.has_body = head.is_chunked or head.content_length > 0
        method = METHODS.get(self.method)
        if method is None:
            raise CallRefused(ErrorType.BAD_REQUEST, "This method is not served.")
        plain = split_plain_call(self.raw_target)
        lane = live.lanes.get((plain[0], head.client)) if plain is not None else None
        if plain is None or lane is None:
            self._decide_for_the_first_time(method, plain)
            return
        self.client = lane.client
        self._authenticate()
        query = plain[2]
        self._route(lane, method, plain[1].decode("ascii"), None if query is None else query.decode("ascii"))

    def _decide_for_the_first_time(
        self, method: str, plain: tuple[bytes, bytes, bytes | None] | None
    ) -> None:
        """Read target and client in full; remember the lane when the target needed no decoding."""
        live, head = self.live, self.head
        target = parse_target(self.raw_target)
        if target.path == "/listClients":
            self._answer_directly(metadata.list_clients(live.snapshot))
            return
        if target.parts[0] != PROTOCOL_VERSION:
            raise CallRefused(ErrorType.BAD_REQUEST, "An address begins with /r1/ (or is /listClients).")
        self.client = live.client(head.client)
        self._authenticate()
        if target.parts[-1] in RESERVED_SERVICE_CODES and self._is_metadata(target):
            return
        route, path = live.routes.find(target)
        lane = self.worker.lane(live, self.client, route)
        if plain is not None and head.client is not None and target.parts[1:6] == route.id.parts:
            live.remember(plain[0], head.client, lane)
        self._route(lane, method, path, target.query)

    def _authenticate(self) -> None:
        connection, client = self.connection, self.client
        if connection.certificate is None and not self.head.is_signed and connection.scheme == "http":
            proof = connection.network_proof(self.live, client)
        else:
            proof = self._proof()
        if proof is None:
            message = (
                f"The caller did not prove to be {client}: certificate, signed request or registered network."
            )
            raise CallRefused(ErrorType.AUTHENTICATION_FAILED, message)
        self.proof = proof

    def _proof(self) -> str | None:
        """Try certificate, signed request and, on plain listeners, the address, in this order."""
        connection, client = self.connection, self.client
        credentials, now = self.live.credentials, self.at / 1e6
        proof: str | None = None
        if connection.certificate is not None:
            proof = credentials.by_certificate(connection.certificate, client, now)
        if proof is None and self.head.is_signed:
            proof = self._checked_signature(now)
        if proof is None and connection.scheme == "http":
            proof = connection.network_proof(self.live, client)
        return proof

    def _checked_signature(self, now: float) -> str:
        scheme, fields = self.connection.scheme, combined_fields(self.headers)
        authority = signatures.authority(self.head.host.decode("latin-1"), scheme)
        target = self.raw_target.decode("ascii")
        parts = signatures.RequestParts(METHODS[self.method], scheme, authority, target, fields)
        proof = self.live.credentials.by_signature(
            parts,
            self.client,
            self.worker.memory,
            has_body=self.has_body,
            now=now,
            max_age_s=self.worker.settings.signature_age_s,
        )
        if self.has_body:
            self.digest = signatures.BodyDigest(signatures.stated_digests(fields["content-digest"]))
        return proof

    def _is_metadata(self, target: Target) -> bool:
        """Answer a metadata service, when it is one."""
        parts, routes = target.parts, self.live.routes
        code = parts[-1]
        if len(parts) not in {5, 6} or (parts[1:5] in routes.by_id and parts[1:5] not in routes.subsystems):
            return False
        provider = ClientId(*parts[1:-1])
        if str(provider) not in routes.clients:
            return False
        if code == "listMethods":
            self._answer_directly(metadata.list_methods(routes, provider))
        elif code == "allowedMethods":
            self._answer_directly(metadata.allowed_methods(routes, provider, self.client, at=self.at / 1e6))
        elif code == "getOpenAPI":
            self._fetch_description(provider, target)
        else:
            raise CallRefused(ErrorType.UNKNOWN_SERVICE, f"{code} is not offered here.")
        return True

    def _fetch_description(self, provider: ClientId, target: Target) -> None:
        code = answers.query_value(target.query, "serviceCode")
        route = self.live.routes.by_id.get((*provider.parts, code))
        if route is None or self.method != b"GET" or not route.service.openapi_url:
            raise CallRefused(ErrorType.UNKNOWN_SERVICE, f"{provider} describes no service {code!r}.")
        plan = self.worker.description_plan(self.live, route)
        self._follow(plan, plan.path)

    def _route(self, lane: Lane, method: str, path: str, query: str | None) -> None:
        route = lane.route
        self.lane, self.path, self.query = lane, path, query
        self.plan = plan = lane.plan
        grant = decide(route, self.client, method, path, at=self.at / 1e6)
        self.shape = shape = lane.shape(grant, route.endpoint(method, path))
        service = plan.service
        if not service.enabled:
            raise CallRefused(
                ErrorType.SERVICE_DISABLED, service.disabled_notice or f"{route.text} is out of service."
            )
        if lane.quotas:
            take_quotas(lane.quotas, self.worker.memory)
        limit = plan.max_request_bytes
        if limit and self.head.content_length > limit:
            raise _too_large(limit)
        if shape.subject:
            self.subject = self._subject_token(shape.subject)
        target = plan.path + path.encode("ascii") or b"/"
        self._follow(plan, target if query is None else b"%s?%s" % (target, query.encode("ascii")))

    def _subject_token(self, place: str) -> str | None:
        keys = self.worker.persons.keys
        if keys is None:
            return None
        fields = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        stated = subjects.stated_subject(place, path=self.path, query=self.query, headers=fields)
        return keys.token(stated) if stated else None

    def _follow(self, plan: Plan, target: bytes) -> None:
        """Take the body and go, when evidence can be written."""
        log = self.worker.log
        if not log.is_accepting:
            raise CallRefused(ErrorType.LOGGING_FAILED, "Evidence cannot be written now; no call is carried.")
        self.plan, self.timeouts = plan, plan.timeouts
        if plan.is_durable:
            self.is_durable = True
            log.under_way += 1
        self.wire_head = target
        if self.has_body:
            self._take_body()
        else:
            self.is_body_complete = True
            self._go()

    def _take_body(self) -> None:
        """Collect a small body; forward a large one while it arrives."""
        head = self.head
        early, self.body_pieces = self.body_pieces, []
        self.body_sha = sha512()
        self.collects = not head.is_chunked and head.content_length <= self.worker.settings.small_body_bytes
        if head.expects_continue:
            self.connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self.collects:
            self._go()
        self.connection.resume_reading(WAITING_FOR_PROVIDER)
        for piece in early:
            if piece:
                self.body_continues(piece)
            else:
                self.body_ends()

    # ------------------------------------------------------------------ forward

    def _go(self) -> None:
        """Write the head that is hashed and forwarded, note the request, ask for a connection."""
        lines = self.hash_head()
        plan = self.plan
        if plan is None:
            return
        framing = b"\r\n"
        if self.head.is_chunked:
            framing = b"Transfer-Encoding: chunked\r\n\r\n"
        elif self.has_body or self.method in _WITH_LENGTH:
            framing = b"Content-Length: %d\r\n\r\n" % self.head.content_length
        self.wire_head = b"".join((self.method, b" ", self.wire_head, plan.head_end, lines, framing))
        if self.is_durable and self.method not in REPEATABLE:
            self.deadline = self.started + self.timeouts.total_s
            self.append(self.leaf(LeafKind.REQUEST), self._request_logged)
        else:
            self.connect()

    def _request_logged(self, is_written: bool) -> None:  # noqa: FBT001 - called by the log with one value
        if self.is_over:
            return
        if is_written:
            self.connect()
        else:
            message = "The evidence could not be written; nothing was forwarded."
            self.refuse(CallRefused(ErrorType.LOGGING_FAILED, message))

    def connect(self) -> None:
        """Ask for a connection, unless the provider is left alone."""
        now, plan = self.worker.clock.now, self.plan
        if plan is None:
            return
        breaker = plan.breaker
        if breaker.failures and not breaker.admits(now):
            message = "The provider failed several times in a row and is left alone for some seconds."
            self.fail(CallRefused(ErrorType.CIRCUIT_OPEN, message, retry_after_s=5))
            return
        self.breaker = breaker
        self.deadline = now + self.timeouts.connect_s + self.timeouts.answer_s
        plan.pool.acquire(self._connected, is_repeatable=self.method in REPEATABLE)

    def stop_provider(self) -> None:
        """Take back the wish for a connection too."""
        if self.upstream is None and self.plan is not None and self.breaker is not None:
            self.plan.pool.forget(self._connected)
        super().stop_provider()

    def _connected(self, upstream: Upstream | None, reason: str) -> None:
        if self.is_over:
            if upstream is not None:
                upstream.abort()
            return
        if upstream is None:
            self.provider_failed()
            self.fail(CallRefused(ErrorType.NETWORK_ERROR, f"The provider cannot be reached: {reason}"))
            return
        self.upstream = upstream
        is_head = self.method == b"HEAD"
        if self.is_body_complete and self.collects:
            upstream.begin(self, self.wire_head + b"".join(self.body_pieces), is_head=is_head)
            return
        upstream.begin(self, self.wire_head, is_head=is_head)
        if self.has_body and self.upstream is not None:
            self._send_collected()

    def _send_collected(self) -> None:
        pieces, self.body_pieces = self.body_pieces, []
        for piece in pieces:
            self._upload(piece)
        self.connection.resume_reading(WAITING_FOR_PROVIDER)
        if self.is_body_complete:
            self._end_upload()

    def _upload(self, data: bytes) -> None:
        upstream = self.upstream
        if upstream is None:
            return
        if self.head.is_chunked:
            upstream.send(b"%x\r\n%s\r\n" % (len(data), data))
            return
        if self.digest is not None:  # the last piece goes out only when the digest of all holds
            data, self.upload_held = self.upload_held, data
        if data:
            upstream.send(data)

    def _end_upload(self) -> None:
        if self.upstream is not None:
            if self.head.is_chunked:
                self.upstream.send(LAST_OF_CHUNKED)
            elif self.upload_held:
                self.upstream.send(self.upload_held)
            self.deadline = self.worker.clock.now + self.timeouts.answer_s
        if self.status:
            self.go_on_with_answer()

    # ------------------------------------------------------------------ metadata

    def _answer_directly(self, body: bytes) -> None:
        """Answer a metadata service."""
        if self.method not in {b"GET", b"HEAD"}:
            raise CallRefused(ErrorType.BAD_REQUEST, "Metadata services are asked with GET.")
        self.is_body_complete = not self.has_body
        if self.has_body:
            self.keeps_open = False
        content = b"" if self.method == b"HEAD" else body
        head = answers.metadata_head(len(body), self.message_id or self.request_id, self.request_id)
        self.connection.write(head + self.closing_lines() + content)
        self.worker.count(Counter.METADATA)
        self.end(keeps_open=self.keeps_open)


def _too_large(limit: int) -> CallRefused:
    return CallRefused(ErrorType.REQUEST_TOO_LARGE, f"At most {limit} bytes may be sent.")
