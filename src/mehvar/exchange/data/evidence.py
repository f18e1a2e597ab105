"""Hold evidence: what a receipt proves, what a segment of the evidence file contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

LEAF_FORMAT = "mehvar.exchange.evidence/1"
BATCH_FORMAT = "mehvar.exchange.batch/1"
RECEIPT_FORMAT = "mehvar.exchange.receipt/1"
CHECKPOINT_FORMAT = "mehvar.exchange.checkpoint/1"
SEGMENT_FORMAT = "mehvar.exchange.segment/1"
GENESIS = "0" * 64


class LeafKind(StrEnum):
    """Tell what a leaf is evidence of."""

    REQUEST = "request"  # about to be forwarded: written before a call that must not happen twice
    EXCHANGE = "exchange"  # question and answer, or question and failure
    REFUSAL = "refusal"  # an authenticated client was refused


class PartKind(IntEnum):
    """Tell what a redactable part holds; the leaf keeps only its hash."""

    REQUEST_HEAD = 1
    REQUEST_BODY = 2
    ANSWER_HEAD = 3
    ANSWER_BODY = 4


class FrameKind(IntEnum):
    """Tell what a frame of a segment holds."""

    HEADER = 1
    BATCH = 2
    CHECKPOINT = 3
    CLOSING = 4


class EvidenceDamaged(Exception):  # noqa: N818 - names what is found
    """Say that evidence is not what was written; ``offset`` is where in the segment."""

    def __init__(self, message: str, *, offset: int = 0) -> None:
        """Keep the place."""
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class BatchHead:
    """State what one signature covers: a Merkle root over leaves, and the batch before.

    ``previous``: hash of the batch before, 64 zeros for the first. ``at``: microseconds since 1970, never before the
    batch before. ``signed``: the canonical bytes under the signature.
    """

    chain: str
    number: int
    previous: str
    root: str
    count: int
    at: int
    key: str
    signed: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one leaf and what is left of its redactable parts."""

    leaf: bytes
    parts: Mapping[PartKind, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold a batch as it was written."""

    head: BatchHead
    signature: bytes
    entries: tuple[Entry, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Cover all batches of a chain since the checkpoint before, by a Merkle root over their hashes.

    ``signed``: canonical bytes; a time stamp is given on their SHA-256.
    """

    chain: str
    first: int
    last: int
    root: str
    previous: str
    at: int
    signed: bytes


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """State what a receipt proves. ``leaf``: the members of the evidence. ``parts``: opened parts whose hashes hold.

    ``stamped_at``: the instant of a time stamp that covers it, or None.
    """

    leaf: Mapping[str, Any]
    chain: str
    batch: int
    at: datetime
    parts: Mapping[PartKind, bytes]
    stamped_at: datetime | None = None
