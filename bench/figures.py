"""Hold what a benchmark reports (docs: conventions of `python -m bench NAME --json`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one measured figure beside its peer, measured in the same run.

    `ratio` compares peer and own value so that above 1 is better than the peer; `spread` is in `unit`; `goal` None means
    that no goal is set, and then `reached` is None too. `note` says in words what the numbers alone would hide.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    goal: float | None = None
    reached: bool | None = None
    runs: int = 1
    spread: float | None = None
    note: str | None = None
