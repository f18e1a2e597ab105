"""Ask through the gateway as an agency's system would: by mutual TLS, or by signed requests."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ed25519

from mehvar.config.testbed.authority import Identity
from mehvar.config.testbed.federation import BANK_KEY, PURPOSES, Party, service_id
from mehvar.exchange.rules import signatures

HOST = "127.0.0.1"
TIMEOUT_S = 15.0
_OK, _BAD = 400, 500
_PURPOSE_OF = dict(zip(("assessment", "permits", "land", "loans"), PURPOSES, strict=True))


class Fate(StrEnum):
    """Tell what became of a call: three shapes on the page."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    BROKEN = "broken"  # no answer at all: the connection broke


@dataclass(frozen=True, slots=True)
class Question:
    """State what to ask: of whom, method, path below the service (with query), body."""

    provider: Party
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Call:
    """Record one call as its client saw it. ``status`` 0: no answer came. ``purpose``: key of `PURPOSES`."""

    number: int
    at: datetime
    client: str
    question: Question
    status: int
    error: str
    request_id: str
    latency_ms: float

    @property
    def purpose(self) -> str:
        """Return why the client asks."""
        return _PURPOSE_OF[self.client]

    @property
    def fate(self) -> Fate:
        """Return what became of the call."""
        if not self.status:
            return Fate.BROKEN
        if not self.error:
            return Fate.ANSWERED if self.status < _BAD else Fate.FAILED
        is_refusal = any(word in self.error for word in ("Denied", "Authentication", "Quota", "Client."))
        return Fate.REFUSED if is_refusal else Fate.FAILED

    @property
    def needs_evidence(self) -> bool:
        """Tell whether a provider answered: then evidence must be on disk, whatever happened to the gateway."""
        return bool(self.status and not self.error)


class Line(Protocol):
    """Open connections to the gateway and add what proves who asks."""

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""

    def proof(self, method: str, target: str, body: bytes) -> Mapping[str, str]:
        """Return header fields that prove who asks."""


class CertificateLine:
    """Prove by a certificate (mutual TLS)."""

    def __init__(self, port: int, authority: str, identity: Identity) -> None:
        """Trust gateways of ``authority`` (PEM) and show ``identity``."""
        self._port = port
        self._context = ssl.create_default_context(cadata=authority)
        self._context.load_cert_chain(identity.certificate, identity.key)

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""
        return http.client.HTTPSConnection(HOST, self._port, timeout=TIMEOUT_S, context=self._context)

    def proof(self, method: str, target: str, body: bytes) -> Mapping[str, str]:  # noqa: ARG002 - the connection proves
        """Return nothing: the connection proves who asks."""
        return {}


class SignedLine:
    """Prove by a signature on every request (RFC 9421)."""

    def __init__(self, port: int, client: Party, key: ed25519.Ed25519PrivateKey) -> None:
        """Sign as ``client``."""
        self._port, self._client, self._key = port, client, key

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""
        return http.client.HTTPConnection(HOST, self._port, timeout=TIMEOUT_S)

    def proof(self, method: str, target: str, body: bytes) -> Mapping[str, str]:
        """Return the signature's fields."""
        fields = {"x-road-client": [self._client.id]}
        names = ["@method", "@target-uri", "x-road-client"]
        if body:
            fields["content-digest"] = [signatures.content_digest(body)]
            names.append("content-digest")
        parts = signatures.RequestParts(method, "http", f"{HOST}:{self._port}", target, fields)
        made = signatures.sign_request(
            parts,
            self._key,
            keyid=BANK_KEY,
            created=int(time.time()),
            nonce=secrets.token_hex(12),
            components=names,
        )
        return made if not body else {**made, "Content-Digest": fields["content-digest"][0]}


class Client:
    """Ask, keep the connection, and say what became of each call. One thread uses one client."""

    def __init__(self, party: Party, line: Line) -> None:
        """Ask as ``party``."""
        self.party, self.line = party, line
        self._connection: http.client.HTTPConnection | None = None
        self._connected_by: Line | None = None

    def ask(self, question: Question, number: int) -> Call:
        """Ask once; a broken connection is an outcome, not an error, and nothing is asked twice."""
        target = f"/r1/{service_id(question.provider)}{question.path}"
        headers = {"X-Road-Client": self.party.id, **self.line.proof(question.method, target, question.body)}
        at, begun = datetime.now(UTC), time.perf_counter()
        status, error, request_id = 0, "", ""
        try:
            connection = self._connected()
            connection.request(question.method, target, question.body or None, headers)
            answer = connection.getresponse()
            answer.read()
            status, error = answer.status, answer.headers.get("X-Road-Error", "")
            request_id = answer.headers.get("X-Road-Request-Id", "")
        except (OSError, http.client.HTTPException):
            self.close()
        latency_ms = (time.perf_counter() - begun) * 1000
        return Call(number, at, self.party.code, question, status, error, request_id, latency_ms)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connected_by is not self.line:
            self.close()
        if self._connection is None:
            self._connected_by = self.line
            self._connection = self._connected_by.connect()
        return self._connection

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def lien(parcel: str) -> bytes:
    """Return the body of a lien."""
    return json.dumps({"parcel": parcel, "reason": "unpaid property tax"}).encode()
