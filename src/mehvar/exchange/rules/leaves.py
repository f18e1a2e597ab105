"""Write the leaf: the evidence of one call, canonical JSON, by hand because every call pays for it.

Members: ``agreement``, ``answer`` (null, or ``body_bytes``, ``body_sha512``, ``head_sha512``, ``status``), ``at``
(microseconds since 1970, when the request's head had arrived), ``authentication`` (how the client proved itself),
``client``, ``done_at``, ``endpoint`` (method and pattern, or empty), ``error`` (null or the bus's error type),
``format``, ``id`` (X-Road-Id), ``kind``, ``mode``, ``purpose``, ``request`` (``body_bytes``, ``body_sha512``,
``head_sha512``), ``request_hash``, ``request_id``, ``service``, ``snapshot`` (version), ``subject`` (keyed token of
the person asked about, or null). Digests are base64; ``body_sha512`` is null without a body.
"""

from __future__ import annotations

import json.encoder
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mehvar.exchange.data.evidence import LEAF_FORMAT, LeafKind

_quoted = json.encoder.encode_basestring


@dataclass(slots=True)
class MessageDigest:
    """Hold what a leaf says of a request or an answer."""

    head_sha512: str
    body_sha512: str | None = None
    body_bytes: int = 0
    status: int = 0

    def request_json(self) -> str:
        """Return the leaf's member ``request``."""
        body = "null" if self.body_sha512 is None else f'"{self.body_sha512}"'
        return f'{{"body_bytes":{self.body_bytes},"body_sha512":{body},"head_sha512":"{self.head_sha512}"}}'

    def answer_json(self) -> str:
        """Return the leaf's member ``answer``."""
        return f'{self.request_json()[:-1]},"status":{self.status}}}'


@dataclass(slots=True)
class LeafFacts:
    """Hold all that a leaf says, before it is written."""

    kind: LeafKind
    at: int
    done_at: int
    request_id: str
    id: str
    client: str
    authentication: str
    service: str
    endpoint: str
    agreement: str
    purpose: str
    mode: str
    snapshot: int
    request: MessageDigest
    request_hash: str
    answer: MessageDigest | None = None
    error: str | None = None
    subject: str | None = None


def encode_leaf(facts: LeafFacts) -> bytes:
    """Return the leaf's canonical bytes (the same that `kernel.identifiers.canonical_json` gives)."""
    answer = "null" if facts.answer is None else facts.answer.answer_json()
    error = "null" if facts.error is None else f'"{facts.error}"'
    subject = "null" if facts.subject is None else f'"{facts.subject}"'
    return (
        f'{{"agreement":{_quoted(facts.agreement)},"answer":{answer},"at":{facts.at},'
        f'"authentication":{_quoted(facts.authentication)},"client":{_quoted(facts.client)},'
        f'"done_at":{facts.done_at},"endpoint":{_quoted(facts.endpoint)},"error":{error},'
        f'"format":"{LEAF_FORMAT}","id":{_quoted(facts.id)},"kind":"{facts.kind}","mode":"{facts.mode}",'
        f'"purpose":{_quoted(facts.purpose)},"request":{facts.request.request_json()},'
        f'"request_hash":"{facts.request_hash}","request_id":"{facts.request_id}",'
        f'"service":{_quoted(facts.service)},"snapshot":{facts.snapshot},"subject":{subject}}}'
    ).encode()


def leaf_members(facts: LeafFacts) -> Mapping[str, Any]:
    """Return the leaf as an object; `encode_leaf` must write exactly its canonical form."""
    request = {name: getattr(facts.request, name) for name in ("body_bytes", "body_sha512", "head_sha512")}
    answer = None
    if facts.answer is not None:
        names = ("body_bytes", "body_sha512", "head_sha512", "status")
        answer = {name: getattr(facts.answer, name) for name in names}
    plain = {
        name: getattr(facts, name)
        for name in (
            "kind", "at", "done_at", "request_id", "id", "client", "authentication", "service", "endpoint",
            "agreement", "purpose", "mode", "snapshot", "request_hash", "error", "subject",
        )
    }  # fmt: skip
    return {**plain, "format": LEAF_FORMAT, "request": request, "answer": answer}
