"""Sort bodies by province, and choose the layout of a country's tile map from its provinces' attributes.

Source: S2.4, S1.1 (coverage map).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mehvar.directives.rules.cascade import Standing

LONGEST_SHORT = 6
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


def short_names(names: Sequence[str], language: str) -> dict[str, str]:
    """Give each province a short name that no other one has, for its square.

    Vietnamese names become initials, others keep their beginning; where two would be alike, later letters tell them
    apart. A name for which nothing shorter is left stays whole.
    """
    taken: dict[str, str] = {}
    for name in names:
        short = next((each for each in _shortened(name, language) if each not in taken.values()), name)
        taken[name] = short
    return taken


def _shortened(name: str, language: str) -> Iterator[str]:
    parts = [part for part in re.split(r"[\s\-–]+", name) if part]
    if language == "vi" and len(parts) > 1:
        initials = "".join(part[0] for part in parts).upper()
        yield from (initials, initials + parts[-1][1:2], initials + parts[-1][1:3])
    if len(parts) > 1:
        yield from (f"{parts[0][0]}.{parts[-1][:3]}", f"{parts[0][0]}.{parts[-1][:4]}")
    if parts:
        word = parts[0]
        yield from ((word,) if len(parts) == 1 and len(word) <= LONGEST_SHORT else ())
        yield from (word[:4], word[:3] + word[-1], word[:2] + word[-2:], word[:LONGEST_SHORT])
