"""Write the evidence of a call."""

from __future__ import annotations

import time
from hashlib import sha512
from typing import TYPE_CHECKING

from mehvar.exchange.data.evidence import LeafKind, PartKind
from mehvar.exchange.rules import digests
from mehvar.exchange.rules.leaves import LeafFacts, answer_member, encode_leaf, request_member
from mehvar.exchange.rules.segments import encode_parts
from mehvar.gateway.calls.state import CallState

if TYPE_CHECKING:
    from mehvar.exchange.data.errors import ErrorType
    from mehvar.gateway.evidence.log import Done

DEFAULT_WINDOW_S = 0.2


class CallRecord(CallState):
    """Know how to state a call as a leaf with its parts."""

    def leaf(self, kind: LeafKind, *, error: ErrorType | None = None) -> bytes:
        """Return the leaf of what is known now."""
        agreement = self.grant.agreement if self.grant else None
        return encode_leaf(
            LeafFacts(
                kind,
                self.at,
                time.time_ns() // 1000,
                self.request_id,
                self.message_id or self.request_id,
                self.client,
                self.proof,
                self.plan.text if self.plan else "",
                self.endpoint,
                agreement.id if agreement else "",
                agreement.purpose if agreement else "",
                "durable" if self.is_durable else "async",
                self.live.snapshot.version,
                self._request_member(),
                self.request_hash or self.hash_of_request(),
                self._answer_member() if kind is LeafKind.EXCHANGE and self.status else "null",
                error,
                self.subject,
            )
        )

    def hash_of_request(self) -> str:
        """Return the value of X-Road-Request-Hash."""
        return digests.request_hash(self.head_sha, None if self.body_sha is None else self.body_sha.digest())

    def append(self, leaf: bytes, done: Done | None) -> None:
        """Give a leaf and its parts to the log."""
        window_s = self.plan.window_s if self.plan else DEFAULT_WINDOW_S
        self.worker.log.append(leaf, self._parts(), done, window_s=window_s)

    def _request_member(self) -> str:
        head = digests.encoded(self.head_sha)
        if self.body_sha is None:
            return request_member(head, None, 0)
        if not self.is_body_complete:  # known so far: what is promised; the hash of all of it comes later
            return request_member(head, None, self.head.content_length)
        return request_member(head, digests.encoded(self.body_sha.digest()), self.body_bytes)

    def _answer_member(self) -> str:
        head = digests.encoded(sha512(self._whole_answer_head()).digest())
        if not self.answer_bytes:
            return answer_member(head, None, 0, status=self.status)
        digest = sha512(b"".join(self.answer_pieces)) if self.answer_sha is None else self.answer_sha
        return answer_member(head, digests.encoded(digest.digest()), self.answer_bytes, status=self.status)

    def _whole_answer_head(self) -> bytes:
        self.answer_head = digests.answer_head(self.status, self.answer_lines)
        return self.answer_head

    def _parts(self) -> bytes:
        kept: dict[PartKind, bytes] = {}
        if self.worker.settings.keep_heads:
            kept[PartKind.REQUEST_HEAD] = self.request_head
            if self.status:
                kept[PartKind.ANSWER_HEAD] = self.answer_head or self._whole_answer_head()
        if self.plan is not None and self.plan.service.keep_bodies:
            limit = self.plan.service.kept_body_bytes
            if self.collects and self.is_body_complete and self.body_bytes <= limit:
                kept[PartKind.REQUEST_BODY] = b"".join(self.body_pieces)
            if self.is_answer_complete and not self.is_streaming and 0 < self.answer_bytes <= limit:
                kept[PartKind.ANSWER_BODY] = b"".join(self.answer_pieces)
        return encode_parts(kept)
