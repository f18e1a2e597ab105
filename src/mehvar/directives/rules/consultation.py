"""Decide who speaks in a consultation, what counts as an answer, and how an office stands.

Source: S0.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mehvar.directives.data import Answer, OpinionKind, OpinionTarget
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.organisations.data import Authority
from mehvar.organisations.rules.permissions import PERMISSIONS_OF, Permission

LONGEST_TEXT = 10_000


class OfficeState(StrEnum):
    """How an invited office stands in a round."""

    WAITING = "waiting"
    ANSWERED = "answered"
    NO_COMMENT = "no_comment"
    LATE = "late"
    SILENT = "silent"


ANSWERS_TO: dict[OpinionKind, tuple[Answer, ...]] = {
    OpinionKind.PROPOSAL: (Answer.ACCEPTED, Answer.PARTLY, Answer.REFUSED),
    OpinionKind.OPINION: (Answer.NOTED, Answer.ACCEPTED, Answer.PARTLY, Answer.REFUSED),
}
"""The answers that drafters may give to each kind."""

NEEDS_REASON = frozenset({Answer.PARTLY, Answer.REFUSED})
"""The answers that must say why."""

APPLICABLE = frozenset({Answer.ACCEPTED, Answer.PARTLY})
"""The answers after which a proposed wording may be brought into the text."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what an office did in a round: whether it responded, with what, and whether in time."""

    responded: bool = False
    no_comment: bool = False
    late: bool = False


def office_state(standing: Standing, *, deadline: date, today: date, closed: bool) -> OfficeState:
    """Tell how an office stands; silence counts from the day after the deadline or from the closing."""
    if standing.responded:
        if standing.late:
            return OfficeState.LATE
        return OfficeState.NO_COMMENT if standing.no_comment else OfficeState.ANSWERED
    return OfficeState.SILENT if closed or today > deadline else OfficeState.WAITING


def is_late(*, deadline: date, today: date) -> bool:
    """Tell whether something given today comes after the deadline; the deadline's day is still in time."""
    return today > deadline


def speaks_for(authority: Authority, organisation_id: int) -> bool:
    """Tell whether a person gives opinions in the name of an office: by a role held at that very office."""
    return any(
        held.organisation_id == organisation_id and Permission.GIVE_OPINION in PERMISSIONS_OF[held.role]
        for held in authority.held
    )


def offices_spoken_for(authority: Authority) -> tuple[int, ...]:
    """Give the offices in whose name a person gives opinions."""
    return tuple(
        dict.fromkeys(
            held.organisation_id
            for held in authority.held
            if Permission.GIVE_OPINION in PERMISSIONS_OF[held.role]
        )
    )


def check_opinion(kind: OpinionKind, target: OpinionTarget, text: str, proposed_text: str) -> None:
    """Refuse an opinion that says nothing, or a wording proposed for the whole.

    Raises:
        InputError: with the field at fault.
    """
    if kind is OpinionKind.NO_COMMENT:
        raise InputError(
            gettext_noop("“No comment” is given for the whole round."),
            code="no-comment-is-for-all",
            field="kind",
        )
    if not text.strip() and not proposed_text.strip():
        raise InputError(
            gettext_noop("Please write the opinion or the proposal."), code="text-required", field="text"
        )
    if proposed_text.strip() and target is OpinionTarget.WHOLE:
        raise InputError(
            gettext_noop("A wording can be proposed for one clause or measure, not for the whole."),
            code="wording-needs-target",
            field="proposed_text",
        )
    for name, given in (("text", text), ("proposed_text", proposed_text)):
        if len(given) > LONGEST_TEXT:
            raise InputError(
                gettext_noop("The text is longer than {limit} characters."),
                code="text-too-long",
                field=name,
                limit=LONGEST_TEXT,
            )


def check_answer(kind: OpinionKind, answer: Answer, reason: str) -> None:
    """Refuse an answer that does not fit the kind, or a refusal without a reason.

    Raises:
        InputError: with the field at fault.
    """
    if answer not in ANSWERS_TO.get(kind, ()):
        raise InputError(
            gettext_noop("A proposal is accepted, partly accepted or refused."),
            code="answer-unfit",
            field="answer",
        )
    if answer in NEEDS_REASON and not reason.strip():
        raise InputError(gettext_noop("Please state the reason."), code="reason-required", field="reason")


def check_deadline(deadline: date, *, today: date) -> None:
    """Refuse a deadline that is not after today.

    Raises:
        InputError: with the field at fault.
    """
    if deadline <= today:
        raise InputError(
            gettext_noop("The deadline must be after today."), code="deadline-past", field="deadline"
        )


def check_extension(deadline: date, *, present: date, today: date) -> None:
    """Refuse an extension that does not extend.

    Raises:
        InputError: with the field at fault.
    """
    check_deadline(deadline, today=today)
    if deadline <= present:
        raise InputError(
            gettext_noop("The new deadline must be after the present one."),
            code="deadline-not-extended",
            field="deadline",
        )


def check_closing(states: Iterable[OfficeState], *, reason: str) -> None:
    """Refuse to close a round early, without a reason, while offices still have time.

    Raises:
        InputError: some office is still waiting and no reason is given.
    """
    waiting = sum(1 for state in states if state is OfficeState.WAITING)
    if waiting and not reason.strip():
        raise InputError(
            gettext_noop(
                "{count} offices still have time to answer. Please state why the consultation is closed now."
            ),
            code="offices-waiting",
            field="reason",
            count=waiting,
        )
