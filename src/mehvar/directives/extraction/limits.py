"""Bound what a document may cost, so that a bad file ends in one clear message.

Source: issue "the house", point 8 (bad input).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Limits:
    """Hold the bounds: sizes in bytes; ``time_s`` in seconds of the processor, so that a busy machine refuses no document."""

    file_bytes: int = 25_000_000
    unpacked_bytes: int = 200_000_000
    unpacked_ratio: int = 150
    pages: int = 400
    rows: int = 5_000
    blocks: int = 60_000
    characters: int = 20_000_000
    time_s: float = 60.0
    memory_bytes: int = 2_000_000_000


DEFAULT = Limits()

WALL_RATIO = 3
"""How many times its allowance of the processor a reader may take by the clock on the wall."""


class Deadline:
    """Stop work that takes more of the processor than allowed."""

    def __init__(self, limits: Limits) -> None:
        """Start the clock."""
        self._limit_s = limits.time_s
        self._ends = time.process_time() + limits.time_s

    def check(self) -> None:
        """Raise when the time is over.

        Raises:
            LimitExceeded: The time is over.
        """
        if time.process_time() > self._ends:
            raise errors.LimitExceeded(
                gettext_noop("Reading the document took longer than {seconds} seconds and was stopped."),
                code="time-limit",
                seconds=round(self._limit_s),
            )


def check_rows(count: int, limits: Limits) -> None:
    """Refuse a document with too many rows.

    Raises:
        LimitExceeded: More rows than allowed.
    """
    if count > limits.rows:
        raise errors.LimitExceeded(
            gettext_noop("The document has more than {limit} table rows; divide it."),
            code="row-limit",
            limit=limits.rows,
        )


def check_file_size(size: int, limits: Limits) -> None:
    """Refuse an empty or too big file.

    Raises:
        InputError: The file is empty.
        LimitExceeded: The file is bigger than allowed.
    """
    if size == 0:
        raise errors.InputError(gettext_noop("The file is empty."), code="empty-file")
    if size > limits.file_bytes:
        raise errors.LimitExceeded(
            gettext_noop("The file has {size} MB; at most {limit} MB are read."),
            code="file-too-big",
            size=round(size / 1e6, 1),
            limit=round(limits.file_bytes / 1e6),
        )
