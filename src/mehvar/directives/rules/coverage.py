"""Sort bodies by province, and choose the layout of a country's tile map from its provinces' attributes.

Source: S2.4, S1.1 (coverage map).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mehvar.directives.rules.cascade import Standing

_LAYOUT = re.compile(r"(tile\d*)_x")


@dataclass(frozen=True, slots=True)
class Place:
    """Hold a province: key, tree path, code, name in the reader's language, and its square (None: not laid out)."""

    id: int
    path: str
    code: str
    name: str
    x: int | None = None
    y: int | None = None


@dataclass(slots=True)
class Tally:
    """Count the acknowledgements of one place by standing."""

    counts: dict[Standing, int] = field(default_factory=lambda: dict.fromkeys(Standing, 0))

    def add(self, standing: str, number: int = 1) -> None:
        """Count some more."""
        self.counts[Standing(standing)] += number

    @property
    def total(self) -> int:
        """Return all that is counted."""
        return sum(self.counts.values())


def layout_of(attributes: Sequence[Mapping[str, Any]]) -> str:
    """Return the prefix of the layout that lays out the most provinces: ``tile``, or one such as ``tile63``.

    A country that has merged provinces keeps an older layout beside the present one; the set of provinces decides.
    """
    prefixes = {found[1] for each in attributes for key in each if (found := _LAYOUT.fullmatch(key))}

    def fit(prefix: str) -> tuple[int, int, str]:
        squares = [square_of(each, prefix) for each in attributes]
        placed = [square for square in squares if square is not None]
        return len(set(placed)), -len(prefix), prefix

    return max(prefixes, key=fit, default="tile")


def square_of(attributes: Mapping[str, Any], prefix: str) -> tuple[int, int] | None:
    """Return the column and row of a province's square, None where the layout has none."""
    try:
        return int(attributes[f"{prefix}_x"]), int(attributes[f"{prefix}_y"])
    except (KeyError, TypeError, ValueError):
        return None


def place_of(path: str, places: Mapping[str, Place]) -> Place | None:
    """Return the province in which a body's path lies, itself included; ``places`` by path; None outside all."""
    for length in range(len(path), 0, -4):
        if found := places.get(path[:length]):
            return found
    return None


def tallies(rows: Iterable[tuple[str, str]], places: Mapping[str, Place]) -> tuple[dict[int, Tally], Tally]:
    """Count (path, standing) by province; give besides the count of what lies in no province."""
    by_place: dict[int, Tally] = {place.id: Tally() for place in places.values()}
    elsewhere = Tally()
    for path, standing in rows:
        place = place_of(path, places)
        (by_place[place.id] if place else elsewhere).add(standing)
    return by_place, elsewhere
