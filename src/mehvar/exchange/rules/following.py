"""Follow a chain of evidence from where one stopped: every batch checked and linked, nothing skipped.

Source: exchange-and-ledger §3.3, "an indexer feeds the database".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mehvar.exchange.data.evidence import GENESIS, Batch, EvidenceDamaged, FrameKind
from mehvar.exchange.rules import folders, segments

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

START = len(segments.MAGIC)


@dataclass(frozen=True, slots=True)
class Position:
    """State how far a chain was read; ``offset``: where the last batch began (a hint). ``batch_hash`` empty: begin with whatever the next segment says (an operator passed a fault).

    ``key``: fingerprint of the key that signed last; empty: the first key met is taken.
    """

    segment: int = 0
    offset: int = 0
    batch: int = 0
    batch_hash: str = GENESIS
    key: str = ""


class FaultFound(Exception):  # noqa: N818 - names what is found
    """Stop at something that does not hold. ``kind``: damage, gap or key; ``resume``: the segment after it."""

    def __init__(
        self, kind: str, message: str, *, segment: int, offset: int = 0, resume: int, key: str = ""
    ) -> None:
        """Keep what was found and where."""
        super().__init__(message)
        self.kind, self.message, self.key = kind, message, key
        self.segment, self.offset, self.resume = segment, offset, resume


def follow(
    folder: Path, chain: str, position: Position, trusted: frozenset[str]
) -> Iterator[tuple[Batch, Position]]:
    """Give each batch after ``position``, with the position behind it.

    ``trusted``: fingerprints of keys that may sign besides the one of ``position``. What a living gateway is just writing ends the
    iteration; it is whole the next time.

    Raises:
        FaultFound: a batch, a link, a key or a segment does not hold.
    """
    number = max(position.segment, 1)
    while True:
        readable, known = folders.numbers_in(folder, chain)
        if number > max(readable | known, default=0):
            _check_not_gone(position, number)
            return
        if number in readable:
            reading = _Reading(folder, chain, number, is_newest=number == max(readable | known))
            for batch, reached in reading.batches(position, trusted):
                position = reached
                yield batch, position
        else:
            _check_bridge(folder, chain, number, position)
        number += 1


def _check_not_gone(position: Position, number: int) -> None:
    if number == position.segment and position.batch:
        raise FaultFound("gap", "evidence that was read is no longer here", segment=number, resume=number + 1)


def _check_bridge(folder: Path, chain: str, number: int, position: Position) -> None:
    """Accept that a segment was dropped when its manifest shows that all of it was read before."""
    manifest = folders.manifest_of(folder, chain, number)
    if manifest is not None and manifest.get("last_hash") == position.batch_hash:
        return
    dropped = manifest.get("batches") if manifest else None
    words = (
        f"segment {number} with {dropped} batches was dropped before it was read"
        if dropped
        else f"segment {number} is missing"
    )
    raise FaultFound("gap", words, segment=number, resume=number + 1)


@dataclass(slots=True)
class _Reading:
    """Read one segment."""

    folder: Path
    chain: str
    number: int
    is_newest: bool

    def batches(self, position: Position, trusted: frozenset[str]) -> Iterator[tuple[Batch, Position]]:
        with folders.opened(self.folder, self.chain, self.number) as file:
            header = self._header(file)
            if header is None:
                return
            key = self._key(header, position, trusted)
            position, place = self._start(file, header, replace(position, key=str(header["key"])))
            while (found := self._frame(file, place)) is not None:
                place = found.end
                if found.kind is FrameKind.BATCH:
                    batch = self._checked(found, key)
                    position = self._linked(batch, position)
                    yield batch, position

    def _header(self, file: BinaryIO) -> dict[str, Any] | None:
        if file.read(START) != segments.MAGIC:
            if self.is_newest:
                return None  # a segment that is just being made
            raise self._fault("damage", "this is not an evidence segment")
        found = self._frame(file, START)
        if found is None:
            return None
        try:
            members: dict[str, Any] = json.loads(found.payload)
            for name in ("key", "previous", "first_batch", "chain"):
                members[name]
        except (ValueError, KeyError, TypeError):
            raise self._fault("damage", "the segment's header cannot be read", START) from None
        if found.kind is not FrameKind.HEADER or members["chain"] != self.chain:
            raise self._fault("damage", "the segment's header is of another chain", START)
        return members

    def _key(
        self, header: Mapping[str, Any], position: Position, trusted: frozenset[str]
    ) -> ec.EllipticCurvePublicKey:
        fingerprint = str(header["key"])
        is_known = fingerprint == position.key or fingerprint in trusted
        if not is_known and (position.key or trusted):
            raise self._fault("key", "it is signed with a key that is not known", START, key=fingerprint)
        try:
            return folders.public_key(self.folder, fingerprint)
        except EvidenceDamaged as error:
            raise self._fault("key", str(error), START, key=fingerprint) from error

    def _start(self, file: BinaryIO, header: Mapping[str, Any], position: Position) -> tuple[Position, int]:
        """Say from where to read: behind what was taken; in a new segment at its first batch, which must follow."""
        if position.segment == self.number and position.offset:
            return position, self._behind(file, position)
        first = replace(
            position,
            segment=self.number,
            offset=0,
            batch=int(header["first_batch"]) - 1,
            batch_hash=str(header["previous"]),
        )
        stated = (first.batch, first.batch_hash)
        if position.batch_hash and stated != (position.batch, position.batch_hash):
            raise self._fault("gap", "the segment does not follow what was read before", START)
        return first, START

    def _behind(self, file: BinaryIO, position: Position) -> int:
        """Return where the batch taken last ends; the stored offset is only a hint, since redaction shortens segments."""
        try:
            hinted = segments.frame_at(file, position.offset)
        except EvidenceDamaged:
            hinted = None
        if hinted is not None and _is_last(hinted, position):
            return hinted.end
        place = START
        while (found := self._frame(file, place)) is not None:
            place = found.end
            if _is_last(found, position):
                return place
        raise self._fault("damage", "what was read before is no longer what stands here", position.offset)

    def _frame(self, file: BinaryIO, place: int) -> segments.Frame | None:
        try:
            return segments.frame_at(file, place)
        except EvidenceDamaged as error:
            file.seek(error.offset)
            if self.is_newest and segments.is_torn(file.read(), 0):
                return None
            raise self._fault("damage", str(error), error.offset) from error

    def _checked(self, found: segments.Frame, key: ec.EllipticCurvePublicKey) -> Batch:
        try:
            batch = segments.parse_batch(found)
            segments.check_batch(batch, key)
        except EvidenceDamaged as error:
            raise self._fault("damage", str(error), found.start) from error
        return batch

    def _linked(self, batch: Batch, position: Position) -> Position:
        head = batch.head
        if (head.previous, head.number, head.chain) != (position.batch_hash, position.batch + 1, self.chain):
            raise self._fault("damage", f"batch {head.number} does not follow the one before", batch.offset)
        return Position(self.number, batch.offset, head.number, segments.batch_hash(head), position.key)

    def _fault(self, kind: str, message: str, offset: int = 0, *, key: str = "") -> FaultFound:
        return FaultFound(kind, message, segment=self.number, offset=offset, resume=self.number + 1, key=key)


def _is_last(found: segments.Frame, position: Position) -> bool:
    """Tell whether a frame holds the batch that was taken last."""
    if found.kind is not FrameKind.BATCH:
        return False
    try:
        head = segments.parse_batch(found).head
    except EvidenceDamaged:
        return False
    return (head.number, segments.batch_hash(head)) == (position.batch, position.batch_hash)
