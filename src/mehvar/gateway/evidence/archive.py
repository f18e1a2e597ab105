"""Archive closed segments, redact what they hold of messages, and keep the chain of what was dropped.

An archived segment is ``archive/NAME.mev.gz`` beside ``archive/NAME.json``, its manifest: chain, number, first and last
batch with their hashes, SHA-256 of the segment, and the hash of the manifest before. When retention drops the segment,
the manifest stays: the chain of batch hashes can be followed over the gap.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from mehvar.exchange.data.evidence import Batch, EvidenceDamaged, FrameKind, PartKind
from mehvar.exchange.rules import receipts, segments
from mehvar.gateway.evidence import files
from mehvar.kernel.identifiers import canonical_json

KeepsPart = Callable[[dict[str, Any], PartKind], bool]


def redacted(data: memoryview, keeps: KeepsPart) -> bytes:
    """Return a segment without the parts that ``keeps(leaf, kind)`` does not keep; leaves and signatures stay.

    Raises:
        EvidenceDamaged: the segment cannot be read.
    """
    pieces = [segments.MAGIC]
    for found in segments.read_frames(data):
        payload = found.payload
        if found.kind is FrameKind.BATCH:
            payload = _redacted_batch(segments.parse_batch(found), keeps)
        pieces.append(segments.frame(found.kind, payload))
    return b"".join(pieces)


def redact_segment(path: Path, keeps: KeepsPart) -> None:
    """Rewrite a segment that is no longer written, without the parts that are not kept; atomic."""
    with files.mapped(path) as data:
        content = redacted(data, keeps)
    _replace(path, content)


def archive_closed(folder: Path, *, open_chains: tuple[str, ...] = ()) -> list[Path]:
    """Move every segment but the newest of each chain into the archive; return the manifests.

    ``open_chains``: chains that a process may be writing; of others the newest segment is archived too.

    Raises:
        EvidenceDamaged: a segment does not hold; it is left where it is.
    """
    (folder / "archive").mkdir(exist_ok=True)
    manifests = []
    for chain in sorted({path.name.rpartition("-")[0] for path in files.segment_paths(folder)}):
        paths = files.segment_paths(folder, chain)
        closed = paths[:-1] if chain in open_chains else paths
        manifests += [_archive(folder, chain, path) for path in closed]
    return manifests


def drop_archived(folder: Path, *, before: datetime) -> list[Path]:
    """Drop archived segments whose last batch is older than ``before``; manifests stay. Return what was dropped."""
    dropped = []
    for manifest in _manifests(folder):
        members = json.loads(manifest.read_bytes())
        content = manifest.with_suffix(".mev.gz")
        if content.exists() and receipts.instant(members["last_at"]) < before:
            content.unlink()
            dropped.append(content)
    return dropped


def verify_archive(folder: Path) -> int:
    """Check every manifest's link and every archived segment that is still there; return how many batches hold.

    Raises:
        EvidenceDamaged: a manifest or a segment does not hold or is missing in the middle.
    """
    count = 0
    heads: dict[str, tuple[str, str, int]] = {}
    for manifest in _manifests(folder):
        members = json.loads(manifest.read_bytes())
        chain = members["chain"]
        previous, batch_hash, number = heads.get(chain, ("", members["first_previous"], members["segment"]))
        linked = (
            members["previous_manifest"] in {previous, ""}
            if not previous
            else members["previous_manifest"] == previous
        )
        if not linked or members["first_previous"] != batch_hash or members["segment"] != number:
            raise EvidenceDamaged(f"{manifest.name} does not follow the manifest before")
        count += _verify_content(folder, manifest, members)
        heads[chain] = (
            sha256(manifest.read_bytes()).hexdigest(),
            members["last_hash"],
            members["segment"] + 1,
        )
    return count


def _archive(folder: Path, chain: str, path: Path) -> Path:
    number = files.segment_number(path)
    with files.mapped(path) as data:
        content = bytes(data)
        header = json.loads(next(segments.read_frames(data)).payload)
        batches = [*segments.read_batches(data, files.public_key_of(folder, data))]
    last = segments.batch_hash(batches[-1].head) if batches else header["previous"]
    before = folder / "archive" / f"{chain}-{number - 1:08d}.json"
    members = {
        "batches": len(batches),
        "chain": chain,
        "first_previous": header["previous"],
        "last_at": batches[-1].head.at if batches else header["at"],
        "last_hash": last,
        "previous_manifest": sha256(before.read_bytes()).hexdigest() if before.exists() else "",
        "segment": number,
        "segment_sha256": sha256(content).hexdigest(),
    }
    target = folder / "archive" / f"{path.stem}.mev.gz"
    _replace(target, gzip.compress(content, 6, mtime=0))
    manifest = folder / "archive" / f"{path.stem}.json"
    _replace(manifest, canonical_json(members))
    path.unlink()
    return manifest


def _verify_content(folder: Path, manifest: Path, members: dict[str, Any]) -> int:
    path = manifest.with_suffix(".mev.gz")
    if not path.exists():
        return 0
    data = memoryview(gzip.decompress(path.read_bytes()))
    key = files.public_key_of(folder, data)
    batches = [*segments.read_batches(data, key, previous=members["first_previous"])]
    last = segments.batch_hash(batches[-1].head) if batches else members["first_previous"]
    if len(batches) != members["batches"] or last != members["last_hash"]:
        raise EvidenceDamaged(f"{path.name} is not the segment that was archived")
    return len(batches)


def _manifests(folder: Path) -> list[Path]:
    return sorted((folder / "archive").glob("*.json"))


def _redacted_batch(batch: Batch, keeps: KeepsPart) -> bytes:
    entries = []
    for entry in batch.entries:
        leaf = json.loads(entry.leaf)
        kept = {kind: data for kind, data in entry.parts.items() if keeps(leaf, kind)}
        entries.append((entry.leaf, segments.encode_parts(kept)))
    return segments.batch_payload(batch.head, batch.signature, entries)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, partial)
    partial.replace(path)
