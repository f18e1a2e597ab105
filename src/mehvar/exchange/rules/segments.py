"""Write and read evidence segments: append-only files of frames.

A file begins with eight bytes ``MEVSEG01``. A frame is: payload length (uint32, big-endian), kind (uint8), CRC-32 of
kind and payload (uint32), payload. The first frame is the header, then batches and checkpoints, at last the closing
frame (absent in a file still being written, or whose writer was killed).

A batch's payload: uint32 length and canonical JSON of the batch head; uint16 length and ECDSA P-256 signature (DER)
over that JSON; uint32 count; per entry uint32 length and leaf, uint32 length and parts. Parts are repeated uint8 kind,
uint32 length, bytes. The signature covers leaves only, and leaves hold the hashes of parts: redaction drops parts and
every proof stays valid. A batch's hash is SHA-256(0x02 || batch head JSON).

Source: exchange-and-ledger §3.3; docs/rooms/gateway.md.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import (
    BATCH_FORMAT,
    CHECKPOINT_FORMAT,
    GENESIS,
    SEGMENT_FORMAT,
    Batch,
    BatchHead,
    Checkpoint,
    Entry,
    EvidenceDamaged,
    FrameKind,
    PartKind,
)
from mehvar.exchange.rules import merkle
from mehvar.kernel.identifiers import canonical_json

MAGIC = b"MEVSEG01"
MAX_FRAME_BYTES = 1 << 30
_FRAME = struct.Struct(">IBI")
_U32 = struct.Struct(">I")
_U16 = struct.Struct(">H")
_PART = struct.Struct(">BI")
_REQUEST_HEAD, _ANSWER_HEAD = PartKind.REQUEST_HEAD.value, PartKind.ANSWER_HEAD.value
_SIGNING = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold one frame and where it begins and ends in the file."""

    kind: FrameKind
    payload: bytes
    start: int
    end: int


