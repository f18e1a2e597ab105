"""Read, answer, withdraw and apply opinions over the HTTP API."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import opinions as actions
from mehvar.directives.data import Answer
from mehvar.directives.models import Opinion
from mehvar.directives.queries import consultation as queries
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Schema, Versioned, allowed_to, said

router = Router(tags=["consultation"])
Words = Annotated[str, StringConstraints(max_length=10_000)]


class OpinionRow(Schema):
    """Show an opinion or a proposal with its answer."""

    id: int
    office: str
    kind: str
    target: str
    target_id: str
    target_label: str
    text: str
    proposed_text: str
    submitted_at: datetime
    late: bool
    answer: str
    answer_reason: str
    answered_at: datetime | None
    withdrawn_at: datetime | None
    applied_at: datetime | None
    version: int


class AnswerIn(Versioned):
    """Answer an opinion; a refusal, whole or in part, needs its reason."""

    answer: Answer
    reason: Words = ""


class Wording(Versioned):
    """Say how an accepted proposal comes into the text; its own wording without one."""

    wording: Words = ""


@router.get(
    "/{opinion_id}",
    response=OpinionRow,
    summary="Read an opinion",
    openapi_extra=allowed_to(
        "view-drafts over the issuer; the office that gave it; after the closing every office that was asked"
    ),
)
def opinion(request: HttpRequest, opinion_id: Key) -> OpinionRow:
    """Give one opinion with its answer."""
    return opinion_row(_readable(request, opinion_id))


@router.put(
    "/{opinion_id}/answer",
    response=OpinionRow,
    summary="Answer an opinion",
    openapi_extra=allowed_to("answer-opinion over the issuer"),
)
def answer(request: HttpRequest, opinion_id: Key, given: AnswerIn) -> OpinionRow:
    """Answer an opinion or a proposal; the answer may be corrected until the next step."""
    return _after(request, opinion_id, given, actions.answer_opinion)


@router.post(
    "/{opinion_id}/withdrawal",
    response=OpinionRow,
    summary="Withdraw an opinion",
    openapi_extra=allowed_to("give-opinion for the office that gave it"),
)
def withdraw(request: HttpRequest, opinion_id: Key, given: Versioned) -> OpinionRow:
    """Take back an opinion of one's own office before the deadline and before it was answered."""
    return _after(request, opinion_id, given, actions.withdraw_opinion)


@router.post(
    "/{opinion_id}/application",
    response=OpinionRow,
    summary="Bring a proposal into the text",
    openapi_extra=allowed_to("draft-directive over the issuer"),
)
def apply(request: HttpRequest, opinion_id: Key, given: Wording) -> OpinionRow:
    """Bring an accepted proposal's wording into the text; it becomes part of the next edition."""
    return _after(request, opinion_id, given, actions.apply_proposal)


def _after(
    request: HttpRequest, opinion_id: int, given: Versioned, act: Callable[..., Opinion]
) -> OpinionRow:
    """Act on an opinion as the members of ``given`` say; give it as it is then."""
    acted = act(accounts.person_in(request), _readable(request, opinion_id).pk, **said(request, given))
    return opinion_row(queries.opinion_by_id(acted.pk))


def _readable(request: HttpRequest, opinion_id: int) -> Opinion:
    """Give an opinion that the person may read."""
    found = queries.opinion_by_id(opinion_id)
    seen = queries.opinions_seen(found.invitation.round, organisations.authority_in(request))
    if not seen.filter(pk=opinion_id).exists():
        raise NotFound(gettext_noop("There is no such opinion."), code="unknown-opinion")
    return found


def opinion_row(row: Opinion) -> OpinionRow:
    """Show an opinion; its office must be there."""
    same = {
        name: getattr(row, name)
        for name in OpinionRow.model_fields
        if name not in {"id", "office", "target_id"}
    }
    return OpinionRow(
        id=row.pk, office=row.invitation.organisation.code, target_id=queries.target_id(row), **same
    )
