"""Recover a chain on disk and keep the keys that sign it; the reading that others share is `exchange.rules.folders`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import GENESIS, Batch, EvidenceDamaged, FrameKind
from mehvar.exchange.rules import segments
from mehvar.exchange.rules.custody import find_entry
from mehvar.exchange.rules.folders import mapped, public_key_of, segment_number, segment_path, segment_paths

__all__ = [
    "ChainEnd",
    "create_signing_key",
    "find_entry",
    "keep_public_key",
    "load_signing_key",
    "mapped",
    "public_key_of",
    "recover_chain",
    "segment_number",
    "segment_path",
    "segment_paths",
]


@dataclass(slots=True)
class ChainEnd:
    """State where a chain stands: what the next batch must name, and which batches no checkpoint covers yet."""

    segment: int = 0
    batch: int = 0
    previous: str = GENESIS
    at: int = 0
    open_batches: list[str] = field(default_factory=list)
    checkpoint: str = GENESIS
    cut_bytes: int = 0


def load_signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read the P-256 key that signs evidence.

    Raises:
        ValueError: it is another kind of key.
    """
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("evidence is signed with a P-256 key")  # noqa: TRY004 - the file is wrong, not the call
    return key


def create_signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key and write it as PEM, readable by its owner only. Never overwrites."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return key


def keep_public_key(folder: Path, key: ec.EllipticCurvePublicKey) -> str:
    """Write a public key beside the evidence, so that old segments stay verifiable; return its fingerprint."""
    fingerprint = segments.key_fingerprint(key)
    path = folder / "keys" / f"{fingerprint}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    return fingerprint


def recover_chain(folder: Path, chain: str) -> ChainEnd:
    """Find a chain's end, and cut off a torn tail; what was cut is kept beside the segment as ``.torn``.

    Raises:
        EvidenceDamaged: a segment is damaged in a way that no interrupted write explains.
    """
    paths = segment_paths(folder, chain)
    end = ChainEnd()
    for path in reversed(paths):
        with mapped(path) as data:
            cut = _recovered(folder, data, end)
            torn = bytes(data[cut:])
        if torn:
            path.with_name(f"{path.name}.{cut}.torn").write_bytes(torn)
            os.truncate(path, cut)
            end.cut_bytes += len(torn)
        if cut == 0:
            path.unlink()
            continue
        end.segment = segment_number(path)
        return end
    return end


def _recovered(folder: Path, data: memoryview, end: ChainEnd) -> int:
    """Walk one segment to its last good frame and note the chain's end; return where that frame ends (0: none)."""
    good = 0
    frames = segments.read_frames(data)
    notes = _Notes(folder, data, end)
    while True:
        try:
            found = next(frames, None)
        except EvidenceDamaged as error:
            if segments.is_torn(data, error.offset):
                return good
            raise
        if found is None:
            return good
        notes.take(found)
        good = found.end


class _Notes:
    """Follow a chain frame by frame."""

    def __init__(self, folder: Path, data: memoryview, end: ChainEnd) -> None:
        self._folder, self._data, self._end = folder, data, end
        self._key: ec.EllipticCurvePublicKey | None = None

    def take(self, found: segments.Frame) -> None:
        """Check one frame and note what it says."""
        if found.kind is FrameKind.HEADER:
            _note_header(json.loads(found.payload), self._end)
            self._key = public_key_of(self._folder, self._data)
        elif found.kind is FrameKind.BATCH:
            if self._key is None:
                raise EvidenceDamaged("a batch stands before the header", offset=found.start)
            _note_batch(segments.parse_batch(found), self._key, self._end)
        elif found.kind is FrameKind.CHECKPOINT:
            checkpoint = segments.parse_checkpoint(found.payload)
            self._end.checkpoint, self._end.open_batches = segments.checkpoint_hash(checkpoint), []


def _note_header(members: dict[str, object], end: ChainEnd) -> None:
    end.previous = str(members["previous"])
    end.batch = int(str(members["first_batch"])) - 1
    end.checkpoint = str(members["checkpoint"])
    end.at = int(str(members["at"]))


def _note_batch(batch: Batch, key: ec.EllipticCurvePublicKey, end: ChainEnd) -> None:
    segments.check_batch(batch, key)
    if batch.head.previous != end.previous or batch.head.number != end.batch + 1:
        raise EvidenceDamaged(
            f"batch {batch.head.number} does not follow the one before", offset=batch.offset
        )
    end.previous, end.batch, end.at = segments.batch_hash(batch.head), batch.head.number, batch.head.at
    end.open_batches.append(end.previous)
