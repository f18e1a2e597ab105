"""Decide which step a directive may take, who may take it, and what still hinders it.

Source: S0.9; design page "directives and programmes", section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mehvar.directives.data import DirectiveState as State
from mehvar.kernel.errors import InputError, TransitionNotAllowed, gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.organisations.data import Authority
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission


class Step(StrEnum):
    """Name every step in a directive's life."""

    OPEN_CONSULTATION = "open_consultation"
    PUT_TO_COUNCIL = "put_to_council"
    START_REVISION = "start_revision"
    COUNCIL_RETURNS = "council_returns"
    COUNCIL_PASSES = "council_passes"
    SUBMIT_FOR_APPROVAL = "submit_for_approval"
    RECALL = "recall"
    APPROVE = "approve"
    RETURN = "return"
    PROMULGATE = "promulgate"
    AMEND = "amend"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


BEFORE_PROMULGATION = (
    State.DRAFT,
    State.CONSULTATION,
    State.COUNCIL,
    State.REVISION,
    State.AWAITING_APPROVAL,
    State.APPROVED,
)
"""The states in which a directive is still a draft to the world."""


def _steps() -> tuple[Transition, ...]:
    table: tuple[tuple[Step, str, State, tuple[State, ...]], ...] = (
        (Step.OPEN_CONSULTATION, "Open a consultation", State.CONSULTATION, (State.DRAFT, State.REVISION)),
        (Step.PUT_TO_COUNCIL, "Put before the council", State.COUNCIL, (State.CONSULTATION, State.REVISION)),
        (Step.START_REVISION, "Revise the text", State.REVISION, (State.CONSULTATION,)),
        (Step.COUNCIL_RETURNS, "Council asks for a revision", State.REVISION, (State.COUNCIL,)),
        (Step.COUNCIL_PASSES, "Council passes it on", State.AWAITING_APPROVAL, (State.COUNCIL,)),
        (Step.SUBMIT_FOR_APPROVAL, "Submit for approval", State.AWAITING_APPROVAL, (State.REVISION,)),
        (Step.RECALL, "Take back for revision", State.REVISION, (State.AWAITING_APPROVAL,)),
        (Step.APPROVE, "Approve", State.APPROVED, (State.AWAITING_APPROVAL,)),
        (Step.RETURN, "Return with a reason", State.REVISION, (State.AWAITING_APPROVAL, State.APPROVED)),
        (Step.PROMULGATE, "Promulgate", State.PROMULGATED, (State.APPROVED,)),
        (Step.AMEND, "Amend", State.AMENDED, (State.PROMULGATED,)),
        (Step.SUPERSEDE, "Supersede", State.SUPERSEDED, (State.PROMULGATED, State.AMENDED)),
        (
            Step.WITHDRAW,
            "Withdraw",
            State.WITHDRAWN,
            (*BEFORE_PROMULGATION, State.PROMULGATED, State.AMENDED),
        ),
    )
    return tuple(
        Transition(action=step, source=source, target=target, label=label)
        for step, label, target, sources in table
        for source in sources
    )


EDITABLE = frozenset({State.DRAFT, State.REVISION})
"""The states in which drafters may edit the text freely."""

LIFE = LifeCycle("directive", tuple(State), _steps())
"""The directive's life as a table."""

PERMISSION_FOR: Mapping[Step, Permission] = MappingProxyType(
    {
        Step.OPEN_CONSULTATION: Permission.OPEN_CONSULTATION,
        Step.PUT_TO_COUNCIL: Permission.MANAGE_COUNCIL,
        Step.START_REVISION: Permission.DRAFT_DIRECTIVE,
        Step.COUNCIL_RETURNS: Permission.MANAGE_COUNCIL,
        Step.COUNCIL_PASSES: Permission.MANAGE_COUNCIL,
        Step.SUBMIT_FOR_APPROVAL: Permission.DRAFT_DIRECTIVE,
        Step.RECALL: Permission.DRAFT_DIRECTIVE,
        Step.APPROVE: Permission.APPROVE_DIRECTIVE,
        Step.RETURN: Permission.APPROVE_DIRECTIVE,
        Step.PROMULGATE: Permission.PROMULGATE_DIRECTIVE,
        Step.AMEND: Permission.PROMULGATE_DIRECTIVE,
        Step.SUPERSEDE: Permission.PROMULGATE_DIRECTIVE,
        Step.WITHDRAW: Permission.PROMULGATE_DIRECTIVE,
    }
)
"""What a person must be permitted, over the issuer, to take a step."""

