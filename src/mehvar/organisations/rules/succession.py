"""Follow duties from body to body along successions, through any number of steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


def heirs(pairs: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    """Give, for each body that was succeeded, every body that came after it at any distance.

    ``pairs``: (predecessor, successor) by key. A split has several heirs; a circle is walked once.
    """
    nexts: dict[int, set[int]] = defaultdict(set)
    for predecessor, successor in pairs:
        nexts[predecessor].add(successor)
    return {body: _reached(body, nexts) for body in nexts}


def _reached(body: int, nexts: Mapping[int, set[int]]) -> frozenset[int]:
    """Give the bodies that can be reached from one, itself left out."""
    found: set[int] = set()
    waiting = [body]
    while waiting:
        for successor in nexts.get(waiting.pop(), ()):
            if successor not in found:
                found.add(successor)
                waiting.append(successor)
    return frozenset(found - {body})
