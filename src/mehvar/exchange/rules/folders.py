"""Find and open the segments of evidence in a folder, also archived ones.

A folder holds ``CHAIN-00000001.mev`` and so on, ``keys/FINGERPRINT.pem`` with every public key that signed here, and
``archive/`` with ``NAME.mev.gz`` beside ``NAME.json``, the manifest that stays when retention drops the segment.
"""

from __future__ import annotations

import gzip
import json
import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from mehvar.exchange.data.evidence import EvidenceDamaged
from mehvar.exchange.rules import receipts, segments

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

_NAME = re.compile(r"(?P<chain>.+)-(?P<number>\d{8})\.(?:mev|mev\.gz|json)")


def segment_path(folder: Path, chain: str, number: int) -> Path:
    """Return where a segment lies."""
    return folder / f"{chain}-{number:08d}.mev"


def segment_paths(folder: Path, chain: str | None = None) -> list[Path]:
    """Return the segments in order, of one chain or of all."""
    found = [(match["chain"], path) for path in folder.glob("*.mev") if (match := _NAME.fullmatch(path.name))]
    return [path for name, path in sorted(found, key=lambda item: item[1].name) if chain in (None, name)]


def segment_number(path: Path) -> int:
    """Return a segment's number in its chain."""
    match = _NAME.fullmatch(path.name)
    return int(match["number"]) if match else 0


def chains_in(folder: Path) -> list[str]:
    """Return the chains of which anything is here: segments, archived segments, or manifests of dropped ones."""
    files = [*folder.glob("*.mev"), *(folder / "archive").glob("*-*")]
    return sorted({match["chain"] for path in files if (match := _NAME.fullmatch(path.name))})


def numbers_in(folder: Path, chain: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the segments that can be read, and of those known from a manifest."""
    files = [*folder.glob(f"{chain}-*.mev"), *(folder / "archive").glob(f"{chain}-*.mev.gz")]
    return _numbers(files, chain), _numbers([*(folder / "archive").glob(f"{chain}-*.json")], chain)


def manifest_of(folder: Path, chain: str, number: int) -> dict[str, Any] | None:
    """Return the manifest of an archived segment, None without one that can be read."""
    path = folder / "archive" / f"{chain}-{number:08d}.json"
    try:
        return cast("dict[str, Any]", json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


@contextmanager
def opened(folder: Path, chain: str, number: int) -> Iterator[BinaryIO]:
    """Open a segment for reading, from the archive when it was moved there.

    Raises:
        FileNotFoundError: it is in neither place.
    """
    path = segment_path(folder, chain, number)
    archived = folder / "archive" / f"{path.name}.gz"
    if not path.exists() and archived.exists():
        with gzip.open(archived, "rb") as unpacked:
            yield cast("BinaryIO", unpacked)
        return
    with path.open("rb") as file:
        yield file


@contextmanager
def mapped(path: Path) -> Iterator[memoryview]:
    """Map a segment for reading."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            yield memoryview(b"")
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, memoryview(data) as view:
            yield view


def public_key_of(folder: Path, data: memoryview) -> ec.EllipticCurvePublicKey:
    """Return the key that a segment's header names.

    Raises:
        EvidenceDamaged: the header cannot be read, or its key is not kept here.
    """
    try:
        first = next(segments.read_frames(data))
        fingerprint = str(json.loads(first.payload)["key"])
    except (StopIteration, ValueError, KeyError, TypeError) as error:
        raise EvidenceDamaged("the segment's header cannot be read") from error
    return public_key(folder, fingerprint)


def public_key(folder: Path, fingerprint: str) -> ec.EllipticCurvePublicKey:
    """Return a key that is kept beside the evidence.

    Raises:
        EvidenceDamaged: it is not kept here, or is another one.
    """
    try:
        key = receipts.load_public_key((folder / "keys" / f"{Path(fingerprint).name}.pem").read_bytes())
    except (ValueError, OSError) as error:
        raise EvidenceDamaged("the segment's key is not known") from error
    if segments.key_fingerprint(key) != fingerprint:
        raise EvidenceDamaged("the segment's key is not the one that its name says")
    return key


def _numbers(files: list[Path], chain: str) -> frozenset[int]:
    matches = [match for path in files if (match := _NAME.fullmatch(path.name))]
    return frozenset(int(match["number"]) for match in matches if match["chain"] == chain)
