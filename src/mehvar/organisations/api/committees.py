"""Read and establish committees over the HTTP API."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from mehvar.accounts import queries as accounts
from mehvar.organisations import actions, queries
from mehvar.organisations.api.shapes import Code, CommitteeRow, NewCommittee, SeatRow
from mehvar.organisations.data import WHOLE_TREE
from mehvar.organisations.models import Committee
from mehvar.ui.api import Key, Paging, allowed_to, page_of

router = Router(tags=["organisations"])
ANYONE = allowed_to("everyone who is signed in")


@router.get("", response=list[CommitteeRow], summary="List committees", openapi_extra=ANYONE)
def committees(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    below: Code | None = None,
    on: date | None = None,
) -> list[CommitteeRow]:
    """List the committees of a body and of all bodies below it on a day."""
    path = queries.organisation(below).path if below else WHOLE_TREE
    rows = queries.committees_below(path, on=on)
    return [_row(committee) for committee in page_of(request, response, rows, paging)]


@router.get("/{committee_id}/members", response=list[SeatRow], summary="List who sits", openapi_extra=ANYONE)
def seats(
    request: HttpRequest,
    response: HttpResponse,
    committee_id: Key,
    paging: Query[Paging],
    on: date | None = None,
) -> list[SeatRow]:
    """List who sits on a committee on a day, the chair first."""
    found = queries.committee(committee_id)
    return [
        SeatRow(
            id=row["id"],
            capacity=row["capacity"],
            office=row["office"],
            person=row["user__name"],
            organisation=row["organisation__code"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in page_of(request, response, queries.members_of_committee(found.pk, on=on), paging)
    ]


@router.post(
    "",
    response={201: CommitteeRow},
    summary="Establish a committee",
    openapi_extra=allowed_to("manage-committees over the body"),
)
def establish(request: HttpRequest, given: NewCommittee) -> Status[CommitteeRow]:
    """Establish a committee with a mandate and a quorum."""
    made = actions.establish_committee(
        accounts.person_in(request),
        organisation_id=queries.organisation(given.organisation).pk,
        kind=given.kind,
        name=given.name,
        mandate=given.mandate,
        established_on=given.established_on,
        quorum=given.quorum,
    )
    return Status(201, _row(queries.committee(made.pk)))


def _row(committee: Committee) -> CommitteeRow:
    return CommitteeRow(
        id=committee.pk,
        organisation=committee.organisation.code,
        kind=committee.kind,
        name=committee.name,
        mandate=committee.mandate,
        quorum=committee.quorum,
        established_on=committee.established_on,
        dissolved_on=committee.dissolved_on,
        version=committee.version,
    )
