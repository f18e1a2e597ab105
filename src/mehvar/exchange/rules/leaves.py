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
from dataclasses import dataclass

from mehvar.exchange.data.evidence import LEAF_FORMAT, LeafKind

_quoted = json.encoder.encode_basestring


def request_member(head_sha512: str, body_sha512: str | None, body_bytes: int) -> str:
    """Return the leaf's member ``request``; digests in base64."""
    body = "null" if body_sha512 is None else f'"{body_sha512}"'
    return f'{{"body_bytes":{body_bytes},"body_sha512":{body},"head_sha512":"{head_sha512}"}}'


def answer_member(head_sha512: str, body_sha512: str | None, body_bytes: int, *, status: int) -> str:
    """Return the leaf's member ``answer``; digests in base64."""
    return f'{request_member(head_sha512, body_sha512, body_bytes)[:-1]},"status":{status}}}'


@dataclass(slots=True)
class LeafFacts:
    """Hold all that a leaf says, before it is written; ``request`` and ``answer`` as their functions write them."""

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
    request: str
    request_hash: str
    answer: str = "null"
    error: str | None = None
    subject: str | None = None


def encode_leaf(facts: LeafFacts) -> bytes:
    """Return the leaf's canonical bytes (the same that `kernel.identifiers.canonical_json` gives)."""
    error = "null" if facts.error is None else f'"{facts.error}"'
    subject = "null" if facts.subject is None else f'"{facts.subject}"'
    return (
        f'{{"agreement":{_quoted(facts.agreement)},"answer":{facts.answer},"at":{facts.at},'
        f'"authentication":{_quoted(facts.authentication)},"client":{_quoted(facts.client)},'
        f'"done_at":{facts.done_at},"endpoint":{_quoted(facts.endpoint)},"error":{error},'
        f'"format":"{LEAF_FORMAT}","id":{_quoted(facts.id)},"kind":"{facts.kind}","mode":"{facts.mode}",'
        f'"purpose":{_quoted(facts.purpose)},"request":{facts.request},'
        f'"request_hash":"{facts.request_hash}","request_id":"{facts.request_id}",'
        f'"service":{_quoted(facts.service)},"snapshot":{facts.snapshot},"subject":{subject}}}'
    ).encode()
