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
    body = "null" if body_sha512 is None else f'"{body_sha512}"'
    return (
        f'{{"body_bytes":{body_bytes},"body_sha512":{body},"head_sha512":"{head_sha512}","status":{status}}}'
    )


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


class LeafShape:
    """Hold, already as text, what the leaves of one client's calls of one endpoint have in common."""

    __slots__ = ("_after_at", "_before_answer", "_before_error", "_before_request", "_before_subject")

    def __init__(
        self,
        *,
        client: str,
        service: str,
        endpoint: str,
        agreement: str,
        purpose: str,
        mode: str,
        snapshot: int,
    ) -> None:
        """Escape the constant members once."""
        self._before_answer = f'{{"agreement":{_quoted(agreement)},"answer":'
        self._after_at = f',"client":{_quoted(client)},"done_at":'
        self._before_error = f',"endpoint":{_quoted(endpoint)},"error":'
        self._before_request = f'","mode":"{mode}","purpose":{_quoted(purpose)},"request":'
        self._before_subject = f'","service":{_quoted(service)},"snapshot":{snapshot},"subject":'

    def encode(
        self,
        *,
        kind: str,
        at: int,
        done_at: int,
        request_id: str,
        id_: str,
        authentication: str,
        request: str,
        request_hash: str,
        answer: str = "null",
        error: str | None = None,
        subject: str | None = None,
    ) -> bytes:
        """Return the canonical bytes of a leaf (the same that `kernel.identifiers.canonical_json` gives)."""
        error = "null" if error is None else f'"{error}"'
        subject = "null" if subject is None else f'"{subject}"'
        return (
            f'{self._before_answer}{answer},"at":{at},"authentication":{_quoted(authentication)}{self._after_at}'
            f'{done_at}{self._before_error}{error},"format":"{LEAF_FORMAT}","id":{_quoted(id_)},"kind":"{kind}'
            f'{self._before_request}{request},"request_hash":"{request_hash}","request_id":"{request_id}'
            f"{self._before_subject}{subject}}}"
        ).encode()


def encode_leaf(facts: LeafFacts) -> bytes:
    """Return the leaf's canonical bytes (the same that `kernel.identifiers.canonical_json` gives)."""
    shape = LeafShape(
        client=facts.client,
        service=facts.service,
        endpoint=facts.endpoint,
        agreement=facts.agreement,
        purpose=facts.purpose,
        mode=facts.mode,
        snapshot=facts.snapshot,
    )
    return shape.encode(
        kind=facts.kind,
        at=facts.at,
        done_at=facts.done_at,
        request_id=facts.request_id,
        id_=facts.id,
        authentication=facts.authentication,
        request=facts.request,
        request_hash=facts.request_hash,
        answer=facts.answer,
        error=facts.error,
        subject=facts.subject,
    )
