"""Decide how imported rows are reviewed: which come first, where one may be split, how two become one.

Source: issue "the house", point 9; design "The look", review of an import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mehvar.directives.data import ReviewState
from mehvar.kernel import text

SURE, FAIR = 0.9, 0.7
"""Confidence from which a row counts as sure, and as fair."""

_SPLIT_BEFORE = re.compile(r"(?<=[;.؛])\s+|\n+|\s(?=(?:[a-zđ]|[۰-۹\d]{1,2})[)\-–]\s)")
_SHORTEST_PART = 8


class Band(StrEnum):
    """Name how sure the reader was of a row."""

    SURE = "sure"
    FAIR = "fair"
    WEAK = "weak"


class Shape(StrEnum):
    """Name what state a row's tick shows by its shape."""

    FLAGGED = "flagged"
    PENDING = "pending"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class CountCheck:
    """Compare what the document declares for a field with what was found; ``found`` None: no such field."""

    label: str
    declared: int
    found: int | None

    @property
    def agrees(self) -> bool:
        """Tell whether the document keeps its word."""
        return self.declared == self.found


def band(confidence: float) -> Band:
    """Say how sure the reader was."""
    if confidence >= SURE:
        return Band.SURE
    return Band.FAIR if confidence >= FAIR else Band.WEAK


def shape(state: str, open_flags: int) -> Shape:
    """Say which shape shows a row's state."""
    if open_flags:
        return Shape.FLAGGED
    return Shape.PENDING if state == ReviewState.PENDING else Shape.SETTLED


def is_settled(state: str, open_flags: int) -> bool:
    """Tell whether nothing is left to do for a row."""
    return shape(state, open_flags) is Shape.SETTLED


def worst_first(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Order rows ``{"flags", "lowest_confidence", "position"}``: flagged first, least sure first.

    The order does not change while rows are accepted, so that nobody loses the place.
    """
    return sorted(rows, key=lambda row: (not row["flags"], row["lowest_confidence"], row["position"]))


def next_open(rows: Sequence[Mapping[str, Any]], current: str) -> str | None:
    """Give the id of the first row after ``current`` (around the end) that is not settled; None when none is left."""
    ids = [row["public_id"] for row in rows]
    start = ids.index(current) + 1 if current in ids else 0
    for row in [*rows[start:], *rows[:start]]:
        if not is_settled(row["review_state"], row["open_flags"]) and row["public_id"] != current:
            return str(row["public_id"])
    return None


def split_points(written: str) -> list[int]:
    """List where a task's text may well be two tasks: after a semicolon or full stop, at a line, before "b)"."""
    points = {match.end() for match in _SPLIT_BEFORE.finditer(written)}
    return sorted(
        point
        for point in points
        if len(written[:point].strip()) >= _SHORTEST_PART and len(written[point:].strip()) >= _SHORTEST_PART
    )


def joined(first: str, second: str) -> str:
    """Join two pieces of one text that a page break or a cell divided."""
    parts = [part.strip() for part in (first, second) if part.strip()]
    return text.display_form(" ".join(parts)) if parts else ""


def settled(
    flags: Iterable[Mapping[str, Any]], *, by: int, name: str, at: str, how: str = ""
) -> list[dict[str, Any]]:
    """Settle every open flag: who (person's key and name) and when (ISO instant); settled ones stay as they are."""
    mark = {"by": by, "name": name, "at": at, **({"how": how} if how else {})}
    return [{**flag, "settled": flag.get("settled") or mark} for flag in flags]


def open_among(flags: Iterable[Mapping[str, Any]]) -> int:
    """Count the flags that nobody has settled."""
    return sum(1 for flag in flags if not flag.get("settled"))


def count_checks(
    declared: Iterable[Mapping[str, Any]], found: Mapping[str, int], *, total: int
) -> list[CountCheck]:
    """Compare declared counts ``{"label", "count"}`` with the rows found per field name.

    A label is the field whose name it is or holds; an empty label speaks of the whole.
    """
    folded = {text.fold_for_search(name): count for name, count in found.items()}
    return [
        CountCheck(
            item["label"], item["count"], _found_for(text.fold_for_search(item["label"]), folded, total)
        )
        for item in declared
    ]


def _found_for(label: str, folded: Mapping[str, int], total: int) -> int | None:
    if not label:
        return total
    if label in folded:
        return folded[label]
    close = [count for name, count in folded.items() if name and (name in label or label in name)]
    return close[0] if len(close) == 1 else None
