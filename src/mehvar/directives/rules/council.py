"""Decide when a council may resolve, and what may happen to its sessions and resolutions.

Source: S0.1, S0.9, S3.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mehvar.directives.data import CouncilDecision, ResolutionState, SessionState
from mehvar.kernel.errors import Conflict, InputError, gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.organisations.data import Authority, Capacity

WITHOUT_VOTE = frozenset({Capacity.OBSERVER})
"""Capacities whose seats do not count for the quorum."""

_PERCENT = 100

SESSION_LIFE = LifeCycle(
    "council session",
    tuple(SessionState),
    (
        Transition("begin", SessionState.PLANNED, SessionState.IN_SESSION, "Begin the session"),
        Transition("close", SessionState.IN_SESSION, SessionState.CLOSED, "Close the session"),
        Transition("cancel", SessionState.PLANNED, SessionState.CANCELLED, "Cancel the session"),
    ),
)
"""A session's life; once closed, its minutes are frozen."""

RESOLUTION_LIFE = LifeCycle(
    "resolution",
    tuple(ResolutionState),
    (
        Transition("begin", ResolutionState.OPEN, ResolutionState.IN_PROGRESS, "Work has begun"),
        Transition("claim", ResolutionState.OPEN, ResolutionState.CLAIMED, "Report as done"),
        Transition("claim", ResolutionState.IN_PROGRESS, ResolutionState.CLAIMED, "Report as done"),
        Transition("confirm", ResolutionState.CLAIMED, ResolutionState.DONE, "Confirm"),
        Transition("send_back", ResolutionState.CLAIMED, ResolutionState.IN_PROGRESS, "Send back"),
        Transition("drop", ResolutionState.OPEN, ResolutionState.DROPPED, "Drop"),
        Transition("drop", ResolutionState.IN_PROGRESS, ResolutionState.DROPPED, "Drop"),
    ),
)
"""A resolution's life, from adoption to confirmed completion."""

NOT_FINISHED = (ResolutionState.OPEN, ResolutionState.IN_PROGRESS, ResolutionState.CLAIMED)
"""The states in which a resolution is still tracked."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Hold one seat of a session: its capacity, and whether it was filled in person or by a substitute."""

    capacity: str
    present: bool = False
    substitute: str = ""

    @property
    def counts(self) -> bool:
        """Tell whether the seat counts for the quorum."""
        return self.capacity not in WITHOUT_VOTE

    @property
    def filled(self) -> bool:
        """Tell whether somebody sits in it."""
        return self.present or bool(self.substitute.strip())


@dataclass(frozen=True, slots=True)
class Quorum:
    """Hold how many voting seats there are, how many are filled and how many must be."""

    seats: int
    filled: int
    needed: int
    percent: int

    @property
    def met(self) -> bool:
        """Tell whether the session may adopt resolutions; a council without seats never may."""
        return self.seats > 0 and self.filled >= self.needed


def quorum_of(seats: Iterable[Seat], percent: int) -> Quorum:
    """Compute the quorum: at least ``percent`` of the voting seats, rounded up, and at least one."""
    voting = [seat for seat in seats if seat.counts]
    needed = max(1, -(-len(voting) * percent // _PERCENT))
    return Quorum(
        seats=len(voting), filled=sum(1 for seat in voting if seat.filled), needed=needed, percent=percent
    )


def require_quorum(quorum: Quorum) -> None:
    """Refuse to resolve without a quorum.

    Raises:
        Conflict: Too few voting seats are filled.
    """
    if not quorum.met:
        raise Conflict(
            gettext_noop(
                "The session has no quorum ({filled} of {needed} needed seats are filled), so it cannot resolve."
            ),
            code="no-quorum",
            filled=quorum.filled,
            needed=quorum.needed,
        )


def require_editable(state: str) -> None:
    """Refuse to change a session that is over.

    Raises:
        Conflict: The session is closed or cancelled.
    """
    if state in {SessionState.CLOSED, SessionState.CANCELLED}:
        raise Conflict(
            gettext_noop("The session is over; its minutes do not change any more."), code="session-over"
        )


def require_in_session(state: str) -> None:
    """Refuse what only a running session can do.

    Raises:
        Conflict: The session has not begun, or is over.
    """
    if state != SessionState.IN_SESSION:
        raise Conflict(
            gettext_noop("This can only be done while the session is held."), code="not-in-session"
        )


def check_decision(decision: CouncilDecision, conclusion: str, *, on_directive: bool) -> None:
    """Refuse a decision that does not fit its matter.

    Raises:
        InputError: A directive is returned without a conclusion that says why, or something else is passed on.
    """
    if decision in {CouncilDecision.PASSED, CouncilDecision.RETURNED} and not on_directive:
        raise InputError(
            gettext_noop("Only a directive is passed on or returned."),
            code="decision-unfit",
            field="decision",
        )
    if decision is CouncilDecision.RETURNED and not conclusion.strip():
        raise InputError(
            gettext_noop("Please write what is to be revised."),
            code="conclusion-required",
            field="conclusion",
        )


def check_due(due_on: date | None, *, held_on: date) -> None:
    """Refuse a due date before the session.

    Raises:
        InputError: It lies before the day of the session.
    """
    if due_on is not None and due_on < held_on:
        raise InputError(
            gettext_noop("The due date is before the session."), code="due-before-session", field="due"
        )


def is_overdue(state: str, due_on: date | None, today: date) -> bool:
    """Tell whether a resolution that is still tracked is past its date."""
    return state in NOT_FINISHED and due_on is not None and due_on < today


def acts_for(authority: Authority, organisation_id: int) -> bool:
    """Tell whether a person holds any role at the very body that owns a resolution."""
    return organisation_id in authority.organisation_ids
