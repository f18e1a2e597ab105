"""Make topics, machines with keys that sign, and receivers of pushed events."""

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.test import Client

from mehvar.exchange.actions.events import topics
from mehvar.exchange.models import EventTopic, SigningKey, Subsystem
from mehvar.exchange.queries import names
from mehvar.exchange.rules import signatures
from mehvar.kernel import clock, identifiers
from tests.factories.exchange import Federation

SCHEMA = {"type": "object", "required": ["parcel"], "properties": {"parcel": {"type": "string"}}}


def topic(made: Federation, *, code: str = "sales", is_public: bool = False) -> EventTopic:
    """Open a topic of the registry that tells ``qf.parcel.sold`` with a schema, and ``qf.parcel.split`` without."""
    row = topics.open_topic(
        made.provider_engineer, made.registry.pk, code=code, title="Parcels sold", is_public=is_public
    )
    topics.describe_type(
        made.provider_engineer, row.public_id, name="qf.parcel.sold", title="Sold", schema=SCHEMA
    )
    topics.describe_type(made.provider_engineer, row.public_id, name="qf.parcel.split", title="Split")
    return row


def sold(number: int = 1, **members: Any) -> dict[str, Any]:
    """Give an event in the JSON format."""
    return {
        "specversion": "1.0", "id": f"s-{number}", "source": "/registry/sales", "type": "qf.parcel.sold",
        "subject": f"parcel-{number}", "datacontenttype": "application/json", "data": {"parcel": f"P{number}"}, **members,
    }  # fmt: skip


@dataclass
class Machine:
    """Sign requests as a subsystem's machine does."""

    subsystem: Subsystem
    key: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    key_id: str = ""

    def __post_init__(self) -> None:
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        now = clock.now()
        row = SigningKey.objects.create(
            public_id=identifiers.new_public_id("k-"), subsystem=self.subsystem, label="machine", algorithm="ed25519",
            public_key=pem.decode(), sha256=secrets.token_hex(32), valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=30), created_at=now,
        )  # fmt: skip
        self.key_id = row.public_id

    def headers(self, method: str, path: str, body: bytes, **changed: Any) -> dict[str, str]:
        """Give the headers of a signed request."""
        fields = {"x-road-client": [names.client_name(self.subsystem)]}
        covered = ["@method", "@target-uri", "x-road-client"]
        if body:
            fields["content-digest"] = [signatures.content_digest(body)]
            covered.append("content-digest")
        parts = signatures.RequestParts(method, "http", "testserver", path, fields)
        stated = {"keyid": self.key_id, "created": int(time.time()), "nonce": secrets.token_hex(8), **changed}
        made = signatures.sign_request(parts, self.key, components=covered, **stated)
        return {**made, **{name: values[0] for name, values in fields.items()}}

    def ask(
        self,
        method: str,
        path: str,
        content: object = None,
        *,
        media: str = "application/json",
        extra: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a signed request to the API; the answer has ``status_code`` and ``json()``."""
        whole = f"/api/v1/exchange{path}"
        body = (
            content
            if isinstance(content, bytes)
            else b""
            if content is None
            else json.dumps(content).encode()
        )
        headers = {**self.headers(method, whole, body), **(extra or {})}
        return Client().generic(method, whole, body, content_type=media if body else "", headers=headers)


@dataclass
class Receiver:
    """Receive pushed events; ``answers`` are given one after another, then 204."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Give where it listens."""
        return f"http://127.0.0.1:{self.port}/inbox"


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    held = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            held.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = held.answers.pop(0) if held.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
