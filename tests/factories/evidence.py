"""Write evidence as a gateway does, without a gateway: segments of signed, linked batches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import GENESIS, LEAF_FORMAT, FrameKind
from mehvar.exchange.rules import merkle, segments
from mehvar.kernel.identifiers import canonical_json

FIRST = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
_SIGNING = ec.ECDSA(hashes.SHA256())
_numbers = count(1)


def microseconds(at: datetime) -> int:
    """Return the instant as evidence writes it."""
    return int(at.timestamp() * 1_000_000)


def leaf(*, at: datetime = FIRST, ms: int = 12, status: int | None = 200, **members: Any) -> dict[str, Any]:
    """Make the members of a leaf of one call; ``status`` None: the bus failed."""
    number = next(_numbers)
    start = microseconds(at)
    answer = {"body_bytes": 254, "body_sha512": "", "head_sha512": "", "status": status} if status else None
    return {
        "agreement": "agr-1", "answer": answer, "at": start, "authentication": "signature:key-1",
        "client": "XX/GOV/100/tax", "done_at": start + ms * 1_000, "endpoint": "GET /parcels/*", "error": None,
        "format": LEAF_FORMAT, "id": f"message-{number}", "kind": "exchange", "mode": "durable",
        "purpose": "tax assessment", "request": {"body_bytes": 0, "body_sha512": None, "head_sha512": ""},
        "request_hash": "", "request_id": f"request-{number:06d}", "service": "XX/GOV/300/land/parcels",
        "snapshot": 1, "subject": None, **members,
    }  # fmt: skip


@dataclass
class Writer:
    """Append batches to the segments of one chain."""

    folder: Path
    chain: str = "gw-0"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    segment: int = 0
    batch: int = 0
    previous: str = GENESIS
    written: int = 0

    @property
    def fingerprint(self) -> str:
        """Return the name of the key."""
        return segments.key_fingerprint(self.key.public_key())

    @property
    def public_pem(self) -> bytes:
        """Return the public key as PEM."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def path(self) -> Path:
        """Return the segment that is written."""
        return self.folder / f"{self.chain}-{self.segment:08d}.mev"

    def begin(self) -> Writer:
        """Begin the next segment."""
        (self.folder / "keys").mkdir(parents=True, exist_ok=True)
        (self.folder / "keys" / f"{self.fingerprint}.pem").write_bytes(self.public_pem)
        self.segment += 1
        header = segments.segment_header(
            chain=self.chain, segment=self.segment, first_batch=self.batch + 1, previous=self.previous,
            checkpoint=GENESIS, at=microseconds(FIRST), key=self.fingerprint,
        )  # fmt: skip
        self.path.write_bytes(segments.MAGIC + segments.frame(FrameKind.HEADER, header))
        return self

    def write(self, *leaves: dict[str, Any]) -> Writer:
        """Write one signed batch."""
        with self.path.open("ab") as file:
            file.write(self.frame(*leaves))
        return self

    def frame(self, *leaves: dict[str, Any]) -> bytes:
        """Return the next batch as a frame, and move on."""
        encoded = [canonical_json(one) for one in leaves]
        head = segments.batch_head(
            chain=self.chain, number=self.batch + 1, previous=self.previous,
            hashes_=[merkle.leaf_hash(one) for one in encoded], at=microseconds(FIRST), key=self.fingerprint,
        )  # fmt: skip
        signature = self.key.sign(head.signed, _SIGNING)
        self.batch, self.previous = head.number, segments.batch_hash(head)
        self.written += len(leaves)
        entries = [(one, segments.encode_parts({})) for one in encoded]
        return segments.frame(FrameKind.BATCH, segments.batch_payload(head, signature, entries))


def members_of(data: bytes) -> dict[str, Any]:
    """Return the members of a leaf."""
    found: dict[str, Any] = json.loads(data)
    return found
