"""Describe the gates before a promulgation: what is missing and where it is mended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SHOWN_POINTS = 20


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One thing that is missing: words for it and the path of the page that mends it."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class GateState:
    """How a gate stands: English source text of its title, how many points are open, the first of them."""

    code: str
    title: str
    count: int = 0
    points: tuple[OpenPoint, ...] = field(default=())
    path: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether something is missing; a promulgation waits for it."""
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Gate:
    """A check that a room registers; ``find`` takes the directive's key and returns how the gate stands."""

    code: str
    order: int
    find: Callable[[int], GateState]


def state_of(code: str, title: str, points: Sequence[OpenPoint], *, path: str = "") -> GateState:
    """Build a gate's state, keeping the count of all points and the first ones themselves."""
    return GateState(code, title, len(points), tuple(points[:SHOWN_POINTS]), path)
