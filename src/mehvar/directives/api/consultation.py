"""Open, follow and answer consultation rounds over the HTTP API."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import consultation as actions
from mehvar.directives.actions import opinions as opinion_actions
from mehvar.directives.api import shapes
from mehvar.directives.api.asking import readable
from mehvar.directives.api.opinions import OpinionRow, opinion_row
from mehvar.directives.data import OpinionKind, OpinionTarget
from mehvar.directives.models import ConsultationRound, Invitation
from mehvar.directives.queries import consultation as queries
from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.api import Changed, Key, Paging, Schema, Version, allowed_to, page_of, version_if_given

rounds = Router(tags=["consultation"])
invitations = Router(tags=["consultation"])
CONDUCTORS = allowed_to("open-consultation over the issuer")
WATCHERS = allowed_to("view-drafts over the issuer")
ASKED = allowed_to("view-drafts over the issuer, or an office that was asked")
SPEAKERS = allowed_to("give-opinion for the office that was asked")
Offices = Annotated[list[shapes.BodyCode], Field(min_length=1, max_length=500, examples=[["ir.mict.deputy"]])]


class RoundRow(Schema):
    """Show a consultation round."""

    number: int
    edition: int
    note: str
    opened_at: datetime
    deadline_on: date
    first_deadline_on: date
    closed_at: datetime | None
    version: int


class OfficeRow(Schema):
    """Show how one invited office stands."""

    invitation: int
    name: str
    state: str = Field(examples=["late"])
    responded_at: datetime | None
    opinions: int
    proposals: int
    unanswered: int


class RoundWhole(RoundRow):
    """Show a round with its offices."""

    counts: dict[str, int]
    opinions: int
    unanswered: int
    offices: list[OfficeRow]


class NewRound(Schema):
    """Ask offices for their opinions until a day."""

    offices: Offices
    deadline_on: date
    note: shapes.Reason = ""
    version: Version | None = None


class Invited(Schema):
    """Ask further offices."""

    offices: Offices


class Extension(Schema):
    """Give offices more time."""

    deadline_on: date
    reason: shapes.Reason = ""
    version: Version | None = None


class Closing(Schema):
    """Close a round."""

    reason: shapes.Reason = ""
    version: Version | None = None


class InvitationRow(Schema):
    """Show that one of the person's offices is asked."""

    id: int
    directive: str
    title: str
    round: int
    office: str
    state: str
    deadline_on: date
    closed_at: datetime | None


class OpinionIn(Schema):
    """Say what an office thinks of the whole, a provision or a measure."""

    kind: OpinionKind
    target: OpinionTarget
    target_id: Annotated[str, StringConstraints(max_length=40)] = Field(
        "", description="Public id of the provision or measure; empty for the whole."
    )
    text: Annotated[str, StringConstraints(max_length=10_000)] = ""
    proposed_text: Annotated[str, StringConstraints(max_length=10_000)] = ""