def key_fingerprint(public_key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo (DER), hexadecimal."""
    encoded = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return sha256(encoded).hexdigest()


def frame(kind: FrameKind, payload: bytes) -> bytes:
    """Return a frame's bytes."""
    return _FRAME.pack(len(payload), kind, zlib.crc32(payload, kind)) + payload


def batch_head(
    *, chain: str, number: int, previous: str, hashes_: Sequence[bytes], at: int, key: str
) -> BatchHead:
    """Make the head of a batch from its leaf hashes."""
    root = merkle.root_of(hashes_).hex()
    members = {
        "at": at, "chain": chain, "count": len(hashes_), "format": BATCH_FORMAT, "key": key, "number": number,
        "previous": previous, "root": root,
    }  # fmt: skip
    return BatchHead(chain, number, previous, root, len(hashes_), at, key, canonical_json(members))


def batch_hash(head: BatchHead) -> str:
    """Return the hash by which the next batch names this one."""
    return sha256(b"\x02" + head.signed).hexdigest()


def batch_payload(head: BatchHead, signature: bytes, entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the payload of a batch frame; an entry is leaf and encoded parts."""
    pieces = [
        _U32.pack(len(head.signed)),
        head.signed,
        _U16.pack(len(signature)),
        signature,
        _U32.pack(len(entries)),
    ]
    pack = _U32.pack
    for leaf, parts in entries:
        pieces += (pack(len(leaf)), leaf, pack(len(parts)), parts)
    return b"".join(pieces)


def encode_parts(parts: Mapping[PartKind, bytes]) -> bytes:
    """Return the redactable parts of an entry as bytes."""
    return b"".join([_PART.pack(kind, len(data)) + data for kind, data in parts.items()])


def encode_heads(request: bytes, answer: bytes) -> bytes:
    """Return the two heads as parts: what `encode_parts` gives, for the calls that keep nothing else."""
    return b"".join(
        (
            _PART.pack(_REQUEST_HEAD, len(request)),
            request,
            _PART.pack(_ANSWER_HEAD, len(answer)),
            answer,
        )
    )


def read_frames(data: bytes | memoryview) -> Iterator[Frame]:
    """Return the frames of a segment, checking lengths and checksums.

    Raises:
        EvidenceDamaged: at the first byte that does not fit; ``offset`` is where the last good frame ended.
    """
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise EvidenceDamaged("this is not an evidence segment", offset=0)
    place = len(MAGIC)
    while place < len(data):
        found = _frame_at(data, place)
        yield found
        place = found.end


def frame_at(file: BinaryIO, place: int) -> Frame | None:
    """Read the frame that begins at ``place`` of an open segment; None at the end of the file.

    Raises:
        EvidenceDamaged: length or checksum is wrong, or the frame is not whole; ``offset`` is ``place``.
    """
    file.seek(place)
    head = file.read(_FRAME.size)
    if not head:
        return None
    length = _FRAME.unpack(head)[0] if len(head) == _FRAME.size else 0
    try:
        found = _frame_at(head + file.read(min(length, MAX_FRAME_BYTES)), 0)
    except EvidenceDamaged as error:
        raise EvidenceDamaged(str(error), offset=place) from error
    return Frame(found.kind, found.payload, place, place + found.end)


def is_torn(data: bytes | memoryview, offset: int) -> bool:
    """Tell whether what follows ``offset`` is the rest of one interrupted write, not damage in the middle.

    Torn: the frame that begins there reaches to the end of the file or beyond, or only zeros follow. A damaged frame
    with anything behind it is not torn: somebody or something changed a written frame.
    """
    rest = data[offset:]
    if len(rest) < _FRAME.size or not any(rest):
        return True
    length, _, _ = _FRAME.unpack_from(rest)
    return bool(length <= MAX_FRAME_BYTES and _FRAME.size + length >= len(rest))


def parse_batch(found: Frame) -> Batch:
    """Read a batch frame; the signature is not checked here.

    Raises:
        EvidenceDamaged: lengths do not fit.
    """
    try:
        return _parse_batch(found)
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise EvidenceDamaged(f"a batch cannot be read: {error}", offset=found.start) from error


def parse_batch_head(signed: bytes) -> BatchHead:
    """Read a batch head.

    Raises:
        ValueError: it is not one, or not in canonical form.
    """
    members = json.loads(signed)
    if members.pop("format") != BATCH_FORMAT or canonical_json({**members, "format": BATCH_FORMAT}) != signed:
        raise ValueError("not a canonical batch head")
    return BatchHead(signed=signed, **members)


def check_batch(batch: Batch, public_key: ec.EllipticCurvePublicKey) -> None:
    """Check signature, count and root of a batch.

    Raises:
        EvidenceDamaged: one of them is wrong.
    """
    if not is_signed(batch.head.signed, batch.signature, public_key):
        raise EvidenceDamaged(
            f"the signature of batch {batch.head.number} does not hold", offset=batch.offset
        )
    root = merkle.root_of([merkle.leaf_hash(entry.leaf) for entry in batch.entries]).hex()
    if root != batch.head.root or len(batch.entries) != batch.head.count:
        raise EvidenceDamaged(
            f"the leaves of batch {batch.head.number} are not those signed", offset=batch.offset
        )


def is_signed(message: bytes, signature: bytes, public_key: ec.EllipticCurvePublicKey) -> bool:
    """Tell whether an ECDSA P-256 signature with SHA-256 holds."""
    try:
        public_key.verify(signature, message, _SIGNING)
    except InvalidSignature:
        return False
    return True


def read_batches(
    data: bytes | memoryview, public_key: ec.EllipticCurvePublicKey, *, previous: str | None = None
) -> Iterator[Batch]:
    """Return the batches of a segment, each checked: signature, root, and link to the batch before.

    ``previous``: the hash that the first batch must name (None: the one that the segment's header states).

    Raises:
        EvidenceDamaged: something does not hold.
    """
    for found in read_frames(data):
        if found.kind is FrameKind.HEADER:
            stated = str(json.loads(found.payload)["previous"])
            if previous not in (None, stated):
                raise EvidenceDamaged("the segment does not follow the one before", offset=found.start)
            previous = stated
        elif found.kind is FrameKind.BATCH:
            batch = parse_batch(found)
            check_batch(batch, public_key)
            if batch.head.previous != previous:
                raise EvidenceDamaged(
                    f"batch {batch.head.number} does not follow the one before", offset=found.start
                )
            previous = batch_hash(batch.head)
            yield batch


def make_checkpoint(
    chain: str, batch_hashes: Sequence[str], *, first: int, previous: str, at: int
) -> Checkpoint:
    """Cover the batches ``first`` and following by one root."""
    root = merkle.root_of([merkle.leaf_hash(bytes.fromhex(text)) for text in batch_hashes]).hex()
    last = first + len(batch_hashes) - 1
    members = {
        "at": at, "chain": chain, "first": first, "format": CHECKPOINT_FORMAT, "last": last, "previous": previous,
        "root": root,
    }  # fmt: skip
    return Checkpoint(chain, first, last, root, previous, at, canonical_json(members))


def parse_checkpoint(signed: bytes) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        ValueError: it is not one, or not in canonical form.
    """
    members = json.loads(signed)
    if (
        members.pop("format") != CHECKPOINT_FORMAT
        or canonical_json({**members, "format": CHECKPOINT_FORMAT}) != signed
    ):
        raise ValueError("not a canonical checkpoint")
    return Checkpoint(signed=signed, **members)


def checkpoint_hash(checkpoint: Checkpoint) -> str:
    """Return the hash by which the next checkpoint names this one."""
    return sha256(b"\x03" + checkpoint.signed).hexdigest()


def segment_header(
    *, chain: str, segment: int, first_batch: int, previous: str, checkpoint: str, at: int, key: str
) -> bytes:
    """Return the payload of a segment's first frame; ``checkpoint``: hash of the last one before it."""
    members: dict[str, Any] = {
        "at": at, "chain": chain, "checkpoint": checkpoint, "first_batch": first_batch, "format": SEGMENT_FORMAT,
        "key": key,
        "previous": previous or GENESIS, "segment": segment,
    }  # fmt: skip
    return canonical_json(members)


def _frame_at(data: bytes | memoryview, place: int) -> Frame:
    if len(data) - place < _FRAME.size:
        raise EvidenceDamaged("the last frame is incomplete", offset=place)
    length, kind, checksum = _FRAME.unpack_from(data, place)
    start = place + _FRAME.size
    payload = bytes(data[start : start + length])
    if length > MAX_FRAME_BYTES or len(payload) < length or zlib.crc32(payload, kind) != checksum:
        raise EvidenceDamaged("a frame's length or checksum is wrong", offset=place)
    try:
        return Frame(FrameKind(kind), payload, place, start + length)
    except ValueError as error:
        raise EvidenceDamaged(f"a frame of unknown kind {kind}", offset=place) from error


def _parse_batch(found: Frame) -> Batch:
    payload = memoryview(found.payload)
    signed, place = _sized(payload, 0, _U32)
    signature, place = _sized(payload, place, _U16)
    (count,) = _U32.unpack_from(payload, place)
    place += _U32.size
    entries = []
    for _ in range(count):
        leaf, place = _sized(payload, place, _U32)
        parts, place = _sized(payload, place, _U32)
        entries.append(Entry(leaf, dict(_parts(parts))))
    if place != len(payload):
        raise ValueError("bytes are left over")
    return Batch(parse_batch_head(signed), signature, tuple(entries), found.start)


def _sized(payload: memoryview, place: int, length: struct.Struct) -> tuple[bytes, int]:
    (size,) = length.unpack_from(payload, place)
    start = place + length.size
    if start + size > len(payload):
        raise ValueError("a length reaches beyond the frame")
    return bytes(payload[start : start + size]), start + size


def _parts(data: bytes) -> Iterator[tuple[PartKind, bytes]]:
    place = 0
    while place < len(data):
        kind, length = _PART.unpack_from(data, place)
        place += _PART.size
        if place + length > len(data):
            raise ValueError("a part reaches beyond its entry")
        yield PartKind(kind), data[place : place + length]
        place += length