NEXT_TO_ACT: Mapping[State, Permission] = MappingProxyType(
    {
        State.COUNCIL: Permission.MANAGE_COUNCIL,
        State.REVISION: Permission.DRAFT_DIRECTIVE,
        State.AWAITING_APPROVAL: Permission.APPROVE_DIRECTIVE,
        State.APPROVED: Permission.PROMULGATE_DIRECTIVE,
    }
)
"""Whom a directive waits for after it has come into a state."""

REASON_NEEDED = frozenset({Step.COUNCIL_RETURNS, Step.RECALL, Step.RETURN, Step.WITHDRAW})
"""The steps that go back or end, and therefore need a reason."""

FREEZES = frozenset({Step.OPEN_CONSULTATION, Step.PUT_TO_COUNCIL, Step.SUBMIT_FOR_APPROVAL, Step.APPROVE})
"""The steps that put a text before others: it is frozen as an edition when it differs from the last one."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Hold what the guards look at: counts of what is open around a directive."""

    measures: int = 0
    provisions: int = 0
    open_flags: int = 0
    open_rounds: int = 0
    rounds: int = 0
    unanswered: int = 0
    council_conclusions: int = 0
    scheduled_sessions: int = 0


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Say what must be done before a step: stable code, English text with ``{count}``, the count."""

    code: str
    message: str
    count: int = 1


def _is_empty(situation: Situation) -> Hindrance | None:
    if situation.measures or situation.provisions:
        return None
    return Hindrance(
        "empty-directive", gettext_noop("The directive has neither a provision nor a measure yet.")
    )


def _round_is_open(situation: Situation) -> Hindrance | None:
    if not situation.open_rounds:
        return None
    return Hindrance(
        "round-open", gettext_noop("The consultation is still open: close it first."), situation.open_rounds
    )


def _is_unanswered(situation: Situation) -> Hindrance | None:
    if not situation.unanswered:
        return None
    return Hindrance(
        "unanswered-proposals",
        gettext_noop("{count} opinions and proposals have no answer yet."),
        situation.unanswered,
    )


def _was_not_consulted(situation: Situation) -> Hindrance | None:
    if situation.rounds:
        return None
    return Hindrance("not-consulted", gettext_noop("The deputies have not been consulted yet."))


def _was_not_in_council(situation: Situation) -> Hindrance | None:
    if situation.council_conclusions:
        return None
    return Hindrance("not-in-council", gettext_noop("No council session has dealt with the directive yet."))


_GUARDS = MappingProxyType(
    {
        Step.OPEN_CONSULTATION: (_is_empty, _is_unanswered),
        Step.PUT_TO_COUNCIL: (_is_empty, _round_is_open, _was_not_consulted, _is_unanswered),
        Step.START_REVISION: (_round_is_open, _is_unanswered),
        Step.COUNCIL_PASSES: (_is_unanswered,),
        Step.SUBMIT_FOR_APPROVAL: (_is_empty, _was_not_in_council, _is_unanswered),
        Step.APPROVE: (_is_unanswered,),
    }
)


def hindrances(step: Step, situation: Situation) -> tuple[Hindrance, ...]:
    """Return everything that must be done before the step; nothing when the way is free.

    A consultation cannot be left before every opinion and proposal has its answer.

    Source: S0.9.
    """
    found = (guard(situation) for guard in _GUARDS.get(step, ()))
    return tuple(hindrance for hindrance in found if hindrance is not None)


def check(step: Step, state: str, situation: Situation, *, reason: str = "") -> State:
    """Return the state to which the step leads.

    Raises:
        TransitionNotAllowed: the life cycle has no such step here, or something hinders it (first hindrance; its
            ``code`` is the hindrance's).
        InputError: the step needs a reason and none was given.
    """
    target = State(LIFE.transition(state, step))
    if step in REASON_NEEDED and not reason.strip():
        raise InputError(gettext_noop("Please state the reason."), code="reason-required", field="reason")
    for hindrance in hindrances(step, situation):
        raise TransitionNotAllowed(hindrance.message, code=hindrance.code, count=hindrance.count)
    return target


def steps_for(authority: Authority, state: str, path: str) -> tuple[Transition, ...]:
    """Return the steps that the state offers and the person may take for an issuer at ``path``."""
    return tuple(
        transition
        for transition in LIFE.allowed(state)
        if permissions.allows(authority, PERMISSION_FOR[Step(transition.action)], path)
    )


def is_editable(state: str) -> bool:
    """Tell whether drafters may edit the text freely in this state."""
    return state in EDITABLE


def is_public(state: str) -> bool:
    """Tell whether the world may see the directive."""
    return state in {State.PROMULGATED, State.AMENDED, State.SUPERSEDED}
