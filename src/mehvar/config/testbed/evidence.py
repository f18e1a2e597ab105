"""Follow the gateway's evidence as it grows: check every batch, and know under which one each call stands."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import GENESIS, Batch, EvidenceDamaged, FrameKind
from mehvar.exchange.rules import segments
from mehvar.gateway.evidence import files

SETTLE_S = 3.0


@dataclass(slots=True)
class Chain:
    """State how far one chain was followed; ``fault`` is empty while everything holds."""

    name: str
    segment: int = 0
    batches: int = 0
    entries: int = 0
    last: str = GENESIS
    fault: str = ""


class Follower:
    """Read what is new since the last look, checking signature, root and link of every batch."""

    def __init__(self, folder: Path) -> None:
        """Follow all chains of an evidence folder."""
        self._folder = folder
        self._places: dict[Path, int] = {}
        self._keys: dict[Path, ec.EllipticCurvePublicKey] = {}
        self._lock = threading.Lock()
        self.chains: dict[str, Chain] = {}
        self.proven: set[str] = set()

    def follow(self) -> None:
        """Read all that was written since the last time."""
        with self._lock:
            for path in files.segment_paths(self._folder):
                self._read(path)

    def missing(self, request_ids: list[str]) -> list[str]:
        """Return those calls that no checked batch holds."""
        with self._lock:
            return [request_id for request_id in request_ids if request_id not in self.proven]

    def _read(self, path: Path) -> None:
        place = self._places.get(path, len(segments.MAGIC))
        if path.stat().st_size <= place:
            return
        with path.open("rb") as file:
            file.seek(place)
            data = segments.MAGIC + file.read()
        chain = self.chains.setdefault(path.name.rpartition("-")[0], Chain(path.name.rpartition("-")[0]))
        try:
            for found in segments.read_frames(data):
                self._take(path, chain, found)
                self._places[path] = place + found.end - len(segments.MAGIC)
        except EvidenceDamaged as fault:
            if not segments.is_torn(data, fault.offset):  # a group that is just being written looks torn
                chain.fault = str(fault)

    def _take(self, path: Path, chain: Chain, found: segments.Frame) -> None:
        if found.kind is FrameKind.HEADER:
            self._begin_segment(path, chain, found)
        elif found.kind is FrameKind.BATCH:
            batch = segments.parse_batch(found)
            self._check(path, chain, batch)
            chain.batches = batch.head.number
            chain.entries += batch.head.count
            chain.last = segments.batch_hash(batch.head)
            self.proven.update([json.loads(entry.leaf)["request_id"] for entry in batch.entries])

    def _begin_segment(self, path: Path, chain: Chain, found: segments.Frame) -> None:
        header = json.loads(found.payload)
        if header["previous"] != chain.last:
            raise EvidenceDamaged("the segment does not follow the one before", offset=found.start)
        with files.mapped(path) as data:
            self._keys[path] = files.public_key_of(self._folder, data)
        chain.segment = header["segment"]

    def _check(self, path: Path, chain: Chain, batch: Batch) -> None:
        segments.check_batch(batch, self._keys[path])
        if batch.head.previous != chain.last:
            raise EvidenceDamaged(f"batch {batch.head.number} does not follow", offset=batch.offset)
