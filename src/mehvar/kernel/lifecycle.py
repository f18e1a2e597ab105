"""Write a life cycle down as a table of states and transitions, and decide by it.

Source: S0.9; architecture, "Life cycles".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mehvar.kernel.errors import TransitionNotAllowed, gettext_noop


@dataclass(frozen=True, slots=True)
class Transition:
    """Name one allowed step: in state ``source``, ``action`` leads to ``target``; ``label`` is what a button says."""

    action: str
    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class LifeCycle:
    """Hold the states of a thing, first one initial, and the steps between them.

    States and actions are plain strings or string enumerations.
    """

    name: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    _table: dict[tuple[str, str], Transition] = field(init=False, repr=False, compare=False)

    def __init__(self, name: str, states: Iterable[str], transitions: Iterable[Transition]) -> None:
        """Check the table and keep it.

        Raises:
            ValueError: no state, a state named twice, a transition with an unknown state, or two transitions of one
                action out of one state.
        """
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "states", tuple(states))
        object.__setattr__(self, "transitions", tuple(transitions))
        object.__setattr__(self, "_table", {(step.source, step.action): step for step in self.transitions})
        self._check()

    def _check(self) -> None:
        if not self.states or len(set(self.states)) != len(self.states):
            raise ValueError(f"{self.name}: states must be given, each once")
        if len(self._table) != len(self.transitions):
            raise ValueError(f"{self.name}: an action leads from one state to two")
        unknown = {s for step in self.transitions for s in (step.source, step.target)} - set(self.states)
        if unknown:
            raise ValueError(f"{self.name}: unknown states {sorted(unknown)}")

    @property
    def initial(self) -> str:
        """Return the state in which everything begins."""
        return self.states[0]

    def allowed(self, state: str) -> tuple[Transition, ...]:
        """Return the steps that ``state`` offers, in the table's order."""
        return tuple(step for step in self.transitions if step.source == state)

    def allows(self, state: str, action: str) -> bool:
        """Tell whether ``action`` can be taken in ``state``."""
        return (state, action) in self._table

    def is_final(self, state: str) -> bool:
        """Tell whether nothing leads out of ``state``."""
        return not self.allowed(state)

    def transition(self, state: str, action: str) -> str:
        """Return the state to which ``action`` leads from ``state``.

        Raises:
            TransitionNotAllowed: the table has no such step.
        """
        step = self._table.get((state, action))
        if step is None:
            raise TransitionNotAllowed(
                gettext_noop("“{action}” is not possible in the state “{state}”."),
                action=str(action),
                state=str(state),
                lifecycle=self.name,
            )
        return step.target

    def reachable(self, state: str) -> frozenset[str]:
        """Return every state that some sequence of steps reaches from ``state``, itself included."""
        seen: set[str] = set()
        waiting = [state]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(step.target for step in self.allowed(current))
        return frozenset(seen)
