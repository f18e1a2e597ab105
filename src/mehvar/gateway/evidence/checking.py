"""Check all evidence of a folder, chain by chain, across segments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mehvar.exchange.data.evidence import EvidenceDamaged
from mehvar.exchange.rules import segments
from mehvar.gateway.evidence import archive, files


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """State how much holds."""

    batches: int
    entries: int
    checkpoints: int
    stamps: int


def check_folder(folder: Path) -> EvidenceReport:
    """Check archive and segments: checksums, signatures, roots, links between batches and segments.

    The newest segment of a chain may end in an unfinished write when a gateway runs; that tail is not counted.

    Raises:
        EvidenceDamaged: something does not hold.
    """
    batches, entries = archive.verify_archive(folder), 0
    for chain in sorted({path.name.rpartition("-")[0] for path in files.segment_paths(folder)}):
        paths = files.segment_paths(folder, chain)
        previous: str | None = None
        for path in paths:
            with files.mapped(path) as data:
                previous, number, held = _check_segment(folder, data, previous, is_newest=path == paths[-1])
            batches, entries = batches + number, entries + held
    checkpoints = len([*(folder / "stamps").glob("*.checkpoint")])
    return EvidenceReport(batches, entries, checkpoints, len([*(folder / "stamps").glob("*.token")]))


def _check_segment(
    folder: Path, data: memoryview, previous: str | None, *, is_newest: bool
) -> tuple[str | None, int, int]:
    batches = entries = 0
    try:
        for batch in segments.read_batches(data, files.public_key_of(folder, data), previous=previous):
            previous = segments.batch_hash(batch.head)
            batches, entries = batches + 1, entries + len(batch.entries)
    except EvidenceDamaged as error:
        if not (is_newest and "frame" in str(error) and segments.is_torn(data, error.offset)):
            raise
    return previous, batches, entries
