"""Write the evidence of a call."""

from __future__ import annotations

import time
from hashlib import sha512
from typing import TYPE_CHECKING

from mehvar.exchange.data.evidence import LeafKind, PartKind
from mehvar.exchange.rules import digests
from mehvar.exchange.rules.leaves import LeafShape, answer_member, request_member
from mehvar.exchange.rules.segments import encode_heads, encode_parts
from mehvar.gateway.calls.state import CallState

if TYPE_CHECKING:
    from mehvar.exchange.data.errors import ErrorType
    from mehvar.gateway.evidence.writer import Done

DEFAULT_WINDOW_S = 0.2


class CallRecord(CallState):
    """Know how to state a call as a leaf with its parts."""

    __slots__ = ()

    def leaf(self, kind: LeafKind, *, error: ErrorType | None = None) -> bytes:
        """Return the leaf of what is known now."""
        shape = self.shape.leaf if self.shape is not None else self._shape_of_what_is_known()
        answer = "null"
        if kind is LeafKind.EXCHANGE and self.status:
            answer = self._answer_member()
        return shape.encode(
            kind=kind,
            at=self.at,
            done_at=time.time_ns() // 1000,
            request_id=self.request_id,
            id_=self.message_id or self.request_id,
            authentication=self.proof,
            request=self._request_member(),
            request_hash=self.request_hash or self.hash_of_request(),
            answer=answer,
            error=error,
            subject=self.subject,
        )

    def _shape_of_what_is_known(self) -> LeafShape:
        """Return the shape of a call that was refused before a right covered it, or of one for a description."""
        return LeafShape(
            client=self.client,
            service=self.plan.text if self.plan else "",
            endpoint="",
            agreement="",
            purpose="",
            mode="durable" if self.is_durable else "async",
            snapshot=self.live.snapshot.version,
        )

    def hash_of_request(self) -> str:
        """Return the value of X-Road-Request-Hash."""
        if self.body_sha is None:
            return self.head_text
        return digests.request_hash(self.head_sha, self.body_sha.digest())

    def append(self, leaf: bytes, done: Done | None) -> None:
        """Give a leaf and its parts to the log."""
        window_s = self.plan.window_s if self.plan else DEFAULT_WINDOW_S
        self.worker.log.append(leaf, self._parts(), done, window_s=window_s)

    def _request_member(self) -> str:
        head = self.head_text
        if self.body_sha is None:
            return request_member(head, None, 0)
        if not self.is_body_complete:  # known so far: what is promised; the hash of all of it comes later
            return request_member(head, None, self.head.content_length)
        return request_member(head, digests.encoded(self.body_sha.digest()), self.body_bytes)

    def _answer_member(self) -> str:
        self.answer_head = whole = digests.answer_head(self.status, self.answer_lines)
        head = digests.encoded(sha512(whole).digest())
        if not self.answer_bytes:
            return answer_member(head, None, 0, status=self.status)
        digest = sha512(b"".join(self.answer_pieces)) if self.answer_sha is None else self.answer_sha
        return answer_member(head, digests.encoded(digest.digest()), self.answer_bytes, status=self.status)

    def _parts(self) -> bytes:
        plan, keeps_heads = self.plan, self.worker.keeps_heads
        if self.answer_head and keeps_heads and not (plan is not None and plan.service.keep_bodies):
            return encode_heads(self.request_head, self.answer_head)
        kept: dict[PartKind, bytes] = {}
        if keeps_heads:
            kept[PartKind.REQUEST_HEAD] = self.request_head
            if self.answer_head:
                kept[PartKind.ANSWER_HEAD] = self.answer_head
        if plan is not None and plan.service.keep_bodies:
            self._keep_bodies(kept, plan.service.kept_body_bytes)
        return encode_parts(kept)

    def _keep_bodies(self, kept: dict[PartKind, bytes], limit: int) -> None:
        if self.collects and self.is_body_complete and self.body_bytes <= limit:
            kept[PartKind.REQUEST_BODY] = b"".join(self.body_pieces)
        if self.is_answer_complete and not self.is_streaming and 0 < self.answer_bytes <= limit:
            kept[PartKind.ANSWER_BODY] = b"".join(self.answer_pieces)