@rounds.get("/{public_id}/rounds", response=list[RoundRow], summary="List rounds", openapi_extra=ASKED)
def rounds_of(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[RoundRow]:
    """List the consultation rounds of a directive, first first."""
    directive = readable(request, public_id)
    if not queries.may_read_draft(organisations.authority_in(request), directive):
        raise NotFound(gettext_noop("There is no such consultation round."), code="unknown-round")
    return [
        RoundRow.from_orm(row) for row in page_of(request, response, queries.rounds_of(directive.pk), paging)
    ]


@rounds.post(
    "/{public_id}/rounds", response={201: RoundRow}, summary="Open a round", openapi_extra=CONDUCTORS
)
def open_round(request: HttpRequest, public_id: str, given: NewRound) -> Status[RoundRow]:
    """Freeze the text as an edition and ask offices for their opinions on it until a day."""
    made = actions.open_round(
        accounts.person_in(request),
        readable(request, public_id).pk,
        organisation_ids=_ids(given.offices),
        deadline_on=given.deadline_on,
        note=given.note,
        version=version_if_given(request, given.version),
    )
    return Status(201, RoundRow.from_orm(made))


@rounds.get(
    "/{public_id}/rounds/{number}", response=RoundWhole, summary="Read a round", openapi_extra=WATCHERS
)
def round_whole(request: HttpRequest, public_id: str, number: Key) -> RoundWhole:
    """Give a round with how every invited office stands."""
    found = _round(request, public_id, number)
    permissions.require(
        organisations.authority_in(request), Permission.VIEW_DRAFTS, found.directive.issuer.path
    )
    seen = queries.overview(found, language=get_language() or "en")
    return RoundWhole(
        **RoundRow.from_orm(found).dict(),
        counts=seen.counts,
        opinions=seen.opinions,
        unanswered=seen.unanswered,
        offices=[
            OfficeRow(
                invitation=office.invitation_id,
                name=office.name,
                state=office.state,
                responded_at=office.responded_at,
                opinions=office.opinions,
                proposals=office.proposals,
                unanswered=office.unanswered,
            )
            for office in seen.offices
        ],
    )


@rounds.post(
    "/{public_id}/rounds/{number}/invitations",
    response=Changed,
    summary="Ask further offices",
    openapi_extra=CONDUCTORS,
)
def invite(request: HttpRequest, public_id: str, number: Key, given: Invited) -> Changed:
    """Ask further offices in an open round; gives how many are new."""
    found = _round(request, public_id, number)
    return Changed(changed=actions.invite(accounts.person_in(request), found.pk, _ids(given.offices)))


@rounds.post(
    "/{public_id}/rounds/{number}/extensions",
    response=RoundRow,
    summary="Give more time",
    openapi_extra=CONDUCTORS,
)
def extend(request: HttpRequest, public_id: str, number: Key, given: Extension) -> RoundRow:
    """Move a round's deadline; the first one stays on record."""
    moved = actions.extend_deadline(
        accounts.person_in(request),
        _round(request, public_id, number).pk,
        deadline_on=given.deadline_on,
        reason=given.reason,
        version=version_if_given(request, given.version),
    )
    return RoundRow.from_orm(moved)


@rounds.post(
    "/{public_id}/rounds/{number}/close", response=RoundRow, summary="Close a round", openapi_extra=CONDUCTORS
)
def close(request: HttpRequest, public_id: str, number: Key, given: Closing) -> RoundRow:
    """Close a round: nothing more is taken, and every invited office sees all opinions."""
    closed = actions.close_round(
        accounts.person_in(request),
        _round(request, public_id, number).pk,
        reason=given.reason,
        version=version_if_given(request, given.version),
    )
    return RoundRow.from_orm(closed)


@rounds.get(
    "/{public_id}/rounds/{number}/opinions",
    response=list[OpinionRow],
    summary="List opinions",
    openapi_extra=ASKED,
)
def opinions(
    request: HttpRequest, response: HttpResponse, public_id: str, number: Key, paging: Query[Paging]
) -> list[OpinionRow]:
    """List the opinions that the person may read: all for who views drafts; one's own until the round is closed."""
    found = _round(request, public_id, number)
    rows = queries.opinions_seen(found, organisations.authority_in(request))
    return [opinion_row(row) for row in page_of(request, response, rows, paging)]


@invitations.get("", response=list[InvitationRow], summary="Where I am asked", openapi_extra=SPEAKERS)
def invitations_for_me(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, waiting: bool = False
) -> list[InvitationRow]:
    """List where the person's offices are asked for an opinion, open rounds first."""
    authority = organisations.authority_in(request)
    rows = queries.waiting_invitations(authority) if waiting else queries.invitations_for(authority)
    return [_invitation(row) for row in page_of(request, response, rows, paging)]


@invitations.post(
    "/{invitation_id}/opinions", response={201: OpinionRow}, summary="Give an opinion", openapi_extra=SPEAKERS
)
def submit(request: HttpRequest, invitation_id: Key, given: OpinionIn) -> Status[OpinionRow]:
    """Give an opinion or a proposal in the name of an invited office; a late one is taken and marked."""
    if given.kind is OpinionKind.NO_COMMENT:
        raise InputError(
            gettext_noop("Say “no comment” at its own address."), code="use-no-comment", field="kind"
        )
    made = opinion_actions.submit_opinion(
        accounts.person_in(request),
        _own(request, invitation_id).pk,
        kind=given.kind,
        target=given.target,
        target_id=given.target_id,
        text=given.text,
        proposed_text=given.proposed_text,
    )
    return Status(201, opinion_row(queries.opinion_by_id(made.pk)))


@invitations.post(
    "/{invitation_id}/no-comment", response=InvitationRow, summary="Say “no comment”", openapi_extra=SPEAKERS
)
def no_comment(request: HttpRequest, invitation_id: Key) -> InvitationRow:
    """Say, in the name of an invited office, that it has no comment."""
    opinion_actions.declare_no_comment(accounts.person_in(request), _own(request, invitation_id).pk)
    return _invitation(_own(request, invitation_id))


def _own(request: HttpRequest, invitation_id: int) -> Invitation:
    """Give an invitation of an office for which the person speaks."""
    found = queries.invitations_for(organisations.authority_in(request)).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such invitation."), code="unknown-invitation")
    return found


def _round(request: HttpRequest, public_id: str, number: int) -> ConsultationRound:
    directive = readable(request, public_id)
    if not queries.may_read_draft(organisations.authority_in(request), directive):
        raise NotFound(gettext_noop("There is no such consultation round."), code="unknown-round")
    return queries.round_of(directive.pk, number)


def _ids(codes: list[str]) -> list[int]:
    """Give the keys of offices by their codes."""
    known = organisations.ids_of(codes)
    for code in codes:
        if code not in known:
            raise InputError(
                gettext_noop("There is no organisation with the code {value}."),
                code="unknown-organisation",
                field="offices",
                value=code,
            )
    return [known[code] for code in dict.fromkeys(codes)]


def _invitation(row: Invitation) -> InvitationRow:
    return InvitationRow(
        id=row.pk,
        directive=row.round.directive.public_id,
        title=row.round.directive.title,
        round=row.round.number,
        office=row.organisation.code,
        state=queries.state_of(row),
        deadline_on=row.round.deadline_on,
        closed_at=row.round.closed_at,
    )
